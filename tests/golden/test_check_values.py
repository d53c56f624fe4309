"""Checks of values and of control flow: what is reported, how often, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kcc.driver import Request, check

MODULES = "".join(
    f'loadmodule "{name}.so"\n'
    for name in ("pv", "xlog", "sl", "tm", "textops", "siputils", "usrloc", "registrar", "rtimer")
)
FIRST = MODULES.count("\n") + 1

Places = list[str]
Find = Callable[..., Places]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """``CODE:line:column`` of each finding of K0222 to K0226 and K03; lines count from the first
    one of the text."""

    def run(text: str, *only: str, **defines: str) -> Places:
        path = tmp_path / "proxy.cfg"
        path.write_text(MODULES + text, "utf-8")
        found = check(Request(str(path), defines)).diagnostics
        assert not [d for d in found if d.severity == "error"], found
        return [
            f"{d.code}:{d.span.line - FIRST + 1}:{d.span.column}"
            for d in found
            if d.span is not None
            and ("K0222" <= d.code <= "K0226" or d.code.startswith("K03"))
            and (d.code in only if only else d.code not in ("K0302", "K0303", "K0318"))
        ]

    return run


WRONG = {
    "unreachable after both branches": (
        "request_route {\n  if ($rU == 'a') { exit; } else { drop; }\n  setflag(1);\n}",
        ["K0222:3:3"],
    ),
    "unreachable after a route that ends, once": (
        "request_route {\n  route(END);\n  setflag(1);\n  setflag(2);\n}\nroute[END] { exit; }",
        ["K0222:3:3"],
    ),
    "unreachable after a switch": (
        "request_route {\n  switch ($rU) { case 'a': exit; default: drop; }\n  setflag(1);\n}",
        ["K0222:3:3"],
    ),
    "unreachable behind a return in a loop": (
        "request_route {\n  while (isflagset(1)) {\n    return;\n    setflag(1);\n  }\n}",
        ["K0222:4:5"],
    ),
    "route that only an unused one calls": (
        "request_route { exit; }\nroute[A] { route(B); }\nroute[B] { exit; }",
        ["K0223:2:7", "K0223:3:7"],
    ),
    "variable of another name": (
        "request_route {\n  $avp(caller) = $fU;\n  xlog('from $avp(calller)\\n');\n}",
        ["K0226:3:14"],
    ),
    "extended AVP, first of two reads": (
        "request_route {\n  if ($xavp(a=>b) == 1) exit;\n  if ($xavp(a=>c) == 1) exit;\n}",
        ["K0226:2:7"],
    ),
    "read before the write": (
        "request_route {\n  xlog('$var(x)\\n');\n  $var(x) = 1;\n}",
        ["K0301:2:9"],
    ),
    "read before the write in a route that is called": (
        "request_route {\n  route(A);\n  $var(x) = 1;\n}\nroute[A] {\n  if ($var(x) == 1) exit;\n}",
        ["K0301:6:7"],
    ),
    "AVP read before the write": (
        "request_route {\n  $avp(y) = $avp(x);\n  $avp(x) = 1;\n  xlog('$avp(y)\\n');\n}",
        ["K0301:2:13"],
    ),
    "loop without a start": (
        "request_route {\n  while ($var(i) < 3) {\n    $var(i) = $var(i) + 1;\n  }\n}",
        ["K0301:2:10"],
    ),
    "not carried over to a failure route": (
        "request_route {\n  $var(n) = 1;\n  t_on_failure('F');\n}\n"
        "failure_route[F] {\n  if ($var(n) == 1) exit;\n}",
        ["K0301:6:7"],
    ),
    "string that is a number on every path": (
        "request_route {\n  if ($rU == 'a') $var(x) = '5'; else $var(x) = '6';\n"
        "  if ($var(x) > 10) exit;\n}",
        ["K0304:3:7"],
    ),
    "string through another variable": (
        "request_route {\n  $var(x) = 'a' + $rU;\n  $var(y) = $var(x);\n"
        "  if ($var(y) < 3) exit;\n}",
        ["K0304:4:7"],
    ),
    "number against text": (
        "request_route {\n  $var(x) = 0;\n  if ($var(x) == 'yes') exit;\n}",
        ["K0304:3:7"],
    ),
    "zero against a text variable": (
        "request_route {\n  if (0 == $rU) exit;\n}",
        ["K0304:2:7"],
    ),
    "text as a condition": (
        "request_route {\n  $var(x) = 'yes';\n  if (isflagset(1) && !$var(x)) exit;\n}",
        ["K0305:3:24"],
    ),
    "constant condition": ("request_route {\n  if (1 && 2) exit;\n}", ["K0306:2:7"]),
    "comparison with itself": ("request_route {\n  if ($fU != $fU) exit;\n}", ["K0306:2:7"]),
    "empty expression": ("request_route {\n  if ($fU =~ '') exit;\n}", ["K0306:2:14"]),
    "endless": (
        "request_route {\n  while (1) {\n    switch ($rU) { case 'a': break; }\n  }\n}",
        ["K0307:2:10"],
    ),
    "endless, the wrong variable": (
        "request_route {\n  $var(i) = 0; $var(j) = 0;\n"
        "  while ($var(i) < 9) $var(j) = $var(j) + 1;\n}",
        ["K0307:3:10"],
    ),
    "code of xlog": (
        "request_route {\n  lookup('location');\n  xlog('looked up\\n');\n"
        "  switch ($rc) { case -1: exit; }\n}",
        ["K0308:4:11"],
    ),
    "code of the last action": (
        "request_route {\n  if (route(R)) exit;\n}\n"
        "route[R] {\n  if ($rU == 'a') return -1;\n  lookup('location');\n}",
        ["K0309:6:3"],
    ),
    "return 0": (
        "request_route {\n  if (route(R)) exit;\n  setflag(1);\n}\n"
        "route[R] {\n  if ($rU == 'a') return 1;\n  return 0;\n}",
        ["K0310:7:3"],
    ),
    "return of a comparison": (
        "request_route {\n  if (route(R)) exit;\n  setflag(1);\n}\nroute[R] {\n"
        "  return $rU == 'a';\n}",
        ["K0310:6:3"],
    ),
    "always true": (
        "request_route {\n  if (!route(R)) setflag(1);\n}\nroute[R] {\n"
        "  if ($rU == 'a') setflag(2);\n}",
        ["K0311:2:8"],
    ),
    "recursion": (
        "request_route { route(A); }\nroute[A] {\n  if (isflagset(1)) route(B);\n}\n"
        "route[B] {\n  if (isflagset(2)) route(A);\n}",
        ["K0312:6:21"],
    ),
    "fall through": (
        "request_route {\n  switch ($rU) {\n    case 'a':\n      setflag(1);\n    case 'b':\n"
        "      if (isflagset(2)) { exit; } else { return; }\n    default:\n"
        "      setflag(3);\n  }\n}",
        ["K0313:4:7"],
    ),
    "the same label": (
        "request_route {\n  switch ($rU) {\n    case 'a': setflag(1); break;\n"
        "    case 'b':\n    case 'a': setflag(2);\n  }\n}",
        ["K0314:5:10"],
    ),
    "the same condition": (
        "request_route {\n  if (is_method('A')) setflag(1);\n  else if ($rU == 'a') setflag(2);\n"
        "  else if (is_method('A')) setflag(3);\n}",
        ["K0315:4:12"],
    ),
    "the same branches": (
        "request_route {\n  if ($rU == 'a') {\n    setflag(1);\n  } else {\n    # no\n"
        "    setflag(1);\n  }\n}",
        ["K0316:2:7"],
    ),
    "to itself": ("request_route {\n  $fU = $fU;\n}", ["K0317:2:3"]),
}

RIGHT = {
    "branches that come together": "request_route { if ($rU == 'a') { exit; } setflag(1); }",
    "exit behind a route that ends": "request_route { route(END); exit; }\nroute[END] { exit; }",
    "break behind exit": "request_route { switch ($rU) { case 'a': exit; break; } }",
    "directives between": (
        "request_route {\n#!ifdef A\n exit;\n#!endif\n setflag(1);\n}\n".replace("ifdef", "ifndef")
    ),
    "called where a name is defined": (
        "request_route {\n#!ifdef A\n route(R);\n#!endif\n exit;\n}\nroute[R] { exit; }"
    ),
    "called by a timer": (
        'modparam("rtimer", "timer", "name=t;interval=1;mode=1;")\n'
        'modparam("rtimer", "exec", "timer=t;route=R")\nrequest_route { exit; }\nroute[R] { exit; }'
    ),
    "called by a computed name": "request_route { route('TO_' + $rU); }\nroute[TO_a] { exit; }",
    "written by a function": (
        "request_route { pv_printf('$var(x)', '$ru'); if ($var(x) == 'a') exit; }".replace(
            "pv_printf", "pv_evalx"
        )
    ),
    "written in a part that is left out": (
        "request_route {\n#!ifdef A\n $var(x) = 1;\n $avp(y) = 1;\n#!endif\n"
        " if ($var(x) == 1 || $avp(y) == 1) exit;\n}"
    ),
    "written in the route that is called": (
        "request_route { route(A); if ($var(x) == 1) exit; }\nroute[A] { $var(x) = 1; }"
    ),
    "written on one path": (
        "request_route { if ($rU == 'a') $var(x) = 1; if ($var(x) == 1) exit; }"
    ),
    "written before a branch route": (
        "request_route { $var(x) = 1; t_on_branch('B'); }\n"
        "branch_route[B] { if ($var(x) == 1) exit; }"
    ),
    "written before the processes are made": (
        "event_route[tm:local-request] { $var(x) = 1; }\nrequest_route { if ($var(x) == 1) exit; }"
    ),
    "AVP that is asked for": ("request_route { if ($avp(x) == $null || !$avp(x)) $avp(x) = 1; }"),
    "AVP of the transaction": (
        "request_route { t_on_failure('F'); }\n"
        "failure_route[F] { xlog('$avp(x)\\n'); $avp(x) = 1; }"
    ),
    "AVP that a parameter names": (
        'modparam("usrloc", "xavp_contact", "x")\n'
        "request_route { xlog('$xavp(x=>a)\\n'); $xavp(x=>a) = 1; }"
    ),
    "number in a string against a number": (
        "request_route { $var(x) = '5'; if ($var(x) == 5) exit; }"
    ),
    "string on one path": (
        "request_route { if ($rU == 'a') $var(x) = '5'; else $var(x) = 6; if ($var(x) > 5) exit; }"
    ),
    "what a message holds": "request_route { $var(x) = $rU; if ($var(x) > 5) exit; }",
    "macro as a condition": "#!define DEBUG 1\nrequest_route { if (DEBUG) exit; }",
    "loop that a route leaves": (
        "request_route { while (1) { route(R); } }\n"
        "route[R] { if (isflagset(1)) exit; setflag(1); }"
    ),
    "loop over what a function changes": (
        "request_route { while (t_any_replied()) { setflag(1); } }"
    ),
    "code right behind the call": (
        "request_route { lookup('location'); switch ($rc) { case -1: xlog('no\\n'); exit; } }"
    ),
    "true at the end": (
        "request_route { if (route(R)) exit; }\n"
        "route[R] { if ($rU == 'a') return -1; xlog('yes\\n'); }"
    ),
    "ended by zero on purpose": "request_route { setflag(1); return 0; }",
    "codes kept": (
        "request_route { if (route(R)) exit; }\nroute[R] { if ($rU == 'a') return 1; return -1; }"
    ),
    "not recursive": (
        "request_route { route(A); route(B); }\nroute[A] { route(B); }\nroute[B] { setflag(1); }"
    ),
    "labels that share": (
        "request_route { switch ($rU) { case 'a': case 'b': setflag(1); break; case 'c': exit; "
        "default: setflag(2); } }"
    ),
    "condition with a side effect": (
        "request_route { if (lookup('a')) setflag(1); else if (lookup('a')) setflag(2); }"
    ),
    "macros that are the same here": (
        "#!define A 1\n#!define B 1\n"
        "request_route { if ($rU == 'a') { setflag(A); } else { setflag(B); } }"
    ),
    "AVP to itself": "request_route { $avp(a) = 1; $avp(a) = $avp(a); }",
}


@pytest.mark.parametrize("case", WRONG)
def test_reported_once_at_its_place(case: str, find: Find) -> None:
    text, expected = WRONG[case]
    assert find(text) == expected


@pytest.mark.parametrize("case", RIGHT)
def test_silent(case: str, find: Find) -> None:
    assert find(RIGHT[case]) == []


def test_off_by_default(find: Find) -> None:
    text = (
        "request_route {\n  if ($rU == 'a') $var(x) = 1;\n  if ($var(x) == 1) exit;\n"
        "  break;\n  $var(y) = 1;\n}"
    )
    assert find(text, "K0302", "K0303", "K0318") == ["K0302:3:7", "K0318:4:3", "K0303:5:3"]
    guarded = (
        "request_route { if (route(R)) { if ($var(x) == 1) exit; } }\n"
        "route[R] { if ($rU == 'a') { $var(x) = 1; return 1; } return -1; }"
    )
    assert find(guarded, "K0302") == []


def test_a_large_configuration_is_followed_once(find: Find) -> None:
    """Many routes that call each other from many states: the work stays small."""
    routes = "".join(
        f"route[R{n}] {{ $var(a{n % 40}) = {n}; if ($var(a{n % 7}) > 1) route(R{n + 1}); "
        f"if ($rU == 'a') route(R{min(n + 2, 300)}); }}\n"
        for n in range(300)
    )
    text = f"request_route {{ $var(a0) = 1; route(R0); }}\n{routes}route[R300] {{ exit; }}"
    assert find(text, "K0312") == []
