"""binrpc packets: what ``kamcmd`` speaks (``modules/ctl/binrpc.h``). No sockets here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from runtime.declare.cint import wrap
from runtime.server.rpc import RpcArg, RpcFault, RpcStruct, RpcValue

MAGIC: Final = 0xA1
REQUEST: Final = 0
REPLY: Final = 1
FAULT: Final = 3
T_INT: Final = 0
T_STR: Final = 1
T_DOUBLE: Final = 2
T_STRUCT: Final = 3
T_ARRAY: Final = 4
T_AVP: Final = 5
T_BYTES: Final = 6
END: Final = 0x80
MAX_PACKET: Final = 65535
FAULT_TEXT: Final = 255

TOO_LARGE: Final = "packet too large"
CORRUPTED: Final = "corrupted packet"
MORE_DATA: Final = "more data needed"
_NAMES: Final = {T_STRUCT: "structure", T_ARRAY: "array", T_AVP: "structure member"}


class BadPacket(Exception):
    """Bytes that are no binrpc packet."""


@dataclass(frozen=True, slots=True)
class Other:
    """An argument that is no plain value, or (``error``) that cannot be read."""

    name: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """One whole packet: its cookie goes back in the answer; ``size`` is its length on the wire."""

    kind: int
    cookie: int
    body: bytes
    size: int


def _big_endian(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def split(data: bytes) -> Packet | None:
    """The packet at the start of ``data``; None where more bytes are needed. Raises BadPacket."""
    if len(data) < 4:
        return None
    if data[0] != MAGIC or data[1] >> 4 not in (REQUEST, REPLY, FAULT):
        raise BadPacket(CORRUPTED)
    kind, len_len, cookie_len = data[1] >> 4, ((data[1] >> 2) & 3) + 1, (data[1] & 3) + 1
    start = 2 + len_len + cookie_len
    length = int.from_bytes(data[2 : 2 + len_len], "big")
    if length > MAX_PACKET:
        raise BadPacket(TOO_LARGE)
    if len(data) < start + length:
        return None
    cookie = int.from_bytes(data[2 + len_len : start], "big")
    return Packet(kind, cookie, data[start : start + length], start + length)


def pack(kind: int, cookie: int, body: bytes) -> bytes:
    """Put a header before a body."""
    length = _big_endian(len(body)) or b"\0"
    mark = _big_endian(cookie) or b"\0"
    flags = kind << 4 | (len(length) - 1) << 2 | (len(mark) - 1)
    return bytes((MAGIC, flags)) + length + mark + body


def _record(kind: int, value: bytes) -> bytes:
    if len(value) < 8:
        return bytes((len(value) << 4 | kind,)) + value
    length = _big_endian(len(value))
    return bytes(((len(length) | 8) << 4 | kind,)) + length + value


def encode(value: RpcValue) -> bytes:
    """One value of an answer. Numbers are cut to 32 bits, fractions to three digits."""
    if isinstance(value, int):
        return _record(T_INT, _big_endian(value & 0xFFFFFFFF))
    if isinstance(value, float):
        return _double(value)
    if value is None:
        return _record(T_STR, b"<null string>\0")
    if isinstance(value, (bytes, str)):
        text = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        return _record(T_STR, text + b"\0")
    if isinstance(value, RpcStruct):
        return _struct(value.members)
    return _struct(value.items)


def _double(value: float) -> bytes:
    """A fixed point number of up to 8 octets; its length has no octets of its own."""
    thousandths = int(value * 1000) if math.isfinite(value) else 0
    octets = _big_endian(thousandths & 0xFFFFFFFFFFFFFFFF)
    return bytes((len(octets) << 4 | T_DOUBLE,)) + octets


def _struct(members: list[tuple[str, RpcValue]]) -> bytes:
    """Arrays are structures too; their items have no names."""
    parts = [bytes((T_STRUCT,))]
    for name, value in members:
        if name:
            parts.append(_record(T_AVP, name.encode("utf-8", "surrogateescape") + b"\0"))
        parts.append(encode(value))
    parts.append(bytes((END | T_STRUCT,)))
    return b"".join(parts)


def decode(body: bytes) -> list[RpcArg | Other]:
    """The values of a request, up to one that cannot be read."""
    values: list[RpcArg | Other] = []
    at = 0
    while at < len(body):
        head = body[at]
        at += 1
        size, kind = head >> 4, head & 15
        if kind != T_DOUBLE and head & END:
            length = int.from_bytes(body[at : at + (size & 7)], "big")
            at += size & 7
        else:
            length = size
        if at + length > len(body):
            values.append(Other("any", MORE_DATA))
            break
        raw = body[at : at + length]
        at += length
        if kind == T_INT:
            values.append(wrap(int.from_bytes(raw, "big")))
        elif kind == T_DOUBLE:
            number = int.from_bytes(raw, "big") & 0xFFFFFFFFFFFFFFFF
            values.append((number - (1 << 64) if number >= 1 << 63 else number) / 1000)
        elif kind == T_STR:
            values.append(raw[:-1])
        else:
            values.append(Other(_NAMES.get(kind, "bytes array" if kind == T_BYTES else "any")))
            if kind != T_BYTES:
                break
    return values


def reply(cookie: int, results: list[RpcValue]) -> bytes:
    """The answer packet of a call that went well."""
    return pack(REPLY, cookie, b"".join(encode(value) for value in results))


def fault(cookie: int, refusal: RpcFault) -> bytes:
    """The answer packet of a refused call."""
    text = refusal.text.encode("utf-8", "surrogateescape")[:FAULT_TEXT]
    return pack(FAULT, cookie, encode(refusal.code) + encode(text))
