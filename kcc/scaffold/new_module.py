"""Writes the folder of a new module from the templates beside this file."""

from __future__ import annotations

import keyword
import re
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtime.declare.found import API_VERSION, GROUP, is_ours

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TEMPLATES = Path(__file__).parent / "templates"
_FILES = {
    "pyproject.toml.j2": "pyproject.toml",
    "README.md.j2": "README.md",
    "example.cfg.j2": "{name}.cfg",
    "init.py.j2": "{package}/__init__.py",
    "exports.py.j2": "{package}/exports.py",
    "module.py.j2": "{package}/module.py",
    "api.py.j2": "{package}/api.py",
    "test.py.j2": "tests/test_{name}.py",
}


class ScaffoldError(Exception):
    """The skeleton cannot be written; the message says what to do."""


def write_module(name: str, folder: Path) -> list[Path]:
    """Write the skeleton of module ``name`` into ``folder``, which must not exist; its files.

    Raises ScaffoldError.
    """
    if _NAME.fullmatch(name) is None or keyword.iskeyword(name):
        raise ScaffoldError(
            f"{name!r} is no name for a module: it begins with a small letter and goes on with "
            "small letters, digits and underscores, 40 in all"
        )
    if is_ours(name):
        raise ScaffoldError(f"there is a module {name} already: choose another name")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    names = {"name": name, "package": f"kcc_{name}"}
    values = {**names, "api": API_VERSION, "group": GROUP, "needs": _needs()}
    written = []
    try:
        folder.mkdir(parents=True)
        for template, target in _FILES.items():
            path = folder / target.format(**names)
            path.parent.mkdir(exist_ok=True)
            path.write_text(environment.get_template(template).render(values), encoding="utf-8")
            written.append(path)
        typed = folder / names["package"] / "py.typed"
        typed.touch()
    except FileExistsError:
        raise ScaffoldError(f"{folder} is there already: name another with -o") from None
    except OSError as error:
        raise ScaffoldError(f"cannot write {folder}: {error.strerror}") from None
    return [*written, typed]


def _needs() -> str:
    """What the skeleton depends on: this version of ours, and what follows it."""
    return f"kcc-sip>={version('kcc-sip')}"
