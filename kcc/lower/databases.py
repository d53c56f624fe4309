"""Which database driver a module needs: found out by starting Kamailio 5.6.3 with each."""

from __future__ import annotations

from typing import Final

from kcc.lower.scope import Scope
from kcc.syntax import ast

_WITH_URL: Final = frozenset(
    {
        *("acc", "alias_db", "auth_db", "dialplan", "dispatcher", "domain", "domainpolicy"),
        *("drouting", "group", "htable", "imc", "lcr", "matrix", "msilo", "mtree", "pdt"),
        *("permissions", "pipelimit", "presence", "rtpengine", "sca", "speeddial", "uri_db"),
        *("userblocklist", "xcap_server"),
    }
)
"""They connect when they are initialised, where ``db_url`` is not empty."""

_BY_MODE: Final = frozenset({"usrloc", "dialog", "ims_usrloc_pcscf"})
"""They connect where ``db_mode`` is not 0."""


def check_databases(scope: Scope) -> None:
    """Report modules whose database driver, which ``db_url`` names, is not loaded."""
    values: dict[tuple[str, str], ast.Str | ast.Int] = {}
    for item in scope.file.items:
        if isinstance(item, ast.ModParam) and isinstance(item.value, ast.Str | ast.Int):
            name = item.name.value.decode("latin-1")
            if name in ("db_url", "db_mode"):
                for module in item.module.value.decode("latin-1").split("|"):
                    values[module, name] = item.value
    for module in scope.modules:
        url = values.get((module, "db_url"))
        mode = values.get((module, "db_mode"))
        by_mode = module in _BY_MODE and mode is not None and mode.value != 0
        if url is not None and (by_mode or module in _WITH_URL):
            _check_driver(scope, module, url)


def _check_driver(scope: Scope, module: str, url: ast.Str | ast.Int) -> None:
    text = url.value
    if not isinstance(text, bytes) or not text:
        return
    scheme = text.partition(b":")[0].decode("utf-8", "replace")
    if "$" in scheme:
        return  # a parameter takes variables literally, which is reported as that
    driver = scheme if scheme.startswith("db_") else f"db_{scheme}"
    if driver not in scope.modules:
        known = scope.catalog.module(driver) is not None
        scope.reporter.report(
            "K0269",
            f"`db_url` of `{module}` needs module `{driver}`, which is not loaded",
            url.span,
            help=f'loadmodule "{driver}.so"' if known else "as in mysql://user:word@host/name",
        )
