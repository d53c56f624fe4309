"""binrpc packets: the examples of ``binrpc.h``, and bytes that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.modules.ctl import binrpc
from runtime.modules.ctl.address import Address, parse
from runtime.server.rpc import RpcArray, RpcFault, RpcStruct


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (0x1234, b"\x20\x12\x34"),
        (7, b"\x10\x07"),
        (0, b"\x00"),
        (-1, b"\x40\xff\xff\xff\xff"),
        ("abcdef", b"\x71abcdef\0"),
        (b"abcdefhij", b"\x91\x0aabcdefhij\0"),
        ("", b"\x11\0"),
        (1.5, b"\x22\x05\xdc"),
        (-0.001, b"\x82" + b"\xff" * 8),
        (None, b"\x91\x0e<null string>\0"),
    ],
)
def test_values(value: int | str | bytes | float, wire: bytes) -> None:
    assert binrpc.encode(value) == wire


def test_structures() -> None:
    struct = RpcStruct()
    struct.add("intval", 3)
    struct.add("s", "abc")
    assert binrpc.encode(struct) == b"\x03\x75intval\0\x10\x03\x25s\0\x41abc\0\x83".replace(
        b"\x75intval\0", b"\x75intval\0"
    )
    array = RpcArray()
    array.add(7, "abc")
    assert binrpc.encode(array) == b"\x03\x10\x07\x41abc\0\x83"
    assert binrpc.encode(RpcArray()) == b"\x03\x83"
    named = RpcArray()
    named.add_struct("socket").add("a", 1)
    assert binrpc.encode(named) == b"\x03\x75socket\0\x03\x25a\0\x10\x01\x83\x83"


def test_packets_and_answers() -> None:
    body = binrpc.encode("core.echo") + binrpc.encode(-5) + binrpc.encode(2.5)
    wire = binrpc.pack(binrpc.REQUEST, 0x1234, body)
    for cut in range(len(wire)):
        assert binrpc.split(wire[:cut]) is None
    packet = binrpc.split(wire + b"more")
    assert packet is not None
    assert (packet.kind, packet.cookie, packet.size) == (binrpc.REQUEST, 0x1234, len(wire))
    assert binrpc.decode(packet.body) == [b"core.echo", -5, 2.5]
    fault = binrpc.split(binrpc.fault(1, RpcFault(500, "no")))
    assert fault is not None
    assert fault.kind == binrpc.FAULT
    assert binrpc.decode(fault.body) == [500, b"no"]


@given(st.binary(max_size=64))
def test_any_bytes_end_in_an_error_or_values(data: bytes) -> None:
    for text in (data, b"\xa1" + data):
        try:
            packet = binrpc.split(text)
            if packet is not None:
                binrpc.decode(packet.body)
        except binrpc.BadPacket:
            pass


def test_addresses_of_control_sockets() -> None:
    assert parse("unixs:/run/x/ctl", "/r") == Address("unix_stream", path="/run/x/ctl")
    assert parse("unix:ctl", "/r") == Address("unix_dgram", path="/r/ctl")
    assert parse("unixd:ctl", "/r") == Address("unix_dgram", path="/r/ctl")
    assert parse("tcp:localhost:2046", "/r") == Address("tcp", host="localhost", port=2046)
    assert parse("udp:*:2046", "/r") == Address("udp", port=2046)
    assert parse("tcp:127.0.0.1", "/r") == Address("tcp", host="127.0.0.1", port=2049)
    for wrong in ("unixs:", "unixs:" + "x" * 120, "tcp:h:0", "tcp:h:70000"):
        with pytest.raises(ValueError, match=r"path|port"):
            parse(wrong, "/r")
