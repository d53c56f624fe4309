"""Module xhttp: HTTP requests on the SIP port, answered as Kamailio answers them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, Server, ServerFailed, need_kamailio, start

SECONDS = 30.0
CONFIG = """
tcp_accept_no_cl=yes
debug=-1
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "kex.so"
loadmodule "textops.so"
loadmodule "textopsx.so"
loadmodule "jsonrpcs.so"
loadmodule "xhttp.so"
modparam("jsonrpcs", "transport", 1)
modparam("xhttp", "url_skip", "^/skip")
modparam("xhttp", "url_match", "^/[a-z]*")
server_header="Server: test"
request_route { sl_send_reply("200", "OK"); }
event_route[xhttp:request] {
  if ($hu =~ "^/end") set_reply_close();
  if ($hu =~ "^/none") exit;
  if ($hu =~ "^/rpc") {
    $var(done) = jsonrpc_dispatch();
    if ($var(done) < 0) xhttp_reply("500", "No JSON", "", "");
    exit;
  }
  if ($hu =~ "^/refused") {
    xhttp_reply("99", "x", "a/b", "c");
    xhttp_reply("200", "", "a/b", "c");
  }
  append_to_reply("X-Info: $rm|$hu|$rv|$(hu{url.path})|$rb|$cl|$proto|$hdr(Host)|$ua\\r\\n");
  if ($hu =~ "[?]|^/query") append_to_reply("X-Query: $(hu{url.querystring})\\r\\n");
  xhttp_reply("200", "Fine $rm", "text/html", "<b>$hu $rb</b>");
}
"""
END = b"GET /end HTTP/1.1\r\nHost: me\r\n\r\n"
LONG = b"x" * 3000
REQUESTS = {
    "query": b"GET /a?x=1&y=2 HTTP/1.1\r\nHost: me\r\nUser-Agent: t\r\n\r\n",
    "1.0": b"GET / HTTP/1.0\r\nHost: me\r\n\r\n",
    "2": b"GET / HTTP/2\r\nHost: me\r\n\r\n",
    "body": b"POST /p HTTP/1.1\r\nHost: me\r\nContent-Length: 5\r\n\r\nhello",
    "long body": b"PUT /p HTTP/1.1\r\nContent-Length: 3000\r\n\r\n" + LONG,
    "no headers": b"GET /some/place HTTP/1.1\r\n\r\n",
    "two": b"GET /a HTTP/1.1\r\nHost: me\r\n\r\nGET /b HTTP/1.1\r\nHost: me\r\n\r\n",
    "via": b"GET /via HTTP/1.1\r\nHost: me\r\nVia: 1.1 proxy\r\n\r\n",
    "sip via": b"BREW /pot HTTP/1.1\r\nHost: me\r\nVia: SIP/2.0/TCP 1.2.3.4\r\n\r\n",
    "sip headers": b"DELETE /x HTTP/1.1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
    b"Call-ID: 9\r\nCSeq: 1 X\r\n\r\n",
    "small letters": b"OPTIONS /x http/1.1\r\nHost: me\r\n\r\n",
    "octets": b"GET /caf\xc3\xa9?q=\xff HTTP/1.1\r\nHost: me\r\n\r\n",
    "skipped": b"GET /skip HTTP/1.1\r\nHost: me\r\n\r\n",
    "not matched": b"GET x HTTP/1.1\r\nHost: me\r\n\r\n",
    "unanswered": b"GET /none HTTP/1.1\r\nHost: me\r\n\r\n",
    "another protocol": b"GET /x HTTP/9.9\r\nHost: me\r\n\r\n",
    "refused": b"GET /refused HTTP/1.1\r\nHost: me\r\n\r\n",
    "long line": b"GET /" + LONG + b" HTTP/1.1\r\nHost: me\r\n\r\n",
    "lf only": b"GET /lf HTTP/1.1\nHost: me\n\n",
}
CALLS = {
    "method": '{"jsonrpc":"2.0","method":"core.echo","params":["a",1],"id":1}',
    "unknown": '{"jsonrpc":"2.0","method":"no.such","id":"x"}',
    "fault": '{"jsonrpc":"2.0","method":"core.shmmem","params":["q"],"id":2}',
    "version": '{"jsonrpc":"1.0","method":"core.echo","id":3}',
    "no method": '{"jsonrpc":"2.0","id":4}',
    "no id": '{"jsonrpc":"2.0","method":"core.echo","params":["x"]}',
    "no json": "{nonsense",
    "params": '{"jsonrpc":"2.0","method":"core.echo","params":"x","id":5}',
    "by name": '{"jsonrpc":"2.0","method":"core.echo","params":{"a":"b"},"id":6}',
}


def rpc(text: str) -> bytes:
    body = text.encode()
    head = f"POST /rpc HTTP/1.1\r\nHost: me\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def talk(server: Server, *parts: bytes) -> bytes:
    """All that the server says to the parts and to a last request, which closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS) as end:
        here = str(end.getsockname()[1]).encode()
        said = b""
        for part in (*parts, END):
            end.sendall(part)
        while data := end.recv(65536):
            said += data
    return said.replace(b"127.0.0.1:" + here, b"127.0.0.1:HERE")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from running(OURS, tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    need_kamailio()
    yield from running(KAMAILIO, tmp_path_factory.mktemp("kamailio"))


def running(program: tuple[str, ...], folder: Path) -> Iterator[Server]:
    path = folder / "xhttp.cfg"
    path.write_text(CONFIG)
    server = start(program, path, folder, PortPool().take())
    yield server
    server.stop()


@pytest.mark.oracle
@pytest.mark.parametrize("name", [*REQUESTS, *CALLS])
def test_requests_are_answered_as_there(ours: Server, theirs: Server, name: str) -> None:
    octets = REQUESTS[name] if name in REQUESTS else rpc(CALLS[name])
    answer = talk(ours, octets)
    assert answer == talk(theirs, octets)
    assert (b"/end" in answer) == (name != "no headers"), "that one ends the connection"


@pytest.mark.parametrize("name", ["query", "body", "two", "via", "octets"])
def test_a_request_may_come_in_pieces(ours: Server, name: str) -> None:
    octets = REQUESTS[name]
    whole = talk(ours, octets)
    assert talk(ours, *(octets[n : n + 1] for n in range(len(octets)))) == whole
    half = len(octets) // 2
    assert talk(ours, octets[:half], octets[half:]) == whole


CHUNKED = b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "chunks",
    [
        b"5\r\nhello\r\n0\r\n\r\n",
        b"2\r\nhe\r\n1\r\nl\r\n2\r\nlo\r\n0\r\n\r\n",
        b"000005 \r\nhello\r\n0\r\n\r\n",
    ],
)
def test_chunks_are_joined(ours: Server, chunks: bytes) -> None:
    """Kamailio waits for more octets where a chunk and the next one come together."""
    octets = CHUNKED + chunks
    for parts in ((octets,), tuple(octets[n : n + 1] for n in range(len(octets)))):
        said = talk(ours, *parts)
        assert b"|hello|" in said and b"<b>/p hello</b>" in said
        assert said.count(b"200 Fine") == 2


@pytest.mark.parametrize("chunks", [b"zz\r\nhello", b"5\r\nhelloX", b"fffffffff\r\nx"])
def test_broken_chunks_end_the_connection(ours: Server, chunks: bytes) -> None:
    with socket.create_connection(("127.0.0.1", ours.port), timeout=SECONDS) as end:
        end.sendall(CHUNKED + chunks)
        assert end.recv(100) == b""
    assert talk(ours, REQUESTS["query"]).count(b"200 Fine") == 2


def test_who_waits_for_continue_gets_it_once(ours: Server) -> None:
    head = b"POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    with socket.create_connection(("127.0.0.1", ours.port), timeout=SECONDS) as end:
        end.sendall(head)
        assert end.recv(1000) == b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"
        end.sendall(b"he")
        end.sendall(b"llo" + END)
        rest = b""
        while data := end.recv(65536):
            rest += data
    assert b"100 Continue" not in rest
    assert re.search(rb"^HTTP/1\.1 200 Fine POST\r\n", rest)


def test_sip_goes_on_while_a_client_is_slow(ours: Server) -> None:
    with socket.create_connection(("127.0.0.1", ours.port), timeout=SECONDS) as slow:
        slow.sendall(b"GET /a HTTP/1.1\r\nHost:")
        assert talk(ours, REQUESTS["body"]).count(b"200 Fine") == 2
        slow.sendall(b" me\r\n\r\n")
        assert b"|me|" in slow.recv(1000)


def test_a_url_stays_as_it_is(ours: Server) -> None:
    said = talk(ours, b"GET /query HTTP/1.1\r\nHost: me\r\n\r\n")
    assert b"\r\nX-Query: \r\n" in said and b"<b>/query </b>" in said


def test_the_event_route_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "xhttp.cfg"
    path.write_text('loadmodule "sl.so"\nloadmodule "xhttp.so"\nrequest_route { exit; }\n')
    with pytest.raises(ServerFailed, match=r"no event_route\[xhttp:request\]"):
        start(OURS, path, tmp_path, PortPool().take())
