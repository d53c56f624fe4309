"""Requests that the server makes itself: t_uac_send, uac_req_send, event_route[tm:local-request]."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.exchange import Case

H = "From: <sip:a@example.org>\\r\\nTo: <sip:b@example.org>\\r\\nX-Belongs: ME\\r\\n"
SENDS = (
    f't_uac_send("OPTIONS", "sip:x@S1", "", "", "{H}", "");',
    f't_uac_send("OPTIONS", "sip:x@example.org", "sip:S1", "", "{H}", "");',
    f't_uac_send("MESSAGE", "sip:x@S1", ".", ".", "{H}Content-Type: text/plain\\r\\n", "the body");',
    f't_uac_send("MESSAGE", "sip:x@S1", "", "", "{H}", "no type");',
    f't_uac_send("MESSAGE", "sip:x@S1", "", "", "{H}Content-Type: a/b\\r\\nContent-Length: 3\\r\\n", "abc");',
    f't_uac_send("", "sip:x@S1", "", "", "{H}", "");',
    f't_uac_send("FOO", "nonsense", "", "", "{H}", "");',
    f't_uac_send("FOO", "sip:x@S1", "nonsense", "", "{H}", "");',
    f't_uac_send("FOO", "sip:x@S1", "", "udp:192.0.2.1:5060", "{H}", "");',
    f't_uac_send("FOO", "sip:x@S1", "", "nonsense", "{H}", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "From: <sip:a@b>\\r\\nX-Belongs: ME\\r\\n", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "To: <sip:a@b>\\r\\nX-Belongs: ME\\r\\n", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "From: \\"A\\" <sip:a@b>;tag=mine\\r\\nTo: \\"B\\" <sip:b@c>;tag=theirs\\r\\nX-Belongs: ME\\r\\n", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "From: sip:a@b\\r\\nTo: sip:b@c\\r\\nX-Belongs: ME\\r\\n", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "f: <sip:a@b>\\r\\nt: <sip:b@c>\\r\\nX-Belongs: ME\\r\\n", "");',
    f't_uac_send("FOO", "sip:x@S1", "", "", "{H}Call-ID: mine-ME\\r\\nCSeq: 77 FOO\\r\\n", "");',
    f't_uac_send("FOO", "sip:x@S1", "", "", "{H}CSeq: 77 BAR\\r\\n", "");',
    f't_uac_send("FOO", "sip:x@S1", "", "", "{H}Max-Forwards: 5\\r\\nX-One: 1\\r\\nX-Two: 2\\r\\n", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "From: <sip:a@b>\\r\\nTo: <sip:b@c>\\r\\nX-Belongs: ME", "");',
    't_uac_send("$rm", "sip:$rU@S1", "$var(none)", "", "From: <$fu>\\r\\nTo: <$tu>\\r\\nX-Belongs: ME\\r\\n", "");',
    't_uac_send("FOO", "sip:x@unresolvable.invalid", "", "", "From: <sip:a@b>\\r\\nTo: <sip:b@c>\\r\\n", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "", "");',
    't_uac_send("FOO", "sip:x@S1", "", "", "garbage", "");',
    f't_uac_send("FOO", "sip:x@S1;transport=udp;p=1?h=v", "", "", "{H}Route: <sip:192.0.2.1;lr>\\r\\n", "");',
)  # fmt: skip
REPLIES = (("1 200 OK",), ("1 404 Not Found",), ("1 180 R", "1 486 B"))
REQ = '$uac_req(method) = "OPTIONS"; $uac_req(ruri) = "sip:x@S1"; $uac_req(furi) = "sip:from@example.org"; $uac_req(turi) = "sip:to@example.org"; $uac_req(hdrs) = "X-Belongs: ME\\r\\n";\n'
REQUESTS = (
    "uac_req_send();",
    '$uac_req(evroute) = 1; $uac_req(evparam) = "param ME"; uac_req_send();',
    '$uac_req(callid) = "own-ME"; $uac_req(evroute) = 1; uac_req_send();',
    '$uac_req(body) = "the body"; $uac_req(hdrs) = "X-Belongs: ME\\r\\nContent-Type: text/plain\\r\\n"; uac_req_send();',
    '$uac_req(ruri) = "sip:x@example.org"; $uac_req(ouri) = "sip:S1"; $uac_req(evroute) = 1; uac_req_send();',
    '$uac_req(furi) = $null; $uac_req(turi) = $null; uac_req_send();',
    '$uac_req(ruri) = $null; uac_req_send();',
    '$uac_req(method) = $null; uac_req_send();',
    '$uac_req(furi) = "\\"D\\" <sip:d@example.org>"; $uac_req(turi) = "\\"T\\" <sip:t@example.org>;x=y"; uac_req_send();',
    '$uac_req(method) = "MESSAGE"; $uac_req(evroute) = 1; uac_req_send();',
    'LOG($uac_req(method) $uac_req(ruri) $uac_req(furi) $uac_req(turi) $uac_req(ouri) $uac_req(body) $uac_req(callid) $uac_req(flags) $uac_req(evroute));',
    '$uac_req(all) = $null; LOG($uac_req(method) $uac_req(ruri) $uac_req(hdrs) $uac_req(evroute) $uac_req(auser)); uac_req_send();',
    '$uac_req(evroute) = 2; uac_req_send();',
    '$uac_req(flags) = 1; LOG($uac_req(flags) $uac_req(all)); $uac_req(flags) = $null;',
    '$uac_req(ruri) = 5; $uac_req(evroute) = "x"; LOG($uac_req(ruri) $uac_req(evroute));',
    '$uac_req(evroute) = 1; $uac_req(auser) = "u"; $uac_req(apasswd) = "p"; uac_req_send();',
    '$uac_req(auser) = "u"; $uac_req(apasswd) = "p"; uac_req_send();',
    '$uac_req(sock) = "udp:127.0.0.1:9"; uac_req_send();',
)  # fmt: skip
CHALLENGE = '1 401 Auth|WWW-Authenticate: Digest realm="r", nonce="abc", algorithm=MD5'
UAC = (
    'loadmodule "uac.so"\n'
    "event_route[uac:reply] { xlog(\"L_ALERT\", \"[[$(uac_req(hdrs){s.select,1,:}{s.trim})]] code $uac_req(evcode) type $uac_req(evtype) param $uac_req(evparam) $rs $rm $mt $ci $uac_req(ruri)\\n\"); }\n"
)  # fmt: skip
LOCALS = (
    "return;", 'append_hf("X-New: 1\\r\\n");', 'remove_hf("User-Agent");', "drop;", '$ru = "sip:changed@example.org";',
    'xlog("L_ALERT", "[[$hdr(X-Belongs)]] $rm $ru $du $fu $tu $si $sp $Ri $Rp $proto $mt $cs\\n");',
    'add_local_rport();', 'subst("/X-Belongs: (.*)/X-Belongs: \\1;/");', 'set_body("other", "text/plain");',
    't_on_reply("LOCAL");', "$du = \"sip:S2\";", "exit;", "setflag(3);",
)  # fmt: skip


def local_setup(body: str) -> str:
    """A configuration with event_route[tm:local-request]."""
    return (
        f"event_route[tm:local-request] {{ {body} }}\n"
        'onreply_route[LOCAL] { xlog("L_ALERT", "[[$hdr(X-Belongs)]] $rs $rr\\n"); }\n'
    )


RELAYS = (
    't_relay_to_udp("127.0.0.1", "P1");', 't_relay_to("127.0.0.1:P1", "0");', 't_relay_to("udp:127.0.0.1:P1", "1");',
    '$du = "sip:S1"; t_relay_to();', '$du = "sip:S1"; t_relay_to("1");', '$du = "sip:S1"; t_relay_to("0x3");',
    '$du = "sip:S1"; t_relay_to("2");', '$du = "sip:S1"; t_relay_to("7");',
    '$ru = "foo:x"; t_relay_to("2");', '$ru = "foo:x"; t_relay_to("1");',
    '$avp(p) = "udp"; $avp(h) = "127.0.0.1:P1"; t_relay_to_avp("$p", "$h");', '$avp(h) = "127.0.0.1:x"; t_relay_to_avp("$p", "$h");',
    '$avp(s:p) = "udp"; $avp(s:h) = "127.0.0.1:P1"; t_relay_to_avp("$avp(p)", "$avp(h)");',
    't_relay_to_avp("udp", "127.0.0.1:P1");', 't_relay_to_avp("udp", "127.0.0.1");', 't_relay_to_avp("", "");',
    't_replicate("sip:S1"); sl_send_reply("202", "kept");', 't_replicate("127.0.0.1", "P1"); sl_send_reply("202", "kept");',
    't_replicate_udp("127.0.0.1", "P1"); send_reply("202", "kept");', '$du = "sip:S1"; t_replicate(); t_reply("404", "mine");',
    't_replicate("nonsense"); LOG(bad $rc); sl_send_reply("202", "kept");', 't_replicate("sip:127.0.0.1:P1;transport=udp"); sl_send_reply("202", "kept");',
    't_replicate_to("udp", "127.0.0.1:P1"); sl_send_reply("202", "kept");',
    't_newtran(); t_forward_nonack("127.0.0.1", "P1");', 't_newtran(); t_forward_nonack_udp("127.0.0.1", "P1");',
    't_newtran(); t_forward_nonack_to("udp", "127.0.0.1:P1");', 't_forward_nonack("127.0.0.1", "P1"); LOG(none $rc); sl_send_reply("500", "no");',
    't_newtran(); $du = "sip:S1"; t_forward_nonack_uri();', '$ru = "sip:bob@S1"; t_relay_to_tcp(); LOG($rc);',
    't_relay_to_tls("127.0.0.1", "P1"); LOG($rc);', 't_relay_to_tls(); LOG($rc);', 't_clean(); LOG($rc); sl_send_reply("200", "c");',
    't_use_uac_headers(); $du = "sip:S1"; t_relay();', 't_relay("127.0.0.1", "P1");',
)  # fmt: skip
ANSWERED = (("1 200 OK",), ("1 486 Busy",), ("1 180 R", "cancel", "1c 487 T"))
AUTH = (
    'loadmodule "uac.so"\nmodparam("uac", "credential", "user:realm:password")\nmodparam("uac", "credential", "u2:other:p2")',
    'loadmodule "uac.so"\nmodparam("uac", "auth_realm_avp", "$avp(arealm)")\nmodparam("uac", "auth_username_avp", "$avp(auser)")\n'
    'modparam("uac", "auth_password_avp", "$avp(apass)")',
)  # fmt: skip
HA1 = "0123456789abcdef0123456789abcdef"
CHALLENGES = (
    '401 A|WWW-Authenticate: Digest realm="realm", nonce="abc"', '407 A|Proxy-Authenticate: Digest realm="realm", nonce="abc", qop="auth"',
    '401 A|WWW-Authenticate: Digest realm="other", nonce="n0nce123", opaque="op", algorithm=MD5, qop="auth,auth-int"',
    '401 A|WWW-Authenticate: Digest realm="unknown", nonce="x"', '401 A|WWW-Authenticate: Digest nonce="x"', '401 A',
    '401 A|WWW-Authenticate: Basic realm="realm"', '401 A|WWW-Authenticate: Digest realm="realm", nonce="x", algorithm=SHA-256',
    '401 A|WWW-Authenticate: Digest realm=realm, nonce="x"', '401 A|WWW-Authenticate:   digest  realm="realm" , nonce="x" , stale=true, foo=bar',
    '401 A|WWW-Authenticate: Digest realm="realm", nonce="x", qop="auth-int"', '401 A|WWW-Authenticate: Digest realm="realm", nonce="x", stale=maybe',
    '407 A|WWW-Authenticate: Digest realm="realm", nonce="x"', '486 Busy', '401 A|WWW-Authenticate: Digest realm="realm", nonce="abcd", qop=auth',
    '401 A|WWW-Authenticate: Digest realm="realm", nonce="abcde", domain="sip:x", opaque=""', '401 A|WWW-Authenticate: Digest',
)  # fmt: skip


def relays() -> Iterator[Case]:
    """Every function that relays or replicates, and answers to challenges in failure routes."""
    n = 0
    for relay in RELAYS:
        for method in ("INVITE", "OPTIONS"):
            for steps in ANSWERED[: 3 if method == "INVITE" else 2]:
                n += 1
                yield Case(f"relay{n}", f"{relay}\nLOG(rc $rc);", steps=steps, method=method)
    ways = [(AUTH[0], "uac_auth()"), (AUTH[0], 'uac_auth_mode("0")'), (AUTH[1], "uac_auth()")]
    ways.append(
        (AUTH[0].replace(":password", f":{HA1}").replace(":p2", f":{HA1}"), 'uac_auth("1")')
    )
    ways.append((AUTH[1] + "\n# H(A1)", 'uac_auth("1")'))
    for setup, call in ways:
        secret = HA1 if '"1"' in call else "password"
        avps = f'$avp(auser) = "user"; $avp(apass) = "{secret}"; $avp(arealm) = "realm";\n'
        for j, reply in enumerate(CHALLENGES):
            n += 1
            yield Case(
                f"auth{n}",
                f'{avps if "avp" in setup else ""}$du = "sip:S1"; t_on_failure("ME"); t_relay();',
                f'failure_route[ME] {{ if ({call}) {{ LOG(yes $rc $ru); $du = "sip:S2"; t_relay(); }} else LOG(no $rc); }}',
                (f"1 {reply}", "2 200 OK"), method="INVITE" if j % 2 else "OPTIONS", setup=setup,
            )  # fmt: skip


def all_cases() -> Iterator[Case]:
    """Every case of local requests."""
    yield from relays()
    n = 0
    for send in SENDS:
        for steps in REPLIES if n < 6 else REPLIES[:1]:
            n += 1
            good = "1" if "S1" in send else ""
            yield Case(
                f"send{n}", f'{send} LOG(rc $rc); sl_send_reply("200", "done");',
                steps=steps if good and n < 9 else (), method="OPTIONS",
            )  # fmt: skip
    for k, request in enumerate(REQUESTS):
        for j, steps in enumerate((*REPLIES, (CHALLENGE,))):
            reset = "$uac_req(all) = $null; $uac_req(auser) = $null; $uac_req(apasswd) = $null;\n"
            yield Case(
                f"reqs{k}x{j}",
                f'{reset}{REQ}{request} LOG(rc $rc); sl_send_reply("200", "done");',
                steps=steps if "uac_req_send" in request and "null; uac_req_send" not in request.replace("$uac_req(turi) = $null; uac", "") and "(all)" not in request else (),
                method="OPTIONS", setup=UAC,
            )  # fmt: skip
    for k, body in enumerate(LOCALS):
        for j, send in enumerate(SENDS[:3]):
            yield Case(
                f"loc{k}x{j}", f'{send} LOG(rc $rc); sl_send_reply("200", "done");',
                steps=() if body == "drop;" else ("1 200 OK",), method="OPTIONS", setup=local_setup(body),
            )  # fmt: skip
