"""Variables that scripts keep values in: every form of name and index, read, written, deleted."""

from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.harness import Case

INDEXES = (
    "", "[0]", "[1]", "[2]", "[3]", "[-1]", "[-2]", "[-3]", "[-4]", "[*]", "[$var(i)]",
    "[$avp(j)]", "[$avp(t)]", "[$hdr(X-None)]", "[+]", "[01]", "[-0]", "[99999999999]", "[x]",
    "[]", "[ 1]", "[1 ]", "[--1]", "[$var(i)+1]",
)  # fmt: skip
VALUES = (
    "7", '"v"', '""', "$null", "$rU", "$ml", "$avp(x)", '"a" + 1', "-2147483648", '"$rU-$ml"',
)  # fmt: skip

AVP_NAMES = (
    "x", "s:x", "i:5", "i:0", "i:-1", "i:x", "5", "s:5", "s:", "i:", ":x", "x:y", "s:i:5", "X",
    "$var(n)", "$var(m)", "$var(e)", "$avp(n)", "$hdr(X-None)", "$(var(n){s.toupper})", "$rU",
    "$ml", "f.x", "t.x", "fu.x", "tu.x", "fd.x", "td.x", "g.x", "$f.x", "f.i:5", "x.y", "x-y",
    "x_y", "a b", " x", "x ", "i:5 ", "i: 5", "I:5", "S:x", "%x", "al", "$al", "s:al",
    "i:99999999999", "i:0x5", "s:$var(n)", "x[0]", "x*",
)  # fmt: skip
AVP_SETUPS = (
    "",
    '$avp(x) = "one";',
    '$avp(x) = 1; $avp(x) = "two"; $avp(x) = 3;',
    '$avp(x) = "dup"; $avp(y) = "other"; $avp(x) = "dup"; $avp(x) = "";',
)
_AVP_SHOWN = (
    "$avp(x)|$(avp(x)[0])|$(avp(x)[1])|$(avp(x)[2])|$(avp(x)[-1])|$(avp(x)[-2])|$(avp(x)[*])"
    "|$cnt($avp(x))|$avp(y)"
)
_COMMON = '$var(i) = 1; $avp(j) = 2; $avp(t) = "1"; $var(n) = "x"; $var(m) = 5; $var(e) = "";'


def _avps() -> Iterator[str]:
    for setup in AVP_SETUPS:
        for index in INDEXES:
            name = f"$(avp(x){index})" if index else "$avp(x)"
            read = f"{_COMMON} {setup}\n"
            if index not in ("[$avp(t)]", "[$hdr(X-None)]"):
                yield f"{read}$var(out) = $_s({name});"
            yield f"{read}$var(out) = {name};"
            yield f"{read}$var(out) = {name} + 1;"
            yield f'{read}if ({name} == $null) $var(out) = "null"; else $var(out) = "set";'
            yield f"{read}$var(out) = $(avp(x){index}{{s.len}});"
            for value in VALUES:
                yield f"{read}{name} = {value};\n$var(out) = $_s({_AVP_SHOWN});"
    for name in AVP_NAMES:
        for setup in AVP_SETUPS[:3]:
            yield f"{_COMMON} {setup}\n$var(out) = $_s($avp({name}));"
            yield f"{_COMMON} {setup}\n$var(out) = $avp({name});"
        for value in ('"v"', "7", "$null"):
            yield (
                f"{_COMMON}\n$avp({name}) = {value};\n"
                f"$var(out) = $_s($avp({name})|$avp(x)|$avp(s:x)|$avp(i:5)|$avp(5)|$avp(s:5)"
                "|$avp(X)|$avp(i:0)|$avp($rU)|$avp(al)|$(avp(i:5)[*]));"
            )
        yield f"{_COMMON}\n$(avp({name})[0]) = 4; $(avp({name})[*]) = 5;\n" + (
            f"$var(out) = $_s($(avp({name})[*]));"
        )
        yield f'{_COMMON}\n$avp({name}) = 4; pv_unset("$avp({name})");\n' + (
            f"$var(out) = $_s($avp({name}) $rc);"
        )


XAVP_SETUPS = (
    "",
    '$xavp(a) = "plain";',
    "$xavp(a=>b) = 1;",
    '$xavp(a=>b) = "one"; $xavp(a[0]=>b) = 2; $xavp(a[0]=>c) = "see"; $xavp(a=>b) = "new";',
    '$xavp(b) = "root b"; $xavp(a=>b) = 1; $xavp(a[0]=>b) = $null;',
    '$xavp(a) = 1; $xavp(a=>b) = "child"; $xavp(a) = "three"; $xavp(c=>b) = "else";',
)
_PATHS = (
    "a", "a[0]", "a[1]", "a[2]", "a[-1]", "a[-2]", "a[*]", "a[$var(i)]", "a=>b", "a[0]=>b",
    "a[1]=>b", "a[-1]=>b", "a[*]=>b", "a=>b[0]", "a=>b[1]", "a=>b[-1]", "a=>b[-2]", "a=>b[*]",
    "a[0]=>b[0]", "a[0]=>b[1]", "a[0]=>b[-1]", "a[0]=>b[-2]", "a[0]=>b[*]", "a[1]=>b[*]",
    "a[*]=>b[*]", "a[*]=>b[0]", "a[$var(i)]=>b[$var(i)]", "a=>c", "a[0]=>c", "c=>b", "none",
    "none=>b", "a=>none", "b", "A=>B", "A", " a", "a =>b", "a=> b", "a[ 0]", "a[0] =>b", "a=b",
    "a=>", "=>b", "a=>b=>c", "a[]", "a[x]", "a[$avp(t)]", "a[0][1]", "$var(n)", "a[0]=>$var(n)",
    "a[+]", "",
)  # fmt: skip


def _xavps(pv: str) -> Iterator[str]:
    shown = (
        f"${pv}(a)|${pv}(a[0])|${pv}(a[1])|${pv}(a[2])|${pv}(a=>b)|${pv}(a=>b[*])|${pv}(a=>c)"
        f"|${pv}(a[1]=>b)|${pv}(a[1]=>b[*])|${pv}(a[2]=>b)|${pv}(b)|${pv}(c=>b)"
    )
    for setup in XAVP_SETUPS:
        start = f"{_COMMON} {setup.replace('$xavp', '$' + pv)}\n"
        for path in _PATHS:
            name = f"${pv}({path})"
            yield f"{start}$var(out) = $_s({name});"
            yield f'{start}if ({name} == $null) $var(out) = "null"; else $var(out) = "set";'
            yield f"{start}$var(out) = {name} + 1;"
            yield f"{start}$var(out) = $({pv}({path}){{s.len}});"
            for value in ("7", '"v"', "$null", '""', f"${pv}(a=>b)", "$rU"):
                yield f"{start}{name} = {value};\n$var(out) = $_s({shown});"
            yield f'{start}{name} = 8; {name} = "9";\n$var(out) = $_s({shown});'


XAVU_SETUPS = (
    "",
    '$xavu(a) = "plain";',
    "$xavu(a=>b) = 1;",
    '$xavu(a=>b) = "one"; $xavu(a=>c) = 2; $xavu(b) = "root";',
    '$xavu(a=>b) = 1; $xavu(b) = "root"; $xavu(a=>b) = $null;',
)
_XAVU_PATHS = (
    "a", "a=>b", "a=>c", "b", "none", "none=>b", "a=>none", "a[0]", "a[0]=>b", "a=>b[0]", "A",
    " a ", "a =>b", "a=> b", "a=b", "a=>", "=>b", "a=>b=>c", "a=>b ", "a=>bc",
)  # fmt: skip


def _xavus() -> Iterator[str]:
    clean = "$xavu(a) = $null; $xavu(b) = $null; $xavu(none) = $null; $xavu(A) = $null;"
    shown = "$xavu(a)|$xavu(a=>b)|$xavu(a=>c)|$xavu(b)|$xavu(none=>b)|$xavu(a=>bc)"
    for setup in XAVU_SETUPS:
        start = f"{clean} {setup}\n"
        for path in _XAVU_PATHS:
            name = f"$xavu({path})"
            yield f"{start}$var(out) = $_s({name});"
            yield f"{start}$var(out) = {name} + 1;"
            for value in ("7", '"v"', "$null", '""'):
                yield f"{start}{name} = {value};\n$var(out) = $_s({shown});"


_NAMES = (
    "n", "n n", " n", "$rU", "$var(i)", "n[0]", "n.x", "n-x", "5", "n:x", "N", "n=>x", "*", "",
)  # fmt: skip


def _plain() -> Iterator[str]:
    """``$var``, ``$vn``, ``$shv``: one value a name."""
    for pv in ("var", "vn", "shv"):
        for name in _NAMES:
            one = f"${pv}({name})"
            for value in VALUES:
                yield f"{one} = {value};\n$var(out) = $_s({one}|) + {one};"
                yield f"{one} = {value};\n$var(out) = {one} + 1;"
            yield f'{one} = "v"; {one} = $null;\n$var(out) = $_s({one}|) + $null + {one};'
            yield f'{one} = 7;\nif ({one} == $null) $var(out) = "null"; else $var(out) = "set";'
            yield f'{one} = $null;\nif ({one} == $null) $var(out) = "null"; else $var(out) = "set";'
            yield f"{one} = 5; {one} = {one} + {one}; {one} += 1;\n$var(out) = {one};"
            yield f'{one} = "5"; {one} = {one} + {one};\n$var(out) = {one};'
            yield f"$({pv}({name})[0]) = 1;\n$var(out) = $({pv}({name})[0]);"
            yield f'{one} = 9; pv_unset("{one}");\n$var(out) = $_s({one});'


def scripts() -> Iterator[str]:
    """What each case does."""
    yield from _plain()
    yield from _avps()
    yield from _xavps("xavp")
    yield from _xavps("xavi")
    yield from _xavus()


def all_cases() -> Iterator[Case]:
    """Every case."""
    for number, script in enumerate(scripts()):
        yield Case(f"V{number}", script)
