"""Compiled configurations kept for the next start.

The folder belongs to the user alone; a file appears whole or not at all. What another user could
have written is never used.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

import kcc
import runtime.modules
from runtime.declare.found import foreign_modules


class CacheError(Exception):
    """The cache folder cannot be trusted or used; the message says what to do."""


def cache_folder() -> Path:
    """The folder, made where it is missing. Raises CacheError."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "kcc"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise CacheError(f"cannot use the cache folder {folder}: {error.strerror}") from None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise CacheError(f"{folder} is not a folder of yours: set XDG_CACHE_HOME to another one")
    if status.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def cached_module(folder: Path, stem: str, digest: str) -> Path:
    """Where the module of these inputs is, or would be."""
    key = hashlib.sha256((digest + compiler_fingerprint()).encode()).hexdigest()
    safe = "".join(c if c.isascii() and c.isalnum() else "_" for c in stem)
    return folder / f"{safe}-{key[:32]}.py"


def usable(path: Path) -> bool:
    """Whether there is such a module, and only its user could have written it."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return (
        stat.S_ISREG(status.st_mode)
        and status.st_uid == os.geteuid()
        and not status.st_mode & 0o022
    )


def store(path: Path, text: str) -> None:
    """Write a module in one step. Raises CacheError."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(name, path)
    except OSError as error:
        raise CacheError(f"cannot write {path}: {error.strerror}") from None


def compiler_fingerprint() -> str:
    """Changes with the compiler and with what the modules export."""
    digest = hashlib.sha256()
    roots = [Path(p) for p in kcc.__path__]
    files = [f for root in roots for pattern in ("**/*.py", "**/*.j2") for f in root.glob(pattern)]
    files += [f for p in runtime.modules.__path__ for f in Path(p).glob("*/exports*.py")]
    for package in set(foreign_modules().values()):
        spec = find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            files += Path(folder).glob("exports*.py")
    for file in sorted(files):
        status = file.stat()
        digest.update(f"{file}:{status.st_size}:{status.st_mtime_ns};".encode())
    return digest.hexdigest()
