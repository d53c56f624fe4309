"""RPC: the registry of commands and the context that a command answers through (``rpc.h``).

A command is ``fn(ctx)``. It reads its arguments with ``ctx.scan``, answers with ``ctx.add``,
``ctx.add_struct`` and ``ctx.add_array``, and refuses with ``ctx.fault``. Transports turn the
collected ``results`` into binrpc or JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NoReturn, TypeAlias

from runtime.server.log import LM_ERR

RpcValue: TypeAlias = "int | float | bytes | str | RpcStruct | RpcArray"
RpcArg = int | float | bytes

_DECIMAL: Final = re.compile(rb"[+-]?[0-9]{1,9}")


class RpcFault(Exception):
    """A command's refusal: Kamailio's code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class RpcArray:
    """A list in an answer. Items may carry a name, which JSON leaves out and binrpc prints."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[tuple[str, RpcValue]] = []

    def add(self, *values: int | float | bytes | str) -> None:
        """Append plain values."""
        self.items.extend(("", value) for value in values)

    def add_struct(self, name: str = "") -> RpcStruct:
        """Append an empty structure and give it."""
        struct = RpcStruct()
        self.items.append((name, struct))
        return struct


class RpcStruct:
    """Named members in order; a name may come more than once, as in Kamailio's answers."""

    __slots__ = ("members",)

    def __init__(self) -> None:
        self.members: list[tuple[str, RpcValue]] = []

    def add(self, name: str, value: int | float | bytes | str) -> None:
        """Append one plain member."""
        self.members.append((name, value))

    def add_struct(self, name: str) -> RpcStruct:
        """Append an empty structure as a member and give it."""
        struct = RpcStruct()
        self.members.append((name, struct))
        return struct

    def add_array(self, name: str) -> RpcArray:
        """Append an empty array as a member and give it."""
        array = RpcArray()
        self.members.append((name, array))
        return array


class RpcContext:
    """One call: its arguments and its answer."""

    __slots__ = ("after", "args", "method", "results", "transport")

    def __init__(self, method: str, args: tuple[RpcArg, ...], transport: str = "") -> None:
        self.method = method
        self.args = args
        self.transport = transport
        self.after: list[Callable[[], None]] = []  # what the transport calls once it has answered
        self.results: list[RpcValue] = []

    def fault(self, code: int, text: str) -> NoReturn:
        """Refuse the call."""
        raise RpcFault(code, text)

    def add(self, *values: int | float | bytes | str) -> None:
        """Append plain values to the answer."""
        self.results.extend(values)

    def add_struct(self) -> RpcStruct:
        """Append an empty structure to the answer and give it."""
        struct = RpcStruct()
        self.results.append(struct)
        return struct

    def add_array(self) -> RpcArray:
        """Append an empty array to the answer and give it."""
        array = RpcArray()
        self.results.append(array)
        return array

    def scan(self, form: str) -> list[int | bytes]:
        """Arguments by the letters of ``rpc->scan``: ``S`` text, ``d`` number; ``.`` before one
        converts it, ``*`` changes nothing. As many as there are of these types, from the first."""
        found: list[int | bytes] = []
        convert = False
        for letter in form:
            if letter in ".*":
                convert = convert or letter == "."
                continue
            if len(found) == len(self.args):
                break
            read = _scan_json if self.transport != "binrpc" else _scan_binrpc
            value = read(self.args[len(found)], letter, convert)
            if value is None:
                break
            found.append(value)
            convert = False
        return found

    def str_arg(self, index: int) -> bytes:
        """The text of a required argument; numbers print in decimal. Faults where it is missing."""
        value = self.opt_str(index)
        if value is None:
            self.fault(400, "Invalid parameter value" if self.args else "Missing parameter")
        return value

    def opt_str(self, index: int) -> bytes | None:
        """The text of an argument, or None where it is not given."""
        if index >= len(self.args):
            return None
        value = self.args[index]
        return value if isinstance(value, bytes) else str(value).encode()

    def int_arg(self, index: int) -> int:
        """The number of a required argument; faults where it is missing or none."""
        value = self.opt_int(index)
        if value is None:
            self.fault(400, "Missing parameter")
        return value

    def opt_int(self, index: int) -> int | None:
        """The number of an argument, None where it is not given; faults where it is none."""
        if index >= len(self.args):
            return None
        value = self.args[index]
        if isinstance(value, bytes):
            try:
                return int(value.decode("ascii"), 0)
            except ValueError:
                self.fault(400, "Invalid parameter value")
        return int(value)


def _scan_json(value: RpcArg, letter: str, convert: bool) -> int | bytes | None:
    """``jsonrpc_scan``: a text is the number 0, a number outside 32 bits the least one."""
    if letter == "d":
        number = 0 if isinstance(value, bytes) else int(value)
        return number if -(2**31) <= number < 2**31 else -(2**31)
    if isinstance(value, bytes):
        return value
    return b"%d" % (int(value) & 0xFFFFFFFFFFFFFFFF) if convert else None


def _scan_binrpc(value: RpcArg, letter: str, convert: bool) -> int | bytes | None:
    """``rpc_scan`` of ctl: types must be the same, unless they are converted."""
    if letter == "d":
        if isinstance(value, int):
            return value
        if not convert:
            return None
        if isinstance(value, float):
            return int(value)
        return int(value) if _DECIMAL.fullmatch(value) else None
    if isinstance(value, bytes):
        return value
    return b"%d" % (value & 0xFFFFFFFFFFFFFFFF) if convert and isinstance(value, int) else None


RpcFunction = Callable[[RpcContext], None]


class RpcCommandEntry:
    """A registered command."""

    __slots__ = ("doc", "function", "name", "returns_array")

    def __init__(self, name: str, function: RpcFunction, doc: str, returns_array: bool) -> None:
        self.name = name
        self.function = function
        self.doc = doc
        self.returns_array = returns_array


class RpcRegistry:
    """Commands by name, filled before the fork."""

    def __init__(self) -> None:
        self._commands: dict[str, RpcCommandEntry] = {}

    def register(
        self, name: str, function: RpcFunction, doc: str = "", *, returns_array: bool = False
    ) -> None:
        """Add a command; a second one of the same name is an error of the caller."""
        if name in self._commands:
            raise ValueError(f"RPC command {name} is registered twice")
        self._commands[name] = RpcCommandEntry(name, function, doc, returns_array)

    def get(self, name: str) -> RpcCommandEntry | None:
        """The command of this name."""
        return self._commands.get(name)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._commands)

    def call(self, method: str, args: tuple[RpcArg, ...], transport: str = "") -> RpcContext:
        """Run a command and give its context; raises RpcFault (500 for a bug in it)."""
        entry = self._commands.get(method)
        if entry is None:
            raise RpcFault(500, f"command {method} not found")
        ctx = RpcContext(method, args, transport)
        try:
            entry.function(ctx)
        except RpcFault:
            raise
        except Exception as error:
            LM_ERR("RPC command %s: %r", method, error)
            raise RpcFault(500, "internal server error") from error
        return ctx
