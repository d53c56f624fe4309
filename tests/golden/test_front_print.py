"""Parse, print, parse: the same tree; and every place holds what was made from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.reporter import Reporter
from kcc.grammar.keywords import keywords
from kcc.grammar.parse import Reading, read
from kcc.grammar.tokens import Token
from kcc.syntax import ast
from kcc.syntax.printer import print_file
from runtime.declare.record import walk
from tests.golden.front import parse, shown
from tests.helpers.generated import FILES as GENERATED
from tests.helpers.mutation import ROOT

INSTALLED = ("/etc/kamailio", "/usr/share/doc/kamailio/examples")
FILES = sorted(
    path
    for folder in (ROOT / "examples", ROOT / "tests", ROOT / "bench", *map(Path, INSTALLED))
    for path in folder.rglob("*.cfg")
)
KEYWORDS = keywords("5.6")
SOON = settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
NOT_ALONE = (ast.Legacy, ast.Myself, ast.Word, ast.Proto, ast.Ip, ast.Net, ast.MsgPart, ast.Missing)


def assert_prints_the_same(reading: Reading, found: tuple[Diagnostic, ...] = ()) -> None:
    """``found``: what reading the text told; the printed text is told the same."""
    printed = print_file(reading.file).encode("latin-1")
    again, found_again = parse(printed)
    assert codes(found_again) == codes(found), shown(found_again)
    assert again.file.items == reading.file.items


def codes(found: tuple[Diagnostic, ...]) -> list[str]:
    """Of the errors, in their order."""
    return [d.code for d in found if d.severity == "error"]


def assert_token_is_its_text(token: Token) -> None:
    text, span = token.span.text, token.span
    assert 0 <= span.start < span.end <= len(span.file.text)
    if token.kind == "STRING":
        assert text[0] == text[-1]
        assert text[0] in "\"'"
    elif KEYWORDS.get(text, ("", ""))[0] == token.kind:
        assert KEYWORDS[text][1] == token.value
    elif token.kind in ("BINOP", "NOT", "CAST"):
        assert text.strip("()") == token.value
    else:
        assert text == token.value


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_real_file(path: Path) -> None:
    reporter = Reporter()
    reading = read(str(path), {}, reporter, {})
    for token in reading.tokens[:-1]:
        if token.span.expansion is None and token.kind != "SUBST":
            assert_token_is_its_text(token)
    if not reporter.error_count:
        assert_prints_the_same(reading)


@pytest.fixture(scope="module", autouse=True)
def _raised_recursion_limit() -> None:
    """Parsing raises the limit; before hypothesis begins, since it warns of changes."""
    parse("")


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(GENERATED)
@SOON
def test_generated_text(text: str) -> None:
    reading, found = parse(text.encode("latin-1"))
    if set(codes(found)) - {"K0219", "K0205"}:
        assert_allowed_errors(shown(found))
        return
    for token in reading.tokens[:-1]:
        assert_token_is_its_text(token)
    assert_prints_the_same(reading, found)
    for node in walk(reading.file):
        if isinstance(node, ast.Node):
            assert_spans_nest(node)
            assert_span_makes_it(node)


def test_a_file_of_empty_statements() -> None:
    reading, _ = parse(b"#!KAMAILIO\n;\n")
    assert_prints_the_same(reading)


def assert_allowed_errors(text: str) -> None:
    """What chance makes is well formed; it may only compare or call what Kamailio does not."""
    seen = {line[6:11] for line in text.splitlines() if line.startswith("error[")}
    assert seen <= {"K0109", "K0111", "K0112", "K0118", "K0108", "K0219", "K0205"}, text


def assert_spans_nest(node: ast.Node) -> None:
    for name in type(node)._fields:
        values = getattr(node, name)
        for inner in values if isinstance(values, tuple) else (values,):
            if isinstance(inner, ast.Node) and not isinstance(node, ast.Case | ast.Block):
                assert node.span.start <= inner.span.start, (node, inner)
                assert inner.span.end <= node.span.end, (node, inner)


def assert_span_makes_it(node: ast.Node) -> None:
    """The text of an expression or statement, read for itself, gives the same node."""
    text = node.span.text
    if isinstance(node, ast.Str) and text[0] not in "\"'":
        return  # a host without quotes
    if isinstance(node, ast.Expr) and not isinstance(node, (*NOT_ALONE, ast.Socket)):
        again, found = parse(f"#!KAMAILIO\nroute {{ $var(x) = {text}; }}".encode("latin-1"))
        body = route_of(again).statements
        assert isinstance(body[0], ast.Assign), text
        assert body[0].value == node, (text, shown(found))
    elif isinstance(node, ast.Statement):
        again, _ = parse(f"#!KAMAILIO\nroute {{ {text}; }}".encode("latin-1"))
        assert route_of(again).statements == (node,), text


def route_of(reading: Reading) -> ast.Block:
    (route,) = reading.file.items
    assert isinstance(route, ast.Route)
    return route.body
