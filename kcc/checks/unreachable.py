"""K0222: statements after something that never goes on."""

from __future__ import annotations

from typing import Final

from kcc.checks.context import Context
from kcc.checks.reach import Reach
from kcc.checks.written import conditional
from kcc.syntax import ast

_WORDS: Final = {ast.Exit: "exit", ast.Drop: "drop", ast.Return: "return", ast.Break: "break"}


def check(context: Context) -> None:
    """Report the first statement of a block that is never reached. One that would only leave in
    another way is careful, no mistake; and what stands behind an ``#!endif`` may be reached where
    other names are defined."""
    reach = context.fact(Reach)
    for block in context.nodes(ast.Block):
        ended: ast.Statement | None = None
        for node in block.statements:
            if ended is not None and (type(node) not in _WORDS or type(node) is type(ended)):
                if not _conditional(ended, node):
                    context.reporter.report("K0222", f"never reached: {_why(ended)}", node.span)
                break
            if id(node) in reach.ending:
                if isinstance(node, ast.If) and not _both(node, reach):
                    break
                ended = ended or node


def _conditional(before: ast.Statement, after: ast.Statement) -> bool:
    """Whether directives stand between two statements."""
    one, two = before.span.outer(), after.span.outer()
    return one.file is two.file and conditional(one.file.text, one.end, two.start)


def _both(node: ast.If, reach: Reach) -> bool:
    """Whether both branches are entered: where one is not, the condition is the mistake."""
    if node.orelse is None:
        return False
    firsts = [block.statements[0] for block in (node.then, node.orelse) if block.statements]
    return all(id(first) in reach.reached for first in firsts)


def _why(before: ast.Statement) -> str:
    word = _WORDS.get(type(before))
    if word is not None:
        return f"it stands after `{word}`"
    if isinstance(before, ast.If):
        return "every branch of the `if` before it leaves"
    if isinstance(before, ast.Switch):
        return "every case of the `switch` before it leaves"
    return "a route that is called before it never returns"
