"""A program as an indented tree, for ``kcc dump``."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum

from kcc.ir.program import Program
from kcc.source.span import Span


def print_program(program: Program) -> str:
    """One line a node: its name, its plain fields, and below it the fields that are nodes."""
    lines: list[str] = []
    _node(program, "", 0, lines)
    return "\n".join(lines) + "\n"


def _node(node: object, label: str, depth: int, lines: list[str]) -> None:
    plain: list[str] = []
    nested: list[tuple[str, object]] = []
    assert is_dataclass(node)
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Span):
            continue
        if is_dataclass(value) or (isinstance(value, tuple) and any(map(is_dataclass, value))):
            nested.append((field.name, value))
        else:
            shown = value.name if isinstance(value, Enum) else ascii(value)
            plain.append(f"{field.name}={shown}")
    span = getattr(node, "span", None)
    place = f"  # line {span.outer().line}" if isinstance(span, Span) else ""
    lines.append(f"{'  ' * depth}{label}{type(node).__name__}({', '.join(plain)}){place}")
    for name, value in nested:
        if isinstance(value, tuple):
            lines.append(f"{'  ' * (depth + 1)}{name}:")
            for item in value:
                if is_dataclass(item):
                    _node(item, "", depth + 2, lines)
                else:
                    lines.append(f"{'  ' * (depth + 2)}{item!a}")
        else:
            _node(value, f"{name}: ", depth + 1, lines)
