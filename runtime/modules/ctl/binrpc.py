"""binrpc packets: what ``kamcmd`` speaks (``modules/ctl/binrpc.h``). No sockets here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
MAX_PACKET: Final = 1 << 20


class BadPacket(Exception):
    """Bytes that are no binrpc packet."""


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
    if data and data[0] != MAGIC:
        raise BadPacket("bad magic or version")
    if len(data) < 4:
        return None
    kind, len_len, cookie_len = data[1] >> 4, ((data[1] >> 2) & 3) + 1, (data[1] & 3) + 1
    start = 2 + len_len + cookie_len
    length = int.from_bytes(data[2 : 2 + len_len], "big")
    if length > MAX_PACKET:
        raise BadPacket("packet too large")
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
        return _record(T_DOUBLE, _big_endian(int(value * 1000) & 0xFFFFFFFFFFFFFFFF))
    if isinstance(value, (bytes, str)):
        text = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        return _record(T_STR, text + b"\0")
    if isinstance(value, RpcStruct):
        return _struct(value.members)
    if not value.items or any(name for name, _ in value.items):  # one without items has no type
        return _struct(value.items)
    inner = b"".join(encode(item) for _, item in value.items)
    kind = T_STRUCT if isinstance(value.items[0][1], RpcStruct) else T_ARRAY  # as ctl: no names
    return bytes((kind,)) + inner + bytes((END | kind,))


def _struct(members: list[tuple[str, RpcValue]]) -> bytes:
    parts = [bytes((T_STRUCT,))]
    for name, value in members:
        parts.append(_record(T_AVP, name.encode() + b"\0"))
        parts.append(encode(value))
    parts.append(bytes((END | T_STRUCT,)))
    return b"".join(parts)


def decode(body: bytes) -> list[RpcArg]:
    """The plain values of a request. Raises BadPacket: broken, or a structure."""
    values: list[RpcArg] = []
    at = 0
    while at < len(body):
        head = body[at]
        at += 1
        size, kind = head >> 4 & 7, head & 15
        if head & END:
            length = int.from_bytes(body[at : at + size], "big")
            at += size
        else:
            length = size
        if at + length > len(body) or kind in (T_STRUCT, T_ARRAY, T_AVP):
            raise BadPacket("bad record")
        raw = body[at : at + length]
        at += length
        if kind == T_INT:
            number = int.from_bytes(raw, "big")
            values.append(number - (1 << 32) if 1 << 31 <= number < 1 << 32 else number)
        elif kind == T_DOUBLE:
            number = int.from_bytes(raw, "big")
            values.append((number - (1 << 64) if number >= 1 << 63 else number) / 1000)
        elif kind == T_STR:
            if not raw.endswith(b"\0"):
                raise BadPacket("bad string")
            values.append(raw[:-1])
        elif kind == T_BYTES:
            values.append(raw)
        else:
            raise BadPacket("unknown type")
    return values


def reply(cookie: int, results: list[RpcValue]) -> bytes:
    """The answer packet of a call that went well."""
    return pack(REPLY, cookie, b"".join(encode(value) for value in results))


def fault(cookie: int, refusal: RpcFault) -> bytes:
    """The answer packet of a refused call."""
    return pack(FAULT, cookie, encode(refusal.code) + encode(refusal.text))
