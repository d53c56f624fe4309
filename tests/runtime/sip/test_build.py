"""Requests and replies as sent; lumps in every combination (msg_translator.c)."""

import itertools
import random

import pytest

from runtime.native import build, sipmsg
from tests.runtime.sip.samples import invite, reply

OWN_VIA = b"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK0\r\n"


def parsed(data: bytes, src: tuple[bytes, int] = (b"10.0.0.1", 5071), **more: int) -> sipmsg.SipMsg:
    msg = sipmsg.parse(data, src=src, **more)
    assert msg is not None
    return msg


def sent(msg: sipmsg.SipMsg, **how: int) -> bytes:
    out = sipmsg.build_request(msg, (b"127.0.0.1", 5080), **how)
    assert out is not None
    return out


def test_unchanged_but_for_our_via() -> None:
    chance = random.Random(31)
    for _ in range(300):
        names = [bytes(chance.choices(b"abcXYZ-", k=chance.randrange(3, 9))) for _ in range(9)]
        more = b"".join(
            b"x%s:%s%s\r\n" % (name, b" " * chance.randrange(3), chance.randbytes(5).hex().encode())
            for name in names
        )
        data = invite(more=more, via=b"SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKq")
        start = data.index(b"Via:")
        assert sent(parsed(data)) == data[:start] + OWN_VIA + data[start:]


def test_received_and_rport() -> None:
    out = sent(parsed(invite(), src=(b"10.9.9.9", 777)))
    assert (
        b"Via: SIP/2.0/UDP 10.0.0.1:5070;received=10.9.9.9;branch=z9hG4bKabc;rport=777\r\n" in out
    )
    out = sent(parsed(invite(via=b"SIP/2.0/UDP 10.0.0.1"), src=(b"10.9.9.9", 777)))
    assert b"Via: SIP/2.0/UDP 10.0.0.1;received=10.9.9.9\r\n" in out
    msg = parsed(invite(via=b"SIP/2.0/UDP 10.0.0.1:7;x"))
    msg.force_rport()
    assert b"Via: SIP/2.0/UDP 10.0.0.1:7;rport=5071;x\r\n" in sent(msg)


def test_via_of_tcp_and_ipv6() -> None:
    msg = parsed(invite(), proto=2, socket=1, conn_id=0x12)
    assert b"Via: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK0;i=21\r\n" in sent(
        msg, proto=2, socket=1
    )
    assert b"Via: SIP/2.0/UDP [0:0:0:0:0:0:0:1];branch=z9hG4bK0\r\n" in sent(
        parsed(invite()), socket=2
    )
    msg = parsed(invite())
    msg.set_advertised_address(b"pub.example")
    msg.set_advertised_port(b"99")
    assert b"Via: SIP/2.0/UDP pub.example:99;branch" in sent(msg)


def test_content_length_towards_tcp() -> None:
    data = invite().replace(b"Content-Length: 4\r\n", b"")
    assert sent(parsed(data), proto=2, socket=1).endswith(b"Content-Length: 4\r\n\r\nabcd")
    data = invite().replace(b"Content-Length: 4", b"l: 99")
    assert sent(parsed(data), proto=2, socket=1).endswith(b"l: 4\r\n\r\nabcd")
    assert sent(parsed(data)).endswith(b"l: 99\r\n\r\nabcd")


def test_what_is_too_long_for_udp_goes_by_tcp() -> None:
    build.set_udp_mtu(300, 0)
    try:
        msg = parsed(invite())
        assert b"Via: SIP/2.0/UDP 127.0.0.1:5070" in sent(msg)
        msg.udp_mtu_try_proto(2)
        assert b"Via: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK0\r\n" in sent(msg)
        build.set_udp_mtu(3000, 2)
        assert b"Via: SIP/2.0/UDP 127.0.0.1:5070" in sent(msg)
    finally:
        build.set_udp_mtu(0, 0)


def test_path_becomes_a_route() -> None:
    msg = parsed(invite())
    msg.path = b"<sip:1.2.3.4;lr>"
    assert OWN_VIA + b"Route: <sip:1.2.3.4;lr>\r\nVia: SIP/2.0/UDP 10.0.0.1" in sent(msg)
    msg = parsed(invite(more=b"Route: <sip:9.9.9.9;lr>\r\n"))
    msg.path = b"<sip:1.2.3.4;lr>"
    assert msg.hdr(b"Route") is not None
    assert b"Route: <sip:1.2.3.4;lr>\r\nRoute: <sip:9.9.9.9;lr>\r\n" in sent(msg)


def test_building_twice_leaves_nothing_behind() -> None:
    msg = parsed(invite())
    msg.append_hf(b"X-A: 1\r\n")
    first = sent(msg)
    assert sent(msg) == first
    assert sent(msg, proto=2, socket=1) != first
    assert sent(msg) == first


EDITS = {
    "append": lambda m: m.append_hf(b"X-End: 1\r\n"),
    "insert": lambda m: m.insert_hf(b"X-Start: 1\r\n"),
    "remove": lambda m: m.remove_hf(b"Contact"),
    "ruri": lambda m: m.rewrite_uri(b"sip:new@host"),
    "from": lambda m: setattr(m, "from_user", b"neu"),
    "to": lambda m: setattr(m, "to_name", b'"T"'),
}


@pytest.mark.parametrize("names", list(itertools.permutations(EDITS, 3)), ids="-".join)
def test_edits_in_any_order(names: tuple[str, ...]) -> None:
    msg = parsed(invite())
    for name in names:
        EDITS[name](msg)
    out = sent(msg)
    assert (b"X-End: 1\r\n\r\nabcd" in out) is ("append" in names)
    assert (b"SIP/2.0\r\nX-Start: 1\r\n" in out) is ("insert" in names)
    assert (b"Contact:" in out) is ("remove" not in names)
    assert out.startswith(b"INVITE sip:new@host " if "ruri" in names else b"INVITE sip:bob@")
    assert (b'From: "Al" <sip:neu@atlanta.com>;tag=19\r\n' in out) is ("from" in names)
    assert (b'To: "T" <sip:bob@example.com>\r\n' in out) is ("to" in names)
    assert sipmsg.apply_changes(msg) == 1
    assert sent(msg) == out


def test_overlapping_removals() -> None:
    msg = parsed(invite())
    msg.from_uri = b"sip:x@y"
    msg.from_user = None
    msg.remove_hf(b"From")
    out = sent(msg)
    assert b"From:" not in out
    assert b"To: Bob" in out


def test_forwarded_reply_loses_our_via() -> None:
    out = sipmsg.build_forwarded_reply(parsed(reply()))
    assert out == reply().replace(b"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n", b"")
    joined = reply().replace(b"z9hG4bK1\r\nVia: ", b"z9hG4bK1, ")
    out = sipmsg.build_forwarded_reply(parsed(joined))
    assert out is not None
    assert out.startswith(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2\r\nFrom")


def test_local_reply() -> None:
    msg = parsed(invite(), src=(b"10.9.9.9", 777))
    msg.append_to_reply(b"X-A: 1\r\n")
    assert sipmsg.build_reply(msg, 200, b"OK", b"t1") == (
        b"SIP/2.0 200 OK\r\n"
        b"Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKabc;rport=777;received=10.9.9.9\r\n"
        b"Via: SIP/2.0/TCP 10.0.0.9\r\n"
        b'From: "Al" <sip:alice@atlanta.com>;tag=19\r\n'
        b"To: Bob <sip:bob@example.com>;tag=t1\r\n"
        b"Call-ID: a84b@x\r\n"
        b"CSeq: 314159 INVITE\r\n"
        b"Record-Route: <sip:1.1.1.1;lr>\r\n"
        b"X-A: 1\r\n"
        b"Server: kamailio (5.6.3 (x86_64/linux))\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    assert sipmsg.reply_destination(msg) == (b"10.9.9.9", 777)


def test_local_reply_without_record_route_with_body_and_other_server() -> None:
    msg = parsed(invite(to=b"<sip:bob@example.com>;tag=old", via=b"SIP/2.0/UDP 10.0.0.1"))
    msg.set_reply_body(b"text", b"text/plain")
    build.set_server_headers(b"Server: mine", b"")
    try:
        out = sipmsg.build_reply(msg, 404, b"Nope", b"new")
    finally:
        build.set_server_headers(
            b"Server: kamailio (5.6.3 (x86_64/linux))",
            b"User-Agent: kamailio (5.6.3 (x86_64/linux))",
        )
    assert out is not None
    assert b"Record-Route" not in out
    assert b"To: <sip:bob@example.com>;tag=new\r\n" in out
    assert out.endswith(
        b"Content-Type: text/plain\r\nServer: mine\r\nContent-Length: 4\r\n\r\ntext"
    )
    assert sipmsg.reply_destination(msg) == (b"10.0.0.1", 5060)


def test_a_reply_to_what_has_two_to_headers() -> None:
    """What is no SIP may have them: the tag goes into the one that was parsed."""
    data = invite(to=b"<sip:c@d>;tag=77").replace(b"SIP/2.0\r\n", b"SIP/4.0\r\n", 1)
    data = data.replace(b"Call-ID:", b"To: <sip:second@d>\r\nCall-ID:")
    msg = sipmsg.parse(data, required=False)
    assert msg is not None
    out = sipmsg.build_reply(msg, 404, b"Not here", b"new")
    assert out is not None
    assert b"To: <sip:c@d>;tag=new\r\nTo: <sip:second@d>;tag=new\r\n" in out
