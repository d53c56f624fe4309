"""Configurations broken at random: real files cut, joined, repeated, sprinkled with noise."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.golden.traps import texts

ROOT = Path(__file__).parents[2]
LONGEST = 1000

_WORDS = (
    b"$ $( ${ $rc $f. $x[ ( ) { } [ ] ; , : . / // /* */ # \" ' = == =~ ! !! != && || - + * < > << "
    b"@ @a. % %f. & | ^ ~ \\ if else switch case default while route request_route event_route[ "
    b"event_route[a:b] modparam( loadmodule listen= alias= 1 10.0.0.1 ::1 [::1] 0x1f 1b N A a.b "
    b"$var(x) $ru \"s\" 's' method uri myself src_ip exit return drop break force_rport setflag( "
    b"strlen defined (int) (str) not and flags desc kemi. socket={ bind= advertise name virtual "
    b'$(ru{s.len}) $xavp(a=>b) $(avp(a)[ selval( forward( uri:host @hf_value["x"] 1.2.3.4/8 udp: '
    b"xlog( route( => {s. {re. $null \\x41 \\n"
)
NOISE = (
    *_WORDS.split(b" "),
    b"\n", b" ", b"\t", b"\0", b"\xff", b"\x85", b"\xa0", b"\r", b"\xc3\xbc", b"\xef\xbb\xbf",
)  # fmt: skip
DIRECTIVES = (
    b"\n#!ifdef A\n", b"\n#!ifndef A\n", b"\n#!else\n", b"\n#!endif\n", b"\n#!define A 1\n",
    b"\n#!define A\n", b"\n#!define N A N\n", b"\n#!define Q \"\n", b"\n#!define P (\n",
    b"\n#!define V $var\n", b"\n#!redefine A ;\n", b"\n#!trydef A }\n", b"\n#!subst \"/a/b/g\"\n",
    b"\n#!substdef \"!A!B!g\"\n", b"\n#!substdefs \"!A!$def(N)!\"\n",
    b"\n#!subst \"/(.*)/\\1\\1/g\"\n",
    b"\n#!defenv A\n", b"\n#!trydefenvs A=HOME\n", b"\n#!KAMAILIO\n", b"\n#!SER\n", b"\n#!ALL\n",
    b"\ninclude_file \"x.cfg\"\n", b"\nimport_file \"x.cfg\"\n", b"\n#!ifexp A > 1 && (\n",
    b"\n#!ifexp 1\n", b"\n#!defexp A 1 + 2\n", b"\n#!define C 1 # c\n", b"\n#!define L a \\\n b\n",
)  # fmt: skip
NESTS = (
    b"(", b"{", b"[", b"!", b"-", b"(int)", b"if (1) {", b"$(", b"{s.", b"a(", b"f(1)+(", b"/*",
    b"#!ifdef A\n", b"switch(1) { case 1: ", b"while(1) ", b"\"a\" ", b"1+", b"route[A] {",
)  # fmt: skip


@cache
def corpus() -> tuple[bytes, ...]:
    """Small texts and real files: the examples, golden programs, what Kamailio's package has."""
    files = [*(ROOT / "examples").rglob("*.cfg"), *(ROOT / "tests/golden/programs").glob("*.cfg")]
    for folder in ("/etc/kamailio", "/usr/share/doc/kamailio/examples"):
        files.extend(sorted(Path(folder).rglob("*.cfg")))
    return (*(path.read_bytes() for path in files), *(text.encode() for _, text in texts()))


def mutated(chooser: random.Random) -> bytes:
    """A text of at most about ``LONGEST`` octets: a piece of the corpus, changed."""
    data = bytearray(_piece(chooser, LONGEST // 2))
    for _ in range(chooser.choice((1, 1, 2, 3, 6, 12))):
        at = chooser.randrange(len(data) + 1)
        chooser.choice(_CHANGES)(chooser, data, at)
    return bytes(data[: 2 * LONGEST])


def _piece(chooser: random.Random, longest: int) -> bytes:
    text = chooser.choice(corpus())
    if len(text) <= longest:
        return text
    at = chooser.randrange(len(text) - longest // 2)
    at = text.rfind(b"\n", 0, at) + 1 if chooser.random() < 0.7 else at
    return text[at : at + chooser.randrange(longest)]


def _flip(chooser: random.Random, data: bytearray, at: int) -> None:
    if data:
        data[at % len(data)] ^= 1 << chooser.randrange(8)


def _delete(chooser: random.Random, data: bytearray, at: int) -> None:
    del data[at : at + chooser.choice((1, 1, 2, 5, 20, 200))]


def _duplicate(chooser: random.Random, data: bytearray, at: int) -> None:
    data[at:at] = data[at : at + chooser.randrange(1, 200)]


def _splice(chooser: random.Random, data: bytearray, at: int) -> None:
    data[at:at] = _piece(chooser, 300)


def _noise(chooser: random.Random, data: bytearray, at: int) -> None:
    data[at:at] = chooser.choice((b"", b" ", b"\n")) + chooser.choice(NOISE)


def _directive(chooser: random.Random, data: bytearray, at: int) -> None:
    if chooser.random() < 0.5:
        at = data.find(b"\n", at) + 1
    data[at:at] = chooser.choice(DIRECTIVES)


def _nest(chooser: random.Random, data: bytearray, at: int) -> None:
    data[at:at] = chooser.choice(NESTS) * chooser.choice((2, 5, 30, 200))


def _swap(chooser: random.Random, data: bytearray, at: int) -> None:
    """Two words change places."""
    words = bytes(data[at : at + 200]).split(b" ")
    if len(words) > 3:
        i, j = chooser.randrange(1, len(words) - 1), chooser.randrange(1, len(words) - 1)
        words[i], words[j] = words[j], words[i]
        data[at : at + 200] = b" ".join(words)


_CHANGES: tuple[Callable[[random.Random, bytearray, int], None], ...] = (
    _flip, _delete, _delete, _duplicate, _splice, _noise, _noise, _noise, _directive, _nest, _swap,
)  # fmt: skip
