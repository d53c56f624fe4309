"""Where avpops differs from Kamailio 5.6.3 on purpose, and what a start refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.modules.avpops.schemes import Scheme, parse_scheme
from runtime.modules.avpops.syntax import RULES
from runtime.script.avp import AvpList, avp_key, avp_name
from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.runtime.matrix import avpops, avpops_db
from tests.runtime.matrix.harness import Case, run


def _without_domain(folder: Path) -> str:
    return avpops_db.prepare(folder).replace('"use_domain", 1', '"use_domain", 0')


def test_values_of_two_types_do_not_match() -> None:
    setup = '$avp(a) = "5"; $avp(a) = 5; $avp(b) = "5"; $avp(b) = 5;'
    cases = [
        Case("A1", setup + 'avp_check("$avp(a)", "eq/s:5/g"); $var(out) = "" + $rc;'),
        Case("A2", setup + 'avp_check("$avp(a)", "lt/$avp(b)/g"); $var(out) = "" + $rc;'),
        Case("A3", '$xavp(x=>y) = 5; $xavp(x[0]=>y) = "q"; avp_check("$xavp(x=>y[*])", "eq/i:5");'
             ' $var(out) = "" + $rc;'),
    ]  # fmt: skip
    assert run(servers.OURS, cases, PortPool(), avpops.prepare) == {
        "A1": "1", "A2": "-1", "A3": "1"
    }  # fmt: skip


def test_names_and_domains_are_stored_as_they_are() -> None:
    look = (
        'avp_db_query("select uuid, domain, attribute, value from usr_preferences where id > 18",'
        ' "$avp(a);$avp(b);$avp(c);$avp(d)"); $var(out) = $(avp(a)[*]) + "|" + $(avp(b)[*]) + "|"'
        ' + $(avp(c)[*]) + "|" + $(avp(d)[*]); avp_delete("*");'
    )
    fresh = 'avp_db_query("delete from usr_preferences where id > 18"); $var(n) = "dyn"; '
    cases = [
        Case("A1", fresh + '$avp(dyn) = "v"; avp_db_store("u5", "$avp($var(n))"); avp_delete("*");'
             + look),
        Case("A2", fresh + '$avp(x) = 1; $var(i) = 7; avp_db_store("$var(i)", "$avp(x)");'
             ' avp_delete("*"); ' + look),
        Case("A3", '$var(n) = "a"; avp_db_load("u1", "$avp($var(n))"); $var(out) = $(avp(a)[*]);'),
    ]  # fmt: skip
    assert run(servers.OURS, cases, PortPool(), _without_domain) == {
        "A1": "u5||dyn|v",
        "A2": "7||x|1",
        "A3": "two, one",
    }


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("source", b"u/x"), ("attribute", b"$avp(a)/$s"), ("loaded", b"*/$s"), ("names", b"$rU"),
        ("deleted", b"$avp(a)/x"), ("copied", b"$avp(a)/x"), ("destination", b"$rU"),
        ("pushed", b"$null"), ("check", b"eq/i:"), ("check", b"fm/i:5"), ("check", b"zz/5"),
        ("operation", b"add/x"), ("is_set", b"$avp(a)/ns"), ("substituted", b"$avp(a)/$rU/g"),
        ("avp", b"$avp(a"), ("avp", b""),
    ],
)  # fmt: skip
def test_what_no_rule_reads(rule: str, text: bytes) -> None:
    with pytest.raises(ValueError):
        RULES[rule](text)


def test_schemes() -> None:
    scheme = parse_scheme(" quota : table = t ; uuid_col=who;value_type=integer ;")
    assert scheme == Scheme("quota", uuid_col="who", table="t", integer=True)
    for wrong in (
        "",
        "name",
        "name:",
        "name:x",
        "n:table=a;table=b",
        "n:other=1",
        "n:value_type=x",
    ):
        with pytest.raises(ValueError):
            parse_scheme(wrong)


def test_names_of_avps() -> None:
    assert avp_key(b"ab") == avp_key(b"AB") != avp_key(b"Ab")
    assert avp_key(5) == avp_key(65541)
    for wrong in (b"i:-1", b"i:4294967296", b"q:x", b"i: 5"):
        with pytest.raises(ValueError):
            avp_name(wrong)


def test_the_order_of_all() -> None:
    avps = AvpList()
    for name, value in ((b"a", 1), (b"b", b"x"), (7, 2), (b"a", 3)):
        avps.add(name, value)
    again = AvpList.unpack(avps.pack())
    assert [(avp.name, avp.value) for avp in again.every()] == [
        (b"a", 3), (7, 2), (b"b", b"x"), (b"a", 1)
    ]  # fmt: skip
    assert not avps.add(b"", 1) and not avps.add(0, 1)
