"""usrloc: its database modes on a running server, its RPC commands side by side with Kamailio."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from runtime.db.create import create
from runtime.db.schema import STANDARD_GROUPS
from runtime.db.url import DbUrl
from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, need_kamailio
from tests.helpers.waiting import wait
from tests.runtime.agents.sockets import UdpWire
from tests.runtime.modules.wire import check, check_or_record

CONFIG = """#!KAMAILIO
debug=2
children=1
tcp_children=1
auto_aliases=no
server_signature=no
loadmodule "db_sqlite.so"
loadmodule "jsonrpcs.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{run}/kamailio_rpc.sock")
modparam("usrloc", "db_url", "sqlite:///{database}")
modparam("usrloc", "timer_interval", {interval})
{params}
request_route {{
  if (is_method_register()) {{ save("location"); exit; }}
  if (!lookup("location")) {{ sl_send_reply("404", "$rc"); exit; }}
  sl_send_reply("200", "$ru");
}}
event_route[usrloc:contact-expired] {{
  xlog("L_NOTICE", "ended: $ulc(exp=>aor) $ulc(exp=>addr) $ulc(exp=>domain)\\n");
}}
""".replace(
    "is_method_register()", '$rm == "REGISTER"'
)
WRITE_THROUGH, WRITE_BACK, DB_ONLY = 1, 2, 3
MODES = (WRITE_THROUGH, WRITE_BACK, DB_ONLY)
NEVER = 3600


class Site:
    """A running server, its database and a phone."""

    def __init__(self, server: servers.Server, wire: UdpWire, database: Path) -> None:
        self.server = server
        self.database = database
        self._wire = wire
        self._count = 0

    def ask(self, method: str, user: str, *headers: str) -> bytes:
        """The answer to a request."""
        self._count += 1
        lines = (
            f"{method} sip:{user}@example.org SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._wire.port};branch=z9hG4bK-{self._count}",
            f"From: <sip:{user}@example.org>;tag=a1",
            f"To: <sip:{user}@example.org>",
            f"Call-ID: {user}@test",
            f"CSeq: {self._count} {method}",
            *headers,
            "Content-Length: 0",
        )
        self._wire.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        while True:
            data = self._wire.receive(20.0)
            assert data is not None, self.server.log
            if f"branch=z9hG4bK-{self._count}\r".encode() in data:
                return data

    def register(self, user: str, address: str = "", expires: int = 600) -> bytes:
        """Status line of the answer to a REGISTER."""
        contact = f"<sip:{address or user}@192.0.2.1>;expires={expires}"
        return self.ask("REGISTER", user, f"Contact: {contact}").partition(b"\r\n")[0]

    def found(self, user: str) -> bytes:
        """Where lookup sends a request: the reason of the answer."""
        return self.ask("OPTIONS", user).partition(b"\r\n")[0][8:]

    def rows(self) -> list[tuple[str, str]]:
        """(user, contact) of the database."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute("SELECT username, contact FROM location ORDER BY 1, 2").fetchall()

    def restart(self) -> None:
        """SIGTERM, and start it again."""
        self.server.restart()
        self.rpc("core.version")  # its RPC process serves: it hears signals

    def rpc(self, method: str, *params: str | int) -> object:
        """The result of an RPC command."""
        return json.loads(self.server.rpc(method, *params)).get("result")


@contextmanager
def site(directory: Path, *params: str, interval: int = NEVER) -> Iterator[Site]:
    directory.mkdir(exist_ok=True)
    database = directory / "location.sqlite"
    if not database.exists():
        create(DbUrl.parse(f"sqlite:///{database}"), STANDARD_GROUPS)
    cfg = directory / "usrloc.cfg"
    cfg.write_text(
        CONFIG.format(
            run=directory / "run", database=database, interval=interval, params="\n".join(params)
        )
    )
    pool = PortPool()
    server = servers.start(OURS, cfg, directory, pool.take())
    wire = UdpWire(("127.0.0.1", server.port), pool.take())
    try:
        here = Site(server, wire, database)
        here.rpc("core.version")
        yield here
    finally:
        wire.close()
        server.stop()


def mode(number: int) -> str:
    return f'modparam("usrloc", "db_mode", {number})'


@pytest.mark.parametrize("number", MODES)
def test_contacts_outlive_the_server(number: int, tmp_path: Path) -> None:
    with site(tmp_path, mode(number)) as here:
        assert here.register("bob") == b"SIP/2.0 200 OK"
        assert here.register("gone") == b"SIP/2.0 200 OK"
        assert here.register("gone", expires=0) == b"SIP/2.0 200 OK"
        assert here.found("bob") == b"200 sip:bob@192.0.2.1"
        assert here.found("gone").startswith(b"404")
        assert (here.rows() == []) is (number == WRITE_BACK)
        here.restart()  # SIGTERM writes what the timer has not
        assert here.rows() == [("bob", "sip:bob@192.0.2.1")]
        assert here.found("bob") == b"200 sip:bob@192.0.2.1"
        assert here.register("bob", "new") == b"SIP/2.0 200 OK"
        assert here.register("bob", expires=0) == b"SIP/2.0 200 OK"
        here.restart()
        assert here.rows() == [("bob", "sip:new@192.0.2.1")]


@pytest.mark.parametrize("number", MODES)
def test_domains_are_stored_apart(number: int, tmp_path: Path) -> None:
    with site(tmp_path, mode(number), 'modparam("usrloc", "use_domain", 1)') as here:
        here.register("bob")
        assert here.found("bob") == b"200 sip:bob@192.0.2.1"
        here.restart()
        assert here.rows() == [("bob", "sip:bob@192.0.2.1")]
        assert here.found("bob") == b"200 sip:bob@192.0.2.1"


@pytest.mark.parametrize("number", (WRITE_THROUGH, WRITE_BACK))
def test_a_database_that_is_away_loses_nothing(number: int, tmp_path: Path) -> None:
    with site(tmp_path, mode(number)) as here:
        here.register("old")
        here.rpc("ul.flush")
        assert here.rows() == [("old", "sip:old@192.0.2.1")]
        with closing(sqlite3.connect(here.database)) as db:
            db.execute("ALTER TABLE location RENAME TO hidden")
            db.commit()
        assert here.register("bob") == b"SIP/2.0 200 OK"
        assert here.register("old", expires=0) == b"SIP/2.0 200 OK"
        assert here.rpc("ul.flush") is None
        assert here.found("bob") == b"200 sip:bob@192.0.2.1"
        assert here.found("old").startswith(b"404")
        with closing(sqlite3.connect(here.database)) as db:
            db.execute("ALTER TABLE hidden RENAME TO location")
            db.commit()
        here.rpc("ul.flush")
        assert here.rows() == [("bob", "sip:bob@192.0.2.1")]


def test_without_its_database_mode_3_refuses(tmp_path: Path) -> None:
    with site(tmp_path, mode(DB_ONLY)) as here:
        with closing(sqlite3.connect(here.database)) as db:
            db.execute("ALTER TABLE location RENAME TO hidden")
            db.commit()
        assert here.register("bob") == b"SIP/2.0 500 Server Internal Error"


@pytest.mark.parametrize("params", ((), ('modparam("usrloc", "timer_procs", 1)',)))
def test_a_killed_timer_process_loses_nothing(params: tuple[str, ...], tmp_path: Path) -> None:
    with site(tmp_path, mode(WRITE_BACK), *params, interval=1) as here:
        names = ("USRLOC Timer",) if params else ("slow timer",)
        pid = process(here, names[0])
        here.register("bob")
        os.kill(pid, signal.SIGKILL)
        wait(lambda: here.rows() == [("bob", "sip:bob@192.0.2.1")])


def process(here: Site, name: str) -> int:
    """Pid of the process of this description."""
    listed = here.rpc("core.psx")
    rows = listed if isinstance(listed, list) else [listed]
    return next(int(row["PID"]) for row in rows if name in row["DSC"])


@pytest.mark.parametrize("number", (0, *MODES))
def test_what_expires_is_told_and_deleted(number: int, tmp_path: Path) -> None:
    params = ('modparam("registrar", "min_expires", 1)', mode(number))
    with site(tmp_path, *params, interval=1) as here:
        here.register("kept")
        here.register("bob", expires=1)
        told = "ended: bob sip:bob@192.0.2.1 location"
        wait(lambda: told in here.server.log)
        kept = [] if number == 0 else [("kept", "sip:kept@192.0.2.1")]
        wait(lambda: here.rows() == kept)
        assert here.found("bob").startswith(b"404")


RPC = (
    ("ul.dump",),
    ("ul.dump", "brief"),
    ("ul.lookup", "location", "bob@example.org"),
    ("ul.lookup", "location", "BOB"),
    ("ul.lookup", "location", "nobody"),
    ("ul.add", "location", "eve", "sip:eve@h", 0, 0.5, ".", 0, 0, 31),
    ("ul.add", "location", "eve", "sip:eve@h", 90, 1, "<sip:p;lr>", 1, 4, 7, "sip:r@h:9"),
    ("ul.add", "location", "eve", "sip:second@h", 90, -1, "0", 0, 0, 7),
    ("ul.add", "location", "eve"),
    ("ul.lookup", "location", "eve"),
    ("ul.rm_contact", "location", "eve", "sip:second@h"),
    ("ul.rm_contact", "location", "eve", "sip:second@h"),
    ("ul.rm_contact", "location", "nobody", "sip:second@h"),
    ("ul.rm", "location", "eve"),
    ("ul.rm", "location", "eve"),
    ("ul.rm", "nowhere", "eve"),
    ("ul.lookup", "location", "eve"),
    ("ul.flush",),
    ("ul.db_users", "location"),
    ("ul.db_contacts", "location"),
    ("ul.db_expired_contacts", "location"),
    ("stats.fetch", "usrloc:"),
    ("stats.fetch", "registered_users"),
)


def transcript(program: tuple[str, ...], directory: Path) -> str:
    """What each RPC command answers after two REGISTERs, without what differs by run."""
    directory.mkdir(exist_ok=True)
    cfg = directory / "usrloc.cfg"
    text = CONFIG.format(run=directory / "run", database="none", interval=NEVER, params="")
    cfg.write_text(text.replace('loadmodule "db_sqlite.so"', 'loadmodule "kex.so"'))
    pool = PortPool()
    server = servers.start(program, cfg, directory, pool.take())
    wire = UdpWire(("127.0.0.1", server.port), pool.take())
    try:
        here = Site(server, wire, directory / "none")
        here.ask("REGISTER", "bob", "Contact: <sip:bob@192.0.2.1>;q=0.5;expires=600")
        gruu = '<sip:c@192.0.2.2>;+sip.instance="<urn:x>";reg-id=1;expires=700'
        here.ask("REGISTER", "carol", f"Contact: {gruu}", "User-Agent: P/1", "Allow: INVITE")
        return "".join(
            f"=== {' '.join(map(str, call))}\n{plain(server.rpc(*call), server.port)}\n\n"
            for call in RPC
        )
    finally:
        wire.close()
        server.stop()


def plain(answer: bytes, port: int) -> str:
    """Ids, times and the spelling of fractions aside."""
    text = answer.decode().replace(f":{port}", ":<server>")
    text = re.sub(r'"(ulo[a-z]|ulcx)-[0-9a-f-]+"', r'"\1-<ruid>"', text)
    text = re.sub(r'("Last-[A-Za-z]+":\s*)\d+', r"\1<time>", text)
    text = re.sub(r'("Q":\s*)(-?[0-9.]+)', lambda m: f"{m[1]}{float(m[2])}", text)
    return re.sub(r'("Expires":\s*)(\d+)', lambda m: f"{m[1]}{-(-int(m[2]) // 10) * 10}", text)


def test_rpc(tmp_path: Path) -> None:
    check("usrloc_rpc.txt", transcript(OURS, tmp_path / "a"))


def test_rpc_recording(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    need_kamailio()
    check_or_record("usrloc_rpc.txt", transcript(KAMAILIO, tmp_path / "b"), request)
