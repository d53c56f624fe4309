"""Chapter 5 of the guide: the structures of the parser, as views on a message."""

from __future__ import annotations

import pytest

from runtime.api import hf
from runtime.api.message import parse_fline, sip_msg
from runtime.api.parser import (
    SIP_REPLY,
    SIP_REQUEST,
    SIP_URI_T,
    parse_from_header,
    parse_headers,
    parse_msg,
    parse_to,
    parse_uri,
    parse_via,
)
from runtime.api.str import str as str_t
from runtime.api.str import trim
from runtime.native import sipmsg
from tests.runtime.sip.conftest import listening  # noqa: F401
from tests.runtime.sip.samples import invite, reply

REGISTER = (
    b"REGISTER sip:sip.test.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.168.1.3:5061;branch=z9hG4bK-d663b80b\r\n"
    b"Max-Forwards: 70\r\n"
    b"From: user <sip:u123@sip.test.com>;tag=ea8cef4b108a99bco1\r\n"
    b"To: user <sip:u123@sip.test.com>\r\n"
    b"Call-ID: b96fead3-f03493d4@xyz\r\n"
    b"CSeq: 3720 REGISTER\r\n"
    b"Contact: user <sip:u123@192.168.1.3:5061>;expires=3600\r\n"
    b"User-Agent: Linksys/RT31P2-2.0.10(LIc)\r\n"
    b"Content-Length: 0\r\n"
    b"Allow: ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, REFER\r\n"
    b"Supported: x-sipura\r\n\r\n"
)
"""The example of 5.3."""


def parsed(data: bytes) -> sip_msg:
    msg = parse_msg(data)
    assert msg is not None
    return msg


def test_5_1_str() -> None:
    """Example 5.2: a reference and a length."""
    s = str_t(b"kamailio")
    assert (s.s, s.len) == (b"kamailio", 8)
    part = str_t(REGISTER, REGISTER.index(b"sip:"), 16)
    assert part == b"sip:sip.test.com" and bytes(part) == part.s and len(part) == 16
    assert part.base is REGISTER
    assert hash(str_t(b"ab", 1)) == hash(str_t(b"b")) and str_t(b"ab", 1) == str_t(b"b")
    blank = str_t(b" \t x \r\n")
    trim(blank)
    assert (blank.s, blank.off) == (b"x", 3)
    for off, size in ((0, 9), (-1, 2), (9, None), (3, -1)):
        with pytest.raises(IndexError, match="of 8"):
            str_t(b"kamailio", off, size)


def test_5_2_sip_uri() -> None:
    """The URI of the section, and one with every part."""
    uri = parse_uri(b"sip:alice@sipserver.org:5060;transport=tcp")
    assert uri is not None
    assert (uri.user, uri.host, uri.port, uri.port_no) == (
        b"alice",
        b"sipserver.org",
        b"5060",
        5060,
    )
    assert (uri.type, uri.proto, uri.params) == (SIP_URI_T, 2, b"transport=tcp")
    assert (uri.transport, uri.transport_val) == (b"transport=tcp", b"tcp")
    assert (uri.passwd, uri.headers, uri.lr, uri.maddr_val) == (None, None, None, None)
    full = parse_uri(b"sips:u:p@h;maddr=m;ttl=3;user=x;method=M;lr;r2=on;gr=g?a=b")
    assert full is not None
    values = (full.maddr_val, full.ttl_val, full.user_param_val, full.method_val, full.r2_val)
    assert values == (b"m", b"3", b"x", b"M", b"on")
    assert (full.passwd, full.headers, full.lr, full.gr_val) == (b"p", b"a=b", b"lr", b"g")
    assert full.text.startswith(b"sips:")


def test_5_3_sip_msg() -> None:
    """The message of the section: known headers by name, all of them in a list."""
    msg = parsed(REGISTER)
    assert msg.buf == REGISTER and msg.len == len(REGISTER)
    assert msg.via1 is not None and msg.via1.host == b"192.168.1.3"
    assert msg.via2 is None and msg.h_via2 is None
    for field, name in (
        (msg.callid, b"Call-ID"), (msg.to, b"To"), (msg.from_, b"From"), (msg.cseq, b"CSeq"),
        (msg.contact, b"Contact"), (msg.maxforwards, b"Max-Forwards"), (msg.allow, b"Allow"),
        (msg.user_agent, b"User-Agent"), (msg.content_length, b"Content-Length"),
        (msg.supported, b"Supported"), (msg.h_via1, b"Via"),
    ):  # fmt: skip
        assert field is not None and field.name == name
    for absent in (
        msg.route, msg.record_route, msg.path, msg.content_type, msg.authorization, msg.expires,
        msg.proxy_auth, msg.require, msg.proxy_require, msg.unsupported, msg.event, msg.accept,
        msg.accept_language, msg.organization, msg.priority, msg.subject, msg.content_disposition,
        msg.diversion, msg.rpid, msg.refer_to, msg.session_expires, msg.min_se, msg.ppi, msg.pai,
        msg.privacy, msg.date, msg.identity, msg.identity_info, msg.sdp or None,
    ):  # fmt: skip
        assert absent is None
    names = [hdr.name for hdr in hf.all_headers(msg.msg)]
    assert names[0] == b"Via" and names[-1] == b"Supported" and len(names) == 11
    assert msg.parsed_uri is not None and msg.parsed_uri.host == b"sip.test.com"
    assert (msg.new_uri, msg.dst_uri, msg.path_vec, msg.flags) == (None, None, None, 0)
    msg.msg.ruri = b"sip:new@h"
    msg.msg.setflag(3)
    assert msg.new_uri == b"sip:new@h" and msg.flags == 8
    assert msg.parsed_uri is not None and msg.parsed_uri.user == b"new"
    assert msg.parsed_orig_ruri is not None and msg.parsed_orig_ruri.user is None


def test_5_3_two_vias() -> None:
    """The second via-parm is of the same header, or of the next one."""
    two = parsed(invite())
    assert two.via2 is not None and two.via2.host == b"10.0.0.9"
    assert two.h_via2 is not None and two.h_via2 == two.h_via1.sibling  # type: ignore[union-attr]
    one = parsed(invite(via=b"SIP/2.0/UDP a;branch=z9hG4bKx, SIP/2.0/TCP b:5070"))
    assert one.via2 is not None and (one.via2.host, one.via2.port) == (b"b", 5070)
    assert one.h_via2 == one.h_via1


def test_5_3_nothing_of_a_message_outlives_it() -> None:
    """Once its route is over, every view of it raises."""
    msg = parsed(invite())
    to, via, hdr = parse_to_uri_parts(msg)
    sipmsg.invalidate(msg.msg)
    for use in (
        lambda: msg.first_line, lambda: msg.callid, lambda: to.uri, lambda: via.host,
        lambda: hdr.body, lambda: hdr.next, lambda: hdr.parsed, lambda: msg.buf,
    ):  # fmt: skip
        with pytest.raises(RuntimeError):
            use()


def parse_to_uri_parts(msg: sip_msg):  # type: ignore[no-untyped-def]
    return parse_from_header(msg), msg.via1, msg.callid


def test_5_4_msg_start() -> None:
    """First lines of a request and of a reply."""
    line = parse_fline(parsed(REGISTER))
    assert (line.type, line.len) == (SIP_REQUEST, len(b"REGISTER sip:sip.test.com SIP/2.0\r\n"))
    assert (line.method, line.uri, line.version) == (b"REGISTER", b"sip:sip.test.com", b"SIP/2.0")
    assert line.method_value == 32 and line.statuscode == 0
    line = parsed(reply(b"180 Ringing twice")).first_line
    assert (line.type, line.version, line.status) == (SIP_REPLY, b"SIP/2.0", b"180")
    assert (line.reason, line.statuscode, line.method) == (b"Ringing twice", 180, None)


def test_5_5_hdr_field() -> None:
    """Fields of a header; its type is Kamailio's number."""
    msg = parsed(REGISTER).msg
    assert parse_headers(msg, hf.HDR_FROM_F | hf.HDR_TO_F) == 0
    hdr = hf.get_hdr(msg, hf.HDR_TO_T)
    assert hdr is not None and hdr.type == hf.HDR_TO_T == 3
    assert (hdr.name, hdr.body) == (b"To", b"user <sip:u123@sip.test.com>")
    assert REGISTER[hdr.offset : hdr.offset + hdr.len] == b"To: user <sip:u123@sip.test.com>\r\n"
    assert REGISTER[hdr.body_offset :].startswith(hdr.body)
    assert hdr.next is not None and hdr.next.name == b"Call-ID" and hdr.sibling is None
    length = hf.get_hdr(msg, hf.HDR_CONTENTLENGTH_T)
    assert length is not None and length.parsed == 0
    assert (hf.HDR_VIA_T, hf.HDR_FROM_T, hf.HDR_OTHER_T, hf.HDR_ERROR_T) == (1, 4, 0, -1)


def test_5_5_siblings() -> None:
    """Headers of one type are linked, compact names too, whatever stands between."""
    msg = parsed(invite(more=b"X-A: 1\r\nSupported: a\r\nX-B: 2\r\nk: path\r\n")).msg
    first = hf.get_hdr(msg, hf.HDR_SUPPORTED_T)
    assert first is not None and first.sibling is not None
    assert (first.body, first.sibling.body, first.sibling.name) == (b"a", b"path", b"k")
    assert first.sibling.sibling is None
    found = hf.get_hdr_by_name(msg, b"x-b")
    assert found is not None and found.body == b"2" and found.type == hf.HDR_OTHER_T


def test_5_5_a_changed_message_has_new_headers() -> None:
    """After its text was changed, what was found in the old one is not taken for the new."""
    msg = parsed(invite()).msg
    old = hf.get_hdr(msg, hf.HDR_CALLID_T)
    assert old is not None and old.body == b"a84b@x"
    sipmsg.set_buffer(msg, invite().replace(b"a84b@x", b"b95c@longer"))
    with pytest.raises(RuntimeError, match="changed"):
        old.body  # noqa: B018
    new = hf.get_hdr(msg, hf.HDR_CALLID_T)
    assert new is not None and new.body == b"b95c@longer" and new != old


def test_5_6_to_body() -> None:
    """Parts of a To header."""
    body = parse_to(b'"Bob B" <sip:bob@example.com:5070>;tag=77;x="a;b" ; y')
    assert body is not None
    assert (body.display, body.uri) == (b'"Bob B"', b"sip:bob@example.com:5070")
    assert (body.tag_value, body.params) == (b"77", b';tag=77;x="a;b" ; y')
    assert body.param_lst == [(b"tag", b"77"), (b"x", b"a;b"), (b"y", None)]
    assert body.parsed_uri is not None and body.parsed_uri.port_no == 5070
    assert body.parsed_uri is body.parsed_uri
    short = parse_to(b"sip:a@b;tag=1")
    assert short is not None and (short.display, short.uri) == (None, b"sip:a@b")
    assert short.body == b"sip:a@b;tag=1"
    for broken in (b"", b"<sip:a@b", b"a b c", b'"x <sip:a@b>', b"<sip:a@b>;tag=a=b"):
        assert parse_to(broken) is None


def test_5_6_place_in_the_message() -> None:
    """What lumps need to know: where the URI stands."""
    body = parse_from_header(parsed(REGISTER))
    assert body is not None
    off, size = body.uri_span
    assert REGISTER[off : off + size] == body.uri == b"sip:u123@sip.test.com"


def test_5_7_via_body() -> None:
    """Parts of a Via header, and the one behind the comma."""
    via = parse_via(
        b"SIP/2.0/TLS h.example:5071 ;branch=z9hG4bKabc.3;rport=77;received=1.2.3.4;i=5;alias;"
        b"maddr=m.example;ttl=1;x=y, SIP / 2.0 / UDP second;branch=b"
    )
    assert via is not None
    assert (via.name, via.version, via.transport) == (b"SIP", b"2.0", b"TLS")
    assert (via.host, via.port, via.port_str, via.proto) == (b"h.example", 5071, b"5071", 3)
    assert (via.branch, via.tid) == (b"z9hG4bKabc.3", b"z9hG4bKabc")
    assert (via.rport, via.received, via.i, via.alias) == (b"77", b"1.2.3.4", b"5", b"alias")
    assert via.maddr == b"m.example" and dict(via.param_lst)[b"x"] == b"y"
    assert via.proto_name == b"tls" and via.bsize == len(via.whole)
    assert via.next is not None and via.next.next is None
    assert (via.next.host, via.next.port, via.next.branch) == (b"second", 0, b"b")
    for broken in (b"", b"SIP/2.0/UDP", b"SIP/1.0/UDP h", b"SIP/2.0/UDP h:99999999"):
        assert parse_via(broken) is None
