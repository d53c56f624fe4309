"""K0254: a parameter is set twice."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.diagnostics.model import Note
from kcc.ir.program import ModParam
from runtime.declare.exports import ParamKind

_ADD_UP = (ParamKind.FUNC_INT, ParamKind.FUNC_STR)


def check(context: Context) -> None:
    """Report a second, different value of a parameter that keeps only the last one. Those that a
    function of their module takes add up."""
    first: dict[tuple[str, str], ModParam] = {}
    for param in context.program.modparams:
        before = first.setdefault((param.module, param.name), param)
        if before.value == param.value:
            continue
        rows = context.catalog.params(param.module, param.name)
        if any(row.kind in _ADD_UP for row in rows):
            continue
        context.reporter.report(
            "K0254",
            f"`{param.name}` of `{param.module}` is set a second time: this value holds",
            param.value_span,
            notes=(Note("first set here", before.span),),
        )
