"""Module ``regex``: patterns of Perl's kind, given in the packet, and a file of groups."""

# ruff: noqa: E501
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.runtime.matrix.harness import Case

PATTERNS = (
    "", "^", "$", ".", "a", "^a", "b$", "a|b", "(a)(b)\\2", "(?i)ABC", "(?s)a.b", "(?m)^b", "(?x) a b # c",
    "a+?", "a++b", "(?>a+)b", "(?=a)a", "(?!a).", "(?<=a)b", "(?<!a)b", "(?<=a+)b", "(?<n>a)\\k<n>",
    "(?P<n>a)(?P=n)", "(?:a|b){2}", "\\d+", "\\D", "\\w+", "\\W", "\\s", "\\S+", "\\bfoo\\b", "\\Bo", "\\Aa",
    "a\\z", "a\\Z", "\\Ga", "\\Q.*\\E", "\\Q(", "\\x41", "\\x{41}", "\\x{100}", "\\x", "\\101", "\\0", "\\cA", "\\e",
    "\\n", "\\r\\n", "\\R", "\\h", "\\v", "\\N", "\\X", "\\C", "\\K", "a\\Kb", "\\p{L}", "\\pL", "\\p{Foo}",
    "\\L", "\\U", "\\u", "\\l", "\\N{name}", "\\j", "\\y", "\\i", "\\g1", "(a)\\g1", "(a)\\g{-1}", "\\8", "(a)\\8",
    "[[:alpha:]]", "[[:foo:]]", "[^[:digit:]]", "[a-\\d]", "[z-a]", "[a", "[]", "[]a]", "(a", "a)", "*a", "a**",
    "a{2}", "a{2,1}", "a{,2}", "a{65536}", "a{99999}", "(?", "(?z)", "(*FAIL)", "(*ACCEPT)b", "(*UTF8)\u00e9",
    "(*UCP)\\w", "(*NOSUCH)", "(?R)", "a(?R)?b", "(?1)", "(a)(?1)", "(?(1)a|b)", "(a)?(?(1)b|c)", "(?#x)a", "(?|(a)|(b))\\1",
    "\u00e9", "caf.", "\udcff", "[\udc80-\udcff]", ".{4000}", "(a+)+$", "(x+x+)+y", "^(?:(?:a|b)*)*c$", "\\", "a\\",
    "[[:<:]]foo", "^sip:([^@]+)@", "(?i)\u00c9", "(?J)(?<n>a)(?<n>b)", "(?<1a>a)", "(?C1)a", "\\o{101}", "\\o{9}",
)  # fmt: skip
SUBJECTS = (
    "", "a", "b", "ab", "abc", "ABC", "aab", "foo bar", "a\nb", "a\r\nb", "\u00e9", "caf\u00e9", "\udcff\udc80",
    "x" * 4000, "sip:bob@h", "aaaaaaaaaaaaaaaaaaaaaaaaab", "12 34", "a\\b.*(c)", "a\0b", "aa\n", "\x01\x1b\t",
)  # fmt: skip
FLAGS = ("pcre_caseless", "pcre_multiline", "pcre_dotall", "pcre_extended")
GROUPS = """# a comment
[0]
^a
 not a line
b$

[1]
(?i)FOO
a b # c
[x]
[2]
[junk
^b.c
"""
FILES = {
    "good": GROUPS,
    "unended": "[0]\n^a\n^b",
    "crlf": "[0]\r\n^a\r\n[1]\r\nb\r\n",
    "long": "[0]\n" + "|".join(f"user{n}" for n in range(200)) + "\n",
    "exact": "[0]\n" + "x" * 493 + "|a\n",
    "empties": "[0]\n[1]\n[2]\n^$\n",
    "many": "".join(f"[{n}]\na{n}\n" for n in range(20)),
}
BAD_FILES = {
    "empty": "", "comments": "# x\n\n", "headless": "a\n[0]\n", "broken": "[0]\n(a\n", "brackets": "[0]\na)(b\n",
    "many": "".join(f"[{n}]\na\n" for n in range(21)), "large": "[0]\n" + "abcdefghijklmnopqrstuvwxyz\n" * 400,
}  # fmt: skip
NUMBERS = ("0", "1", "2", "3", "4", "19", "20", "", "1x", "x", "+1", " 1", "1 ", "007", "99999")


def _set(options: int) -> str:
    on = [flag for at, flag in enumerate(FLAGS) if options >> at & 1]
    return "".join(f'modparam("regex", "{flag}", 1)\n' for flag in on)


def setup(text: str | None, options: int = 0) -> Callable[[Path], str]:
    """The module with these groups (None: no file) and flags."""

    def made(folder: Path) -> str:
        lines = 'loadmodule "regex.so"\n' + _set(options)
        if text is not None:
            path = folder / "groups"
            path.write_text(text, encoding="utf-8", newline="")
            lines += f'modparam("regex", "file", "{path}")\n'
        return lines

    return made


def patterns() -> Iterator[Case]:
    """``pcre_match`` of each pattern with each subject."""
    script = 'pcre_match("$rb", "$hdr(P)"); $var(r) = $rc; $var(out) = "$var(r)";'
    for (at, pattern), (of, subject) in itertools.product(enumerate(PATTERNS), enumerate(SUBJECTS)):
        extra = f"P: {pattern}\r\n" if pattern else ""
        yield Case(f"P{at}x{of}", script, "OPTIONS", "sip:b@h", extra, subject, "P")


def constants() -> Iterator[Case]:
    """Constant arguments, null and numbers."""
    arguments = ('"abc"', '""', '"$rU"', '"$avp(none)"', '"$null"', "12", '"^b"', '"(a"', '"$ml"')
    for at, (one, two) in enumerate(itertools.product(arguments, arguments)):
        yield Case(f"K{at}", f'pcre_match({one}, {two}); $var(r) = $rc; $var(out) = "$var(r)";')
    for at, one in enumerate(arguments):
        yield Case(f"G{at}", f'pcre_match_group({one}); $var(r) = $rc; $var(out) = "$var(r)";')
    yield Case("Few", 'pcre_match("a");')
    yield Case("Many", 'pcre_match_group("a", "0", "1");')


def groups() -> Iterator[Case]:
    """``pcre_match_group`` of each subject with each group."""
    script = 'pcre_match_group("$rb", "$hdr(P)"); $var(r) = $rc; $var(out) = "$var(r)";'
    first = 'pcre_match_group("$rb"); $var(r) = $rc; $var(out) = "$var(r)";'
    subjects = (*SUBJECTS[:12], "user7", "user199", "junk", "a b", "x" * 493, "a1", "b\r")
    for (at, number), (of, subject) in itertools.product(enumerate(NUMBERS), enumerate(subjects)):
        extra = f"P: {number}\r\n"
        yield Case(f"N{at}x{of}", script, "OPTIONS", "sip:b@h", extra, subject, "N")
    for of, subject in enumerate(subjects):
        yield Case(f"F{of}", first, "OPTIONS", "sip:b@h", "", subject, "F")
