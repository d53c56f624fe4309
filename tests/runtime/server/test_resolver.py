"""Locating servers, with the DNS answers made by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from runtime.dns.hosts import Hosts, read_hosts
from runtime.dns.resolver import PROTO_TCP, PROTO_UDP, DnsParams, SipResolver


@dataclass
class Zone:
    """Records by (name, type), and the questions that were asked."""

    records: dict[tuple[str, str], list[str]]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, name: str, kind: str) -> tuple[list[str], float] | None:
        self.asked.append((name, kind))
        rows = self.records.get((name, kind))
        return None if rows is None else (rows, 30.0)


def resolver(
    zone: Zone, params: DnsParams | None = None, hosts: Hosts | None = None
) -> SipResolver:
    found = SipResolver(params or DnsParams(), hosts or Hosts())
    found.query = zone
    return found


def test_a_port_means_addresses_only() -> None:
    zone = Zone({("a.org", "A"): ["192.0.2.1"]})
    assert resolver(zone).lookup(b"a.org", 5070, 0) == (b"192.0.2.1", 5070, PROTO_UDP)
    assert zone.asked == [("a.org", "A")]


def test_srv_before_addresses_by_priority_and_weight() -> None:
    zone = Zone(
        {
            ("_sip._udp.a.org", "SRV"): [
                "20 0 5062 c.a.org.",
                "10 5 5060 x.a.org.",
                "10 9 5061 b.a.org.",
            ],
            ("b.a.org", "A"): ["192.0.2.2"],
            ("c.a.org", "A"): ["192.0.2.3"],
        }
    )
    assert resolver(zone).lookup(b"A.org.", 0, 0) == (b"192.0.2.2", 5061, PROTO_UDP)


def test_a_target_without_address_gives_way_to_the_next() -> None:
    zone = Zone(
        {
            ("_sip._tcp.a.org", "SRV"): ["10 0 5060 gone.a.org.", "20 0 5062 c.a.org."],
            ("c.a.org", "A"): ["192.0.2.3"],
        }
    )
    assert resolver(zone).lookup(b"a.org", 0, PROTO_TCP) == (b"192.0.2.3", 5062, PROTO_TCP)


def test_naptr_chooses_the_protocol_by_preference() -> None:
    zone = Zone(
        {
            ("a.org", "NAPTR"): [
                '10 10 "s" "SIP+D2U" "" _sip._udp.a.org.',
                '20 10 "s" "SIP+D2T" "" _sip._tcp.a.org.',
            ],
            ("_sip._udp.a.org", "SRV"): ["1 0 5060 u.a.org."],
            ("_sip._tcp.a.org", "SRV"): ["1 0 5060 t.a.org."],
            ("u.a.org", "A"): ["192.0.2.4"],
            ("t.a.org", "A"): ["192.0.2.5"],
        }
    )
    params = DnsParams(try_naptr=True, preference=((PROTO_UDP, 10), (PROTO_TCP, 30)))
    assert resolver(zone, params).lookup(b"a.org", 0, 0) == (b"192.0.2.5", 5060, PROTO_TCP)
    assert resolver(zone).lookup(b"a.org", 0, 0) == (b"192.0.2.4", 5060, PROTO_UDP)


def test_ipv6_where_there_is_no_ipv4() -> None:
    zone = Zone({("a.org", "AAAA"): ["2001:db8::1"]})
    assert resolver(zone).lookup(b"a.org", 5060, 0) == (b"2001:db8::1", 5060, PROTO_UDP)
    assert resolver(zone, DnsParams(try_ipv6=False)).lookup(b"a.org", 5060, 0) is None


def test_answers_are_kept_for_their_time_and_no_longer() -> None:
    zone = Zone({("a.org", "A"): ["192.0.2.1"]})
    now = [0.0]
    found = resolver(zone)
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731
    found.clock = clock
    found.lookup(b"a.org", 5060, 0)
    now[0] = 29.0
    found.lookup(b"a.org", 5060, 0)
    assert len(zone.asked) == 1
    now[0] = 31.0
    found.lookup(b"a.org", 5060, 0)
    assert len(zone.asked) == 2


def test_the_hosts_file_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("127.0.0.1 localhost l2 # me\n\nbad line here\n::1 localhost\n10.0.0.1\n")
    hosts = read_hosts(str(path))
    assert hosts.addresses["localhost"] == ("127.0.0.1", "::1")
    assert hosts.names["127.0.0.1"] == ("localhost", "l2")
    zone = Zone({})
    found = resolver(zone, hosts=hosts)
    assert found.lookup(b"LOCALHOST", 0, 0) == (b"127.0.0.1", 5060, PROTO_UDP)
    assert zone.asked == []
    assert read_hosts(str(tmp_path / "none")) == Hosts()


def test_names_that_are_none() -> None:
    zone = Zone({})
    for name in (b"", b".", b"\xff\xfe", b"a" * 300):
        assert resolver(zone).lookup(name, 0, 0) is None
    assert zone.asked == []
