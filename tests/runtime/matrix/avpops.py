"""``avpops``: AVPs of all kinds through every function, written well and badly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.runtime.matrix.harness import Case

SETTINGS = 'loadmodule "avpops.so"\n'
SETUPS = (
    "",
    '$avp(a) = 5; $avp(b) = "x";',
    '$avp(a) = "x"; $avp(a) = "Xyz"; $avp(a) = "12";',
    "$avp(a) = 1; $avp(a) = -2; $avp(a) = 7; $avp(b) = 3; $avp(b) = 4;",
    '$avp(a) = ""; $avp(A) = "up"; $avp(b) = 0;',
    '$avp(a) = "abcABC"; $avp(a) = "caf\u00e9 \udcff"; $avp(b) = "abc";',
    '$avp(i:5) = 70; $avp(i:5) = 9; $avp(s:a) = 2147483647; $avp(b) = "sip:q@h;x=1";',
    '$avp(a) = "sip:new@host.example:5090"; $avp(a) = "sip:two@b"; $avp(b) = "carol";',
)
SHOW = (
    ' $var(out) = $var(out) + "|" + $(avp(a)[*]) + "|" + $(avp(b)[*]) + "|" + $(avp(c)[*])'
    ' + "|" + $avp(A) + "|" + $(avp(i:5)[*]);'
)
NAMES = ("$avp(a)", "$avp(A)", "$avp(s:a)", "$avp(i:5)", "$avp(none)", "$avp($var(n))")
RIGHTS = (
    "i:5",
    "i:-2",
    "i:0x1f",
    "s:x",
    "x",
    "X",
    "abc",
    "a*",
    "^[a-c]+$",
    "$avp(b)",
    "$avp(a)",
    "$rU",
    "$var(five)",
    "$var(text)",
    "$var(none)",
    "$null",
    "i:",
    "s:",
    "q:1",
    "i:zz",
    "",
    "i:99999999999",
    "$hdr(X-None)",
    "[",
    "$xavp(x=>y)",
    "$xavp(x=>y[*])",
    "$avp(i:5)",
    "i:0",
    "$xavp(x=>z)",
    "$xavp(x=>z[*])",
    "$xavp(x)",
    "$xavp(none=>y)",
)
OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "re", "fm", "and", "or", "xor")
LEFTS = (
    "$avp(a)",
    "$avp(b)",
    "$avp(i:5)",
    "$rU",
    "$var(five)",
    "$ru",
    "$null",
    "$xavp(x=>y[*])",
    "$xavp(x=>z[*])",
    "$xavp(x=>z)",
    "$xavp(x)",
)
START = (
    '$var(five) = 5; $var(text) = "x"; $var(none) = ""; $var(n) = "a"; $xavp(x=>y) = "x";'
    ' $xavp(x[0]=>y) = "abc"; $xavp(x[0]=>z) = 5; $xavp(x[0]=>z) = 7; '
)
END = ' avp_delete("*"); $xavp(x) = $null;'


def _case(number: int, setup: str, call: str, show: str = SHOW) -> Case:
    script = f'{START}{setup}\n{call};\n$var(out) = "" + $rc;\n{show}\n{END}'
    return Case(f"A{number}", script)


def calls() -> Iterator[tuple[str, str]]:
    """(what is set up, the call)"""
    for setup in SETUPS:
        for name in (*NAMES, "*", "s", "i", "a", "s1", "x", "", "$rU", "$avp(a", "$(avp(a)[1])"):
            for flags in ("", "/g", "/G", "/x", "/"):
                yield setup, f'avp_delete("{name}{flags}")'
        for name in NAMES[:5]:
            for target in ("$avp(b)", "$avp(c)", "$avp(a)", "$avp(i:5)", "$rU", "c"):
                for flags in ("", "/g", "/d", "/gd", "/gn", "/s", "/gdns", "/x"):
                    yield setup, f'avp_copy("{name}", "{target}{flags}")'
        for name in (*NAMES[:5], "$(avp(a)[1])", "$(avp(a)[-1])", "$(avp(a)[*])", "$rU", "a"):
            for flags in ("", "/e", "/n", "/s", "/es", "/en", "/ns", "/z", "/"):
                yield setup, f'is_avp_set("{name}{flags}")'
        for name in (
            "$avp(a)",
            "$avp(b)",
            "$avp(a)/$avp(c)",
            "$avp(a)/g",
            "$avp(a)/$avp(c)/g",
            "$avp(a)/$avp(c)/gd",
            "$avp(a)/d",
            "$avp(none)",
            "$rU",
            "$avp(a)/x",
            "$avp(a)/",
        ):
            for subst in (
                "/x/Y/",
                "/x/Y/gi",
                "/(.)(.)/\\\\2\\\\1/g",
                "/a/$rU/",
                "/a/b",
                "/[/x/",
                "/^/z/",
                "|b|$$|g",
                "/q/$nosuch/",
                "/$/e/",
            ):
                yield setup, f'avp_subst("{name}", "{subst}")'
                yield setup, f'avp_subst_pv("{name}", "{subst}")'
            yield setup, f'$var(s) = "/(a|x)/<\\\\1>/gi"; avp_subst_pv("{name}", "$var(s)")'
            yield setup, f'$var(s) = "broken"; avp_subst_pv("{name}", "$var(s)")'


def checks() -> Iterator[tuple[str, str]]:
    """The same for ``avp_check``."""
    for setup in SETUPS:
        for left in LEFTS:
            for operator in OPERATORS:
                for right in RIGHTS:
                    for flags in ("", "/g", "/gi", "/i"):
                        yield setup, f'avp_check("{left}", "{operator}/{right}{flags}")'
    for text in (
        "eq",
        "eq/",
        "/x",
        "eqx/x",
        "eqxx/x",
        "zz/x",
        "EQ/x",
        "an/1",
        "eq/x/",
        "eq/x/z",
        "",
    ):
        yield SETUPS[1], f'avp_check("$avp(a)", "{text}")'


def operations() -> Iterator[tuple[str, str]]:
    """The same for ``avp_op``."""
    rights = (
        "i:3",
        "i:-2",
        "i:0",
        "i:0x10",
        "$avp(b)",
        "$avp(a)",
        "$var(five)",
        "$var(text)",
        "x",
        "s:1",
        "",
        "i:",
        "$null",
        "$avp(none)",
        "$rU",
        "$ml",
    )
    for setup in SETUPS:
        for name in (
            "$avp(a)",
            "$avp(a)/$avp(c)",
            "$avp(b)/$avp(a)",
            "$avp(none)",
            "$rU",
            "$avp(a)/",
            "$avp(a)/x",
        ):
            for operator in ("add", "sub", "mul", "div", "mod", "and", "or", "xor", "not", "zz"):
                for right in rights:
                    for flags in ("", "/d", "/g", "/gd", "/q"):
                        yield setup, f'avp_op("{name}", "{operator}/{right}{flags}")'


def pushes() -> Iterator[tuple[str, str]]:
    """The same for ``avp_pushto``."""
    for setup in SETUPS:
        for target in (
            "$ru",
            "$ru/username",
            "$ru/domain",
            "$ru/DOMAIN",
            "$ru/x",
            "$du",
            "$du/x",
            "$br",
            "$rU",
            "$hdr(X)",
            "ru",
            "$(ru{uri.host})",
            "$ruri",
        ):
            for name in (*NAMES[:5], "$rU", "$fu", "$var(five)", "$null", "$hdr(X-None)", "x"):
                for flags in ("", "/g", "/x"):
                    yield setup, f'avp_pushto("{target}", "{name}{flags}")'


BRANCHES = (
    ' $var(out) = $var(out) + "|" + $ru + "|" + $du + "|" +'
    ' $(branch(uri)[0]) + "|" + $(branch(uri)[1]) + "|" + $(branch(dst_uri)[0]); clear_branches();'
    " $du = $null;"
)


def all_cases() -> Iterator[Case]:
    """Every case of this file."""
    number = 0
    for source, show in (
        (calls, SHOW),
        (checks, ""),
        (operations, SHOW),
        (pushes, BRANCHES),
    ):
        for setup, call in source():
            number += 1
            yield _case(number, setup, call, show)


def prepare(folder: Path) -> str:
    """Load the module."""
    return SETTINGS
