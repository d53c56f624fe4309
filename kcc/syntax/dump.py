"""The syntax tree as an outline for people (``kcc dump --stage ast``)."""

from __future__ import annotations

from kcc.source.span import Span
from kcc.source.text import display
from kcc.syntax import ast
from runtime.declare.pvspec import PvSpec, spec_text
from runtime.declare.record import Record, fields_of


def dump_file(file: ast.File) -> str:
    """One line a node: its kind, its plain fields, and at statements and items the place."""
    lines: list[str] = []
    for item in file.items:
        _node(item, "", "", lines)
    return "".join(f"{line}\n" for line in lines)


def _node(node: object, label: str, indent: str, lines: list[str]) -> None:
    shown: list[str] = []
    children: list[tuple[str, object]] = []
    span: Span | None = None
    for each in fields_of(node) if isinstance(node, Record) else ():
        value = getattr(node, each)
        if each == "span":
            span = value
        elif each == "name_span" or value is None or value is False:
            continue
        elif isinstance(value, ast.Node | ast.Flag | ast.SelectPart):
            children.append((each, value))
        elif isinstance(value, tuple) and value and not isinstance(value[0], str):
            children += [("", element) for element in value]
        elif not (isinstance(node, ast.PvExpr) and each == "text"):
            shown.append(f" {each}={_plain(value)}")
    if span is not None and not isinstance(node, ast.Expr | ast.Block):
        where = span.outer()
        shown.append(f"  # {where.path}:{where.line}")
    lines.append(f"{indent}{f'{label}: ' if label else ''}{type(node).__name__}{''.join(shown)}")
    for name, child in children:
        _node(child, name, indent + "  ", lines)


def _plain(value: object) -> str:
    if isinstance(value, PvSpec):
        return display(spec_text(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return repr(value)
