"""``$uac_req`` and ``uac_req_send``: requests that a script asks for (``uac/uac_send.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Routes
from runtime.modules.tm.api import TmCb
from runtime.modules.tm.local import LocalRequest, LocalRequests
from runtime.modules.uac import digest
from runtime.native import receive, tm_hooks, tm_uac
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.native.sipmsg import SipMsg
    from runtime.native.tm_hooks import Transaction
    from runtime.script.values import Value

LIMITS: Final = {
    b"ruri": 1024,
    b"turi": 1024,
    b"furi": 1024,
    b"ouri": 1024,
    b"sock": 1024,
    b"hdrs": 4096,
    b"body": 16384,
    b"method": 32,
    b"auser": 128,
    b"apasswd": 64,
    b"callid": 128,
    b"evparam": 1024,
}
"""Texts of a request, and below how many octets each is."""

NUMBERS: Final = frozenset({b"flags", b"evroute", b"evcode", b"evtype"})
KEPT: Final = frozenset({b"auser", b"apasswd", b"sock"})
"""What ``$uac_req(all) = $null`` leaves as it is."""

HA1: Final = 1
REPLIED, TIMED_OUT = 1, 2
REQUEST: Final = Routes.REQUEST.value


class Requests:
    """The request that the script of this process puts together."""

    def __init__(self, local: LocalRequests, default_socket: bytes) -> None:
        self._local = local
        self._default_socket = default_socket
        self._texts: dict[bytes, bytes] = {}
        self._numbers: dict[bytes, int] = {}
        self._first = self._again = -1
        self._run: Callable[[SipMsg], int] | None = None

    def mod_init(self) -> None:
        """Before the fork."""
        self._first = tm_hooks.register_callback(0, self._completed)
        self._again = tm_hooks.register_callback(0, self._completed_again)

    def child_init(self, run: Callable[[SipMsg], int] | None) -> None:
        """``run`` is event_route[uac:reply], where there is one."""
        self._run = run

    # -- $uac_req

    def get(self, name: bytes) -> Value:
        """A part: empty texts are null, absent numbers 0."""
        if name in LIMITS:
            return self._texts.get(name) or None
        return self._numbers.get(b"flags" if name == b"all" else name, 0)

    def set(self, name: bytes, value: Value) -> None:
        """Set a part; ``all`` with null empties the request."""
        if name == b"all":
            if value is None:
                self._numbers.clear()
                kept = self._texts.items()
                self._texts = {n: text for n, text in kept if n in KEPT}
            return
        if name in NUMBERS:
            if value is None:
                self._numbers.pop(name, None)
            elif isinstance(value, int):
                self._numbers[name] = value
            else:
                LM_ERR("$uac_req(%s) is a number", name.decode())
            return
        if value is None:
            self._texts.pop(name, None)
            return
        if not isinstance(value, bytes) or len(value) >= LIMITS[name]:
            LM_ERR("$uac_req(%s) is a text of less than %d octets", name.decode(), LIMITS[name])
            return
        self._texts[name] = value

    # -- sending

    def send(self) -> int:
        """Send it: 1, or -1."""
        texts, numbers = self._texts, self._numbers
        if not texts.get(b"ruri") or not texts.get(b"method"):
            return -1
        handle = 0
        callback, types = -1, 0
        if numbers.get(b"evroute", 0) > 0 or (texts.get(b"auser") and texts.get(b"apasswd")):
            handle = tm_uac.hold(_pack(texts, numbers))
            second = numbers.get(b"evroute") == 2
            callback = self._again if second else self._first
            types = TmCb.ON_FAILURE if second else TmCb.LOCAL_COMPLETED
            types |= TmCb.DESTROY
        sent = self._local.send(self._request(texts), callback, types, handle)
        if isinstance(sent, tuple):
            return 1
        if handle:
            tm_uac.release(handle)
        return -1 if sent < 0 else 1

    def _request(self, texts: dict[bytes, bytes]) -> LocalRequest:
        ruri = texts[b"ruri"]
        return LocalRequest(
            method=texts[b"method"],
            ruri=ruri,
            to=texts.get(b"turi") or ruri,
            from_=texts.get(b"furi") or ruri,
            next_hop=texts.get(b"ouri", b""),
            callid=texts.get(b"callid", b""),
            socket=texts.get(b"sock") or self._default_socket,
            headers=texts.get(b"hdrs", b""),
            body=texts.get(b"body", b""),
        )

    # -- answers

    def _completed(
        self,
        t: Transaction,
        type: int,
        req: SipMsg | None,
        rpl: SipMsg | None,
        code: int,
        flags: int,
        param: int,
    ) -> None:
        if type == TmCb.DESTROY:
            tm_uac.release(param)
            return
        data = tm_uac.held(param)
        self._event(data, rpl, code)
        texts, numbers = _unpack(data)
        if code not in (401, 407) or rpl is None or not texts.get(b"apasswd"):
            return
        answer = digest.authorization(
            rpl,
            code,
            texts[b"method"],
            texts[b"ruri"],
            digest.Credential(
                b"",
                texts.get(b"auser", b""),
                texts[b"apasswd"],
                numbers.get(b"flags", 0) & HA1 != 0,
            ),
        )
        if answer is None:
            return
        self._resend(rpl, data, texts, numbers, answer)

    def _resend(
        self,
        rpl: SipMsg,
        data: bytes,
        texts: dict[bytes, bytes],
        numbers: dict[bytes, int],
        answer: bytes,
    ) -> None:
        """The request once more, with credentials, under the next CSeq."""
        evroute = numbers.get(b"evroute", 0)
        handle = tm_uac.hold(data) if evroute else 0
        request = LocalRequest(
            method=texts[b"method"],
            ruri=texts[b"ruri"],
            to=rpl.to_uri or b"",
            from_=rpl.from_uri or b"",
            from_tag=rpl.from_tag or b"",
            next_hop=texts.get(b"ouri", b""),
            callid=rpl.call_id or b"",
            cseq=int(rpl.cseq or 0) + 1,
            socket=texts.get(b"sock", b""),
            headers=texts.get(b"hdrs", b"") + answer,
            body=texts.get(b"body", b""),
        )
        types = (TmCb.LOCAL_COMPLETED | TmCb.DESTROY).value
        sent = self._local.send(request, self._again if evroute else -1, types, handle)
        if handle and not isinstance(sent, tuple):
            tm_uac.release(handle)

    def _completed_again(
        self,
        t: Transaction,
        type: int,
        req: SipMsg | None,
        rpl: SipMsg | None,
        code: int,
        flags: int,
        param: int,
    ) -> None:
        if type == TmCb.DESTROY:
            tm_uac.release(param)
        else:
            self._event(tm_uac.held(param), rpl, code)

    def _event(self, data: bytes, rpl: SipMsg | None, code: int) -> None:
        """event_route[uac:reply] with the request that was answered in ``$uac_req``."""
        texts, numbers = _unpack(data)
        run = self._run
        if run is None or not numbers.get(b"evroute") or code <= 0:
            return
        self._texts, self._numbers = texts, numbers
        numbers[b"evcode"] = code
        numbers[b"evtype"] = TIMED_OUT if rpl is None else REPLIED
        if rpl is None:
            receive.run_faked(run)
        else:
            run(rpl)


def _pack(texts: dict[bytes, bytes], numbers: dict[bytes, int]) -> bytes:
    fields = [*texts.items(), *((name, b"%d" % value) for name, value in numbers.items())]
    return b"".join(
        bytes([len(name)]) + name + len(text).to_bytes(4, "little") + text for name, text in fields
    )


def _unpack(data: bytes) -> tuple[dict[bytes, bytes], dict[bytes, int]]:
    texts: dict[bytes, bytes] = {}
    numbers: dict[bytes, int] = {}
    at = 0
    while at < len(data):
        name = data[at + 1 : at + 1 + data[at]]
        at += 1 + len(name)
        size = int.from_bytes(data[at : at + 4], "little")
        text = data[at + 4 : at + 4 + size]
        at += 4 + size
        if name in NUMBERS:
            numbers[name] = int(text)
        else:
            texts[name] = text
    return texts, numbers
