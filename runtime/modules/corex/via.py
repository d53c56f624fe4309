"""What ``via_add_xavp_params`` puts into our Via."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from runtime.script.xavp import XavpList

if TYPE_CHECKING:
    from runtime.declare.config import CoreSetting

PARAMS: Final = "xavp_via_params"
FIELDS: Final = "xavp_via_fields"
ROOM: Final = 8192
"""How many octets there may be; 5.6.3 writes into a buffer of pseudo-variables."""


def params_name(settings: Iterable[CoreSetting]) -> bytes:
    """The xavp whose fields are parameters. 5.6.3 keeps the text of ``xavp_via_fields`` in place of
    that of ``xavp_via_params`` (so ``via_use_xavp_fields`` finds nothing), but not its length."""
    text, length = b"", 0
    for setting in settings:
        if setting.name in (PARAMS, FIELDS) and isinstance(setting.value, bytes):
            text = setting.value
            if setting.name == PARAMS:
                length = len(text)
    return text[:length] if length <= len(text) else b""


def params(xavps: XavpList | None, name: bytes, room: int = ROOM) -> bytes:
    """``;name=value`` for each field of an xavp; nothing where it is no list, or too long."""
    fields = xavps.get(name) if xavps is not None and name else None
    if not isinstance(fields, XavpList):
        return b""
    parts = []
    for field, value in fields:
        if isinstance(value, int):
            parts.append(b";%s=%d" % (_c(field), value & 0xFFFFFFFF))
        elif isinstance(value, bytes):
            parts.append(b";%s=%s" % (_c(field), _c(value)) if value else b";" + _c(field))
    text = b"".join(parts)
    return text if len(text) < room else b""


def _c(text: bytes) -> bytes:
    """Up to the first NUL."""
    return text.partition(b"\0")[0]
