"""The calls between routes, drawn: routes in columns by their distance from where calls begin."""

from __future__ import annotations

from html import escape

from kcc.ir import values
from kcc.ir.program import Program, Route
from runtime.declare.record import walk

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 230, 28, 90, 22, 20


def edges(program: Program) -> list[tuple[str, str]]:
    """Pairs of route labels: who calls or arms whom, each once, in the order written."""
    by_name = {(r.kind, r.name): label(r) for r in program.routes}
    blocks = {b.method: b for b in program.blocks}
    found: dict[tuple[str, str], None] = {}
    for route in program.routes:
        todo: list[object] = [route.body]
        while todo:
            for node in walk(todo.pop()):
                target = None
                if isinstance(node, values.RouteCall):
                    target = by_name.get(("route", node.name), by_name.get(("request", "")))
                elif isinstance(node, values.RouteArg) and isinstance(node.name, str):
                    target = by_name.get((node.kind, node.name))
                elif isinstance(node, values.BlockCall):
                    todo.append(blocks[node.method].body)
                if target is not None:
                    found.setdefault((label(route), target))
    return list(found)


def label(route: Route) -> str:
    """A route as it is written."""
    if not route.name:
        return f"{route.kind}_route"
    return f"route[{route.name}]" if route.kind == "route" else f"{route.kind}_route[{route.name}]"


def routes_dot(program: Program) -> str:
    """The graph in Graphviz's language."""
    lines = ["digraph routes {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_quoted(label(route))};" for route in program.routes]
    lines += [f"  {_quoted(a)} -> {_quoted(b)};" for a, b in edges(program)]
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def routes_svg(program: Program) -> str:
    """The graph as a picture."""
    calls = edges(program)
    names = list(dict.fromkeys(label(route) for route in program.routes))
    column = _columns(names, calls)
    at: dict[str, tuple[int, int]] = {}
    filled: dict[int, int] = {}
    for name in names:
        row = filled.get(column[name], 0)
        filled[column[name]] = row + 1
        at[name] = (
            _MARGIN + column[name] * (_WIDTH + _GAP_X),
            _MARGIN + row * (_HEIGHT + _GAP_Y),
        )
    width = _MARGIN * 2 + (max(column.values(), default=0) + 1) * (_WIDTH + _GAP_X)
    height = _MARGIN * 2 + max(filled.values(), default=1) * (_HEIGHT + _GAP_Y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">'
    ]
    for a, b in calls:
        x1, y1 = at[a][0] + _WIDTH, at[a][1] + _HEIGHT // 2
        x2, y2 = at[b][0], at[b][1] + _HEIGHT // 2
        bend = _GAP_X // 2
        parts.append(
            f'<path d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}" '
            'fill="none" stroke="#777"/>'
        )
    for name, (x, y) in at.items():
        parts.append(
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" fill="#eef" '
            f'stroke="#335"/><text x="{x + 8}" y="{y + 18}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _columns(names: list[str], calls: list[tuple[str, str]]) -> dict[str, int]:
    """The column of each route: one right of the first that calls it."""
    called = {b for _, b in calls}
    column = {name: 0 for name in names if name not in called}
    todo = list(column) or names[:1]
    column.setdefault(todo[0], 0) if todo else None
    while todo:
        name = todo.pop(0)
        for a, b in calls:
            if a == name and b not in column:
                column[b] = column[name] + 1
                todo.append(b)
    return {name: column.get(name, 0) for name in names}
