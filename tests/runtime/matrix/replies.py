"""Replies: made by sl and tm, chosen among those of branches, changed on their way."""

# ruff: noqa: E501
from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.runtime.matrix.exchange import Case

CODES = ('"100"', '"180"', '"199"', '"200"', '"202"', '"299"', '"300"', '"302"', '"380"', '"400"',
    '"401"', '"404"', '"407"', '"487"', '"500"', '"503"', '"600"', '"699"', '"603"')  # fmt: skip
ODD_CODES = ('"99"', '"700"', '"999"', '"0"', '"-1"', '"1000"', '"abc"', '"200x"', '"+486"',
    '"$var(c)"', '"$var(s)"', '"$rU"', '"$avp(nothing)"', '"$var(big)"')  # fmt: skip
REASONS = ('"OK"', '"Busy Here"', '""', '" "', '"caf\u00e9 \u4e2d"', '"\udcff\udc80"', '"' + "r" * 600 + '"',
    '"$rU"', '"$var(r)"', '"a $rU b"', '"$avp(nothing)"', '"$null"', '"100%d"', '"tab\\there"',
    '"$var(num)"', "'single $rU'", '"$hdr(Subject)"')  # fmt: skip
SET = '$var(c) = 486; $var(s) = "404"; $var(big) = 70000; $var(r) = "from var"; $var(num) = 12;\n'
SENDERS = ("sl_send_reply", "sl_reply", "send_reply", "t_reply", "t_send_reply")
NEWTRAN = "t_newtran();\n"


def own() -> Iterator[tuple[str, dict[str, str]]]:
    """Replies of our own: each function with codes and phrases, with and without transaction."""
    for function in SENDERS:
        for before in ("", NEWTRAN):
            for code in (*CODES, *ODD_CODES):
                for method in ("INVITE", "OPTIONS"):
                    if method == "INVITE" and code not in CODES:
                        continue
                    yield (
                        f'{SET}{before}{function}({code}, "Text here"); LOG(rc $rc);',
                        {"method": method},
                    )
            for reason in REASONS:
                yield (
                    f'{SET}{before}{function}("488", {reason}); LOG(rc $rc);',
                    {"method": "OPTIONS", "extra": "Subject: the subject\r\n"},
                )


REQUESTS: tuple[dict[str, str], ...] = (
    {"extra": "Record-Route: <sip:192.0.2.1;lr>\r\nRecord-Route: <sip:192.0.2.2;lr>\r\n"},
    {"to": "<sip:bob@example.com>;tag=theirs"},
    {"to": "<sip:bob@example.com>;tag="},
    {"to": '"Bob, the \\"builder\\"" <sip:bob@example.com>;x=y'},
    {"to": "sip:bob@example.com"},
    {"to": "sip:bob@example.com;tag=x"},
    {"extra": "Via: SIP/2.0/UDP 192.0.2.7:5080;branch=z9hG4bKlower\r\n"},
    {"extra": "v: SIP/2.0/UDP 192.0.2.7, SIP/2.0/TCP 192.0.2.8;branch=z9hG4bKx\r\n"},
    {"extra": "Timestamp: 54.2\r\nContact: <sip:alice@192.0.2.3>\r\nRequire: foo\r\n"},
    {"method": "REGISTER"}, {"method": "FOO"}, {"method": "CANCEL"}, {"method": "PRACK"},
    {"method": "MESSAGE", "body": "hello"},
    {"from_": "<sip:alice@example.org>;tag=a;x=1"},
)  # fmt: skip
PLACES = (
    ("sl", 'sl_send_reply("{0}", "Text");'),
    ("t", 't_newtran(); t_reply("{0}", "Text");'),
    ("send", 'send_reply("{0}", "Text");'),
)


def requests() -> Iterator[tuple[str, dict[str, str]]]:
    """What of the request goes into the reply."""
    for request in REQUESTS:
        for _, script in PLACES:
            for code in ("100", "180", "200", "302", "404"):
                yield script.format(code) + "\nLOG(rc $rc);", {"method": "INVITE", **request}


EDITS = (
    'append_to_reply("X-One: 1\\r\\n");',
    'append_to_reply("X-One: $rU\\r\\n"); append_to_reply("X-Two: 2\\r\\n");',
    'append_to_reply("X-NoEnd: 1");',
    'append_to_reply("");',
    'append_to_reply("X: " + $ci + "\\r\\n");',
    'set_reply_body("the body", "text/plain");',
    'set_reply_body("the body", "");',
    'set_reply_body("", "text/plain");',
    'set_reply_body("$rU body", "$hdr(X-Type)");',
    'set_reply_body("one", "text/plain"); set_reply_body("two", "text/html");',
    "set_reply_no_connect();",
    "set_reply_close();",
    'append_hf("X-Req: 1\\r\\n");',
    'remove_hf("Record-Route");',
    'append_branch("sip:x@example.net");',
    'append_branch("sip:x@example.net", "0.5"); append_branch("sip:y@example.net", "0.123");',
    '$ru = "sip:new@example.net";',
    '$ru = "sip:new@example.net"; append_branch("sip:y@example.net", "1");',
    '$ru = "sip:new@example.net"; append_branch("sip:y@example.net", "0");',
    '$ru = "sip:new@example.net"; append_branch("sip:y@example.net", "0.01");',
    '$ru = "sip:new@example.net"; append_branch("sip:y@example.net", "1.0");',
    '$rU = "changed"; append_branch();',
    '$ru = "sip:new@example.net"; $branch(uri) = "sip:z@example.net"; $branch(q) = 300;',
    '$du = "sip:192.0.2.44:5099"; append_branch("sip:y@example.net");',
    '$ru = "sip:n@example.net"; setbflag(3); append_branch("sip:y@example.net"); setbflag(2, 1);',
    '$branch(uri) = "sip:z@example.net"; $branch(path) = "<sip:192.0.2.9;lr>";',
    'append_branch("sip:y@example.net"); clear_branches();',
    'append_hf("Contact: <sip:mine@example.net>\\r\\n");',
    'append_to_reply("Contact: <sip:mine@example.net>;q=0.7\\r\\n");',
    "force_rport();", "add_local_rport();", 'set_advertised_address("203.0.113.7");',
    'append_to_reply("Retry-After: 5\\r\\n"); msg_apply_changes();',
    'append_urihf("X-Call: ", "\\r\\n");',
    "drop;", "LOG($ltt(s) $ltt(t) $ltt(x));", "setflag(5);",
)  # fmt: skip
EXTRA = "Record-Route: <sip:192.0.2.1;lr>\r\nX-Type: application/x-y\r\n"


def edited() -> Iterator[tuple[str, dict[str, str]]]:
    """Edits that go into replies of our own."""
    for edit in EDITS:
        for _, script in PLACES:
            for code in ("183", "200", "302", "404"):
                yield edit + "\n" + script.format(code), {
                    "method": "INVITE",
                    "extra": EXTRA,
                    **({"silent": "1"} if edit == "drop;" or code == "183" else {}),
                }


TWICE = (
    'sl_send_reply("200", "a"); sl_send_reply("404", "b");',
    't_reply("404", "without");',
    't_newtran(); t_reply("180", "a"); t_reply("183", "b"); t_reply("200", "c");',
    't_newtran(); t_reply("200", "a"); LOG($rc); t_reply("404", "b"); LOG($rc);',
    't_newtran(); t_reply("404", "a"); LOG($rc); t_reply("180", "b"); LOG($rc);',
    't_newtran(); sl_send_reply("404", "a"); LOG($rc);',
    'sl_send_reply("404", "a"); t_newtran(); t_reply("200", "b"); LOG($rc);',
    't_newtran(); send_reply("180", "a"); send_reply("486", "b"); LOG($rc);',
    't_newtran(); t_reply("180", "x"); t_relay_to_udp("127.0.0.1", "9"); LOG($rc);',
    't_newtran(); t_newtran(); LOG($rc); t_reply("480", "x");',
    't_send_reply("480", "x"); LOG($rc); t_send_reply("481", "y"); LOG($rc);',
    "t_newtran(); LOG($rc);",
    "t_newtran(); t_release(); LOG($rc);",
    't_newtran(); t_release(); LOG($rc); sl_send_reply("403", "x");',
    'sl_reply_error(); LOG($rc);',
    '$ru = "nonsense"; t_relay(); LOG($rc); sl_reply_error(); LOG($rc);',
    '$ru = "nonsense"; forward(); sl_reply_error(); LOG($rc);',
    '$du = "sip:unresolvable.invalid"; t_relay(); LOG($rc);',
    '$ru = "sip:x@unresolvable.invalid"; t_relay(); LOG($rc); exit;',
    '$ru = "foo:x"; if (!t_relay()) { LOG(failed $rc); sl_reply_error(); }',
    '$ru = "foo:x"; if (!t_relay()) { LOG(failed $rc); t_reply("555", "mine"); }',
    't_set_disable_internal_reply(1); $ru = "foo:x"; t_relay(); LOG($rc); send_reply("500", "z");',
    'send_reply_mode("404", "a", "1"); LOG($rc);',
    'send_reply_mode("404", "a", "2"); LOG($rc);',
    'send_reply_mode("404", "a", "x"); LOG($rc);',
    't_newtran(); send_reply_mode("404", "a", "0"); LOG($rc);',
    't_newtran(); t_retransmit_reply(); LOG($rc); t_reply("404", "n");',
    't_newtran(); t_reply("404", "n"); t_retransmit_reply(); LOG($rc);',
    't_newtran(); t_reply("404", "n"); t_check_trans(); LOG($rc);',
    't_newtran(); t_drop(); LOG($rc); sl_send_reply("404", "n");',
    't_newtran(); t_drop("404"); LOG($rc); sl_send_reply("404", "n");',
    't_newtran(); LOG($T(reply_code) $T_reply_code); t_reply("404", "n");'
    " LOG($T(reply_code) $T_reply_code $T(reply_reason) $T_reply_reason);",
    't_newtran(); t_reply("404", "n"); if (t_check_status("4[0-9]4")) { LOG(yes); } t_get_status_code(); LOG($rc);',
    't_reply_callid("$ci", "7", "481", "none"); LOG($rc); sl_send_reply("404", "n");',
    't_newtran(); t_reply_callid("$ci", "7", "481", "self"); LOG($rc);',
    't_newtran(); t_reply_callid("$ci", "8", "481", "self"); LOG($rc); t_reply("500", "x");',
)  # fmt: skip


def twice() -> Iterator[tuple[str, dict[str, str]]]:
    """More than one reply, and none."""
    for script in TWICE:
        for method in ("INVITE", "OPTIONS"):
            yield script, {"method": method, "silent": "1"}


ERRORS = (
    '$ru = "nonsense"; forward(); sl_reply_error();',
    '$ru = "nonsense"; if (!forward()) sl_reply_error();',
    '$du = "sip:unresolvable.invalid"; forward(); sl_reply_error();',
    '$du = "sip:unresolvable.invalid"; if (!t_relay()) sl_reply_error();',
    '$du = "sip:unresolvable.invalid"; t_relay(); sl_reply_error();',
    '$du = "sip:unresolvable.invalid"; t_relay(); $var(x) = 1; sl_reply_error();',
    '$du = "sip:unresolvable.invalid"; t_relay(); if ($var(c) == 0) sl_reply_error();',
    '$du = "sip:unresolvable.invalid"; if ($var(c) == 0) t_relay(); sl_reply_error();',
    '$du = "sip:unresolvable.invalid"; if ($var(c) == 0) { t_relay(); $var(x) = 1; } sl_reply_error();',
    '$ru = "foo:x"; if (!t_relay()) { sl_reply_error(); sl_reply_error(); }',
    '$ru = "foo:x"; if (!t_relay() && $var(c) == 0) { sl_reply_error(); }',
    '$ru = "foo:x"; if (is_method("INVITE") && !t_relay()) { sl_reply_error(); }',
    '$ru = "foo:x"; switch(t_relay()) { case -400: sl_reply_error(); break; default: LOG($rc); }',
    '$ru = "foo:x"; $var(r) = t_relay(); sl_reply_error();',
    '$ru = "foo:x"; route(MEr); sl_reply_error();',
    '$ru = "foo:x"; t_relay(); route(MEs);',
    "route(MEn); sl_reply_error();",
    't_relay_to_udp("S1"); sl_reply_error();',
    "t_newtran(); t_newtran(); sl_reply_error();",
    't_reply("404", "x"); sl_reply_error();',
    'append_branch("nonsense"); sl_reply_error();',
    'append_branch("sip:a@b", "7"); sl_reply_error();',
    "".join(f'append_branch("sip:{n}@b"); ' for n in range(12)) + "sl_reply_error();",
    '$ru = "nonsense"; if ($rd == "x") LOG(x); sl_reply_error();',
    '$ru = "nonsense"; $var(x) = $rd; sl_reply_error();',
    '$ru = "nonsense"; LOG($rd); sl_reply_error();',
    '$ru = "nonsense"; $rU = "x"; sl_reply_error();',
    'forward("127.0.0.1", P1); sl_reply_error();',
    '$ru = "sip:a@S1"; t_relay(); sl_reply_error();',
    '$ru = "sip:a@S1"; forward(); sl_reply_error();',
    '$ru = "foo:x"; $var(i) = 0; while(!t_relay() && $var(i) < 1) { sl_reply_error(); $var(i) = 1; }',
    '$ru = "foo:x"; if (t_relay()) {} else sl_reply_error();',
    '$ru = "foo:x"; if (t_relay()) { LOG(x); } else if ($var(c) == 0) { sl_reply_error(); }',
    '$ru = "foo:x"; if (!t_relay()) { xlog("L_DBG", "x"); sl_reply_error(); }',
    '$du = "sip:127.0.0.1:1;transport=sctp"; if (!t_relay()) { sl_reply_error(); }',
    '$du = "sip:[::1]:1"; if (!t_relay()) { sl_reply_error(); }',
    '$du = "sip:[::1]:1"; if (!forward()) { sl_reply_error(); }',
    '$ru = "foo:x"; if (!t_relay()) { $var(z) = 2; if (!t_relay()) sl_reply_error(); }',
)  # fmt: skip
ERROR_ROUTES = (
    "route[MEr] { t_relay(); }\nroute[MEs] { sl_reply_error(); }\nroute[MEn] { return -1; }"
)


def errors() -> Iterator[Case]:
    """What ``sl_reply_error`` knows of the statement before it."""
    for number, script in enumerate(ERRORS):
        for method in ("INVITE", "OPTIONS"):
            name = f"error{number}{method}"
            yield Case(name, script, ERROR_ROUTES, method=method, silent=True)


def _numbered(prefix: str, found: Iterator[tuple[str, dict[str, str]]]) -> Iterator[Case]:
    for n, (script, options) in enumerate(found):
        extra = dict(options)
        silent = bool(extra.pop("silent", ""))
        yield Case(f"{prefix}{n}", script, silent=silent, **extra)


FINALS = ("200 OK", "302 Moved|Contact: <sip:m@192.0.2.5>", "401 Auth|WWW-Authenticate: Digest realm=\"a\"",
    "407 Auth|Proxy-Authenticate: Digest realm=\"b\"", "404 Gone", "415 Type|Accept: x/y", "420 Ext",
    "484 Inc", "486 Busy", "487 Term", "500 Err", "503 Out|Retry-After: 3", "600 No", "603 Decline",
    "699 Odd")  # fmt: skip
FORK = '$ru = "sip:bob@S1"; append_branch("sip:two@S2");\n'
FORK3 = FORK + 'append_branch("sip:three@S3");\n'
SETUPS = (
    "",
    'modparam("tm", "aggregate_challenges", 0)',
    'modparam("tm", "failure_reply_mode", 0)',
    'modparam("tm", "failure_reply_mode", 1)',
    'modparam("tm", "failure_reply_mode", 2)',
    'modparam("tm", "remap_503_500", 0)',
    'modparam("tm", "disable_6xx_block", 1)',
    'modparam("tm", "cancel_b_method", 0)',
    'modparam("tm", "cancel_b_method", 2)',
    'modparam("tm", "local_ack_mode", 1)',
    'modparam("tm", "local_ack_mode", 2)',
    'modparam("tm", "faked_reply_prio", 2000)',
    'modparam("tm", "reparse_invite", 0)',
    'modparam("tm", "pass_provisional_replies", 1)',
    'modparam("tm", "relay_100", 1)',
    'modparam("tm", "reply_relay_mode", 0)',
    'modparam("tm", "auto_inv_100", 0)',
    'modparam("tm", "auto_inv_100_reason", "wait a bit")',
    'modparam("tm", "via1_matching", 0)',
    'modparam("tm", "ruri_matching", 0)\nmodparam("tm", "callid_matching", 1)',
    'modparam("tm", "local_cancel_reason", 0)',
    'modparam("tm", "e2e_cancel_reason", 0)',
    'modparam("tm", "rich_redirect", 3)\nmodparam("sl", "rich_redirect", 3)',
    'modparam("tm", "rich_redirect", 1)\nmodparam("sl", "rich_redirect", 2)',
    "sip_warning=1",
    "server_signature=no",
    'server_header="Server: mine"',
    'modparam("tm", "default_code", 555)\nmodparam("tm", "default_reason", "tm default")\n'
    'modparam("sl", "default_code", 505)\nmodparam("sl", "default_reason", "sl default")',
    'modparam("sl", "bind_tm", 0)',
    'modparam("tm", "failure_exec_mode", 1)',
)  # fmt: skip


def picked() -> Iterator[Case]:
    """Which of the branches' replies goes back."""
    n = 0
    for first, second in itertools.product(FINALS, FINALS):
        more = ""
        if n % 3 == 1:
            more = "failure_route[ME] { LOG(failure $T_reply_code $T(reply_type) $rs); }"
        script = FORK + ('t_on_failure("ME");\n' if more else "") + "t_relay();"
        steps = [f"1 {first}", f"2 {second}"]
        if first.startswith(("2", "6")):
            steps = ["2 180 Ringing", f"1 {first}", "2c 487 Terminated"]
        yield Case(f"pick{n}", script, more, tuple(steps))
        n += 1
    for trio in itertools.islice(itertools.permutations(FINALS[1:12], 3), 0, None, 17):
        steps = [f"{i} {reply}" for i, reply in enumerate(trio, 1)]
        yield Case(f"pick{n}", FORK3 + "t_relay();", "", tuple(steps))
        n += 1


FAILURES = (
    'LOG(in $T_reply_code $T(reply_reason));',
    't_reply("480", "Mine"); LOG($rc);',
    't_reply("200", "Mine"); LOG($rc);',
    'send_reply("480", "Mine"); LOG($rc);',
    'append_to_reply("X-F: 1\\r\\n"); t_reply("480", "Mine");',
    'append_branch("sip:three@S3"); t_relay(); LOG($rc);',
    '$ru = "sip:three@S3"; $du = $null; t_relay(); LOG($rc);',
    't_drop_replies(); append_branch("sip:three@S3"); t_relay();',
    't_drop_replies("n"); append_branch("sip:three@S3"); t_relay();',
    't_drop_replies("l"); append_branch("sip:three@S3"); t_relay();',
    't_drop_replies(); t_reply("488", "dropped");',
    't_drop_replies();',
    "drop;", "exit;", "return;",
    'if (t_check_status("486")) { t_reply("486", "was busy"); }',
    'if (t_grep_status("486")) LOG(grep); if (t_any_replied()) LOG(any); if (t_branch_replied()) LOG(br);',
    'LOG($rs $rr $T_rpl($rs) $T_rpl($hdr(Contact)) $T_req($ru));',
    't_reply("302", "Go"); ',
    '$ru = "sip:moved@example.net"; append_branch("sip:other@example.net", "0.4"); t_reply("302", "Go");',
    'set_reply_body("body", "text/plain"); t_reply("480", "Mine");',
    't_relay(); LOG($rc);',
    't_on_failure("ME2"); append_branch("sip:three@S3"); t_relay();',
    't_reply("180", "again"); LOG($rc);',
    't_release(); LOG($rc);',
)  # fmt: skip
AFTER = (
    "",
    "486 Busy",
    "302 Moved|Contact: <sip:m@192.0.2.5>",
    "401 A|WWW-Authenticate: Digest r",
    "503 O",
)


def failed() -> Iterator[Case]:
    """What failure routes do."""
    n = 0
    for route in FAILURES:
        if "t_release" in route:
            continue
        for first in AFTER[1:]:
            steps = [f"1 {first}", "2 404 Not Found"]
            if "S3" in route:
                steps.append("3 486 Third")
            more = f"failure_route[ME] {{ {route} }}\nfailure_route[ME2] {{ LOG(second $T_reply_code); }}"
            script = FORK + 't_on_failure("ME");\nt_relay();'
            yield Case(f"fail{n}", script, more, tuple(steps), silent=route == "drop;")
            n += 1


REPLIES = (
    'LOG($rs $rr $T_reply_code);', "drop;", "exit;", 'change_reply_status("488", "Other");',
    'append_hf("X-R: 1\\r\\n");', 'remove_hf("Contact");', 't_reply("480", "x"); LOG($rc);',
    'sl_forward_reply(); LOG($rc);', 'sl_forward_reply("499"); LOG($rc);',
    'sl_forward_reply("499", "Forwarded"); LOG($rc);', 'sl_forward_reply("599", "bad"); LOG($rc);',
    'sl_forward_reply("49", "bad"); LOG($rc);', 'sl_forward_reply("", "Reason only"); LOG($rc);',
    'send_reply("480", "x"); LOG($rc);', 'append_to_reply("X-L: 1\\r\\n");',
    'set_body("new body", "text/plain");', 't_check_status("[1-4]8."); LOG($rc);',
    't_on_failure("ME"); LOG($rc);', 'LOG($T_branch_idx $T_req($ru) $ru $si);',
)  # fmt: skip
ANSWERS = (
    "183 Progress",
    "200 OK|Contact: <sip:c@192.0.2.5>",
    "486 Busy|Contact: <sip:c@192.0.2.5>",
)


def replied() -> Iterator[Case]:
    """What reply routes do: of a branch, and of the core."""
    n = 0
    for route in REPLIES:
        for first in ANSWERS:
            steps = (f"1 {first}",) if first[0] != "1" else (f"1 {first}", "1 404 Not here")
            yield Case(
                f"reply{n}",
                '$du = "sip:S1"; t_on_reply("ME"); t_relay();',
                f"onreply_route[ME] {{ {route} }}\nfailure_route[ME] {{ LOG(failure); }}",
                steps,
                silent="drop" in route,
            )
            n += 1


EVENTS = (
    ("sl:local-response", 'sl_send_reply("404", "x");'),
    ("sl:local-response", 'sl_send_reply("180", "x"); sl_send_reply("200", "x");'),
    ("sl:local-response", 't_newtran(); t_reply("404", "x");'),
    ("tm:local-response", 't_newtran(); t_reply("180", "x"); t_reply("404", "x");'),
    ("tm:local-response", 'sl_send_reply("404", "x");'),
    ("sl:filtered-ack", 'sl_send_reply("404", "x");'),
)
SHOWN = "$rs $rr $rm $mt $ru $fu $tu $ci $si $proto $(hdr(Server)) $cs"


def events() -> Iterator[Case]:
    """Event routes of local responses. One setup for each route."""
    for n, (event, script) in enumerate(EVENTS):
        for method in ("INVITE", "OPTIONS"):
            setup = (
                f'# {event}\nevent_route[{event}] {{ if ($ci =~ "^event") '
                f'xlog("L_ALERT", "[[$ci]] {SHOWN}\\n"); }}'
            )
            yield Case(
                f"event{n}{method}", script, method=method, setup=setup, silent="180" in script
            )


ONSEND = """onsend_route_reply={}
onsend_route {{
  if ($mt == 2 && $rs != 100 && $ci =~ "^onsend") {{
    if ($ci =~ "d$" && $rs < 200) {{ drop; }}
    if ($ci =~ "f$" && $rs >= 200) {{ drop; }}
    xlog("L_ALERT", "[[$ci]] $rs $sndto(ip) $snd(len)\\n");
  }}
}}"""


def sent() -> Iterator[Case]:
    """``onsend_route`` for replies that tm relays."""
    answers = (("1 180 Ringing", "1 200 OK"), ("1 183 P", "1 486 Busy", "2 404 N"), ("1 404 N",))
    for on, (n, steps), end in itertools.product("01", enumerate(answers), "kdf"):
        script = 't_on_failure("ME"); $du = "sip:S1"; t_relay();'
        more = (
            'failure_route[ME] { $du = "sip:S2"; append_branch("sip:x@y"); t_relay(); }'
            if n == 1
            else ""
        )
        yield Case(
            f"onsend{on}x{n}{end}",
            script if more else script.partition("; ")[2],
            more,
            steps,
            setup=ONSEND.format(on),
            silent=end == "f",
        )


def configured() -> Iterator[Case]:
    """A few exchanges under every parameter."""
    fail = "failure_route[ME] { LOG(failure $T_reply_code); }"
    third = 'failure_route[ME] { LOG(failure $T_reply_code); append_branch("sip:three@S3"); t_relay(); }'
    for n, setup in enumerate(SETUPS):
        base = [
            (FORK + "t_relay();", "", ("1 401 A|WWW-Authenticate: Digest a", "2 407 B|Proxy-Authenticate: Digest b")),
            (FORK + "t_relay();", "", ("1 503 Out", "2 503 Out")),
            (FORK + 't_on_failure("ME"); t_relay();', fail, ("1 486 Busy", "2 600 No")),
            (FORK + "t_relay();", "", ("1 600 No", "2 486 Busy")),
            (FORK + "t_relay();", "", ("2 180 Ringing", "1 200 OK", "2c 487 Term")),
            (FORK + "t_relay();", "", ("1 100 Trying", "2 183 P", "1 200 OK", "2c 487 Term")),
            (FORK + "t_relay();", "", ("1 180 R", "2 180 R", "cancel", "1c 487 T", "2c 487 T")),
            (FORK + "t_relay();", "", ("1 180 R", "2 486 Busy", "cancel", "1c 487 T")),
            (FORK + 't_on_failure("ME"); t_relay();', third, ("1 486 Busy", "2 404 N", "3 500 E")),
            (FORK + 't_on_failure("ME"); t_relay();', third, ("1 486 Busy", "2 404 N", "3 302 M|Contact: <sip:a@b>")),
            ('$du = "sip:S1"; t_relay();', "", ("1 183 P", "again", "1 486 Busy", "wait 486", "again")),
            ('$du = "sip:S1"; t_relay();', "", ("1 200 OK", "wait 200", "again")),
            ('$du = "sip:S1"; t_relay();', "", ("1 180 R", "1 200 OK", "1 200 OK")),
            ('$ru = "sip:n@example.net"; setbflag(1); append_branch("sip:y@example.net", "0.5"); $(branch(path)[0]) = "<sip:192.0.2.9;lr>"; sl_send_reply("302", "Go");', "", ()),
            ('t_newtran(); $ru = "sip:n@example.net"; append_branch("sip:y@example.net"); t_reply("300", "Go");', "", ()),
            ('sl_send_reply("$var(none)", "$avp(nothing)");', "", ()),
            ('t_newtran(); t_reply("$avp(n)", "$avp(nothing)");', "", ()),
            ('t_newtran(); send_reply("404", "x"); LOG($ltt(s) $ltt(t) $ltt(x));', "", ()),
            ('append_branch("sip:x@example.com"); $ru = "foo:x"; t_relay(); LOG($rc);', "", ()),
        ]  # fmt: skip
        for k, (script, more, steps) in enumerate(base):
            yield Case(f"set{n}x{k}", script, more, steps, setup=setup)


def all_cases() -> Iterator[Case]:
    """Every case of replies."""
    yield from _numbered("own", own())
    yield from _numbered("req", requests())
    yield from _numbered("edit", edited())
    yield from _numbered("twice", twice())
    yield from picked()
    yield from failed()
    yield from replied()
    yield from events()
    yield from errors()
    yield from sent()
    yield from configured()
