"""Database URLs: ``scheme://[user[:password]@]host[:port]/database`` and ``sqlite:///path``."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.db.errors import DbError


@dataclass(frozen=True, slots=True)
class DbUrl:
    """A parsed URL; its repr hides the password (``srdb1/db_id.c``)."""

    scheme: str
    database: str
    username: str | None = None
    password: str | None = None
    host: str | None = None
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> DbUrl:
        """Split `text`. Raises `DbError` naming what is wrong, never the password."""
        scheme, separator, rest = text.partition("://")
        if not separator or not scheme.isalnum():
            raise DbError(f"database URL must read scheme://…/database, not {redacted(text)!r}")
        scheme = scheme.removesuffix(":")
        if scheme == "sqlite":
            return cls(scheme, _database(rest.removeprefix("/"), text))
        authority, slash, database = _split_authority(rest)
        if not slash:
            raise DbError(f"database URL has no /database part: {redacted(text)!r}")
        username = password = None
        userinfo, at, hostport = authority.rpartition("@")
        if at:
            username, colon, secret = userinfo.partition(":")
            password = secret if colon else None
        host, port = _split_port(hostport, text)
        return cls(scheme, _database(database, text), username, password, host or None, port)

    def __str__(self) -> str:
        user = f"{self.username}@" if self.username else ""
        port = f":{self.port}" if self.port is not None else ""
        return f"{self.scheme}://{user}{self.host or ''}{port}/{self.database}"

    def __repr__(self) -> str:
        return f"DbUrl({str(self)!r})"


def redacted(text: str) -> str:
    """`text` with what may be a password between ``:`` and the last ``@`` taken out."""
    scheme, separator, rest = text.partition("://")
    userinfo, at, tail = rest.rpartition("@")
    if not at:
        return text
    return f"{scheme}{separator}{userinfo.partition(':')[0]}:***@{tail}"


def _split_authority(rest: str) -> tuple[str, str, str]:
    """Cut at the first ``/`` after the last ``@``: a password may hold slashes."""
    start = rest.rfind("@") + 1
    slash = rest.find("/", start)
    if slash < 0:
        return rest, "", ""
    return rest[:slash], "/", rest[slash + 1 :]


def _split_port(hostport: str, text: str) -> tuple[str, int | None]:
    if hostport.startswith("["):
        host, bracket, tail = hostport[1:].partition("]")
        if not bracket or (tail and not tail.startswith(":")):
            raise DbError(f"database URL has a broken IPv6 address: {redacted(text)!r}")
        port = tail[1:]
    else:
        host, _, port = hostport.partition(":")
    if not port:
        return host, None
    if not port.isdecimal() or not port.isascii() or not 0 < int(port) < 65536:
        raise DbError(f"database URL has a port that is no number: {redacted(text)!r}")
    return host, int(port)


def _database(text: str, url: str) -> str:
    name = text.partition("?")[0]
    if not name or "\0" in name:
        raise DbError(f"database URL names no database: {redacted(url)!r}")
    return name
