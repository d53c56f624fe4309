"""Every trap of the language, against what is known and against Kamailio itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kcc.diagnostics.reporter import Reporter
from kcc.grammar.parse import parse_file
from kcc.syntax.printer import print_file
from tests.golden.front import KAMAILIO, ORACLE_REQUIRED, errors, kamailio_takes, parse, shown
from tests.golden.traps import texts

STOCK = Path("/etc/kamailio/kamailio.cfg")

needs_kamailio = pytest.mark.skipif(
    KAMAILIO is None and not ORACLE_REQUIRED, reason="kamailio is not installed"
)
needs_stock = pytest.mark.skipif(
    not STOCK.exists() and not ORACLE_REQUIRED, reason="no stock kamailio.cfg here"
)


@pytest.mark.parametrize(("taken", "text"), texts())
def test_trap(taken: bool, text: str) -> None:
    _, found = parse(text)
    assert (not errors(found)) == taken, shown(found)


@needs_kamailio
@pytest.mark.parametrize(("taken", "text"), texts())
def test_trap_as_kamailio_has_it(taken: bool, text: str) -> None:
    accepted, output = kamailio_takes(text.encode())
    assert accepted == taken, output


@pytest.mark.parametrize("text", [text for taken, text in texts() if taken])
def test_printed_text_parses_to_the_same_tree(text: str) -> None:
    reading, _ = parse(text)
    printed = print_file(reading.file)
    again, found = parse(printed.encode("latin-1"))
    assert not errors(found), shown(found)
    assert again.file.items == reading.file.items


def _names() -> list[str]:
    if not STOCK.exists():
        return []
    return sorted(set(re.findall(r"WITH_[A-Z0-9]+", STOCK.read_text("utf-8"))))


def _sets() -> list[tuple[str, ...]]:
    names = _names()
    return [(), *((name,) for name in names), tuple(names)]


@needs_stock
@pytest.mark.parametrize("defines", _sets())
def test_stock_configuration_parses_under_every_define(defines: tuple[str, ...]) -> None:
    """DBURL is undefined in some sets: a bare word, where Kamailio sees it too."""
    reporter = Reporter()
    parse_file(str(STOCK), dict.fromkeys(defines), reporter)
    broken = errors(reporter.diagnostics)
    assert KAMAILIO is not None
    options = [option for name in defines for option in ("-A", name)]
    accepted, output = kamailio_takes(STOCK.read_bytes(), *options)
    if accepted:
        assert broken == [], shown(reporter.diagnostics)
    else:
        first = re.search(r"line (\d+)", output)
        lines = [int(entry.partition(":")[2]) for entry in broken]
        assert first is not None
        assert int(first[1]) in lines or not syntax_only(output), output


def syntax_only(output: str) -> bool:
    """Whether the first complaint is one of the grammar, not of a module or function."""
    return "syntax error" in output.split("CRITICAL")[1] if "CRITICAL" in output else False


@needs_stock
def test_stock_configuration_prints_and_parses_again() -> None:
    for defines in ((), tuple(_names())):
        reporter = Reporter()
        file = parse_file(str(STOCK), dict.fromkeys(defines), reporter)
        again, found = parse(print_file(file).encode("latin-1"))
        assert not errors(found), shown(found)
        assert again.file.items == file.items


def test_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.cfg", tmp_path, Path(os.devnull)):
        reporter = Reporter()
        assert parse_file(str(path), {}, reporter).items == ()
        assert [d.code for d in reporter.diagnostics] == ["K0001"]
        assert reporter.diagnostics[0].path == str(path)
