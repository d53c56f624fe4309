"""The page of a code: what ``kcc explain`` shows."""

from __future__ import annotations

from pathlib import Path

from kcc.diagnostics.codes import CODES


def page(code: str) -> str:
    """The Markdown page of a registered code or name. KeyError for an unknown one."""
    known = CODES.get(code) or next((entry for entry in CODES.values() if entry.name == code), None)
    if known is None:
        raise KeyError(code)
    return Path(__file__).with_name("pages").joinpath(f"{known.code}.md").read_text("utf-8")
