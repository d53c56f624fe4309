"""The generated reference says what the exports say; what the guides name is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tools import docs

ROOT = Path(__file__).parents[2]
GUIDES = (
    "CONTRIBUTING.md",
    "docs/README.md",
    "docs/architecture.md",
    "docs/ci.md",
    "docs/deviations.md",
)


def test_generated_pages_are_current() -> None:
    names = [str(path.relative_to(ROOT)) for path in docs.outdated()]
    assert not names, f"run `make docs`: {', '.join(names)}"


@pytest.mark.parametrize("guide", GUIDES)
def test_links_and_paths_lead_somewhere(guide: str) -> None:
    path = ROOT / guide
    text = path.read_text("utf-8")
    links = [path.parent / target for target in re.findall(r"\]\(([^)#:]+)\)", text)]
    top = r"`((?:kcc|runtime|tests|tools|docs|bench|examples)/[\w./]+)`"
    named = [ROOT / found for found in re.findall(top, text)]
    missing = [str(found.relative_to(ROOT)) for found in links + named if not found.exists()]
    assert not missing


def test_each_deviation_names_a_test_that_exists() -> None:
    text = (ROOT / "docs/deviations.md").read_text("utf-8")
    sections = text.split("\n## ")[1:]
    assert sections
    for section in sections:
        title = section.partition("\n")[0]
        proofs = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", section)
        assert proofs, f"{title}: names no test"
        for file, name in proofs:
            tree = ast.parse((ROOT / file).read_text("utf-8"))
            functions = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            assert name in functions, f"{title}: {file} has no {name}"


def test_a_stale_page_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "DOCS", tmp_path)
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    assert docs.main(["--check"]) == 1
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    (tmp_path / "reference" / "gone.md").write_text("no module")
    (tmp_path / "reference" / "acc.md").write_text("old")
    assert {p.name for p in docs.outdated()} == {"gone.md", "acc.md"}
    assert docs.main([]) == 0
    assert docs.outdated() == []
