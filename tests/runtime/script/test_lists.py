"""AVPs and xavps, and that they survive being packed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.declare.listnames import XavpPath, xavp_path
from runtime.script.avp import AvpList, avp_name
from runtime.script.xavp import XavpList

NUMBERS = st.integers(-0x80000000, 0x7FFFFFFF)
SCALARS = st.one_of(NUMBERS, st.binary(max_size=20))


def test_newest_first() -> None:
    avps = AvpList()
    avps.add(b"a", 1)
    avps.add(b"a", b"two")
    assert (avps.get(b"a"), avps.get(b"a", 1), avps.get(b"a", 2)) == (b"two", 1, None)
    assert (avps.get(b"a", -2), avps.get(b"a", -1)) == (b"two", None)
    assert avps.all(b"a") == [b"two", 1]
    avps.delete(b"a")
    assert avps.all(b"a") == [1] and len(avps) == 1
    avps.replace(b"a", 5)
    avps.add(b"a", 6)
    avps.delete(b"a", every=True)
    assert avps.names() == [] and avps.get(b"a") is None


def test_names() -> None:
    assert avp_name(b"x") == avp_name(b"s:x") == b"x"
    assert avp_name(b"i:10") == 10
    for wrong in (b"", b"s:", b"i:x"):
        with pytest.raises(ValueError):
            avp_name(wrong)


@given(st.lists(st.tuples(SCALARS, SCALARS)))
def test_avps_packed(pairs: list[tuple[bytes | int, bytes | int]]) -> None:
    avps = AvpList()
    for name, value in pairs:
        avps.add(name, value)
    again = AvpList.unpack(avps.pack())
    assert [(n, again.all(n)) for n in again.names()] == [(n, avps.all(n)) for n in avps.names()]


@given(st.binary(max_size=60))
def test_damaged_octets_raise_only_value_error(data: bytes) -> None:
    for kind in (AvpList, XavpList):
        with suppress(ValueError):
            kind.unpack(data)


def test_xavp_paths() -> None:
    assert xavp_path(b"a") == XavpPath(b"a")
    assert xavp_path(b"a[1]=>b[-2]") == XavpPath(b"a", 1, b"b", -2)
    assert xavp_path(b"a=>b[*]") == XavpPath(b"a", None, b"b", "*")
    assert xavp_path(b"a =>b c") == XavpPath(b"a", None, b"b")
    for wrong in (b"", b"a[", b"a=>", b"a=b", b"a[x]"):
        with pytest.raises(ValueError):
            xavp_path(wrong)


def test_xavps_packed() -> None:
    inner, outer = XavpList(), XavpList()
    inner.add(b"field", 1)
    inner.add(b"field", b"x")
    outer.add(b"root", inner)
    outer.add(b"root", None)
    outer.add(b"plain", -5)
    again = XavpList.unpack(outer.pack())
    assert again.get(b"root") is None and again.get(b"plain") == -5
    found = again.get(b"root", 1)
    assert isinstance(found, XavpList) and found.all(b"field") == [b"x", 1]
    assert again.delete(b"root", 0) and again.count(b"root") == 1
    assert again.set(b"plain", 0, 6) and again.get(b"plain") == 6
    assert not again.delete(b"root", 7) and again.delete(b"root") and again.names() == [b"plain"]
