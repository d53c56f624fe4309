"""The core's part of a catalog: parameters of cfg.lex/cfg.y, variables, RPC, statistics."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import module_facts as tables
from csource import Source, preprocess, strip_comments


def read(core: Path, common: dict[str, str], defines: dict[str, str]) -> dict[str, Any]:
    """Everything that the core offers to a configuration."""
    paths = sorted(core.glob("*.c")) + sorted((core / "cfg").glob("*.c"))
    source = Source.load(paths, common, dict(defines))
    pvs: list[list[Any]] = []
    for _, rows in source.tables("pv_export_t").items():
        pvs.extend(
            row for row in (tables.pv_row(source, r) for r in rows if isinstance(r, list)) if row
        )
    return {
        "params": _params(core, dict(defines)),
        "pvs": pvs,
        "rpc": tables.rpc_rows(source, "core_rpc_methods"),
        "statistics": tables.statistics(source),
        "event_routes": tables.event_routes(source),
        "cfg": tables.cfg_rows(source),
    }


def _params(core: Path, defines: dict[str, str]) -> list[list[Any]]:
    """``[name, kinds, aliases]``: a global parameter and what may follow its equal sign."""
    lexer = strip_comments((core / "cfg.lex").read_text(errors="replace"))
    words: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([A-Z][A-Z0-9_]*)[ \t]+(\S.*)$", lexer, re.M):
        spelled = [word.strip('" \t') for word in value.split("|")]
        if all(re.fullmatch(r"[a-z][\w:]*", word) for word in spelled):
            words[name] = spelled
    returned = dict(re.findall(r"<INITIAL>\{(\w+)\}\s*\{[^}]*?return\s+(\w+)\s*;", lexer))
    by_token: dict[str, list[str]] = {}
    for name, token in returned.items():
        by_token.setdefault(token, []).extend(words.get(name, []))
    grammar = preprocess(strip_comments((core / "cfg.y").read_text(errors="replace")), defines)
    section = grammar[grammar.index("\nassign_stm:") : grammar.index("\nroute_name:")]
    kinds: dict[str, set[str]] = {}
    for token, follows in re.findall(r"(?:\||:)\s*([A-Z][A-Z0-9_]+)\s+EQUAL\s+(\w+)", section):
        if follows != "error":
            kinds.setdefault(token, set()).add(follows.lower())
    return [
        [by_token[token][0], sorted(kinds[token]), by_token[token][1:]]
        for token in sorted(kinds, key=lambda t: by_token.get(t, [])[:1])
        if by_token.get(token)
    ]
