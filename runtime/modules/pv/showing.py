"""What variables print in a string: nothing where reading them fails (``pv_printf``), which
elsewhere is ``$null``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runtime.native import pvmsg
from runtime.script.values import NO_INDEX, Value, show

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

NO_NAMES = (None, b"", b"<null>")
"""What a variable with the name may have as value that is no name."""


def by_name(read: Callable[..., Value]) -> Callable[..., bytes]:
    """Of a variable with a name, and perhaps an index, in variables of their own."""

    def shown(msg: SipMsg, name: Value, index: int | bytes = 0) -> bytes:
        if name in NO_NAMES or index == NO_INDEX:
            return b""
        return show(read(msg, name, index) if index != 0 else read(msg, name))

    return shown


def identity(read: Callable[..., Value], header: bytes) -> Callable[..., bytes]:
    """Of an address of a header that can be read: it has no ``[*]``."""

    def shown(msg: SipMsg, index: int | bytes = 0) -> bytes:
        if (index == NO_INDEX or index == b"*") and pvmsg.identities(msg, header):
            return b""
        return show(read(msg, index))

    return shown
