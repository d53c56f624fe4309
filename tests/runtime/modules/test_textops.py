"""textops: every function on real packets, as Kamailio does it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.modules.textops.module import SUBSTS, Module
from runtime.native import sipmsg
from runtime.native.regex import Regex
from runtime.native.sipmsg import SipMsg
from runtime.script.pv import PvRegistry
from runtime.script.substitute import Subst
from tests.helpers.servers import KAMAILIO, OURS, need_kamailio
from tests.runtime.modules.wire import (
    ANSWER,
    BUSY,
    HELD,
    IN_DIALOG,
    INVITE,
    MULTIPART,
    PARTS,
    PLAIN,
    RINGING,
    TEXT,
    Case,
    Packet,
    call,
    calls,
    check,
    check_or_record,
    outcomes,
)

ODD_LENGTH = Packet(TEXT.first, TEXT.headers, TEXT.body, length="")
QUOTED = Packet(MULTIPART.first, ('Content-Type: multipart/mixed; boundary="b1"',), PARTS)
SECOND_PARAM = Packet(MULTIPART.first, ("c: multipart/mixed;x=y;boundary=b1",), PARTS)
TYPED = Packet(
    MULTIPART.first, MULTIPART.headers, PARTS.replace("text/plain", "text/plain;charset=utf-8")
)
NO_TYPE = Packet(TEXT.first, (), TEXT.body)

CASES = (
    *calls(
        "append",
        (
            r'append_hf("X-New: 1\r\n")',
            r'append_hf("X-New: $rU\r\n", "X-A")',
            r'append_hf("X-New: 1\r\n", "Subject")',
            r'append_hf("X-New: 1\r\n", "Nowhere")',
            r'insert_hf("X-New: 1\r\n")',
            r'insert_hf("X-New: $rU\r\n", "X-A")',
            r'insert_hf("X-New: 1\r\n", "Nowhere")',
            r'append_urihf("X-Uri: <", ">\r\n")',
            "append_time_to_request()",
        ),
    ),
    Case(
        "order-append",
        r'append_hf("X-1: 1\r\n"); append_hf("X-2: 2\r\n");'
        r' insert_hf("X-3: 3\r\n"); insert_hf("X-4: 4\r\n");',
    ),
    Case(
        "order-same",
        r'append_hf("X-1: 1\r\n", "X-A"); append_hf("X-2: 2\r\n", "X-A");'
        r' insert_hf("X-3: 3\r\n", "X-A"); insert_hf("X-4: 4\r\n", "X-A");',
    ),
    Case("append-null", r'append_hf("X-1: $au\r\n");'),
    Case(
        "order-removed",
        r'remove_hf("X-B"); append_hf("X-1: 1\r\n", "X-B"); insert_hf("X-2: 2\r\n", "X-B");',
    ),
    *calls(
        "reply-append",
        (r'append_hf("X-New: 1\r\n")', r'remove_hf("X-A")', r'insert_hf("X-New: 1\r\n")'),
        RINGING,
    ),
    *calls(
        "remove",
        (
            'remove_hf("X-A")',
            'remove_hf("Subject")',
            'remove_hf("s")',
            'remove_hf("Nowhere")',
            'remove_hf("User-Agent")',
            'remove_hf_pv("x-a")',
            'remove_hf_pv("Nowhere")',
            'remove_hf_pv("Subject")',
            'remove_hf_idx("X-A", 0)',
            'remove_hf_idx("X-A", "1")',
            'remove_hf_idx("X-A", 2)',
            'remove_hf_idx("X-A", "-1")',
            'remove_hf_idx("X-A", "-2")',
            'remove_hf_idx("X-A", "-3")',
            'remove_hf_idx("Subject", 1)',
            'remove_hf_re("^X-")',
            'remove_hf_re("^none")',
            'remove_hf_re_pv("^x-.$$")',
            'remove_hf_re_pv("(")',
            'remove_hf_exp("^X-", "^X-(A|Case)")',
            'remove_hf_exp_pv("^X-", "B|Case")',
            'remove_hf_exp_pv("^X-(", "B")',
            'remove_hf_match("X-A", "eq", "one")',
            'remove_hf_match("X-A", "ne", "one")',
            'remove_hf_match("X-A", "in", "w")',
            'remove_hf_match("X-A", "re", "^T")',
            'remove_hf_match("X-A", "xx", "one")',
            'remove_hf_match("X-A", "eq", "none")',
            'remove_hf_match("Nowhere", "eq", "none")',
            'remove_hf_match("Subject", "in", "s")',
        ),
    ),
    Case("remove-twice", 'remove_hf("X-A"); remove_hf("X-A"); $var(rc) = $rc;'),
    *calls(
        "present",
        (
            'is_present_hf("X-A")',
            'is_present_hf("Subject")',
            'is_present_hf("Nowhere")',
            'is_present_hf("c")',
            'is_present_hf_pv("x-b")',
            'is_present_hf_pv("X-")',
            'is_present_hf_re("^x-")',
            'is_present_hf_re("^y-")',
            'is_present_hf_re_pv("-agent$$")',
            'is_present_hf_re_pv("(")',
            'search_hf("X-A", "^tw", "a")',
            'search_hf("X-A", "^tw", "f")',
            'search_hf("X-A", "^one", "l")',
            'search_hf("Subject", "SECOND", "l")',
            'search_hf("Nowhere", ".", "a")',
        ),
    ),
    *calls(
        "search",
        (
            'search("^x-a: TWO")',
            'search("^m=audio")',
            'search("nowhere")',
            'search("INVITE sip:")',
            'search_body("^a=send")',
            'search_body("^X-A")',
            r'search_append("X-A: ", "text ")',
            'search_append_body("a=send", "-only-")',
            'search_append_body("none", "x")',
        ),
    ),
    *calls(
        "nobody",
        (
            'search_body("x")',
            'replace_body("x", "y")',
            'replace_body_all("x", "y")',
            'subst_body("/x/y/")',
            'replace_body_str("x", "y", "f")',
            'search_append_body("x", "y")',
            "has_body()",
            'filter_body("text/plain")',
            'set_body("new", "text/plain")',
            'search_body("^")',
        ),
        PLAIN,
    ),
    *calls(
        "replace",
        (
            'replace("one", "1")',
            'replace("none", "1")',
            'replace_body("one", "1")',
            'replace_body("none", "1")',
            'replace_hdrs("^x-case: .*$", "X-Gone: 1")',
            'replace_hdrs("two one", "1")',
            'replace_all("one", "1")',
            'replace_all("x*", "1")',
            'replace_body_all("one", "ONE")',
            'replace_body_all("^one|^two", "ONE")',
            'replace_body_atonce("^one|^two", "ONE")',
            'replace_body_atonce("none", "ONE")',
            'replace_body_all("o*", "1")',
            'replace_str("one", "1", "f")',
            'replace_str("one", "1", "a")',
            'replace_str("none", "1", "a")',
            'replace_str("", "1", "a")',
            'replace_body_str("one", "1", "f")',
            'replace_body_str("one", "$rU", "a")',
            'replace_body_str("ONE", "1", "x")',
            'replace_hdrs_str("alice", "carol", "a")',
            'replace_hdrs_str("one two", "x", "a")',
        ),
        TEXT,
    ),
    *calls(
        "subst",
        (
            r'subst("/one/1/")',
            r'subst("/one/1/g")',
            r'subst("/(o)(n)e/\2\1/g")',
            r'subst("/^Call-ID: (.*)$/Call-ID: $rU-\1/")',
            r'subst("/ALICE/carol/i")',
            r'subst("/none/1/")',
            r'subst_body("/^one/1/g")',
            r'subst_body("/one/1/")',
            r'subst_body("/o*/1/g")',
            r'subst_uri("/bob/carol/")',
            r'subst_uri("/^sip:(.*)@(.*)$/sip:\2@\1/")',
            r'subst_uri("/none/carol/")',
            r'subst_user("/b/c/")',
            r'subst_user("/^(.*)$/00\1/")',
            r'subst_user("/none/c/")',
            r'subst_hf("From", "/alice/carol/", "f")',
        ),
        TEXT,
    ),
    *calls(
        "subst-hf",
        (
            'subst_hf("X-A", "/o/0/", "a")',
            'subst_hf("X-A", "/o/0/g", "f")',
            'subst_hf("X-A", "/o/0/", "l")',
            'subst_hf("X-A", "/q/0/", "a")',
            'subst_hf("Subject", "/$/!/", "a")',
            'subst_hf("Subject", "/s/S/g", "a")',
            'subst_hf("Nowhere", "/s/S/g", "a")',
        ),
    ),
    Case("subst-tr", r"$var(out) = $(ru{re.subst,/^sip:(.*)@.*/\1/});"),
    Case("subst-tr-none", r"$var(out) = $(ru{re.subst,/zzz/x/});"),
    Case("subst-tr-empty", r"$var(out) = $(hdr(None){re.subst,/^/x/});"),
    Case("subst-tr-int", r"$var(n) = 123; $var(out) = $(var(n){re.subst,/2/x/});"),
    Case("subst-tr-var", r'$var(e) = "/b/x/g"; $var(out) = $(tU{re.subst,$var(e)});'),
    Case("subst-tr-bad", r'$var(e) = "/b/x"; $var(out) = $(tU{re.subst,$var(e)});'),
    Case("subst-tr-all", r"$var(out) = $(ru{re.subst,/[0-9]/x/g});"),
    *calls(
        "body",
        (
            "has_body()",
            'has_body("application/sdp")',
            'has_body("application/SDP")',
            'has_body("text/plain")',
            'set_body("new body", "text/plain")',
            'set_body("new body", "application/sdp")',
            'set_body("", "text/plain")',
            'set_body("x", "")',
        ),
    ),
    *calls(
        "body-text",
        (
            'has_body("text/plain")',
            'has_body("application/sdp")',
            'set_body("x", "text/plain; charset=utf-8")',
        ),
        TEXT,
    ),
    *calls("body-odd", ("has_body()", 'set_body("x", "text/plain")'), ODD_LENGTH),
    *calls(
        "body-notype",
        ('has_body("text/plain")', 'has_body("application/sdp")', 'set_body("x", "text/plain")'),
        NO_TYPE,
    ),
    Case(
        "body-twice",
        'set_body("first", "text/plain"); set_body("second", "text/html"); $var(rc) = $rc;',
    ),
    Case(
        "body-replace-set",
        'replace_body("audio", "video"); set_body("second", "text/html"); $var(rc) = $rc;',
    ),
    *calls(
        "body-reply",
        ('set_body("new", "text/plain")', "has_body()", 'replace_body("audio", "video")'),
        ANSWER,
    ),
    *calls(
        "filter",
        (
            'filter_body("text/plain")',
            'filter_body("application/sdp")',
            'filter_body("text/html")',
            'has_body("multipart/mixed")',
        ),
        MULTIPART,
    ),
    *(
        Case(
            f"part-{n}-{m}",
            f"{script} $var(rc) = $rc; $var(out) = $(var(p){{s.encode.hexa}});",
            packet,
        )
        for m, packet in enumerate((MULTIPART, QUOTED, SECOND_PARAM, TYPED, INVITE, PLAIN), 1)
        for n, script in enumerate(
            (
                f'$var(p) = ""; {function}("{kind}", "$var(p)");'
                for function in ("get_body_part", "get_body_part_raw")
                for kind in ("text/plain", "application/sdp", "text/html", "TEXT/pl")
            ),
            1,
        )
    ),
    *(
        call(f"filter-other-{m}", 'filter_body("text/plain")', packet)
        for m, packet in enumerate((QUOTED, SECOND_PARAM, TYPED), 1)
    ),
    *calls("filter-none", ('filter_body("application/sdp")',)),
    Case(
        "to-reply",
        r'append_to_reply("X-New: $rU\r\n"); append_to_reply("X-2: 2\r\n");'
        r' sl_send_reply("404", "Not Here"); exit;',
    ),
    Case(
        "to-reply-body",
        'set_reply_body("the $rm", "text/plain"); sl_send_reply("404", "Not Here"); exit;',
    ),
    Case("to-reply-time", 'append_time(); sl_send_reply("200", "OK"); exit;'),
    *calls(
        "method",
        (
            'is_method("INVITE")',
            'is_method("ACK|BYE")',
            'is_method("ACK|INVITE|BYE")',
            'is_method("FOO")',
        ),
    ),
    *calls(
        "method-foo",
        ('is_method("FOO")', 'is_method("INVITE")', 'is_method("foo")'),
        Packet("FOO sip:bob@example.org SIP/2.0"),
    ),
    *calls("method-reply", ('is_method("INVITE")', 'is_method("OPTIONS")'), BUSY),
    *calls(
        "privacy",
        (
            'is_privacy("id")',
            'is_privacy("user")',
            'is_privacy("header")',
            'is_privacy("none")',
        ),
    ),
    *calls("privacy-none", ('is_privacy("id")',), PLAIN),
    *calls("hold", ("is_audio_on_hold()",), HELD),
    *calls("hold-not", ("is_audio_on_hold()",)),
    *calls("hold-plain", ("is_audio_on_hold()",), PLAIN),
    *calls(
        "list",
        (
            'in_list("b", "a, b ,c", ",")',
            'in_list("B", "a, b ,c", ",")',
            'in_list("d", "a, b ,c", ",")',
            'in_list("b", "a b c", " ")',
            'in_list("", "a,,c", ",")',
            'in_list("c", "a;c;", ";")',
            'in_list("$rm", "ACK,INVITE", ",")',
            'in_list_prefix("abc", "x,ab,y", ",")',
            'in_list_prefix("abc", "x,abcd,y", ",")',
            'in_list_prefix("abc", "x, abc", ",")',
            'in_list_prefix("abc", "", ",")',
        ),
    ),
    *calls(
        "text",
        (
            'cmp_str("a", "a")',
            'cmp_str("a", "A")',
            'cmp_str("$rm", "INVITE")',
            'cmp_istr("a", "A")',
            'cmp_istr("a", "b")',
            'starts_with("$ru", "sip:")',
            'starts_with("ab", "abc")',
            'starts_with("abc", "")',
            'ends_with("abc", "bc")',
            'ends_with("abc", "ab")',
            'ends_with("abc", "")',
            'str_find("abc", "b")',
            'str_find("abc", "B")',
            'str_ifind("abc", "BC")',
            'str_ifind("abc", "x")',
            'search_str("abc", "^A")',
            'search_str("abc", "x")',
            'search_str("abc", "(")',
        ),
    ),
    *(
        Case(f"regex-{n}", f'regex_substring({arguments}, "$var(out)"); $var(rc) = $rc;')
        for n, arguments in enumerate(
            (
                '"abc123", "([a-z]+)([0-9]+)", 2, 3',
                '"abc123", "([a-z]+)([0-9]+)", 0, 3',
                '"abc123", "([a-z]+)([0-9]+)", 3, 3',
                '"abc", "([0-9]+)", 1, 2',
                '"abc", "([0-9]*)abc", 1, 2',
                '"abc", "ABC", 0, 1',
                '"abc", "(", 0, 1',
            ),
            1,
        )
    ),
    *calls("dialog", ('remove_hf("Route")', 'is_present_hf("Route")'), IN_DIALOG),
)

RECORDING = "textops.txt"


@pytest.mark.oracle
def test_recording_is_what_kamailio_does(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    need_kamailio()
    check_or_record(RECORDING, outcomes(KAMAILIO, CASES, tmp_path / "k"), request)


def test_same_as_kamailio(tmp_path: Path) -> None:
    check(RECORDING, outcomes(OURS, CASES, tmp_path / "o"))


def _message(text: bytes) -> SipMsg:
    message = sipmsg.parse(text)
    assert message is not None
    return message


@pytest.fixture(name="textops")
def _textops() -> Module:
    return Module(cast(Any, SimpleNamespace(pv=PvRegistry([]))))


MALFORMED = (
    b"MESSAGE sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: x\r\n"
    b"CSeq: 1 MESSAGE\r\nno colon here\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"
)


def test_malformed_headers_make_false(textops: Module) -> None:
    message = _message(MALFORMED)
    expression = Regex(b".")
    for result in (
        textops.append_hf(message, b"X: 1\r\n"),
        textops.insert_hf(message, b"X: 1\r\n"),
        textops.append_urihf(message, b"X: ", b"\r\n"),
        textops.remove_hf(message, b"X-A"),
        textops.remove_hf_pv(message, b"X-A"),
        textops.remove_hf_idx(message, b"X-A", 0),
        textops.remove_hf_re(message, expression),
        textops.remove_hf_exp(message, expression, expression),
        textops.remove_hf_match(message, b"X-A", b"eq", b"1"),
        textops.is_present_hf(message, b"X-A"),
        textops.is_present_hf_re(message, expression),
        textops.search_hf(message, b"X-A", expression, b"a"),
        textops.replace_hdrs(message, expression, b"x"),
        textops.replace_hdrs_str(message, b"X", b"Y", b"a"),
        textops.has_body(message),
        textops.set_body(message, b"x", b"text/plain"),
        textops.filter_body(message, b"text/plain"),
        textops.is_privacy(message, b"id"),
        textops.is_audio_on_hold(message),
    ):
        assert result == -1
    assert textops.append_time_to_request(message) == 1  # looks at the first header only


@given(st.binary(max_size=60))
def test_any_header_text_is_taken(text: bytes) -> None:
    textops = Module(cast(Any, SimpleNamespace(pv=PvRegistry([]))))
    message = _message(TEXT.text("x", 5060, 5060))
    assert textops.append_hf(message, text) == (1 if text else -1)
    assert textops.remove_hf(message, text) in (1, -1)
    assert textops.remove_hf_re_pv(message, text) in (1, -1)
    built = sipmsg.build_edited(message)
    assert built is not None
    assert text in built


@given(st.binary(max_size=120))
def test_any_body_is_looked_at(text: bytes) -> None:
    textops = Module(cast(Any, SimpleNamespace(pv=PvRegistry([]))))
    packet = Packet(MULTIPART.first, MULTIPART.headers, text.decode("latin-1"))
    message = _message(packet.text("x", 5060, 5060))
    assert textops.is_audio_on_hold(message) in (1, 2, -1)
    assert textops.filter_body(message, b"text/plain") in (1, -1)
    assert textops.search_body(message, Regex(b"a|b")) in (1, -1)
    assert textops.subst_body(message, Subst(PvRegistry([]), b"/a/b/g")) in (1, -1)
    assert sipmsg.build_edited(message) is not None


@pytest.mark.parametrize(
    ("sdp", "held"),
    [
        ("m=audio 4 RTP/AVP 0\r\na=inactive\r\n", 2),
        ("m=video 4 RTP/AVP 0\r\na=inactive\r\n", -1),
        ("a=sendonly\r\nm=audio 4 RTP/AVP 0\r\n", 2),
        ("c=IN IP4 0.0.0.0\r\nm=audio 4 RTP/AVP 0\r\n", 1),
        ("c=IN IP4 0.0.0.0\r\nm=audio 4 RTP/AVP 0\r\nc=IN IP4 1.2.3.4\r\n", -1),
        ("m=video 4 RTP/AVP 0\r\nm=audio 4 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", 1),
    ],
)
def test_hold_is_of_audio_streams(textops: Module, sdp: str, held: int) -> None:
    text = HELD.text("x", 5060, 5060)
    head = "v=0\r\no=alice 2890844526 1 IN IP4 10.0.0.1\r\n"
    head += "" if sdp.startswith("c=") else "c=IN IP4 10.0.0.1\r\n"
    message = _message(text.replace(HELD.body.encode(), (head + sdp).encode()))
    assert textops.is_audio_on_hold(message) == held


def test_expressions_from_variables_do_not_pile_up(textops: Module) -> None:
    message = _message(HELD.text("x", 5060, 5060))
    for n in range(1000):
        assert textops.tr_re_subst(message, b"a%d" % n, b"/a%d/b/" % n) == b"b"
    assert textops.tr_re_subst(message, b"", b"/a/b/") is None
    assert textops.tr_re_subst(message, b"a", b"/(/b/") is None
    assert textops._subst.cache_info().currsize == SUBSTS
