"""RPC: the registry of commands and the context that a command answers through (``rpc.h``).

A command is ``fn(ctx)``. It reads its arguments with ``ctx.scan``, answers with ``ctx.add``,
``ctx.add_struct`` and ``ctx.add_array``, and refuses with ``ctx.fault``. A transport derives its
own context, reads arguments by its rules, and makes binrpc, JSON or XML of the ``results``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn, TypeAlias

from runtime.server.log import LM_ERR

RpcValue: TypeAlias = "int | float | bytes | str | RpcStruct | RpcArray | None"
RpcArg: TypeAlias = int | float | bytes


class Whole(float):
    """A C ``long``: binrpc and XML-RPC have no such type and send a fraction."""


class RpcFault(Exception):
    """A command's refusal: Kamailio's code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class RpcArray:
    """A list in an answer. An item that has a name is an object with one member in JSON, and a
    member in binrpc."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[tuple[str, RpcValue]] = []

    def add(self, *values: int | float | bytes | str | None) -> None:
        """Append plain values."""
        self.items.extend(("", value) for value in values)

    def add_named(self, name: str, value: int | float | bytes | str | None) -> None:
        """Append a plain value with a name."""
        self.items.append((name, value))

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

    def add(self, name: str, value: int | float | bytes | str | None) -> None:
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


class Scanned(list[RpcArg]):
    """What ``scan`` read. ``number`` is how many, below 0 where the next argument was wrong."""

    __slots__ = ("failed",)

    def __init__(self) -> None:
        super().__init__()
        self.failed = False

    @property
    def number(self) -> int:
        """The return value of ``rpc->scan``: negative (or 0) after an argument that is wrong."""
        return -len(self) if self.failed else len(self)


class Unread(Exception):
    """An argument that is not of the wanted type; its text is what the client is told."""


class RpcContext:
    """One call: its arguments and its answer. Transports derive from it what they do their way."""

    __slots__ = ("after", "args", "at", "method", "refusal", "results")

    def __init__(self, method: str, args: Sequence[object]) -> None:
        self.method = method
        self.args = args
        self.at = 0
        self.refusal: RpcFault | None = None  # for a command that adds nothing to the answer
        self.after: list[Callable[[], None]] = []  # what the transport calls once it has answered
        self.results: list[RpcValue] = []

    def fault(self, code: int, text: str) -> NoReturn:
        """Refuse the call."""
        raise RpcFault(code, text)

    def add(self, *values: int | float | bytes | str | None) -> None:
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

    def scan(self, form: str) -> Scanned:
        """Read the next arguments by the letters of ``rpc->scan``: ``S`` text, ``d`` number,
        ``u`` number without a sign, ``f`` fraction. ``.`` converts the one behind it; those behind
        ``*`` may be missing."""
        found = Scanned()
        self.refusal = None
        optional = convert = False
        for letter in form:
            if letter == "*":
                optional = True
            elif letter == ".":
                convert = True
            elif self.at >= len(self.args) or (optional and self.is_end(self.args[self.at])):
                found.failed = not optional
                self.ended(letter, optional, convert)
                break
            else:
                try:
                    value = self.read(self.args[self.at], letter, convert)
                except Unread as error:
                    found.failed = True
                    self.unread(str(error))
                    break
                found.append(value)
                self.at += 1
                convert = False
        return found

    def rest(self, form: str) -> Iterator[RpcArg]:
        """All arguments that are left, each by the same form."""
        while found := self.scan("*" + form):
            yield found[0]

    def read(self, value: object, letter: str, convert: bool) -> RpcArg:
        """An argument by its letter. Raises Unread."""
        raise NotImplementedError

    def is_end(self, value: object) -> bool:
        """Does this argument mean that there are no more?"""
        return False

    def ended(self, letter: str, optional: bool, convert: bool) -> None:
        """There was no argument for the letter."""

    def unread(self, text: str) -> None:
        """An argument was wrong."""


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

    def call(self, ctx: RpcContext) -> RpcCommandEntry:
        """Run the command of a context; raises RpcFault (500 for a bug in it)."""
        entry = self._commands.get(ctx.method)
        if entry is None:
            raise RpcFault(500, f"command {ctx.method} not found")
        try:
            entry.function(ctx)
        except RpcFault:
            raise
        except Exception as error:
            LM_ERR("RPC command %s: %r", ctx.method, error)
            raise RpcFault(500, "internal server error") from error
        if not ctx.results and ctx.refusal is not None:
            raise ctx.refusal
        return entry


def bytes_of(value: RpcArg) -> bytes:
    """What a scan for a text found."""
    return value if isinstance(value, bytes) else b"%d" % int(value)


def text_of(value: RpcArg) -> str:
    """The same for names; octets that are no UTF-8 are kept."""
    return bytes_of(value).decode("utf-8", "surrogateescape")


def number_of(value: RpcArg) -> int:
    """What a scan for a number found."""
    return 0 if isinstance(value, bytes) else int(value)
