"""Lines that look like directives: one finding each, at the line that is wrong."""

from __future__ import annotations

import pytest

from tests.golden.front import KAMAILIO, ORACLE_REQUIRED, kamailio_takes, parse

_ROUTE = "request_route { exit; }\n"
_ELSE = "nothing but blanks may follow `#!else` on its line, and a newline must"

CASES = {
    "#!defin X\n": ["K0011:1:did you mean `#!define`?"],
    "#!Define X\n": ["K0011:1:did you mean `#!define`?"],
    "#!trydefin X\n": ["K0011:1:did you mean `#!trydefine`?"],
    '#!inclide_file "x"\n': ["K0011:1:did you mean `#!include_file`?"],
    '#!subs "/a/b/"\n': ["K0011:1:did you mean `#!subst`?"],
    "#!KAMAILO\n": ["K0011:1:did you mean `#!KAMAILIO`?"],
    "#!kamailio\n": ["K0011:1:did you mean `#!KAMAILIO`?"],
    "#!undef X\n": ["K0011:1:None"],
    "#! define X\n": ["K0011:1:None"],
    "# !define X\n": ["K0011:1:a directive begins with `#!`: `#!define`"],
    "//!define X\n": ["K0011:1:a directive begins with `#!`: `#!define`"],
    "# !ifdef X\n# !endif\n": ["K0011:1:a directive begins with `#!`: `#!ifdef`"],
    "#ifdef X\n#endif\n": ["K0011:1:a directive begins with `#!`: `#!ifdef`"],
    "#define X\n#!ifdef X\n#!endif\n": ["K0011:1:a directive begins with `#!`: `#!define`"],
    "#!ifdef X\n#!else # c\n#!endif\n": [f"K0011:2:{_ELSE}"],
    "#!ifdef X\n#!elif Y\n#!endif\n": ["K0011:2:write `#!else` or a condition of its own"],
    "!define X\n": ["K0101:1:did you mean `#!define`?"],
    "!ifdef X\n!endif\n": ["K0101:1:did you mean `#!ifdef`?"],
    "#!IFDEF X\n#!endif\n": ["K0006:1:None"],
    "#!ifdf X\n#!endif\n": ["K0006:1:None"],
    "#!if X\n#!endif\n": ["K0006:1:None"],
    "#!ifdef\n#!endif\n": ["K0006:1:None"],
    "#!ifdef X\n#!endif X\n": ["K0006:1:None"],
    "#!ifdef X\n#!endif // x\n": ["K0006:1:None"],
    "#!ifndef X\n#! endif\n": ["K0006:1:None"],
    "#!ifdef X\n#!endfi\n": ["K0006:1:None"],
    "#!ifdef X\n": ["K0006:1:add `#!endif`, followed by a newline"],
    "#!ifdef X\n#!else\n": ["K0006:1:add `#!endif`, followed by a newline"],
    "#!endif\n": ["K0006:1:None"],
}

COMMENTS = (
    "#define X\n",
    "# define WITH_X to have it\n",
    "#     - define WITH_X\n",
    "##!define X\n",
    "# #!define X\n",
    "#ifdef there is one\n",
    "#endif\n",
    "/*\n#ifdef X\n# !define X\n*/\n",
    "#!ifdef X\n#ifdef Y\n# !define X\nelse\n#!endif\n",
    "#!ifdef X // c\n#!endif\n",
    "#!ifdef X\n #!endif \n",
    "#!/usr/sbin/kamailio\n",
    "#!---- routes\n",
    "#!TODO x\n",
)


def _oracle_agrees(text: str, refused: bool) -> None:
    if KAMAILIO is not None or ORACLE_REQUIRED:
        taken, said = kamailio_takes(text.encode())
        assert taken != refused, said


@pytest.mark.parametrize("text", CASES)
def test_what_is_no_directive_is_said_once(text: str) -> None:
    _, found = parse(text + _ROUTE)
    assert [f"{d.code}:{d.span.line if d.span else 0}:{d.help}" for d in found] == CASES[text]
    _oracle_agrees(text + _ROUTE, any(d.severity == "error" for d in found))


@pytest.mark.parametrize("text", COMMENTS)
def test_comments_are_left_alone(text: str) -> None:
    _, found = parse(text + _ROUTE)
    assert not found
    _oracle_agrees(text + _ROUTE, False)


def test_the_place_that_was_meant_is_a_note() -> None:
    _, (unclosed,) = parse("#!ifdef X\n#!endif # X\n" + _ROUTE)
    assert [(n.span.line, n.span.text) for n in unclosed.notes] == [(2, "#!endif # X")]
    _, (surplus,) = parse("#!ifdf X\n#!endif\n" + _ROUTE)
    assert [n.span.line for n in surplus.notes] == [2]
    assert surplus.message.startswith("this `#!ifdf` is a comment")
