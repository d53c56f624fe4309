"""``docs/catalog.md``: what is known of each Kamailio version, and what it was compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kcc.catalog.catalog import Catalog

TARGETS = ("3.2", "4.4", "5.6", "6.0")
NOT_PACKAGED = (
    *("app_java", "app_python", "db_cassandra", "db_oracle", "dlgs", "dnssec"),
    *("http_async_client", "jwt", "kafka", "misctest", "ndb_cassandra", "nsq", "osp", "posops"),
    *("print", "print_lib", "rtp_media_server", "ruxc", "siprepo", "stirshaken", "sworker"),
    "tlsa",
)
"""Modules of 5.6.3 that no Debian package installs: their calls cannot be tried on Kamailio."""

_MODULES = {
    "functions": "functions, one row for each number of arguments",
    "params": "parameters",
    "pvs": "pseudo-variables",
    "transformations": "transformations",
    "rpc": "RPC commands",
    "mi": "MI commands",
    "event_routes": "event routes",
    "selects": "rows of select tables",
}
_CORE = {
    "params": "core parameters",
    "functions": "core functions",
    "keywords": "reserved words",
    "directives": "directives",
    "pvs": "pseudo-variables of the core",
    "rpc": "RPC commands of the core",
    "event_routes": "event routes of the core",
    "selects": "rows of the core's select table",
}


def page(generated: str) -> str:
    """The page; ``generated`` is its first line."""
    facts = [Catalog(target).facts for target in TARGETS]
    rows = [("modules", *(str(len(one["modules"])) for one in facts))]
    for table, what in _MODULES.items():
        rows.append((what, *(str(_total(one, table)) for one in facts)))
    for table, what in _CORE.items():
        rows.append((what, *(str(len(one["core"].get(table, ()))) for one in facts)))
    lines = [
        generated,
        "",
        "# The catalog",
        "",
        "`kcc check --target VERSION` judges a configuration by what that version of Kamailio has."
        " The facts are read from the C tables, `cfg.lex` and `cfg.y` of its source"
        " (`tools/extract_catalog.py`).",
        "",
        *_table(("", *(one["version"] for one in facts)), rows),
        "",
        f"Each function of the {len(facts[2]['modules']) - len(NOT_PACKAGED)} modules of 5.6.3 that"
        " Debian packages install is tried with 0 to 6 arguments in seven kinds of routes on"
        " `kamailio -c` and `kcc check` (`tests/golden/test_arities_oracle.py`):"
        f" {_functions(facts[2])} functions, {_functions(facts[2]) * 49} calls, no disagreement."
        " `KCC_ORACLE_ALL=1 tools/install_oracle.sh` installs all of these packages.",
        "",
        "Not installed by any package, so known from the source only: "
        + ", ".join(f"`{name}`" for name in NOT_PACKAGED)
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _total(facts: dict[str, Any], table: str) -> int:
    return sum(len(module.get(table, ())) for module in facts["modules"].values())


def _functions(facts: dict[str, Any]) -> int:
    """Names of functions of the modules that are packaged."""
    return sum(
        len({row[0] for row in module.get("functions", ())})
        for name, module in facts["modules"].items()
        if name not in NOT_PACKAGED
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
