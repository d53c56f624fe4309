"""Checks of what stands around the routes: K0250 to K0269."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.model import Diagnostic
from kcc.driver import Request, check
from kcc.preprocess.misspelt import slip
from tests.golden.front import KAMAILIO, ORACLE_REQUIRED, kamailio_takes, parse

oracle = pytest.mark.skipif(
    KAMAILIO is None and not ORACLE_REQUIRED, reason="Kamailio is not installed"
)
_ROUTE = "request_route { exit; }\n"


def _found(text: str) -> list[Diagnostic]:
    found = check(Request("main.cfg", data=text.encode())).diagnostics
    return [d for d in found if CODES[d.code].default]


def _codes(text: str) -> list[str]:
    return [f"{d.code}:{d.span.line if d.span else 0}:{d.severity}" for d in _found(text)]


# --- K0250 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "other", "slips"),
    [
        ("WITH_AUHT", "WITH_AUTH", 1),
        ("WITH_AUT", "WITH_AUTH", 0),
        ("WITH_AUTHH", "WITH_AUTH", 1),
        ("WITH_UATH", "WITH_AUTH", 1),
        ("WITHAUTH", "WITH_AUTH", 1),
        ("WITH_Auth", "WITH_AUTH", 1),
        ("WITH_MULTDOMAN", "WITH_MULTIDOMAIN", 2),
        ("WITH_TSL", "WITH_TLS", 1),
        ("WITH_IPAUTH", "WITH_AUTH", 0),
        ("WITH_IPV4", "WITH_IPV6", 0),
        ("WITH_NAT", "WITH_NATS", 0),
        ("WITH_TLS", "WITH_TCP", 0),
        ("WITH_CFGJRUBY", "WITH_CFGRUBY", 1),
        ("WITH_JRUBY", "WITH_RUBY", 0),
        ("KAMAILIO_5_5", "KAMAILIO_5_6", 0),
        ("WITH_AUTH", "WITH_AUTH", 0),
    ],
)
def test_slips(name: str, other: str, slips: int) -> None:
    assert slip(name, other) == slips


def _conditions(text: str, defines: dict[str, str | None] | None = None) -> list[str]:
    _, found = parse(text + _ROUTE, defines)
    return [f"{d.code}:{d.span.line if d.span else 0}:{d.help}" for d in found]


def test_misspelt_conditions() -> None:
    test = "#!ifdef WITH_AUHT\n#!endif\n"
    wrong = ["K0250:1:did you mean `WITH_AUTH`?"]
    assert _conditions(test) == []
    assert _conditions(test, {"WITH_AUTH": None}) == wrong
    assert _conditions(test + "#!define WITH_AUTH 1\n") == wrong
    assert _conditions(test + "# define WITH_AUTH to have it\n") == wrong
    assert _conditions(test + "#!ifdef WITH_AUTH\n#!endif\n") == [], "one is as good as the other"
    assert _conditions(test + "#!ifdef WITH_AUTH\n#!endif\n" * 3) == wrong
    assert _conditions(test + test + "#!ifdef WITH_AUTH\n#!endif\n" * 3) == []
    assert _conditions(test + "#!define WITH_AUTH\n", {"WITH_AUHT": None}) == []
    assert _conditions(test + "#!define WITH_AUTH\n##!define WITH_AUHT\n") == []
    assert _conditions(test.replace("ifdef", "ifndef"), {"WITH_AUTH": None}) == wrong


# --- K0251, K0252, K0253 -------------------------------------------------------------------------

_RR = 'loadmodule "rr.so"\n'
_SET = 'modparam("%s", "enable_full_lr", 1)\n'


@oracle
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_RR + _SET % "rr" + _ROUTE, []),
        (_RR + _SET % "RR" + _ROUTE, []),
        (_RR + _SET % "r+" + _ROUTE, []),
        (_RR + _SET % "[[:alpha:]]*" + _ROUTE, []),
        (_RR + _SET % "(rr" + _ROUTE, ["K0202:2:error"]),
        (_RR + _SET % "[[r" + _ROUTE, ["K0202:2:error"]),
        (_RR + _SET % "rr|tyop" + _ROUTE, ["K0251:2:warning"]),
        (_RR + _SET % "rr|usrloc" + _ROUTE, ["K0251:2:info"]),
        (_SET % "rr" + _RR + _ROUTE, ["K0252:1:error"]),
        (_SET % "rr" + _ROUTE, ["K0202:1:error"]),
        (_RR + _SET % "tyop" + _ROUTE, ["K0202:2:error"]),
        (_RR + _RR + _ROUTE, ["K0253:2:error"]),
        (_RR + 'loadmodule "rr"\n' + _ROUTE, ["K0253:2:error"]),
    ],
)
def test_modules_and_their_parameters_as_kamailio_takes_them(
    text: str, expected: list[str]
) -> None:
    assert _codes(text) == expected
    taken, said = kamailio_takes(text.encode())
    assert taken == (not any(e.endswith("error") for e in expected)), said


def test_parameters_of_a_module_that_does_not_exist_are_no_second_error() -> None:
    text = 'loadmodule "rrr.so"\nmodparam("rrr", "enable_full_lr", 1)\n' + _ROUTE
    assert _codes(text) == ["K0210:1:error"]


def test_the_place_of_an_alternative() -> None:
    (found,) = _found(_RR + _SET % "rr|tyop" + _ROUTE)
    assert found.span is not None and found.span.text == "tyop"


# --- K0254, K0255, K0256 -------------------------------------------------------------------------

_DISPATCHER = 'loadmodule "tm.so"\nloadmodule "dispatcher.so"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'modparam("tm", "fr_timer", 1000)\nmodparam("tm", "fr_timer", 2000)\n',
            ["K0254:4:warning"],
        ),
        ('modparam("tm", "fr_timer", 1000)\nmodparam("tm", "fr_timer", 1000)\n', []),
        ('modparam("tm", "fr_timer", 1000)\nmodparam("tm", "wt_timer", 2000)\n', []),
        (
            'loadmodule "sqlops.so"\nmodparam("sqlops", "sqlcon", "a=>mysql://h/a")\n'
            'modparam("sqlops", "sqlcon", "b=>mysql://h/b")\n',
            [],
        ),
        ('modparam("dispatcher", "db_url", "$env(DBURL)")\n', ["K0255:3:warning"]),
        (
            'loadmodule "db_mysql.so"\n'
            'modparam("dispatcher", "db_url", "mysql://u:pa$$word@h/d")\n',
            [],
        ),
        ('modparamx("dispatcher", "db_url", "$env(DBURL)")\n', []),
        ('modparam("dispatcher", "ds_ping_from", "sip:$env(HOST)")\n', ["K0255:3:warning"]),
        ('modparam("dispatcher", "ds_ping_from", "sip:$var(host)")\n', []),
        ('loadmodule "pv.so"\nmodparam("dispatcher", "setid_pvname", "$var(setid)")\n', []),
        ('loadmodule "msilo.so"\nmodparam("msilo", "from_address", "sip:$env(H)")\n', []),
        ('modparam("dispatcher", "list_file", "absent.list")\n', ["K0256:3:warning"]),
        ('modparam("dispatcher", "list_file", "/no/such/absent.list")\n', ["K0256:3:warning"]),
        ('modparam("dispatcher", "list_file", "/etc/no-such/x.list")\n', ["K0256:3:info"]),
        ('modparam("dispatcher", "list_file", "present.list")\n', []),
        ('modparam("dispatcher", "list_file", "/etc/kamailio/present.list")\n', []),
        ('modparam("dispatcher", "list_file", "")\n', []),
    ],
)
def test_values_of_parameters(text: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "present.list").write_text("")
    main = tmp_path / "main.cfg"
    main.write_text(_DISPATCHER + text + _ROUTE)
    found = check(Request(str(main))).diagnostics
    shown = [
        f"{d.code}:{d.span.line if d.span else 0}:{d.severity}"
        for d in found
        if CODES[d.code].default
    ]
    assert [entry for entry in shown if not entry.startswith("K0214")] == expected


def test_both_values_are_shown() -> None:
    text = 'loadmodule "rr.so"\n' + _SET % "rr" + 'modparam("rr", "enable_full_lr", 0)\n'
    (found,) = _found(text + _ROUTE)
    assert [note.span.line for note in found.notes] == [2]


# --- K0220 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modules", "name", "help"),
    [
        ("tm", "tm:local-request", None),
        ("tm", "tm:branch-failure:mine", None),
        ("htable", "htable:expired:ipban", None),
        ("", "core:worker-one-init", None),
        ("registrar usrloc", "usrloc:contact-expired", None),
        ("nats", "nats:any.subject", None),
        ("tm", "tm:local-requests", "did you mean `tm:local-request`?"),
        ("", "xhttp:request", 'loadmodule "xhttp.so"'),
        ("sl xhttp", "xhttp:requst", "did you mean `xhttp:request`?"),
        ("htable", "htable:expried:ipban", "did you mean `htable:expired:`?"),
        ("dispatcher", "dispatcher:dst-dwon", "did you mean `dispatcher:dst-down`?"),
    ],
)
def test_event_routes(modules: str, name: str, help: str | None) -> None:
    text = "".join(f'loadmodule "{module}.so"\n' for module in modules.split())
    found = _found(f"{text}{_ROUTE}event_route[{name}] {{ exit; }}\n")
    assert [d.help for d in found if d.code == "K0220"] == ([help] if help else [])


def test_an_event_route_that_is_named_in_a_parameter() -> None:
    text = 'loadmodule "evrexec.so"\nmodparam("evrexec", "exec", "name=evrexec:mine;wait=1")\n'
    found = _found(f"{text}{_ROUTE}event_route[evrexec:mine] {{ exit; }}\n")
    assert "K0220" not in {d.code for d in found}


# --- K0257 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modules", "body", "unused"),
    [
        ("textops", 'is_method("INVITE");', []),
        ("textops", "exit;", ["textops"]),
        ("pv xlog", 'xlog("$(rU{s.len})");', []),
        ("tmx xlog", "exit;", ["tmx", "xlog"]),
        ("maxfwd", "exit;", ["maxfwd"]),
        ("htable", "exit;", []),
        ("db_sqlite", "exit;", []),
    ],
)
def test_modules_that_nothing_uses(modules: str, body: str, unused: list[str]) -> None:
    text = "".join(f'loadmodule "{module}.so"\n' for module in modules.split())
    found = check(Request("main.cfg", data=f"{text}request_route {{ {body} }}\n".encode()))
    spans = [d.span for d in found.diagnostics if d.code == "K0257"]
    assert [span.text.strip('"').removesuffix(".so") for span in spans if span] == unused
