"""Selects, ``@from.uri.user``: the rows of the tables that the select framework walks.

A row is ``[from, name, to, flags]``: at the node ``from`` (empty at the start) a part ``name``
(null: any) leads to the node ``to``. Flags are letters: N the next node's function runs first,
S takes one more text, I one more number, O that one may be absent, A takes all the rest,
P needs a part after it.
"""

from __future__ import annotations

from typing import Any

from csource import Source, tokens

_FLAGS = {
    "NESTED": "N",
    "CONSUME_NEXT_STR": "S",
    "CONSUME_NEXT_INT": "I",
    "OPTIONAL": "O",
    "CONSUME_ALL": "A",
    "SEL_PARAM_EXPECTED": "P",
}


def selects(source: Source) -> list[list[Any]]:
    """The rows of every select table of a module or of the core."""
    rows: list[list[Any]] = []
    for table in source.tables("select_row_t").values():
        for row in table:
            if not isinstance(row, list) or len(row) < 4 or _node(row[3]) == "":
                continue
            kind = "int" if "SEL_PARAM_INT" in str(row[1]) else "str"
            name = None if kind == "int" else source.string(row[2])
            words = tokens(str(row[4])) if len(row) > 4 else []
            flags = "".join(letter for word, letter in _FLAGS.items() if word in words)
            rows.append([_node(row[0]), name, _node(row[3]), flags + "#" * (kind == "int")])
    return rows


def _node(item: object) -> str:
    words = tokens(item) if isinstance(item, str) else []
    name = words[-1] if words else "NULL"
    return "" if name in ("NULL", "0") else name.removeprefix("select_").removeprefix("sel_")
