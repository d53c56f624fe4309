"""Whole programs: ``programs/*.cfg`` and the Python that is made of each, beside it as ``.py.txt``.

``--update-golden`` writes what comes out now.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from black import Mode, format_str
from black.mode import TargetVersion

from tests.golden.back import compiled

_FOLDER = Path(__file__).parent / "programs"
_PROGRAMS = sorted(path.stem for path in _FOLDER.glob("*.cfg"))
_MODE = Mode(line_length=100, target_versions={TargetVersion.PY311})
_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", _PROGRAMS)
def test_program(name: str, update_golden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_FOLDER)
    python = compiled(Path(f"{name}.cfg")).python
    assert python is not None
    assert format_str(python, mode=_MODE) == python
    golden = _FOLDER / f"{name}.py.txt"
    if update_golden:
        golden.write_text(python, "ascii")
    assert python == golden.read_text("ascii")


def test_every_hash_seed_gives_the_same_bytes() -> None:
    outputs = set()
    for seed in ("0", "1", "4711"):
        done = subprocess.run(
            [sys.executable, "-m", "kcc", "dump", "--stage", "python", "calls.cfg"],
            cwd=_FOLDER,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(_ROOT)},
            capture_output=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1 and outputs.pop()


@pytest.mark.parametrize("name", _PROGRAMS)
def test_every_statement_has_its_line(name: str) -> None:
    result = compiled(_FOLDER / f"{name}.cfg")
    assert result.python is not None
    namespace: dict[str, object] = {}
    tail = result.python[result.python.index("# fmt: off") :]
    exec(
        tail.replace("Final[tuple[str, ...]]", "object").replace(
            "Final[tuple[tuple[int, int, int], ...]]", "object"
        ),
        namespace,
    )
    lines = namespace["LINES"]
    assert isinstance(lines, tuple)
    text = (_FOLDER / f"{name}.cfg").read_text("utf-8").splitlines()
    source = result.python.splitlines()
    starts = [entry[0] for entry in lines]
    assert starts == sorted(set(starts))
    for python_line, _, line in lines:
        if line:
            assert text[line - 1].strip(), (python_line, line)
    methods = [n for n, row in enumerate(source, 1) if row.startswith("    def ")]
    assert set(methods[1:]) <= set(starts)
