"""Pseudo-variables and text that holds them, resolved against the loaded modules."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

from kcc.catalog.catalog import suggest
from kcc.catalog.selects import complaint, parts_of
from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.reporter import Reporter
from kcc.ir import values as ir
from kcc.ir.program import SetNative, SetPv, SetVar
from kcc.lower.declared import check_name
from kcc.lower.patterns import check_regex
from kcc.lower.pvnames import refused_name
from kcc.lower.scope import Scope
from kcc.source.span import Span
from kcc.source.text import to_name
from runtime.declare.exports import Fixup, PseudoVar, PvName, PvType, Status, Transformation
from runtime.declare.pvspec import (
    PvFormat,
    PvSpec,
    PvSyntaxError,
    format_text,
    is_buffered,
    number_of,
    parse_format,
    parse_spec,
    shows_itself,
    spec_text,
    split_table_key,
)
from runtime.declare.substspec import SubstError, parse_subst
from runtime.modules.core.syntax import SELECTS

_SELECT: Final = re.compile(
    r"@?(?:[A-Za-z]\w*(?:\[[^\]]*\])?\.?)*"
)  # what follows is no part of it
FLAGS: Final = ("Bf", "Mf", "Sf")
_TYPES = {PvType.INT: ir.Type.INT, PvType.STR: ir.Type.STR, PvType.DYNAMIC: ir.Type.ANY}


def lower_variable(scope: Scope, spec: PvSpec, span: Span) -> ir.Expr:
    """The value of a variable; what is wrong with it is reported."""
    value = _read(scope, spec, span)
    for call in spec.transforms:
        found = scope.transformations.get((call.cls, call.fn.lower()))
        if found is None:
            _unknown_transformation(scope, call.cls, call.fn, span)
            return ir.Null(span)
        module, row = found
        least = len(row.args) if row.min is None else row.min
        if not least <= len(call.args) <= len(row.args):
            scope.reporter.report(
                "K0209",
                f"{{{call.cls}.{call.fn}}} takes {counted(least, len(row.args))}, "
                f"{len(call.args)} given",
                span,
            )
            return ir.Null(span)
        if row.status is Status.PARSED_ONLY:
            scope.not_built(f"transformation {{{call.cls}.{call.fn}}}", span)
            return ir.NotBuilt(span, f"{{{call.cls}.{call.fn}}}")
        args = tuple(_transform_arg(scope, row, at, arg, span) for at, arg in enumerate(call.args))
        method = f"tr_{call.cls}_{row.name}".replace(".", "_")
        kind = _TYPES[row.returns]
        value = ir.Transform(span, module, method, value, args, kind, row.message)
    return value


def lower_target(
    scope: Scope, spec: PvSpec, value: ir.Expr, span: Span, target: Span
) -> SetNative | SetVar | SetPv | None:
    """An assignment to a variable; None after a report."""
    row = _row(scope, spec, target)
    if row is None:
        return None
    check_loaded_before(scope, spec, target)
    module, pv = row
    if not pv.writable or spec.transforms:
        scope.reporter.report("K0215", f"`{shown(spec)}` cannot be assigned to", target)
        return None
    if not _fits(scope, spec, pv, target):
        return None
    if pv.status is Status.PARSED_ONLY:
        scope.not_built(f"variable ${spec.name}", target)
        return SetNative(span, "", value)
    if spec.name in ("var", "vz"):
        return SetVar(span, _slot(scope, spec, span), value)
    if pv.native is not None:
        return SetNative(span, pv.native, value)
    return SetPv(span, module, _method(spec, pv), _access(scope, spec, pv, target), value, pv.texts)


def check_loaded_before(scope: Scope, spec: PvSpec, span: Span) -> None:
    """Report a variable outside of strings whose module is loaded after it; strings are looked
    into once all is loaded."""
    known = scope.pvs.get(spec.name)
    if known is not None and known[0] in scope.late:
        message = f"unknown variable `${spec.name}`: module `{known[0]}` is loaded only later"
        scope.reporter.report("K0208", message, span)


def lower_format(scope: Scope, text: bytes, span: Span) -> ir.Expr:
    """Text with variables, as a value."""
    parts = check_format(scope, text, span)
    if parts is None:
        return ir.Str(span, text)
    return _join(scope, parts, span)


def check_format(scope: Scope, text: bytes, span: Span) -> PvFormat | None:
    """The parts of text with variables in it; None after a report."""
    if b"$" not in text:
        return (text,) if text else ()
    try:
        return parse_format(text)
    except PvSyntaxError as error:
        scope.reporter.report("K0208", f"in a string: {error.message}", span)
        return None


def check_variables(scope: Scope, text: bytes, span: Span) -> None:
    """Report what is wrong with the variables in text that is evaluated at run time."""
    for part in check_format(scope, text, span) or ():
        if isinstance(part, PvSpec):
            lower_variable(scope, part, span)


def fault_of(scope: Scope, look: Callable[[], object]) -> Diagnostic | None:
    """The first error that ``look`` reports; nothing of what it reports or notes is kept."""
    reporter, missing, names = scope.reporter, len(scope.missing), dict(scope.vars)
    code = scope.reads_code
    scope.reporter = Reporter()
    try:
        look()
        return next((d for d in scope.reporter.diagnostics if d.severity == "error"), None)
    finally:
        scope.reporter, scope.vars, scope.reads_code = reporter, names, code
        del scope.missing[missing:]


def format_fault(scope: Scope, text: bytes, span: Span) -> Diagnostic | None:
    """What is wrong with the variables in text; None where all is well."""
    if b"$" not in text:
        return None
    return fault_of(scope, lambda: check_variables(scope, text, span))


def variable_fault(scope: Scope, spec: PvSpec, span: Span) -> Diagnostic | None:
    """What is wrong with a variable; None where all is well."""
    return fault_of(scope, lambda: lower_variable(scope, spec, span))


def prefix_fault(scope: Scope, text: bytes, span: Span) -> Diagnostic | None:
    """What is wrong with the variable that text begins with; Kamailio drops what follows it."""

    def look() -> None:
        try:
            lower_variable(scope, parse_spec(text)[0], span)
        except PvSyntaxError as error:
            scope.reporter.report("K0208", f"in a string: {error.message}", span)

    return fault_of(scope, look)


def spec_prefix(text: bytes) -> PvSpec | None:
    """The variable that text begins with."""
    try:
        return parse_spec(text.strip(b" \t\r\n"))[0]
    except PvSyntaxError:
        return None


def variable_row(scope: Scope, text: bytes) -> PseudoVar | None:
    """The declaration of the variable that text begins with."""
    spec = spec_prefix(text)
    found = scope.pvs.get(spec.name) if spec is not None else None
    return None if found is None else found[1]


def counted(least: int, most: int) -> str:
    """``2 to 3 arguments``."""
    number = str(least) if least == most else f"{least} to {most}"
    return f"{number} argument{'' if number == '1' else 's'}"


def shown(spec: PvSpec) -> str:
    """A variable as it is written, for a message."""
    return spec_text(spec).encode("latin-1").decode("utf-8", "replace")


# --- reading -------------------------------------------------------------------------------------


def _read(scope: Scope, spec: PvSpec, span: Span) -> ir.Expr:
    if spec.name == "$":
        return ir.Str(span, b"$")
    row = _row(scope, spec, span)
    if row is None:
        return ir.Null(span)
    module, pv = row
    if not _fits(scope, spec, pv, span) or spec.name == "null":
        return ir.Null(span)
    if pv.native == "rc":
        scope.reads_code = True
        return ir.ReturnCode(span)
    if pv.status is Status.PARSED_ONLY:
        scope.not_built(f"variable ${spec.name}", span)
        return ir.NotBuilt(span, f"${spec.name}")
    if spec.name in ("var", "vz"):
        return ir.Var(span, _slot(scope, spec, span))
    if spec.name == "sel" and isinstance(spec.inner, str):
        return _selected(scope, spec.inner, span)
    if pv.native is not None:
        return ir.Native(span, pv.native, _TYPES[pv.type], pv.number)
    access = _access(scope, spec, pv, span)
    shows = shows_itself(pv, spec)
    return ir.Pv(span, module, _method(spec, pv), access, _TYPES[pv.type], pv.blank, shows)


def _slot(scope: Scope, spec: PvSpec, span: Span) -> str:
    """The name of a ``$var``: it is text as written, also where it looks like a variable."""
    inner = spec.inner
    if isinstance(inner, PvSpec):
        text = spec_text(inner)
        message = f"the name of `$var(…)` is text: this is one variable named `{text}`"
        scope.reporter.report("K0216", message, span, severity="warning")
    else:
        text = inner if isinstance(inner, str) else format_text(inner or ())
    name = to_name(text)
    scope.vars.setdefault(name)
    return name


def _selected(scope: Scope, text: str, span: Span) -> ir.Expr:
    """``$sel(path)``"""
    parts = parts_of(text)
    wrong = complaint(scope.catalog, scope.modules, parts) if parts else "this is no select"
    if wrong is not None:
        scope.reporter.report("K0231", wrong, span, severity="error")
        return ir.Null(span)
    select = select_of_text(scope, _SELECT.findall(text)[0].rstrip("."), span)
    if select is None:
        scope.not_built(f"select @{text}", span)
        return ir.NotBuilt(span, f"@{text}")
    return select


def select_of_text(scope: Scope, text: str, span: Span) -> ir.Expr | None:
    """A select that is built; None for any other one."""
    parts = text.lstrip("@").split(".")
    if re.split(r"[.\[]", text.lstrip("@"))[0].lower() in SELECTS or (
        parts[0] == "cfg_get" and len(parts) > 3 and tuple(parts[1:3]) in scope.settings
    ):
        given = ir.Evaluated(ir.Str(span, text.encode("latin-1")), ir.Type.STR)
        return ir.Pv(span, "core", "select", (given,), ir.Type.STR)
    if len(parts) != 3 or parts[0] != "cfg_get":
        return None
    group, name = parts[1:]
    if (group, name) not in scope.settings:
        scope.reporter.report(
            "K0227", f"no module or line has the run-time variable {group}.{name}", span
        )
        return ir.Null(span)
    if scope.settings[group, name] is Status.PARSED_ONLY:
        scope.not_built(f"run-time variable {group}.{name}", span)
        return ir.NotBuilt(span, f"{group}.{name}")
    return ir.CfgGet(span, group, name)


def is_attr(scope: Scope, spec: PvSpec, span: Span) -> bool:
    """Whether ``$x`` is an attribute, as where there is no variable of that name and no first
    line says that there are no attributes; one that looks like a mistake is a warning."""
    if spec.name in scope.pvs:
        return False
    from_modules = scope.catalog.find_pv_anywhere(spec.name)
    if from_modules:
        names = " or ".join(f"`{name}`" for name in from_modules[:3])
        scope.reporter.report(
            "K0208",
            f"`${spec.name}` is an attribute here, no variable",
            span,
            help=f"load module {names}; with a first line `#!KAMAILIO` this is an error",
            severity="warning",
        )
    return True


def _row(scope: Scope, spec: PvSpec, span: Span) -> tuple[str, PseudoVar] | None:
    found = scope.pvs.get(spec.name)
    if found is not None:
        return found
    from_modules = scope.catalog.find_pv_anywhere(spec.name)
    near = suggest(spec.name, scope.pvs)
    if from_modules:
        names = " or ".join(f"`{name}`" for name in from_modules[:3])
        help_text: str | None = f"module {names} exports it and is not loaded"
    else:
        help_text = scope.catalog.changes.variable(spec.name, scope.modules) or (
            f"did you mean `${near}`?" if near else None
        )
    scope.reporter.report("K0208", f"unknown variable `${spec.name}`", span, help=help_text)
    return None


def _fits(scope: Scope, spec: PvSpec, pv: PseudoVar, span: Span) -> bool:
    if pv.inner is PvName.NONE and spec.inner is not None:
        message = f"`${spec.name}` takes no name in parentheses"
    elif pv.inner is not PvName.NONE and spec.inner is None:
        message = f"`${spec.name}` needs a name in parentheses"
    elif pv.inner is PvName.PV and not isinstance(_held(spec, pv), PvSpec):
        message = f"`${spec.name}(…)` holds one variable"
    elif pv.inner is PvName.FORMAT and isinstance(spec.inner, str) and "$" in spec.inner:
        return check_format(scope, spec.inner.encode("latin-1"), span) is not None
    elif pv.inner is PvName.TABLE:
        try:
            _, at = split_table_key(_text_of(spec))
        except PvSyntaxError as error:
            message = f"in `${spec.name}(…)`: {error.message}"
        else:
            key = _text_of(spec)[at:].encode("latin-1")
            if spec.index is None:
                return check_format(scope, key, span) is not None
            message = f"`${spec.name}` takes no index"
    elif pv.names and _text_of(spec) not in pv.names:
        text = _text_of(spec)
        near = suggest(text, pv.names)
        scope.reporter.report(
            "K0216",
            f"`${spec.name}(…)` has no name `{text}`",
            span,
            help=(
                f"did you mean `${spec.name}({near})`?"
                if near
                else f"the names are {', '.join(pv.names)}" if len(pv.names) < 12 else None
            ),
        )
        return False
    elif spec.index is not None and not pv.indexed:
        message = f"`${spec.name}` takes no index"
    elif spec.name in FLAGS and spec.inner in scope.flags:
        return True
    elif isinstance(held := _written(spec, pv), str) and (wanted := refused_name(spec.name, held)):
        message = f"`${spec.name}(…)` holds {wanted}"
    else:
        if spec.name == "sqlrows":
            check_name(scope, "sqlops", ("sqlcon",), _text_of(spec), span)
        return True
    scope.reporter.report("K0216", message, span)
    return False


def _written(spec: PvSpec, pv: PseudoVar) -> str | PvSpec | PvFormat | None:
    """What ``_held`` says, or the text of the variable that stands in the parentheses."""
    if pv.inner is PvName.PV and isinstance(spec.inner, PvSpec):
        return spec_text(spec.inner)
    return _held(spec, pv)


def _text_of(spec: PvSpec) -> str:
    """What stands in the parentheses, as it is written."""
    inner = spec.inner
    if isinstance(inner, PvSpec):
        return spec_text(inner)
    return inner if isinstance(inner, str) else format_text(inner or ())


def _held(spec: PvSpec, pv: PseudoVar) -> str | PvSpec | PvFormat | None:
    """What stands in the parentheses, as the class takes it: a variable counts where it may be
    one, and only at the start; what follows it there is dropped (``pv_parse_avp_name``)."""
    inner = spec.inner
    if inner is None or isinstance(inner, str) or pv.inner is PvName.FORMAT:
        return inner
    if pv.inner is PvName.STATIC:
        return _text_of(spec)
    if isinstance(inner, tuple):
        return inner[0] if isinstance(inner[0], PvSpec) else format_text(inner)
    return inner


def _method(spec: PvSpec, pv: PseudoVar) -> str:
    of = "_of" if pv.inner is PvName.VALUE and isinstance(_held(spec, pv), PvSpec) else ""
    return (pv.method or pv.name).replace(".", "_") + of


def _access(scope: Scope, spec: PvSpec, pv: PseudoVar, span: Span) -> tuple[ir.Arg, ...]:
    """What stands in parentheses and brackets, as arguments of the access method."""
    args: list[ir.Arg] = []
    if pv.inner is PvName.TABLE:
        text = _text_of(spec)
        table, at = split_table_key(text)
        key = _join(scope, parse_format(text[at:]), span)
        name = ir.Str(span, table.encode("latin-1"))
        return ir.Evaluated(name, ir.Type.STR), ir.Evaluated(key, ir.Type.STR)
    inner = _held(spec, pv)
    if pv.inner is PvName.PV and isinstance(inner, PvSpec):
        lower_variable(scope, inner, span)
        args.append(ir.TextArg("pv", spec_text(inner).encode("latin-1")))
    elif isinstance(inner, str):
        args.append(ir.Evaluated(ir.Str(span, inner.encode("latin-1")), ir.Type.STR))
    elif isinstance(inner, PvSpec):
        value = lower_variable(scope, inner, span)
        if pv.inner is PvName.VALUE:
            args.append(ir.Evaluated(value, ir.Type.ANY))
        else:
            args.append(ir.Evaluated(value, ir.Type.STR, shown=True))
    elif inner is not None:
        args.append(ir.Evaluated(_join(scope, inner, span), ir.Type.STR))
    if spec.index is not None:
        index: ir.Expr
        if isinstance(spec.index, int):
            index = ir.Int(span, spec.index)
        elif isinstance(spec.index, PvSpec):
            index = lower_variable(scope, spec.index, span)
        else:
            args.append(ir.Evaluated(ir.Str(span, spec.index.encode()), ir.Type.ANY))
            return tuple(args)
        args.append(ir.Evaluated(index, ir.Type.INT, index=True))
    return tuple(args)


def _join(scope: Scope, parts: PvFormat, span: Span) -> ir.Expr:
    if not parts:
        return ir.Str(span, b"")
    if len(parts) == 1 and isinstance(parts[0], bytes):
        return ir.Str(span, parts[0])
    return ir.Join(
        span,
        tuple(
            ir.Str(span, part) if isinstance(part, bytes) else lower_variable(scope, part, span)
            for part in parts
        ),
    )


def _transform_arg(
    scope: Scope, row: Transformation, at: int, arg: bytes | PvSpec, span: Span
) -> ir.Arg:
    name, fixup = f"{{{row.cls}.{row.name}}}", row.args[at].fixup
    number = fixup in (Fixup.INT, Fixup.INT_PV)
    if isinstance(arg, PvSpec):
        value = lower_variable(scope, arg, span)
        if number:
            return ir.Evaluated(value, ir.Type.INT, strict="number_param")
        strict: Literal["text_param", "buffered_param"] = (
            "buffered_param" if is_buffered(arg) else "text_param"
        )
        return ir.Evaluated(value, ir.Type.STR, strict=strict)
    if fixup is Fixup.SUBST:
        return lower_subst(scope, name, arg, span)
    if not number:
        return ir.Evaluated(ir.Str(span, arg), ir.Type.STR)
    written, least = number_of(arg), row.args[at].least
    if written is None:
        scope.reporter.report("K0209", f"`{row.args[at].name}` of {name} is a number", span)
    elif least is not None and written < least:
        scope.reporter.report("K0209", f"`{row.args[at].name}` of {name} is at least {least}", span)
    return ir.Evaluated(ir.Int(span, written or 0), ir.Type.INT)


def lower_subst(scope: Scope, what: str, text: bytes, span: Span) -> ir.TextArg:
    """A substitution expression that is fixed up at load; what is wrong with it is reported."""
    try:
        parsed = parse_subst(text)
    except SubstError as error:
        scope.reporter.report("K0204", f"{what}: {error}", span)
        return ir.TextArg("subst", b"/a/b/")
    check_regex(scope, parsed.pattern, span)
    for piece in parsed.replacement:
        if isinstance(piece, PvSpec):
            lower_variable(scope, piece, span)
    return ir.TextArg("subst", text)


def _unknown_transformation(scope: Scope, cls: str, fn: str, span: Span) -> None:
    known = [name for c, name in scope.transformations if c == cls]
    help_text: str | None = None
    if changed := scope.catalog.changes.transformation(cls, fn, scope.modules):
        help_text = changed
    elif known:
        near = suggest(fn, known)
        help_text = f"did you mean `{{{cls}.{near}}}`?" if near else None
    else:
        modules = [m for m in scope.catalog.find_transformation_anywhere(cls)]
        if modules:
            help_text = f"module `{modules[0]}` exports the class and is not loaded"
    scope.reporter.report("K0209", f"unknown transformation `{{{cls}.{fn}}}`", span, help=help_text)
