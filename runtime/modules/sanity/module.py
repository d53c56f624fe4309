"""The sanity module: is a message fit to be worked on? (``sanity_mod.c``)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from runtime.modules.sanity.exports import EXPORTS
from runtime.native import sanity
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

MAX_CHECKS = 1 << 15
MAX_URI_CHECKS = 1 << 4
METHOD_ACK = 4


class Replies(Protocol):
    """What is used of module sl."""

    def send_reply(self, msg: SipMsg, code: int, reason: bytes) -> int:
        """Send a reply, stateful where there is a transaction."""


class Module(BaseModule):
    """A failed check is answered, and ends the script unless ``autodrop`` is 0."""

    EXPORTS = EXPORTS

    default_checks: int
    uri_checks: int
    proxy_require: bytes
    autodrop: int
    noreply: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._wanted: tuple[int, int, bytes] | None = None  # of message id, with noreply=1

    def mod_init(self) -> None:
        """Find module sl."""
        self._sl = cast(Replies, self.server.find_module("sl"))

    def sanity_check(
        self, msg: SipMsg, msg_checks: int | None = None, uri_checks: int | None = None
    ) -> int:
        """1 where all checks pass; 0, or -1 with ``autodrop`` 0, where one fails."""
        checks = self.default_checks if msg_checks is None else msg_checks
        uris = self.uri_checks if uri_checks is None else uri_checks
        if not 1 <= checks < MAX_CHECKS or not 1 <= uris < MAX_URI_CHECKS:
            LM_ERR("sanity_check(%d, %d): no such checks", checks, uris)
            return -1
        failed = sanity.check(msg, checks, uris, self.proxy_require or b"")
        if failed is None:
            return 1
        code, reason = failed
        if code:
            self._answer(msg, code, reason)
        return 0 if self.autodrop else -1

    def sanity_reply(self, msg: SipMsg) -> int:
        """With ``noreply`` 1: send now what the failed check would have sent."""
        if not self.noreply or not sanity.may_reply(msg) or msg.is_method(METHOD_ACK):
            return 1
        code, reason = 500, b"Server Sanity Failure"
        if self._wanted is not None and self._wanted[0] == msg.msg_id:
            code, reason = self._wanted[1:]
        return 1 if self._sl.send_reply(msg, code, reason) >= 0 else -1

    def _answer(self, msg: SipMsg, code: int, reason: bytes) -> None:
        if msg.is_reply or msg.is_method(METHOD_ACK):
            return
        if self.noreply:
            self._wanted = (msg.msg_id, code, reason)
        elif sanity.may_reply(msg) and self._sl.send_reply(msg, code, reason) < 0:
            LM_WARN("failed to send %d", code)
