"""What comes out is clean under ``mypy --strict`` against the real modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.golden.back import compiled
from tests.golden.test_back_stock import _NAMES, _STOCK

_ROOT = Path(__file__).parents[2]
_FOLDER = Path(__file__).parent


@pytest.mark.timeout(300)
def test_generated_modules_are_typed(tmp_path: Path) -> None:
    sources = [*sorted((_FOLDER / "programs").glob("*.cfg")), _FOLDER / "flow" / "flow.cfg"]
    written = []
    for path in sources:
        written.append(tmp_path / f"{path.stem}.py")
        written[-1].write_text(compiled(path).python or "", "ascii")
    if _STOCK.exists():
        for name, defines in (("stock", {}), ("stock_all", dict.fromkeys(_NAMES, ""))):
            written.append(tmp_path / f"{name}.py")
            written[-1].write_text(compiled(_STOCK, **defines).python or "", "ascii")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
        + [str(path) for path in written],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = tuple(str(path) for path in written)
    ours = [line for line in done.stdout.splitlines() if line.startswith(names)]
    assert ours == [], done.stdout
