"""``sqlops``: queries of all kinds, their results in every form, and values in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.runtime.matrix import avpops_db
from tests.runtime.matrix.harness import Case

QUERIES = (
    "select * from quotas",
    "select who, quota, name from quotas where who='u1'",
    "select value, type from usr_preferences where uuid='$var(u)' order by id",
    "select half, made, raw, big from quotas",
    "select count(*) as n, sum(quota), avg(quota) from quotas",
    "select 1, 'two', 3.5, null, x'00ff41'",
    "select 4294967297, -1, 9223372036854775807, 'caf\u00e9'",
    "select * from usr_preferences where uuid='nobody'",
    "select nonsense",
    "",
    "select '",
    "select '$rU' as a, $(rU{sql.val}) as b, $(var(q){sql.val}) as c, $(avp(none){sql.val})",
    "update quotas set quota=quota where who='u1'",
    "insert into other (uuid, attribute, value) values ('q', 'a', $(var(q){sql.val}))",
    "delete from other where uuid='q'",
    "delete from other where uuid='nobody'",
    "select big, name from quotas where big is not null",
    "select who as x, who as x from quotas",
    "$var(none)",
    "select '" + "z" * 3000 + "' as long",
    "select $nosuch",
    "select 1; select 2",
    "pragma user_version",
    "select '' as empty, ' ' as blank, 'a,b;c' as marks",
)
CELLS = (
    "$dbr(r=>rows)", "$dbr(r=>cols)", "$dbr(r=>[0,0])", "$dbr(r=>[0,1])", "$dbr(r=>[1,0])",
    "$dbr(r=>[1,2])", "$dbr(r=>[0,$var(one)])", "$dbr(r=>[$var(one),$var(zero)])",
    "$dbr(r=>[9,0])", "$dbr(r=>[0,9])", "$dbr(r=>colname[0])", "$dbr(r=>colname[1])",
    "$dbr(r=>colname[99])", "$dbr(r=>colname[$var(one)])", "$dbr(none=>rows)", "$dbr(r=>[0,2])",
    "$dbr(none=>[0,0])", "$dbr(r => [0 , 1] )", "$dbr(r=>[$var(text),0])", "$dbr(r=>[0,3])",
    "$dbr(r=>nothing)", "$dbr(r)", "$dbr(r=>[0])", "$dbr(r=>[x,0])", "$dbr(r=>colname)",
    "$dbr(r=>[0,0)", "$(dbr(r=>[0,1]){s.len})", "$dbr(r=>[0,4])", "$dbr(r=>[2,1])", "$sqlrows(ca)",
    "$sqlrows(cb)", "$dbr(=>rows)", "$dbr(r=>[ 0,0 ])", "$dbr(r=>[+0,-0])",
)  # fmt: skip
# {sql.val} of quotes and backslashes is a deviation (5.6.3 escapes them as SQLite does not read)
VALUES = (
    '"abc"', '""', "5", "-7", "$rU", "$var(none)",
    "$null", "$avp(none)", "$avp(five)", "$var(five)", '"caf\u00e9 \udcff"', '"' + "x" * 1100 + '"',
    '"' + "x" * 1022 + '"', '"' + "x" * 1024 + '"', "$hdr(X-None)", "$rp", "$ml", '"%s \\n"',
)  # fmt: skip
TARGETS = (
    "$var(a)", "$var(a);$var(b);$var(c);$var(d)", "$avp(a),$avp(b);$avp(c);$avp(d)",
    "$var(a);$avp(b)", "$rU", "$ml",  "", "a", "$var(a)$var(b)", "$shv(x);$var(b);$var(c)",
    "$xavp(p=>a);$xavp(p[0]=>b)", "$ru", " $var(a) ; $var(b) ;", "$nosuch", "$hdr(X)", "$du",
)  # fmt: skip
START = (
    '$var(u) = "u1"; $var(one) = 1; $var(zero) = 0; $var(text) = "x"; $var(none) = "";'
    " $var(five) = 5;"
    ' $var(q) = "clock"; $avp(five) = 5; $var(a) = "-"; $var(b) = "-"; $var(c) = "-";'
)
TABLE = (
    " $var(out) = $var(out)"
    ' + "|" + $dbr(r=>rows)'
    ' + "|" + $dbr(r=>cols)'
    ' + "|" + $dbr(r=>colname[0])'
    ' + "|" + $dbr(r=>colname[2])'
    ' + "|" + $dbr(r=>[0,0])'
    ' + "|" + $dbr(r=>[0,1])'
    ' + "|" + $dbr(r=>[0,2])'
    ' + "|" + $dbr(r=>[1,3])'
    ' + "|" + $dbr(r=>[1,0])'
    ' + "|" + $sqlrows(ca)'
    ";"
)
XAVPS = (
    " $var(out) = $var(out)"
    ' + "|" + $xavp(x[0]=>who)'
    ' + "|" + $xavp(x[1]=>who)'
    ' + "|" + $xavp(x=>quota)'
    ' + "|" + $xavp(x=>name)'
    ' + "|" + $xavp(x=>big)'
    ' + "|" + $xavp(x=>half)'
    ' + "|" + $xavp(x=>made)'
    ' + "|" + $xavp(x=>n)'
    ' + "|" + $xavp(x[0]=>x[1])'
    ' + "|" + $xavp(x=>value)'
    ' + "|" + $xavp(x=>long)'
    ' + "|" + $xavp(x[2]=>who)'
    ";"
)
SET = (
    " $var(out) = $var(out)"
    ' + "|" + $var(a)'
    ' + "|" + $var(b)'
    ' + "|" + $var(c)'
    ' + "|" + $(avp(a)[*])'
    ' + "|" + $(avp(b)[*])'
    ' + "|" + $(avp(c)[*])'
    ' + "|" + $rU'
    ' + "|" + $xavp(p=>a)'
    ' + "|" + $du'
    ' + "|" + $shv(x)'
    ";"
)


def calls() -> Iterator[str]:
    """Statements that leave text in ``$var(out)``."""
    code = '$var(out) = "" + $rc;'
    for query in QUERIES:
        for connection in ("ca", "cb", "none", ""):
            yield f'sql_query("{connection}", "{query}", "r"); {code} {TABLE}'
            yield f'sql_query("{connection}", "{query}"); {code} {TABLE}'
        yield f'sql_query_async("ca", "{query}"); {code}'
        yield f'sql_xquery("ca", "{query}", "x"); {code} {XAVPS}'
        for targets in TARGETS:
            yield f'sql_pvquery("ca", "{query}", "{targets}"); {code} {SET}'
        for cell in CELLS:
            yield f'sql_query("ca", "{query}", "r"); $var(out) = {cell};'
            yield f'sql_query("ca", "{query}", "r"); $var(out) = "<{cell}>";'
        yield f'sql_query("ca", "{query}", "r"); sql_result_free("r"); {code} {TABLE}'
    for value in VALUES:
        for function in ("val", "val.int", "val.str", "VAL", "nothing", "val,1"):
            yield f"$var(v) = {value}; $var(out) = $(var(v){{sql.{function}}});"
            yield f'$avp(v) = {value}; $var(out) = "<$(avp(v){{sql.{function}}})>";'
    for variable in ("$rU", "$avp(none)", "$ml", "$rp", "$hdr(X-None)", "$var(none)"):
        for function in ("val", "val.int", "val.str"):
            yield f"$var(out) = $({variable[1:]}{{sql.{function}}});"
    yield f'sql_xquery("ca", "{QUERIES[0]}", "$var(text)"); {code} {XAVPS}'
    yield f'sql_xquery("ca", "{QUERIES[0]}", ""); {code} {XAVPS}'
    yield f'$var(s) = "{QUERIES[1]}"; sql_query("ca", "$var(s)", "r"); {code} {TABLE}'
    yield f'$var(s) = "{QUERIES[1]}"; sql_query("ca", $var(s), "r"); {code} {TABLE}'
    for cell in CELLS:
        yield f"if ({cell} == 1) $var(out) = 1; else $var(out) = 2;"
        yield f"$var(out) = {cell} + 1;"


def all_cases() -> Iterator[Case]:
    """Every case of this file."""
    for number, call in enumerate(calls()):
        script = f'{START}\nsql_result_free("r");\n{call}\n$shv(x) = 0;'
        yield Case(f"S{number}", script)


def prepare(folder: Path) -> str:
    """Make the database."""
    avpops_db.prepare(folder)
    url = f"sqlite:///{folder / 'avpops.sqlite'}"
    return (
        'loadmodule "db_sqlite.so"\nloadmodule "sqlops.so"\n'
        f'modparam("sqlops", "sqlcon", "ca=>{url}")\n'
        f'modparam("sqlops", "sqlcon", " cb => {url}")\n'
    )
