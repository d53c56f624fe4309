"""The same messages through Kamailio and through our native code: the same bytes come out."""

import random
from collections.abc import Iterator

import pytest

from runtime.native import build
from tests.helpers.servers import need_kamailio
from tests.runtime.sip.kamailio import Oracle, running
from tests.runtime.sip.samples import TORTURE, VIA, invite

pytestmark = pytest.mark.oracle

DIALOG = b"Bob <sip:bob@example.com>;tag=77"
NOISE = b' \t\r\n;,<>"=:@?\\()[]aZ9./'

URIS = (
    b"sip:a@b sip:a:b@c sip:a:5060@c sip:b:5060 sip:b:99999 sip:a;b=c@d sip:a?x=y@b sip:b?x=y "
    b"sip:b?x;y sips:a@b sip:@b sip:a@ sip:a@b:@c sip:[::1]:5060 sip:a@[::1] sip:a@[::1 sip:]a "
    b"sip:a@b_c sip:a_c tel:+1-2(3).4;x=y tel:12 urn:service:sos sip:a@b;transport=tcp "
    b"sip:a@b;transport=TLS;lr sip:a@b;transport= sip:a@b;transport=x;user=phone "
    b"sip:a;p=1@b;user=phone sip:a@b;user=phone?h=1 sip:a@b:5060; sip:a@b;;lr SIP:a@b sip:a@b@c "
    b"sip:a:b:c@d sip:;a@b sip:?x sip:a@b;lr= sip:a@b;gr=1;r2=on sip:a@1.2.3.4:0 "
    b"sip:a@b:000005060 sip:a%00@b http://x/ sip: sip:a x:y sip:a:b sip:a:b;c=d@e sip:a@-b"
).split()

ADDRESSES = (
    b"sip:a@b",
    b"A B <sip:a@b>",
    b'"A\\"B" <sip:a@b>;x',
    b'"A"<sip:a@b>',
    b"<sip:a@b> ;x=y",
    b'<sip:a@b>;x="a;b";y',
    b'<sip:a@b>;x="a\\"b"',
    b"sip:a@b ;tag=x ; y = z",
    b"<sip:a@b>;tag=a=b",
    b"<sip:a@b>;tag=a,b",
    b"<sip:a@b>;x=a,b",
    b"<sip:a@b>;",
    b"<>",
    b"",
    b"<sip:a@b",
    b"A, B <sip:a@b>",
    b"sip:a@b, x",
    b"\r\n <sip:a@b>\r\n ;x=y",
    b"A\r\n B\r\n <sip:a@b>",
    b"<sip:a@b>;x= ;y",
    b"<sip:a@b>;tag=1;tag=2",
    b"*",
    b"< sip:a@b >",
    b'<sip:a@b>;tag="q"',
    b"sip:a@b?x=y;z",
    b"a b c",
)

VIAS = (
    b"SIP / 2.0 / UDP h ; branch = x;rport",
    b"SIP/2.0/UDP\th;rport;x",
    b"SIP/2.0/UDP h;rport=1;received=1.2.3.4;b",
    b"SIP/2.0/UDP h;rport;branch=x, SIP/2.0/TCP g",
    b"SIP/2.0/UDP h;rport,\r\n SIP/2.0/TCP g;i=3",
    b"SIP/2.0/UDP [::1]:5;x;rport",
    b"SIP/2.0/UDP h;rport (com(m)ent)",
    b"SIP/2.0/UDP h;",
    b"SIP/2.0/UDP h;branch",
    b"SIP/2.0/UDP h;branch=;rport",
    b'SIP/2.0/UDP h;x="a,b;c"',
    b'SIP/2.0/UDP h;x="a";rport',
    b"SIP/2.0/UDP h:99999;rport",
    b"SIP/2.0/UDP h:",
    b"SIP/1.0/UDP h",
    b"sip/2.0/udp h;RPORT",
    b"SIP/2.0/WSS h;alias;i=5;rport",
    b"SIP/2.0/foo h;rport",
    b"SIP/2.0/UDP h;rport ;x",
    b"SIP/2.0/UDP h;rport=",
    b"SIP/2.0/UDP h;rport,SIP/2.0/UDP g",
    b"SIP/2.0/UDP h a",
    b"SIP/2.0/UDP h;received",
)

ROUTES = (
    b"",
    b"Route: <sip:127.0.0.1:%d;lr;ftag=19>\r\n",
    b"Route: <sip:127.0.0.1:%d;lr;ftag=20>,<sip:9.9.9.9:77;lr>\r\n",
    b"Route: <sip:127.0.0.1:%d;lr>\r\nRoute: <sip:9.9.9.9:77;lr>,<sip:8.8.8.8>\r\n",
    b"Route: <sip:127.0.0.1:%d;lr>, <sip:9.9.9.9:77>\r\n",
    b"Route: <sip:9.9.9.9:77>\r\n",
    b"Route: <sip:9.9.9.9;lr;maddr=6.6.6.6>\r\n",
    b"Route: <sip:127.0.0.1:%d;r2=on;lr>\r\nRoute: <sip:127.0.0.1:%d;r2=on;lr>\r\n"
    b"Route: <sip:9.9.9.9;lr>\r\nX: 1\r\nRoute: <sip:7.7.7.7:5;lr>\r\n",
    b"Route: <sip:127.0.0.1:%d;r2=on;lr>,<sip:127.0.0.1:%d;r2=on;lr>\r\n",
    b"Route: sip:9.9.9.9\r\n",
    b'Route: "a <x" <sip:9.9.9.9;lr>;p=q , <sip:8.8.8.8;lr>\r\n',
    b"Route: <sip:127.0.0.1:%d;lr;gr=x>\r\n",
)

FIRST_LINES = (
    b"INVITE sip:a@b SIP/2.0",
    b"INVITE  sip:a@b SIP/2.0",
    b"INVITE sip:a@b  SIP/2.0 ",
    b"invite sip:a@b sip/2.0",
    b"INVITE sip:a@b SIP/3.0",
    b"INVITE sip:a@b HTTP/1.1",
    b"FOO sip:a@b SIP/2.0",
    b"INVITE sip:a b SIP/2.0",
    b"\r\n\r\nINVITE sip:a@b SIP/2.0",
    b"INVITE\tsip:a@b SIP/2.0",
    b"INVITE sip:a@b",
    b"INVITE sip:a@b SIP/2.0x",
    b"SIP/2.0 200 OK",
)

HEADERS = (
    b"v: SIP/2.0/UDP q\r\n",
    b"CSeq: 4 BYE\r\n",
    b"l: 4\r\n",
    b"Expires: x\r\n",
    b"Proxy-Require: a, b\r\n",
    b'Authorization: Digest username="u@d", realm="r", nonce="n", uri="sip:x", response="r"\r\n',
    b'Proxy-Authorization: Digest username="", realm="r"\r\n',
    b"Authorization: Basic abc\r\n",
    b"User-Agent: a\r\n b\r\n",
    b"Bad Header: x\r\n",
    b"Bad\r\n",
    b":x\r\n",
    b"X:\r\n",
    b"Subject  \t: a\r\n",
    b"Contact: *\r\n",
    b"m: <bad>\r\n",
    b"Retry-After: x\r\n",
    b"X-\x80: q\r\n",
    b"X: \x00y\r\n",
    b"Max-Forwards: 3\r\n",
)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    need_kamailio()
    with running(tmp_path_factory.mktemp("sip")) as started:
        yield started


@pytest.fixture(autouse=True)
def listening() -> None:
    """The oracle's own socket, not the one of the other tests."""


def same(oracle: Oracle, cases: list[bytes]) -> None:
    """Every message gives the same bytes."""
    build.set_server_headers(b"Server: kamailio (5.6.3 (x86_64/linux))", b"")
    for data in cases:
        assert oracle.ours(data) == oracle.put(data), data


def test_torture_messages(oracle: Oracle) -> None:
    same(oracle, [path.read_bytes() for path in TORTURE])


@pytest.mark.parametrize("to", [b"Bob <sip:bob@example.com>", DIALOG], ids=["initial", "dialog"])
def test_every_action(oracle: Oracle, to: bytes) -> None:
    actions = b"rr param preset advertised mf reply reply4 user host strip sanity my no x".split()
    uri = b"sip:bob@example.com:%d" % oracle.server
    same(oracle, [invite(do=do, to=to, uri=uri) for do in actions])


def test_uris(oracle: Oracle) -> None:
    cases = [invite(uri=u, do=do) for u in URIS for do in (b"x", b"user", b"host", b"strip")]
    cases += [invite(from_=b"<%s>;tag=1" % u) for u in URIS]
    same(oracle, cases)


def test_addresses(oracle: Oracle) -> None:
    cases = [invite(to=a, do=do) for a in ADDRESSES for do in (b"x", b"sanity", b"reply")]
    same(oracle, cases + [invite(from_=a) for a in ADDRESSES])


def test_vias(oracle: Oracle) -> None:
    same(oracle, [invite(via=v, do=do) for v in VIAS for do in (b"x", b"reply")])


def test_routes(oracle: Oracle) -> None:
    uris = (b"sip:bob@1.2.3.4", b"sip:127.0.0.1:%d;ftag=20" % oracle.server)
    same(
        oracle,
        [
            invite(more=r.replace(b"%d", b"%d" % oracle.server), to=to, uri=u, do=b"loose")
            for r in ROUTES
            for to in (DIALOG, b"<sip:bob@example.com>")
            for u in uris
        ],
    )


def test_first_lines(oracle: Oracle) -> None:
    line = b"INVITE sip:bob@example.com SIP/2.0"
    same(
        oracle,
        [invite(do=do).replace(line, f, 1) for f in FIRST_LINES for do in (b"x", b"reply")],
    )


def test_headers(oracle: Oracle) -> None:
    same(oracle, [invite(more=h, do=do) for h in HEADERS for do in (b"x", b"sanity")])


def test_max_forwards(oracle: Oracle) -> None:
    values = b"70 0 1 10 100 abc 300 70000 007 7000000".split()
    same(oracle, [invite(mf=value, do=b"mf") for value in values])
    same(oracle, [invite(do=b"mf").replace(b"Max-Forwards: 70\r\n", b"")])


def test_cut_at_every_byte(oracle: Oracle) -> None:
    data = invite()
    same(oracle, [data[:size] for size in range(len(data))])


def test_damaged_messages(oracle: Oracle) -> None:
    chance = random.Random(41)
    cases = []
    for _ in range(400):
        more = chance.choice(ROUTES).replace(b"%d", b"%d" % oracle.server)
        do = chance.choice(b"x reply rr loose user no".split())
        data = bytearray(invite(more=more, do=do, via=VIA))
        at = chance.randrange(len(data))
        kind = chance.randrange(3)
        if kind == 0:
            data[at] = chance.choice(NOISE)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 6)]
        else:
            data[at:at] = bytes([chance.choice(NOISE)])
        cases.append(bytes(data))
    same(oracle, cases)
