"""Record-Route, loose routing, Max-Forwards, sanity (modules rr, maxfwd, sanity)."""

import pytest

from runtime.native import maxfwd, rr, rr_record, sanity, sipmsg
from tests.runtime.sip.samples import invite

PLAIN = {"enable_full_lr": False, "ignore_sips_uris": False, "sockname": False}
IN_DIALOG = b"Bob <sip:bob@example.com>;tag=77"


@pytest.fixture(autouse=True)
def defaults() -> None:
    rr.configure(enable_double_rr=True, force_send_socket=False, sockname=False)
    rr_record.configure(enable_double_rr=1, **PLAIN)


def request(
    more: bytes = b"", to: bytes = IN_DIALOG, uri: bytes = b"sip:bob@9.9.9.9", **parts: bytes
) -> sipmsg.SipMsg:
    msg = sipmsg.parse(invite(more=more, to=to, uri=uri, **parts), src=(b"10.0.0.1", 5070))
    assert msg is not None
    return msg


def record(msg: sipmsg.SipMsg, params: bytes = b"") -> int:
    return rr_record.add_record_route(msg, b"", True, False, params, True)


def headers(out: bytes | None, name: bytes) -> list[bytes]:
    assert out is not None
    return [line[len(name) + 2 :] for line in out.split(b"\r\n") if line.startswith(name + b": ")]


OLD = b"<sip:1.1.1.1;lr>"


def test_one_header_where_the_socket_stays() -> None:
    msg = request()
    assert record(msg) == 1
    assert record(msg) == -1
    out = sipmsg.build_request(msg)
    assert headers(out, b"Record-Route") == [b"<sip:127.0.0.1:5070;lr;ftag=19>", OLD]


def test_two_headers_where_the_protocol_changes() -> None:
    msg = request()
    assert rr_record.add_param(msg, b";before=1") == 1
    assert record(msg, b";x=y") == 1
    assert rr_record.add_param(msg, b";after=1") == 1
    assert headers(sipmsg.build_request(msg, proto=2, socket=1), b"Record-Route") == [
        b"<sip:127.0.0.1:5070;transport=tcp;r2=on;lr;ftag=19;x=y;before=1;after=1>",
        b"<sip:127.0.0.1:5070;r2=on;lr;ftag=19;x=y;before=1;after=1>",
        OLD,
    ]


def test_double_rr_off_and_always() -> None:
    rr_record.configure(enable_double_rr=0, **PLAIN)
    msg = request()
    record(msg)
    out = sipmsg.build_request(msg, proto=2, socket=1)
    assert headers(out, b"Record-Route") == [b"<sip:127.0.0.1:5070;lr;ftag=19>", OLD]
    rr_record.configure(enable_double_rr=2, **PLAIN)
    msg = request()
    record(msg)
    assert len(headers(sipmsg.build_request(msg), b"Record-Route")) == 3


def test_presets_and_removal() -> None:
    msg = request()
    assert rr_record.add_preset(msg, b"", True, [b"a:1", b"b:2"]) == 1
    out = sipmsg.build_request(msg)
    assert headers(out, b"Record-Route")[:2] == [b"<sip:a:1;ftag=19;lr>", b"<sip:b:2;ftag=19;lr>"]
    assert rr_record.remove_record_route(msg) == 1
    assert headers(sipmsg.build_request(msg), b"Record-Route") == [OLD]


def follow(more: bytes, **parts: bytes) -> tuple[int, sipmsg.SipMsg, list[bytes]]:
    msg = request(more, **parts)
    code, _ = rr.follow(msg)
    return code, msg, headers(sipmsg.build_request(msg), b"Route")


def test_our_route_is_taken_off() -> None:
    code, msg, left = follow(b"Route: <sip:127.0.0.1:5070;lr;ftag=19>, <sip:8.8.8.8;lr>\r\n")
    assert (code, msg.dst_uri, left) == (1, b"sip:8.8.8.8;lr", [b"<sip:8.8.8.8;lr>"])
    assert rr.next_hop_route(msg)
    assert not rr.upstream(msg)
    assert rr.route_params(msg) == b";lr;ftag=19"


def test_both_entries_of_double_record_route() -> None:
    route = (
        b"Route: <sip:127.0.0.1:5070;r2=on;lr>\r\n"
        b"Route: <sip:127.0.0.1:5070;transport=tcp;r2=on;lr>,<sip:8.8.8.8;lr>\r\n"
    )
    code, msg, left = follow(route)
    assert (code, msg.dst_uri, left) == (1, b"sip:8.8.8.8;lr", [b"<sip:8.8.8.8;lr>"])
    assert msg.force_sock == b"tcp:127.0.0.1:5070"


def test_last_route() -> None:
    code, msg, left = follow(b"Route: <sip:127.0.0.1:5070;lr;ftag=other>\r\n")
    assert (code, msg.dst_uri, left) == (1, None, [])
    assert rr.upstream(msg)
    assert not rr.next_hop_route(msg)


def test_preloaded_route() -> None:
    code, _, left = follow(b"Route: <sip:127.0.0.1:5070;lr>\r\n", to=b"<sip:bob@x>")
    assert (code, left) == (-3, [])


def test_strict_next_hop_gets_the_ruri_as_last_route() -> None:
    code, msg, left = follow(b"Route: <sip:8.8.8.8;x=y>,<sip:7.7.7.7;lr>\r\n")
    assert (code, msg.ruri, msg.dst_uri) == (1, b"sip:8.8.8.8;x=y", None)
    assert left == [b"<sip:7.7.7.7;lr>", b"<sip:bob@9.9.9.9>"]


def test_strict_previous_hop() -> None:
    code, msg, left = follow(
        b"Route: <sip:8.8.8.8;lr>,<sip:bob@7.7.7.7>\r\n", uri=b"sip:127.0.0.1:5070;lr"
    )
    assert (code, msg.ruri, msg.dst_uri) == (1, b"sip:bob@7.7.7.7", b"sip:8.8.8.8;lr")
    assert left == [b"<sip:8.8.8.8;lr>"]


@pytest.mark.parametrize("route", [b"", b"Route: sip:8.8.8.8\r\n", b"Route: <tel:12;lr>\r\n"])
def test_no_usable_route(route: bytes) -> None:
    msg = request(route)
    code, params = rr.follow(msg)
    assert params == b""
    assert code == (1 if b"tel" in route else -1)


@pytest.mark.parametrize(
    ("value", "code", "after"),
    [
        (b"70", 1, b"69"),
        (b"10", 1, b" 9"),
        (b"1", 1, b"0"),
        (b"0", -1, b"0"),
        (b"255", 1, b" 70"),
        (b"abc", -2, b"abc"),
    ],
)
def test_max_forwards(value: bytes, code: int, after: bytes) -> None:
    msg = request(mf=value)
    assert maxfwd.process(msg, 10, 70) == code
    assert headers(sipmsg.build_request(msg), b"Max-Forwards") == [after]


def test_max_forwards_is_added() -> None:
    data = invite().replace(b"Max-Forwards: 70\r\n", b"")
    msg = sipmsg.parse(data)
    assert msg is not None
    assert maxfwd.less_than(msg, 10) == -2
    assert maxfwd.process(msg, 10, 70) == 2
    assert headers(sipmsg.build_request(msg), b"Max-Forwards") == [b"10"]
    assert maxfwd.process(msg, 300, 70) == -1


STOCK = 17895, 7


def test_sane() -> None:
    assert sanity.check(request(), *STOCK, b"") is None


@pytest.mark.parametrize(
    ("parts", "checks", "verdict"),
    [
        ({"more": b"Expires: x\r\n"}, 256, (400, b"Expires value is illegal")),
        ({"more": b"Proxy-Require: foo, bar\r\n"}, 512, (420, b"Bad Proxy Require Extension")),
        ({"uri": b"nonsense"}, 2, (400, b"Bad Request URI")),
        ({"from_": b"<nonsense>;tag=1"}, 1024, (400, b"Invalid From Header")),
        ({"from_": b"<sip:a@b>;tag=1;tag=2"}, 4096, (400, b"Many From Tag Params")),
        ({"more": b'Authorization: Digest realm="r"\r\n'}, 2048, (400, b"Bad Auth Credentials")),
    ],
)
def test_insane(parts: dict[str, bytes], checks: int, verdict: tuple[int, bytes]) -> None:
    msg = request(**parts)
    assert sanity.check(msg, checks, 7, b"foo") == verdict
    assert sanity.may_reply(msg)


def test_method_and_length_mismatch() -> None:
    msg = sipmsg.parse(invite().replace(b"314159 INVITE", b"314159 BYE"))
    assert msg is not None
    assert sanity.check(msg, 32, 7, b"") == (400, b"CSeq method does not match request method")
    msg = sipmsg.parse(invite().replace(b"Content-Length: 4", b"Content-Length: 5"))
    assert msg is not None
    assert sanity.check(msg, 128, 7, b"") == (400, b"Content-Length mis-match")
    assert sanity.check(msg, *STOCK, b"") == (400, b"Content-Length mis-match")
