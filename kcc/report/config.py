"""``kcc.toml``, or the table ``[tool.kcc]`` of ``pyproject.toml``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from kcc.catalog.catalog import Catalog, CatalogError
from kcc.options import UsageError
from kcc.report.selection import unknown
from runtime.declare.record import Record, fields_of

FORMATS: Final = ("text", "json", "sarif", "github")


class Config(Record):
    """What the file says. ``folder`` is where it stands: its paths are relative to that."""

    folder: str = "."
    target: str | None = None
    defines: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    baseline: str | None = None
    format: str | None = None


def find(start: str) -> str | None:
    """The nearest file at or above the folder ``start`` that configures kcc."""
    folder = os.path.abspath(start)
    while True:
        path = os.path.join(folder, "kcc.toml")
        if os.path.isfile(path):
            return path
        path = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(path) and _has_table(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _has_table(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return b"tool.kcc" in stream.read()
    except OSError:
        return False


def load(path: str) -> Config:
    """Read ``path``. Raises UsageError, which names the file and the key."""
    import tomllib

    try:
        with open(path, "rb") as stream:
            table: Any = tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: {reason}") from None
    if os.path.basename(path) == "pyproject.toml":
        table = table.get("tool", {}).get("kcc", {})
        if not isinstance(table, dict):
            raise UsageError(f"{path}: tool.kcc is not a table")
    return _Reader(path, table).config()


class _Reader:
    def __init__(self, path: str, table: Mapping[str, Any]) -> None:
        self._path = path
        self._table = table

    def config(self) -> Config:
        known = {name.replace("_", "-") for name in fields_of(Config)} - {"folder"}
        for key in self._table:
            if key not in known:
                names = ", ".join(sorted(known))
                raise self._wrong(key, f"is not known; there are {names}")
        format = self._text("format")
        if format is not None and format not in FORMATS:
            raise self._wrong("format", f"is one of {', '.join(FORMATS)}, not {format!r}")
        target = self._text("target")
        if target is not None:
            try:
                Catalog(target)
            except CatalogError as error:
                raise self._wrong("target", f"is {target!r}: {error}") from None
        return Config(
            folder=os.path.dirname(os.path.abspath(self._path)),
            target=target,
            defines=self._texts("defines", self._table.get("defines", [])),
            select=self._codes("select", self._table.get("select", [])),
            ignore=self._codes("ignore", self._table.get("ignore", [])),
            strict=self._flag("strict"),
            per_file_ignores=self._per_file(),
            baseline=self._text("baseline"),
            format=format,
        )

    def _wrong(self, key: str, what: str) -> UsageError:
        return UsageError(f"{self._path}: `{key}` {what}")

    def _text(self, key: str) -> str | None:
        value = self._table.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, f"must be a string, not {value!r}")
        return value

    def _flag(self, key: str) -> bool:
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, f"must be true or false, not {value!r}")
        return value

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, f"must be an array of strings, not {value!r}")
        return tuple(value)

    def _codes(self, key: str, value: object) -> tuple[str, ...]:
        words = self._texts(key, value)
        wrong = unknown(words)
        if wrong is not None:
            raise self._wrong(key, f"has {wrong!r}, which is no diagnostic; see kcc explain")
        return words

    def _per_file(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        key = "per-file-ignores"
        table = self._table.get(key, {})
        if not isinstance(table, dict):
            raise self._wrong(key, f"must be a table of patterns, not {table!r}")
        return tuple((name, self._codes(f"{key}.{name}", value)) for name, value in table.items())
