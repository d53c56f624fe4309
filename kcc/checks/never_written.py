"""K0226: ``$var(x)`` is read and nothing ever assigns it."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.ir import program as ir
from kcc.ir import values
from kcc.ir.walk import walk


def check(context: Context) -> None:
    """Report each variable once, where it is first read. A variable that a module may write
    through a reference or a parameter counts as written."""
    written: set[str] = set()
    read: dict[str, values.Var] = {}
    texts = [p.value for p in context.program.modparams if isinstance(p.value, bytes)]
    for node in walk((context.program.routes, context.program.blocks)):
        if isinstance(node, ir.SetVar):
            written.add(node.name)
        elif isinstance(node, values.Var):
            read.setdefault(node.name, node)
        elif isinstance(node, values.TextArg):
            texts.append(node.text)
        elif isinstance(node, values.Str):
            texts.append(node.value)
    for name, var in read.items():
        if name in written or any(name.encode("latin-1") in text for text in texts):
            continue
        context.reporter.report("K0226", f"`$var({name})` is read but never assigned", var.span)
