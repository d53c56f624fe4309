"""The pages of the codes that the back end reports: wrong examples are, right ones are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.pages import page
from kcc.driver import Request, check

OURS = [code for code in CODES if not code.startswith(("K00", "K01", "K09"))]
_EXAMPLE = re.compile(r"## (Wrong|Right)\n\n```\n(.*?)\n```", re.DOTALL)
_NOT_BUILT = {"K0214"}


@pytest.mark.parametrize("code", OURS)
def test_examples_of_the_page(code: str, tmp_path: Path) -> None:
    assert page(code).startswith(f"# {code} {CODES[code].name} ({CODES[code].severity})")
    examples = _EXAMPLE.findall(page(code))
    assert {which for which, _ in examples} == {"Wrong", "Right"}
    for number, (which, text) in enumerate(examples):
        path = tmp_path / f"{which}{number}.cfg"
        path.write_text(text + "\n", "utf-8")
        found = [d.code for d in check(Request(str(path))).diagnostics]
        if which == "Wrong":
            assert found.count(code) == 1, found
        allowed = {code} if which == "Wrong" else set()
        assert {c for c in found if c not in _NOT_BUILT and CODES[c].default} <= allowed, text
