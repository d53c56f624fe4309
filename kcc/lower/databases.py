"""Which database driver a module needs: found out by starting Kamailio 5.6.3 with each."""

from __future__ import annotations

from typing import Final

from kcc.diagnostics.model import Severity
from kcc.lower.scope import Scope
from kcc.source.span import Span
from kcc.syntax import ast

_ALWAYS: Final = frozenset(
    {
        *("alias_db", "auth_db", "dialplan", "domain", "domainpolicy", "drouting", "group"),
        *("imc", "lcr", "matrix", "msilo", "mtree", "pdt", "sca", "speeddial", "uri_db"),
        *("userblocklist", "xcap_server"),
    }
)
"""They connect when they are initialised, without ``db_url`` to a MySQL server on this machine."""

_WHERE_SET: Final = frozenset(
    {"acc", "dispatcher", "htable", "permissions", "pipelimit", "presence", "rtpengine"}
)
"""They connect where ``db_url`` is set."""

_BY_MODE: Final = frozenset({"usrloc", "dialog", "ims_usrloc_pcscf"})
"""They connect where ``db_mode`` is not 0."""

_DEFAULT: Final = b"mysql:"


def check_databases(scope: Scope, spans: dict[str, Span]) -> None:
    """Report modules whose database driver is not loaded; ``spans`` are those of the modules."""
    values: dict[tuple[str, str], ast.Str | ast.Int] = {}
    for item in scope.file.items:
        if isinstance(item, ast.ModParam) and isinstance(item.value, ast.Str | ast.Int):
            name = item.name.value.decode("latin-1")
            if name in ("db_url", "db_mode"):
                for module in item.module.value.decode("latin-1").split("|"):
                    values[module, name] = item.value
    for module in scope.modules:
        if module in _ALWAYS or module in _WHERE_SET or module in _BY_MODE:
            url = values.get((module, "db_url"))
            mode = values.get((module, "db_mode"))
            if module in _BY_MODE and (mode is None or mode.value == 0):
                continue
            if url is None and module in _WHERE_SET:
                continue
            _check_driver(scope, module, url, spans[module])


def _check_driver(scope: Scope, module: str, url: ast.Str | ast.Int | None, span: Span) -> None:
    text = _DEFAULT if url is None else url.value
    if not isinstance(text, bytes) or not text:
        return
    scheme = text.partition(b":")[0].decode("utf-8", "replace")
    if "$" in scheme:
        return  # a parameter takes variables literally, which is reported as that
    driver = scheme if scheme.startswith("db_") else f"db_{scheme}"
    if driver in scope.modules:
        return
    if url is None:
        message = f"module `{module}` needs a database, and module `{driver}` is not loaded"
        help_text = f"without `db_url` it connects to a MySQL server: set it, or load `{driver}`"
    else:
        message = f"`db_url` of `{module}` needs module `{driver}`, which is not loaded"
        known = scope.catalog.module(driver) is not None
        help_text = f'loadmodule "{driver}.so"' if known else "as in mysql://user:word@host/name"
    severity: Severity = "warning" if url is None else "error"
    place = span if url is None else url.span
    scope.reporter.report("K0269", message, place, help=help_text, severity=severity)
