"""Exports are data: reading them loads nothing but the standard library and the vocabulary."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

SCRIPT = """
import sys
before = set(sys.modules)
import runtime.modules
from importlib import import_module
from pathlib import Path
import_module("runtime.declare.exports")
names = [p.parent.name for f in runtime.modules.__path__ for p in Path(f).glob("*/exports.py")]
for name in sorted(names):
    import_module(f"runtime.modules.{name}.exports")
own = {
    "runtime", "runtime.declare", "runtime.declare.exports", "runtime.declare.record",
    "runtime.modules",
    *(f"runtime.modules.{name}" for name in names),
}
strange = []
for name in sorted(set(sys.modules) - before - own):
    top, last = name.split(".")[0], name.split(".")[-1]
    if name.startswith("runtime.modules.") and last.startswith("exports"):
        continue
    if top not in sys.stdlib_module_names:
        strange.append(name)
print(len(names), *strange)
"""


def test_reading_every_exports_file_imports_only_the_vocabulary() -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{SCRIPT}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    count, *strange = result.stdout.split()
    assert int(count) > 30
    assert strange == []
