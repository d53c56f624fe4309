"""textopsx: every function on real packets, as Kamailio does it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.declare.exports import Routes
from runtime.modules.textopsx.module import Module
from runtime.native import edit, sipmsg
from runtime.native.sipmsg import SipMsg
from tests.helpers.servers import KAMAILIO, OURS, need_kamailio
from tests.runtime.modules.wire import (
    ANSWER,
    BUSY,
    INVITE,
    PLAIN,
    RINGING,
    TEXT,
    Case,
    Packet,
    calls,
    check,
    check_or_record,
    outcomes,
)

FOLDED = Packet(
    INVITE.first,
    ("X-A: one,\r\n two", "X-Long: " + "x" * 900, "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2"),
)

HEADERS = (
    'hf_iterator_start("h"); while (hf_iterator_next("h")) {'
    ' $var(out) = $var(out) + $hfitname(h) + ":" + $(hfitbody(h){s.len}) + " "; }',
    'hf_iterator_start("h"); while (hf_iterator_next("h")) {'
    ' if ($hfitname(h) =~ "^x-a") { hf_iterator_rm("h"); } }',
    r'hf_iterator_start("h"); while (hf_iterator_next("h")) { if ($hfitname(h) == "X-A") {'
    r' hf_iterator_append("h", "X-After: 1\r\n"); hf_iterator_insert("h", "X-Before: 1\r\n"); } }',
    'hf_iterator_start("h"); hf_iterator_next("h"); hf_iterator_next("h"); hf_iterator_next("h");'
    ' hf_iterator_next("h"); hf_iterator_prev("h"); $var(out) = $hfitname(h);',
    'hf_iterator_start("h"); hf_iterator_next("h"); hf_iterator_next("h"); hf_iterator_next("h");'
    ' hf_iterator_next("h"); hf_iterator_prev("h"); hf_iterator_prev("h"); $var(out) ='
    ' $hfitname(h); hf_iterator_prev("h"); $var(out) = $var(out) + "|" + $hfitname(h);'
    ' hf_iterator_next("h"); $var(out) = $var(out) + "|" + $hfitname(h);',
    'hf_iterator_start("h"); hf_iterator_prev("h"); $var(out) = $hfitname(h);',
    'hf_iterator_start("h"); hf_iterator_next("h"); hf_iterator_end("h"); $var(out) ='
    ' $hfitname(h); hf_iterator_next("h"); $var(out) = $var(out) + $hfitname(h);',
    'hf_iterator_next("none");',
    'hf_iterator_rm("none");',
    'hf_iterator_end("none");',
    "$var(out) = $hfitname(none);",
    'hf_iterator_start("h"); hf_iterator_rm("h");',
    r'hf_iterator_start("h"); hf_iterator_append("h", "X-N: 1\r\n");',
    'hf_iterator_start("a-name-that-is-longer-than-it-may-be");',
)
LINES = (
    'bl_iterator_start("l"); while (bl_iterator_next("l")) {'
    ' $var(out) = $var(out) + $(blitval(l){s.len}) + " "; }',
    'bl_iterator_start("l"); bl_iterator_next("l"); bl_iterator_rm("l");',
    r'bl_iterator_start("l"); while (bl_iterator_next("l")) { if ($blitval(l) =~ "^two") {'
    r' bl_iterator_append("l", "after\r\n"); bl_iterator_insert("l", "before\r\n"); } }',
    'bl_iterator_start("l"); bl_iterator_rm("l");',
    'bl_iterator_start("l"); bl_iterator_next("l"); bl_iterator_end("l"); bl_iterator_next("l");',
    'bl_iterator_next("none");',
    "$var(out) = $blitval(none);",
)

CASES = (
    *calls("apply", ("msg_apply_changes()",)),
    Case(
        "apply-new",
        r'append_hf("X-New: 1\r\n"); remove_hf("X-A"); msg_apply_changes();'
        r' $var(rc) = $rc; $var(out) = $hdr(X-New) + "|" + $hdr(X-A);',
    ),
    Case(
        "apply-twice",
        r'append_hf("X-1: 1\r\n"); msg_apply_changes(); append_hf("X-2: 2\r\n", "X-1");'
        r' remove_hf("X-1"); msg_apply_changes(); $var(out) = $hdr(X-1) + "|" + $hdr(X-2);',
    ),
    Case(
        "apply-uri",
        r'$ru = "sip:carol@example.net"; msg_apply_changes(); $var(rc) = $rc; $var(out) = $ou;',
    ),
    Case("apply-user", r'$rU = "carol"; msg_apply_changes(); $var(out) = $ru + "|" + $mb;', PLAIN),
    Case("apply-from", r'$fU = "carol"; msg_apply_changes(); $var(out) = $fu;'),
    Case(
        "apply-body",
        r'set_body("new text", "text/plain"); msg_apply_changes(); $var(rc) = $rc;'
        r' $var(out) = $rb + "|" + $cT + "|" + $cl;',
    ),
    Case(
        "apply-replace",
        r'replace_body("one", "ONE AND A HALF"); msg_apply_changes(); $var(out) = $(rb{s.len});',
        TEXT,
    ),
    Case("apply-remove", r"remove_body(); msg_apply_changes(); $var(out) = $(rb{s.len});", TEXT),
    Case(
        "apply-dst",
        r'$du = "sip:127.0.0.1:9"; msg_apply_changes(); $var(out) = $du; $du = $null;',
    ),
    Case("apply-flags", "setflag(3); msg_apply_changes(); $var(out) = isflagset(3);"),
    Case("apply-route", "record_route(); msg_apply_changes(); $var(rc) = $rc;"),
    Case("apply-avp", '$avp(x) = "kept"; msg_apply_changes(); $var(out) = $avp(x);'),
    Case("apply-folded", r'append_hf("X-1: 1\r\n"); msg_apply_changes(); $var(out) = $ml;', FOLDED),
    Case(
        "apply-then-reply",
        r'append_hf("X-1: 1\r\n"); msg_apply_changes(); append_to_reply("X-2: 2\r\n");'
        r' sl_send_reply("404", "Gone"); exit;',
    ),
    Case(
        "apply-many",
        r"$var(i) = 0; while ($var(i) < 20) {"
        r' append_hf("X-N: $var(i)\r\n"); msg_apply_changes(); $var(i) = $var(i) + 1; }'
        r" $var(out) = $(hdr(X-N)[-1]);",
    ),
    Case(
        "reply-apply",
        r'append_hf("X-New: 1\r\n"); msg_apply_changes(); $var(rc) = $rc; $var(out) = $hdr(X-New);',
        RINGING,
    ),
    Case(
        "reply-apply-body",
        r'replace_body("audio", "video"); msg_apply_changes(); $var(out) = $cl;',
        ANSWER,
    ),
    *calls(
        "status",
        (
            'change_reply_status("404", "Not Here")',
            'change_reply_status(500, "Broken")',
            'change_reply_status("200", "OK")',
            'change_reply_status("180", "Ringing")',
            'change_reply_status("99", "Low")',
            'change_reply_status("700", "High")',
            'change_reply_status("699", "away: $fU")',
            'change_reply_status("699", "$fU")',
            'change_reply_status("699", "")',
            "change_reply_status_code(404)",
            'change_reply_status_code("200")',
            'change_reply_status_code("999")',
        ),
        BUSY,
    ),
    *calls(
        "status-ringing",
        (
            'change_reply_status("183", "Progress")',
            'change_reply_status("200", "OK")',
            'change_reply_status("404", "No")',
            'change_reply_status_code("183")',
        ),
        RINGING,
    ),
    *calls("status-ok", ('change_reply_status("202", "Accepted")',), ANSWER),
    Case(
        "status-seen",
        'change_reply_status("404", "Not Here"); $var(rc) = $rs; $var(out) = $rr;',
        BUSY,
    ),
    Case(
        "status-applied",
        'change_reply_status("404", "Not Here"); msg_apply_changes(); $var(out) = $rs + $rr;',
        BUSY,
    ),
    Case(
        "status-twice",
        'change_reply_status("404", "Not Here"); change_reply_status("405", "No"); $var(rc) = $rc;',
        BUSY,
    ),
    Case(
        "buffer",
        'msg_set_buffer("$(mb{s.replace,X-A,X-C})"); $var(rc) = $rc; $var(out) = $hdr(X-C);',
    ),
    Case("buffer-lost", 'append_hf("X-N: 1\\r\\n"); msg_set_buffer("$mb"); $var(out) = $hdr(X-N);'),
    Case(
        "buffer-reply",
        'msg_set_buffer("$(mb{s.replace,486,487})"); $var(rc) = $rc; $var(out) = $rs;',
        BUSY,
    ),
    *calls("buffer-empty", ('msg_set_buffer("$hdr(Subject)")',)),
    *(Case(f"headers-{n}", f"{script} $var(rc) = $rc;") for n, script in enumerate(HEADERS, 1)),
    *(Case(f"lines-{n}", f"{script} $var(rc) = $rc;", TEXT) for n, script in enumerate(LINES, 1)),
    Case("lines-none", 'bl_iterator_start("l"); bl_iterator_next("l"); $var(rc) = $rc;', PLAIN),
    Case(
        "headers-reply",
        'hf_iterator_start("h"); while (hf_iterator_next("h")) {'
        ' $var(out) = $var(out) + $hfitname(h) + " "; } $var(rc) = $rc;',
        BUSY,
    ),
    *calls("body", ("remove_body()",), TEXT),
    *calls("body-none", ("remove_body()",), PLAIN),
    *calls("body-reply", ("remove_body()",), ANSWER),
    *calls("keep", ('keep_hf("^X-")', 'keep_hf("^(Subject|User-Agent)")')),
    *calls("keep-reply", ('keep_hf("none")',), BUSY),
    *calls(
        "match",
        (
            'fnmatch("$rU", "+49*")',
            'fnmatch("$rU", "49*")',
            'fnmatch("abc", "A?C")',
            'fnmatch("abc", "A?C", "i")',
            'fnmatch("abc", "A?C", "xi")',
            'fnmatch("abc", "[!a]bc")',
            'fnmatch("abc", "[a-c]bc")',
            'fnmatch("a*c", "a\\\\*c")',
            'fnmatch("abc", "a\\\\*c")',
            'fnmatch("a1c", "a[[:digit:]]c")',
            'fnmatch("a/b", "a*b")',
            'fnmatch("abc", "[")',
        ),
    ),
)

RECORDING = "textopsx.txt"


@pytest.mark.oracle
def test_recording_is_what_kamailio_does(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    need_kamailio()
    check_or_record(RECORDING, outcomes(KAMAILIO, CASES, tmp_path / "k"), request)


def test_same_as_kamailio(tmp_path: Path) -> None:
    check(RECORDING, outcomes(OURS, CASES, tmp_path / "o"))


OURS_ALONE = (
    *calls("keep", ("keep_hf()",)),
    *calls("status", ('change_reply_status("699", "$fU is away")',), BUSY),
    *calls("buffer", ('msg_set_buffer("nothing")',), BUSY),
)


def test_what_kamailio_cannot_do(tmp_path: Path) -> None:
    kept, status, unchanged = outcomes(OURS, OURS_ALONE, tmp_path / "o").split("=== ")[1:]
    assert "User-Agent" not in kept
    assert "Max-Forwards: 70" in kept
    assert "\nSIP/2.0 699 alice is away\n" in status
    assert "\nSIP/2.0 486 Busy Here\n" in unchanged
    assert "X-Rc" not in unchanged


def _message(packet: Packet) -> SipMsg:
    message = sipmsg.parse(packet.text("x", 5060, 5060))
    assert message is not None
    message.route_type = Routes.REQUEST.value
    return message


@pytest.fixture(name="textopsx")
def _textopsx() -> Module:
    return Module(cast(Any, SimpleNamespace()))


def test_changes_that_break_the_message_are_not_applied(textopsx: Module) -> None:
    message = _message(INVITE)
    before = message.message
    assert edit.insert(message, 0, b"broken line\r\n")
    assert textopsx.msg_apply_changes(message) == 0
    assert message.message == before
    assert message.call_id == b"x@test"


def test_changes_are_applied_in_request_routes(textopsx: Module) -> None:
    message = _message(INVITE)
    message.route_type = Routes.FAILURE.value
    assert textopsx.msg_apply_changes(message) == -1
    message.route_type = Routes.REQUEST.value
    assert textopsx.msg_apply_changes(message) == 1


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=30), st.integers(0, 1)), max_size=5))
def test_any_edits_are_applied_or_refused(edits: list[tuple[bytes, int]]) -> None:
    textopsx = Module(cast(Any, SimpleNamespace()))
    message = _message(INVITE)
    for text, end in edits:
        if end:
            edit.append_hf(message, text)
        else:
            edit.insert_hf(message, text)
        wanted = sipmsg.build_edited(message)
        before = message.message
        result = textopsx.msg_apply_changes(message)
        assert message.message == (wanted if result == 1 else before)
        if result != 1:
            assert result == 0
            return


def test_a_buffer_that_is_no_message_is_refused(textopsx: Module) -> None:
    message = _message(INVITE)
    before = message.message
    assert textopsx.msg_set_buffer(message, b"nothing") == 0
    assert textopsx.msg_set_buffer(message, b"") == -1
    assert textopsx.msg_set_buffer(message, before + b"x" * 65535) == -1
    assert textopsx.msg_set_buffer(message, before.replace(b"INVITE sip", b"INVITE  :")) == 0
    assert message.message == before


def test_a_line_without_an_end_is_a_line(textopsx: Module) -> None:
    message = _message(Packet(TEXT.first, TEXT.headers, "one\r\ntwo"))
    assert textopsx.bl_iterator_start(message, b"l") == 1
    assert textopsx.bl_iterator_next(message, b"l") == 1
    assert textopsx.bl_iterator_next(message, b"l") == 1
    assert textopsx.pv_blitval(message, b"l") == b"two"
    assert textopsx.bl_iterator_rm(message, b"l") == 1
    assert textopsx.bl_iterator_next(message, b"l") == -1
    assert (sipmsg.build_edited(message) or b"").endswith(b"\r\n\r\none\r\n")


def test_an_iterator_holds_for_its_message(textopsx: Module) -> None:
    first, second = _message(INVITE), _message(PLAIN)
    assert textopsx.hf_iterator_start(first, b"h") == 1
    assert textopsx.hf_iterator_next(first, b"h") == 1
    assert textopsx.hf_iterator_next(second, b"h") == -1
    assert textopsx.hf_iterator_rm(second, b"h") == -1
    assert textopsx.pv_hfitbody(second, b"h") is None


def test_there_are_four_iterators(textopsx: Module) -> None:
    message = _message(INVITE)
    names = (b"1", b"2", b"3", b"4", b"5", b"1", b"")
    starts = [textopsx.hf_iterator_start(message, name) for name in names]
    assert starts == [1, 1, 1, 1, -1, 1, -1]
