"""Module ``xmlrpc``: XML-RPC over HTTP on the SIP port (``xmlrpc.c``).

A POST or GET becomes a request for ``sip:127.0.0.1:9`` with a Via of where it came from, and runs
the route that ``route`` names; ``dispatch_rpc()`` there runs the command in its body. With ``mode``
1 the messages are left to ``xhttp``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from runtime.declare.exports import Exports, Routes
from runtime.modules.sl.module import Module as SlModule
from runtime.modules.xmlrpc import document
from runtime.modules.xmlrpc.context import XmlContext
from runtime.modules.xmlrpc.exports import EXPORTS
from runtime.native import edit, receive, send
from runtime.native.receive import NONSIP_DROP, NONSIP_PASS
from runtime.native.regex import Regex
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import RpcFault

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

URI: Final = b"sip:127.0.0.1:9"
FAULT_TEXT: Final = 1023

_HTTP: Final = re.compile(rb"HTTP/(?:1\.[01]|2)", re.I)
_METHOD: Final = re.compile(rb"GET.*|POST", re.I | re.S)
_VIA: Final = re.compile(rb"^(?:Via|v)[ \t]*:", re.I | re.M)


class Module(BaseModule):
    """Runs RPC commands for HTTP clients."""

    EXPORTS: ClassVar[Exports] = EXPORTS
    route: bytes | None
    autoconversion: int
    escape_cr: int
    double_lf_to_crlf: int
    mode: int
    url_match: bytes | None
    url_skip: bytes | None

    def mod_init(self) -> None:
        """Find ``sl``, compile the expressions, take messages of HTTP."""
        self._sl = self.server.module(SlModule)
        self._writer = document.Writer(self.escape_cr != 0)
        self._match = self._compiled("url_match", self.url_match)
        self._skip = self._compiled("url_skip", self.url_skip)
        known = self.server.config.routes.names("route")
        if self.route is not None and self.route.decode("utf-8", "surrogateescape") not in known:
            raise StartError(f"modparam xmlrpc:route: there is no route[{self.route.decode()}]")
        if self.mode == 0:
            receive.register_nonsip_msg_hook(self._on_request)

    def _compiled(self, name: str, text: bytes | None) -> Regex | None:
        if text is None:
            return None
        try:
            return Regex(text)
        except ValueError as error:
            raise StartError(f"modparam xmlrpc:{name}: {error}") from None

    def _on_request(self, msg: SipMsg) -> int:
        """A request of another protocol than SIP."""
        if _HTTP.fullmatch(msg.version) is None:
            return NONSIP_PASS
        text = edit.buffer(msg, 0, edit.length(msg))
        method, url, rest = text.split(b" ", 2)
        if self._skip is not None and self._skip.search(url):
            return NONSIP_PASS
        if self._match is not None and not self._match.search(url):
            return NONSIP_PASS
        if _METHOD.fullmatch(method) is None:
            LM_ERR("xmlrpc: %r is neither GET nor POST", method)
            return NONSIP_DROP
        if _VIA.search(text.partition(b"\r\n\r\n")[0]) is None:
            version, _, rest = rest.partition(b"\n")
            text = b"%b %b %b\n%b%b" % (method, URI, version, self._via(msg), rest)
        if receive.run_text(text, msg, self._run) == -1:
            LM_ERR("xmlrpc: the request for %r cannot be handled", url)
        return NONSIP_DROP

    def _via(self, msg: SipMsg) -> bytes:
        host = msg.src_ip
        if b":" in host:
            host = b"[" + host + b"]"
        return b"Via: SIP/2.0/%s %s:%d\r\n" % (msg.proto.upper(), host, msg.src_port)

    def _run(self, msg: SipMsg) -> int:
        index = self.server.route_index("route", b"0" if self.route is None else self.route)
        return self.server.run_route("route", index, msg, Routes.REQUEST.value) if index else -1

    # -- script

    def dispatch_rpc(self, msg: SipMsg) -> int:
        """Run the command in the body and answer: 1, or -1 where that cannot be sent."""
        after: list[Callable[[], None]] = []
        try:
            call = document.read(msg.body or b"")
            entry = self.server.rpc.get(call.method)
            if entry is None:
                raise RpcFault(500, "Method Not Found")
            ctx = XmlContext(
                call.method, call.params, self.autoconversion != 0, self.double_lf_to_crlf != 0
            )
            self.server.rpc.call(ctx)
            if ctx.refusal is not None:
                raise ctx.refusal
            body = self._writer.reply(ctx.results, entry.returns_array)
            after = ctx.after
        except RpcFault as refusal:
            if refusal.code < 300:  # as there: what is no error code is a success
                body = self._writer.reply([], as_array=False)
            else:
                body = self._writer.fault(RpcFault(refusal.code, refusal.text[:FAULT_TEXT]))
        sent = self._send(msg, body)
        if after:
            send.flush()
        for function in after:
            function()
        return sent

    def xmlrpc_reply(self, msg: SipMsg, code: int, reason: bytes) -> int:
        """Answer the request with the number 1, whatever the code: 1, or -1."""
        return self._send(
            msg, self._writer.reply([1], as_array=False).replace(b"\n</value>", b"</value>")
        )

    def _send(self, msg: SipMsg, body: bytes) -> int:
        edit.set_reply_body(msg, body)
        return 1 if self._sl.sl_send_reply(msg, 200, b"OK") > 0 else -1
