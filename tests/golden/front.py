"""Helpers of the front end's tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping

from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.render import render_text
from kcc.diagnostics.reporter import Reporter
from kcc.grammar.parse import Reading, parse_source
from kcc.source.text import SourceFile

KAMAILIO = shutil.which("kamailio")
ORACLE_REQUIRED = os.environ.get("KCC_REQUIRE_ORACLE") == "1"


def parse(
    text: str | bytes, defines: Mapping[str, str | None] | None = None, path: str = "example.cfg"
) -> tuple[Reading, tuple[Diagnostic, ...]]:
    """Parse a text; an empty environment."""
    reporter = Reporter()
    data = text.encode("utf-8") if isinstance(text, str) else text
    reading = parse_source(SourceFile.from_bytes(path, data), defines or {}, reporter, {})
    return reading, reporter.diagnostics


def errors(found: tuple[Diagnostic, ...]) -> list[str]:
    """``CODE:line`` of every error."""
    return [
        f"{d.code}:{d.span.line if d.span is not None else 0}"
        for d in found
        if d.severity == "error"
    ]


def shown(found: tuple[Diagnostic, ...]) -> str:
    """The rendered text, for the message of an assertion."""
    return render_text(found)


def kamailio_takes(text: bytes, *options: str) -> tuple[bool, str]:
    """Whether ``kamailio -c`` accepts a file holding ``text``, and what it says."""
    assert KAMAILIO is not None
    with tempfile.NamedTemporaryFile(suffix=".cfg") as file:
        file.write(text)
        file.flush()
        run = subprocess.run(
            [KAMAILIO, "-c", "-f", file.name, *options],
            capture_output=True,
            timeout=60,
            check=False,
        )
    return run.returncode == 0, run.stderr.decode("utf-8", "replace")
