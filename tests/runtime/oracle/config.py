"""What a server is started on: the stock file of Debian's package, a local file, a few defines."""

import hashlib
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# /etc/kamailio/kamailio.cfg of kamailio 5.6.3-2 (Debian 12). Never committed here.
STOCK_SHA256 = "6a79e3a2863a7dda991b2ec2760066f833f931b5414aebab792161deb7e0519b"
SCHEMAS = ("standard", "auth_db", "usrloc", "acc")
DOMAIN = "kcc.test"
PASSWORD = "secret"
DATABASE = "accounts.sqlite"
# The columns that the stock file's WITH_ACCDB asks for in its head.
ACC_COLUMNS = ("src_user", "src_domain", "src_ip", "dst_ouser", "dst_user", "dst_domain")


class NoStockFile(Exception):
    """The package's files are not here, or are those of another version."""


@dataclass(frozen=True, slots=True)
class Config:
    """The stock file, `defines` (as `-A`), and `tail`: lines that follow it in a wrapper file."""

    name: str
    defines: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()


def package_root() -> Path:
    """Where the packages `kamailio` and `kamailio-sqlite-modules` are installed or unpacked
    (`dpkg -x`): KCC_KAMAILIO_ROOT, by default `/`."""
    return Path(os.environ.get("KCC_KAMAILIO_ROOT", "/"))


def stock_text() -> bytes:
    """The stock configuration; NoStockFile when it is missing or not the known one."""
    path = package_root() / "etc/kamailio/kamailio.cfg"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise NoStockFile(f"{path}: {error.strerror}; install kamailio 5.6.3") from None
    if hashlib.sha256(text).hexdigest() != STOCK_SHA256:
        raise NoStockFile(f"{path}: not the file of kamailio 5.6.3 (sha256 {STOCK_SHA256})")
    return text


def prepare(config: Config, directory: Path, users: Iterable[str]) -> Path:
    """Write the configuration and its database into `directory`; the file to start on.

    `users` get an account in `kcc.test` with the password `secret`."""
    directory.mkdir(parents=True, exist_ok=True)
    database = directory / DATABASE
    _make_database(database, users)
    stock = directory / "kamailio.cfg"
    stock.write_bytes(stock_text())
    (directory / "kamailio-local.cfg").write_text(
        f'#!define DBURL "sqlite:///{database}"\n'
        'loadmodule "db_sqlite.so"\n'
        f'alias="{DOMAIN}"\n'
    )
    if not config.tail:
        return stock
    wrapper = directory / "oracle.cfg"
    wrapper.write_text("\n".join(["#!KAMAILIO", 'include_file "kamailio.cfg"', *config.tail, ""]))
    return wrapper


def _make_database(path: Path, users: Iterable[str]) -> None:
    schemas = package_root() / "usr/share/kamailio/db_sqlite"
    with sqlite3.connect(path) as db:
        for name in SCHEMAS:
            file = schemas / f"{name}-create.sql"
            if not file.exists():
                raise NoStockFile(f"{file}: missing; install kamailio-sqlite-modules 5.6.3")
            db.executescript(file.read_text())
        for table in ("acc", "missed_calls"):
            for column in ACC_COLUMNS:
                db.execute(f"ALTER TABLE {table} ADD {column} VARCHAR(128) NOT NULL DEFAULT ''")
        db.executemany(
            "INSERT INTO subscriber (username, domain, password) VALUES (?, ?, ?)",
            [(user, DOMAIN, PASSWORD) for user in users],
        )
    db.close()


PLAIN = Config("plain")
# Timers short enough to wait for: 1.5 s without any answer, 2.5 s of ringing.
SHORT = Config(
    "short",
    tail=('modparam("tm", "fr_timer", 1500)', 'modparam("tm", "fr_inv_timer", 2500)'),
)
AUTH = Config("auth", defines=("WITH_AUTH",))
BLOCKS = Config("blocks", defines=("WITH_BLOCK3XX", "WITH_BLOCK401407"))
GRUU = Config(
    "gruu",
    tail=(
        'modparam("registrar", "gruu_enabled", 1)',
        'modparam("registrar", "path_mode", 2)',
        'modparam("rr", "enable_full_lr", 1)',
        'modparam("rr", "append_fromtag", 1)',
    ),
)
TORTURE = Config(
    "torture",
    tail=('alias="example.com"', 'alias="example.net"', 'alias="example.org"'),
)
ACCDB = Config("accdb", defines=("WITH_ACCDB",))
USRLOCDB = Config("usrlocdb", defines=("WITH_USRLOCDB",))
VOICEMAIL = Config("voicemail", defines=("WITH_VOICEMAIL",), tail=SHORT.tail)
