"""Text of a sender in SQL and in commands, and calls that wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcc.driver import Request, check

LOADED = "".join(
    f'loadmodule "{name}.so"\n'
    for name in ("tm", "sl", "pv", "textops", "sqlops", "exec", "cfgutils", "http_client", "rtimer")
)
SQL = {
    "from": ('sql_query("ca", "select 1 from t where u=\'$fU\'", "r");', ["K0410 2:17 `$fU`"]),
    "two": ('sql_xquery("ca", "select \'$hdr(X-A)\', \'$rU\'", "r");',
            ["K0410 2:18 `$hdr(X-A)`, `$rU`"]),
    "part": ('sql_query("ca", "select \'$(fu{uri.host})\'");', ["K0410 2:17 `$(fu{uri.host})`"]),
    "joined": ('sql_query("ca", "select \'" + $ua + "\'");', ["K0410 2:17 `$ua`"]),
    "in a variable": ('$var(q) = "select \'$fU\'"; sql_query("ca", "$var(q)");',
                      ["K0410 2:43 `$fU`"]),
    "escaped in it": ('$var(u) = $(fU{s.escape.common}); '
                      'sql_query("ca", "select \'$var(u)\'");', []),
    "escaped later": ('$var(u) = $fU; $var(u) = $(var(u){s.escape.common}); '
                      'sql_query("ca", "select \'$var(u)\'");', []),
    "escaped": ('sql_query("ca", "select \'$(fU{s.escape.common})\', $(ua{sql.val})");', []),
    "digest": ('sql_query("ca", "select \'$(ci{s.md5})\', $(rU{s.int})");', []),
    "address": ('sql_query("ca", "select \'$si\', $sp, \'$Ri\', $TS, $ml");', []),
    "ours": ('sql_query("ca", "select \'$var(x)\', \'$sel(cfg_get.a.b)\'");', []),
    "tested": ('if ($fU !~ "x" && $rU =~ "^[0-9]+$") sql_query("ca", "select \'$rU\'");', []),
}  # fmt: skip
SHELL = {
    "uri": ("exec_msg(\"/bin/x '$ru'\");", ["K0411 2:10 `$ru`"]),
    "encoded": ('exec_msg("/bin/x $(ru{s.encode.hexa}) $si");', []),
    "environment": ('exec_dset("/bin/x $$SIP_RURI");', []),
}


@pytest.mark.parametrize(("statement", "expected"), [*SQL.values(), *SHELL.values()])
def test_injection(statement: str, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "example.cfg"
    path.write_text(f"{LOADED}event_route[core:worker-one-init] {{\n{statement}\n}}\n", "utf-8")
    first = LOADED.count("\n")
    assert [
        f"{d.code} {d.span.line - first}:{d.span.column} {d.message.partition(' goes')[0]}"
        for d in check(Request(str(path))).diagnostics
        if d.code in ("K0410", "K0411") and d.span is not None
    ] == expected


def test_calls_that_wait(tmp_path: Path) -> None:
    path = tmp_path / "example.cfg"
    path.write_text(
        LOADED
        + 'modparam("rtimer", "timer", "name=t;interval=10;")\n'
        + 'modparam("rtimer", "exec", "timer=t;route=TICK")\n'
        + 'request_route {\n  route(BOTH);\n  usleep("10");\n}\n'
        + 'failure_route[F] {\n  http_client_query("http://a", "$var(x)");\n}\n'
        + 'route[BOTH] {\n  exec_msg("/bin/true");\n}\n'
        + 'route[TICK] {\n  sleep("1");\n  route(BOTH);\n}\n'
        + 'event_route[core:worker-one-init] {\n  sleep("1");\n}\n',
        "utf-8",
    )
    first = LOADED.count("\n") + 2
    assert [
        f"{d.span.line - first}:{d.span.column} {d.message.split('`')[1]}"
        for d in check(Request(str(path))).diagnostics
        if d.code == "K0412" and d.span is not None
    ] == ["3:3 usleep", "6:3 http_client_query", "9:3 exec_msg"]


def test_armed_routes(tmp_path: Path) -> None:
    path = tmp_path / "example.cfg"
    loaded = LOADED + 'loadmodule "tmx.so"\nloadmodule "async.so"\n'
    path.write_text(
        loaded
        + 'request_route {\n  t_on_failure("FIAL");\n  t_on_reply("FAIL");\n'
        + '  t_on_branch("R");\n  t_on_branch_failure("B");\n  t_on_failure("0");\n'
        + '  async_route("NEXT", "1");\n  t_continue("1", "2", "R");\n}\n'
        + "failure_route[FAIL] {\n  exit;\n}\nroute[R] {\n  exit;\n}\n",
        "utf-8",
    )
    first = loaded.count("\n")
    assert [
        (f"{d.code} {d.span.line - first}:{d.span.column}", d.message, d.help)
        for d in check(Request(str(path))).diagnostics
        if d.code in ("K0221", "K0223") and d.span is not None
    ] == [
        ("K0221 2:16", "`t_on_failure`: there is no failure_route[FIAL]", "did you mean `FAIL`?"),
        (
            "K0221 3:14",
            "`t_on_reply`: there is no onreply_route[FAIL]",
            "failure_route[FAIL] is a route of another kind",
        ),
        (
            "K0221 4:15",
            "`t_on_branch`: there is no branch_route[R]",
            "route[R] is a route of another kind",
        ),
        (
            "K0221 5:23",
            "`t_on_branch_failure`: there is no event_route[tm:branch-failure:B]",
            None,
        ),
        ("K0221 7:15", "`async_route`: there is no route[NEXT]", None),
    ]
