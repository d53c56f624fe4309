"""Every function of every installed module with 0 to 6 arguments in every kind of route: what
``kamailio -c`` says of each call, and what ``kcc check`` says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from kcc.catalog.catalog import Catalog
from kcc.driver import Request, check
from runtime.declare.record import Record
from tests.golden.front import KAMAILIO

MODULES = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
ROUTES = (
    *("request_route", "failure_route[F]", "branch_route[B]", "onreply_route[R]", "reply_route"),
    *("onsend_route", "event_route[a:b]"),
)
MOST = 6
UNKNOWN, ROUTE = "unknown command, missing loadmodule?", "Command cannot be used in the block"
_SAID = {"K0201": UNKNOWN, "K0202": UNKNOWN, "K0203": UNKNOWN, "K0205": ROUTE}
_ERROR = re.compile(r"line (\d+), column [^:]*: (.*)")


class Case(Record):
    """One call: what stands on a line of the configuration."""

    route: str
    function: str
    arity: int


def installed() -> list[str]:
    """Modules that are there, by name."""
    return sorted(path.stem for path in MODULES.glob("*.so"))


def functions_of(module: str, catalog: Catalog) -> list[str]:
    """Names of the module's functions in the data, whether or not they are ours."""
    rows = catalog.facts["modules"].get(module, {}).get("functions", ())
    return sorted({row[0] for row in rows})


def configuration(module: str, functions: Sequence[str]) -> tuple[str, dict[int, Case]]:
    """A text with one call on each line, and which call stands on which."""
    lines = [f'loadmodule "{module}.so"']
    cases: dict[int, Case] = {}
    for route in ROUTES:
        lines.append(f"{route} {{")
        for function in functions:
            for arity in range(MOST + 1):
                arguments = ",".join(['"1"'] * arity)
                lines.append(f"{function}({arguments});")
                cases[len(lines)] = Case(route, function, arity)
        lines.extend(("exit;", "}"))
    return "\n".join(lines) + "\n", cases


def of_kamailio(path: Path, cases: dict[int, Case]) -> dict[Case, str]:
    """The calls that ``kamailio -c`` refuses, each with the reason."""
    assert KAMAILIO is not None
    run = subprocess.run(
        [KAMAILIO, "-c", "-L", str(MODULES), "-f", str(path)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    said = run.stderr.decode("utf-8", "replace")
    refused = {cases[int(line)]: why.strip() for line, why in _ERROR.findall(said)}
    assert (run.returncode != 0) == bool(refused), said[-2000:]
    return refused


def of_kcc(path: Path, cases: dict[int, Case]) -> dict[Case, str]:
    """Those that ``kcc check`` refuses for the name, the number of arguments or the route, in
    Kamailio's words; what a start would refuse beyond that is left out."""
    refused: dict[Case, str] = {}
    for found in check(Request(str(path))).diagnostics:
        if found.code in _SAID and found.span is not None:
            refused[cases[found.span.line]] = _SAID[found.code]
    return refused
