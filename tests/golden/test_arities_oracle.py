"""No disagreement with ``kamailio -c`` about any call of any installed module's functions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kcc.catalog.catalog import Catalog
from kcc.driver import Request, check
from tests.golden.arities import (
    ROUTE,
    UNKNOWN,
    Case,
    configuration,
    functions_of,
    installed,
    of_kamailio,
    of_kcc,
)
from tests.golden.front import KAMAILIO, ORACLE_REQUIRED
from tools.docs_catalog import NOT_PACKAGED

CHUNKS = 8
WITH_FUNCTIONS = 178  # of the modules that all packages of Debian together install
EXPLAINED: dict[Case, str] = {}
"""Calls on which the two differ on purpose, with the reason."""

if KAMAILIO is None and not ORACLE_REQUIRED:
    pytest.skip("Kamailio is not installed", allow_module_level=True)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_call(chunk: int, tmp_path: Path) -> None:
    catalog = Catalog()
    counts: Counter[str] = Counter()
    for module in installed()[chunk::CHUNKS]:
        functions = functions_of(module, catalog)
        if not functions:
            continue
        text, cases = configuration(module, functions)
        path = tmp_path / f"{module}.cfg"
        path.write_text(text, "utf-8")
        theirs, ours = of_kamailio(path, cases), of_kcc(path, cases)
        for case in cases.values():
            said = theirs.get(case)
            assert ours.get(case) == said or case in EXPLAINED, (module, case, said)
            counts[said or "taken"] += 1
        counts["modules"] += 1
    assert min(counts[key] for key in ("taken", UNKNOWN, ROUTE)) > 50, counts
    assert counts["modules"] > 5


def test_what_is_tried() -> None:
    """The page says which modules are not there to be tried: no other is left out."""
    catalog = Catalog()
    there = {name for name in installed() if catalog.module(name) is not None}
    assert not there & set(NOT_PACKAGED)
    tried = [name for name in there if functions_of(name, catalog)]
    if len(tried) == WITH_FUNCTIONS:
        assert there | set(NOT_PACKAGED) == set(catalog.module_names)


def test_six_arguments_at_most(tmp_path: Path) -> None:
    path = tmp_path / "seven.cfg"
    for count, found in ((0, []), (6, []), (7, ["K0203"])):
        call = f"load_gws({','.join(['1'] * count)});"
        path.write_text(f'loadmodule "lcr.so"\nrequest_route {{ {call} exit; }}\n')
        errors = [d.code for d in check(Request(str(path))).diagnostics if d.severity == "error"]
        assert [code for code in errors if code in ("K0201", "K0203", "K0205")] == found
