"""Messages: whole, cut at every byte, random; headers, folding, compact forms (msg_parser.c)."""

import random
from pathlib import Path

import pytest

from runtime.native import sipmsg
from tests.runtime.sip.samples import TORTURE, invite, reply

ATTRIBUTES = [name for name in dir(sipmsg.SipMsg) if not name.startswith("_")]


def read_all(msg: sipmsg.SipMsg) -> None:
    """Touch every attribute and header."""
    for name in ATTRIBUTES:
        getattr(msg, name)
    for name in msg.hdr_names():
        assert msg.hdr(name) is not None
    sipmsg.build_request(msg)
    sipmsg.build_reply(msg, 200, b"OK", b"tag")
    sipmsg.build_forwarded_reply(msg)


@pytest.mark.parametrize("path", TORTURE, ids=lambda p: p.stem)
def test_torture_messages_whole_and_cut(path: Path) -> None:
    data = path.read_bytes()
    for size in range(len(data) + 1):
        msg = sipmsg.parse(data[:size])
        if msg is not None:
            assert msg.message == data[:size]
            if size % 7 == 0 or size == len(data):
                read_all(msg)


def test_random_damage_is_survived() -> None:
    chance = random.Random(23)
    sources = [p.read_bytes() for p in TORTURE if p.stat().st_size < 1500] + [invite(), reply()]
    for _ in range(3000):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.randrange(256)
            else:
                del data[at : at + chance.randrange(1, 9)]
        msg = sipmsg.parse(bytes(data))
        if msg is not None:
            read_all(msg)


def test_random_bytes_are_refused() -> None:
    chance = random.Random(29)
    for _ in range(2000):
        assert sipmsg.parse(chance.randbytes(chance.randrange(300))) is None


def test_request() -> None:
    msg = sipmsg.parse(invite(), src=(b"10.0.0.1", 5070))
    assert msg is not None
    assert (msg.is_request, msg.method, msg.ruri, msg.version) == (
        True,
        b"INVITE",
        b"sip:bob@example.com",
        b"SIP/2.0",
    )
    assert (msg.from_name, msg.from_user, msg.from_tag) == (b'"Al"', b"alice", b"19")
    assert (msg.to_name, msg.to_domain, msg.to_tag) == (b"Bob", b"example.com", None)
    assert (msg.call_id, msg.cseq, msg.cseq_method) == (b"a84b@x", b"314159", b"INVITE")
    assert (msg.content_length, msg.body) == (4, b"abcd")
    assert (msg.src_ip, msg.src_port, msg.src_uri) == (b"10.0.0.1", 5070, b"sip:10.0.0.1:5070")
    assert (msg.status, msg.reason) == (None, None)


def test_reply() -> None:
    msg = sipmsg.parse(reply(b"486 Busy Here"))
    assert msg is not None
    assert (msg.is_reply, msg.status, msg.reason) == (True, 486, b"Busy Here")
    assert (msg.method, msg.ruri, msg.orig_uri) == (b"INVITE", None, None)


def test_line_feeds_alone_end_lines() -> None:
    msg = sipmsg.parse(invite().replace(b"\r\n", b"\n"))
    assert msg is not None
    assert (msg.cseq, msg.body) == (b"314159", b"abcd")


def test_folding_compact_forms_and_repeated_headers() -> None:
    more = b"k: a\r\nSupported: b\r\nSubject: one\r\n\ttwo\r\nX-Y : 1\r\nx-y:2\r\n"
    msg = sipmsg.parse(invite(more=more))
    assert msg is not None
    assert msg.hdrs(b"Supported") == [b"a", b"b"]
    assert msg.hdr(b"s") == b"one\r\n\ttwo"
    assert msg.hdrs(b"X-Y") == [b"1", b"2"]
    assert msg.hdr(b"x-y", -1) == b"2"
    assert msg.hdr(b"x-y", 2) is None
    assert msg.hdr(b"Nothing") is None
    assert len(msg.hdrs(b"*")) == len(msg.hdr_names())


def test_large_headers_and_binary_bodies() -> None:
    value = b"v" * 60000
    body = bytes(range(256)) * 8
    data = invite(more=b"X-Big: " + value + b"\r\n").replace(
        b"Content-Length: 4\r\n\r\nabcd", b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    msg = sipmsg.parse(data)
    assert msg is not None
    assert (msg.hdr(b"X-Big"), msg.body) == (value, body)


def test_many_headers() -> None:
    msg = sipmsg.parse(invite(more=b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(2000))))
    assert msg is not None
    assert msg.hdr(b"X-1999") == b"1999"
    assert msg.contact == b"<sip:alice@pc33.atlanta.com>"


@pytest.mark.parametrize(
    "more",
    [
        b"CSeq: 4 BYE\r\n",
        b"Call-ID: second\r\n",
        b"From: <sip:x@y>\r\n",
        b"To: <sip:x@y>\r\n",
    ],
)
def test_second_header_of_a_kind_breaks_what_follows(more: bytes) -> None:
    msg = sipmsg.parse(invite(more=more))
    assert msg is not None
    assert not msg.parse_to_end()
    assert sipmsg.build_reply(msg, 200, b"OK") is None


@pytest.mark.parametrize(
    "to",
    [
        b"<sip:a@b>;tag=a=b",
        b"<sip:a@b>;;x",
        b"<sip:a@b>;",
        b"<>",
        b"<sip:a@b",
        b'"A <sip:a@b>',
        b"<sip:a@b>x",
        b'<sip:a@b>;x="a\\"b"',
    ],
)
def test_broken_to_is_refused(to: bytes) -> None:
    assert sipmsg.parse(invite(to=to)) is None


@pytest.mark.parametrize(
    "via",
    [
        b"SIP/1.0/UDP h",
        b"SIP/2.0/UDP",
        b"SIP/2.0/UDP h:",
        b"SIP/2.0/UDP h;",
        b"SIP/2.0/UDP h;branch",
        b"SIP/2.0/UDP h;x=y=z",
        b"SIP/2.0/UDP h a",
        b"SIP/2.0/UDP h,",
        b"SIP/2.0/PDU h",
    ],
)
def test_broken_via_is_refused(via: bytes) -> None:
    assert sipmsg.parse(invite(via=via)) is None


def test_credentials() -> None:
    line = (
        b'Authorization: Digest username="u@d", realm="r", nonce="n", uri="sip:x", response="z"\r\n'
    )
    msg = sipmsg.parse(invite(more=line))
    assert msg is not None
    assert (msg.auth_user, msg.auth_username, msg.auth_realm) == (b"u", b"u@d", b"r")
    assert (msg.auth_uri, msg.auth_param(b"nonce"), msg.auth_param(b"qop")) == (
        b"sip:x",
        b"n",
        None,
    )


def test_use_after_the_route_raises() -> None:
    msg = sipmsg.parse(invite())
    assert msg is not None
    sipmsg.invalidate(msg)
    for use in (lambda: msg.method, lambda: msg.setflag(1), lambda: sipmsg.build_request(msg)):
        with pytest.raises(RuntimeError, match="route is over"):
            use()


def test_messages_are_not_made_by_calling_the_class() -> None:
    with pytest.raises(TypeError, match="come from the network"):
        sipmsg.SipMsg()
