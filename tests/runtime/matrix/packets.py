"""Packets on which pseudo-variables are read: full, bare, odd and broken ones. ``%(here)d`` is the
port of the sender, ``%(server)d`` the server's."""

from __future__ import annotations

# ruff: noqa: E501

VIA = "Via: SIP/2.0/UDP 127.0.0.1:%(here)d;branch=z9hG4bK-%(id)s\r\n"
OWN_VIA = "Via: SIP/2.0/UDP 127.0.0.1:%(server)d;branch=z9hG4bK-%(id)s-own\r\n"
FROM = 'From: "Alice A" <sip:alice@example.org:5070;x=1>;tag=from-tag;y=z\r\n'
TO = "To: Bob <sip:bob@example.com>;tag=to-tag\r\n"
IDS = "Call-ID: %(id)s\r\nCSeq: 7 %(method)s\r\nMax-Forwards: 70\r\n"
SDP = (
    "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8\r\n"
)
DIGEST = (
    'Digest username="alice@atlanta.example", realm="example.org", nonce="n0nce", '
    'uri="sip:example.com", response="0123456789abcdef0123456789abcdef", algorithm=MD5, '
    'cnonce="cn0", opaque="0paque", qop=auth, nc=00000001'
)


def _length(head: str, body: str = "") -> str:
    return f"{head}Content-Length: {len(body.encode('utf-8', 'surrogateescape'))}\r\n\r\n{body}"


RICH = (
    "Via: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKsecond;received=192.0.2.10;rport=5999;i=77;alias;"
    "ttl=3;maddr=192.0.2.11\r\n"
    "Via: SIP/2.0/TLS [2001:db8::9]:5061;branch=third, SIP/2.0/SCTP last.example:5\r\n"
    "Route: <sip:route1.example;lr;a=b>;rp=1, <sip:user@route2.example;lr>\r\n"
    "Route: <sip:route3.example;lr>\r\n"
    "Record-Route: <sip:rr1.example;lr;ftag=from-tag>\r\nRecord-Route: <sip:rr2.example;lr>\r\n"
    'Contact: "C" <sip:alice@192.0.2.1:5062;transport=udp>;expires=60;q=0.5;+sip.instance="<urn:x>"'
    ", <sip:alice2@192.0.2.2>;expires=120\r\n"
    "Contact: <sip:alice3@192.0.2.3>\r\n"
    "Expires: 90\r\nMin-Expires: 30\r\n"
    "User-Agent: Agent/1.0 (x)\r\nServer: Srv 2\r\nSubject: Hello, you\r\nOrganization: Org\r\n"
    "Priority: urgent\r\nAccept: application/sdp, text/plain\r\nAccept-Language: en\r\n"
    "Supported: path, 100rel,gruu\r\nRequire: timer\r\nProxy-Require: foo\r\nUnsupported: bar\r\n"
    "Allow: INVITE, ACK, CANCEL\r\nAllow-Events: presence\r\nEvent: presence;id=3\r\n"
    "Session-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n"
    'P-Asserted-Identity: "PAI" <sip:pai@example.org>, <tel:+1234>\r\n'
    "P-Asserted-Identity: <sip:pai3@example.org>\r\n"
    'P-Preferred-Identity: "PPI" <sip:ppi@example.net:5066>, <sip:ppi2@example.net>\r\n'
    'Remote-Party-ID: "RPID" <sip:rpid@example.org>;party=calling;privacy=off\r\n'
    "Diversion: <sip:div@example.org>;reason=user-busy;privacy=full;counter=2\r\n"
    "Refer-To: <sip:refer@example.org?Replaces=x>\r\nReferred-By: <sip:by@example.org>\r\n"
    "Privacy: id;critical\r\nReason: Q.850;cause=16\r\nIdentity: abc\r\nDate: Thu, 1 Jan 2026\r\n"
    f"Proxy-Authorization: {DIGEST}\r\n"
    "X-Bin: \udcff\udcfe\r\nX-Foo: one\r\nX-Bar: b1, b2 ,b3\r\nx-foo: two\r\nX-FOO: three\r\nX-Empty:\r\nX-Blank:   \r\n"
    "Content-Type: application/sdp;charset=utf-8\r\nMIME-Version: 1.0\r\n"
    "Content-Disposition: session\r\nContent-Encoding: gzip\r\n"
)
FOLDED = (
    "v: SIP/2.0/UDP 192.0.2.50:5090\r\n ;branch=z9hG4bKfold;rport\r\n"
    "f: Alice\r\n  <sip:alice%%40x@example.org;user=phone>\r\n ;tag=f-tag\r\n"
    "t:  sip:bob@example.com;user=phone;tag=t-tag\r\n"
    "i: %(id)s\r\nCSEQ:    0009    %(method)s\r\nMAX-FORWARDS: 5\r\n"
    "m: sip:a@b;expires=5\r\nm: <sip:c@d>\r\nk: path\r\nSUPPORTED: gruu\r\ns: compact subject\r\n"
    "e: identity\r\no: presence\r\nr: <sip:r@e.f>\r\nb: <sip:by@x>\r\nu: ev\r\nx: 120\r\n"
    "USER-AGENT:\t  Tabbed  \r\nx-foo:one,\r\n two\r\n\tthree\r\nX-Foo  : spaced\r\n"
    "Expires: 5\r\nEXPIRES: 7\r\nc: text/plain\r\nDiversion: sip:d@e;reason=unknown\r\n"
    "Diversion: <sip:second@e>;counter=5\r\n"
)

REQUESTS: dict[str, str] = {
    "full": _length(
        "%(method)s sip:bob:pw@example.com:5080;transport=udp;lr?h=v SIP/2.0\r\n"
        + VIA + FROM + TO + IDS + RICH, SDP,
    ),
    "register": _length(
        "REGISTER sip:example.com SIP/2.0\r\n" + VIA
        + "From: <sip:alice@example.org>;tag=r\r\nTo: <sip:alice@example.org>\r\n"
        "Call-ID: %(id)s\r\nCSeq: 4294967295 REGISTER\r\n"
        "Contact: <sip:a@192.0.2.1>;q=1;expires=10, sip:b@192.0.2.2;expires=3600\r\n"
        "Expires: 600\r\nPath: <sip:path.example;lr>\r\nUser-Agent: UA\r\n"
        f"Authorization: {DIGEST}\r\n"
        'Authorization: Digest username="second", realm="other", nonce="n", uri="u", qop="q"\r\n'
    ),
    "folded": _length(
        "%(method)s sip:bob@example.com:5080 SIP/2.0\r\n" + VIA + FOLDED, "plain text"
    ),
    "bare": (
        "%(method)s sip:example.com SIP/2.0\r\n" + VIA
        + "From: <sip:example.org>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: %(id)s\r\n"
        "CSeq: 1 %(method)s\r\n\r\n"
    ),
    "onlyvia": "%(method)s sip:bob@example.com SIP/2.0\r\n" + VIA + "\r\n",
    "six": _length(
        "%(method)s sip:bob@[2001:db8::1]:5070;transport=tcp SIP/2.0\r\n" + VIA
        + "Via: SIP/2.0/UDP [2001:db8::2]:5080;branch=z9hG4bKsix;received=2001:db8::3\r\n"
        "From: <sip:alice@[2001:db8::4]:5061>;tag=six\r\nTo: sip:[2001:db8::5]\r\n" + IDS
        + "Contact: <sip:a@[::1]:5099>\r\nRoute: <sip:[::2];lr>\r\n"
        "P-Asserted-Identity: <sip:[::3]>\r\nP-Preferred-Identity: sip:ppi@[::4]\r\n"
        "Diversion: <sip:x@[::5]>\r\nRefer-To: sip:[::6]\r\n"
    ),
    "long": _length(
        "%(method)s sip:bob@example.com SIP/2.0\r\n" + VIA + FROM + TO + IDS
        + f"X-Foo: {'x' * 4000}\r\nUser-Agent: {'u' * 4100}\r\nSubject: {'s,' * 2000}\r\n"
        f"P-Asserted-Identity: <sip:{'p' * 2000}@example.org>\r\nContact: <sip:{'c' * 2000}@h>\r\n"
    ),
    "octets": _length(
        "%(method)s sip:b\udcffb@example.com SIP/2.0\r\n" + VIA + "X-Bin: \udcf0x\r\n"
        + 'From: "\udcc3\udca4\udcff" <sip:\udcfe@example.org>;tag=\udcfd\r\n'
        "To: caf\u00e9 <sip:b\u00f6b@example.com>\r\n" + IDS
        + "X-Foo: \udc80\udc81\r\nUser-Agent: \udcff\u20ac\r\nSubject: \x01\x02\x7f\r\n"
        "Contact: <sip:\udcf0@h>\r\nContent-Type: \udcff/x\r\n"
        "P-Asserted-Identity: <sip:\udcff@h>\r\n",
        "\udcff\udcfe body \u00e9",
    ),
    "telephone": _length(
        "%(method)s tel:+1-201-555-0123;phone-context=example.com SIP/2.0\r\n" + VIA
        + "From: <tel:+12;isub=1>;tag=t\r\nTo: <urn:service:sos>\r\n" + IDS
        + "Contact: *\r\nExpires: 0\r\nP-Asserted-Identity: <tel:+34>\r\n"
        "P-Preferred-Identity: tel:+56\r\nRefer-To: tel:+78\r\n"
        'Diversion: <tel:+9>;reason="a b"\r\n'
    ),
    "secure": _length(
        "%(method)s sips:bob@example.com SIP/2.0\r\n" + VIA
        + "From: sips:alice@example.org;tag=s\r\nTo: <sips:bob@example.com;transport=tls>\r\n" + IDS
        + "Route: <sips:r.example;lr>\r\nContent-Type: multipart/mixed;boundary=\"b\"\r\n"
        "Contact: <sips:a@h:5071;transport=tcp>;expires=none\r\nExpires: abc\r\n"
        'Proxy-Authorization: Basic abcdef==\r\n'
        'Authorization: Digest username=bare, realm="r\\"q"\r\n',
        "--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n",
    ),
    "badfrom": _length(
        "%(method)s sip:bob@example.com SIP/2.0\r\n" + VIA
        + "From: <<>garbage\r\n" + TO + IDS + "Contact: <sip:a@h\r\nRoute: <sip:x\r\n"
        "P-Asserted-Identity: <\r\nP-Preferred-Identity: @@\r\nDiversion: ;reason=x\r\n"
        "Refer-To: <\r\nRemote-Party-ID: \"x\r\nContent-Type: \r\nExpires: -5\r\n"
    ),
    "badto": _length(
        "%(method)s sip:bob@example.com SIP/2.0\r\n" + VIA + FROM
        + "To: Bob <bob@>;tag\r\nCall-ID: %(id)s\r\nCSeq: 7 %(method)s\r\nContact: garbage\r\n"
        "Route: garbage\r\nP-Asserted-Identity: garbage\r\nP-Preferred-Identity: a,b\r\n"
        "Diversion: garbage\r\nRefer-To: garbage\r\nRemote-Party-ID: garbage\r\n"
        "Content-Type: garbage\r\nAuthorization: garbage\r\n"
    ),
    "badcseq": (
        "%(method)s sip:bob@example.com SIP/2.0\r\n" + VIA + FROM + TO
        + "Call-ID:\r\nCSeq: x %(method)s\r\nX-Foo: after\r\nUser-Agent: after\r\n"
        "Content-Length: x\r\n\r\nbody"
    ),
    "othercseq": (
        "%(method)s sip:bob@example.com SIP/2.0\r\n" + VIA + FROM + TO
        + "Call-ID: %(id)s@host;x\r\nCSeq: 99999999999 FOO\r\nContent-Length: 99999\r\n\r\nshort"
    ),
    "baduri": _length(
        "%(method)s nothing@ SIP/2.0\r\n" + VIA
        + "From: sip:\r\nTo: <sip:a b@c>\r\n" + IDS + "no colon here\r\nX-Foo: after\r\n"
    ),
    "unknown": _length(
        "FOOBAR sip:@example.com:0 SIP/2.0\r\n" + VIA
        + "From: sip:a@b:99999;tag=\r\nTo: <sip:x:@y>;tag=a;tag=b\r\nCall-ID: %(id)s\r\n"
        "CSeq: 1 FOOBAR\r\nX-Foo:one\r\n", "body"
    ),
}  # fmt: skip

REPLIES: dict[str, str] = {
    "ok": _length(
        "SIP/2.0 200 All OK\r\n" + OWN_VIA + VIA + FROM + TO + IDS + RICH, SDP
    ),
    "short": (
        "SIP/2.0 404 \r\n" + OWN_VIA + VIA
        + "From: <sip:example.org>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: %(id)s\r\n"
        "CSeq: 1 %(method)s\r\n\r\n"
    ),
    "ringing": _length("SIP/2.0 180 Ringing  twice\r\n" + OWN_VIA + VIA + FOLDED, "x"),
    "broken": _length(
        "SIP/2.0 699 \udcff\r\n" + OWN_VIA + VIA + "From: <<\r\nTo: sip:\r\nCall-ID: %(id)s\r\n"
        "CSeq: 1 FOO\r\nContact: garbage\r\nP-Asserted-Identity: <\r\nX-Foo: \udcfe\r\n"
    ),
    "six6": _length(
        "SIP/2.0 302 Moved\r\n" + OWN_VIA
        + "Via: SIP/2.0/UDP [::1]:5;branch=z9hG4bKx;received=127.0.0.1;rport=%(here)d\r\n"
        "From: sip:a@[::1];tag=1\r\nTo: sip:[::2]\r\n" + IDS + "Contact: <sip:[::3]:77>;q=0.1\r\n"
    ),
}  # fmt: skip
