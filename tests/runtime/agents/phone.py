"""A scripted user agent: every step sends one message or waits for one, and is recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.runtime.agents.message import Header, Message, addr_uri, build, parse, split_list
from tests.runtime.agents.sockets import Closed, Wire

PATIENCE = 6.0
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    302: "Moved Temporarily",
    401: "Unauthorized",
    404: "Not Found",
    407: "Proxy Authentication Required",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    487: "Request Terminated",
    500: "Server Internal Error",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
}
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
    "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
)

Record = Callable[[str, str, bytes], None]


class Unexpected(Exception):
    """Something else came than the script waits for, or nothing came."""


@dataclass(slots=True)
class Dialog:
    """One side's view of a dialog (RFC 3261 12)."""

    call_id: str
    local: str
    remote: str
    target: str
    routes: list[str]
    cseq: int


@dataclass(slots=True)
class Phone:
    """A user agent `user`@`domain` on `wire`. `label` makes its identifiers unique in a server.

    Its identifiers are counted, not random: branches `z9hG4bK-LABEL-NAME-N`, tags `ua-NAME-N`,
    Call-IDs `LABEL-NAME-N`."""

    name: str
    label: str
    wire: Wire
    server: str
    domain: str
    record: Record
    host: str = "127.0.0.1"
    account: str = ""
    _count: int = 0
    _cseq: int = 0
    _seen: set[bytes] = field(default_factory=set)
    closed: bool = False

    @property
    def user(self) -> str:
        return f"{self.account or self.name}-{self.label}"

    @property
    def aor(self) -> str:
        """Its public address."""
        return f"sip:{self.user}@{self.domain}"

    @property
    def here(self) -> str:
        return f"{self.host}:{self.wire.port}"

    @property
    def contact(self) -> str:
        """The URI that leads to this socket."""
        suffix = ";transport=tcp" if self.wire.proto == "TCP" else ""
        return f"sip:{self.user}@{self.here}{suffix}"

    def _next(self) -> int:
        self._count += 1
        return self._count

    def via(self) -> str:
        """A fresh Via value."""
        branch = f"z9hG4bK-{self.label}-{self.name}-{self._next()}"
        return f"SIP/2.0/{self.wire.proto} {self.here};branch={branch}"

    # -- sending

    def send(self, data: bytes) -> Message:
        """Any bytes, recorded; the message they are, if they are one."""
        self.record(self.name, ">", data)
        self.wire.send(data)
        return parse(data)

    def say(self, start: str, headers: Sequence[Header], body: str = "") -> Message:
        """A message of exactly these header fields; Content-Length is added at the end."""
        length = ("Content-Length", str(len(body.encode("latin-1"))))
        return self.send(build(start, [*headers, length], body))

    def request(
        self,
        method: str,
        uri: str,
        extra: Sequence[Header] = (),
        body: str = "",
        to: str | None = None,
        sender: str | None = None,
        call_id: str | None = None,
        cseq: int | None = None,
        max_forwards: str | None = "70",
        via: str | None = None,
    ) -> Message:
        """A request outside any dialog. `to` and `sender` are whole header values."""
        self._cseq = self._cseq + 1 if cseq is None else cseq
        headers = [("Via", via or self.via())]
        if max_forwards is not None:
            headers.append(("Max-Forwards", max_forwards))
        headers += [
            ("From", sender or f"<{self.aor}>;tag=ua-{self.name}-{self._next()}"),
            ("To", to or f"<{uri}>"),
            ("Call-ID", call_id or f"{self.label}-{self.name}-{self._next()}"),
            ("CSeq", f"{self._cseq} {method}"),
            *extra,
        ]
        return self.say(f"{method} {uri} SIP/2.0", headers, body)

    def register(
        self, contact: str | None = None, extra: Sequence[Header] = (), **how: object
    ) -> Message:
        """REGISTER of one Contact value (this socket, 600 s, when none is given)."""
        value = f"<{self.contact}>;expires=600" if contact is None else contact
        fields = [("Contact", value), *extra] if value else [*extra]
        uri = f"sip:{self.domain}"
        return self.request("REGISTER", uri, fields, to=f"<{self.aor}>", **how)  # type: ignore[arg-type]

    def online(self) -> None:
        """REGISTER this socket and take the 200."""
        self.register()
        self.expect(200)

    def invite(self, uri: str, extra: Sequence[Header] = (), **how: object) -> Message:
        """INVITE with Contact and a small SDP."""
        fields = [
            ("Contact", f"<{self.contact}>"),
            *extra,
            ("Content-Type", "application/sdp"),
        ]
        return self.request("INVITE", uri, fields, SDP, **how)  # type: ignore[arg-type]

    def reply(
        self,
        request: Message,
        status: int,
        extra: Sequence[Header] = (),
        body: str = "",
        reason: str | None = None,
        tag: str | None = "",
        contact: bool = True,
    ) -> Message:
        """Answer a request. `tag` None sends no To tag, "" this phone's usual one."""
        to = request.one("To")
        if tag is not None and status > 100 and ";tag=" not in to:
            to += f";tag={tag or f'ua-{self.name}'}"
        headers = [("Via", value) for value in request.all("Via")]
        headers += [("Record-Route", value) for value in request.all("Record-Route")]
        headers += [("From", request.one("From")), ("To", to)]
        headers += [("Call-ID", request.one("Call-ID")), ("CSeq", request.one("CSeq"))]
        if contact and request.method == "INVITE" and 100 < status < 300:
            headers.append(("Contact", f"<{self.contact}>"))
        return self.say(f"SIP/2.0 {status} {reason or REASONS[status]}", [*headers, *extra], body)

    def ack(self, invite: Message, reply: Message) -> Message:
        """ACK of a final reply: hop by hop for a failure (RFC 3261 17.1.1.3), new for a 2xx."""
        if reply.status < 300:
            return self.within(self.dialog(invite, reply), "ACK")
        headers = [
            ("Via", invite.one("Via")),
            *(("Route", value) for value in invite.all("Route")),
            ("Max-Forwards", "70"),
            ("From", invite.one("From")),
            ("To", reply.one("To")),
            ("Call-ID", invite.one("Call-ID")),
            ("CSeq", f"{invite.one('CSeq').split()[0]} ACK"),
        ]
        return self.say(f"ACK {invite.uri} SIP/2.0", headers)

    def cancel(self, invite: Message) -> Message:
        """CANCEL of a request that this phone sent (RFC 3261 9.1)."""
        headers = [
            ("Via", invite.one("Via")),
            *(("Route", value) for value in invite.all("Route")),
            ("Max-Forwards", "70"),
            ("From", invite.one("From")),
            ("To", invite.one("To")),
            ("Call-ID", invite.one("Call-ID")),
            ("CSeq", f"{invite.one('CSeq').split()[0]} CANCEL"),
        ]
        return self.say(f"CANCEL {invite.uri} SIP/2.0", headers)

    # -- dialogs

    def dialog(self, request: Message, reply: Message) -> Dialog:
        """The dialog of a request sent by this phone and the reply it got. A request inside a
        dialog keeps the routes that it had."""
        routes = request.all("Route")[::-1]
        if ";tag=" not in request.one("To"):
            routes = [part for value in reply.all("Record-Route") for part in split_list(value)]
        return Dialog(
            call_id=request.one("Call-ID"),
            local=request.one("From"),
            remote=reply.one("To"),
            target=addr_uri(reply.one("Contact")),
            routes=routes[::-1],
            cseq=int(request.one("CSeq").split()[0]),
        )

    def dialog_as_callee(self, request: Message, reply: Message) -> Dialog:
        """The dialog of a request that came in and the reply this phone sent."""
        routes = [part for value in request.all("Record-Route") for part in split_list(value)]
        return Dialog(
            call_id=request.one("Call-ID"),
            local=reply.one("To"),
            remote=request.one("From"),
            target=addr_uri(request.one("Contact")),
            routes=routes,
            cseq=100,
        )

    def within(
        self, dialog: Dialog, method: str, extra: Sequence[Header] = (), body: str = ""
    ) -> Message:
        """A request inside `dialog`, along its routes; ACK keeps the number of its INVITE."""
        if method != "ACK":
            dialog.cseq += 1
        headers = [
            ("Via", self.via()),
            *(("Route", route) for route in dialog.routes),
            ("Max-Forwards", "70"),
            ("From", dialog.local),
            ("To", dialog.remote),
            ("Call-ID", dialog.call_id),
            ("CSeq", f"{dialog.cseq} {method}"),
            *extra,
        ]
        return self.say(f"{method} {dialog.target} SIP/2.0", headers, body)

    # -- receiving

    def expect(self, what: int | str, patience: float = PATIENCE) -> Message:
        """The next message, which must be this status or method. Repeats of one already
        received are passed over: how many the timers produce is not part of a transcript."""
        while True:
            raw = self._receive(patience, str(what))
            if raw not in self._seen:
                break
        return self._take(raw, "<", str(what))

    def expect_any(self, *whats: str, patience: float = PATIENCE) -> Message:
        """The next message, repeats included, which must be one of these."""
        return self._take(self._receive(patience, " or ".join(whats)), "<", *whats)

    def expect_repeat(self, message: Message, patience: float = PATIENCE) -> Message:
        """A byte-for-byte repeat of a message that was received before."""
        while True:
            raw = self._receive(patience, f"{message.what} again")
            if raw == message.raw:
                return self._take(raw, "<", message.what)
            if raw not in self._seen:
                self._take(raw, "<", f"{message.what} again")

    def expect_close(self, patience: float = PATIENCE) -> None:
        """The server closes this connection, and sends nothing before it."""
        try:
            raw = self.wire.receive(patience)
        except Closed:
            self.closed = True
            self.record(self.name, "closed", b"")
            return
        raise Unexpected(f"{self.name}: still open, got {raw!r}")

    def leftovers(self, repeats: bool) -> int:
        """Record what lies unread in the socket, with or without repeats; how many it was."""
        count = 0
        while not self.closed:
            try:
                raw = self.wire.receive(0.0)
            except Closed:
                self.closed = True
                self.record(self.name, "closed", b"")
                break
            if raw is None:
                break
            if repeats or raw not in self._seen:
                self._seen.add(raw)
                self.record(self.name, "<", raw)
                count += 1
        return count

    def _receive(self, patience: float, what: str) -> bytes:
        try:
            raw = self.wire.receive(patience)
        except Closed:
            self.closed = True
            self.record(self.name, "closed", b"")
            raise Unexpected(f"{self.name}: connection closed instead of {what}") from None
        if raw is None:
            self.record(self.name, "nothing", b"")
            raise Unexpected(f"{self.name}: nothing came instead of {what}")
        return raw

    def _take(self, raw: bytes, direction: str, *whats: str) -> Message:
        self._seen.add(raw)
        self.record(self.name, direction, raw)
        message = parse(raw)
        if message.what not in whats:
            raise Unexpected(f"{self.name}: {message.start!r} instead of {' or '.join(whats)}")
        return message
