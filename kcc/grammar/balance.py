"""Braces that do not pair up, found by how the lines are indented.

Counting alone notices a missing brace only at the end of a route; where people indent their
lines, these say which block it is that lacks one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kcc.grammar.engine import MAX_ERRORS, Problem
from kcc.grammar.tokens import END, Token
from kcc.source.span import Span

_TAB: Final = 8
_HEADERS: Final = frozenset(
    {"IF", "ELSE", "WHILE", "SWITCH", "ROUTE", "ROUTE_REQUEST", "ROUTE_REPLY", "ROUTE_NAMED"}
    | {"ROUTE_EVENT"}
)
_ROUTES: Final = frozenset(kind for kind in _HEADERS if kind.startswith("ROUTE"))


class _Line:
    """A line that has tokens: how far it is indented, where its first and last one are."""

    __slots__ = ("first", "indent", "kind", "last")

    def __init__(self, indent: int, kind: str, first: int) -> None:
        self.indent: Final = indent
        self.kind: Final = kind
        self.first: Final = first
        self.last = first


def rebalanced(tokens: Sequence[Token]) -> tuple[list[Token], list[Problem]]:
    """The tokens with braces added or left out so that they pair up, and what was missing."""
    return _Balancer().run(tokens)


class _Balancer:
    """``out`` is what was read so far; ``opened`` are the braces open in it."""

    def __init__(self) -> None:
        self._out: Final[list[Token]] = []
        self._problems: Final[list[Problem]] = []
        self._opened: Final[list[tuple[int, Token]]] = []
        self._lines: Final[list[_Line]] = [_Line(0, "", 0)]

    def run(self, tokens: Sequence[Token]) -> tuple[list[Token], list[Problem]]:
        """All tokens; as they are where too much does not pair up."""
        for at, token in enumerate(tokens):
            if len(self._problems) > MAX_ERRORS:
                return list(tokens), []
            indent = _indent(token)
            if indent is not None:
                self._lines.append(_Line(indent, token.kind, len(self._out)))
            following = tokens[at + 1].kind if at + 1 < len(tokens) else END
            begins = token.kind in _ROUTES and following in ("LBRACK", "LBRACE")
            if token.kind == END or (begins and indent == 0):
                self._close(-1, token)
            if token.kind == "LBRACE":
                self._opened.append((self._lines[-1].indent, token))
            elif token.kind == "RBRACE" and not self._closes(indent, token):
                continue
            self._lines[-1].last = len(self._out)
            self._out.append(token)
        return self._out, self._problems

    def _close(self, indent: int, before: Token) -> None:
        """Close what is indented further than ``indent``."""
        while self._opened and self._opened[-1][0] > indent:
            _, brace = self._opened.pop()
            self._out.append(Token("RBRACE", "}", _after(self._out[-1])))
            self._problems.append(Problem("K0116", "this `{` is not closed", brace.span, "add `}`"))

    def _closes(self, indent: int | None, token: Token) -> bool:
        """A ``}``; False where it has to be left out."""
        if indent is not None:
            self._close(indent, token)
            if (not self._opened or self._opened[-1][0] < indent) and not self._open(indent):
                self._problems.append(Problem("K0116", "this `}` closes nothing", token.span, None))
                return False
        if self._opened:
            self._opened.pop()
        return True

    def _open(self, indent: int) -> bool:
        """Add the ``{`` that the line lacks which a ``}`` of this indent belongs to."""
        for number in range(len(self._lines) - 2, 0, -1):
            line = self._lines[number]
            if line.indent < indent or line.last >= len(self._out):
                return False
            if line.indent == indent and line.kind in ("RBRACE", *_HEADERS):
                last = self._out[line.last]
                if line.kind not in _HEADERS and self._out[line.last].kind not in (
                    "ELSE",
                    "RPAREN",
                ):
                    return False
                where = _after(last)
                self._out.insert(line.last + 1, Token("LBRACE", "{", where))
                for later in self._lines[number + 1 :]:
                    later.last += 1
                self._problems.append(
                    Problem("K0116", "a `{` is missing here", where, "the `}` below closes it")
                )
                self._opened.append((indent, last))
                return True
        return False


def _indent(token: Token) -> int | None:
    """How far the line is indented that the token begins; None where it begins none."""
    span = token.span
    if span.expansion is not None:
        return None
    text = span.file.text
    blanks = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    return None if blanks.strip() else len(blanks.expandtabs(_TAB))


def _after(token: Token) -> Span:
    """The last octet of a token."""
    span = token.span.outer()
    return Span(span.file, max(span.end - 1, span.start), span.end)
