"""Chapter 6 of the guide: parsing messages, URIs and headers, and a parser of a module's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runtime.api import hf
from runtime.api.bodies import (
    EVENT_PRESENCE,
    F_OPTION_TAG_100REL,
    F_OPTION_TAG_PATH,
    MIMETYPE,
    PRIVACY_CRITICAL,
    PRIVACY_ID,
    SUBTYPE_SDP,
    TYPE_APPLICATION,
    ss_active,
    sst_refresher_uac,
)
from runtime.api.hf import register_header_parser
from runtime.api.message import sip_msg
from runtime.api.parser import (
    SIP_REQUEST,
    get_body,
    get_content_length,
    get_diversion_param,
    get_hdr_field,
    parse_accept_hdr,
    parse_allow,
    parse_contact,
    parse_content_disposition,
    parse_content_type_hdr,
    parse_credentials,
    parse_cseq,
    parse_date_header,
    parse_diversion_header,
    parse_event,
    parse_expires,
    parse_from_header,
    parse_from_uri,
    parse_headers,
    parse_hname,
    parse_identity_header,
    parse_identityinfo_header,
    parse_method_name,
    parse_min_se,
    parse_msg,
    parse_pai_header,
    parse_path,
    parse_ppi_header,
    parse_privacy,
    parse_refer_to_header,
    parse_require,
    parse_retry_after_header,
    parse_route,
    parse_rpid_header,
    parse_rr,
    parse_sdp,
    parse_session_expires,
    parse_sipifmatch,
    parse_subscription_state,
    parse_supported,
    parse_to,
    parse_to_header,
    parse_to_uri,
    parse_uri,
)
from runtime.native import clone, headers, shm, sipmsg
from tests.runtime.sip.conftest import listening  # noqa: F401
from tests.runtime.sip.samples import invite


@pytest.fixture(autouse=True)
def without_added() -> Iterator[None]:
    headers.forget_parsers()
    yield
    headers.forget_parsers()


def parsed(more: bytes = b"") -> sip_msg:
    msg = parse_msg(invite(more=more))
    assert msg is not None
    return msg


def test_6_1_parse_uri() -> None:
    """Example 6.2."""
    uri = parse_uri(b"sip:test@mydomain.com")
    assert uri is not None and (uri.user, uri.host) == (b"test", b"mydomain.com")
    for bad in (b"", b"sip:", b"test@mydomain.com", b"sip:a b@c:x", b"sip:a@b:99999999"):
        assert parse_uri(bad) is None


def test_6_2_parse_msg() -> None:
    """Example 6.4: a message from a buffer; what is none gives nothing."""
    msg = parse_msg(b"INVITE sip:user@sipserver.com SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n")
    assert msg is not None and msg.first_line.type == SIP_REQUEST
    assert msg.first_line.method == b"INVITE"
    assert msg.callid is None and msg.msg.src_ip is not None
    for bad in (b"", b"\r\n", b"INVITE", b"INVITE sip:a@b SIP/2.0\r\nVia: x\r\n\r\n"):
        assert parse_msg(bad) is None


def test_6_3_parse_headers() -> None:
    """Example 6.6: no further than to what is wanted, and all of them in the list."""
    msg = parsed()
    assert msg.last_header is not None and msg.last_header.name == b"Via"
    assert msg.parsed_flag == hf.HDR_VIA_F and msg.eoh is None
    assert parse_headers(msg, hf.HDR_CALLID_F) == 0
    assert msg.last_header.name == b"Call-ID"
    assert msg.parsed_flag & hf.HDR_FROM_F and not msg.parsed_flag & hf.HDR_CSEQ_F
    assert parse_headers(msg, hf.HDR_CALLID_F | hf.HDR_VIA_F) == 0
    assert msg.last_header.name == b"Call-ID"
    assert parse_headers(msg, hf.HDR_EOH_F) == 0
    assert msg.parsed_flag == hf.HDR_EOH_F and msg.eoh == msg.buf.index(b"\r\n\r\n") + 2
    assert parse_headers(msg, hf.HDR_SUBJECT_F) == 0 and msg.subject is None


def test_6_3_next() -> None:
    """With ``next``, on to a further header of the type."""
    msg = parsed(b"X-A: 1\r\nSubject: one\r\nX-B: 2\r\nSubject: two\r\nX-C: 3\r\n")
    assert parse_headers(msg, hf.HDR_SUBJECT_F) == 0
    assert msg.last_header is not None and msg.last_header.body == b"one"
    assert parse_headers(msg, hf.HDR_SUBJECT_F) == 0
    assert msg.last_header.body == b"one"
    assert parse_headers(msg, hf.HDR_SUBJECT_F, 1) == 0
    assert msg.last_header.body == b"two"
    assert parse_headers(msg, hf.HDR_SUBJECT_F, 1) == 0
    assert msg.eoh is not None


def test_6_3_second_via() -> None:
    """HDR_VIA2_F: to the second via-parm, in the first header or the next."""
    msg = parsed()
    assert parse_headers(msg, hf.HDR_VIA2_F) == 0
    assert msg.last_header is not None and msg.last_header.body == b"SIP/2.0/TCP 10.0.0.9"


def test_6_3_a_broken_header() -> None:
    """-1, and what came before it stays."""
    msg = parsed(b"no header at all\r\n")
    assert parse_headers(msg, hf.HDR_CALLID_F) == 0
    assert parse_headers(msg, hf.HDR_CONTACT_F) == -1
    assert msg.callid is not None and msg.contact is None
    assert get_body(msg) is None


def test_6_4_parse_to() -> None:
    """Example 6.8: From is parsed by the parser of To, once."""
    msg = parsed()
    body = parse_from_header(msg)
    assert body is not None and body.uri == b"sip:alice@atlanta.com" and body.tag_value == b"19"
    assert parse_from_header(msg) is body
    assert parse_from_uri(msg) is body.parsed_uri
    to = parse_to_header(msg)
    assert to is not None and to.display == b"Bob" and to.tag_value is None
    assert parse_to_uri(msg) is not None
    assert parse_to(b"Bob <sip:bob@example.com>").uri == to.uri  # type: ignore[union-attr]
    broken = parse_msg(invite(from_=b"<<>garbage"))
    assert broken is not None and parse_from_header(broken) is None
    assert broken.from_ is not None and broken.from_.parsed is None


def test_6_5_get_body() -> None:
    """Example 6.9: the body and what Content-Length says of it."""
    msg = parsed()
    assert get_content_length(msg) is None
    assert get_body(msg) == b"abcd"
    assert get_content_length(msg) == 4 and msg.content_length is not None
    longer = parse_msg(invite() + b"more")
    assert longer is not None and get_body(longer) == b"abcdmore"
    assert get_content_length(longer) == 4
    cut = parse_msg(invite()[: invite().index(b"\r\n\r\n") + 2])
    assert cut is not None and get_body(cut) is None


def test_6_6_get_header_body() -> None:
    """Example 6.10."""
    msg = parsed()
    assert parse_headers(msg, hf.HDR_CALLID_F) == 0
    assert msg.callid is not None and msg.callid.body == b"a84b@x"
    field = get_hdr_field(msg, b"i")
    assert field == msg.callid
    assert get_hdr_field(msg, b"Nope") is None


# 6.7: every header that has a parser


def test_addresses() -> None:
    msg = parsed(
        b"Refer-To: <sip:r@h?Replaces=x>\r\n"
        b"Diversion: <sip:d@h>;reason=user-busy;counter=2, <sip:x>"
        b'\r\nRemote-Party-ID: "R" <sip:rp@h>;party=calling\r\n'
        b'P-Asserted-Identity: "P" <sip:p@h>, <tel:+12>\r\nP-Asserted-Identity: <sip:p3@h>\r\n'
        b"P-Preferred-Identity: <sip:pp@h>\r\n"
    )
    refer, diversion, rpid = (
        parse_refer_to_header(msg), parse_diversion_header(msg), parse_rpid_header(msg)
    )  # fmt: skip
    assert refer is not None and refer.parsed_uri is not None
    assert refer.parsed_uri.headers == b"Replaces=x"
    assert diversion is not None and diversion.uri == b"sip:d@h"
    assert get_diversion_param(msg, b"reason") == b"user-busy"
    assert get_diversion_param(msg, b"nope") is None
    assert rpid is not None and rpid.display == b'"R"'
    pai, ppi = parse_pai_header(msg), parse_ppi_header(msg)
    assert pai is not None and [a.uri for a in pai] == [b"sip:p@h", b"tel:+12", b"sip:p3@h"]
    assert ppi is not None and [a.uri for a in ppi] == [b"sip:pp@h"]
    assert parse_pai_header(parsed()) is None


def test_contacts_and_routes() -> None:
    msg = parsed(
        b'Contact: "C" <sip:c@h>;expires=60;q=0.5;+sip.instance="<urn:x>";reg-id=1, sip:d@h\r\n'
        b"Route: <sip:r1;lr>;x=y,<sip:r2>\r\nRoute: <sip:r3>\r\nPath: <sip:p;lr>\r\n"
    )
    bodies = parse_contact(msg)
    assert bodies is not None and [len(b.contacts) for b in bodies] == [2, 1]
    first = bodies[0].contacts[0]
    assert (first.name, first.uri, first.expires, first.q) == (b'"C"', b"sip:c@h", b"60", b"0.5")
    assert (first.instance, first.reg_id, first.methods) == (b"<urn:x>", b"1", None)
    assert not bodies[0].star and bodies[0].contacts[1].uri == b"sip:d@h"
    route, rr, path = parse_route(msg), parse_rr(msg), parse_path(msg)
    assert route is not None and [r.uri for r in route] == [b"sip:r1;lr", b"sip:r2", b"sip:r3"]
    assert route[0].param_lst == [(b"x", b"y")]
    assert rr is not None and rr[0].uri == b"sip:1.1.1.1;lr"
    assert path is not None and path[0].uri == b"sip:p;lr"
    off, size = route[1].uri_span or (0, 0)
    assert msg.buf[off : off + size] == b"sip:r2"
    star = parsed().msg
    data = invite().replace(b"<sip:alice@pc33.atlanta.com>", b"*")
    again = parse_msg(data)
    assert again is not None and star is not None
    found = parse_contact(again)
    assert found is not None and found[0].star and found[0].contacts == []
    broken = parse_msg(data.replace(b"Contact: *", b"Contact: <sip:x"))
    assert broken is not None and parse_contact(broken) is None


def test_credentials_and_cseq() -> None:
    msg = parsed(
        b'Authorization: Digest username="u@d", realm="r", nonce="n", uri="sip:x", qop=auth,'
        b' response="0a", nc=00000001, cnonce="c", algorithm=MD5, opaque="o"\r\n'
        b"Proxy-Authorization: Basic abc\r\n"
    )
    assert msg.authorization is not None and msg.proxy_auth is not None
    found = parse_credentials(msg.authorization)
    assert found is not None and (found.username, found.realm, found.qop) == (b"u@d", b"r", b"auth")
    assert (found.nc, found.alg, found.opaque) == (b"00000001", b"MD5", b"o")
    assert parse_credentials(msg.proxy_auth) is None
    cseq = parse_cseq(msg)
    assert cseq is not None and (cseq.number, cseq.method, cseq.method_id) == (
        b"314159", b"INVITE", 1,
    )  # fmt: skip


def test_values() -> None:
    msg = parsed(
        b"Expires: 90\r\nEvent: Presence;id=3\r\nSIP-If-Match: tag;x\r\nSession-Expires: 1800;"
        b"refresher=UAC\r\nMin-SE: 90\r\nSubscription-State: active;expires=60;reason=r\r\n"
        b"Date: Thu, 01 Jan 2026 10:11:12 GMT\r\nRetry-After: 18 (busy);duration=3\r\n"
        b'Identity: "abc\r\n de="\r\nIdentity-Info: <https://e.org/x.cer>;alg=rsa-sha1\r\n'
        b"Privacy: id;critical\r\nContent-Type: application/SDP;charset=x\r\n"
        b'Accept: text/plain, application/*\r\nContent-Disposition: session;handling="a b"\r\n'
        b"Supported: path\r\nSupported: foo, 100REL\r\nRequire: timer\r\nAllow: INVITE, ack\r\n"
    )
    expires, event, state = parse_expires(msg), parse_event(msg), parse_subscription_state(msg)
    assert expires == (b"90", 90, True)
    assert event == (b"Presence", EVENT_PRESENCE, [(b"id", b"3")])
    assert state == (ss_active, 60, b"r")
    assert parse_sipifmatch(msg) == b"tag"
    assert parse_session_expires(msg) == (1800, sst_refresher_uac)
    assert parse_min_se(msg) == 90 and parse_retry_after_header(msg) == 18
    assert parse_date_header(msg) == (4, 1, 0, 126, 10, 11, 12)
    assert parse_identity_header(msg) == (b"abcde=",)
    assert parse_identityinfo_header(msg) == (b"https://e.org/x.cer", b"e.org", b"rsa-sha1")
    assert parse_privacy(msg) == PRIVACY_ID | PRIVACY_CRITICAL
    assert parse_content_type_hdr(msg) == MIMETYPE(TYPE_APPLICATION, SUBTYPE_SDP)
    accept = parse_accept_hdr(msg)
    assert accept == [MIMETYPE(1, 1), MIMETYPE(TYPE_APPLICATION, 0xFE)]
    disposition = parse_content_disposition(msg)
    assert disposition == (b"session", [(b"handling", b"a b", True)])
    assert parse_supported(msg) == F_OPTION_TAG_PATH | F_OPTION_TAG_100REL
    assert parse_require(msg) == 4 and parse_allow(msg) == 1 | 4
    bare = parsed()
    for parse in (
        parse_expires, parse_event, parse_subscription_state, parse_sipifmatch, parse_min_se,
        parse_session_expires, parse_date_header, parse_identity_header, parse_privacy,
        parse_identityinfo_header, parse_content_type_hdr, parse_accept_hdr, parse_supported,
        parse_content_disposition, parse_require, parse_allow, parse_retry_after_header,
    ):  # fmt: skip
        assert parse(bare) is None


def test_sdp() -> None:
    body = (
        b"v=0\r\no=a 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
        b"m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n"
        b"m=video 4002 RTP/AVP 31\r\n"
    )
    head = invite(more=b"Content-Type: application/sdp\r\n").replace(b"abcd", b"")
    msg = parse_msg(head.replace(b"Content-Length: 4", b"Content-Length: %d" % len(body)) + body)
    assert msg is not None
    sessions = parse_sdp(msg)
    assert sessions is not None and sessions == msg.sdp
    (session,) = sessions
    assert session.ip_addr == b"192.0.2.1"
    audio, video = session.streams
    assert (audio.media, audio.port, audio.payloads) == (b"audio", b"4000", b"0 101")
    assert audio.is_on_hold == 2 and audio.sendrecv_mode == b"sendonly"
    assert [p.rtp_payload for p in audio.payload_attr] == [b"0", b"101"]
    assert audio.payload_attr[1].rtp_enc is not None and audio.raw_stream.startswith(b"m=audio")
    assert video.media == b"video"
    assert parse_sdp(parsed()) is None


def test_names() -> None:
    assert parse_method_name(b"invite") == 1 and parse_method_name(b"FOO") == 524288
    assert parse_hname(b"m") == hf.HDR_CONTACT_T and parse_hname(b"X-Foo") == hf.HDR_OTHER_T


# 6.7: a new one


def geo(body: bytes) -> tuple[float, float]:
    """X-Geo: latitude,longitude."""
    calls.append(body)
    latitude, longitude = body.split(b",")
    return float(latitude), float(longitude)


calls: list[bytes] = []


def test_6_7_a_new_header_parser() -> None:
    """Lazy, once for a message; what is no good, or missing, is None."""
    calls.clear()
    x_geo = register_header_parser(b"X-Geo", geo)
    msg = parsed(b"x-geo: 52.5,13.4\r\nX-Geo: nonsense\r\n")
    assert calls == []
    assert x_geo.get(msg.msg) == (52.5, 13.4)
    hdr = get_hdr_field(msg, b"X-Geo")
    assert hdr is not None and hdr.parsed == (52.5, 13.4) and x_geo.of(hdr) == (52.5, 13.4)
    assert calls == [b"52.5,13.4"]
    second = get_hdr_field(msg, b"Contact")
    broken = [h for h in hf.all_headers(msg.msg) if h.body == b"nonsense"]
    assert second is not None and broken[0].parsed is None and broken[0].parsed is None
    assert calls == [b"52.5,13.4", b"nonsense"]
    assert x_geo.get(parsed().msg) is None
    other = parsed(b"X-Geo: 1,2\r\n")
    assert x_geo.get(other.msg) == (1.0, 2.0)
    for taken in (b"x-geo", b"From", b"i"):
        with pytest.raises(ValueError, match="has a parser already"):
            register_header_parser(taken, geo)


def test_6_7_a_changed_message_is_parsed_anew() -> None:
    calls.clear()
    x_geo = register_header_parser(b"X-Geo", geo)
    msg = parsed(b"X-Geo: 1,2\r\n").msg
    assert x_geo.get(msg) == (1.0, 2.0)
    msg.remove_hf(b"X-Geo")
    msg.append_hf(b"X-Geo: 3,4\r\n")
    assert x_geo.get(msg) == (1.0, 2.0)
    assert sipmsg.apply_changes(msg) == 1
    assert x_geo.get(msg) == (3.0, 4.0)


def test_6_7_a_transaction_has_a_copy_of_its_own() -> None:
    """What was parsed of a message is not taken for the copy in a transaction."""
    if not shm.created():
        shm.create(96 << 20)
    calls.clear()
    x_geo = register_header_parser(b"X-Geo", geo)
    msg = sipmsg.parse(invite(more=b"X-Geo: 1,2\r\n"))
    assert msg is not None and x_geo.get(msg) == (1.0, 2.0)
    copy = clone.round_trip(msg)
    assert copy is not None and x_geo.get(copy) == (1.0, 2.0)
    assert len(calls) == 2
