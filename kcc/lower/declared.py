"""Calls that name what a parameter must declare: a start refuses a name that none does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kcc.catalog.catalog import suggest
from kcc.lower.scope import Scope
from kcc.source.span import Span
from kcc.syntax import ast

_PROFILES: Final = ("profiles_with_value", "profiles_no_value")

# (module, function) -> the parameters that declare the names its first argument may have
_DECLARED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = MappingProxyType(
    {
        **{("counters", name): ("script_counter",) for name in ("cnt_inc", "cnt_add", "cnt_reset")},
        **{
            (module, name): _PROFILES
            for module in ("dialog", "ims_dialog")
            for name in (
                *("set_dlg_profile", "unset_dlg_profile", "is_in_profile", "get_profile_size"),
                "dlg_set_timeout_by_profile",
            )
        },
        **{
            ("sqlops", name): ("sqlcon",)
            for name in ("sql_query", "sql_query_async", "sql_xquery", "sql_pvquery")
        },
    }
)
# (module, function) -> what must be set for it: a core parameter, or one of the module
_NEEDS: Final[Mapping[tuple[str, str], tuple[str, str]]] = MappingProxyType(
    {
        **{
            ("async", name): ("core", "async_workers")
            for name in (
                *("async_task_route", "async_task_data"),
                *("async_task_group_route", "async_task_group_data"),
            )
        },
        **{
            ("avpops", name): ("avpops", "db_url")
            for name in ("avp_db_load", "avp_db_store", "avp_db_delete", "avp_db_query")
        },
        ("nathelper", "fix_nated_register"): ("nathelper", "received_avp"),
    }
)


def check_declared(scope: Scope, module: str, node: ast.Call) -> None:
    """Report a name that is not declared, and a parameter that a function cannot be without."""
    needed = _NEEDS.get((module, node.name))
    if needed is not None and not _is_set(scope, *needed):
        owner, name = needed
        what = f"{name}=…" if owner == "core" else f'modparam("{owner}", "{name}", …)'
        scope.reporter.report(
            "K0241", f"`{node.name}` needs the parameter `{name}`", node.span, help=f"add {what}"
        )
    parameters = _DECLARED.get((module, node.name))
    if (module, node.name) == ("avpops", "avp_db_load"):
        _check_scheme(scope, node)
    first = node.args[0] if node.args else None
    if parameters is None or not isinstance(first, ast.Str):
        return
    wanted = first.value.decode("latin-1")
    if module == "counters" and "." in wanted:
        return  # of a group, which the core or any module may have made
    check_name(scope, module, parameters, wanted, first.span)


def _check_scheme(scope: Scope, node: ast.Call) -> None:
    """``$avp(x)/$scheme``: the second argument of ``avp_db_load``."""
    second = node.args[1] if len(node.args) > 1 else None
    if isinstance(second, ast.Str):
        scheme = second.value.decode("latin-1").partition("/$")[2].lower()
        if scheme:
            check_name(scope, "avpops", ("db_scheme",), scheme, second.span)


def check_name(
    scope: Scope, module: str, parameters: tuple[str, ...], wanted: str, span: Span
) -> None:
    """Report ``wanted`` where none of the parameters declares it."""
    known = _names(scope, module, parameters)
    if known is None or wanted in known:
        return
    near = suggest(wanted, known)
    listed = " or ".join(f"`{name}`" for name in parameters)
    scope.reporter.report(
        "K0241",
        f"`{wanted}` is not declared by the parameter {listed} of `{module}`",
        span,
        help=f"did you mean `{near}`?" if near else None,
    )


def _is_set(scope: Scope, owner: str, name: str) -> bool:
    if owner == "core":
        names = (name, f"{name}_group")
        return any(isinstance(i, ast.CoreParam) and i.name in names for i in scope.file.items)
    return bool(_values(scope, owner, name))


def _values(scope: Scope, module: str, name: str) -> list[ast.Expr]:
    exports = scope.catalog.module(module)
    exported = exports.name if exports is not None else module
    return [
        item.value
        for item in scope.file.items
        if isinstance(item, ast.ModParam)
        and item.name.value == name.encode()
        and exported in item.module.value.decode("latin-1").split("|")
    ]


def _names(scope: Scope, module: str, parameters: tuple[str, ...]) -> set[str] | None:
    """The declared names; None where they cannot be known."""
    found: set[str] = set()
    for parameter in parameters:
        for value in _values(scope, module, parameter):
            if not isinstance(value, ast.Str):
                return None
            found.update(_split(parameter, value.value.decode("latin-1")))
    if any(_has_pattern(item) for item in scope.file.items):
        return None
    return found


def _has_pattern(item: ast.Node) -> bool:
    """Whether a modparam names its modules by more than names: it may mean any module."""
    if not isinstance(item, ast.ModParam):
        return False
    return not item.module.value.replace(b"_", b"").replace(b"|", b"").isalnum()


def _split(parameter: str, text: str) -> list[str]:
    if parameter == "sqlcon":
        return [text.partition("=")[0].strip()]
    if parameter == "db_scheme":
        return [text.partition(":")[0].strip().lower()]
    if parameter == "script_counter":
        name = re.split("[: ]", text, maxsplit=1)[0]
        return [name.rpartition(".")[2]]
    return [name.strip() for name in text.split(";")]
