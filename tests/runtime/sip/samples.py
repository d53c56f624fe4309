"""Messages for the tests of the SIP core."""

from pathlib import Path

TORTURE = sorted((Path(__file__).parents[1] / "oracle" / "torture").glob("*.dat"))
"""The messages of RFC 4475."""

VIA = b"SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKabc;rport"

INVITE = (
    b"INVITE %(uri)s SIP/2.0\r\n"
    b"Via: %(via)s\r\n"
    b"Via: SIP/2.0/TCP 10.0.0.9\r\n"
    b"Max-Forwards: %(mf)s\r\n"
    b"From: %(from)s\r\n"
    b"To: %(to)s\r\n"
    b"Call-ID: a84b@x\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"%(more)s"
    b"Contact: <sip:alice@pc33.atlanta.com>\r\n"
    b"Record-Route: <sip:1.1.1.1;lr>\r\n"
    b"X-Do: %(do)s\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"abcd"
)


def invite(**parts: bytes) -> bytes:
    """An INVITE with some parts of its own: uri, via, mf, from_, to, more (header lines), do."""
    values: dict[bytes, bytes] = {
        b"uri": b"sip:bob@example.com",
        b"via": VIA,
        b"mf": b"70",
        b"from": b'"Al" <sip:alice@atlanta.com>;tag=19',
        b"to": b"Bob <sip:bob@example.com>",
        b"more": b"",
        b"do": b"x",
    }
    values |= {name.rstrip("_").encode(): value for name, value in parts.items()}
    return INVITE % values


def reply(
    code: bytes = b"200 OK", via: bytes = b"SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1"
) -> bytes:
    """A reply to our INVITE."""
    return (
        b"SIP/2.0 %s\r\nVia: %s\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2\r\n"
        b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: r\r\nCSeq: 7 INVITE\r\n"
        b"Content-Length: 0\r\n\r\n" % (code, via)
    )
