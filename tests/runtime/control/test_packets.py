"""binrpc packets and JSON documents that no client sends: the same answers, and no harm."""

from __future__ import annotations

import contextlib
import socket

import pytest

from runtime.modules.ctl import binrpc
from tests.runtime.control.pair import KAMCMD, SECONDS, Pair, Side

ECHO = binrpc.encode("core.echo")
PACKETS = {
    "magic": b"\xb1\x00\x01\x01\x00",
    "version": b"\xa2\x00\x01\x01\x00",
    "type": b"\xa1\x20\x01\x01\x00",
    "reply": binrpc.pack(binrpc.REPLY, 7, ECHO),
    "fault": binrpc.pack(binrpc.FAULT, 7, ECHO),
    "empty": b"\xa1\x00\x00\x07",
    "number": binrpc.pack(0, 7, binrpc.encode(5)),
    "double": binrpc.pack(0, 7, ECHO + binrpc.encode(2.5)),
    "negative": binrpc.pack(0, 7, binrpc.encode("core.printi") + binrpc.encode(-5)),
    "long number": binrpc.pack(0, 7, binrpc.encode("core.printi") + b"\x60\1\2\3\4\5\6"),
    "no number": binrpc.pack(0, 7, binrpc.encode("core.printi") + b"\x00"),
    "structure": binrpc.pack(0, 7, ECHO + b"\x03\x83"),
    "array": binrpc.pack(0, 7, ECHO + b"\x04\x10\x01\x84"),
    "octets": binrpc.pack(0, 7, ECHO + b"\x36abc"),
    "cut": binrpc.pack(0, 7, ECHO + b"\x71abc"),
    "cut behind one": binrpc.pack(0, 7, ECHO + binrpc.encode("x") + b"\x71abc"),
    "unknown": binrpc.pack(0, 7, ECHO + b"\x1fa"),
    "cookie": binrpc.pack(0, 0x12345678, ECHO + binrpc.encode("x")),
    "unknown command": binrpc.pack(0, 7, binrpc.encode("no." + "x" * 200)),
}
DOCUMENTS = (
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":"x"}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":null}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":true}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":[1]}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":1.5}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":-7e3}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"]}',
    '{"jsonrpc":"2.0","method":"core.echo","params":{"a":"b","c":7},"id":1}',
    '{"JSONRPC":"2.0","Method":"core.echo","PARAMS":["a"],"Id":1}',
    '{"jsonrpc":"2.0","method":"core.echo","params":[true,"x"],"id":1}',
    '{"jsonrpc":"2.0","method":"core.printi","params":[true,false,null,"x",1e3,2.9],"id":1}',
    '{"jsonrpc":"2.0","method":"core.printi","params":[99999999999,-99999999999],"id":1}',
    '{"jsonrpc":"2.0","method":"core.echo","params":[-1,4.7,"é\\u00e9\\ud83d\\ude00\\u0000"],"id":1}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\x"],"id":1}',
    '{"jsonrpc":"2.0","method":"core.echo","params":"a","id":1}',
    '{"jsonrpc":"2.0","method":"core.echo","params":[],"id":1}',
    '{"jsonrpc":"2.0","method":"core.echo","id":1} trailing',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a" "b"],"id":1}',
    '{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":1',
    '{"jsonrpc":"2.0","method":"core.echo","params":[01,-],"id":1}',
    '{"jsonrpc":"2.0","method":"no.such","id":1}',
    '{"jsonrpc":"1.0","method":"core.echo","id":1}',
    '[{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":1}]',
    "[]",
    '"x"',
    "7",
)


def answer(side: Side, packet: bytes) -> tuple[bytes, bool]:
    """What a stream connection brings, and whether the server closes it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.settimeout(SECONDS)
        end.connect(str(side.server.run_dir / "ctl.stream"))
        end.sendall(packet)
        data = bytearray()
        whole = None
        while whole is None and (piece := end.recv(65536)):
            data += piece
            whole = binrpc.split(bytes(data))
        try:
            end.sendall(binrpc.pack(0, 9, ECHO))
            return bytes(data), end.recv(65536) == b""
        except ConnectionError:
            return bytes(data), True


@pytest.mark.parametrize("name", PACKETS)
def test_packets(pair: Pair, name: str) -> None:
    assert answer(pair.ours, PACKETS[name]) == answer(pair.theirs, PACKETS[name])


def test_what_is_too_large_or_no_packet_does_no_harm(pair: Pair) -> None:
    for data in (b"\xa1\x0c\x7f\xff\xff\xff\x01" + b"x" * 70000, b"\xa1", b"", b"\xff" * 500):
        for kind in ("unixs", "unixd"):
            stream = kind == "unixs"
            family = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
            with socket.socket(socket.AF_UNIX, family) as end:
                end.connect(
                    str(pair.ours.server.run_dir / f"ctl.{'stream' if stream else 'dgram'}")
                )
                with contextlib.suppress(OSError):  # closed meanwhile, or too large a datagram
                    end.sendall(data)
            assert pair.ours.kamcmd(["core.echo", "still"], kind) == "still\n"


@pytest.mark.parametrize("text", DOCUMENTS)
def test_json_documents(pair: Pair, text: str) -> None:
    answers = [side.json(text, 1.0) for side in (pair.theirs, pair.ours)]
    assert answers[1] == answers[0]


def test_json_over_http(pair: Pair) -> None:
    for text in (DOCUMENTS[0], DOCUMENTS[6], DOCUMENTS[20], DOCUMENTS[22]):
        body = text.encode()
        request = b"POST /RPC HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        theirs, ours = (side.http(request) for side in (pair.theirs, pair.ours))
        assert without_sia(ours) == without_sia(theirs)


def without_sia(text: str) -> str:
    """An answer without the headers that name program and port."""
    lines = text.split("\r\n")
    return "\n".join(line for line in lines if not line.startswith(("Sia:", "Server:", "Via:")))


@pytest.mark.parametrize(
    "text",
    [
        "core.echo a 1\nquit\n",
        "ls\nquit\n",
        "ls core\nquit\n",
        "? \nquit\n",
        "cfg.get site limit\ncfg.list site\nexit\n",
        "nonsense\nquit\n",
        "",
    ],
)
def test_kamcmd_interactive(pair: Pair, text: str) -> None:
    theirs, ours = (side.kamcmd([], "unixs", text) for side in (pair.theirs, pair.ours))
    assert _listed(ours) == _listed(theirs)


def _listed(text: str) -> list[str]:
    """Lines without what comes with the transports, and without help texts."""
    skipped = ("dns.", "dst_blocklist.", "usage:", KAMCMD)
    return [line for line in text.splitlines() if not line.strip().startswith(skipped)]


@pytest.mark.parametrize("words", [("-f", "%v\n", "core.echo", "a", "1"), ("-v", "core.echo", "a")])
def test_kamcmd_options(pair: Pair, words: tuple[str, ...]) -> None:
    theirs, ours = (side.kamcmd(words) for side in (pair.theirs, pair.ours))
    assert ours == theirs
