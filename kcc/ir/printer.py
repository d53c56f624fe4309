"""A program as an indented tree, for ``kcc dump``."""

from __future__ import annotations

from enum import Enum

from kcc.ir.program import Program
from kcc.source.span import Span
from runtime.declare.record import Record, fields_of


def print_program(program: Program) -> str:
    """One line a node: its name, its plain fields, and below it the fields that are nodes."""
    lines: list[str] = []
    _node(program, "", 0, lines)
    return "\n".join(lines) + "\n"


def _node(node: object, label: str, depth: int, lines: list[str]) -> None:
    plain: list[str] = []
    nested: list[tuple[str, object]] = []
    assert isinstance(node, Record)
    for name in fields_of(node):
        value = getattr(node, name)
        if isinstance(value, Span):
            continue
        several = value if isinstance(value, tuple) else (value,)
        if any(isinstance(each, Record) for each in several):
            nested.append((name, value))
        else:
            shown = value.name if isinstance(value, Enum) else ascii(value)
            plain.append(f"{name}={shown}")
    span = getattr(node, "span", None)
    place = f"  # line {span.outer().line}" if isinstance(span, Span) else ""
    lines.append(f"{'  ' * depth}{label}{type(node).__name__}({', '.join(plain)}){place}")
    for name, value in nested:
        if isinstance(value, tuple):
            lines.append(f"{'  ' * (depth + 1)}{name}:")
            for item in value:
                if isinstance(item, Record):
                    _node(item, "", depth + 2, lines)
                else:
                    lines.append(f"{'  ' * (depth + 2)}{item!a}")
        else:
            _node(value, f"{name}: ", depth + 1, lines)
