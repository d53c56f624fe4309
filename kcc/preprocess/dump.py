"""What is left after preprocessing, as text for people (``kcc dump --stage preprocess``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kcc.source.span import Span
from kcc.source.text import SourceFile, quote, to_octets


class TokenLike(Protocol):
    """What a token of the lexer offers."""

    @property
    def kind(self) -> str:
        """The terminal it is."""

    @property
    def value(self) -> str:
        """Its text, escapes resolved and substitutions applied."""

    @property
    def span(self) -> Span:
        """Where it is written."""


def dump_tokens(tokens: Iterable[TokenLike]) -> str:
    """One output line for each line of live text, headed by ``# path`` where the file changes.

    Each line starts with its number. Tokens that touch in the source touch here.
    """
    lines: list[str] = []
    file: SourceFile | None = None
    line = 0
    end = -1
    for token in tokens:
        if token.kind == "$END":
            continue
        place = token.span.outer()
        if place.file is not file:
            file, line = place.file, 0
            lines.append(f"# {file.path}")
        if place.line != line:
            line = place.line
            lines.append(f"{line:5} ")
            end = place.start
        text = quote(to_octets(token.value)) if token.kind == "STRING" else _text(token)
        lines[-1] += (" " if place.start != end else "") + text
        end = place.end
    return "".join(f"{text}\n" for text in lines)


def _text(token: TokenLike) -> str:
    expanded = token.kind == "PVAR" or token.span.expansion is not None
    return token.value if expanded else token.span.text
