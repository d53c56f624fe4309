"""URIs: parts, what is refused, comparison (parse_uri.c)."""

import random

import pytest

from runtime.native import uri

SIP, SIPS, TEL, URN = 1, 2, 3, 5


def parts(text: bytes, *names: str) -> tuple[bytes | int | None, ...]:
    found = uri.parse(text)
    assert found is not None, text
    return tuple(found[name] for name in names)


@pytest.mark.parametrize(
    ("text", "user", "passwd", "host", "port", "params"),
    [
        (b"sip:a@b", b"a", None, b"b", 0, None),
        (b"sip:b", None, None, b"b", 0, None),
        (b"sip:b:5060", None, None, b"b", 5060, None),
        (b"sip:a:secret@b:99;lr", b"a", b"secret", b"b", 99, b"lr"),
        (b"sip:a:5060@b", b"a", b"5060", b"b", 0, None),
        (b"sip:a;x=y@b;z", b"a;x=y", None, b"b", 0, b"z"),
        (b"sip:a;b=c:d@e", b"a;b=c", b"d", b"e", 0, None),
        (b"sip:a?b@c", b"a?b", None, b"c", 0, None),
        (b"sip:[::1]:7", None, None, b"[::1]", 7, None),
        (b"sips:a@[2001:db8::1]", b"a", None, b"[2001:db8::1]", 0, None),
        (b"SIP:A@B", b"A", None, b"B", 0, None),
    ],
)
def test_parts(
    text: bytes, user: bytes, passwd: bytes, host: bytes, port: int, params: bytes
) -> None:
    expected = (user, passwd, host, port, params)
    assert parts(text, "user", "passwd", "host", "port_no", "params") == expected


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"sip:",
        b"http://x/",
        b"sip:@b",
        b"sip:a@",
        b"sip:a@b@c",
        b"sip:a@b_c",
        b"sip:a@b:99999",
        b"sip:a@b:x",
        b"sip:a:b",
        b"sip:a:1:2@b",
        b"sip:]a",
        b"sip:a@[::1",
        b"sip:a@[::1]x",
        b"sip:b?x;y",
        b"sip:a@b?x@y",
    ],
)
def test_refused(text: bytes) -> None:
    assert uri.parse(text) is None


def test_parameters() -> None:
    text = b"sip:a@b;transport=TCP;maddr=1.2.3.4;ttl=3;method=X;lr;r2=on;unknown=9?h=1"
    found = uri.parse(text)
    assert found is not None
    assert found["proto"] == 2
    assert found["transport"] == b"TCP"
    assert (found["maddr"], found["ttl"], found["method"]) == (b"1.2.3.4", b"3", b"X")
    assert (found["lr"], found["r2"], found["headers"]) == (b"lr", b"on", b"h=1")


def test_telephone_numbers() -> None:
    assert parts(b"tel:+1-22;phone-context=x", "type", "user", "host", "params") == (
        TEL,
        b"+1-22",
        b"",
        b"phone-context=x",
    )
    names = ("type", "user", "params", "sip_params", "host")
    assert parts(b"sip:+1;a=b@h;user=phone", *names) == (TEL, b"+1", b"a=b", b"user=phone", b"h")
    uri.set_phone2tel(False)
    try:
        assert parts(b"sip:+1;a=b@h;user=phone", "type", "user") == (SIP, b"+1;a=b")
    finally:
        uri.set_phone2tel(True)


def test_urn() -> None:
    assert parts(b"urn:service:sos", "type", "user", "host") == (URN, b"service", b"sos")


def test_parameter_lookup() -> None:
    assert uri.param(b'a=1;b;c="x;y" ; d = 4', b"c") == b"x;y"
    assert uri.param(b"a=1;b", b"b") == b""
    assert uri.param(b"a=1;b", b"z") is None
    with pytest.raises(ValueError, match="malformed"):
        uri.param(b'a="1', b"a")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (b"sip:a@b", b"sip:a@B", True),
        (b"sip:a@b", b"sip:A@b", False),
        (b"sip:a@b:5060", b"sip:a@b", True),
        (b"sip:a@b", b"sips:a@b", False),
        (b"sip:a@b;x=1", b"sip:a@b", True),
        (b"sip:a@b;x=1", b"sip:a@b;X=2", False),
        (b"sip:a@b;transport=tcp", b"sip:a@b", False),
        (b"sip:a@b;x=1;y=2", b"sip:a@b;y=2;x=1", True),
    ],
)
def test_comparison(a: bytes, b: bytes, same: bool) -> None:
    assert uri.equal(a, b) is same
    assert uri.equal(b, a) is same


def test_random_text_is_survived() -> None:
    chance = random.Random(19)
    alphabet = b'sip:tel@;=?&[]<>"%+-.0189aZ \x00\xff'
    for _ in range(20000):
        size = chance.randrange(40)
        text = b"sip:" + bytes(chance.choice(alphabet) for _ in range(size))
        found = uri.parse(text)
        if found is not None:
            for name in ("user", "host", "port", "sip_params", "headers"):
                part = found[name]
                assert part is None or (isinstance(part, bytes) and part in text)
