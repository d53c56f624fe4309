"""K0226: ``$var(x)`` is read and nothing ever assigns it."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.ir import program as ir
from kcc.ir import values


def check(context: Context) -> None:
    """Report each variable once, where it is first read. A variable that a module may write
    through a reference or a parameter counts as written."""
    written: set[str] = set()
    read: dict[str, values.Var] = {}
    texts = [p.value for p in context.program.modparams if isinstance(p.value, bytes)]
    written.update(node.name for node in context.resolved(ir.SetVar))
    for var in context.resolved(values.Var):
        read.setdefault(var.name, var)
    texts += (node.text for node in context.resolved(values.TextArg))
    texts += (node.value for node in context.resolved(values.Str))
    pool = b"\n".join(texts)
    for name, var in read.items():
        if name in written or name.encode("latin-1") in pool:
            continue
        context.reporter.report("K0226", f"`$var({name})` is read but never assigned", var.span)
