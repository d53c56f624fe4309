"""Script flags: 32 of them, for one run of a top route (``core/flags.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

_KEY: Final = "sflags"


def get(msg: SipMsg) -> int:
    """All flags, 0…2³²-1."""
    value = (msg.extra or {}).get(_KEY, 0)
    return value if isinstance(value, int) else 0


def put(msg: SipMsg, value: int) -> None:
    """Replace them."""
    if msg.extra is None:
        msg.extra = {}
    msg.extra[_KEY] = value & 0xFFFFFFFF
