"""The source distribution holds what its own build needs."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_native_sources_are_in_the_sdist() -> None:
    """Setuptools takes only the generated C of an extension by itself."""
    lines = [line.split() for line in (ROOT / "MANIFEST.in").read_text().splitlines()]
    taken = {pattern for words in lines for pattern in words[2:] if words[0] == "recursive-include"}
    suffixes = {path.suffix for path in (ROOT / "runtime/native").iterdir() if path.is_file()}
    sources = suffixes & {".pyx", ".pxd", ".pyi"}
    assert sources == {".pyx", ".pxd", ".pyi"}
    assert {f"*{suffix}" for suffix in sources} <= taken
