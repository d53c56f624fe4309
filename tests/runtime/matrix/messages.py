"""Requests of many shapes that the editing cases are tried on."""

from __future__ import annotations

from tests.runtime.matrix.wire import PLAIN, Message

SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8\r\na=sendrecv\r\n"
)
PARTS = (
    "--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    "--b1\r\nContent-Type: application/sdp\r\nContent-Disposition: session\r\n\r\n"
    + SDP
    + "\r\n--b1--\r\n"
)
VIA = "Via: SIP/2.0/UDP 127.0.0.1:@HERE@;branch=z9hG4bK-@CASE@"

RICH = Message(
    (
        "Max-Forwards: 70",
        "Contact: <sip:alice@192.0.2.1:5070>",
        "Subject: first",
        "X-A: one",
        "s: second",
        "x-a: two, three",
        "User-Agent: Phone/1.0",
        "Supported: timer, path",
        "Allow: INVITE, ACK,BYE",
        "X-B: three",
        "Privacy: id;user",
        'Authorization: Digest username="u", realm="r",nonce="n" , response=abc',
        "Content-Type: application/sdp",
    ),
    SDP,
    "INVITE",
    "sip:+4930123@example.org;user=phone",
)
COMPACT = Message(
    (
        "Max-Forwards: 16",
        "m: <sip:alice@192.0.2.1>;expires=60",
        "k: timer,path",
        "s:no space",
        "X-A:one",
        "c: text/plain",
    ),
    "one two one\r\ntwo one two\r\n",
    "MESSAGE",
    "sip:bob:secret@example.org:5070;transport=udp;lr?Subject=x",
    vias=("v: SIP/2.0/UDP 127.0.0.1:@HERE@;rport;branch=z9hG4bK-@CASE@",),
    from_='f: "Alice" <sip:@CASE@@example.org>;tag=from-tag',
    to="t: sip:bob@example.com",
    call_id="i: @CASE@@here",
    length="l: @SIZE@",
)
FOLDED = Message(
    (
        "Max-Forwards:  70",
        "Subject: first\r\n second\r\n\tthird",
        "X-A:\r\n one,\r\n two",
        "Supported: timer,\r\n path",
        "X-B :three ",
        "Contact: <sip:a@192.0.2.1>,\r\n <sip:b@192.0.2.1>;q=0.5",
    ),
    to='To: "Bob\r\n B" <sip:bob@example.com>',
    vias=("Via: SIP/2.0/UDP 127.0.0.1:@HERE@\r\n ;branch=z9hG4bK-@CASE@",),
)
NO_LENGTH = Message(("Max-Forwards: 70",), length=None)
BODY_WITHOUT_LENGTH = Message(
    ("Max-Forwards: 70", "X-A: one", "Content-Type: text/plain"), "a=1\r\nb=2\r\n", length=None
)
MULTIPART = Message(
    ("X-A: one", 'Content-Type: multipart/mixed;boundary="b1"', "Supported: timer"),
    PARTS,
    "INVITE",
)
UNQUOTED = Message(("Content-Type: multipart/mixed;boundary=b1", "X-A: one"), PARTS, "INVITE")
LINE_FEEDS = Message(
    ("Max-Forwards: 70", "X-A: one", "Subject: x", "Content-Type: text/plain"),
    "a=1\nb=2\n",
    "MESSAGE",
    eol="\n",
)
TWO_VIAS = Message(
    ("X-A: one", "Max-Forwards: 7", "X-A: two", "Subject: y"),
    vias=(
        VIA + ";i=5;rport=5080;received=192.0.2.9, SIP/2.0/TCP 192.0.2.5:5062;branch=z9hG4bK-2",
        "Via: SIP/2.0/UDP alpha.example.com;branch=z9hG4bK-3;hidden",
    ),
    length="Content-Length:    @SIZE@",
)
ROUTED = Message(
    (
        "Record-Route: <sip:192.0.2.7;lr;ftag=from-tag>, <sip:192.0.2.6;lr>",
        "Route: <sip:127.0.0.1:@SERVER@;lr;ftag=from-tag>",
        "Route: <sip:127.0.0.1:@SINK@;lr>,<sip:192.0.2.8:5062;lr>",
        "Route: <sip:192.0.2.9>",
        "X-A: one",
        "Path: <sip:192.0.2.4;lr>",
        "Contact: sip:alice@192.0.2.1",
        "Max-Forwards: 0069",
    ),
    "hello",
    "BYE",
    "sip:bob@192.0.2.20:5080",
    to="To: <sip:bob@example.com>;tag=to-tag",
)
BARE = Message((), "", "NOTIFY", "sip:example.com", length=None, from_="From: <sip:@CASE@@h>;tag=")
LAST = Message(
    ("Content-Length: 3", "Content-Type: text/plain", "X-Empty:", "X-A: one", "Subject: \t z \t"),
    "abc",
    "SUBSCRIBE",
    "sip:user%20x@[2001:db8::1]:5062;a=b",
    top=("X-A: zero", "Subject: top"),
    length=None,
)
EMPTY_BODY_TYPE = Message(
    ("Content-Type: application/sdp", "X-A: one", "Expires: 30", "Event: presence"), "", "PUBLISH"
)
LONG = Message(
    ("X-Long: " + "0123456789" * 120, "X-A: one", "Max-Forwards: 70", "Content-Type: text/plain"),
    "line of text\r\n" * 150,
    "MESSAGE",
    "tel:+4930123;phone-context=example.com",
)
SHORT_LENGTH = Message(("X-A: one", "Content-Type: text/plain"), "0123456789", length="l: 4")

MESSAGES = {
    "Plain": PLAIN,
    "Rich": RICH,
    "Compact": COMPACT,
    "Folded": FOLDED,
    "NoLength": NO_LENGTH,
    "BodyNoLength": BODY_WITHOUT_LENGTH,
    "Multipart": MULTIPART,
    "Unquoted": UNQUOTED,
    "LineFeeds": LINE_FEEDS,
    "TwoVias": TWO_VIAS,
    "Routed": ROUTED,
    "Bare": BARE,
    "Last": LAST,
    "NoBody": EMPTY_BODY_TYPE,
    "Long": LONG,
    "Short": SHORT_LENGTH,
}
