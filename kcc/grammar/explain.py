"""Words for a syntax error: what stands there, and what could."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from kcc.grammar.keywords import elsewhere, keywords, renamed
from kcc.grammar.tokens import END, Token
from kcc.source.span import Span
from kcc.source.text import display
from runtime.declare.record import Record

_NAMES: Final = {
    "SEMI": "`;`", "LPAREN": "`(`", "RPAREN": "`)`", "LBRACE": "`{`", "RBRACE": "`}`",
    "LBRACK": "`[`", "RBRACK": "`]`", "COMMA": "`,`", "EQUAL": "`=`", "COLON": "`:`",
    "DOT": "`.`", "STAR": "`*`", "STRING": "a string", "NUMBER": "a number", "ID": "a name",
    "PVAR": "a variable", "AVP_OR_PVAR": "a variable", "NUM_ID": "a name",
    "EVENT_NAME": "the name of an event",
    "IPV6": "an address", "PROTO": "a protocol", END: "the end of the file", "ELSE": "`else`",
    "CASE": "`case`", "DEFAULT": "`default`", "SELECT_MARK": "`@`", "ATTR_CLASS": "an attribute",
    "DESC": "`desc`",
}  # fmt: skip
_ORDER: Final = tuple(_NAMES)
_EXPRESSION: Final = frozenset({"STRING", "PVAR", "NUMBER", "LEGACY", "ID", "LPAREN"})
_STATEMENT: Final = frozenset({"IF", "WHILE", "SWITCH", "RETURN", "ID", "PVAR"})
_ITEM: Final = frozenset({"LOADMODULE", "MODPARAM", "PARAM", "ROUTE_EVENT"})
_OPERATOR: Final = frozenset({"BINOP", "MINUS", "SLASH", "STAR"})
_STARTS_STATEMENT: Final = frozenset(
    {
        "IF",
        "WHILE",
        "SWITCH",
        "RETURN",
        "EXIT",
        "DROP",
        "BREAK",
        "PVAR",
        "AVP_OR_PVAR",
        "FUNC",
        "FUNC_BARE",
    }
)
_DIRECTIVE: Final = re.compile(
    r"!+[ \t]*((?:try|re)?def\w*|ifn?def|ifexp|else|endif|subst\w*|include_file|import_file)"
)
_COMMON: Final = _STARTS_STATEMENT | {"NUMBER", "ELSE", "CASE", "DEFAULT"}


class Context(Record):
    """Where the parser is: ``inside`` a block or not, the innermost thing still ``opened``;
    and the Kamailio version that is read."""

    inside: bool
    opened: Token | None
    target: str


class Explanation(Record):
    """The parts of a diagnostic."""

    code: str
    message: str
    span: Span
    help: str | None = None


def explain(
    token: Token,
    previous: Token | None,
    expected: Sequence[str],
    inserted: Sequence[Token],
    context: Context,
) -> Explanation:
    """What is wrong at ``token``, given the repair that was chosen."""
    if previous is not None and previous.kind == "LBRACE" and token.kind == "RBRACE":
        return Explanation("K0107", "a block must not be empty", token.span, "write `{ ; }`")
    if inserted and inserted[0].span != token.span:
        return _missing(token, inserted)
    what = describe(token)
    if inserted and token.kind == "ID" and inserted[0].kind not in ("ID", "BINOP", "EQUAL"):
        return Explanation(
            "K0101", f"unexpected {what}", token.span, f"did you mean `{inserted[0].value}`?"
        )
    if token.kind == "RBRACE" and not context.inside:
        return Explanation(
            "K0116", "this `}` closes nothing", token.span, "is one too many somewhere above?"
        )
    if (
        "ID" in expected
        and token.span.text in keywords(context.target)
        and token.kind not in _COMMON
    ):
        return Explanation(
            "K0106",
            f"`{token.span.text}` is a reserved word, it cannot be a name here",
            token.span,
            "put it in quotes" if "STRING" in expected else "use another name",
        )
    at_item = not context.inside and {"DOT", "LBRACK"} <= set(expected)
    if at_item and previous is not None and previous.kind == "ID":
        return _unknown_item(previous, context.target)
    if not context.inside and token.kind in _STARTS_STATEMENT:
        return Explanation(
            "K0101",
            f"unexpected {what}: statements belong in a route block",
            token.span,
            "is a `}` too many above?",
        )
    if not context.inside and token.kind in ("ID", "RESERVED") and _ITEM & set(expected):
        return _unknown_item(token, context.target)
    if previous is not None and previous.kind == "ID" and "LPAREN" in expected and context.inside:
        return Explanation(
            "K0101",
            f"unexpected {what} after `{previous.value}`: a function call needs `()`",
            token.span,
        )
    if token.kind == "STRING" and previous is not None and previous.kind == "STRING":
        return Explanation(
            "K0101",
            "two strings without anything between them",
            token.span,
            "only double-quoted strings join; use `+` or `,`",
        )
    wanted = _expectation(expected)
    if token.kind == "NOT" and not context.inside:
        return Explanation("K0101", f"unexpected {what}{wanted}", token.span, _hash_lost(token))
    undefined = token.kind == "ID" and "STRING" in expected
    help = "put it in quotes; if it is a macro, its #!define is missing here" if undefined else None
    return Explanation("K0101", f"unexpected {what}{wanted}", token.span, help)


def _hash_lost(token: Token) -> str | None:
    """Whether ``!define`` was to be ``#!define``."""
    match = _DIRECTIVE.match(token.span.file.text, token.span.start)
    return f"did you mean `#!{match[1]}`?" if match is not None else None


def _unknown_item(token: Token, target: str) -> Explanation:
    known_to_other = elsewhere(token.span.text, target)
    if known_to_other is not None:
        name = renamed(token.span.text, target)
        help = f"use `{name}`" if name else None
        return Explanation("K0119", known_to_other, token.span, help)
    word = display(token.span.text)
    close = _closest(word, [each for each in _item_words(target) if word and _like(word, each)])
    return Explanation(
        "K0101",
        f"`{word}` is no parameter, module directive or route",
        token.span,
        f"did you mean `{close[0]}`?" if close else None,
    )


def near_keywords(token: Token, expected: Sequence[str], target: str) -> list[tuple[Token, ...]]:
    """What a mistyped word may stand for here, as tokens; the likeliest first."""
    word, kinds = token.value, set(expected)
    if elsewhere(word, target) is not None:
        return []
    known, by_kind = keywords(target), _words_by_kind(target)
    words = [each for kind in kinds & by_kind.keys() for each in by_kind[kind] if _like(word, each)]
    swapped = [each for each in words if len(each) == len(word) and sorted(each) == sorted(word)]
    near = dict.fromkeys((*swapped, *_closest(word, words)))
    found: list[tuple[Token, ...]] = [(Token(*known[each], token.span),) for each in near]
    if "IF" in kinds and (
        sorted(word) == list("eels") or (_like(word, "else") and _closest(word, ["else"]))
    ):
        # its branch is read as that of an if, or it is another if
        found += [(Token("IF", "if", token.span), Token("NUMBER", "1", token.span)), ()]
    return found


def _like(word: str, other: str) -> bool:
    """Whether it is worth while to compare them closely."""
    return abs(len(word) - len(other)) <= 2 and word[0] in other[:2] and other[0] in word[:2]


def _closest(word: str, words: list[str]) -> list[str]:
    if not words or (not _like(word, words[0]) and len(words) == 1):
        return []
    from difflib import get_close_matches

    return get_close_matches(word, words, 2, 0.75)


@cache
def _words_by_kind(target: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word, (kind, _) in keywords(target).items():
        if len(word) > 1:
            found.setdefault(kind, []).append(word)
    return found


@cache
def _item_words(target: str) -> list[str]:
    return [
        word
        for word, (kind, _) in keywords(target).items()
        if kind in ("PARAM", "LISTEN", "ALIAS", "MODPARAM", "LOADMODULE", "LOADPATH", "CFGENGINE")
        or kind.startswith("ROUTE")
    ]


def _missing(token: Token, inserted: Sequence[Token]) -> Explanation:
    first = inserted[0]
    if first.kind == "SEMI":
        return Explanation("K0105", "missing `;`", first.span, "every statement ends in `;`")
    if first.kind == "BINOP":
        return Explanation("K0101", f"missing operator before {describe(token)}", token.span)
    if first.kind == "PVAR":
        return Explanation("K0101", f"a value is missing before {describe(token)}", token.span)
    texts = " and ".join(f"`{made.value}`" for made in inserted)
    return Explanation("K0101", f"missing {texts} before {describe(token)}", first.span)


def describe(token: Token) -> str:
    """A token in words."""
    if token.kind == END:
        return "end of the file"
    text = display(token.span.text)
    if token.kind == "STRING":
        return "string"
    if not text or len(text) > 40 or not text.isprintable():
        return _NAMES.get(token.kind, "text")
    return f"`{text}`"


def _expectation(expected: Sequence[str]) -> str:
    kinds = set(expected)
    wanted: list[str] = []
    if kinds >= _ITEM:
        return "; expected a parameter, a module directive or a route"
    if kinds >= _STATEMENT:
        return "; expected a statement" + (" or `}`" if "RBRACE" in kinds else "")
    if kinds >= _EXPRESSION:
        wanted.append("a value")
        kinds -= _EXPRESSION | {"LBRACE", "LBRACK", "IPV6", "PROTO", "STAR", "SELECT_MARK"}
        kinds -= {"MINUS"}
    if kinds >= _OPERATOR:
        wanted.append("an operator")
        kinds -= _OPERATOR
    wanted += list(dict.fromkeys(_NAMES[kind] for kind in _ORDER if kind in kinds))
    if not wanted or len(wanted) > 5:
        return ""
    if len(wanted) == 1:
        return f"; expected {wanted[0]}"
    return f"; expected {', '.join(wanted[:-1])} or {wanted[-1]}"
