"""#!subst rules: ``/expression/replacement/flags`` with any separator (Kamailio's re.c)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kcc.preprocess.posix import REG_EXTENDED, REG_ICASE, REG_NEWLINE, Regex, RegexError
from runtime.declare.pvspec import PvSpec, PvSyntaxError, parse_spec
from runtime.declare.record import Record

_PLAIN: Final = re.compile(rb"[A-Za-z0-9_ @:;,=<>&%\"'~/!-]+")
_ESCAPES: Final = {"n": b"\n", "r": b"\r", "t": b"\t"}

Evaluate = Callable[[PvSpec], bytes]
"""The value of a variable at compile time; raises SubstitutionError where it has none."""


class SubstitutionError(ValueError):
    """The rule is malformed; the message says how."""


class Rule(Record):
    """A parsed rule. ``replacement`` is octets and group numbers in turn."""

    plain: bytes | None
    regex: Regex | None
    replacement: tuple[bytes | int, ...]
    everywhere: bool

    def apply(self, text: bytes) -> bytes:
        """``text`` with the rule applied."""
        if self.plain is not None:
            if self.plain not in text:
                return text
            return text.replace(self.plain, self._fill((self.plain,)), -1 if self.everywhere else 1)
        if self.regex is None or b"\0" in text:
            return text
        changed = self.regex.replace(text, self._fill, self.everywhere)
        return text if changed is None else changed

    def _fill(self, groups: tuple[bytes, ...]) -> bytes:
        return b"".join(
            piece if isinstance(piece, bytes) else groups[piece] if piece < len(groups) else b""
            for piece in self.replacement
        )


def parse_rule(text: str, evaluate: Evaluate) -> Rule:
    """Parse a rule given as latin-1 text. Raises SubstitutionError."""
    expression, replacement, flags = split_rule(text)
    options = REG_EXTENDED | REG_NEWLINE
    everywhere = False
    for flag in flags:
        if flag == "i":
            options |= REG_ICASE
        elif flag == "s":
            options &= ~REG_NEWLINE
        elif flag == "g":
            everywhere = True
        else:
            raise SubstitutionError(f"unknown flag `{flag}`; there are g, i and s")
    pattern = expression.encode("latin-1")
    parts = tuple(_replacement(replacement, text[0], evaluate))
    if not options & REG_ICASE and _PLAIN.fullmatch(pattern):
        return Rule(pattern, None, parts, everywhere)
    try:
        return Rule(None, Regex(pattern, options), parts, everywhere)
    except RegexError as error:
        raise SubstitutionError(f"bad regular expression: {error}") from None


def split_rule(text: str) -> tuple[str, str, str]:
    """Expression, replacement and flags. Raises SubstitutionError."""
    if len(text) < 3:
        raise SubstitutionError("a rule is written /expression/replacement/flags")
    separator = text[0]
    if separator == "\\":
        raise SubstitutionError("`\\` cannot be the separator")
    ends: list[int] = []
    for at in range(1, len(text)):
        if text[at] == separator and text[at - 1] != "\\":
            ends.append(at)
            if len(ends) == 2:
                return text[1 : ends[0]], text[ends[0] + 1 : at], text[at + 1 :]
    raise SubstitutionError(f"separator `{separator}` is missing: /expression/replacement/flags")


def _replacement(text: str, separator: str, evaluate: Evaluate) -> list[bytes | int]:
    parts: list[bytes | int] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            escaped = text[at + 1]
            if escaped.isdigit():
                parts.append(int(escaped))
            elif escaped == "u":
                raise SubstitutionError("`\\u` (the request URI) has no value at compile time")
            else:
                parts.append(_ESCAPES.get(escaped, escaped.encode("latin-1")))
            at += 2
        elif char == "$":
            try:
                spec, at = parse_spec(text, at)
            except PvSyntaxError as error:
                raise SubstitutionError(f"bad variable in the replacement: {error}") from None
            parts.append(b"$" if spec.name == "$" else evaluate(spec))
        else:
            parts.append(char.encode("latin-1"))
            at += 1
    return parts
