"""The configurations that Kamailio's package brings, through the comparison with ``kamailio -c``.

The whole repository is compared by hand: see docs/check-oracle.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.golden.front import KAMAILIO, ORACLE_REQUIRED

TOOL: Final = Path(__file__).parents[2] / "tools/compare_check.py"
FOLDERS: Final = (Path("/usr/share/doc/kamailio/examples"), Path("/etc/kamailio"))

# a start refuses these, which the comparison with --start shows: variables of the shell in strings
REFUSED_AT_START: Final = {"exec_s3.cfg", "exec_s4.cfg", "exec_dist.cfg"}
# a fragment; Kamailio tells a condition over several lines at its last
OTHER_LINE: Final = {"websocket.cfg"}


@pytest.mark.skipif(KAMAILIO is None and not ORACLE_REQUIRED, reason="kamailio is not installed")
def test_package_examples(tmp_path: Path) -> None:
    files = [str(path) for folder in FOLDERS for path in sorted(folder.rglob("*.cfg"))]
    out = tmp_path / "found.json"
    run = subprocess.run(
        [sys.executable, str(TOOL), "--json", str(out), *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for entry in json.loads(out.read_text("utf-8")):
        name, verdict = Path(entry["path"]).name, entry["verdict"]
        agreed = (
            verdict.startswith("same")
            or (verdict == "kcc rejects, -c accepts" and name in REFUSED_AT_START)
            or (verdict == "reject, other line" and name in OTHER_LINE)
        )
        assert agreed, entry
