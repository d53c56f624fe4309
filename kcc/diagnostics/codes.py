"""Every diagnostic code there is. Each has a page of the same name in ``pages/``.

K00 reading and preprocessing, K01 tokens and grammar, K02 and up what the text means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kcc.diagnostics.model import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A registered code: ``K`` and four digits, a kebab-case name, its usual severity."""

    code: str
    name: str
    severity: Severity
    title: str


_ALL: Final = (
    Code("K0001", "unreadable-file", "error", "A configuration or included file cannot be read."),
    Code("K0002", "include-name", "error", "The name of an included file is not usable."),
    Code("K0003", "include-depth", "error", "Files include each other too deeply."),
    Code("K0004", "redefined-macro", "error", "A macro is defined a second time."),
    Code("K0005", "macro-name", "error", "The name of a macro is missing or malformed."),
    Code("K0006", "unbalanced-ifdef", "error", "Conditional directives do not pair up."),
    Code("K0007", "recursive-macro", "error", "A macro expands to itself or without bound."),
    Code("K0008", "undefined-environment", "error", "An environment variable is not set."),
    Code("K0009", "bad-substitution", "error", "A #!subst, #!substdef or #!substdefs is wrong."),
    Code("K0010", "too-many-macros", "error", "More macros or conditions than Kamailio holds."),
    Code("K0011", "directive-is-comment", "warning", "A line looks like a directive but is none."),
    Code("K0012", "stray-character", "warning", "A character that Kamailio skips silently."),
    Code("K0013", "comment-in-macro", "warning", "The value of a macro holds a comment."),
    Code("K0101", "syntax-error", "error", "The text does not follow the grammar."),
    Code("K0102", "unterminated-string", "error", "A string has no closing quote."),
    Code("K0103", "unterminated-comment", "error", "A block comment is not closed."),
    Code("K0104", "unterminated-variable", "error", "A pseudo-variable is not closed."),
    Code("K0105", "missing-semicolon", "error", "A statement does not end in a semicolon."),
    Code("K0106", "reserved-word", "error", "A reserved word is used as a name."),
    Code("K0107", "empty-block", "error", "A block has no statement."),
    Code("K0108", "bad-pseudo-variable", "error", "A pseudo-variable cannot be parsed."),
    Code("K0109", "bare-word", "error", "A word stands where a value is expected."),
    Code("K0110", "core-parameter-value", "error", "A core parameter has the wrong kind of value."),
    Code("K0111", "core-function-arguments", "error", "A core function is called wrongly."),
    Code("K0112", "legacy-comparison", "error", "An operand such as `method` is misused."),
    Code("K0113", "duplicate-default", "error", "A switch has more than one default."),
    Code("K0114", "mixed-cases", "error", "A switch mixes integer and string cases."),
    Code("K0115", "bad-address", "error", "An IP address or network mask is out of range."),
    Code("K0116", "unbalanced-brace", "error", "A brace has no partner."),
    Code("K0117", "nested-too-deeply", "error", "The text nests too deeply to be parsed."),
    Code("K0118", "case-not-constant", "error", "The label of a case is not constant."),
)

CODES: Final[Mapping[str, Code]] = MappingProxyType({entry.code: entry for entry in _ALL})
