"""Where a module's package is: ours, or one that is installed beside us.

A package of one's own offers modules by the entry-point group ``kcc.modules``: the name is that of
``loadmodule``, the value the dotted name of a package with ``exports.py`` and ``module.py``.
"""

from __future__ import annotations

import os
import re
from functools import cache
from importlib import import_module
from keyword import iskeyword

from runtime.declare.exports import Exports

API_VERSION = 1
"""The version of the module interface; ``exports.py`` of a foreign module names the one that it
is written for, as ``API_VERSION``."""

GROUP = "kcc.modules"
_OURS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "modules")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class ModuleFault(Exception):
    """A module that is installed and cannot be used; the message says why."""


@cache
def is_ours(name: str) -> bool:
    """Whether ``runtime.modules`` has exports of this name."""
    if _NAME.fullmatch(name) is None or name.endswith("_"):
        return False
    return os.path.isfile(f"{_OURS}/{folder_of(name)}/exports.py")


def folder_of(name: str) -> str:
    """The folder of a module of ours: its name, which must not be a word of Python's."""
    return f"{name}_" if iskeyword(name) else name


@cache
def foreign_modules() -> dict[str, str]:
    """The modules of other packages: name to package. Ours are never replaced."""
    from importlib.metadata import entry_points  # slow to import, and rarely wanted

    found = {point.name: point.value for point in entry_points(group=GROUP)}
    return {name: found[name] for name in sorted(found) if not is_ours(name)}


def package_of(name: str) -> str | None:
    """The package of module ``name``, or None where nothing here is called so."""
    if is_ours(name):
        return f"runtime.modules.{folder_of(name)}"
    return foreign_modules().get(name)


def read_exports(name: str) -> Exports | None:
    """What module ``name`` declares, or None where there is no such module here.

    Raises ModuleFault: the package cannot be imported, has no exports, has another name than its
    entry point, or is written for another version of the interface.
    """
    package = package_of(name)
    if package is None:
        return None
    try:
        found = import_module(f"{package}.exports")
    except Exception as error:
        raise ModuleFault(f"module {name}: {package}.exports cannot be imported: {error}") from None
    exports = getattr(found, "EXPORTS", None)
    if not isinstance(exports, Exports):
        raise ModuleFault(f"module {name}: {package}.exports has no EXPORTS")
    if is_ours(name):
        return exports
    if exports.name != name:
        raise ModuleFault(f"module {name}: its exports call it {exports.name}")
    version = getattr(found, "API_VERSION", None)
    if version != API_VERSION:
        raise ModuleFault(
            f"module {name} of {package} is written for version {version} of the module "
            f"interface; this is version {API_VERSION}"
        )
    return exports
