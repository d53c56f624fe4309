"""K0312: routes that call themselves."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.flow import RouteKey
from kcc.checks.reach import Reach
from kcc.diagnostics.model import Note
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report, once for each circle of routes, the call that closes it."""
    calls = context.fact(Reach).calls
    done: set[RouteKey] = set()
    reported: set[RouteKey] = set()
    for root in calls:
        path: list[tuple[RouteKey, ast.Call | None]] = [(root, None)]
        on_path = {root}
        ahead = [iter(calls[root])]
        while path and root not in done:
            step = next(ahead[-1], None)
            if step is None:
                key, _ = path.pop()
                ahead.pop()
                on_path.discard(key)
                done.add(key)
                continue
            key, call = step
            if key in on_path:
                at = next(i for i, (other, _) in enumerate(path) if other == key)
                circle = {other for other, _ in path[at:]}
                if not circle & reported:
                    reported |= circle
                    _report(context, [other for other, _ in path[at:]], call, path[at + 1 :])
            elif key not in done:
                path.append((key, call))
                on_path.add(key)
                ahead.append(iter(calls[key]))


def _report(
    context: Context,
    circle: list[RouteKey],
    call: ast.Call,
    steps: list[tuple[RouteKey, ast.Call | None]],
) -> None:
    names = " -> ".join(f"route[{name}]" for _, name in (*circle, circle[0]))
    notes = tuple(
        Note(f"route[{key[1]}] is called here", by.span) for key, by in steps if by is not None
    )
    context.reporter.report(
        "K0312",
        f"this call makes routes call themselves: {names}",
        call.span,
        help="Kamailio gives up at `max_recursive_level` (256) routes; use a loop",
        notes=notes,
    )
