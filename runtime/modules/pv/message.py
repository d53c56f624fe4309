"""Variables computed from the message (``pv_core.c``) that are no attribute of SipMsg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.modules.pv.addresses import PROTOCOLS
from runtime.native import edit
from runtime.native.uri import parse as parse_uri
from runtime.script.values import Value, to_int, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.native.sipmsg import SipMsg


def _uri_part(text: bytes | None, part: str) -> bytes | None:
    parsed = None if text is None else parse_uri(text)
    if parsed is None:
        return None
    found = parsed[part]
    return found if isinstance(found, bytes) and found else None


def _header(msg: SipMsg, name: bytes) -> bytes | None:
    return msg.hdr(name, 0)


def _address_uri(msg: SipMsg, name: bytes, index: int | bytes = 0) -> bytes | None:
    """The URI of a name-addr header."""
    value = msg.hdr(name, index) if isinstance(index, int) else None
    if value is None:
        return None
    start = value.find(b"<")
    if start < 0:
        return value.partition(b";")[0].strip() or None
    end = value.find(b">", start)
    return value[start + 1 : end] if end > 0 else None


def hdr(msg: SipMsg, name: bytes, index: int | bytes = 0) -> bytes | None:
    """``$hdr(name)``; all values joined by commas with ``[*]``."""
    if index == b"*":
        values = msg.hdrs(name)
        return b",".join(values) if values else None
    return msg.hdr(name, index) if isinstance(index, int) else None


def hdrc(msg: SipMsg, name: bytes) -> int:
    """``$hdrc(name)``: how many there are."""
    return len(msg.hdrs(name))


def ai(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$ai``: URI of P-Asserted-Identity."""
    return _address_uri(msg, b"P-Asserted-Identity", index)


def pu(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pu``: URI of P-Preferred-Identity."""
    return _address_uri(msg, b"P-Preferred-Identity", index)


def pU(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pU``"""
    return _uri_part(pu(msg, index), "user")


def pd(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pd``"""
    return _uri_part(pu(msg, index), "host")


def pn(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pn``: display name of P-Preferred-Identity."""
    value = msg.hdr(b"P-Preferred-Identity", index) if isinstance(index, int) else None
    if value is None or b"<" not in value:
        return None
    return value.partition(b"<")[0].strip() or None


def re(msg: SipMsg) -> bytes | None:
    """``$re``: URI of Remote-Party-ID."""
    return _address_uri(msg, b"Remote-Party-ID")


def rt(msg: SipMsg) -> bytes | None:
    """``$rt``: URI of Refer-To."""
    return _address_uri(msg, b"Refer-To")


def di(msg: SipMsg) -> bytes | None:
    """``$di``: URI of Diversion."""
    return _address_uri(msg, b"Diversion")


def dir(msg: SipMsg) -> bytes | None:
    """``$dir``: reason parameter of Diversion."""
    return _diversion(msg, b"reason")


def dip(msg: SipMsg) -> bytes | None:
    """``$dip``: privacy parameter of Diversion."""
    return _diversion(msg, b"privacy")


def dic(msg: SipMsg) -> bytes | None:
    """``$dic``: counter parameter of Diversion."""
    return _diversion(msg, b"counter")


def _diversion(msg: SipMsg, name: bytes) -> bytes | None:
    value = _header(msg, b"Diversion")
    if value is None:
        return None
    for parameter in value.rpartition(b">")[2].split(b";"):
        key, _, text = parameter.strip().partition(b"=")
        if key.lower() == name:
            return text
    return None


def credential(part: bytes) -> Callable[[SipMsg], bytes | None]:
    """``$aa $adn $adc $adr $ado``: one parameter of the credentials."""

    def read(msg: SipMsg) -> bytes | None:
        return msg.auth_param(part)

    return read


def adu(msg: SipMsg) -> bytes | None:
    """``$adu``: URI of the credentials."""
    return msg.auth_uri


def aU(msg: SipMsg) -> bytes | None:
    """``$aU``: whole username of the credentials."""
    return msg.auth_username


def ad(msg: SipMsg) -> bytes | None:
    """``$ad``: domain in the username of the credentials."""
    username = msg.auth_username
    return None if username is None else username.partition(b"@")[2] or None


def Au(msg: SipMsg) -> bytes | None:
    """``$Au``: ``user@realm`` of the credentials, else the URI of From."""
    user, realm = msg.auth_user, msg.auth_realm
    if user is not None and realm is not None:
        return user + b"@" + realm
    return msg.from_uri


def AU(msg: SipMsg) -> bytes | None:
    """``$AU``: user of the credentials, else of From."""
    user = msg.auth_user
    return user if user is not None else msg.from_user


def hexadecimal(name: str) -> Callable[[SipMsg], bytes]:
    """``$mF $bF $sF``: flags in eight hexadecimal digits."""

    def read(msg: SipMsg) -> bytes:
        return b"%08X" % (getattr(msg, name) & 0xFFFFFFFF)

    return read


def set_mF(msg: SipMsg, value: Value) -> None:
    """``$mF = …``"""
    msg.flags = to_int(value)


def set_bF(msg: SipMsg, value: Value) -> None:
    """``$bF = …``"""
    msg.branch_flags = to_int(value)


def Mf(msg: SipMsg, name: bytes) -> int:
    """``$Mf(n)``: 1 where message flag n is set."""
    return int(msg.isflagset(to_int(name)) > 0)


def set_Mf(msg: SipMsg, value: Value, name: bytes) -> None:
    """``$Mf(n) = 0 or 1``"""
    if to_int(value):
        msg.setflag(to_int(name))
    else:
        msg.resetflag(to_int(name))


def Bf(msg: SipMsg, name: bytes) -> int:
    """``$Bf(n)``: 1 where branch flag n is set."""
    return int(msg.isbflagset(to_int(name)) > 0)


def set_Bf(msg: SipMsg, value: Value, name: bytes) -> None:
    """``$Bf(n) = 0 or 1``"""
    if to_int(value):
        msg.setbflag(to_int(name))
    else:
        msg.resetbflag(to_int(name))


def bs(msg: SipMsg) -> int:
    """``$bs``: octets of the body."""
    return len(msg.body or b"")


def conid(msg: SipMsg) -> int | None:
    """``$conid``: id of the TCP connection."""
    return msg.conn_id or None


def csb(msg: SipMsg) -> bytes | None:
    """``$csb``: the whole value of CSeq."""
    return _header(msg, b"CSeq")


def ds(msg: SipMsg) -> bytes | None:
    """``$ds``: destination set: ``Contact`` header value of all branches."""
    branches = [msg.ruri or b""]
    branches += [msg.branch(i)[0] or b"" for i in range(msg.branch_count)]
    return b"Contact: " + b", ".join(b"<%b>" % uri for uri in branches)


def br(msg: SipMsg) -> bytes | None:
    """``$br``: URI of the first branch."""
    return msg.branch(0)[0] if msg.branch_count else None


def set_br(msg: SipMsg, value: Value) -> None:
    """``$br = uri`` adds a branch; ``$null`` drops all of them."""
    if value is None:
        msg.clear_branches()
    else:
        msg.append_branch(to_str(value))


def bR(msg: SipMsg) -> bytes | None:
    """``$bR``: URIs of all branches."""
    count = msg.branch_count
    return b", ".join(b"<%b>" % (msg.branch(i)[0] or b"") for i in range(count)) if count else None


BRANCH_FIELDS = {
    b"uri": 0,
    b"dst_uri": 1,
    b"path": 2,
    b"q": 3,
    b"flags": 4,
    b"send_socket": 5,
    b"ruid": 6,
    b"location_ua": 7,
}


def branch(msg: SipMsg, name: bytes, index: int | bytes = 0) -> Value:
    """``$(branch(field)[index])``"""
    if name == b"count":
        return msg.branch_count
    if not isinstance(index, int):
        return None
    try:
        found: Value = msg.branch(index)[BRANCH_FIELDS[name]]
    except (IndexError, KeyError):
        return None
    if name == b"q" and found == -1:
        return None
    return found


def set_branch(msg: SipMsg, value: Value, name: bytes, index: int | bytes = 0) -> None:
    """``$(branch(field)[index]) = value``; ``$null`` for the URI drops the branch."""
    if not isinstance(index, int):
        return
    if name == b"uri" and (value is None or value == b""):
        msg.drop_branch(index)
        return
    field = b"socket" if name == b"send_socket" else name
    msg.set_branch(index, field, value)


def length_of(name: str) -> Callable[[SipMsg], int]:
    """``$fUl $tUl $rUl``: octets of a user part."""

    def read(msg: SipMsg) -> int:
        return len(getattr(msg, name) or b"")

    return read


def set_tUl(msg: SipMsg, value: Value) -> None:
    """``$tUl = user`` sets the user of To, as in Kamailio."""
    msg.to_user = value


def mt(msg: SipMsg) -> int:
    """``$mt``: 1 for a request, 2 for a reply."""
    return 1 if msg.is_request else 2


def mts(msg: SipMsg) -> bytes:
    """``$mts``: ``request`` or ``reply``."""
    return b"request" if msg.is_request else b"reply"


def mbu(msg: SipMsg) -> bytes:
    """``$mbu``: the buffer of the message."""
    return edit.buffer(msg, 0, edit.length(msg))


def od(msg: SipMsg) -> bytes | None:
    """``$od``: domain of the request URI as received."""
    return _uri_part(msg.orig_uri, "host")


def oU(msg: SipMsg) -> bytes | None:
    """``$oU``: its user."""
    return _uri_part(msg.orig_uri, "user")


def oUl(msg: SipMsg) -> int:
    """``$oUl``: octets of its user."""
    return len(oU(msg) or b"")


def op(msg: SipMsg) -> bytes | None:
    """``$op``: its port, 5060 (5061 for TLS) where none is written."""
    parsed = None if msg.orig_uri is None else parse_uri(msg.orig_uri)
    if parsed is None:
        return None
    if parsed["port"]:
        return to_str(parsed["port"])
    return b"5061" if parsed["proto"] == 3 else b"5060"


def oP(msg: SipMsg) -> bytes | None:
    """``$oP``: its transport in capitals."""
    parsed = None if msg.orig_uri is None else parse_uri(msg.orig_uri)
    number = None if parsed is None else parsed["proto"]
    found = PROTOCOLS.get(number) if isinstance(number, int) else None
    return None if found is None else found.upper()


def prid(msg: SipMsg) -> int:
    """``$prid``: number of the transport protocol."""
    name = msg.proto
    return next((number for number, text in PROTOCOLS.items() if number and text == name), 0)


def rmid(msg: SipMsg) -> int:
    """``$rmid``: number of the method."""
    return msg.method_id


def rz(msg: SipMsg) -> bytes | None:
    """``$rz``: scheme of the request URI."""
    return msg.ruri_scheme


def _socket(proto: bytes, address: bytes, port: int) -> bytes:
    host = b"[%b]" % address if b":" in address else address
    return b"%b:%b:%d" % (proto, host, port)


def Ru(msg: SipMsg) -> bytes | None:
    """``$Ru``: URI of the socket that received it."""
    return _received_uri(msg, full=False)


def Rut(msg: SipMsg) -> bytes | None:
    """``$Rut``: the same, with the transport always."""
    return _received_uri(msg, full=True)


def Ras(msg: SipMsg) -> bytes | None:
    """``$Ras``: the socket that received it, ``proto:ip:port``."""
    address, port = msg.rcv_ip, msg.rcv_port
    return None if address is None or port is None else _socket(msg.proto, address, port)


def _received_uri(msg: SipMsg, *, full: bool) -> bytes | None:
    address, port, proto = msg.rcv_ip, msg.rcv_port, msg.proto
    if address is None or port is None:
        return None
    host = b"[%b]" % address if b":" in address else address
    tail = b";transport=" + proto if full or proto != b"udp" else b""
    return b"sip:%b:%d%b" % (host, port, tail)


def sas(msg: SipMsg) -> bytes:
    """``$sas``: source address in socket form."""
    return _socket(msg.proto, msg.src_ip, msg.src_port)


def siz(msg: SipMsg) -> bytes:
    """``$siz``: source address, IPv6 in brackets."""
    return b"[%b]" % msg.src_ip if b":" in msg.src_ip else msg.src_ip


def expires(msg: SipMsg, name: bytes) -> int | None:
    """``$expires(min)``, ``$expires(max)``: over Expires and the Contact parameters."""
    default = _header(msg, b"Expires")
    base = int(default) if default is not None and default.isdigit() else None
    found = [base] if base is not None else []
    for value in msg.hdrs(b"Contact"):
        for element in value.split(b","):
            for parameter in element.split(b";")[1:]:
                key, _, text = parameter.strip().partition(b"=")
                if key.strip().lower() == b"expires" and text.strip().isdigit():
                    found.append(int(text))
    if not found:
        return None
    return min(found) if name == b"min" else max(found)


def route_header(msg: SipMsg, name: bytes) -> Value:
    """``$nh(field)``: next hop: of dst_uri, else of the request URI."""
    uri = msg.dst_uri or msg.ruri
    if uri is None:
        return None
    if name == b"u":
        return uri
    parsed = parse_uri(uri)
    if parsed is None:
        return None
    if name in (b"U", b"d"):
        return _uri_part(uri, "user" if name == b"U" else "host")
    number = parsed["proto"]
    protocol = PROTOCOLS.get(number, b"udp") if isinstance(number, int) else b"udp"
    if name == b"p":
        return to_int(parsed["port_no"]) or (5061 if protocol == b"tls" else 5060)
    return protocol if name == b"P" else None
