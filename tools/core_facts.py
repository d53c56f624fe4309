"""The core's part of a catalog: words of cfg.lex, parameters and functions of cfg.y, tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import module_facts as tables
from csource import Source, body_at, preprocess, strip_comments
from select_facts import selects

_WORD = re.compile(r"[A-Za-z][\w:.$?]*")


def read(core: Path, common: dict[str, str], defines: dict[str, str]) -> dict[str, Any]:
    """Everything that the core offers to a configuration."""
    paths = sorted(core.glob("*.c")) + sorted((core / "cfg").glob("*.c"))
    source = Source.load(paths, common, dict(defines))
    header = core / "select_core.h"  # a table in a header: the core includes it once
    if header.is_file():
        text = strip_comments(header.read_text(errors="replace"))
        source.files[header.name] = preprocess(text, dict(defines))
    pvs: list[list[Any]] = []
    for _, rows in source.tables("pv_export_t").items():
        pvs.extend(
            row for row in (tables.pv_row(source, r) for r in rows if isinstance(r, list)) if row
        )
    words, keywords, directives = _words(core)
    grammar = _grammar(core, dict(defines))
    return {
        "params": _params(grammar, words),
        "functions": _functions(grammar, words),
        "keywords": keywords,
        "directives": directives,
        "pvs": pvs,
        "rpc": tables.rpc_rows(source, "core_rpc_methods"),
        "statistics": tables.statistics(source),
        "event_routes": tables.event_routes(source),
        "selects": selects(source),
        "cfg": tables.cfg_rows(source),
    }


def _words(core: Path) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """Spellings of each token that the lexer returns; all reserved words; words after ``#!``."""
    lexer = strip_comments((core / "cfg.lex").read_text(errors="replace"))
    spelled: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([A-Z]\w*)[ \t]+(\S.*)$", lexer, re.M):
        alternatives = [word.strip("\"' \t") for word in value.split("|")]
        words = [word for word in alternatives if _WORD.fullmatch(word)]
        if words:
            spelled[name] = words
    by_token: dict[str, list[str]] = {}
    keywords: set[str] = set()
    directives: set[str] = set()
    rule = re.compile(r"^<INITIAL[^>\n]*>(\{PREP_START\})?\{(\w+)\}\S*\s*(?=\{)", re.M)
    for match in rule.finditer(lexer):
        found = spelled.get(match.group(2), [])
        (directives if match.group(1) else keywords).update(found)
        returned = re.search(r"return\s+(\w+)\s*;", body_at(lexer, match.end()))
        if returned is not None and found:
            by_token.setdefault(returned.group(1), []).extend(found)
    return by_token, sorted(keywords), sorted(directives)


def _grammar(core: Path, defines: dict[str, str]) -> dict[str, list[list[str]]]:
    """The rules of cfg.y without their actions: name to alternatives, each a list of symbols."""
    text = preprocess(strip_comments((core / "cfg.y").read_text(errors="replace")), defines)
    text = text.split("\n%%")[1]
    plain: list[str] = []
    at = 0
    while (opening := text.find("{", at)) >= 0:
        plain.append(text[at:opening])
        at = opening + len(body_at(text, opening)) + 2
    plain.append(text[at:])
    rules: dict[str, list[list[str]]] = {}
    for name, body in re.findall(r"(\w+)\s*:([^:;]*);?", " ".join(plain)):
        rules.setdefault(name, []).extend(part.split() for part in body.split("|"))
    return rules


def _params(grammar: dict[str, list[list[str]]], words: dict[str, list[str]]) -> list[list[Any]]:
    """``[name, kinds, aliases]``: a global parameter and what may follow its equal sign."""
    kinds: dict[str, set[str]] = {}
    for part in (*grammar["assign_stm"], *grammar["module_stm"]):
        if len(part) > 2 and part[1] == "EQUAL" and part[2] != "error":
            kinds.setdefault(part[0], set()).add(part[2].lower())
    return [
        [words[token][0], sorted(kinds[token]), words[token][1:]]
        for token in sorted(kinds, key=lambda t: words.get(t, [])[:1])
        if token in words
    ]


def _functions(grammar: dict[str, list[list[str]]], words: dict[str, list[str]]) -> list[list[Any]]:
    """``[name, numbers of arguments, aliases]`` of the functions that the grammar knows."""
    arities: dict[str, set[int]] = {}
    for part in (part for parts in grammar.values() for part in parts):
        if len(part) < 3 or part[1] != "LPAREN" or "error" in part or part[0] not in words:
            continue
        arguments = part[2 : part.index("RPAREN")] if "RPAREN" in part else []
        arities.setdefault(part[0], set()).add(arguments.count("COMMA") + bool(arguments))
    return [
        [words[token][0], sorted(arities[token]), words[token][1:]]
        for token in sorted(arities, key=lambda t: words[t][0])
    ]
