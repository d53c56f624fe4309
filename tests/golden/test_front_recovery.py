"""One mistake, one message; and nothing that a file holds makes the front end fail."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.golden.front import errors, parse, shown
from tests.golden.traps import texts
from tests.helpers.mistakes import KINDS, broken, judged

ROOT = Path(__file__).parents[2]
CONFIGURATIONS = (
    ROOT / "examples/cfg/registrar.cfg",
    ROOT / "tests/golden/programs/calls.cfg",
)
MISSED = {tuple(KINDS): 1}
"""How many of the seeds are missed, by the kinds of mistakes."""

PROXY = """#!KAMAILIO
#!define FLT_ACC 1
debug=2
listen=udp:127.0.0.1:5060
loadmodule "tm.so"
modparam("tm", "fr_timer", 30000)
request_route {
    if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }
    route(WITHIN);
    if (is_method("CANCEL") && uri==myself) {
        if (t_check_trans()) {
            route(RELAY);
        }
        exit;
    }
    setflag(FLT_ACC);
    $var(x) = $rU + "-" + $(ru{uri.host});
    switch ($rm) {
        case "INVITE":
            record_route();
            break;
        default:
            xlog("L_INFO", "other $rm\\n");
    }
    route(RELAY);
}
route[RELAY] {
    if (!t_relay()) {
        sl_reply_error();
    }
    exit;
}
route[WITHIN] {
    if (!has_totag()) return;
    if (loose_route()) {
        route(RELAY);
    } else {
        sl_send_reply("404", "Not here");
    }
    exit;
}
failure_route[MANAGE] {
    if (t_is_canceled()) exit;
}
"""


def test_the_configuration_itself_is_right() -> None:
    _, found = parse(PROXY)
    assert not found, shown(found)


MISTAKES = (
    ("exit;\n    }\n    route(WITHIN)", "exit\n    }\n    route(WITHIN)", "K0105:10"),
    ("route(WITHIN);", "route(WITHIN)", "K0105:12"),
    ("setflag(FLT_ACC);", "setflag(FLT_ACC;", "K0101:19"),
    ("$var(x) = $rU", "$var(x) == $rU", "K0101:20"),
    ('is_method("CANCEL") && uri', 'is_method("CANCEL") uri', "K0101:13"),
    ('case "INVITE":', 'case "INVITE"', "K0101:22"),
    ("if (!t_relay()) {", "if (!t_relay() {", "K0101:31"),
    ("if (loose_route()) {", "if loose_route()) {", "K0101:38"),
    ("} else {\n        sl_send", "} else {{\n        sl_send", "K0101:40"),
    ('modparam("tm", "fr_timer", 30000)', 'modparam("tm" "fr_timer", 30000)', "K0101:6"),
    ("debug=2", "debg=2", "K0101:3"),
    ("failure_route[MANAGE]", "failure_rout[MANAGE]", "K0101:45"),
    ("if (t_is_canceled())", "if (t_is_canceled)", "K0109:46"),
    ("$(ru{uri.host})", "$(ru{uri.host)", "K0108:20"),
    ("$(ru{uri.host})", "$(ru{uri.host}", "K0104:20"),
    ("record_route();", "debug();", "K0106:23"),
    ("setflag(FLT_ACC)", 'setflag("a", 1)', "K0111:19"),
    ("uri==myself", "myself", "K0112:13"),
)


@pytest.mark.parametrize(("right", "wrong", "expected"), MISTAKES)
def test_one_mistake_gives_one_message(right: str, wrong: str, expected: str) -> None:
    assert right in PROXY
    _, found = parse(PROXY.replace(right, wrong, 1))
    assert errors(found) == [expected], shown(found)


def test_many_mistakes_give_as_many_messages_in_order() -> None:
    text = PROXY
    wanted = []
    for right, wrong, expected in (MISTAKES[i] for i in (1, 2, 3, 5, 6, 9, 10)):
        assert right in text
        text = text.replace(right, wrong, 1)
        wanted.append(expected)
    _, found = parse(text)
    assert errors(found) == sorted(wanted, key=lambda e: int(e[6:])), shown(found)


@pytest.mark.parametrize("seed", range(40))
def test_missing_semicolons_give_exactly_as_many_errors(seed: int) -> None:
    """Those before `}` or a new line of statements; `return` may go on there, so not its own."""
    chooser = random.Random(seed)
    places = [m.start() for m in re.finditer(r"(?<!exit)(?<!return)(?<!break);\n", PROXY)]
    chosen = sorted(chooser.sample(places, 5), reverse=True)
    text = PROXY
    for place in chosen:
        text = text[:place] + text[place + 1 :]
    _, found = parse(text)
    lines = sorted(PROXY.count("\n", 0, place) + 1 for place in chosen)
    assert errors(found) == [f"K0105:{line}" for line in lines], shown(found)


def test_missing_brace_is_shown_where_it_opens() -> None:
    text = PROXY.replace("            route(RELAY);\n        }\n", "            route(RELAY);\n", 1)
    _, found = parse(text)
    assert errors(found) == ["K0116:14"], shown(found)


def test_opening_brace_that_is_missing_is_shown_where_it_belongs() -> None:
    text = PROXY.replace("if (loose_route()) {", "if (loose_route())", 1)
    _, found = parse(text)
    assert errors(found) == ["K0116:38"], shown(found)


def test_string_over_several_lines_is_none_that_lacks_its_end() -> None:
    text = PROXY.replace('"Too Many Hops"', '"Too,\n many {\n hops"', 1)
    _, found = parse(text)
    assert not found, shown(found)
    _, found = parse(text.replace("route(WITHIN);", "route(WITHIN)", 1))
    assert errors(found) == ["K0105:14"], shown(found)


FILES = (PROXY, *(path.read_text("utf-8") for path in CONFIGURATIONS))
TOGETHER = ("semicolon", "parenthesis", "stray", "operator", "mistyped", "empty")


@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), TOGETHER, tuple(KINDS)])
def test_as_many_messages_as_mistakes_each_at_its_place(kinds: tuple[str, ...]) -> None:
    """One to seven mistakes: the rate is exact, since the seeds are fixed."""
    missed, count = [], 0
    for seed in range(40):
        chooser = random.Random(seed)
        text, edits = broken(chooser, chooser.choice(FILES), chooser.randrange(1, 8), kinds)
        if not edits:
            continue
        count += 1
        _, found = parse(text)
        lines = [d.span.outer().line for d in found if d.severity == "error" and d.span]
        if not judged(edits, lines):
            missed.append(f"{seed}: {edits}\n{shown(found)}")
    assert count >= 39
    assert len(missed) == MISSED.get(kinds, 0), "\n".join(missed)


def test_quote_that_swallows_the_rest_gives_one_error() -> None:
    text = PROXY.replace('"Too Many Hops"', '"Too Many Hops', 1)
    _, found = parse(text)
    assert errors(found) == ["K0102:9"], shown(found)


def test_what_is_right_is_kept() -> None:
    text = PROXY.replace("route(WITHIN);", "route(WITHIN", 1).replace("debug=2", "debg=2", 1)
    reading, found = parse(text)
    assert len(errors(found)) == 2, shown(found)
    names = [getattr(item, "name", None) for item in reading.file.items]
    assert {"RELAY", "WITHIN", "MANAGE"} <= {name for name in names if isinstance(name, str)}


@pytest.mark.parametrize("seed", range(30))
def test_random_octets(seed: int) -> None:
    chooser = random.Random(seed)
    data = bytes(chooser.randrange(256) for _ in range(chooser.randrange(1, 2000)))
    reading, _ = parse(data)
    assert reading.file is not None


_WORDS = (
    "$ $( ${ ( ) { } [ ] ; , : . / // /* */ # #!ifdef #!else #!endif #!define #!subst \" ' = == "
    "=~ ! !! != && || - + * < > << @ % & | ^ ~ \\ if else switch case default while route "
    "request_route event_route[a:b] modparam loadmodule listen alias 1 10.0.0.1 ::1 0x1f N A a.b "
    "$var(x) $ru \"s\" 's' include_file import_file method uri myself src_ip exit return drop "
    "break force_rport setflag strlen defined (int) (str) not and flags desc kemi"
)
ALPHABET = (*_WORDS.split(" "), "\n", " ", "\t", "\0", "\xff", "\x85", "\xa0")


@pytest.mark.parametrize("seed", range(60))
def test_random_tokens(seed: int) -> None:
    chooser = random.Random(seed)
    words = [
        chooser.choice(ALPHABET) + chooser.choice(("", " ", "\n"))
        for _ in range(chooser.randrange(1, 400))
    ]
    head = chooser.choice(("", '#!define N A N 1\n#!define A "\n', "request_route {\n"))
    _, found = parse((head + "".join(words)).encode("latin-1"))
    shown(found)


@pytest.mark.parametrize("seed", range(60))
def test_mutated_configurations(seed: int) -> None:
    chooser = random.Random(seed)
    source = chooser.choice([PROXY, *(text for _, text in texts())]).encode()
    data = bytearray(source)
    for _ in range(chooser.randrange(1, 12)):
        at = chooser.randrange(len(data) + 1)
        match chooser.randrange(4):
            case 0:
                data[at:at] = bytes([chooser.randrange(256)])
            case 1:
                del data[at : at + chooser.randrange(1, 20)]
            case 2:
                data[at:at] = chooser.choice(ALPHABET).encode("latin-1")
            case _:
                other = chooser.randrange(len(data) + 1)
                data[at:at] = data[other : other + chooser.randrange(60)]
    _, found = parse(bytes(data))
    shown(found)


@pytest.mark.parametrize("text", [PROXY, *(text for _, text in texts()[::7])])
def test_every_prefix(text: str) -> None:
    data = text.encode()
    for end in range(0, len(data), max(1, len(data) // 60)):
        parse(data[:end])


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    for opening in ("(", "!", "if (1) {", "-", "(int)", "{", "$var(x) + ", "a(", "f(1) + ("):
        _, found = parse("request_route { if (" + opening * 5000 + "1) exit; }")
        assert errors(found), opening


def test_long_chains_of_conditions_and_values_parse() -> None:
    chain = "if (1) exit; " + "else if (2) exit; " * 100
    sums = " + ".join(["$var(x)"] * 900)
    _, found = parse(f"request_route {{ {chain} $var(y) = {sums}; }}")
    assert not errors(found), shown(found)


def test_macros_that_would_fill_memory_are_refused() -> None:
    defines = "#!define A0 1\n" + "".join(
        f"#!define A{n} {' '.join([f'A{n - 1}'] * 10)}\n" for n in range(1, 12)
    )
    _, found = parse(defines + "request_route { if (A11) exit; }")
    assert "K0007" in {d.code for d in found}


def test_variables_without_an_end_on_one_line_are_bounded() -> None:
    _, found = parse("request_route { " + "$(avp(a)[ " * 50_000)
    codes = [d.code for d in found]
    assert codes.count("K0104") == 21


def test_work_is_linear_in_the_size() -> None:
    """Counted, not timed: tokens of a file of n routes are n times those of one."""
    one, _ = parse('route[A] { if ($rU == "x") exit; }\n')
    many, found = parse("".join(f'route[A{n}] {{ if ($rU == "x") exit; }}\n' for n in range(2000)))
    assert not errors(found)
    assert len(many.tokens) - 1 == 2000 * (len(one.tokens) - 1)


def test_an_escaped_newline_is_no_swallowed_line() -> None:
    text = 'debug=<\nrequest_route { xlog("a (IP)\\n"); xlog("b;\\n"); exit; }\n'
    assert errors(parse(text)[1]) == ["K0101:1"]


@pytest.mark.parametrize("at", ["    route(WITHIN);\n", "debug=2\n", "            break;\n"])
def test_a_missing_endif_is_one_mistake(at: str) -> None:
    text = PROXY.replace(at, f"#!ifdef NOT_SET\n{at}", 1)
    line = text.partition("#!ifdef")[0].count("\n") + 1
    assert errors(parse(text)[1]) == [f"K0006:{line}"]
