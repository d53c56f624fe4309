"""SARIF 2.1.0 (OASIS), as code-scanning services read it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.fingerprint import numbered
from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.pages import page
from kcc.diagnostics.render_formats import clean
from kcc.source.span import Span, trail

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVEL: Final = {"error": "error", "warning": "warning", "info": "note"}
_ROOT: Final = "%SRCROOT%"


def render_sarif(diagnostics: Iterable[Diagnostic], version: str) -> str:
    """A log with one run. Files below the working directory are relative to ``%SRCROOT%``."""
    found = tuple(diagnostics)
    codes = sorted({d.code for d in found})
    root = os.getcwd()
    names = numbered(found, root)
    run = {
        "tool": {
            "driver": {
                "name": "kcc",
                "version": version,
                "semanticVersion": version,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": f"file://{_quoted(root.rstrip('/'))}/"}},
        "results": [
            _result(d, codes.index(d.code), name, root)
            for d, name in zip(found, names, strict=True)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(code: str) -> dict[str, Any]:
    entry = CODES[code]
    text = page(code)
    return {
        "id": code,
        "name": entry.name,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": _why(text) or entry.title},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVEL[entry.severity], "enabled": entry.default},
    }


def _why(text: str) -> str:
    """The paragraphs of a page between its title and its first heading, as one."""
    body = text.partition("\n")[2].partition("\n## ")[0]
    return " ".join(body.split())


def _result(diagnostic: Diagnostic, rule: int, name: str, root: str) -> dict[str, Any]:
    message = diagnostic.message
    if diagnostic.help is not None:
        message += f"\n{diagnostic.help}"
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _LEVEL[diagnostic.severity],
        "message": {"text": clean(message)},
        "partialFingerprints": {"kccLineHash/v1": name},
    }
    span = diagnostic.span
    if span is not None:
        result["locations"] = [{"physicalLocation": _place(span, root)}]
        related = [*trail(span), *((note.message, note.span) for note in diagnostic.notes)]
        if related:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "message": {"text": clean(what)},
                    "physicalLocation": _place(where, root),
                }
                for number, (what, where) in enumerate(related, 1)
            ]
    elif diagnostic.path is not None:
        place = {"artifactLocation": _artifact(diagnostic.path, root)}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _place(span: Span, root: str) -> dict[str, Any]:
    return {
        "artifactLocation": _artifact(span.path, root),
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }


def _artifact(path: str, root: str) -> dict[str, str]:
    full = os.path.abspath(path)
    relative = os.path.relpath(full, root)
    if relative.startswith(os.pardir):
        return {"uri": f"file://{_quoted(full)}"}
    return {"uri": _quoted(relative.replace(os.sep, "/")), "uriBaseId": _ROOT}


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))
