"""siputils: every function on real packets, as Kamailio does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.modules.siputils import uris
from runtime.modules.siputils.charging import Charging, read
from runtime.native import sipmsg
from tests.helpers.servers import KAMAILIO, OURS, need_kamailio
from tests.runtime.modules.wire import (
    BUSY,
    IN_DIALOG,
    PLAIN,
    RINGING,
    Case,
    Packet,
    calls,
    check,
    check_or_record,
    outcomes,
)

PARAMS = Packet("INVITE sip:bob@example.org:5070;transport=tcp;lr;x=1;Y=2?subject=hi SIP/2.0")
USER_PARAMS = Packet("INVITE sip:bob;a=b@example.org;c=d SIP/2.0")
OPTIONS = Packet("OPTIONS sip:example.org SIP/2.0")
TEL = Packet("INVITE tel:+49-30-(123);Ext=7 SIP/2.0")
GRUU = Packet("INVITE sip:bob@example.org;gr=urn:x SIP/2.0")
TEMPORARY = Packet("INVITE sip:x@example.org;gr SIP/2.0")
SECOND_HOP = Packet(PLAIN.first, ("Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK-7",))
NO_ROUTES = Packet("SIP/2.0 183 Progress")
CREDENTIALS = Packet(
    PLAIN.first,
    ('Authorization: Digest username="alice", realm="r", nonce="n", uri="u", response="0"',),
)

CASES = (
    *calls("kind", ("is_request()", "is_reply()", "has_totag()", "is_first_hop()")),
    *calls("kind-reply", ("is_request()", "is_reply()", "has_totag()"), BUSY),
    *calls("dialog", ("has_totag()",), Packet(IN_DIALOG.first, ("t: <sip:c@d>;tag=q",))),
    *calls("hop", ("is_first_hop()", 'is_first_hop("1")'), SECOND_HOP),
    *calls("hop-reply", ("is_first_hop()", 'is_first_hop("1")'), RINGING),
    *calls("hop-noroute", ("is_first_hop()", 'is_first_hop("1")'), NO_ROUTES),
    *calls(
        "param",
        (
            'uri_param("lr")',
            'uri_param("LR")',
            'uri_param("x")',
            'uri_param("x", "1")',
            'uri_param("x", "2")',
            'uri_param("transport", "tcp")',
            'uri_param("none")',
            'uri_param("none", "1")',
            'uri_param_any("LR")',
            'uri_param_any("x")',
            'uri_param_any("none")',
            'add_uri_param("")',
            'uri_param_rm("lr")',
            'uri_param_rm("transport")',
            'uri_param_rm("y")',
            'uri_param_rm("none")',
            'get_uri_param("transport", "$var(out)")',
            'get_uri_param("lr", "$var(out)")',
            'get_uri_param("Y", "$var(out)")',
            'get_uri_param("y", "$var(out)")',
        ),
        PARAMS,
    ),
    *calls(
        "userparam",
        (
            'uri_param("a", "b")',
            'uri_param("c", "d")',
            'uri_param_any("a")',
            'uri_param_any("c")',
            'uri_param_rm("c")',
            'add_uri_param("new")',
        ),
        USER_PARAMS,
    ),
    *calls(
        "noparam",
        ('uri_param("a")', 'uri_param_any("a")', 'uri_param_rm("a")', 'add_uri_param("q=1")'),
        OPTIONS,
    ),
    Case("tel-ru", 'tel2sip("$ru", "example.net", "$var(out)"); $var(rc) = $rc;', TEL),
    Case("tel-not", 'tel2sip("$ru", "example.net", "$var(out)"); $var(rc) = $rc;'),
    Case("tel-text", 'tel2sip("TEL:+4.9", "$fd", "$var(out)"); $var(rc) = $rc;'),
    Case("tel-short", 'tel2sip("te", "$fd", "$var(out)"); $var(rc) = $rc;'),
    *calls(
        "uri",
        (
            'is_uri("$ru")',
            'is_uri("sip:a@b;c")',
            'is_uri("nothing")',
            'is_uri("tel:1")',
            'is_uri("sip:a@b:notaport")',
            'is_e164("$rU")',
            'is_e164("$fU")',
            'is_e164("$ml")',
            'is_uri_user_e164("$ru")',
            'is_uri_user_e164("$fu")',
            'is_uri_user_e164("$tu")',
            'cmp_uri("sip:a@b", "sip:a@B")',
            'cmp_uri("sip:a@b", "sip:A@b")',
            'cmp_uri("sip:a@b;x=1", "sip:a@b;x=2")',
            'cmp_uri("sip:a@b;transport=udp", "sip:a@b")',
            'cmp_uri("sip:a@b:5060", "sip:a@b")',
            'cmp_uri("none", "sip:a@b")',
            'cmp_uri("sip:a@b;user=phone", "sip:a@b")',
            'cmp_uri("sip:a@b;x=1;y=2", "sip:a@b;y=2;x=1")',
            'cmp_uri("sip:a@b;X=A", "sip:a@b;x=a")',
            'cmp_uri("sip:a:p@b", "sip:a@b")',
            'cmp_uri("sip:a@b", "sips:a@b")',
            'cmp_uri("sip:a@b?h=1", "sip:a@b?h=2")',
            'cmp_uri("tel:+1", "tel:+1")',
            'cmp_aor("sip:a@b:5060", "sip:a@b")',
            'cmp_aor("sip:a@b:5061", "sip:a@b:5061")',
            'cmp_aor("sip:a@b;x=1", "sip:a@b;x=2")',
            'cmp_aor("sip:a@b:5070", "sip:a@b")',
            'cmp_aor("sip:a@b", "sips:a@b")',
            'cmp_aor("sip:a@b", "sip:A@b")',
            'cmp_aor("sip:b", "sip:B")',
            'cmp_aor("none", "sip:a@b")',
            'cmp_hdr_name("Via", "v")',
            'cmp_hdr_name("X-A", "x-a")',
            'cmp_hdr_name("X-A", "X-B")',
            'cmp_hdr_name("X-B", "X-A")',
            'cmp_hdr_name("From", "To")',
            "is_gruu()",
            'is_gruu("sip:a@b;gr=1")',
            'is_gruu("sip:a@b;gr")',
            'is_gruu("none")',
        ),
    ),
    *calls("gruu", ("is_gruu()",), GRUU),
    *calls("temporary", ("is_gruu()",), TEMPORARY),
    *(
        Case(f"set-{n}", f"$var(u) = {uri}; {function}; $var(rc) = $rc; $var(out) = $var(u);")
        for n, (uri, function) in enumerate(
            (
                (uri, function)
                for uri in ('"sip:a@b:5070;x?y=z"', '"sip:b"', '"none"')
                for function in (
                    'set_uri_user("$var(u)", "$fU")',
                    'set_uri_user("$var(u)", "$var(none)")',
                    'set_uri_host("$var(u)", "$fd")',
                    'set_uri_host("$var(u)", "$var(none)")',
                )
            ),
            1,
        )
    ),
    *calls(
        "supported",
        (
            'is_supported("path")',
            'is_supported("timer")',
            'is_supported("gruu")',
        ),
    ),
    *calls("supported-none", ('is_supported("path")',), PLAIN),
    *calls("supported-k", ('is_supported("100rel")',), Packet(PLAIN.first, ("k: 100rel",))),
    *calls(
        "text",
        (
            'is_tel_number("+4930")',
            'is_tel_number("4930")',
            'is_tel_number("+0930")',
            'is_tel_number("+")',
            'is_tel_number("4a")',
            'is_tel_number("")',
            'is_numeric("0123")',
            'is_numeric("+1")',
            'is_numeric("")',
            'is_alphanum("aZ09")',
            'is_alphanum("a-b")',
            'is_alphanum("")',
            'is_alphanumex("a-b_c", "-_")',
            'is_alphanumex("a-b+c", "-_")',
            'is_alphanumex("", "-_")',
            'is_alphanumex("a-", "")',
        ),
    ),
    *calls("user", ('is_user("alice")',), CREDENTIALS),
    *calls("user-none", ('is_user("alice")',)),
    Case("options", "options_reply(); exit;", OPTIONS),
    Case("options-user", "options_reply(); $var(rc) = $rc;", PLAIN),
    Case("options-not", "options_reply(); $var(rc) = $rc;"),
    *calls("date", ("hdr_date_check(60)",)),
    *calls(
        "date-old",
        ("hdr_date_check(60)", "hdr_date_check(2000000000)"),
        Packet(PLAIN.first, ("Date: Sat, 13 Nov 2010 23:29:00 GMT",)),
    ),
    *calls("date-bad", ("hdr_date_check(60)",), Packet(PLAIN.first, ("Date: yesterday",))),
)

RECORDING = "siputils.txt"


@pytest.mark.oracle
def test_recording_is_what_kamailio_does(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    need_kamailio()
    check_or_record(RECORDING, outcomes(KAMAILIO, CASES, tmp_path / "k"), request)


def test_same_as_kamailio(tmp_path: Path) -> None:
    check(RECORDING, outcomes(OURS, CASES, tmp_path / "o"))


def test_a_parameter_goes_before_the_headers_of_a_uri() -> None:
    message = sipmsg.parse(PARAMS.text("x", 5060, 5060))
    assert message is not None
    assert uris.add_uri_param(message, b"new=1") == 1
    assert message.ruri == (b"sip:bob@example.org:5070;transport=tcp;lr;x=1;Y=2;new=1?subject=hi")


def test_a_parameter_that_makes_the_uri_too_long_is_refused() -> None:
    message = sipmsg.parse(OPTIONS.text("x", 5060, 5060))
    assert message is not None
    assert uris.add_uri_param(message, b"x" * 1100) == -1
    assert message.ruri == b"sip:example.org"


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_text_is_compared(one: bytes, other: bytes) -> None:
    message = sipmsg.parse(OPTIONS.text("x", 5060, 5060))
    assert message is not None
    for compare in (uris.cmp_uri, uris.cmp_aor):
        assert compare(message, one, other) in (1, -1, -2)
    assert uris.is_uri(message, one) in (1, -1)
    assert uris.is_gruu(message, other) in (1, 2, -1)


def test_a_charging_vector_belongs_to_its_message() -> None:
    def message(header: bytes) -> sipmsg.SipMsg:
        found = sipmsg.parse(
            b"INVITE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n"
            b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
            + header
            + b"\r\n"
        )
        assert found is not None
        return found

    long = b"P-Charging-Vector: icid-value=" + b"a" * 400 + b"\r\n"
    first, second = message(long), message(b"")
    assert read(first, b"value") == b"a" * 400
    assert read(second, b"value") is None
    assert Charging().handle(first, b"g") == 1
    assert sipmsg.build_edited(first) == first.message
