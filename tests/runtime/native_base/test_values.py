"""Counters, run-time variables, fault points, regular expressions."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from runtime.native import cfgvar, fault, stats
from runtime.native.regex import Regex
from tests.runtime.native_base.alone import alone
from tests.runtime.native_base.fleet import Fleet


def counters() -> None:
    """Counts of all processes add up, of dead ones too; a reset starts from 0 for all."""
    fleet = Fleet(4)
    one, other = stats.register("test", "one"), stats.register("test", "other")
    assert stats.register("test", "one") == one
    assert [name for name in stats.names() if name[0] == "test"] == [
        ("test", "one"),
        ("test", "other"),
    ]
    stats.add(one)

    def life() -> None:
        for _ in range(1000):
            stats.add(one)
        stats.add(other, -5)
        os.kill(os.getpid(), signal.SIGKILL)

    for _ in range(2):
        for slot in (1, 2, 3):
            fleet.fork(slot, life)
        fleet.wait()
    assert (stats.get(one), stats.get(other)) == (6001, -30)
    stats.reset(one)
    assert stats.get(one) == 0
    stats.add(one, 2)
    assert (stats.get(one), stats.get(other)) == (2, -30)
    assert stats.get(-1) == stats.get(99_999) == 0
    stats.add(99_999)


def variables() -> None:
    """A variable set by one process is seen by the others, as number or text."""
    fleet = Fleet(4)
    number = cfgvar.register("test", "number", 7)
    text = cfgvar.register("test", "text", b"first")
    assert cfgvar.register("test", "number", 8) == number and cfgvar.get(number) == 7
    assert (cfgvar.find("test", "text"), cfgvar.find("test", "none")) == (text, -1)

    def life() -> None:
        cfgvar.set(number, -(1 << 40))
        cfgvar.set(text, b"second\\0half")

    fleet.fork(1, life)
    fleet.wait()
    assert (cfgvar.get(number), cfgvar.get(text)) == (-(1 << 40), b"second\\0half")
    with pytest.raises(KeyError):
        cfgvar.get(99)
    with pytest.raises(KeyError):
        cfgvar.set(-1, 1)
    with pytest.raises(ValueError):
        cfgvar.set(text, bytes(8193))
    with pytest.raises(TypeError):
        cfgvar.set(number, b"1")
    with pytest.raises(TypeError):
        cfgvar.set(text, 1)
    with pytest.raises(OverflowError):
        cfgvar.set(number, 1 << 80)
    assert cfgvar.get(text) == b"second\\0half"


def faults() -> None:
    """One process dies at an armed point, after the passes to skip, and no second one."""
    with pytest.raises(KeyError):
        fault.arm("test.none")
    point = fault.point("test.point")
    with pytest.raises(RuntimeError):
        fault.arm("test.point")
    fault.hit(point)
    fleet = Fleet(4)

    def life() -> None:
        for _ in range(10):
            fault.hit(point)

    assert fault.armed() is None and "test.point" in fault.points()
    fault.arm("test.point", 30)
    assert fault.armed() == "test.point"
    for slot in (1, 2, 3, 4):
        fleet.fork(slot, life)
    assert sorted(fleet.wait().values()) == [0, 0, 0, signal.SIGKILL]
    fault.hit(point)


@pytest.mark.parametrize("scene", [counters, variables, faults])
def test_values(scene: Callable[[], None]) -> None:
    alone(scene)


def test_matching_is_that_of_libc() -> None:
    assert Regex(b"^SIP:").match(b"sip:alice@example.org")
    assert not Regex(b"^SIP:", icase=False).match(b"sip:alice")
    assert Regex(b"^b").match(b"a\nb")
    assert not Regex(b"^b", newline=False).match(b"a\nb")
    assert Regex(b"(a+)(x)?b").groups(b"caab") == (b"aab", b"aa", None)
    assert Regex(b"a|ab").search(b"zab") == ((1, 3),), "POSIX: the longest"
    assert Regex(b"a").search(b"aba", 1) == ((2, 3),)
    assert Regex(b"^a").search(b"aa", 1, notbol=True) is None
    assert Regex(b"a").search(b"a", 2) is None


def test_texts_end_at_a_nul() -> None:
    assert not Regex(b"b").match(b"a\0b")
    assert Regex(b"a\0b").match(b"xa")


@pytest.mark.parametrize("pattern", [b"(", b"[", b"a{2", b"*\\", b"[[:none:]]"])
def test_bad_patterns_say_why(pattern: bytes) -> None:
    with pytest.raises(ValueError, match="bad regular expression"):
        Regex(pattern)


def test_no_pattern_harms() -> None:
    for n in range(256):
        for text in (bytes([n]), bytes([n, 42, n]), b"(" + bytes([n]) + b")\\1"):
            try:
                Regex(text).groups(bytes(range(256)))
            except ValueError:
                continue
