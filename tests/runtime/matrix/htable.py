"""Hash tables of scripts: every function and variable of htable, in sequence on few items."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tests.runtime.matrix.harness import Case

SETUP = """loadmodule "htable.so"
modparam("htable", "htable", "a=>size=3;")
modparam("htable", "htable", "e=>size=4;autoexpire=500;")
modparam("htable", "htable", "u=>size=4;autoexpire=500;updateexpire=0;")
modparam("htable", "htable", "i=>size=4;initval=7;")
modparam("htable", "htable", "n=>size=4;initval=-3;autoexpire=500;")
modparam("htable", "htable", "w=>size=1;")
event_route[htable:mod-init] {
  $sht(w=>number) = 42;
  $sht(w=>text) = "set before the fork";
  $var(x) = $shtinc(w=>number);
}
"""

HEAD = (
    'sht_reset("a"); sht_reset("e"); sht_reset("u"); sht_reset("i"); sht_reset("n");\n'
    '$var(k) = "key"; $var(n) = 3; $avp(a) = "av";\n'
)
VALUES = (
    "5", "-1", "0", "2147483647", "-2147483648", '""', '"x"', '"12"', '"some longer text"',
    "$null", "$rU", "$var(none)", "$avp(none)", "$hdr(X-Long)", "$hdr(X-Raw)", "$ml", "3 + 4",
    '"a" + 1', "$sht(a=>other)", '"$rU"',
)  # fmt: skip
KEYS = (
    "x", "X", "a b", '"q"', "'", "[0]", "a[1]", "a[$var(n)]", "$rU", "$var(k)", "$var(k)::$rU",
    "", "=>", "a=>b", "a,b", "{x}", "$hdr(X-Long)", "$hdr(X-Raw)", "$avp(none)", "%", "*", "$$",
    " x", "x ", "a(b)c", "$(rU{s.len})", "$fU$tU", "$avp(a)-$avp(b)", "0", "-1", "<null>", "key",
    "KEY", "sip:a@b;x=y",
)  # fmt: skip
WORDS = ("alice", "bob", "Alice", "carol", "eve", "a.b", "eq12", "12", "", "x y", "**")
COUNTED = (
    "~~al", "~~^al", "~~x$", "~~", "~%e", "~%ce", "~%", "%~al", "%~", "==bob", "==", "==Bob",
    "eq5", "eq-3", "eq", "eqx", "eq5x", "eq 5", "**", "**x", "*", "a", "^a.*e$", "(", "[", "~", "%",
    "=", "e", "", ".", "~~a.b", "%%x", "~~(al|bo)", "eq99999999999", "b|c", "$var(k)",
)  # fmt: skip
PATTERNS = ("al", "^a", "e$", "bob", "(", ".", "x", "12", "a.b", "$rU", "^[a-c]", "", "ALICE")
OPERATORS = ("eq", "ne", "re", "sw", "EQ", "xx", "ew", "r", "", "ree", "e")
LOOSE = (
    "$sht(=>x)", "$sht(a)", "$sht(a=)", "$sht(a=x)", "$sht(a=>)", "$sht(a =>x)", "$sht( a=>x)",
    "$sht(a= >x)", "$sht(a=> x)", "$sht(nosuch=>x)", "$sht($var(k)=>x)", "$sht(a=>$nosuch)",
    "$sht(a=>$nosuch(x))", "$sht()", "$(sht(a=>x)[0])", "$(sht(a=>x)[1])", "$sht(a b=>x)",
    "$sht(a=>x=>y)", "$(sht(w=>text){s.len})", "$(sht(w=>$(rU{s.len})){s.tolower})", "$shtex(a=>x)",
    "$shtex(nosuch=>x)", "$shtex(e=>none)", "$shtcn(nosuch=>x)", "$shtcv(nosuch=>x)",
    "$shtinc(nosuch=>x)", "$shtdec(nosuch=>x)", 
    "$shtrecord(other)", "$shtrecord(keys)", "$shtrecord()", "$shtitkey(none)", "$shtitval(none)",
    "$shtitkey()", "$shtitval($var(k))", "$shtcn(a=>)", "$shtcv(a=>)", "$sht(A=>x)", "$sht(a=>$)",
    "$sht(a=>x$)", "$shtinc(i=>)", "$sht(w=>number)", "$sht(w=>text)", "$sht(a=>$rU$)",
)  # fmt: skip
LOOSE_KEYS = (
    "a=>x", "a=>", "a", "=>x", "nosuch=>x", "a =>x", " a=> x", "a=x", "", "a=>$rU", "a=>$nosuch",
    "$var(k)=>x", "a=>$var(k)$rU", "a=>(", "a=>^k",
)  # fmt: skip


def _out(what: str) -> str:
    return f'$var(out) = $var(out) + {what} + "|";\n'


def _show(name: str) -> str:
    """The value of a variable, its type, and whether it is there."""
    return (
        f'if ({name} == $null) {{ $var(out) = $var(out) + "null "; }}\n'
        f'$var(out) = $var(out) + $_s({name}) + " ";\n'
        f"{_out(f'({name} + 1)')}"
    )


def _code(call: str) -> str:
    return f'{call};\n$var(out) = $var(out) + $rc + "|";\n'


def _spread(name: str) -> str:
    """Whether the time to the end of an item is that of the table, another, or none."""
    return (
        f"$var(t) = {name};\n"
        'if ($var(t) > 490 && $var(t) <= 500) $var(out) = $var(out) + "full|";\n'
        'else if ($var(t) > 40 && $var(t) <= 50) $var(out) = $var(out) + "own|";\n'
        'else if ($var(t) == 0) $var(out) = $var(out) + "zero|";\n'
        'else if ($var(t) < 0) $var(out) = $var(out) + "past|";\n'
        'else $var(out) = $var(out) + "other|";\n'
    )


def _writes() -> Iterator[str]:
    for value in VALUES:
        for table in "aein":
            yield f"$sht({table}=>x) = {value};\n" + _show(f"$sht({table}=>x)")
    for first in VALUES:
        for second in VALUES[:14]:
            yield (
                f"$sht(a=>x) = {first};\n$sht(a=>x) = {second};\n"
                + _show("$sht(a=>x)")
                + _out("$shtcn(a=>**)")
            )
    for key in KEYS:
        yield f'$sht(a=>{key}) = "v";\n{_show(f"$sht(a=>{key})")}{_out("$shtcn(a=>**)")}'
        yield (
            f"$sht(a=>{key}) = 4;\n$sht(a=>x) = 9;\n{_show(f'$sht(a=>{key})')}"
            f"$sht(a=>{key}) = $null;\n{_show(f'$sht(a=>{key})')}{_out('$shtcn(a=>**)')}"
        )
        yield f"$var(r) = $shtinc(i=>{key});\n{_show(f'$sht(i=>{key})')}{_out('$var(r)')}"


def _sums() -> Iterator[str]:
    for table in "aeiun":
        for name in ("shtinc", "shtdec"):
            pv = f"${name}({table}=>x)"
            yield _show(pv) + _show(f"$sht({table}=>x)")
            for first in ("5", '"5"', '"x"', "2147483647", "-2147483648", "$null", '""'):
                yield (
                    f"$sht({table}=>x) = {first};\n" + _show(pv) + _show(f"$sht({table}=>x)")
                    + _out(f"$shtcn({table}=>**)")
                )  # fmt: skip
            yield f"$var(x) = {pv};\n$var(x) = {pv};\n" + _show(f"$sht({table}=>x)")
            yield f'if ({pv} > 3) $var(out) = "more|";\n{_show(f"$sht({table}=>x)")}'
        yield f"$sht({table}=>x) = $sht({table}=>x) + 1;\n{_show(f'$sht({table}=>x)')}"
        yield f"$sht({table}=>x) += 1;\n{_show(f'$sht({table}=>x)')}"


def _times() -> Iterator[str]:
    for table in "aeun":
        item, end = f"$sht({table}=>x)", f"$shtex({table}=>x)"
        yield f'{item} = "v";\n{_spread(end)}'
        for seconds in ("45", "0", "-5", '"45"', '"x"', "$null", "$var(none)", "1000000", "$rU"):
            yield f'{item} = "v";\n{end} = {seconds};\n{_spread(end)}{_show(item)}'
            yield f'{item} = "v";\n{end} = {seconds};\n{item} = "w";\n{_spread(end)}{_show(item)}'
            yield f"{item} = 3;\n{end} = {seconds};\n$var(x) = $shtinc({table}=>x);\n{_spread(end)}"
        yield f"{end} = 45;\n{_spread(end)}{_show(item)}"
        for first in ("$null", "3", '"x"', '"longer than the other"'):
            for seconds in ("45", "0", "-5"):
                yield (
                    f"{item} = {first};\n"
                    + _code(f'sht_setxs("{table}", "x", "value", "{seconds}")')
                    + _show(item)
                    + _spread(end)
                )
                yield (
                    f"{item} = {first};\nroute(SETXI{table}{seconds.lstrip('-')});\n"
                    + _out('"after"')
                )  # fmt: skip
        for value in ('""', '"$rU"', '"$var(none)"', '"12"', '"a $var(k) b"'):
            call = f'sht_setxs("{table}", "k$rU", {value}, "45")'
            yield _code(call) + _show(f"$sht({table}=>kbob)")
    # a bare $rU: test_a_name_where_a_number_is_wanted
    for number in ('"$rU"', '"$var(n)"', "$var(n)", '"$avp(a)"', "3 + 4", '"$null"', "-2"):
        yield _code(f'sht_setxs("e", "x", "v", {number})') + _show("$sht(e=>x)")
        yield f'sht_setxi("e", "x", {number}, "45");\n' + _out('"goes on"')
        yield f'sht_setxi("e", "x", "45", {number});\n' + _out('"goes on"')
        yield (
            '$sht(e=>x) = "v";\nsht_iterator_start("i1", "e");\nsht_iterator_next("i1");\n'
            + _code(f'sht_iterator_seti("i1", {number})')
            + _code(f'sht_iterator_setex("i1", {number})')
            + _code(f'sht_iterator_sets("i1", {number})')
            + _code('sht_iterator_end("i1")')
            + _show("$sht(e=>x)")
        )
    for name in ('"nosuch"', '""', '"$var(k)"'):
        yield _code(f'sht_setxs({name}, "x", "v", "45")')
        yield _code(f'sht_setxs("a", {name}, "v", "45")') + _show("$sht(a=>key)")
        yield _code(f'sht_setxs("e", "x", "v", {name})') + _spread("$shtex(e=>x)")


def _fill() -> str:
    rows = [f'$sht(a=>{word}) = "{word}";\n' for word in WORDS]
    return "".join(rows) + "$sht(a=>five) = 5;\n$sht(a=>three) = -3;\n$sht(a=>eqv) = 12;\n"


def _searches() -> Iterator[str]:
    for text in COUNTED:
        yield _fill() + _show(f"$shtcn(a=>{text})") + _show(f"$shtcv(a=>{text})")
    left = _out("$shtcn(a=>**)") + _out("$sht(a=>alice)") + _out("$sht(a=>five)")
    for pattern in PATTERNS:
        for function in ("sht_rm_name_re", "sht_rm_value_re"):
            yield _fill() + _code(f'{function}("a=>{pattern}")') + left
        for op in OPERATORS:
            for function in ("sht_rm_name", "sht_rm_value"):
                yield _fill() + _code(f'{function}("a", "{op}", "{pattern}")') + left
            yield (
                _fill()
                + _code(f'sht_match_name("a", "{op}", "{pattern}")')
                + _code(f'sht_has_name("a", "{op}", "{pattern}")')
                + _code(f'sht_match_str_value("a", "{op}", "{pattern}")')
                + _code(f'sht_has_str_value("a", "{op}", "{pattern}")')
            )
    for op in OPERATORS:
        yield _code(f'sht_match_name("a", "{op}", "x")') + _code(f'sht_rm_name("a", "{op}", "x")')
        yield _code(f'sht_has_name("nosuch", "{op}", "x")')
        yield _code(f'sht_rm_value("nosuch", "{op}", "x")')
    for table in ('"a"', '"nosuch"', '""', '"$var(k)"', '" a"'):
        yield _fill() + _code(f"sht_reset({table})") + left
        for key in ('"alice"', '"none"', '""', '"$rU"', '"al$var(none)"'):
            yield _fill() + _code(f"sht_rm({table}, {key})") + left
    for table in ("$var(k)", "$rU", '"a" + ""', "$null", "5"):
        yield _fill() + _code(f"sht_reset({table})") + left
        yield _fill() + _code(f'sht_rm({table}, "x")') + left
        yield _fill() + _code(f'sht_rm_name({table}, "sw", "a")') + left
    for text in LOOSE_KEYS:
        for function in ("sht_rm_name_re", "sht_rm_value_re", "sht_lock", "sht_unlock"):
            yield (
                _fill() + _code(f'{function}("{text}")')
                + (_code(f'sht_unlock("{text}")') if function == "sht_lock" else "")
                + _out("$shtcn(a=>**)")
            )  # fmt: skip


def _walks() -> Iterator[str]:
    walk = (
        'sht_iterator_start("i1", "a");\nwhile (sht_iterator_next("i1")) {\n'
        '  $var(out) = $var(out) + $shtitkey(i1) + "=" + $shtitval(i1) + ",";\n%s}\n'
        'sht_iterator_end("i1");\n$var(out) = $var(out) + "/" + $shtcn(a=>**);\n'
    )
    inside = (
        "", '$sht(a=>$shtitkey(i1)) = "new";\n', "$sht(a=>$shtitkey(i1)) = 8;\n",
        '  sht_iterator_sets("i1", "z");\n', '  sht_iterator_sets("i1", "a long text here");\n',
        '  sht_iterator_seti("i1", "77");\n', '  sht_iterator_setex("i1", "50");\n',
        '  if ($shtitkey(i1) == "bob") sht_iterator_rm("i1");\n',
        '  if ($shtitval(i1) == 5) sht_iterator_rm("i1");\n',
        '  if ($shtitkey(i1) == "bob") $sht(a=>bob) = $null;\n',
        '  sht_rm("a", "$shtitkey(i1)");\n', '  $var(x) = $shtinc(a=>five);\n',
        '  if ($shtitkey(i1) =~ "^[ab]") break;\n', '  sht_iterator_sets("i1", "$rU-$var(k)");\n',
        '  sht_iterator_sets("i1", "");\n', '  sht_iterator_seti("i1", "x");\n',
        '  sht_iterator_seti("i1", "$var(n)");\n',
    )  # fmt: skip
    for text in inside:
        yield walk % text
        yield _fill() + walk % text
        yield _fill() + walk % text + walk % ""
    for name in ('"i1"', '"none"', '""', '"$rU"', '"' + "n" * 31 + '"', '"' + "n" * 32 + '"'):
        for function in ("next", "end", "rm"):
            yield _code(f"sht_iterator_{function}({name})")
            yield (
                '$sht(a=>x) = 1;\nsht_iterator_start("i1", "a");\n'
                + _code(f"sht_iterator_{function}({name})")
                + _code(f"sht_iterator_{function}({name})")
                + _show("$shtitkey(i1)")
                + _show("$shtitval(i1)")
                + _code('sht_iterator_end("i1")')
            )
        yield _code(f'sht_iterator_sets({name}, "x")') + _code(f'sht_iterator_seti({name}, "4")')
        yield _code(f'sht_iterator_setex({name}, "4")')
        for table in ('"a"', '"nosuch"', '""', '"$var(k)"'):
            yield (
                "$sht(a=>x) = 1;\n" + _code(f"sht_iterator_start({name}, {table})")
                + _code(f"sht_iterator_next({name})") + _code(f"sht_iterator_next({name})")
                + _code(f"sht_iterator_next({name})") + _code(f"sht_iterator_end({name})")
                + _code(f"sht_iterator_end({name})")
            )  # fmt: skip
    many = "".join(_code(f'sht_iterator_start("m{n}", "a")') for n in range(6))
    ends = "".join(_code(f'sht_iterator_end("m{n}")') for n in range(6))
    steps = "".join(_code(f'sht_iterator_next("m{n}")') for n in range(6))
    yield _fill() + many + steps + _out("$shtitkey(m0)") + _out("$shtitkey(m3)") + ends
    yield (
        _fill() + many + steps + 'sht_rm("a", "$shtitkey(m0)");\n' + steps
        + _show("$shtitkey(m0)") + _show("$shtitkey(m1)") + ends + _out("$shtcn(a=>**)")
    )  # fmt: skip
    yield _fill() + 'sht_iterator_start("i1", "a");\nsht_iterator_start("i1", "nosuch");\n' + (
        _code('sht_iterator_next("i1")') + _code('sht_iterator_end("i1")')
    )
    yield (
        "$sht(e=>x) = 1;\nsht_iterator_start(\"i1\", \"e\");\nsht_iterator_next(\"i1\");\n"
        + _code('sht_iterator_setex("i1", "45")') + _code('sht_iterator_end("i1")')
        + _spread("$shtex(e=>x)")
    )  # fmt: skip
    for table in "eu":
        for call in ('sets("i1", "yy")', 'seti("i1", "4")', 'sets("i1", "")'):
            yield (
                f'$sht({table}=>x) = "w";\n$shtex({table}=>x) = 45;\n'
                f'sht_iterator_start("i1", "{table}");\nsht_iterator_next("i1");\n'
                + _code(f"sht_iterator_{call}") + _code('sht_iterator_end("i1")')
                + _spread(f"$shtex({table}=>x)") + _show(f"$sht({table}=>x)")
            )  # fmt: skip
    lock = _code('sht_lock("a=>x")')
    unlock = _code('sht_unlock("a=>x")')
    yield lock + lock + unlock + "$sht(a=>x) = 3;\n" + unlock + _show("$sht(a=>x)")
    yield unlock + unlock + lock + unlock
    yield lock + _fill() + _out("$shtcn(a=>**)") + unlock


def _rest() -> Iterator[str]:
    for name in LOOSE:
        yield _show(name)
        yield _out(f'"" + $_s(<{name}>)')
        yield f'if ({name}) $var(out) = "yes"; else $var(out) = "no";\n'
        yield f"{name} = 3;\n" + _show("$sht(a=>x)")
        yield f"$var(x) = {name};\n" + _out("$var(x)") + _out("$(var(x){s.len})")


SUB = "".join(
    f'route[SETXI{table}{seconds}] {{\n  sht_setxi("{table}", "x", "21", "{sign}{seconds}");\n'
    f'  $var(out) = "not reached?";\n}}\n'
    for table in "aeun"
    for seconds, sign in (("45", ""), ("0", ""), ("5", "-"))
)
SETUP += SUB

_EXTRA = "X-Long: " + "0123456789" * 400 + "\r\nX-Raw: \udcff\udc80caf\u00e9\r\n"


def all_cases() -> Iterator[Case]:
    """Every case, in the order in which they run."""
    numbers = count()
    for family in (_writes, _sums, _times, _searches, _walks, _rest):
        for script in family():
            name = f"H{next(numbers)}{family.__name__.strip('_')}"
            yield Case(name, HEAD + script, extra=_EXTRA)
