"""The normalisation hides what it says, and nothing more."""

from tests.runtime.oracle.normalise import normalise
from tests.runtime.oracle.transcript import Entry, render


def normal(*entries: tuple[str, bytes]) -> list[bytes]:
    made = [Entry("alice", direction, data) for direction, data in entries]
    return [entry.data for entry in normalise(made, {"alice": 15060, "server": 25060})]


def test_tokens_of_the_server_keep_their_identity() -> None:
    assert normal(
        ("<", b"To: <sip:a>;tag=xyz\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKab.cd.0\r\n"),
        (">", b"To: <sip:a>;tag=xyz\r\n"),
        ("<", b"To: <sip:a>;tag=other\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKab.cd.1\r\n"),
    ) == [
        b"To: <sip:a>;tag=<tag-1>\r\nVia: SIP/2.0/UDP h;branch=<branch-1>.0\r\n",
        b"To: <sip:a>;tag=<tag-1>\r\n",
        b"To: <sip:a>;tag=<tag-2>\r\nVia: SIP/2.0/UDP h;branch=<branch-1>.1\r\n",
    ]


def test_tokens_of_a_phone_stay() -> None:
    sent = b"From: <sip:a>;tag=mine\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK-1\r\n"
    assert normal((">", sent), ("<", sent)) == [sent, sent]


def test_ports_only_where_a_port_can_stand() -> None:
    assert normal(("<", b"Via: h:15060;rport=15060\r\nX: 15060 :150601 h:25060\r\n")) == [
        b"Via: h:<alice>;rport=<alice>\r\nX: 15060 :150601 h:<server>\r\n"
    ]


def test_expires_of_received_contacts_is_rounded_up() -> None:
    text = b"Contact: <sip:a>;expires=599\r\nX: ;expires=599\r\n"
    rounded = b"Contact: <sip:a>;expires=600\r\nX: ;expires=599\r\n"
    assert normal(("<", text), (">", text)) == [rounded, text]


def test_software_names_of_phones_stay() -> None:
    phone, server = b"User-Agent: Phone 1\r\n", b"Server: kamailio (5.6.3)\r\n"
    assert normal((">", phone), ("<", phone + server)) == [
        phone,
        phone + b"Server: <server-name>\r\n",
    ]


def test_header_order_and_spaces_count() -> None:
    first, second = b"A: 1\r\nB: 2\r\n", b"B: 2\r\nA:  1\r\n"
    assert normal(("<", first)) != normal(("<", second))


def test_rendering_loses_no_octet() -> None:
    texts = [b"a\r\n", b"a\n", b"a\r", b"a \r\n", b"a\r\n\r\n", b"\\x0a", b"\t", b"\xff", b""]
    assert len({render([Entry("a", "<", text)]) for text in texts}) == len(texts)


def test_nonces_are_not_numbered() -> None:
    texts = (b'nonce="one"', b'nonce="two"', b'nonce="mine"')
    assert normal((">", texts[2]), *(("<", text) for text in texts)) == [
        b'nonce="mine"',
        b'nonce="<nonce>"',
        b'nonce="<nonce>"',
        b'nonce="mine"',
    ]
