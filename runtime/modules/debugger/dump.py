"""``dbg_pv_dump``: variables as one JSON object (``debugger_json.c``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

NULL: Final = 1
AVP: Final = 2
VAR: Final = 4


def _json(value: bytes | int | None) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def dump(server: Server, msg: SipMsg, mask: int) -> str:
    """The variables that ``mask`` wants; those without a value only with ``NULL``."""
    found: dict[str, object] = {}
    if mask & AVP:
        for avp in () if msg.avps is None else msg.avps.every():
            name = avp.name.decode("utf-8", "replace") if isinstance(avp.name, bytes) else avp.name
            values = found.setdefault(f"$avp({name})", [])
            assert isinstance(values, list)
            values.append(_json(avp.value))
    if mask & VAR:
        for name, value in zip(server.config.vars, server.vars, strict=True):
            if value is not None or mask & NULL:
                found[f"$var({name})"] = _json(value)
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)
