"""Requests of our own: their text, and the RPC commands that send them (``uac.c``, ``rpc_uac.c``,
``build_uac_req`` of ``t_msgbuilder.c``)."""

from __future__ import annotations

import hashlib
import os
import random
import re
import time
from typing import TYPE_CHECKING, Final

from runtime.declare.cint import wrap
from runtime.declare.record import Record
from runtime.modules.tm.api import TmCb
from runtime.native import build, nameaddr, tm_hooks, tm_script, tm_uac, uri
from runtime.native.net import socket_list
from runtime.server.log import LM_ERR
from runtime.server.rpc import bytes_of, number_of

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.native.tm_hooks import Transaction
    from runtime.server.rpc import RpcArg, RpcContext

CSEQ: Final = 10
ROOM: Final = 512
"""Octets that an awaited answer has: a mark, the status, the phrase."""
ANSWER_SECONDS: Final = 80.0
POLL_SECONDS: Final = 0.02
_IDENT: Final = re.compile(rb"\s*([+-]?[0-9]+):\s*([+-]?[0-9]+)")
COMPACT: Final = {b"f": b"from", b"t": b"to", b"i": b"call-id", b"c": b"content-type"}
OWN: Final = frozenset({b"from", b"to", b"call-id", b"cseq"})


class LocalRequest(Record):
    """A request to be sent. ``to`` and ``from_`` are URIs or name-addrs without their tags."""

    method: bytes
    ruri: bytes
    to: bytes
    from_: bytes
    from_tag: bytes = b""
    to_tag: bytes = b""
    next_hop: bytes = b""
    callid: bytes = b""
    cseq: int = CSEQ
    socket: bytes = b""
    headers: bytes = b""
    body: bytes = b""


class BadRequest(Exception):
    """A request that cannot be sent: (status, text)."""


def crc(text: bytes) -> bytes:
    """Four hex digits of the CRC-16 of HDLC, the lowest first (``crcitt_string_array``)."""
    value = 0xFFFF
    for octet in text:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return (b"%04x" % (value ^ 0xFFFF))[::-1]


def raw_uri(text: bytes) -> bytes:
    """The URI in a name-addr, or the text itself (``get_raw_uri``)."""
    if text[-1:] != b">":
        return text
    found = nameaddr.parse(text)
    return text if found is None else found.uri


def bracketed(text: bytes) -> bytes:
    """In angle brackets, unless it has them."""
    at = text.rfind(b">")
    if at >= 0 and (at == len(text) - 1 or text[at + 1 : at + 2] == b";"):
        return text
    return b"<" + text + b">"


class LocalRequests:
    """Sends requests of one process."""

    def __init__(self) -> None:
        self._next = random.SystemRandom().getrandbits(64)
        self._awaited = -1

    def mod_init(self) -> None:
        """Before the fork."""
        self._awaited = tm_hooks.register_callback(0, _answered)

    # -- identity

    def callid(self) -> bytes:
        """A new Call-ID."""
        self._next = self._next + 1 & 0xFFFFFFFFFFFFFFFF
        sockets = socket_list()
        return b"%016x-%d@%s" % (self._next, os.getpid(), sockets[0][2] if sockets else b"")

    def from_tag(self, callid: bytes, ruri: bytes) -> bytes:
        """A From-tag for it."""
        sockets = socket_list()
        where = b"%s%d" % (sockets[0][2], sockets[0][3]) if sockets else b""
        base = hashlib.md5(b"Long live kamailio server" + where, usedforsecurity=False)
        return base.hexdigest().encode() + b"-" + crc(callid) + crc(ruri or callid)

    # -- sending

    def send(
        self, request: LocalRequest, callback: int = -1, types: int = 0, param: int = 0
    ) -> tuple[int, int] | int:
        """Send it; see ``tm_uac.send`` for what it gives and for the callback."""
        ruri = raw_uri(request.ruri or request.to)
        callid = request.callid or self.callid()
        tag = request.from_tag or self.from_tag(callid, request.ruri)
        cseq = b"%d" % request.cseq
        parts = [
            b"To: " + bracketed(request.to),
            b";tag=" + request.to_tag if request.to_tag else b"",
            b"\r\nFrom: " + bracketed(request.from_) + b";tag=" + tag,
            b"\r\nCSeq: " + cseq + b" " + request.method,
            b"\r\nCall-ID: " + callid + b"\r\n",
        ]
        if len(request.headers) < 15 or b"Max-Forwards:" not in request.headers:
            parts.append(b"Max-Forwards: 70\r\n")
        parts.append(b"Content-Length: %d\r\n" % len(request.body))
        signature = build.user_agent_line()
        if signature:
            parts.append(signature + b"\r\n")
        if len(request.headers) > 2:
            parts.append(request.headers)
            if request.headers[-1:] != b"\n":
                parts.append(b"\r\n")
        parts += [b"\r\n", request.body]
        return tm_uac.send(
            request.method,
            request.method + b" " + ruri + b" SIP/2.0\r\n",
            b"".join(parts),
            raw_uri(request.next_hop) if request.next_hop else ruri,
            callid,
            cseq,
            request.socket,
            callback,
            types,
            param,
        )

    def from_text(self, args: list[bytes], uris_only: bool) -> LocalRequest:
        """A request of method, r-URI, next hop, socket, header lines and body; raises BadRequest.

        ``uris_only``: display names of From and To are left out (``t_uac_send``).
        """
        method, ruri, next_hop, socket, text, body = args
        if not method:
            raise BadRequest(400, "Empty method")
        if uri.parse(ruri) is None:
            raise BadRequest(400, f'Invalid request uri "{_shown(ruri)}"')
        next_hop = b"" if next_hop == b"." else next_hop
        if next_hop and uri.parse(next_hop) is None:
            raise BadRequest(400, f'Invalid next-hop uri "{_shown(next_hop)}"')
        socket = b"" if socket == b"." else socket
        if socket and not tm_uac.find_socket(socket):
            raise BadRequest(400, f'No local socket for "{_shown(socket)}"')
        fields, kept = _split(text)
        return self._checked(method, ruri, next_hop, socket, fields, kept, body, uris_only)

    def _checked(
        self,
        method: bytes,
        ruri: bytes,
        next_hop: bytes,
        socket: bytes,
        fields: dict[bytes, bytes],
        kept: bytes,
        body: bytes,
        uris_only: bool,
    ) -> LocalRequest:
        if body and b"content-type" not in fields:
            raise BadRequest(400, "Content-Type missing")
        if body and b"content-length" in fields:
            raise BadRequest(400, "Content-Length disallowed")
        for name in (b"to", b"from"):
            if name not in fields:
                raise BadRequest(400, f"{name.decode().capitalize()} missing")
        to, from_ = nameaddr.parse(fields[b"to"]), nameaddr.parse(fields[b"from"])
        if to is None or from_ is None:
            raise BadRequest(400, "Error in From")
        number, _, named = fields.get(b"cseq", b"").partition(b" ")
        if number and not number.isdigit():
            raise BadRequest(400, "Non-numerical CSeq")
        if number and named.strip() != method:
            raise BadRequest(400, "CSeq method mismatch")
        return LocalRequest(
            method=method,
            ruri=ruri,
            to=to.uri if uris_only else fields[b"to"],
            from_=from_.uri if uris_only else fields[b"from"],
            from_tag=from_.tag if uris_only else b"",
            to_tag=to.tag if uris_only else b"",
            next_hop=next_hop,
            callid=fields.get(b"call-id", b""),
            cseq=int(number or b"%d" % CSEQ) & 0xFFFFFFFF,
            socket=socket,
            headers=kept,
            body=body,
        )

    # -- script and RPC

    def t_uac_send(self, args: list[bytes]) -> int:
        """1 sent, -1 not."""
        try:
            request = self.from_text(args, True)
        except BadRequest as error:
            LM_ERR("t_uac_send: %s", error.args[1])
            return -1
        sent = self.send(request)
        return 1 if isinstance(sent, tuple) or sent >= 0 else -1

    def rpc(self, ctx: RpcContext, wait: bool) -> None:
        """``tm.t_uac_start`` and (wait) ``tm.t_uac_wait``: send, and give the answer."""
        found = ctx.scan("SSSSS*S")
        if len(found) < 5:
            ctx.fault(400, f"too few parameters ({found.number}/5)")
        args = [bytes_of(value) for value in found] + [b""] * (6 - len(found))
        try:
            request = self.from_text(args, False)
        except BadRequest as error:
            ctx.fault(error.args[0], error.args[1])
        handle = tm_uac.hold(bytes(ROOM)) if wait else 0
        types = TmCb.LOCAL_COMPLETED.value
        sent = self.send(request, self._awaited if wait else -1, types if wait else 0, handle)
        if isinstance(sent, int):
            if wait:
                tm_uac.release(handle)
            ctx.fault(500, f"I'm terribly sorry, server error occurred ({-sent}/RPC/UAC)")
        if wait:
            self._wait(ctx, handle)

    def _wait(self, ctx: RpcContext, handle: int) -> None:
        end = time.monotonic() + ANSWER_SECONDS
        while True:
            found = tm_uac.held(handle)
            if found[0]:
                break
            if time.monotonic() > end:  # whoever answers later still writes there
                ctx.fault(500, "No response")
            time.sleep(POLL_SECONDS)
        tm_uac.release(handle)
        out = ctx.add_struct()
        out.add("code", int.from_bytes(found[1:3], "little"))
        out.add("text", found[4 : 4 + found[3]].decode("utf-8", "replace"))


def _shown(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _split(text: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """Values by lower-case name, the first of each; and the lines that are no part of its own."""
    if text and text[-1:] != b"\n":
        raise BadRequest(400, "Invalid headers")
    fields: dict[bytes, bytes] = {}
    kept = []
    lines: list[bytes] = []
    for line in text.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1] += b"\r\n" + line
        elif line:
            lines.append(line)
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.strip().lower()
        name = COMPACT.get(name, name)
        if not colon or not name:
            raise BadRequest(400, "Invalid headers")
        fields.setdefault(name, value.strip())
        if name not in OWN:
            kept.append(line + b"\r\n")
    return fields, b"".join(kept)


def _answered(
    t: Transaction,
    type: int,
    req: SipMsg | None,
    rpl: SipMsg | None,
    code: int,
    flags: int,
    param: int,
) -> None:
    """An awaited answer is there."""
    reason = b"Request Timeout" if rpl is None else rpl.reason or b""
    reason = reason[:255]
    tm_uac.fill(param, b"\1" + code.to_bytes(2, "little") + bytes([len(reason)]) + reason)


def rpc_reply(ctx: RpcContext, *, callid: bool) -> None:
    """Answer the transaction that Call-ID and CSeq, or its numbers, name."""
    which = (("S", "Call-ID"), ("S", "CSeq")) if callid else (("S", "Transaction ID"),)
    found: list[RpcArg] = []
    for form, what in (("d", "Reply code"), ("S", "Reason phrase"), *which, ("S", "To tag")):
        read = ctx.scan(form)
        if not read:
            ctx.fault(400, f"{what} expected")
        found += read
    headers, body = (bytes_of(text[0]) if text else b"" for text in (ctx.scan("S"), ctx.scan("S")))
    code, reason, name, *_, tag = found
    entry = label = 0
    if not callid:
        numbers = _IDENT.match(bytes_of(name))
        if numbers is None:
            ctx.fault(400, "Invalid transaction ID")
        entry, label = (wrap(int(number)) & 0xFFFFFFFF for number in numbers.groups())
    done = tm_script.reply_ident(
        entry,
        label,
        bytes_of(name) if callid else None,
        bytes_of(found[3]) if callid else b"",
        number_of(code),
        bytes_of(reason),
        bytes_of(tag),
        headers,
        body,
    )
    if done == -2:
        ctx.fault(*((404, "Transaction not found") if callid else (481, "No such transaction")))
    if done < 0:
        ctx.fault(500, "Reply failed")
