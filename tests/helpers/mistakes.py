"""Mistakes as people make them, put into a valid configuration at random places."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from kcc.diagnostics.reporter import Reporter
from kcc.grammar.lexer import Lexer
from kcc.grammar.tokens import Token
from kcc.preprocess.directives import Preprocessor
from kcc.source.text import SourceFile

APART = 3
"""Lines between two mistakes, at least: what stands closer is not independent."""

_VALUES = (
    "ID PVAR AVP_OR_PVAR STRING NUMBER LPAREN LBRACE NOT MINUS TILDE CAST DEFINED FUNC FUNC_BARE "
    "LEGACY BUILTIN SELVAL ROUTE PARAM_FUNC_BARE SELECT_MARK ATTR_MARK MYSELF"
)
_VALUE = frozenset(_VALUES.split())
_MISTYPED = {
    "if": "fi", "else": "esle", "exit": "exti", "switch": "swich", "while": "whlie",
    "modparam": "modpram", "loadmodule": "loadmodul", "break": "brake", "case": "csae",
    "request_route": "reqest_route", "failure_route": "failure_rout", "return": "retrun",
    "listen": "lisen", "onreply_route": "onreply_rout", "branch_route": "brnch_route",
}  # fmt: skip
_STRAY = (")", "]", ",", ":", "==", ".", "=")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``start`` to ``end`` of the text; the mistake is looked for on ``lines``."""

    kind: str
    start: int
    end: int
    text: str
    lines: range


@dataclass(frozen=True, slots=True)
class _Site:
    """Token ``at`` of a file, how deep in braces and parentheses it stands."""

    tokens: list[Token]
    at: int
    depth: int
    inner: int

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def following(self) -> Token:
        return self.tokens[self.at + 1]

    @property
    def previous(self) -> Token:
        return self.tokens[self.at - 1]


def sites(text: str) -> list[_Site]:
    """Every token that is written as such in the file itself."""
    source = SourceFile("example.cfg", text)
    reporter = Reporter()
    tokens = Lexer(source, Preprocessor(reporter, {}), reporter).tokens()
    assert not reporter.error_count
    found, depth, inner = [], 0, 0
    for at, token in enumerate(tokens[:-1]):
        if token.kind == "LBRACE":
            depth, inner = depth + 1, 0
        elif token.kind == "RBRACE":
            depth, inner = depth - 1, 0
        inner += (token.kind == "LPAREN") - (token.kind == "RPAREN")
        if at and token.span.file is source and token.span.expansion is None:
            found.append(_Site(tokens, at, depth, inner))
    return found


def _semicolon(site: _Site) -> Edit | None:
    if site.token.kind != "SEMI" or site.depth == 0 or site.previous.kind == "SEMI":
        return None
    if site.previous.kind in ("RETURN", "EXIT", "DROP") and site.following.kind in _VALUE:
        return None
    if not _ends_line(site):
        return None
    return _cut("semicolon", site)


def _parenthesis(site: _Site) -> Edit | None:
    if site.token.kind not in ("LPAREN", "RPAREN") or site.depth == 0:
        return None
    if site.token.kind == "LPAREN" and site.following.kind == "RPAREN":
        return None
    return _cut("parenthesis", site)


def _brace(site: _Site) -> Edit | None:
    if site.token.kind != "RBRACE":
        return None
    depth, at = 0, site.at
    while True:
        depth += (site.tokens[at].kind == "RBRACE") - (site.tokens[at].kind == "LBRACE")
        if depth == 0:
            break
        at -= 1
    opened = site.tokens[at].span
    if opened.expansion is not None or opened.file is not site.token.span.file:
        return None
    edit = _cut("brace", site)
    lines = (*range(opened.line - 1, opened.line + 2), *edit.lines)
    return Edit(edit.kind, edit.start, edit.end, "", range(min(lines), max(lines) + 1))


def _opening(site: _Site) -> Edit | None:
    if site.token.kind != "LBRACE" or site.previous.kind not in ("RPAREN", "RBRACK"):
        return None
    return _cut("opening", site)


def _stray(site: _Site) -> Edit | None:
    if site.depth == 0 or site.previous.kind in ("SEMI", "RBRACE", "LBRACE", "COLON"):
        return None
    word = _STRAY[(site.token.span.start * 7 + site.at) % len(_STRAY)]
    if (word == ":" and site.inner == 0) or (word in "=," and site.inner > 0):
        return None
    if word == "==" and site.token.kind == "LBRACE":  # a block is a value
        return None
    line = site.token.span.line
    return Edit(
        "stray",
        site.token.span.start,
        site.token.span.start,
        f" {word} ",
        range(line - 1, line + 2),
    )


def _quote(site: _Site) -> Edit | None:
    span = site.token.span
    if site.token.kind != "STRING" or "\n" in span.text or span.text.count('"') != 2:
        return None
    if not span.text.endswith('"'):
        return None
    return Edit("quote", span.end - 1, span.end, "", range(span.line - 1, span.line + 2))


def _mistyped(site: _Site) -> Edit | None:
    span = site.token.span
    word = _MISTYPED.get(span.text)
    if word is None or site.previous.kind in ("NUMBER", "ID", "DOT"):  # a host list would go on
        return None
    return Edit("mistyped", span.start, span.end, word, range(span.line - 1, span.line + 2))


def _operator(site: _Site) -> Edit | None:
    span = site.token.span
    if site.token.kind != "BINOP" or site.depth == 0 or span.text not in ("==", "&&", "||", "!="):
        return None
    word = {"==": "=>", "&&": "&& ||", "||": "|| ==", "!=": "=!="}[span.text]
    return Edit("operator", span.start, span.end, word, range(span.line - 1, span.line + 2))


def _empty(site: _Site) -> Edit | None:
    if site.token.kind != "LBRACE" or site.previous.kind not in ("RPAREN", "RBRACK", "ELSE"):
        return None
    depth, at = 0, site.at
    while True:
        depth += (site.tokens[at].kind == "LBRACE") - (site.tokens[at].kind == "RBRACE")
        if depth == 0:
            break
        at += 1
    if any(
        t.span.expansion or t.kind in ("CASE", "DEFAULT") for t in site.tokens[site.at : at + 1]
    ):
        return None
    line = site.token.span.line
    if site.tokens[at].span.line - line > 6:
        return None
    end = site.tokens[at].span.start
    inside = site.token.span.file.text[site.token.span.end : end]
    if "#!" in inside:
        return None
    blank = "".join(char if char.isspace() else " " for char in inside)
    return Edit("empty", site.token.span.end, end, blank, range(line - 1, line + 8))


KINDS: dict[str, Callable[[_Site], Edit | None]] = {
    "semicolon": _semicolon, "parenthesis": _parenthesis, "stray": _stray, "operator": _operator,
    "mistyped": _mistyped, "empty": _empty, "quote": _quote, "brace": _brace, "opening": _opening,
}  # fmt: skip


def _ends_line(site: _Site) -> bool:
    text = site.token.span.file.text
    end = text.find("\n", site.token.span.end)
    rest = text[site.token.span.end : end if end >= 0 else len(text)].strip()
    return not rest or rest.startswith(("#", "//", "}"))


def _cut(kind: str, site: _Site) -> Edit:
    span = site.token.span
    return Edit(kind, span.start, span.end, "", range(span.line - 1, span.line + 2))


def broken(
    chooser: random.Random, text: str, count: int, kinds: tuple[str, ...]
) -> tuple[str, list[Edit]]:
    """``text`` with at most ``count`` mistakes, and those."""
    edits: list[Edit] = []
    places = sites(text)
    chooser.shuffle(places)
    wanted = [chooser.choice(kinds) for _ in range(count)]
    for kind in wanted:
        for site in places:
            edit = KINDS[kind](site)
            if edit is not None and all(_apart(edit, other) for other in edits):
                edits.append(edit)
                break
    for edit in sorted(edits, key=lambda edit: -edit.start):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, edits


def _apart(a: Edit, b: Edit) -> bool:
    return a.lines.start - APART >= b.lines.stop or b.lines.start - APART >= a.lines.stop


def judged(edits: list[Edit], lines: list[int]) -> bool:
    """Whether there is one error for each mistake, each on the lines of its own."""
    left = list(edits)
    for line in lines:
        mine = next((edit for edit in left if line in edit.lines), None)
        if mine is None:
            return False
        left.remove(mine)
    return not left
