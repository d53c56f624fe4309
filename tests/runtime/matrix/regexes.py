"""Regular expressions everywhere that a script may have one, the odd ones above all.

Patterns and subjects of value cases come in the packet: ``P`` the pattern, the body the subject; the
same patterns stand in the configuration as constants.
"""

# ruff: noqa: E501
from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from tests.runtime.matrix.harness import Case
from tests.runtime.matrix.messages import MESSAGES
from tests.runtime.matrix.wire import Message, WireCase

PATTERNS = (
    "", "^", "$", ".", ".*", "a", "A", "^a", "c$", "^abc$", "a|b", "|a", "a|", "a||b", "(a)(b)",
    "(a|b)*", "(a*)*", "(a*)+", "((a)|(b))+", "a{2}", "a{0}", "a{1,}", "a{,3}", "a{2,1}", "a{1",
    "a{1,", "{1}", "a{x}", "a{256}", "a{99999}", "[[:digit:]]+", "[[:alpha:]_]+", "[[:space:]]",
    "[[:upper:]]", "[[:foo:]]", "[^a-z]", "[]a]", "[^]a]", "[a", "[a-", "[z-a]", "[a-]", "[[.a.]]",
    "[[=a=]]", "(a", "a)", "()", "(())", "*a", "+a", "?", "a**", "a+*", "a+?", "^*", "^+", "x*",
    "x*$", "^^a", "a$$", "b^", "$a", "\\\\.", "\\\\d", "\\\\w+", "\\\\W", "\\\\s", "\\\\S+",
    "\\\\bfoo\\\\b", "\\\\<foo\\\\>", "\\\\Bo", "(.)\\\\1", "(a)\\\\2", "\\\\(", "a\\\\|b", "\\\\a", "\\\\\\\\",
    "a\\\\", "[\\\\]", "(?i)a", "(?:a)", "\\\\x41", "\\\\`a", "c\\\\'", "caf\u00e9", "\u00e9", "\udcff",
    "[\udcc3]", "\\n", "a.b", "a[^x]b", "^b", "a\\r", "foo bar", "\\t", "sip:", "^(sip|sips):(.+)@",
    "([0-9]+)-([0-9]+)", "#", "/", "%", "$rU", "$$", "a$b", "@", ";", ":", ",", "~", "!",
    "(" * 30 + "a" + ")" * 30, "a" * 300, "(a|b|c|d|e|f|g|h)*z", ".{3}", "^.{3}$", "^.?.?.?$",
)  # fmt: skip
SUBJECTS = (
    "", "a", "abc", "ABC", "aab", "foo bar", "a\nb", "a\r\nb", "a b", "\u00e9", "caf\u00e9",
    "\udcff\udc80", "x" * 4000, "1-22-333", "sip:bob@h", "a.b|c", "a\\b", "(a)[b]{c}", "aa\naa\n",
    "$rU bob #/%", "\n", "a$b^c", "ab\0cd", "\0a", "foofoo",
)  # fmt: skip
REPLACEMENTS = (
    "", "X", "<\\\\0>", "\\\\1", "[\\\\1|\\\\2]", "\\\\3", "\\\\9", "\\\\10", "\\\\\\\\", "\\\\x", "\\\\", "$rU", "$$", "$",
    "a$rU\\\\0$fU", "$var(none)", "$avp(none)", "\\\\n", "\\\\r", "\\\\t", "\u00e9", "\udcff", "&", "a b",
    "$(rU{s.len})", "$hdr(X-None)", "$nosuch", "$var(", "%0",
)  # fmt: skip
FLAGS = ("", "g", "i", "gi", "s", "gs", "sig", "U", "x", "gg", " g", "g ")
DELIMITERS = ("/", "#", "|", ",", ":", "@", "!", ";", "a", " ", "~", "'", "=", "\\\\", "$", "(")
SUBSTITUTED = (
    "", "^", "$", "^.*$", ".*", "a", "o", "x*", "(a)|(b)", "(.)(.)", "^a", "b$", "[0-9]+", "(o+)",
    "(a", "[", "\\\\.", "\\\\/", "a\\\\/b", "()", "(x)?o", "^(.)(.*)$", "(.*)@(.*)", "\\n", "caf\u00e9",
    "\udcff", "b|$", "^|$", "o*", "(b)(o)(b)", "((((((((((b))))))))))", "sip:(.*)",
)  # fmt: skip


def _value(name: str, script: str, subject: str, pattern: str = "", route: str = "") -> Case:
    extra = f"P: {pattern}\r\n" if pattern else ""
    return Case(name, script, "OPTIONS", "sip:bob@example.com", extra, subject, route)


def _unescaped(text: str) -> str:
    """The octets that a text in double quotes stands for."""
    known = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
    return re.sub(r"\\(.)", lambda m: known.get(m[1], m[0]), text)


def matches() -> Iterator[Case]:
    """``=~`` and ``!~`` with constants, each on all subjects, and ``switch`` with such cases."""
    for number, pattern in enumerate(PATTERNS):
        test = (
            f'if ($rb =~ "{pattern}") $var(out) = "T"; else $var(out) = "F";\n'
            f'if ($rb !~ "{pattern}") $var(out) = $var(out) + "T";\n'
            f'if (!($rb =~ "{pattern}") || $rb == "x") $var(out) = $var(out) + "N";'
        )
        label = f'switch ($rb) {{ case /"{pattern}": $var(out) = "R"; break; default: $var(out) = "D"; }}'
        for at, subject in enumerate(SUBJECTS):
            yield _value(f"Ms{number}x{at}", test, subject, route=f"Ms{number}")
            yield _value(f"Mc{number}x{at}", label, subject, route=f"Mc{number}")


COMPUTED = {
    "Op": "if ($rb =~ $hdr(P)) $var(out) = 'T'; else $var(out) = 'F';",
    "Not": "if ($rb !~ $hdr(P)) $var(out) = 'T'; else $var(out) = 'F';",
    "Var": "$var(p) = $hdr(P); if ($rb =~ $var(p)) $var(out) = 'T'; else $var(out) = 'F';",
    "Join": "if ($rb =~ '^' + $hdr(P)) $var(out) = 'T'; else $var(out) = 'F';",
    "Own": "if ($hdr(P) =~ $rb) $var(out) = 'T'; else $var(out) = 'F';",
    "Search": 'search_str("$rb", "$hdr(P)"); $var(r) = $rc; $var(out) = "$var(r)";',
    "Sub": '$avp(x) = "o"; regex_substring("$rb", "$hdr(P)", 0, 1, "$avp(x)");'
    ' $var(r) = $rc; $var(out) = "$var(r)$avp(x)";',
    "Whole": '$avp(x) = "o"; regex_substring("$rb", "$hdr(P)", 0, 0, "$avp(x)");'
    ' $var(r) = $rc; $var(out) = "$var(r)$avp(x)";',
    "Many": '$avp(x) = "o"; regex_substring("$rb", "$hdr(P)", 1, 2, "$avp(x)");'
    ' $var(r) = $rc; $var(out) = "$var(r)$avp(x)";',
    "Name": 'is_present_hf_re_pv("$hdr(P)"); $var(r) = $rc; $var(out) = "$var(r)";',
}


def computed() -> Iterator[Case]:
    """Patterns that are known at the call only: many of them are none."""
    for (form, script), (at, pattern), (of, subject) in itertools.product(
        COMPUTED.items(), enumerate(PATTERNS), enumerate(SUBJECTS)
    ):
        octets = _unescaped(pattern)
        if (at * 7 + of) % 4 == 0 and "\n" not in octets and "\r" not in octets:
            yield _value(f"D{form}{at}x{of}", script, subject, octets, f"D{form}")


OPERANDS = (
    "$null", "$avp(none)", "$var(none)", "$hdr(None)", "12", "0", "-1", "$ml", '""', "'^b'", "$rU",
    '"^b.b$"', "$var(x)", "$rU + $rd", "$(rU{s.len})", '"$rU"', "'$rU'", "1 + 1", "$avp(list)",
)  # fmt: skip


def operands() -> Iterator[Case]:
    """What else may stand on both sides."""
    before = '$var(x) = "b"; $avp(list) = "a"; $avp(list) = "bob"; '
    for at, (left, right) in enumerate(itertools.product(OPERANDS, OPERANDS)):
        for sign, operator in (("m", "=~"), ("n", "!~")):
            script = (
                f'{before}if ({left} {operator} {right}) $var(out) = "T"; else $var(out) = "F";'
            )
            yield Case(f"O{sign}{at}", script)


def _expressions() -> Iterator[str]:
    for pattern in SUBSTITUTED:
        yield from (f"/{pattern}/<\\\\0>/{flags}" for flags in ("", "g", "i"))
    for replacement in REPLACEMENTS:
        yield from (f"/{pattern}/{replacement}/{f}" for pattern, f in (("(b)(.)", ""), ("o", "g")))
    for flags in FLAGS:
        yield from (f"/{pattern}/-/{flags}" for pattern in ("B", "^.", "o.?"))
    for mark in DELIMITERS:
        yield f"{mark}b{mark}X{mark}g"
        yield f"{mark}(o)b{mark}\\\\1{mark}{mark}"
        yield f"{mark}b\\\\{mark}{mark}X\\\\{mark}{mark}"
    yield from (
        "",
        "/",
        "//",
        "///",
        "////",
        "/a",
        "/a/",
        "/a/b",
        "b",
        "/b//",
        "/b//g",
        "///g",
        "/b/X/ ",
    )


EXPRESSIONS = tuple(dict.fromkeys(_expressions()))
VALUES = ("bob", "", "a/b.c", "BoB oOo", "a\nbob\r\nb", "caf\u00e9 \udcff", "b\0ob", "o" * 4000)


def substitutions() -> Iterator[Case]:
    """``{re.subst}``, ``subst_user`` and ``subst_uri``."""
    for number, expression in enumerate(EXPRESSIONS):
        scripts = {
            "T": f'$var(out) = "[$(rb{{re.subst,{expression}}})]";',
            "E": f'$var(out) = $(rb{{re.subst,{expression}}}) + "!";',
            "U": f'subst_user("{expression}"); $var(r) = $rc; $var(out) = "$var(r) $ru";',
            "R": f'subst_uri("{expression}"); $var(r) = $rc; $var(out) = "$var(r) $ru";',
        }
        for kind, script in scripts.items():
            route = f"S{kind}{number}"
            for at, subject in enumerate(VALUES if kind in "TE" else VALUES[:1]):
                yield _value(f"{route}x{at}", script, subject, route=route)


EDITED = (
    'search("{}")',
    'search_body("{}")',
    'search_hf("X-A", "{}", "a")',
    'search_hf("Subject", "{}", "f")',
    'search_append("{}", "+")',
    'search_append_body("{}", "+")',
    'replace("{}", "=")',
    'replace_all("{}", "=")',
    'replace_body("{}", "=")',
    'replace_body_all("{}", "=")',
    'replace_body_atonce("{}", "=")',
    'replace_hdrs("{}", "=")',
    'replace_str("{}", "=", "a")',
    'replace_body_str("{}", "=", "f")',
    'remove_hf_re("{}")',
    'remove_hf_re_pv("{}")',
    'remove_hf_exp("{}", "^S")',
    'remove_hf_exp("^.", "{}")',
    'remove_hf_match("X-A", "re", "{}")',
    'is_present_hf_re("{}")',
    'is_present_hf_re_pv("{}")',
    'keep_hf("{}")',
)
EXPRESSED = (
    'subst("{}")',
    'subst_body("{}")',
    'subst_hf("X-A", "{}", "a")',
    'subst_hf("X-A", "{}", "f")',
)
RAW = Message(
    ("Max-Forwards: 70", "X-A: one \xff\xfe",
     "X-A: caf\xc3\xa9, aab", "Subject: \xff\x80 o", "s:", "Content-Type: text/plain"),
    "one\0two\r\na\xff\xc3\xa9\r\n\r\nfoo bar a.b\r\naab\n\ra",
    "MESSAGE",
)  # fmt: skip
SHAPES = {
    name: MESSAGES[name] for name in ("Rich", "Compact", "Folded", "LineFeeds", "Plain", "Long")
} | {"Raw": RAW}


def edits() -> Iterator[WireCase]:
    """Functions that search and edit by a pattern, and by a substitution."""
    shapes = list(SHAPES)
    for (number, pattern), (of, form) in itertools.product(enumerate(PATTERNS), enumerate(EDITED)):
        label = shapes[(number + of * 3) % len(shapes)]
        yield _edit(f"E{of}p{number}{label}", form.format(pattern), label, number + of)
    for (number, text), (of, form) in itertools.product(
        enumerate(EXPRESSIONS), enumerate(EXPRESSED)
    ):
        label = shapes[(number + of * 2) % len(shapes)]
        yield _edit(f"F{of}e{number}{label}", form.format(text), label, number + of)


def _edit(name: str, call: str, label: str, number: int) -> WireCase:
    call = call.encode("utf-8", "surrogateescape").decode("latin-1")
    script = call + r'; $var(r) = $rc; append_hf("X-Rc: $var(r)\r\n");'
    return WireCase(name, script, SHAPES[label], mode=("stateless", "tm")[number % 2])


def values() -> Iterator[Case]:
    """Every case that gives a value."""
    yield from matches()
    yield from computed()
    yield from operands()
    yield from substitutions()
