"""ipops: answers of DNS, made by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.modules.ipops import addresses
from runtime.modules.ipops.queries import Answers, Srv, by_weight

NAPTR = (
    '20 10 "s" "SIP+D2U" "" _sip._udp.example.org.',
    '10 50 "u" "E2U+sip" "!^.*$!sip:info@example.org!" .',
    '10 20 "s" "SIP+D2T" "" _sip._tcp.example.org.',
)


def test_naptr_records_are_in_order() -> None:
    answers = Answers()
    answers.store_naptr(b"q", NAPTR)
    assert answers.naptr(b"q=>count") == 3
    assert [answers.naptr(b"q=>pref[%d]" % n) for n in range(3)] == [20, 50, 10]
    assert answers.naptr(b"q=>replace[0]") == b"_sip._tcp.example.org"
    assert answers.naptr(b"q=>regex[1]") == b"!^.*$!sip:info@example.org!"
    assert answers.naptr(b"q=>order[-1]") == 20
    assert answers.naptr(b"q=>order[3]") is None
    assert answers.naptr(b"none=>count") == 0


def test_srv_records_are_by_priority() -> None:
    answers = Answers()
    answers.store_srv(b"q", ("20 0 5062 c.org.", "10 5 5060 a.org.", "10 5 5061 b.org."))
    assert answers.srv(b"q=>count") == 3
    assert {answers.srv(b"q=>target[%d]" % n) for n in range(2)} == {b"a.org", b"b.org"}
    assert answers.srv(b"q=>port[2]") == 5062
    assert answers.srv(b" q => weight [ 2 ] ") == 0
    answers.store_srv(b"q", ())
    assert answers.srv(b"q=>port[0]") is None


def test_records_of_no_weight_are_kept() -> None:
    rows = [Srv(1, 0, port, b"") for port in range(5)] + [Srv(2, 0, 9, b"")]
    assert sorted(by_weight(rows), key=lambda row: row.port) == rows


@given(st.binary(max_size=60))
def test_no_text_breaks_the_parsers(text: bytes) -> None:
    assert addresses.kind(text) in range(4)
    assert addresses.is_private(text) in (True, False)
    for found in (addresses.v4_type(text), addresses.v6_type(text)):
        assert found is None or found.decode().isascii()
    assert addresses.Subnets(bytes(4), addresses.IPV4).has(text) in (True, False)
