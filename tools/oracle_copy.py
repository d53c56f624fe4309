"""A copy of a configuration that two programs can check alike, whatever the machine it is for.

Paths of modules are reduced to their base names, users and folders of the server's are not set,
and files that are included but absent are there and empty. No line is added or removed, so that
places stay comparable.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_LOAD: Final = re.compile(
    rb"""(?m)^([ \t]*(?:loadmodule|loadmodulex)[ \t]*\(?[ \t]*["']?)[^"'\r\n]*/([^"'/\r\n]+)"""
)
_SEARCH: Final = re.compile(rb"""(?m)^([ \t]*(?:mpath|loadpath)[ \t]*=?[ \t]*)("[^"\r\n]*"|\w+)""")
_MACHINE: Final = re.compile(rb"(?m)^([ \t]*(?:user|uid|group|gid|chroot|workdir|wdir)[ \t]*=)")
_INCLUDE: Final = re.compile(
    rb"""(?m)^([ \t]*(?:[#!]!)?(include_file|import_file)[ \t]+)"([^"\r\n]+)\""""
)
_DATABASE: Final = re.compile(rb"""(?:mysql|postgres|unixodbc)://[^"'\r\n]*""")
_CLIENT: Final = re.compile(
    rb"""(?m)^[ \t]*loadmodule[ \t]*\(?[ \t]*["']?db_(?:mysql|postgres|unixodbc)(?:\.so)?["']?\)?"""
)
_LOADS: Final = rb"""(?m)^([ \t]*loadmodule[ \t]*\(?[ \t]*["']?(?:%s)(?:\.so)?\b)"""
_SETS: Final = rb"""(?m)^([ \t]*modparam[ \t]*\([ \t]*["'](?:%s)["'])"""
_DEPTH: Final = 10


def reduced(text: bytes, absent: Sequence[str] = ()) -> bytes:
    """``text`` with base names of modules, which are looked for where they are by default; those
    ``absent`` here are not loaded."""
    text = _MACHINE.sub(rb"#\1", _SEARCH.sub(rb"#\1\2", _LOAD.sub(rb"\1\2", text)))
    if absent:
        names = "|".join(map(re.escape, absent)).encode()
        text = re.sub(_LOADS % names, rb"#\1", re.sub(_SETS % names, rb"#\1", text))
    return text


def with_sqlite(text: bytes, database: Path) -> bytes:
    """``text`` with the file ``database`` for every database server, so that it can start."""
    loaded = b"db_sqlite" in text
    text = _DATABASE.sub(b"sqlite://" + bytes(database), text)
    if loaded:
        return text
    return _CLIENT.sub(rb'\g<0> loadmodule "db_sqlite.so"', text, count=1)


def copy_to(
    source: Path, folder: Path, absent: Sequence[str] = (), database: Path | None = None
) -> Path:
    """Copy a configuration and what it includes; the copy. ``absent``: see ``reduced``,
    ``database``: see ``with_sqlite``."""
    folder.mkdir(parents=True, exist_ok=True)
    return _copy(source, source.parent, folder, folder / source.name, absent, database, 0)


def _copy(
    source: Path,
    home: Path,
    folder: Path,
    target: Path,
    absent: Sequence[str],
    database: Path | None,
    depth: int,
) -> Path:
    text = reduced(source.read_bytes(), absent)
    if database is not None:
        text = with_sqlite(text, database)

    def include(found: re.Match[bytes]) -> bytes:
        name = Path(found[3].decode("utf-8", "surrogateescape"))
        flat = str(name).strip("/").replace("/", "-").replace("..", "up")
        copied = folder / flat
        if not copied.exists() and copied != target:
            beside = next(
                (path for path in (source.parent / name, home / name) if path.is_file()), None
            )
            if beside is not None and not name.is_absolute() and depth < _DEPTH:
                copied.touch()
                _copy(beside, home, folder, copied, absent, database, depth + 1)
            else:
                copied.touch()
        return found[1] + b'"' + flat.encode("utf-8", "surrogateescape") + b'"'

    target.write_bytes(_INCLUDE.sub(include, text))
    return target


def data_files(source: Path, folder: Path) -> None:
    """Copy what lies beside a configuration (lists, keys, scripts), so that a start finds it."""
    for path in source.parent.iterdir():
        if path.is_file() and path.stat().st_size < 1 << 20 and not (folder / path.name).exists():
            shutil.copyfile(path, folder / path.name)
