"""Which modules a ``modparam`` is for.

Kamailio takes the name as a POSIX expression, whatever the case, over the names that the modules
loaded so far export (``set_mod_param_regex``). It refuses where none matches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kcc.catalog.catalog import suggest
from kcc.lower.scope import Scope, module_name
from kcc.source.span import Span
from kcc.syntax import ast

if TYPE_CHECKING:
    from kcc.preprocess.posix import Regex

_PLAIN = re.compile(r"[A-Za-z0-9_|-]*")


def matched(scope: Scope, item: ast.ModParam, loaded: Sequence[str]) -> list[str]:
    """The modules among those ``loaded`` before it and known. What matches none is reported."""
    pattern, span = item.module.value.decode("latin-1"), item.module.span
    found = _matching(scope, pattern, loaded)
    if not found:
        if not any(map(_loaded_but_unknown(scope).__contains__, pattern.split("|"))):
            _none(scope, pattern, span)
    elif _PLAIN.fullmatch(pattern) is not None:
        for part in pattern.split("|"):
            if part and not _matching(scope, part, loaded):
                _surplus(scope, part, span)
    return found


def _matching(scope: Scope, pattern: str, loaded: Sequence[str]) -> list[str]:
    exported = {name: scope.catalog.module(name) for name in loaded}
    if _PLAIN.fullmatch(pattern) is not None:
        words = pattern.lower().split("|")
        return [name for name, found in exported.items() if found and found.name in words]
    from kcc.preprocess.posix import REG_EXTENDED, REG_ICASE, Regex, RegexError

    try:
        regex = Regex(f"^({pattern})$".encode("latin-1"), REG_EXTENDED | REG_ICASE)
    except RegexError:
        return []
    return [name for name, found in exported.items() if found and _matches(regex, found.name)]


def _matches(regex: Regex, name: str) -> bool:
    return regex.replace(name.encode("latin-1"), lambda groups: b"", False) is not None


def _loaded_but_unknown(scope: Scope) -> set[str]:
    """Modules that are loaded and not in the catalog, which was reported where they are loaded."""
    written = (i.name.value for i in scope.file.items if isinstance(i, ast.LoadModule))
    return {module_name(name) for name in written} - set(scope.modules)


def _none(scope: Scope, pattern: str, span: Span) -> None:
    if _matching(scope, pattern, scope.modules):
        scope.reporter.report(
            "K0252",
            f"module `{pattern}` is loaded further down: Kamailio does not know it yet here",
            span,
            help="move the modparam below the loadmodule",
        )
        return
    first = pattern.partition("|")[0]
    if scope.catalog.module(first) is not None:
        message, help_text = f"module `{first}` is not loaded", f'loadmodule "{first}.so"'
    else:
        near = suggest(first, scope.modules)
        message = f"modparam for `{first}`, which is no module"
        help_text = scope.catalog.changes.module(first) or (
            f"did you mean `{near}`?" if near else "it matches no loaded module"
        )
    scope.reporter.report("K0202", message, span, help=help_text)


def _surplus(scope: Scope, part: str, span: Span) -> None:
    """One alternative of several matches nothing, which Kamailio does not say."""
    at = span.text.find(part)
    if at >= 0:
        span = Span(span.file, span.start + at, span.start + at + len(part), span.expansion)
    if scope.catalog.module(part) is not None:
        message, help_text = f"module `{part}` is not loaded", f'loadmodule "{part}.so"'
        scope.reporter.report("K0251", message, span, help=help_text, severity="info")
        return
    near = suggest(part, (*scope.modules, *scope.catalog.module_names))
    scope.reporter.report(
        "K0251",
        f"there is no module `{part}`: the parameter is set for the others only",
        span,
        help=scope.catalog.changes.module(part) or (f"did you mean `{near}`?" if near else None),
    )
