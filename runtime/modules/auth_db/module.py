"""The auth_db module: digest authentication against the ``subscriber`` table.

Behaviour: ``authorize.c`` and ``auth_db_mod.c`` of Kamailio 5.6.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.db.api import Connection, Driver, Value, Where, find_driver, identifier
from runtime.db.errors import DbError, DbUnavailable
from runtime.db.url import DbUrl
from runtime.modules.auth.api import AuthApi, AuthResult
from runtime.modules.auth_db.exports import EXPORTS
from runtime.native import send
from runtime.native.uri import parse as parse_uri
from runtime.script.pv import PvRef, compile_spec
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT, PROC_MAIN, PROC_TCP_MAIN

if TYPE_CHECKING:
    from runtime.native.digest import Credentials
    from runtime.native.sipmsg import SipMsg

TABLE_VERSION = 7
"""Version of the ``subscriber`` table that this code reads."""

IDENTITY, SKIP_FORWARDED = 1, 2
SUBSCRIBER_USE_DOMAIN, SUBSCRIBER_SKIP_CREDENTIALS = 1, 2


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A column of ``load_credentials`` and the variable that it goes into."""

    column: str
    target: PvRef


class Module(BaseModule):
    """Looks accounts up, one database connection a process."""

    EXPORTS = EXPORTS

    db_url: bytes
    user_column: bytes
    domain_column: bytes
    password_column: bytes
    password_column_2: bytes
    calculate_ha1: int
    use_domain: int
    load_credentials: bytes | None
    version_table: int
    force_generate_avps: int

    _auth: AuthApi
    _driver: Driver
    _url: DbUrl
    _loaded: tuple[_Loaded, ...] = ()
    _connection: Connection | None = None

    def mod_init(self) -> None:
        """Bind the database and the auth module; check columns and the table's version."""
        auth = self.server.api(AuthApi)  # type: ignore[type-abstract]
        if auth is None:
            raise StartError('auth_db needs the auth module: add loadmodule "auth.so" before it')
        self._auth = auth
        try:
            self._url = DbUrl.parse(self.db_url.decode(errors="surrogateescape"))
            self._driver = find_driver(self.server.modules, self._url)
            self._user = identifier(self.user_column.decode(errors="replace"))
            self._domain = identifier(self.domain_column.decode(errors="replace"))
            self._password = identifier(self.password_column.decode(errors="replace"))
            self._password_2 = identifier(self.password_column_2.decode(errors="replace"))
            self._loaded = self._parse_loaded(self.load_credentials or b"")
            self._check_tables()
        except DbError as error:
            raise StartError(f"auth_db: {error}") from None

    def child_init(self, rank: int) -> None:
        """Connect. A database that is away for now does not stop the process."""
        if rank in (PROC_INIT, PROC_MAIN, PROC_TCP_MAIN):
            return
        self._reconnect()

    # script functions

    def auth_check(self, msg: SipMsg, realm: bytes, table: bytes, flags: int) -> int:
        """www_authenticate for REGISTER, proxy_authenticate otherwise; flag 1: check who it is."""
        if msg.method in (b"ACK", b"CANCEL"):
            return AuthResult.OK
        proxy = msg.method != b"REGISTER"
        result, credentials = self._authenticate(msg, realm, table, None, proxy=proxy)
        if result is AuthResult.OK and credentials is not None and flags & IDENTITY:
            return self._auth.check_identity(
                msg,
                credentials,
                use_domain=bool(self.use_domain),
                skip_forwarded=bool(flags & SKIP_FORWARDED),
            )
        return result

    def www_authenticate(
        self, msg: SipMsg, realm: bytes, table: bytes, method: bytes | None = None
    ) -> int:
        """Check an Authorization header."""
        return self._authenticate(msg, realm, table, method, proxy=False)[0]

    def www_authorize(self, msg: SipMsg, realm: bytes, table: bytes) -> int:
        """The old name of www_authenticate."""
        return self._authenticate(msg, realm, table, None, proxy=False)[0]

    def proxy_authenticate(self, msg: SipMsg, realm: bytes, table: bytes) -> int:
        """Check a Proxy-Authorization header."""
        return self._authenticate(msg, realm, table, None, proxy=True)[0]

    def proxy_authorize(self, msg: SipMsg, realm: bytes, table: bytes) -> int:
        """The old name of proxy_authenticate."""
        return self._authenticate(msg, realm, table, None, proxy=True)[0]

    def is_subscriber(self, msg: SipMsg, uri: bytes, table: bytes, flags: int) -> int:
        """Is the user of `uri` in `table`? -2: no."""
        parsed = parse_uri(uri)
        if parsed is None or not table:
            LM_ERR("is_subscriber takes a SIP URI and a table, not %r and %r", uri, table)
            return -1
        user, host = parsed["user"], parsed["host"]
        where = [Where(self._user, user if isinstance(user, bytes) else b"")]
        if flags & SUBSCRIBER_USE_DOMAIN and isinstance(host, bytes):
            where.append(Where(self._domain, host))
        loaded = () if flags & SUBSCRIBER_SKIP_CREDENTIALS else self._loaded
        columns = [entry.column for entry in loaded] or [self._user]
        try:
            rows = self._rows(table, columns, where)
        except DbError as error:
            LM_ERR("%s", error)
            return -1
        if not rows:
            return -2
        for entry, value in zip(loaded, rows[0], strict=False):
            entry.target.set(msg, _script_value(value))
        return 1

    # inside

    def _authenticate(
        self, msg: SipMsg, realm: bytes, table: bytes, method: bytes | None, *, proxy: bool
    ) -> tuple[AuthResult, Credentials | None]:
        if not realm or not table or method == b"":
            LM_ERR("empty realm, table or method")
            return AuthResult.ERROR, None
        result, credentials = self._auth.pre_auth(msg, realm, proxy)
        if result is not AuthResult.OK or credentials is None:
            return result, credentials
        try:
            account = self._account(credentials, realm, table)
        except DbError as error:
            LM_ERR("%s", error)
            return AuthResult.ERROR, credentials
        if account is None:
            return AuthResult.USER_UNKNOWN, credentials
        ha1, values = account
        if self.force_generate_avps:
            self._load(msg, values)
        result = self._auth.check_response(msg, credentials, method or msg.method or b"", ha1)
        if result is AuthResult.OK:
            self._auth.post_auth(msg, credentials, ha1)
            if not self.force_generate_avps:
                self._load(msg, values)
        return result, credentials

    def _account(
        self, credentials: Credentials, realm: bytes, table: bytes
    ) -> tuple[bytes, tuple[Value, ...]] | None:
        """HA1 and the values of ``load_credentials``; None for an unknown user."""
        username = credentials.username or b""
        user, at, domain = username.partition(b"@")
        password = self._password_2 if at and domain and not self.calculate_ha1 else self._password
        where = [Where(self._user, user)]
        if self.use_domain:
            where.append(Where(self._domain, domain or realm))
        columns = [password, *(entry.column for entry in self._loaded)]
        rows = self._rows(table, columns, where)
        if not rows:
            return None
        secret, *values = rows[0]
        text = secret if isinstance(secret, bytes) else str(secret or "").encode()
        if self.calculate_ha1:
            text = self._auth.hash_ha1(username, realm, text)
        return text, tuple(values)

    def _load(self, msg: SipMsg, values: tuple[Value, ...]) -> None:
        for entry, value in zip(self._loaded, values, strict=True):
            entry.target.set(msg, _script_value(value))

    def _rows(
        self, table: bytes, columns: list[str], where: list[Where]
    ) -> tuple[tuple[Value, ...], ...]:
        """Query, with one new connection where the old one is gone."""
        name = identifier(table.decode(errors="replace"))
        if self._connection is None and not self._reconnect():
            raise DbUnavailable(f"auth_db: no connection to {self._url}")
        assert self._connection is not None
        send.flush()  # what is ready to go does not wait for the database
        return self._connection.query(name, columns, where).rows

    def _reconnect(self) -> bool:
        try:
            self._connection = self._driver.connect(self._url)
        except DbError as error:
            LM_ERR("%s", error)
            return False
        return True

    def _check_tables(self) -> None:
        """Try the database, and refuse a ``subscriber`` table of another version."""
        connection = self._driver.connect(self._url)
        try:
            if self.version_table and connection.table_version("subscriber"):
                connection.check_table_version("subscriber", TABLE_VERSION)
        finally:
            connection.close()

    def _parse_loaded(self, text: bytes) -> tuple[_Loaded, ...]:
        """``$avp(x)=column;other``: a bare column goes into the AVP of its name."""
        loaded: list[_Loaded] = []
        for entry in filter(None, (part.strip() for part in text.decode().split(";"))):
            variable, equals, column = entry.rpartition("=")
            column = identifier(column.strip())
            spec = variable.strip() if equals else f"$avp({column})"
            target = compile_spec(spec.encode(), self.server.pv)
            if not target.writable:
                raise StartError(f"auth_db: load_credentials: {spec} cannot be written")
            loaded.append(_Loaded(column, target))
        return tuple(loaded)


def _script_value(value: Value) -> bytes | int | None:
    """A database value as a script sees it (``db_val2pv_spec``): other types as text."""
    if value is None or isinstance(value, (bytes, int)):
        return value
    if isinstance(value, float):
        return b"%f" % value
    return value.strftime("%Y-%m-%d %H:%M:%S").encode()
