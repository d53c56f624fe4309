"""One construct a file: what the stages before lowering make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcc.diagnostics.render import render_text
from kcc.preprocess.dump import dump_tokens
from kcc.syntax.dump import dump_file
from tests.golden.front import parse

_STAGES = Path(__file__).with_name("stages")
_MARK = "=== expected\n"


@pytest.mark.parametrize("stage", ["preprocess", "ast"])
def test_stage(stage: str, update_golden: bool) -> None:
    cases = sorted((_STAGES / stage).glob("*.case"))
    assert cases
    differing = []
    for case in cases:
        config, mark, expected = case.read_text("utf-8").partition(_MARK)
        assert mark, case
        reading, found = parse(config)
        text = dump_tokens(reading.tokens) if stage == "preprocess" else dump_file(reading.file)
        actual = text + render_text(found).rstrip("\n") + ("\n" if found else "")
        if actual == expected:
            continue
        if update_golden:
            case.write_text(config + _MARK + actual, "utf-8")
        else:
            differing.append(f"{case.name}:\n{actual}")
    assert not differing, "\n".join(differing)
