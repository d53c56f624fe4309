"""What a route does to a message: r-URI, branches, flags, sockets, "myself"."""

import pytest

from runtime.native import dset, net, sipmsg
from tests.runtime.sip.samples import invite, reply


def request(uri: bytes = b"sip:alice@example.com:5080;transport=tcp?h=1") -> sipmsg.SipMsg:
    msg = sipmsg.parse(invite(uri=uri))
    assert msg is not None
    return msg


@pytest.mark.parametrize(
    ("edit", "result"),
    [
        (lambda m: m.rewrite_user(b"bob"), b"sip:bob@example.com:5080;transport=tcp?h=1"),
        (lambda m: m.rewrite_user(b""), b"sip:example.com:5080;transport=tcp?h=1"),
        (lambda m: m.rewrite_userpass(b"b:c"), b"sip:b:c@example.com:5080;transport=tcp?h=1"),
        (lambda m: m.rewrite_host(b"x"), b"sip:alice@x:5080;transport=tcp?h=1"),
        (lambda m: m.rewrite_hostport(b"x:1"), b"sip:alice@x:1;transport=tcp?h=1"),
        (lambda m: m.rewrite_hostporttrans(b"x:1"), b"sip:alice@x:1?h=1"),
        (lambda m: m.rewrite_hostall(b"x;y"), b"sip:alice@x;y"),
        (lambda m: m.rewrite_port(b"9"), b"sip:alice@example.com:9;transport=tcp?h=1"),
        (lambda m: m.rewrite_port(b""), b"sip:alice@example.com;transport=tcp?h=1"),
        (lambda m: m.prefix(b"00"), b"sip:00alice@example.com:5080;transport=tcp?h=1"),
        (lambda m: m.strip(2), b"sip:ice@example.com:5080;transport=tcp?h=1"),
        (lambda m: m.strip(9), b"sip:example.com:5080;transport=tcp?h=1"),
        (lambda m: m.strip_tail(2), b"sip:ali@example.com:5080;transport=tcp?h=1"),
        (lambda m: m.userphone(), b"sip:alice@example.com:5080;transport=tcp;user=phone?h=1"),
        (lambda m: m.rewrite_uri(b"tel:1"), b"tel:1"),
    ],
)
def test_ruri_edits(edit, result: bytes) -> None:  # type: ignore[no-untyped-def]
    msg = request()
    assert edit(msg) == 1
    assert msg.ruri == result
    assert msg.orig_uri == b"sip:alice@example.com:5080;transport=tcp?h=1"
    assert msg.revert_uri() == 1
    assert msg.ruri == msg.orig_uri


def test_tel_uri_becomes_sip_with_a_host() -> None:
    msg = request(b"tel:+12;x=y")
    assert msg.rewrite_port(b"5") == -1
    assert msg.rewrite_host(b"gw") == 1
    assert msg.ruri == b"sip:+12;x=y@gw;user=phone"


def test_ruri_attributes() -> None:
    msg = request()
    msg.ruri_user = b"u"
    msg.ruri_domain = b"d"
    msg.ruri_port = 77
    assert (msg.ruri, msg.ruri_port, msg.ruri_proto) == (
        b"sip:u@d:77;transport=tcp?h=1",
        b"77",
        b"tcp",
    )
    msg.ruri_port = None
    msg.ruri_user = None
    assert (msg.ruri, msg.ruri_user, msg.ruri_port) == (
        b"sip:d;transport=tcp?h=1",
        None,
        b"5060",
    )
    msg.ruri_domain = None
    assert msg.ruri_domain == b"d"


def test_refused_edits_change_nothing() -> None:
    msg = request(b"nonsense")
    assert msg.ruri is None
    assert msg.rewrite_user(b"x") == -1
    assert msg.rewrite_uri(b"sip:" + b"a" * 2000 + b"@b") == 1
    assert msg.rewrite_user(b"x" * 1500) == -1
    answer = sipmsg.parse(reply())
    assert answer is not None
    answer.ruri = b"sip:x@y"
    assert answer.ruri is None


def test_destination() -> None:
    msg = request()
    msg.dst_uri = b"sip:1.2.3.4;transport=tls"
    assert (msg.dst_domain, msg.dst_port, msg.dst_proto) == (b"1.2.3.4", b"5061", b"tls")
    msg.dst_uri = None
    assert (msg.dst_uri, msg.dst_domain) == (None, None)


def test_branches() -> None:
    msg = request()
    msg.dst_uri = b"sip:9.9.9.9"
    msg.setbflag(3)
    assert msg.append_branch() == 1
    assert msg.append_branch(b"sip:second@x", 500) == 1
    assert msg.branch_count == 2
    assert msg.branch(0)[:5] == (msg.ruri, b"sip:9.9.9.9", None, -1, 8)
    assert msg.branch(-1)[:5] == (b"sip:second@x", None, None, 500, 0)
    assert msg.set_branch(1, b"dst_uri", b"sip:z") and msg.set_branch(1, b"q", 1)
    assert not msg.set_branch(5, b"q", 1)
    assert msg.branch(1)[:4] == (b"sip:second@x", b"sip:z", None, 1)
    assert msg.setbflag(0, 2) == 1
    assert (msg.isbflagset(0, 2), msg.isbflagset(0, 1), msg.isbflagset(0, 9)) == (1, -1, -1)
    msg.drop_branch(0)
    assert msg.branch(0)[0] == b"sip:second@x"
    msg.clear_branches()
    assert msg.branch_count == 0


def test_branches_have_a_limit() -> None:
    msg = request()
    assert [msg.append_branch(b"sip:a@b") for _ in range(12)] == [1] * 11 + [-1]
    with pytest.raises(ValueError, match="max_branches"):
        dset.set_max_branches(99)


def test_flags() -> None:
    msg = request()
    assert (msg.setflag(31), msg.isflagset(31), msg.isflagset(0)) == (1, 1, -1)
    assert msg.flags == -(2**31)
    msg.flags = 5
    assert msg.resetflag(0) == 1
    assert msg.flags == 4
    msg.flags = None
    assert msg.flags == 0


def test_methods_by_mask() -> None:
    msg = request()
    assert msg.is_method(1 | 8) and not msg.is_method(2)
    answer = sipmsg.parse(reply())
    assert answer is not None and answer.is_method(1)


@pytest.mark.parametrize(
    ("uri", "mine"),
    [
        (b"sip:a@example.com", True),
        (b"sip:a@EXAMPLE.com:1", True),
        (b"sip:127.0.0.1:5070", True),
        (b"sip:127.0.0.1", False),
        (b"sip:a@[::1]", True),
        (b"sip:a@[0:0::1]:5060", True),
        (b"sip:other.net", False),
        (b"tel:1", False),
    ],
)
def test_myself(uri: bytes, mine: bool) -> None:
    assert request(uri).is_myself_uri() is mine


def test_more_names_of_myself() -> None:
    msg = request(b"sip:a@domain.in.db:5061")
    assert not msg.is_myself_uri()
    asked = []

    def lookup(host: bytes, port: int, proto: int) -> bool:
        asked.append((host, port, proto))
        return host == b"domain.in.db"

    net.add_check_self(lookup)
    assert msg.is_myself_uri()
    assert asked == [(b"domain.in.db", 5061, 0)]


def test_forced_sockets() -> None:
    msg = request()
    assert msg.force_send_socket(b"tcp:127.0.0.1:5070") == 1
    assert msg.force_sock == b"tcp:127.0.0.1:5070"
    assert msg.force_send_socket(b"udp:1.2.3.4:5060") == -1
    msg.force_sock = b"udp:[::1]:5060"
    assert msg.force_sock == b"udp:[0:0:0:0:0:0:0:1]:5060"
    msg.force_sock = None
    assert msg.force_sock is None


def test_socket_table() -> None:
    assert [row[:4] for row in net.socket_list()] == [
        (0, 1, b"127.0.0.1", 5070),
        (1, 2, b"127.0.0.1", 5070),
        (2, 1, b"0:0:0:0:0:0:0:1", 5060),
    ]
    assert net.alias_list() == [(b"example.com", 0, 0)]
    assert net.normal_address(b"[2001:db8::1]") == b"2001:db8:0:0:0:0:0:1"
    assert net.normal_address(b"name") is None
    with pytest.raises(ValueError, match="numeric"):
        net.add_socket(1, b"localhost", 5060)
    with pytest.raises(ValueError, match="unknown protocol"):
        net.proto_number(b"x25")
