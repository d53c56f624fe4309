"""K0318: ``break`` with nothing to leave."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.syntax import ast


def check(context: Context) -> None:
    """Report ``break`` outside of a loop and a switch. It was the word for ``exit`` once, and many
    still write it for ``return``."""
    if not context.nodes(ast.Break):
        return
    for route in context.routes():
        blocks = [route.body]
        while blocks:
            for node in blocks.pop().statements:
                if isinstance(node, ast.If):
                    blocks.append(node.then)
                    if node.orelse is not None:
                        blocks.append(node.orelse)
                elif isinstance(node, ast.Break):
                    context.reporter.report(
                        "K0318",
                        "no loop or switch is left here: the route ends with the code 0",
                        node.span,
                        help="write `return;` to end the route",
                    )
