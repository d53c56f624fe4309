"""The pages of the codes that the back end reports: wrong examples are, right ones are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.pages import page
from kcc.driver import Request, check

OURS = [code for code in CODES if code.startswith("K02")]
_EXAMPLE = re.compile(r"## (Wrong|Right)\n\n```\n(.*?)\n```", re.DOTALL)
_NOT_BUILT = {"K0214"}


@pytest.mark.parametrize("code", OURS)
def test_examples_of_the_page(code: str, tmp_path: Path) -> None:
    assert page(code).startswith(f"# {code} {CODES[code].name} ({CODES[code].severity})")
    examples = dict(_EXAMPLE.findall(page(code)))
    found = {}
    for which, text in examples.items():
        path = tmp_path / f"{which}.cfg"
        path.write_text(text + "\n", "utf-8")
        found[which] = {d.code for d in check(Request(str(path))).diagnostics}
    assert found["Wrong"] - (_NOT_BUILT - {code}) == {code}
    assert found["Right"] - _NOT_BUILT == set()
