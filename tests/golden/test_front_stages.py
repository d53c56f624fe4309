"""One construct a file: what the stages before lowering make of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kcc.diagnostics.render import render_text
from kcc.grammar.tables import current
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


def test_tables_are_those_of_the_grammar() -> None:
    assert current(), "run python -m kcc.grammar.tables"


def test_parsing_needs_no_heavy_import() -> None:
    heavy = ("lark", "typer", "rich", "jinja2", "black", "mypy", "asyncio", "socket")
    code = f"import sys, kcc.grammar.parse; print([n for n in {heavy!r} if n in sys.modules])"
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
