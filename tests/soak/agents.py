"""The two ends of the soak: a callee that answers at once, a caller that retransmits until it has
a final answer."""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

T1 = 0.5
GIVE_UP = 32.0
RATE = 4000  # new transactions a second: tm keeps each for five seconds, so memory is bounded


def callee(port: int) -> int:
    """Fork a process that answers 200 to every request but ACK on 127.0.0.1:`port`; its pid."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        end.bind(("127.0.0.1", port))
        pid = os.fork()
        if pid == 0:
            parent = os.getppid()
            end.settimeout(1.0)
            while os.getppid() == parent:
                try:
                    packet, source = end.recvfrom(65536)
                except TimeoutError:
                    continue
                if not packet.startswith(b"ACK "):
                    end.sendto(_answer(packet), source)
            os._exit(0)
    return pid


def _answer(packet: bytes) -> bytes:
    kept = [b"SIP/2.0 200 OK"]
    for line in packet.split(b"\r\n")[1:]:
        if line.startswith((b"Via:", b"From:", b"Call-ID:", b"CSeq:", b"Record-Route:")):
            kept.append(line)
        elif line.startswith(b"To:"):
            kept.append(line + b";tag=callee")
    return b"\r\n".join((*kept, b"Content-Length: 0", b"", b""))


@dataclass(slots=True)
class Outcome:
    """What became of the transactions."""

    done: int = 0
    retransmitted: int = 0
    codes: dict[int, int] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    packet: bytes
    started: float
    due: float
    wait: float = T1


class Caller:
    """Keeps `window` transactions in flight, one INVITE to three MESSAGEs."""

    def __init__(self, server: int, callee_port: int, window: int) -> None:
        self._server = ("127.0.0.1", server)
        self._callee = callee_port
        self._window = window
        self._end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._end.bind(("127.0.0.1", 0))
        self._end.setblocking(False)
        self._here = self._end.getsockname()[1]
        self._open: dict[int, _Open] = {}
        self._next = 0

    def close(self) -> None:
        """Give up the socket."""
        self._end.close()

    def _request(self, number: int) -> bytes:
        method = "INVITE" if number % 4 == 0 else "MESSAGE"
        return (
            f"{method} sip:callee@127.0.0.1:{self._callee} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._here};branch=z9hG4bK-soak-{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:caller@127.0.0.1>;tag=f{number}\r\n"
            f"To: <sip:callee@127.0.0.1>\r\nCall-ID: soak-{self._here}-{number}\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:caller@127.0.0.1:{self._here}>\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()

    def run(self, count: int, meanwhile: Callable[[float], None]) -> Outcome:
        """`count` transactions; `meanwhile` is called between packets with the clock."""
        outcome = Outcome()
        last = self._next + count
        next_sweep = 0.0
        first, began = self._next, time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self._end, selectors.EVENT_READ)
            while self._next < last or self._open:
                now = time.monotonic()
                allowed = min(last, first + 1 + int((now - began) * RATE))
                while self._next < allowed and len(self._open) < self._window:
                    packet = self._request(self._next)
                    self._open[self._next] = _Open(packet, now, now + T1)
                    self._end.sendto(packet, self._server)
                    self._next += 1
                if now >= next_sweep:
                    next_sweep = now + 0.1
                    self._resend(now, outcome)
                    meanwhile(now)
                if selector.select(0.005):
                    self._read(outcome)
        return outcome

    def _resend(self, now: float, outcome: Outcome) -> None:
        for number, each in list(self._open.items()):
            if now - each.started > GIVE_UP:
                outcome.unanswered.append(each.packet[:200].decode())
                del self._open[number]
            elif each.due <= now:
                each.wait = min(2 * each.wait, 4.0)
                each.due = now + each.wait
                outcome.retransmitted += 1
                self._end.sendto(each.packet, self._server)

    def _read(self, outcome: Outcome) -> None:
        for _ in range(64):
            try:
                packet = self._end.recv(65536)
            except BlockingIOError:
                return
            if not packet.startswith(b"SIP/2.0 "):
                continue
            code = int(packet[8:11])
            at = packet.find(b"z9hG4bK-soak-") + 13
            number = int(packet[at : at + 12].split(b"\r")[0].split(b";")[0])
            if code >= 200 and self._open.pop(number, None) is not None:
                outcome.done += 1
                outcome.codes[code] = outcome.codes.get(code, 0) + 1
                if number % 4 == 0:
                    self._end.sendto(self._ack(number, code), self._server)

    def _ack(self, number: int, code: int) -> bytes:
        packet = self._request(number).replace(b"INVITE ", b"ACK ", 1)
        packet = packet.replace(b"CSeq: 1 INVITE", b"CSeq: 1 ACK")
        if code < 300:
            packet = packet.replace(b"branch=z9hG4bK-soak-", b"branch=z9hG4bK-ack-")
            packet = packet.replace(b"<sip:callee@127.0.0.1>", b"<sip:callee@127.0.0.1>;tag=callee")
        return packet
