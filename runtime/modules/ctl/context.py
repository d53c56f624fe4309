"""A call over binrpc: how its arguments are read (``rpc_scan`` of ``binrpc_run.c``)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from runtime.declare.cint import wrap
from runtime.modules.ctl.binrpc import MORE_DATA, Other
from runtime.server.rpc import RpcArg, RpcContext, RpcFault, Unread

END: Final = "end of packet encountered"
NO_MATCH: Final = "record doesn't match type"
NOT_CONVERTED: Final = "bug -- internal error"

_LETTERS: Final = {"s": "string", "S": "string", "f": "float"}
_DECIMAL: Final = re.compile(rb"[+-]?[0-9]{1,10}")
_FRACTION: Final = re.compile(rb"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class BinrpcContext(RpcContext):
    """Types must be the wanted ones, unless they are converted. A command that only reads wrong
    arguments is refused with the text of the last of them."""

    __slots__ = ("autoconversion",)

    def __init__(self, method: str, args: Sequence[object], autoconversion: bool = False) -> None:
        super().__init__(method, args)
        self.autoconversion = autoconversion

    def read(self, value: object, letter: str, convert: bool) -> RpcArg:
        """Raises Unread with what Kamailio tells the client."""
        convert = convert or self.autoconversion
        if isinstance(value, Other) and value.error:
            raise Unread(self._complaint(self._wanted(letter, convert), value.error))
        if letter in "sS":
            return self._text(value, letter, convert)
        if letter == "f":
            return self._fraction(value, convert)
        return self._number(value, convert)

    def _text(self, value: object, letter: str, convert: bool) -> bytes:
        if isinstance(value, bytes):
            return value.partition(b"\0")[0] if letter == "s" else value
        if convert and isinstance(value, int):
            return b"%d" % (value & 0xFFFFFFFFFFFFFFFF)
        raise self._mismatch(value, "string", convert)

    def _number(self, value: object, convert: bool) -> int:
        if isinstance(value, int):
            return value
        if convert and isinstance(value, float):
            return int(value) if -(2**31) <= value < 2**31 else -(2**31)
        if convert and isinstance(value, bytes) and _DECIMAL.fullmatch(value):
            number = int(value)
            if wrap(number) == number:
                return number
        raise self._mismatch(value, "integer", convert)

    def _fraction(self, value: object, convert: bool) -> float:
        if isinstance(value, float):
            return value
        if convert and isinstance(value, int):
            return float(value)
        if convert and isinstance(value, bytes) and (found := _FRACTION.match(value)):
            number = float(found[0])
            return number if math.isfinite(number) else 0.0
        raise self._mismatch(value, "float", convert)

    def _mismatch(self, value: object, wanted: str, convert: bool) -> Unread:
        if convert:
            wanted = _type_name(value)
        error = NOT_CONVERTED if convert and isinstance(value, float) else NO_MATCH
        return Unread(self._complaint(wanted, error))

    def _wanted(self, letter: str, convert: bool) -> str:
        return "any" if convert else _LETTERS.get(letter, "integer")

    def _complaint(self, wanted: str, error: str) -> str:
        return f"error at parameter {self.at}: expected {wanted} type but {error}"

    def ended(self, letter: str, optional: bool, convert: bool) -> None:
        """A missing argument is an error unless it may be missing."""
        wanted = self._wanted(letter, convert or self.autoconversion)
        self.refusal = None if optional else RpcFault(400, self._complaint(wanted, END))

    def unread(self, text: str) -> None:
        """What the client is told where the command says nothing itself."""
        self.refusal = RpcFault(400, text)

    def is_end(self, value: object) -> bool:
        """A record that is cut short ends the arguments, as far as they are optional."""
        return isinstance(value, Other) and value.error == MORE_DATA


def _type_name(value: object) -> str:
    if isinstance(value, Other):
        return value.name
    if isinstance(value, float):
        return "float"
    return "integer" if isinstance(value, int) else "string"
