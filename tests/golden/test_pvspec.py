"""The syntax of pseudo-variables and formats."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.declare.pvspec import (
    PvSpec,
    PvSyntaxError,
    TransformCall,
    format_text,
    parse_format,
    parse_spec,
    parse_whole_spec,
    spec_text,
)

VAR_K = PvSpec("var", "k")

WHOLE = (
    ("$ru", PvSpec("ru")),
    ("$T_branch_idx", PvSpec("T_branch_idx")),
    ("$?", PvSpec("?")),
    ("$$", PvSpec("$")),
    ("$($)", PvSpec("$")),
    ("$(ru)", PvSpec("ru")),
    ("$var(k)", VAR_K),
    ("$avp(s:x)", PvSpec("avp", "s:x")),
    ("$avp(i:5)", PvSpec("avp", "i:5")),
    ("$avp($var(k))", PvSpec("avp", VAR_K)),
    ("$(avp(x)[*])", PvSpec("avp", "x", "*")),
    ("$(hdr(To)[-1])", PvSpec("hdr", "To", -1)),
    ("$(hdr(To)[$var(k)])", PvSpec("hdr", "To", VAR_K)),
    ("$(branch(uri)[+])", PvSpec("branch", "uri", "+")),
    ("$sht(t=>$var(k))", PvSpec("sht", (b"t=>", VAR_K))),
    ("$sht(t=>$var(k)::x)", PvSpec("sht", (b"t=>", VAR_K, b"::x"))),
    ("$xavp(a[0]=>b)", PvSpec("xavp", "a[0]=>b")),
    ("$x(a(b)c)", PvSpec("x", "a(b)c")),
    ("$sel(cfg_get.a.b)", PvSpec("sel", "cfg_get.a.b")),
    ("$(ru{uri.host})", PvSpec("ru", None, None, (TransformCall("uri", "host"),))),
    (
        "$(hdr(x)[1]{s.substr,0,-2} {s.len})",
        PvSpec(
            "hdr", "x", 1, (TransformCall("s", "substr", (b"0", b"-2")), TransformCall("s", "len"))
        ),
    ),
    ('$(var(k){s.rm,"})', PvSpec("var", "k", None, (TransformCall("s", "rm", (b'"',)),))),
    (
        "$(var(k){s.select,0,,})",
        PvSpec("var", "k", None, (TransformCall("s", "select", (b"0", b",")),)),
    ),
    (
        "$(ru{re.subst,/^a{2},(b)/\\1/g})",
        PvSpec("ru", None, None, (TransformCall("re", "subst", (b"/^a{2},(b)/\\1/g",)),)),
    ),
    (
        "$(ru{s.substr,$var(k),$(var(k){s.len})})",
        PvSpec(
            "ru",
            None,
            None,
            (
                TransformCall(
                    "s", "substr", (VAR_K, PvSpec("var", "k", None, (TransformCall("s", "len"),)))
                ),
            ),
        ),
    ),
    ("$(x{sql.val.int})", PvSpec("x", None, None, (TransformCall("sql", "val.int"),))),
)


@pytest.mark.parametrize(("text", "spec"), WHOLE)
def test_whole(text: str, spec: PvSpec) -> None:
    assert parse_whole_spec(text) == spec
    assert parse_whole_spec(text.encode("latin-1")) == spec
    assert parse_whole_spec(spec_text(spec)) == spec


BROKEN = (
    ("", 0), ("x", 0), ("$", 1), ("$ ", 1), ("$(", 1), ("$x(", 2), ("$x()", 3), ("$(x[])", 4),
    ("$(x[y])", 4), ("$(x[1)", 3), ("$(x{)", 3), ("$(x{a})", 4), ("$(x{.b})", 4), ("$(x{a.})", 6),
    ("$(x y)", 3), ("$rux$", 4), ("$(x{a.b,$})", 9), ("$($x)", 3),
)  # fmt: skip


@pytest.mark.parametrize(("text", "offset"), BROKEN)
def test_broken(text: str, offset: int) -> None:
    with pytest.raises(PvSyntaxError) as caught:
        parse_whole_spec(text)
    assert caught.value.offset == offset, caught.value.message


def test_longest_name_and_what_follows() -> None:
    assert parse_spec("$ru. x") == (PvSpec("ru."), 4)
    assert parse_spec("a $hdr(x)[1]", 2) == (PvSpec("hdr", "x"), 9)


def test_format() -> None:
    assert parse_format("") == ()
    assert parse_format("plain") == (b"plain",)
    assert parse_format("a $$ $ru,$(var(k))$$b") == (b"a $ ", PvSpec("ru"), b",", VAR_K, b"$b")
    assert parse_format(b"\xff$ru\0") == (b"\xff", PvSpec("ru"), b"\0")
    with pytest.raises(PvSyntaxError) as caught:
        parse_format("cost: 5$")
    assert caught.value.offset == 8


def test_text_that_is_no_format_stays_text() -> None:
    assert parse_whole_spec("$x(5$)") == PvSpec("x", "5$")


def test_deep_nesting_is_refused() -> None:
    text = "$(x{s.a," * 100 + "1" + "})" * 100
    with pytest.raises(PvSyntaxError):
        parse_whole_spec(text)
    parse_spec("$a(" * 200 + "b" + ")" * 200)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="$(){}[],.xs:=>*-+1 \n\\", max_size=40))
def test_any_text_parses_or_is_refused_and_prints_back(text: str) -> None:
    try:
        parts = parse_format(text)
    except PvSyntaxError as error:
        assert 0 <= error.offset <= len(text)
        return
    assert parse_format(format_text(parts)) == parts
