"""The LALR tables of ``kamailio.lark``.

Lark makes them from the grammar; they are kept in ``tables.json`` beside it, so that a compile
neither imports lark nor builds tables. ``python -m kcc.grammar.tables`` writes the file anew,
``--check`` tells whether it is current (a test does so too).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from runtime.declare.record import Record

_GRAMMAR: Final = Path(__file__).with_name("kamailio.lark")
_TABLES: Final = Path(__file__).with_name("tables.json")


class Rule(Record):
    """``lhs`` -> ``length`` symbols, built by the action ``alias`` (empty: hand on the first)."""

    lhs: str
    length: int
    alias: str


class Tables(Record):
    """``actions[state][terminal]`` is ``s + 1`` to shift to state s, ``-r - 1`` to reduce by
    rule r; 0 stands for acceptance. A state that can only reduce by one rule has it in
    ``defaults`` (else 0) whatever comes. ``gotos[state][nonterminal]`` is a state."""

    rules: Sequence[Rule]
    actions: Sequence[Mapping[str, int]]
    defaults: Sequence[int]
    gotos: Sequence[Mapping[str, int]]


@cache
def load() -> Tables:
    """The tables as they are in the file."""
    data = json.loads(_TABLES.read_text(encoding="ascii"))
    return Tables(
        tuple(Rule(*rule) for rule in data["rules"]),
        tuple(data["actions"]),
        tuple(data["defaults"]),
        tuple(data["gotos"]),
    )


def generate() -> dict[str, Any]:
    """Build the tables with lark, numbered so that the same grammar gives the same tables."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        """Lark wants one; ours is used instead."""

        def __init__(self, conf: object) -> None:
            pass

        def lex(self, lexer_state: object, parser_state: object) -> Any:
            return iter(())

    source = _GRAMMAR.read_text(encoding="utf-8")
    lark = Lark(source, parser="lalr", lexer=NoLexer, start="start")
    table = lark.parser.parser._parse_table
    rules: list[list[Any]] = []
    rule_numbers: dict[Any, int] = {}
    numbers: dict[Any, int] = {table.start_states["start"]: 0}
    queue = [table.start_states["start"]]
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in queue:  # grows while it is walked
        terminals: dict[str, int] = {}
        nonterminals: dict[str, int] = {}
        for symbol in sorted(table.states[state]):
            action, target = table.states[state][symbol]
            if action is Shift:
                if target not in numbers:
                    numbers[target] = len(queue)
                    queue.append(target)
                terminal = symbol.isupper() or symbol == "$END"
                (terminals if terminal else nonterminals)[symbol] = numbers[target] + terminal
                continue
            if target not in rule_numbers:
                rule_numbers[target] = len(rules)
                rules.append([str(target.origin.name), len(target.expansion), target.alias or ""])
            terminals[symbol] = -rule_numbers[target] - 1
        if state == table.end_states["start"]:
            terminals = {"$END": 0}
        actions.append(terminals)
        gotos.append(nonterminals)
    defaults = []
    for number, terminals in enumerate(actions):
        codes = set(terminals.values())
        only = codes.pop() if len(codes) == 1 else 0
        defaults.append(only if only < 0 else 0)
        if only < 0:
            actions[number] = {}
    return {"rules": rules, "actions": actions, "defaults": defaults, "gotos": gotos}


def current() -> bool:
    """Whether the file is what the grammar gives."""
    return bool(json.loads(_TABLES.read_text(encoding="ascii")) == generate())


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if current() else f"{_TABLES} is not current; run python -m kcc.grammar.tables")
    text = json.dumps(generate(), separators=(",", ":"), sort_keys=True)
    _TABLES.write_text(text.replace('],"', '],\n"') + "\n", encoding="ascii")
