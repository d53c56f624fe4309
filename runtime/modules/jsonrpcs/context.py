"""A call over JSON-RPC: how its arguments are read (``jsonrpc_scan`` of ``jsonrpcs_mod.c``)."""

from __future__ import annotations

import math
from typing import Final

from runtime.server.rpc import RpcArg, RpcContext, Unread

_BITS: Final = {"b": 32, "t": 32, "u": 32, "j": 64, "J": 64}


class JsonContext(RpcContext):
    """What is no number reads as 0 (``true`` as 1). A command that only reads wrong arguments has
    an empty result."""

    __slots__ = ()

    def read(self, value: object, letter: str, convert: bool) -> RpcArg:
        """Raises Unread where a text is wanted."""
        if letter in "sS":
            return _text(value, convert)
        number = float(value) if isinstance(value, (int, float)) else 0.0
        if letter == "f":
            return number
        if letter in _BITS:
            return _unsigned(number) & ((1 << _BITS[letter]) - 1)
        least = -(2**63) if letter in "lL" else -(2**31)
        return int(number) if least <= number < -least else least


def _text(value: object, convert: bool) -> bytes:
    if isinstance(value, bytes):
        return value
    if convert and isinstance(value, (int, float)) and not isinstance(value, bool):
        return b"%d" % _unsigned(float(value))
    raise Unread("no text")


def _unsigned(number: float) -> int:
    """A C conversion to ``unsigned long``."""
    if not math.isfinite(number) or not -(2.0**63) <= number < 2.0**64:
        return 1 << 63 if math.isnan(number) or number < 0 else 0
    return int(number) & 0xFFFFFFFFFFFFFFFF
