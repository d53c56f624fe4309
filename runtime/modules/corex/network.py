"""``event_route[network:msg]``: what comes and goes, before all else (``corex_nio.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.declare.exports import Routes
from runtime.native import nio
from runtime.script.pv import PvError, PvRef
from runtime.server.errors import StartError
from runtime.server.log import LM_WARN

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server


class Network:
    """Runs the route for each message; ``text`` names the AVP that holds what goes on instead."""

    incoming = False
    """Was the last message one that came in?"""

    def __init__(self, server: Server, least: int, text: bytes | None) -> None:
        """Before the fork. Raises StartError where there is no such route, or no AVP."""
        self._run = server.run_route
        self._index = server.event_route("network:msg")
        if not self._index:
            raise StartError("corex: nio_intercept needs event_route[network:msg]")
        self._avp = _avp(server, text) if text else None
        if self._avp is None:
            LM_WARN("corex: without nio_msg_avp the route cannot change a message")
        nio.intercept(self._seen, max(least, 0))

    def _seen(self, msg: SipMsg, incoming: bool) -> bytes | None:
        self.incoming = incoming
        self._run("event", self._index, msg, Routes.REQUEST.value)
        if self._avp is None:
            return None
        value = self._avp.get(msg)
        if isinstance(value, bytes):
            return value
        LM_WARN("corex: nio_msg_avp has no text: the message stays as it is")
        return None


def _avp(server: Server, text: bytes) -> PvRef:
    try:
        if not text.lstrip().startswith((b"$avp(", b"$(avp(")):
            raise PvError("it is an AVP, as in $avp(msg)")
        return PvRef(server.pv, text)
    except PvError as error:
        raise StartError(f"corex: nio_msg_avp: {error}") from None
