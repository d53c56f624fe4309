"""The db_sqlite module: serves ``sqlite:///path`` URLs of the DB API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.db.url import DbUrl
from runtime.modules.db_sqlite.driver import SqliteConnection
from runtime.modules.db_sqlite.exports import EXPORTS
from runtime.server.errors import PlaceLike, StartError
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.server.server import Server

JOURNAL_MODES = frozenset(("DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL", "OFF"))


class Module(BaseModule):
    """A database driver (`runtime.db.api.Driver`)."""

    EXPORTS = EXPORTS
    schemes = ("sqlite",)
    capabilities = SqliteConnection.capabilities

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._readonly: set[str] = set()
        self._journal_modes: dict[str, str] = {}

    def param_db_set_readonly(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("db_sqlite", "db_set_readonly", "/path")``: open it for reading only."""
        self._readonly.add(value.decode(errors="surrogateescape"))

    def param_db_set_journal_mode(self, value: bytes, place: PlaceLike | None) -> None:
        """``"/path=WAL;/other=OFF"``: SQLite's journal mode for each file."""
        for entry in value.decode(errors="surrogateescape").split(";"):
            path, equals, mode = entry.strip().rpartition("=")
            if not entry.strip():
                continue
            if not equals or mode.upper() not in JOURNAL_MODES:
                raise StartError(
                    f"db_set_journal_mode reads PATH=MODE;…, not {entry!r}"
                    f" (MODE: {', '.join(sorted(JOURNAL_MODES))})",
                    place,
                )
            self._journal_modes[path] = mode.upper()

    def connect(self, url: DbUrl) -> SqliteConnection:
        """Open the file that `url` names. Raises `DbUnavailable` where it is absent."""
        return SqliteConnection(
            url.database,
            readonly=url.database in self._readonly,
            journal_mode=self._journal_modes.get(url.database, ""),
        )
