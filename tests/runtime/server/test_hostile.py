"""Texts of packets stay texts: in SQL, logs, formats, expressions, answers, files, RPC.

Each text goes through every statement that `PLACES` lists, in a running server, and comes out as it
went in; what it goes into is whole afterwards. A new module that takes texts gets a line there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from kcc.testing.servers import Server, request, serving
from runtime.db.create import create
from runtime.db.url import DbUrl

TEXTS = {
    "quotes": b'it\'s "quoted" `date` \\',
    "sql": b"x'; DROP TABLE usr_preferences; --",
    "sql2": b'"); DELETE FROM location WHERE ("1"="1',
    "union": b"' UNION SELECT password, 1, 1 FROM subscriber --",
    "like": b"%_%[a-z]",
    "shell": b"$(touch CANARY) `touch CANARY`; touch CANARY | touch CANARY",
    "path": b"../../../../etc/passwd\0.txt",
    "percent": b"%s%n%d%(x)s%%",
    "format": b"{0.__class__} {msg} ${ru} #{1+1} {{7*7}} {% x %}",
    "variables": b"$ru $(fu{s.len}) $var(x) $$ $",
    "python": b"'''\"\"\"\n__import__('os').system('touch CANARY')\n",
    "regex": b"(((a*)*)*b[[:alpha:]]{9,1}(?P<x>)\\1*+",
    "newlines": b"one\r\ntwo\nX-Forged: yes\r\n\r\nbody",
    "log": b"\n 0(1) CRITICAL: <core> forged line\n",
    "octets": bytes(range(1, 256)),
    "zero": b"a\0b\0\0c",
    "unicode": "\u202egnp.exe \u2028 \ufeff \U0001f600 caf\u00e9".encode(),
    "broken": b"\xff\xfe\xc0\x80\xed\xa0\x80",
    "json": b'"}],"id":1,"method":"core.kill","x":[{"\\u0000',
    "xml": b"]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;<script>",
    "long": b"A'\"%s\\" * 800,
    "empty": b"",
}
PLACES = """
    xlog("L_INFO", "log: $var(t)\\n");
    xlog("$var(t)");
    xinfo("$(var(t){s.escape.common})\\n");
    $avp(a) = $var(t);
    $xavp(a=>b) = $var(t);
    $shv(a) = $var(t);
    $sht(t=>$var(t)) = $var(t);
    $sht(t=>fixed) = $var(t);
    sht_rm_name_re("t=>^none");
    sht_match_name("t", "eq", "$var(t)");
    avp_db_store("$var(key)", "$avp(a)");
    avp_db_delete("$var(t)", "$avp(a)");
    $avp(a) = $null;
    avp_db_load("$var(key)", "$avp(a)");
    if ($avp(a) != $var(t)) $var(bad) = $var(bad) + " avp_db";
    avp_db_load("$var(t)", "$avp(none)");
    sql_query("c", "select value from usr_preferences where uuid=$(var(t){sql.val})", "r");
    sql_result_free("r");
    sql_query("c", "select $(var(t){sql.val}) as t", "r");
    $var(s) = $dbr(r=>[0,0]);
    # a NUL is escaped, the longest text has no room, and octets that are no UTF-8 are refused
    if (!($ci =~ "^(zero|path|long|octets|broken)-") && $var(s) != $var(t))
        $var(bad) = $var(bad) + " sql";
    sql_result_free("r");
    avp_subst("$avp(a)", "/x/$var(t)/g");
    if ($var(t) =~ "^(a|b)*$") $var(seen) = 1;
    if ("text" =~ $var(t)) $var(seen) = 2;
    $var(s) = $(var(t){re.subst,/a/$var(t)/g});
    $var(s) = $(var(t){s.encode.base64}{s.decode.base64});
    if ($var(s) != $var(t)) $var(bad) = $var(bad) + " base64";
    $var(s) = $(var(t){uri.user}) + $(var(t){param.value,a}) + $(var(t){tobody.uri});
    subst_user("/x/y/");
    search("$var(t)");
    is_present_hf("X-Forged");
    remove_hf_re("^X-None");
    pv_isset("$var(t)");
    route($var(t));
    check_route_exists("$var(t)");
    cmp_str("$var(t)", "x");
    is_in_subnet("$var(t)", "10.0.0.0/8");
    is_ip("$var(t)");
    uri_param("$var(t)");
    encode_contact("$var(t)", "10.0.0.1");
    mq_add("q", "$var(t)", "$var(t)");
    mq_fetch("q");
    if ($mqv(q) != $var(t)) $var(bad) = $var(bad) + " mqueue";
    $var(s) = $sht(t=>fixed);
    if ($var(s) != $var(t)) $var(bad) = $var(bad) + " htable";
    jsonrpc_exec('{"jsonrpc":"2.0","method":"core.echo","params":["$(var(t){s.escape.common})"],"id":1}');
    t_newtran();
    acc_log_request("acc");
    acc_db_request("acc", "acc");
"""
CONFIG = """
debug=2
loadmodule "db_sqlite.so"
loadmodule "jsonrpcs.so"
loadmodule "kex.so"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "rr.so"
loadmodule "xlog.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "textopsx.so"
loadmodule "siputils.so"
loadmodule "ipops.so"
loadmodule "cfgutils.so"
loadmodule "htable.so"
loadmodule "mqueue.so"
loadmodule "avpops.so"
loadmodule "sqlops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "auth_db.so"
loadmodule "acc.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "kamailio_rpc.sock")
modparam("htable", "htable", "t=>size=4;")
modparam("mqueue", "mqueue", "name=q")
modparam("usrloc|auth_db|acc", "db_url", DB)
modparam("avpops", "db_url", DB)
modparam("avpops", "avp_table", "usr_preferences")
modparam("sqlops", "sqlcon", SQLCON)
modparam("usrloc", "db_mode", 1)
modparam("acc", "log_extra", "text=$var(t)")
modparam("acc", "db_extra", "src_user=$var(t)")
request_route {
  if ($fU == "ping") { sl_send_reply("200", "OK"); exit; }
  if (is_method("REGISTER")) {
    if ($hdr(Authorization) != $null) www_authenticate("$fd", "subscriber");
    save("location");
    exit;
  }
  $var(t) = $rb;
  $var(bad) = "";
  $var(key) = $ci;
  PLACES
  set_reply_body("$var(t)", "application/octet-stream");
  append_to_reply("X-Bad:$var(bad)\\r\\n");
  t_reply("200", "OK");
}
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables, with the column of acc's extra value."""
    path = tmp_path_factory.mktemp("hostile") / "db.sqlite"
    create(DbUrl.parse(f"sqlite:///{path}"), ("standard", "acc", "usrloc", "auth_db", "avpops"))
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("ALTER TABLE acc ADD COLUMN src_user TEXT")
    return path


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[Server]:
    folder = database.parent
    config = folder / "hostile.cfg"
    config.write_text(CONFIG.replace("PLACES", PLACES))
    defines = [f'DB="sqlite:///{database}"', f'SQLCON="c=>sqlite:///{database}"']
    with serving(config, folder, defines=defines) as running:
        yield running


def tables(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")
        return [name for (name,) in names]


def rows(database: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as opened:
        opened.text_factory = bytes
        return opened.execute(sql, values).fetchall()


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_comes_out_as_it_went_in(server: Server, database: Path, name: str) -> None:
    text, before = TEXTS[name], tables(database)
    head = request("OPTIONS", "sip:bob@127.0.0.1").partition(b"Content-Length")[0]
    head = head.replace(b"Call-ID: ", b"Call-ID: " + name.encode() + b"-")
    answer = server.ask(head + b"Content-Length: %d\r\n\r\n" % len(text) + text, 30)
    start, _, rest = answer.partition(b"\r\n\r\n")
    assert start.startswith(b"SIP/2.0 200 OK\r\n")
    assert b"\r\nX-Bad:\r\n" in start + b"\r\n", start
    assert rest == text
    assert tables(database) == before
    call_id = start.partition(b"Call-ID: ")[2].partition(b"\r\n")[0].decode()
    stored = rows(database, "SELECT value FROM usr_preferences WHERE uuid = ?", call_id)
    assert stored == [(text,)]
    assert not list(database.parent.rglob("*CANARY*"))


@pytest.mark.parametrize("name", TEXTS)
def test_a_contact_and_credentials_of_such_texts(server: Server, database: Path, name: str) -> None:
    """In names of accounts, contacts and headers: stored whole or refused, and nothing else."""
    before = tables(database)
    safe = TEXTS[name].translate(None, b'\0\r\n"\\<>').decode("latin-1")[:200]
    user = "".join(c if c.isalnum() and c.isascii() else f"%{ord(c):02X}" for c in safe) or "x"
    register = (
        request(
            "REGISTER",
            "sip:127.0.0.1",
            f'Contact: "{safe}" <sip:{user}@127.0.0.1:9;x={user}>;expires=60\r\n'
            f"User-Agent: {safe}\r\nX-Text: {safe}\r\n"
            f'Authorization: Digest username="{safe}", realm="127.0.0.1", nonce="x", '
            f'uri="sip:{user}@x", response="00000000000000000000000000000000"\r\n',
        )
        .decode()
        .replace("sip:caller@", f"sip:{user}@")
        .replace("To: <sip:127.0.0.1>", f"To: <sip:{user}@127.0.0.1>")
    )
    answer = server.ask(register.encode("latin-1"), 30)
    assert answer.startswith(b"SIP/2.0 ")
    assert tables(database) == before
    listed = json.loads(server.rpc("ul.dump"))
    assert "error" not in listed
    agents = [row[0] for row in rows(database, "SELECT user_agent FROM location")]
    assert len(agents) <= len(TEXTS)


def test_the_operator_sees_valid_json(server: Server) -> None:
    """What is in the tables, as JSON; nobody was let in, and nothing was called."""
    dumped = json.loads(server.rpc("htable.dump", "t"))
    assert isinstance(dumped["result"], list)
    assert json.loads(server.rpc("core.echo", "x"))["result"] == ["x"]
    for name, text in TEXTS.items():
        found = json.loads(server.rpc("core.echo", text.decode("utf-8", "replace")[:2000]))
        assert "result" in found, name


def test_nothing_broke_in_the_server(server: Server) -> None:
    """After all of the above: nothing was raised, no process died, and no line is forged."""
    assert "Traceback" not in server.log
    lines = server.log.split("\n")
    above = {a for a, b in pairwise(lines) if b.startswith(" 0(1) CRITICAL")}
    # xlog alone writes a text as it is, as Kamailio does: {s.escape.common} is not for lines
    assert all(line.endswith(("<script>: ", "<script>: log: ")) for line in above), above
