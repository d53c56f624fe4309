"""Checks of what stands around the routes: K0250 to K0269."""

from __future__ import annotations

import pytest

from kcc.diagnostics.model import Diagnostic
from kcc.driver import Request, check
from kcc.preprocess.misspelt import slip
from tests.golden.front import KAMAILIO, ORACLE_REQUIRED, kamailio_takes, parse

oracle = pytest.mark.skipif(
    KAMAILIO is None and not ORACLE_REQUIRED, reason="Kamailio is not installed"
)
_ROUTE = "request_route { exit; }\n"


def _found(text: str) -> list[Diagnostic]:
    return list(check(Request("main.cfg", data=text.encode())).diagnostics)


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
