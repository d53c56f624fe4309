"""Module ``xhttp``: HTTP requests on the SIP port, served by ``event_route[xhttp:request]``.

Behaviour: ``xhttp_mod.c`` and ``xhttp_trans.c`` of Kamailio 5.6.3. A request gets a Via of where it
came from, since the core finds its way back by that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime.declare.exports import Routes
from runtime.modules.sl.module import Module as SlModule
from runtime.modules.xhttp.exports import EXPORTS
from runtime.native import edit, receive
from runtime.native.receive import NONSIP_DROP, NONSIP_PASS
from runtime.native.regex import Regex
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

_HTTP = re.compile(rb"HTTP/(?:1\.[01]|2)", re.I)
_VIA = re.compile(rb"^(?:Via|v)[ \t]*:", re.I | re.M)


class Module(BaseModule):
    """Hands HTTP requests to the event route."""

    EXPORTS = EXPORTS

    url_match: bytes | None
    url_skip: bytes | None

    def mod_init(self) -> None:
        """Find the event route and ``sl``; compile the expressions."""
        self._route = self.server.event_route("xhttp:request")
        if not self._route:
            raise StartError("the configuration has no event_route[xhttp:request]")
        self._sl = self.server.module(SlModule)
        if not self.server.core.number("tcp_accept_no_cl"):
            LM_WARN("tcp_accept_no_cl is not set: HTTP requests without Content-Length are refused")
        self._match = self._compiled("url_match", self.url_match)
        self._skip = self._compiled("url_skip", self.url_skip)
        receive.register_nonsip_msg_hook(self._on_request)

    def _compiled(self, name: str, text: bytes | None) -> Regex | None:
        if text is None:
            return None
        try:
            return Regex(text)
        except ValueError as error:
            raise StartError(f"modparam xhttp:{name}: {error}") from None

    def _on_request(self, msg: SipMsg) -> int:
        """A request of another protocol than SIP."""
        text = edit.buffer(msg, 0, edit.length(msg))
        url = _url(text)
        if _HTTP.fullmatch(msg.version) is None:
            return NONSIP_PASS
        if self._skip is not None and self._skip.search(url):
            return NONSIP_PASS
        if self._match is not None and not self._match.search(url):
            return NONSIP_PASS
        head = text.partition(b"\r\n\r\n")[0]
        if _VIA.search(head) is None:
            line, end, rest = text.partition(b"\n")
            text = line + end + self._via(msg) + rest
        if receive.run_text(text, msg, self._run) == -1:
            LM_ERR("xhttp: the request for %s cannot be handled", url)
        return NONSIP_DROP

    def _via(self, msg: SipMsg) -> bytes:
        host = msg.src_ip
        if b":" in host:
            host = b"[" + host + b"]"
        return b"Via: SIP/2.0/%s %s:%d\r\n" % (msg.proto.upper(), host, msg.src_port)

    def _run(self, msg: SipMsg) -> int:
        return self.server.run_route("event", self._route, msg, Routes.EVENT.value)

    # -- script

    def xhttp_reply(self, msg: SipMsg, code: int, reason: bytes, ctype: bytes, body: bytes) -> int:
        """Answer the request; -1 where an argument is no use or it cannot be sent."""
        if not 100 <= code <= 700:
            LM_ERR("xhttp_reply: %d is no status code", code)
            return -1
        if not reason:
            LM_ERR("xhttp_reply: the reason is empty")
            return -1
        return self.http_reply(msg, code, reason, ctype, body)

    def pv_hu(self, msg: SipMsg) -> bytes:
        """``$hu``: the URL as it was received."""
        return _url(edit.buffer(msg, 0, edit.length(msg)))

    def tr_url_path(self, value: bytes | int | None) -> bytes | None:
        """``{url.path}``: what stands before the question mark."""
        text = _text(value)
        return None if text is None else text.partition(b"?")[0]

    def tr_url_querystring(self, value: bytes | int | None) -> bytes | None:
        """``{url.querystring}``: what stands after it."""
        text = _text(value)
        return None if text is None else text.partition(b"?")[2]

    # -- for other modules: see api.py

    def http_reply(self, msg: SipMsg, code: int, reason: bytes, ctype: bytes, body: bytes) -> int:
        """Answer the request: 1, or -1 where that cannot be done."""
        if ctype:
            edit.add_reply_header(msg, b"Content-Type: " + ctype + b"\r\n")
        if body:
            edit.set_reply_body(msg, body)
        return 1 if self._sl.sl_send_reply(msg, code, reason) > 0 else -1


def _text(value: bytes | int | None) -> bytes | None:
    return b"%d" % value if isinstance(value, int) else value


def _url(text: bytes) -> bytes:
    """The second word of the first line."""
    return text.split(b" ", 2)[1]
