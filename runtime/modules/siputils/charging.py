"""P-Charging-Vector (RFC 7315): read, and made (``chargingvector.c``)."""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from runtime.native import edit
from runtime.server.log import LM_ERR, LM_WARN

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE, NO_ADDRESS = 1, -1, -2
NAME = b"P-Charging-Vector"
KEY = "siputils:charging"

_FIELDS = {
    b"value": b"icid-value=",
    b"genaddr": b"icid-generated-at=",
    b"orig": b"orig-ioi=",
    b"term": b"term-ioi=",
}
_END = re.compile(rb"[\0 ;,\r\n]")


@dataclass(frozen=True, slots=True)
class Vector:
    """What ``$pcv(…)`` shows: the header's value, or the whole line of one that was made here."""

    text: bytes
    body: bytes
    before: int | None = None
    """Index of the last header of this name before it, which is empty."""

    def part(self, name: bytes) -> bytes | None:
        """``all value genaddr orig term``; None where it is missing or empty."""
        if name == b"all":
            return self.text or None
        _, found, rest = self.body.partition(_FIELDS[name])
        end = _END.search(rest)
        return (rest[: end.start()] if end else rest) or None if found else None


class Charging:
    """The charging vectors of this process."""

    def __init__(self) -> None:
        self._numbers = count()
        self._address: bytes | None = None

    def handle(self, msg: SipMsg, flags: bytes) -> int:
        """``g`` makes one where the message has none, ``f`` in any case. As in Kamailio, ``r`` and
        ``f`` remove no more than an empty header before it. -2: it came in on no socket."""
        vector = received(msg)
        asked = flags.lower()
        if vector is not None and vector.before is not None and (b"r" in asked or b"f" in asked):
            edit.remove_header(msg, vector.before)
        if b"f" in asked or (b"g" in asked and vector is None):
            address = msg.rcv_ip
            if address is None:
                return NO_ADDRESS
            body = b"icid-value=%b; icid-generated-at=%b\r\n" % (self._icid(), address)
            vector = Vector(b"%b: %b" % (NAME, body), body)
            if edit.append_hf(msg, vector.text) < 0:
                LM_ERR("%s cannot be added", NAME.decode())
                return FALSE
        _state(msg)[KEY] = vector
        return TRUE

    def _icid(self) -> bytes:
        """``IVS``, address, process, second and number of this process, in hexadecimal digits."""
        if self._address is None:
            self._address = _own_address()
        packed = b"IVS" + self._address + struct.pack("<I", os.getpid())
        packed += struct.pack("<BI", int(time.time()) & 0xFF, next(self._numbers) & 0xFFFFFFFF)
        return packed.hex().upper().encode()


def read(msg: SipMsg, name: bytes) -> bytes | None:
    """``$pcv(name)``"""
    vector: Vector | None = _state(msg).get(KEY)
    if vector is None:
        vector = received(msg)
        _state(msg)[KEY] = vector
    return None if vector is None else vector.part(name)


def received(msg: SipMsg) -> Vector | None:
    """The first charging vector of the message with a value; one without icid-value is none."""
    try:
        headers = edit.find_headers(msg, NAME)
    except ValueError as error:
        LM_ERR("%s", error)
        return None
    empty = None
    for index in headers:
        if edit.header_name(msg, index)[:1] != b"P":
            continue
        body = edit.header_body(msg, index)
        if body:
            if _FIELDS[b"value"] in body.split(b"\0")[0]:
                return Vector(body, body, empty)
            LM_WARN("%s without icid-value", NAME.decode())
            return None
        empty = index
    return None


def _state(msg: SipMsg) -> dict[str, Vector | None]:
    if msg.extra is None:
        msg.extra = {}
    found: dict[str, Vector | None] = msg.extra
    return found


def _own_address() -> bytes:
    """The last address of this host that is not the loopback's, as four octets."""
    try:
        found = socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        return bytes(4)
    others = [address for address in found if address != "127.0.0.1"]
    return socket.inet_aton((others or found or ["0.0.0.0"])[-1])
