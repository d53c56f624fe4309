"""``--target``: what other versions of Kamailio take, as their lexer and grammar have it."""

from __future__ import annotations

import pytest

from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.reporter import Reporter
from kcc.grammar.keywords import elsewhere, keywords
from kcc.grammar.parse import Reading, parse_source
from kcc.preprocess.expression import ExpressionError, Value, as_text, evaluate, is_true
from kcc.source.text import SourceFile
from kcc.syntax import ast
from kcc.syntax.printer import print_file
from tests.golden.front import shown

R = "request_route { exit; }\n"


def parse(target: str, text: str) -> tuple[Reading, tuple[Diagnostic, ...]]:
    reporter = Reporter()
    source = SourceFile.from_bytes("example.cfg", text.encode())
    reading = parse_source(source, {}, reporter, {}, target)
    return reading, reporter.diagnostics


def codes(target: str, text: str) -> list[str]:
    return [d.code for d in parse(target, text)[1] if d.severity == "error"]


# text, and the targets that take it
TAKEN = (
    ("socket = { bind = udp:127.0.0.1:5060; name = \"a\"; virtual = yes; }\n" + R, "5.7 5.8 6.0"),
    ("socket = { bind = 127.0.0.1; advertise = a.b:5060 }\n" + R, "5.7 5.8 6.0"),
    ("socket = { bind = 127.0.0.1; advertise = udp:a.b:5060 }\n" + R, "5.8 6.0"),
    ("socket = { bind = udp:127.0.0.1:5060-5070; agname = \"a\" }\n" + R, "6.0"),
    ("socket = { ; }\n" + R, "5.7 5.8 6.0"),
    ("socket = { bind = ws:127.0.0.1; }\n" + R, ""),
    ("socket = { nosuch = 1; }\n" + R, ""),
    ("socket = { }\n" + R, ""),
    ("listen=udp:127.0.0.1:5060 advertise udp:a.b:5060\n" + R, "3.2 5.8 6.0"),
    ("listen=udp:127.0.0.1:5060 advertise a.b:5060\n" + R, "3.2 4.4 5.6 5.7 5.8 6.0"),
    ("listen=udp:127.0.0.1:5060 advertise a.b\n" + R, "3.2 5.6 5.7 5.8 6.0"),
    ("listen=udp:127.0.0.1:5060 name \"a\" virtual\n" + R, "3.2 4.4 5.6 5.7 5.8 6.0"),
    ("loadmodule(\"tm.so\")\nloadmodule(\"tm\", \"g\")\n" + R, "5.7 5.8 6.0"),
    ("domain=a.b\nauto_domains=yes\n" + R, "5.7 5.8 6.0"),
    ("return_mode=1\ntcp_accept_iplimit=10\ndns_use_cache=no\n" + R, "5.7 5.8 6.0"),
    ("tcp_accept_protos=\"sip\"\ntcp_accept_protocols=1\nmem_add_size=-1\n" + R, "5.8 6.0"),
    ("kemi.request_route_callback=\"a\"\n" + R, "3.2 4.4 5.8 6.0"),
    ("kemi.reply_route_callback=\"a\"\n" + R, "3.2 4.4 5.6 5.7 5.8 6.0"),
    ("udp_receiver_mode=1\nasync_tkv_evcb=\"a\"\n" + R, "6.0"),
    ("dst_blacklist_init=1\n" + R, "3.2 4.4"),
    ("dst_blocklist_init=1\n" + R, "5.6 5.7 5.8 6.0"),
    ("sctp_autoclose=1\nstun_allow_stun=1\nsyn_branch=1\n" + R, "3.2"),
    ("statistics=\"x\"\n" + R, "3.2 4.4"),
    ("max_len=\"x\"\n" + R, ""),
    ("request_route { send(\"a\"); send_tcp(1.2.3.4, 5060); append_branch; exit; }\n", "3.2"),
    ("request_route { append_branch(); exit; }\n", "3.2 4.4 5.6 5.7 5.8 6.0"),
    ("request_route { if (selval(1, 2, 3) == 2) exit; }\n", "3.2 4.4 5.6 5.7 5.8 6.0"),
    ("request_route { $var(x) = selval; }\n", ""),
    ("request_route { if (proto == ws) exit; }\n", "4.4 5.6 5.7 5.8 6.0"),
    ("request_route { if (af == ipv4) exit; }\n", "5.6 5.7 5.8 6.0"),
    ("event_route[a:b] { exit; }\n" + R, "3.2 4.4 5.6 5.7 5.8 6.0"),
    ("event_route[a:b:c] { exit; }\n" + R, "4.4 5.6 5.7 5.8 6.0"),
    ("// a comment\n" + R, "4.4 5.6 5.7 5.8 6.0"),
    ("loadmodulex \"tm.so\"\n" + R, "5.6 5.7 5.8 6.0"),
    ("cfgengine \"native\"\n" + R, "5.6 5.7 5.8 6.0"),
    ("#!ifexp 1\n" + R + "#!endif\n", "5.7 5.8 6.0"),
    ("#!ifexp 0\n )( \n#!else\n" + R + "#!endif\n", "5.7 5.8 6.0"),
    ("#!ifexp KAMAILIO_VERSION >= 5007000\n" + R + "#!endif\n", "5.7 5.8 6.0"),
    ("#!ifdef NO\n#!ifexp 1\n#!endif\n )( \n#!endif\n" + R, "5.7 5.8 6.0"),
    ("#!ifdef KAMAILIO_5_6\n" + R + "#!endif\n", "5.6"),
    ("#!defexp N 1 + 2\nchildren=N\n" + R, "5.7 5.8 6.0"),
    ("#!defexps N \"a\" + \"b\"\nlog_name=N\n" + R, "5.7 5.8 6.0"),
    ("#!trydefenv NOT_SET\n" + R, "3.2 4.4 5.6 5.7 5.8 6.0"),
    ("#!defenv NOT_SET\n" + R, "3.2 4.4"),
)  # fmt: skip
TARGETS = ("3.2", "4.4", "5.6", "5.7", "5.8", "6.0")


@pytest.mark.parametrize(("text", "targets"), TAKEN)
def test_targets_that_take_it(text: str, targets: str) -> None:
    taken = [target for target in TARGETS if not codes(target, text)]
    assert taken == targets.split(), [shown(parse(target, text)[1]) for target in TARGETS]


def test_a_construct_of_another_version_says_which() -> None:
    _, (found,) = parse("5.6", 'socket = { bind = udp:127.0.0.1:5060; name = "a"; }\n' + R)
    assert found.code == "K0119"
    assert found.message == "`socket` is known since Kamailio 5.7; --target is 5.6"
    _, (found,) = parse("5.6", "dst_blacklist_init=1\n" + R)
    assert found.message == "`dst_blacklist_init` was known until Kamailio 5.4; --target is 5.6"
    _, (found,) = parse("5.6", 'loadmodule("tm.so")\n' + R)
    assert found.message == "`loadmodule(…)` is known since Kamailio 5.7; --target is 5.6"
    _, (found,) = parse("5.6", "#!defexp A 1\n" + R)
    assert (found.code, found.severity) == ("K0011", "warning")
    assert found.message == "`#!defexp` is known since Kamailio 5.7, a comment in 5.6"


def test_words_by_version() -> None:
    sizes = {target: len(keywords(target)) for target in TARGETS}
    # counted in their cfg.lex, with `and`, `or` and `not`, without include_file and words with `:`
    assert sizes == {"3.2": 333, "4.4": 339, "5.6": 394, "5.7": 410, "5.8": 416, "6.0": 421}
    assert elsewhere("children", "5.6") is None
    assert elsewhere("nosuch", "5.6") is None


def test_what_other_versions_write_is_printed_and_parsed_again() -> None:
    text = (
        'loadmodule("tm", "g")\nsocket = { bind = tcp:a.b:5060-5062; name = "n"; agname = "g";'
        " advertise = udp:c.d:5080; virtual = on; }\nsocket = { ; }\n"
    )
    reading, found = parse("6.0", text + R)
    assert not found, shown(found)
    again, found = parse("6.0", print_file(reading.file))
    assert not found, shown(found)
    assert again.file.items == reading.file.items
    decl = reading.file.items[1]
    assert isinstance(decl, ast.SocketDecl)
    assert (decl.last_port, decl.virtual) == (5062, True)


def test_workers_of_a_socket_is_a_warning() -> None:
    _, found = parse("5.7", "socket = { bind = 127.0.0.1; workers = 4; }\n" + R)
    assert [(d.code, d.severity) for d in found] == [("K0119", "warning")]


MACROS: dict[str, Value] = {"A": "5", "S": "abc", "E": 1.0, "T": "true story"}

EXPRESSIONS: tuple[tuple[str, Value], ...] = (
    ("", 0.0),
    ("1 + 2 * 3", 7.0),
    ("(1 + 2) * 3", 9.0),
    ("2 ** 3 ** 2", 512.0),
    ("2 * 3 ** 2", 18.0),
    ("-2 ** 2", 4.0),
    ("10 - 3 - 2", 5.0),
    ("7 % 4", 3.0),
    ("1 << 4 >> 2", 4.0),
    ("5 & 3 | 8 ^ 1", 8.0),
    ("1 < 2 == 1", 1.0),
    ("!0", 1.0),
    ("!!3", 1.0),
    ("^0", -1.0),
    ("NO", 0.0),
    ("E", 1.0),
    ("A", "5"),
    ("A == 5", 1.0),
    ("5 == A", 1.0),
    ("A + 1", "51"),
    ("1 + A", 6.0),
    ("A > 10", 1.0),
    ("10 < A", 0.0),
    ("S == 'abc'", 1.0),
    ('"a" + "b" + 1', "ab1"),
    ('"a" + 1.5', "a1.5"),
    ("'a\\nb\\'c'", "a\nb'c"),
    ("S && 1", 1.0),
    ("0 && -S", 0.0),
    ("1 || -S", 1.0),
    ("0 || 3", 3.0),
    ("X = 4, X + 1", 5.0),
    ("X = Y = 2", 2.0),
    ("1 # comment", 1.0),
    ("$a", 0.0),
)


@pytest.mark.parametrize(("text", "value"), EXPRESSIONS)
def test_expression(text: str, value: Value) -> None:
    assert evaluate(text, lambda name: MACROS.get(name, 0.0)) == value


@pytest.mark.parametrize(
    "text",
    ["1 +", "1 2", "(1", "1)", "()", "* 2", "1 / 0", "-S", "S * 2", "f(1)", "1.2.3", "1a", '"a',
     "1 = 2", "1 ! 2", "!", "-" * 2000 + "1", "1" + "+1" * 2000, "(" * 3000],
)  # fmt: skip
def test_expression_without_a_value(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, lambda name: MACROS.get(name, 0.0))
    _, found = parse("5.7", f'#!define S "abc"\n#!ifexp {text}\n )( \n#!endif\n{R}')
    assert [(d.code, d.severity) for d in found] == [("K0014", "warning")], shown(found)


def test_truth_and_text_of_values() -> None:
    assert [is_true(value) for value in (0.0, 2.0, "", "0")] == [False, True, False, True]
    values = (3.9, -1.0, "x", float("inf"))
    assert [as_text(value) for value in values] == [
        "3", "18446744073709551615", "x", "9223372036854775808",
    ]  # fmt: skip
