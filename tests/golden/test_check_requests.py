"""What happens to a request along its paths: which codes are reported where, and how often."""

from __future__ import annotations

import shutil
from itertools import chain
from pathlib import Path

import pytest

from kcc.driver import Request, check

MODULES = (
    "tm", "sl", "pv", "rr", "xlog", "textops", "textopsx", "siputils", "maxfwd", "usrloc",
    "registrar", "kex", "tmx", "auth", "auth_db", "permissions", "domain", "uac", "nathelper",
)  # fmt: skip
LOADED = "".join(f'loadmodule "{name}.so"\n' for name in MODULES)
STOCK = Path("/etc/kamailio/kamailio.cfg")


def found(path: Path, text: str, loaded: str = LOADED) -> list[str]:
    """``CODE line:column`` of the findings K04.., lines counted from the first of ``text``."""
    path.write_text(loaded + text, "utf-8")
    first = loaded.count("\n")
    result = check(Request(str(path)))
    assert not result.failed, result.diagnostics
    return [
        f"{d.code} {d.span.line - first}:{d.span.column}"
        for d in result.diagnostics
        if d.code.startswith("K04") and d.span is not None
    ]


RELAY = "route[RELAY] {\n  if (!t_relay()) sl_reply_error();\n  exit;\n}\n"
LOCAL = '  if (uri!=myself) {\n    sl_send_reply("403", "No");\n    exit;\n  }\n'

ANSWERED = {
    "two replies in a row": (
        'request_route {\n  sl_send_reply("404", "A");\n  send_reply("500", "B");\n}\n',
        ["K0401 3:3"],
    ),
    "a provisional one before": (
        'request_route {\n  sl_send_reply("100", "A");\n  sl_send_reply(404, "B");\n}\n',
        [],
    ),
    "no exit in a branch": (
        'request_route {\n  if (is_method("INFO")) {\n    sl_send_reply("404", "A");\n  }\n'
        '  sl_send_reply("500", "B");\n}\n',
        ["K0401 3:5"],
    ),
    "another method": (
        'request_route {\n  if (is_method("INFO")) sl_send_reply("404", "A");\n'
        '  if (!is_method("INFO|BYE")) sl_send_reply("405", "B");\n}\n',
        [],
    ),
    "an ACK is never answered": (
        'request_route {\n  if (!is_method("ACK")) exit;\n  sl_send_reply("404", "A");\n'
        '  sl_send_reply("500", "B");\n}\n',
        [],
    ),
    "the route gives a code": (
        'request_route {\n  if (!route(CHECK)) exit;\n  sl_send_reply(500, "B");\n}\n'
        'route[CHECK] {\n  if ($rU == "x") {\n    sl_send_reply("403", "A");\n    return -1;\n  }\n'
        "  return 1;\n}\n",
        [],
    ),
    "the code is compared": (
        'request_route {\n  route(CHECK);\n  if ($rc < 0) exit;\n  sl_send_reply(500, "B");\n}\n'
        'route[CHECK] {\n  if ($rU == "x") {\n    sl_send_reply("403", "A");\n    return -1;\n  }\n'
        "  return 1;\n}\n",
        [],
    ),
    "the code is kept": (
        'request_route {\n  $var(c) = save("location");\n  xlog("x");\n'
        '  if ($var(c) < 0) sl_send_reply(500, "B");\n}\n',
        ["K0406 2:13"],
    ),
    "a variable tells": (
        'request_route {\n  $var(done) = 0;\n  if ($rU == "x") {\n    sl_send_reply("403", "A");\n'
        '    $var(done) = 1;\n  }\n  if ($var(done) == 0) sl_send_reply("404", "B");\n}\n',
        [],
    ),
    "save replies": (
        'request_route {\n  if ($si == "10.0.0.1") {\n    save("location");\n'
        '    sl_send_reply("200", "OK");\n  }\n}\n',
        ["K0401 4:5"],
    ),
    "save may be told not to": (
        'request_route {\n  if ($si == "10.0.0.1") {\n    save("location", "0x02");\n'
        '    sl_send_reply("200", "OK");\n  }\n}\n',
        [],
    ),
    "a challenge replies": (
        'request_route {\n  if (!auth_check("$fd", "subscriber", "1"))\n'
        '    auth_challenge("$fd", "0");\n  route(RELAY);\n}\n' + RELAY,
        ["K0402 3:5"],
    ),
    "refused and relayed": (
        'request_route {\n  if (uri!=myself) {\n    sl_send_reply("403", "No");\n  }\n'
        "  route(RELAY);\n}\n" + RELAY,
        ["K0402 3:5"],
    ),
    "answered and relayed in a row": (
        'request_route {\n  if (uri==myself) {\n    send_reply("200", "OK");\n'
        "    if (!t_relay()) exit;\n  }\n}\n",
        ["K0402 4:10"],
    ),
    "relayed and answered": (
        "request_route {\n  if (uri==myself) {\n    if (!t_relay()) sl_reply_error();\n  }\n"
        '  sl_send_reply("404", "No");\n}\n',
        ["K0403 3:10"],
    ),
    "the error of a relay": (
        "request_route {\n  if (uri==myself && !t_relay()) sl_reply_error();\n}\n",
        [],
    ),
    "switch on the method": (
        'request_route {\n  switch ($rm) {\n    case "INFO": sl_send_reply("405", "A");\n'
        '    case "BYE": sl_send_reply("481", "B"); break;\n    default: exit;\n  }\n}\n',
        ["K0401 3:18"],
    ),
    "in a failure route": (
        'request_route { exit; }\nfailure_route[F] {\n  t_reply("486", "Busy");\n'
        "  if (!t_relay()) exit;\n}\n",
        ["K0402 4:8"],
    ),
}

RELAYED = {
    "nobody looks": (
        "request_route {\n  if (uri==myself) {\n    t_relay();\n    exit;\n  }\n}\n",
        ["K0404 3:5"],
    ),
    "the code is read": (
        "request_route {\n  if (uri==myself) {\n    t_relay();\n    if ($rc < 0) exit;\n  }\n}\n",
        [],
    ),
    "the caller looks": (
        "request_route {\n  if (uri==myself && !route(R)) exit;\n}\nroute[R] {\n  t_relay();\n}\n",
        [],
    ),
    "only ACK": (
        'request_route {\n  if (uri==myself && is_method("ACK")) t_relay();\n}\n',
        [],
    ),
    "only in a failure route": (
        "request_route { exit; }\nfailure_route[F] {\n  t_relay();\n}\n",
        [],
    ),
    "no loose_route": (
        "request_route {\n" + LOCAL + "  record_route();\n  route(RELAY);\n}\n" + RELAY,
        ["K0405 6:3"],
    ),
    "no loose_route after has_totag": (
        "request_route {\n  if (has_totag()) route(RELAY);\n"
        + LOCAL
        + "  record_route();\n  route(RELAY);\n}\n"
        + RELAY,
        ["K0405 2:7"],
    ),
    "no loose_route and no record_route": (
        'request_route {\n  if (has_totag() && is_method("BYE|INVITE")) route(RELAY);\n}\n' + RELAY,
        ["K0405 2:7"],
    ),
    "nothing within dialogs is relayed": (
        "request_route {\n  if (has_totag()) exit;\n"
        + LOCAL
        + "  record_route();\n  route(RELAY);\n}\n"
        + RELAY,
        [],
    ),
    "an open relay": (
        "request_route {\n  route(RELAY);\n}\n" + RELAY,
        ["K0407 5:8"],
    ),
    "only from others": (
        "request_route {\n  if (from_uri==myself) route(RELAY);\n}\n" + RELAY,
        [],
    ),
    "foreign requests are relayed": (
        "request_route {\n  if (uri!=myself) {\n    route(RELAY);\n  }\n}\n" + RELAY,
        ["K0407 7:8"],
    ),
    "an address is checked": (
        "request_route {\n  if (!allow_source_address()) exit;\n  route(RELAY);\n}\n" + RELAY,
        [],
    ),
    "an address is compared": (
        'request_route {\n  if ($si != "10.0.0.1") exit;\n  route(RELAY);\n}\n' + RELAY,
        [],
    ),
    "the script chooses": (
        'request_route {\n  $du = "sip:10.0.0.1";\n  route(RELAY);\n}\n' + RELAY,
        [],
    ),
    "a function chooses": (
        'request_route {\n  rewritehost("10.0.0.1");\n  route(RELAY);\n}\n' + RELAY,
        [],
    ),
    "a switch on the address": (
        'request_route {\n  switch ($si) {\n    case "10.0.0.1": break;\n    default: exit;\n  }\n'
        "  route(RELAY);\n}\n" + RELAY,
        [],
    ),
    "a look-up is ignored": (
        'request_route {\n  lookup("location");\n  route(RELAY);\n}\n' + RELAY,
        ["K0407 6:8"],
    ),
    "a look-up": (
        'request_route {\n  if (!lookup("location")) exit;\n  route(RELAY);\n}\n' + RELAY,
        [],
    ),
    "a flag tells": (
        "request_route {\n  if (uri==myself || allow_source_address()) setflag(3);\n"
        "  if (isflagset(3)) route(RELAY);\n}\n" + RELAY,
        [],
    ),
    "within dialogs": (
        "request_route {\n  if (has_totag() && loose_route()) route(RELAY);\n}\n" + RELAY,
        [],
    ),
}

REGISTERED = {
    "not authenticated": (
        'request_route {\n  if (is_method("REGISTER")) {\n    save("location");\n  }\n}\n',
        ["K0406 3:5"],
    ),
    "authenticated": (
        'request_route {\n  if (!www_authorize("a", "subscriber")) {\n'
        '    www_challenge("a", "0");\n    exit;\n  }\n  save("location");\n}\n',
        [],
    ),
    "the result is ignored": (
        'request_route {\n  www_authorize("a", "subscriber");\n  save("location");\n}\n',
        ["K0406 3:3"],
    ),
    "all but REGISTER": (
        'request_route {\n  if (!is_method("REGISTER") && !www_authorize("a", "subscriber")) {\n'
        '    www_challenge("a", "0");\n    exit;\n  }\n'
        '  if (is_method("REGISTER")) save("location");\n}\n',
        ["K0406 6:30"],
    ),
    "by address": (
        'request_route {\n  if (src_ip!=10.0.0.1) exit;\n  save("location");\n}\n',
        [],
    ),
    "the missing exit is said once": (
        'request_route {\n  if (!www_authorize("a", "subscriber")) {\n'
        '    www_challenge("a", "0");\n  }\n  save("location");\n}\n',
        ["K0401 3:5"],
    ),
}

TRANSACTIONS = {
    "none": ('request_route {\n  t_reply("404", "A");\n}\n', ["K0413 2:3"]),
    "made": ('request_route {\n  t_newtran();\n  t_reply("404", "A");\n}\n', []),
    "made on one path": (
        'request_route {\n  if ($rU == "x") t_newtran();\n  route(R);\n}\n'
        'route[R] {\n  t_reply("404", "A");\n}\n',
        [],
    ),
    "in a failure route": (
        'request_route { exit; }\nfailure_route[F] {\n  t_reply("404", "A");\n}\n',
        [],
    ),
}

EDITED = {
    "From twice": (
        'request_route {\n  $fU = "a";\n  $fu = "sip:b@c";\n}\n',
        ["K0408 3:3"],
    ),
    "different parts": (
        'request_route {\n  $fU = "a";\n  $fd = "b";\n  $tU = "c";\n}\n',
        [],
    ),
    "applied": (
        'request_route {\n  $fU = "a";\n  msg_apply_changes();\n  $fU = "b";\n}\n',
        [],
    ),
    "either": (
        'request_route {\n  if ($rU == "x") $fU = "a"; else $fU = "b";\n}\n',
        [],
    ),
    "uac_replace_from twice": (
        'request_route {\n  uac_replace_from("", "sip:a@b");\n  $fn = "x";\n'
        '  uac_replace_from("y", "");\n}\n',
        ["K0408 4:3"],
    ),
    "headers may be added twice": (
        'request_route {\n  append_hf("X-A: 1\\r\\n");\n  append_hf("X-A: 2\\r\\n");\n}\n',
        [],
    ),
    "replaced": (
        'request_route {\n  remove_hf("X-A");\n  append_hf("X-A: 2\\r\\n");\n}\n',
        [],
    ),
    "removed, still there": (
        'request_route {\n  remove_hf("X-A");\n  if (is_present_hf("X-A")) exit;\n}\n',
        ["K0409 3:7"],
    ),
    "removed, its value is used": (
        'request_route {\n  remove_hf("X-A");\n'
        '  if (is_present_hf("X-A")) append_hf("X-B: $hdr(X-A)\\r\\n");\n}\n',
        [],
    ),
    "added, tested": (
        'request_route {\n  append_hf("X-A: 1\\r\\n");\n  if ($hdr(X-A) == "1") exit;\n}\n',
        ["K0409 3:7"],
    ),
    "changed, logged": (
        'request_route {\n  $fU = "a";\n  xlog("$fU\\n");\n  xlog("$fU\\n");\n}\n',
        ["K0409 3:8"],
    ),
    "the same text": (
        'request_route {\n  subst_body("/a/b/");\n  subst_body("/c/d/");\n'
        '  subst_body("/a/e/");\n}\n',
        ["K0408 4:3"],
    ),
    "Contact twice": (
        "request_route {\n  fix_nated_contact();\n  set_contact_alias();\n}\n",
        ["K0408 3:3"],
    ),
    "the request URI is changed at once": (
        'request_route {\n  $ru = "sip:a@b";\n  $rU = "c";\n  xlog("$ru\\n");\n}\n',
        [],
    ),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(*case, id=name)
        for name, case in chain(
            ANSWERED.items(),
            RELAYED.items(),
            REGISTERED.items(),
            TRANSACTIONS.items(),
            EDITED.items(),
        )
    ],
)
def test_findings(text: str, expected: list[str], tmp_path: Path) -> None:
    assert found(tmp_path / "example.cfg", text) == expected


def test_without_a_module_that_authenticates_nothing_is_missed(tmp_path: Path) -> None:
    loaded = LOADED.replace('loadmodule "auth.so"\n', "").replace('loadmodule "auth_db.so"\n', "")
    assert found(tmp_path / "example.cfg", 'request_route { save("location"); }', loaded) == []


def test_routes_in_routes_end(tmp_path: Path) -> None:
    """A chain of any length, routes that call each other, and many calls of many routes."""
    chained = "".join(
        f'route[R{n}] {{ if (is_method("INFO")) append_hf("X-{n % 9}: a"); route(R{n + 1}); }}\n'
        for n in range(600)
    )
    last = 'route[R600] { if (is_present_hf("X-1")) t_relay(); route(R0); }\n'
    meshed = "".join(
        f"route[M{n}] {{ "
        + " ".join(f"route(M{(n * 7 + k * 13) % 80});" for k in range(4))
        + f' if ($rU == "{n}") sl_send_reply("404", "x"); }}\n'
        for n in range(80)
    )
    text = f"request_route {{ route(R0); route(M0); exit; }}\n{chained}{last}{meshed}"
    assert {code.partition(" ")[0] for code in found(tmp_path / "example.cfg", text)} <= {
        "K0401", "K0409",
    }  # fmt: skip


def test_the_stock_file_is_silent_with_every_option() -> None:
    if not STOCK.exists():
        assert shutil.which("kamailio") is None, "the package has its configuration file"
        return
    text = STOCK.read_text("utf-8")
    names = sorted({word for word in text.split() if word.startswith("WITH_")})
    for defined in ([], names, *([name] for name in names)):
        result = check(Request(str(STOCK), dict.fromkeys(defined)))
        assert not [d for d in result.diagnostics if d.code.startswith("K04")], defined
