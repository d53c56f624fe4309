"""Whole configurations against what is known and against Kamailio itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcc.driver import Request, check
from tests.golden.front import KAMAILIO, ORACLE_REQUIRED, errors, kamailio_takes, shown
from tests.golden.wholes import WHOLES, Whole

needs_kamailio = pytest.mark.skipif(
    KAMAILIO is None and not ORACLE_REQUIRED, reason="kamailio is not installed"
)


@pytest.mark.parametrize("whole", WHOLES)
def test_whole(whole: Whole, tmp_path: Path) -> None:
    path = tmp_path / "whole.cfg"
    path.write_text(whole.text, "utf-8")
    found = check(Request(str(path))).diagnostics
    assert tuple(errors(found)) == whole.found, shown(found)
    assert (whole.found == ()) == whole.starts


@needs_kamailio
@pytest.mark.parametrize("whole", WHOLES)
def test_whole_as_kamailio_has_it(whole: Whole) -> None:
    accepted, output = kamailio_takes(whole.text.encode())
    assert accepted == whole.taken, output
