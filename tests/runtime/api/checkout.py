"""A copy of this checkout in which files of the core can be changed, and what runs from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kcc.testing.ports import PortPool
from kcc.testing.servers import Server, start

ROOT = Path(__file__).parents[3]
CORE = Path("runtime/modules/core")


class Checkout:
    """Links to everything but ``runtime/modules/core``, whose files are copies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "kcc").symlink_to(ROOT / "kcc")
        for level in (Path("runtime"), Path("runtime/modules")):
            (folder / level).mkdir()
            for entry in (ROOT / level).iterdir():
                if entry.name not in ("modules", "core", "__pycache__"):
                    (folder / level / entry.name).symlink_to(entry)
        (folder / CORE).mkdir()
        for file in (ROOT / CORE).glob("*.py"):
            (folder / CORE / file.name).write_bytes(file.read_bytes())
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def edit(self, name: str, before: str, added: str) -> None:
        """Put lines before a line of a file of the core."""
        path = self.folder / CORE / name
        text = path.read_text()
        assert text.count(before) == 1, f"{name} has {before!r} {text.count(before)} times"
        path.write_text(text.replace(before, added + before))

    def check(self, cfg: Path) -> subprocess.CompletedProcess[str]:
        """``kcc check``"""
        return subprocess.run(
            [sys.executable, "-m", "kcc", "check", "--format", "github", str(cfg)],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, cfg: Path, directory: Path) -> Server:
        """``kcc run``, serving; the caller stops it."""
        code = f"import os; os.chdir({str(self.folder)!r}); os.environ.update({self._told()!r})"
        code += "; import runpy, sys; sys.path.insert(0, os.getcwd())"
        code += "; runpy.run_module('kcc', run_name='__main__')"
        program = (sys.executable, "-c", code, "run")
        return start(program, cfg, directory, PortPool().take())

    def _told(self) -> dict[str, str]:
        return {k: v for k, v in self._environment.items() if os.environ.get(k) != v}
