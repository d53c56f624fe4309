"""K0222: statements after one that ends the block."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.syntax import ast

_ENDS = {ast.Exit: "exit", ast.Drop: "drop", ast.Return: "return", ast.Break: "break"}


def check(context: Context) -> None:
    """Report the first statement of a block that is never reached."""
    for node in context.nodes(ast.Block):
        for before, after in zip(node.statements, node.statements[1:], strict=False):
            word = _ENDS.get(type(before))
            if word is not None:
                context.reporter.report(
                    "K0222", f"never reached: it stands after `{word}`", after.span
                )
                break
