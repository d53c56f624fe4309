"""``$branch(part)`` of the message, and ``$sbranch(part)``, one branch of the process
(``pv_branch.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.native import pvmsg
from runtime.script.values import Dual, Value, to_int, to_str

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

MAX_URI: Final = 1024
UNSET_Q: Final = -1
_Q: Final = b"q"
_FIELDS: Final = (
    b"uri",
    b"dst_uri",
    b"path",
    b"q",
    b"flags",
    b"send_socket",
    b"ruid",
    b"location_ua",
)
_TEXTS: Final = (b"dst_uri", b"path")
_NUMBERS: Final = (b"q", b"flags", b"otcpid")


def _number(value: Value) -> int | None:
    """A value with a number; None for text alone."""
    return None if isinstance(value, bytes) and not isinstance(value, Dual) else to_int(value)


def read(msg: SipMsg, name: bytes, index: int | bytes = 0) -> Value:
    """``$(branch(part)[index])``"""
    if not isinstance(index, int):
        index = 0
    name = _Q if name == b"Q" else name
    try:
        found = msg.branch(index)
    except IndexError:
        return None
    if name == b"count":
        return msg.branch_count
    if name in (b"otcpid", b"instance"):
        number, instance = pvmsg.branch_more(msg, index)
        return number if name == b"otcpid" else instance
    value: Value = found[_FIELDS.index(name)]
    return None if name == b"q" and value == UNSET_Q else value


def write(msg: SipMsg, value: Value, name: bytes, index: int | bytes = 0) -> None:
    """``$(branch(part)[index]) = value``; ``$null`` for the URI drops the branch."""
    if not isinstance(index, int):
        index = 0
    name = _Q if name == b"Q" else name
    if index < 0:
        index += msg.branch_count
        if index < 0:
            return
    if isinstance(value, int) and name not in _NUMBERS:
        return
    if name == b"uri" and (value is None or to_str(value) == b""):
        msg.drop_branch(index)
    elif name in _NUMBERS:
        number = _number(value)
        if number is None:
            return
        if name == b"otcpid":
            pvmsg.set_branch_otcpid(msg, index, number)
        else:
            unset = UNSET_Q if name == b"q" else 0
            msg.set_branch(index, name, unset if value is None else number)
    elif name == b"send_socket":
        text = to_str(value)
        if not text or not msg.set_branch(index, b"socket", text):
            msg.set_branch(index, b"socket", None)
    elif name in (b"uri", *_TEXTS):
        text = to_str(value)
        msg.set_branch(index, name, text or None)


class StaticBranch:
    """The values of ``$sbranch``."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[bytes, bytes | int] = {}

    def read(self, msg: SipMsg, name: bytes) -> Value:
        """One part; without a URI there is nothing but the count of the message's branches."""
        name = _Q if name == b"Q" else name
        if name == b"count":
            return msg.branch_count
        if not self._values.get(b"uri"):
            return None
        if name in (b"flags", b"otcpid"):
            return self._values.get(name, 0)
        if name == b"q":
            q = self._values.get(name, 0)
            return None if q == UNSET_Q else q
        return self._values.get(name) or None

    def write(self, msg: SipMsg, name: bytes, value: Value) -> None:
        """Set one part; an empty URI empties all of them."""
        name = _Q if name == b"Q" else name
        if name in _NUMBERS:
            number = _number(value)
            if number is not None:
                unset = UNSET_Q if name == b"q" else 0
                self._values[name] = unset if value is None else number
            return
        if isinstance(value, int):
            return
        text = to_str(value)
        if name == b"uri" and not text:
            self._values.clear()
        elif name == b"send_socket":
            self._values[name] = text if pvmsg.is_socket(msg, text) else b""
        elif name in (b"uri", *_TEXTS) and len(text) < MAX_URI:
            self._values[name] = text

    def _text(self, name: bytes) -> bytes:
        return to_str(self._values.get(name))

    def to_ruri(self, msg: SipMsg) -> int:
        """Rewrite the request URI and what belongs to it."""
        uri = self._text(b"uri")
        if not uri:
            return -1
        if msg.rewrite_uri(uri) < 0:
            return -1
        msg.dst_uri = self._text(b"dst_uri") or None
        msg.path = None
        if self._text(b"send_socket"):
            msg.force_send_socket(self._text(b"send_socket"))
        pvmsg.set_target(
            msg, to_int(self._values.get(b"otcpid")), to_int(self._values.get(b"q", 0))
        )
        msg.branch_flags |= to_int(self._values.get(b"flags"))
        return 1

    def append(self, msg: SipMsg) -> int:
        """Append it to the message's branches."""
        uri = self._text(b"uri")
        if not uri or not pvmsg.push_branch(msg, uri, to_int(self._values.get(b"q", 0))):
            return -1
        index = msg.branch_count - 1
        for name in (*_TEXTS, b"flags", b"otcpid"):
            if name in self._values:
                write(msg, self._values[name], name, index)
        write(msg, self._text(b"send_socket"), b"send_socket", index)
        return 1
