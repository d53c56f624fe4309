"""Variables computed from the message (``pv_core.c``) that are no attribute of SipMsg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.modules.pv.parts import family, next_hop_of_reply
from runtime.native import onsend, pvmsg
from runtime.native.sipmsg import build_edited
from runtime.native.uri import parse as parse_uri
from runtime.script import sflags
from runtime.script.values import Dual, ShownInt, Value, to_int, to_str, unsigned, wrap
from runtime.sip.params import q_text, split_params

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.native.pvmsg import HeaderAddress
    from runtime.native.sipmsg import SipMsg

MAX_CONTACTS = 4096 - 3  # room that print_dset has, without its line end
AUTHORIZED = "auth:authorized"
SCHEMES = (b"none", b"sip", b"sips", b"tel", b"tels", b"urn")


def _uri_part(text: bytes | None, part: str) -> bytes | None:
    parsed = None if text is None else parse_uri(text)
    if parsed is None:
        return None
    found = parsed[part]
    return found if isinstance(found, bytes) and found else None


def _header(msg: SipMsg, name: bytes) -> bytes | None:
    return pvmsg.header(msg, name)


def hdr(msg: SipMsg, name: bytes, index: int | bytes = 0) -> bytes | None:
    """``$hdr(name)``; all values joined by commas with ``[*]``."""
    if index == b"*":
        values = msg.hdrs(name)
        return b",".join(values) if values else None
    return msg.hdr(name, index) if isinstance(index, int) else None


def _listed(msg: SipMsg, name: bytes) -> list[bytes] | None:
    """The elements of a header that is a list, the headers of any other; None: broken ones."""
    if not pvmsg.parsed(msg):
        return None
    try:
        found = pvmsg.elements(msg, name)
    except ValueError:
        return None
    return msg.hdrs(name) if found is None else found


def hfl(msg: SipMsg, name: bytes, index: int | bytes = 0) -> Value:
    """``$hfl(name)``: an element of Via, Route, Record-Route or Contact; else as ``$hdr``.

    A negative index counts from one behind the last of them, as in 5.6.3.
    """
    if not isinstance(index, int):
        return hdr(msg, name, index)
    if not pvmsg.parsed(msg):
        return None
    try:
        found = pvmsg.elements(msg, name)
    except ValueError:
        return None
    if found is None:
        return hdr(msg, name, index)
    if index < 0:
        index += len(found) + 1
    return found[index] if 0 <= index < len(found) else None


def hflc(msg: SipMsg, name: bytes) -> int:
    """``$hflc(name)``: how many elements there are."""
    return len(_listed(msg, name) or ())


def hdrc(msg: SipMsg, name: bytes) -> int:
    """``$hdrc(name)``: how many there are."""
    return len(msg.hdrs(name))


def _identity(msg: SipMsg, name: bytes, index: int | bytes) -> HeaderAddress | None:
    """The address of that index; a negative one is the first."""
    if not isinstance(index, int):
        return None
    found = pvmsg.identities(msg, name)
    index = max(index, 0)
    return found[index] if found and index < len(found) else None


def ai(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$ai``: URI of P-Asserted-Identity."""
    found = _identity(msg, b"P-Asserted-Identity", index)
    return None if found is None else found.uri


def pu(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pu``: URI of P-Preferred-Identity."""
    found = _identity(msg, b"P-Preferred-Identity", index)
    return None if found is None else found.uri


def pU(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pU``: its user."""
    found = _identity(msg, b"P-Preferred-Identity", index)
    return None if found is None else found.user


def pd(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pd``: its domain."""
    found = _identity(msg, b"P-Preferred-Identity", index)
    return None if found is None else found.host


def pn(msg: SipMsg, index: int | bytes = 0) -> bytes | None:
    """``$pn``: its display name."""
    found = _identity(msg, b"P-Preferred-Identity", index)
    return None if found is None else found.display


def re(msg: SipMsg) -> bytes | None:
    """``$re``: URI of Remote-Party-ID."""
    found = pvmsg.address(msg, b"Remote-Party-ID")
    return None if found is None else found.uri


def rt(msg: SipMsg) -> bytes | None:
    """``$rt``: URI of Refer-To."""
    found = pvmsg.address(msg, b"Refer-To")
    return None if found is None else found.uri


def di(msg: SipMsg) -> bytes | None:
    """``$di``: URI of Diversion."""
    found = pvmsg.address(msg, b"Diversion", comma=True)
    return None if found is None else found.uri


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
    found = pvmsg.address(msg, b"Diversion", comma=True)
    params = None if found is None or found.params is None else split_params(found.params, b";")
    return next((text for key, text in reversed(params or ()) if key == name), None)


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
    return _account(msg, realm=True)


def AU(msg: SipMsg) -> bytes | None:
    """``$AU``: user of the credentials, else of From."""
    return _account(msg, realm=False)


def _account(msg: SipMsg, *, realm: bool) -> bytes | None:
    """The user of credentials that were found good, else of From."""
    user = msg.auth_user if (msg.extra or {}).get(AUTHORIZED) else None
    if user:
        domain = msg.auth_realm if realm else None
        return user + b"@" + domain if domain else user
    uri = msg.from_uri
    parsed = None if not uri else parse_uri(uri)
    if parsed is None:
        return None
    name, host = (
        part if isinstance(part, bytes) else b"" for part in (parsed["user"], parsed["host"])
    )
    return name + b"@" + host if realm else name


def mf(msg: SipMsg) -> int:
    """``$mf``: message flags."""
    return unsigned(msg.flags)


def bf(msg: SipMsg) -> int:
    """``$bf``: branch flags."""
    return unsigned(msg.branch_flags)


def sf(msg: SipMsg) -> int:
    """``$sf``: script flags."""
    return unsigned(sflags.get(msg))


def mF(msg: SipMsg) -> bytes:
    """``$mF``: message flags in eight hexadecimal digits."""
    return _hexadecimal(msg.flags)


def bF(msg: SipMsg) -> bytes:
    """``$bF``: branch flags in eight hexadecimal digits."""
    return _hexadecimal(msg.branch_flags)


def sF(msg: SipMsg) -> bytes:
    """``$sF``: script flags in eight hexadecimal digits."""
    return _hexadecimal(sflags.get(msg))


def _hexadecimal(flags: int) -> bytes:
    return Dual(b"%08x" % (flags & 0xFFFFFFFF), wrap(flags))


def _flags_value(value: Value) -> int | None:
    """What flags are set to; None: text, which sets nothing."""
    if isinstance(value, bytes) and not isinstance(value, Dual):
        return None
    return to_int(value) & 0xFFFFFFFF


def set_mf(msg: SipMsg, value: Value) -> None:
    """``$mf = number``, ``$mF = number``"""
    flags = _flags_value(value)
    if flags is not None:
        msg.flags = flags


def set_bf(msg: SipMsg, value: Value) -> None:
    """``$bf = number``, ``$bF = number``"""
    flags = _flags_value(value)
    if flags is not None:
        msg.branch_flags = flags


def set_sf(msg: SipMsg, value: Value) -> None:
    """``$sf = number``, ``$sF = number``"""
    flags = _flags_value(value)
    if flags is not None:
        sflags.put(msg, flags)


def Mf(msg: SipMsg, flag: int) -> int:
    """``$Mf(n)``: 1 where message flag n is set."""
    return int(msg.isflagset(flag) > 0)


def Bf(msg: SipMsg, flag: int) -> int:
    """``$Bf(n)``: 1 where branch flag n is set."""
    return int(msg.isbflagset(flag) > 0)


def Sf(msg: SipMsg, flag: int) -> int:
    """``$Sf(n)``: 1 where script flag n is set."""
    return sflags.get(msg) >> (flag & 31) & 1


def _one_flag(flags: int, value: Value, flag: int) -> int:
    """The flags with flag n as said; ``$null`` clears all of them, text changes none."""
    if value is None:
        return 0
    wanted = _flags_value(value)
    if wanted is None:
        return flags
    bit = 1 << (flag & 31)
    return flags | bit if wanted else flags & ~bit


def set_Mf(msg: SipMsg, value: Value, flag: int) -> None:
    """``$Mf(n) = 0 or 1``"""
    msg.flags = _one_flag(msg.flags, value, flag)


def set_Bf(msg: SipMsg, value: Value, flag: int) -> None:
    """``$Bf(n) = 0 or 1``"""
    msg.branch_flags = _one_flag(msg.branch_flags, value, flag)


def set_Sf(msg: SipMsg, value: Value, flag: int) -> None:
    """``$Sf(n) = 0 or 1``"""
    sflags.put(msg, _one_flag(sflags.get(msg), value, flag))


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
    """``$ds``: the destination set as a Contact header."""
    uri, q = pvmsg.new_uri(msg)
    parts = [] if uri is None else [_contact(uri, q)]
    parts += [_contact(msg.branch(i)[0], msg.branch(i)[3]) for i in range(msg.branch_count)]
    text = b"Contact: " + b", ".join(parts)
    return text if parts and len(text) <= MAX_CONTACTS else None


def _contact(uri: bytes | None, q: int) -> bytes:
    text = b"<%b>" % (uri or b"")
    return text if q < 0 else text + b";q=" + q_text(q)


def br(msg: SipMsg) -> bytes | None:
    """``$br``: URI of the first branch."""
    return msg.branch(0)[0] if msg.branch_count and msg.is_request else None


def set_br(msg: SipMsg, value: Value) -> None:
    """``$br = uri`` adds a branch."""
    if isinstance(value, bytes) and value:
        pvmsg.push_branch(msg, bytes(value), -1)


def bR(msg: SipMsg) -> bytes | None:
    """``$bR``: URIs of all branches."""
    if not msg.branch_count or not msg.is_request:
        return None
    found = [msg.branch(i) for i in range(msg.branch_count)]
    return b", ".join((one[0] or b"") if one[3] < 0 else _contact(one[0], one[3]) for one in found)


def set_tUl(msg: SipMsg, value: Value) -> None:
    """``$tUl = user`` sets the user of To, as in Kamailio."""
    if value is None or isinstance(value, bytes):
        msg.to_user = None if value is None else bytes(value)


def cl(msg: SipMsg) -> int | None:
    """``$cl``: the number of Content-Length, shown as it is written."""
    number, text = msg.content_length, _header(msg, b"Content-Length")
    if number is None or text is None:
        return None
    return number if text == b"%d" % number else ShownInt(number, text)


def rs(msg: SipMsg) -> int | None:
    """``$rs``: status of a reply, shown as it is written."""
    number = msg.status
    return number if number is None or number >= 100 else ShownInt(number, b"%03d" % number)


def rsi(msg: SipMsg) -> int:
    """``$rsi``: the same, 0 for a request."""
    return rs(msg) or 0


def ruid(msg: SipMsg) -> bytes | None:
    """``$ruid``: id of the location record that the request goes to."""
    return (msg.ruid or None) if msg.is_request else None


def mt(msg: SipMsg) -> int:
    """``$mt``: 1 for a request, 2 for a reply, 0 for what is neither."""
    return 1 if msg.is_request else 2 if msg.is_reply else 0


def mts(msg: SipMsg) -> bytes:
    """``$mts``: ``rq`` or ``rp``, ``xx`` for what is neither."""
    return b"rq" if msg.is_request else b"rp" if msg.is_reply else b"xx"


def mbu(msg: SipMsg) -> bytes | None:
    """``$mbu``: the message with its queued changes."""
    return onsend.octets() or build_edited(msg)


def od(msg: SipMsg) -> bytes | None:
    """``$od``: domain of the request URI as received."""
    return _uri_part(msg.orig_uri, "host")


def oU(msg: SipMsg) -> bytes | None:
    """``$oU``: its user."""
    return _uri_part(msg.orig_uri, "user")


def oUl(msg: SipMsg) -> int | None:
    """``$oUl``: octets of its user."""
    return None if msg.orig_uri is None else len(oU(msg) or b"")


def rUl(msg: SipMsg) -> int | None:
    """``$rUl``: octets of the user of the request URI."""
    return None if msg.ruri is None else len(msg.ruri_user or b"")


def fUl(msg: SipMsg) -> int | None:
    """``$fUl``: octets of the user of From."""
    return _user_length(msg.from_uri)


def tUl(msg: SipMsg) -> int | None:
    """``$tUl``: octets of the user of To."""
    return _user_length(msg.to_uri)


def _user_length(uri: bytes | None) -> int | None:
    parsed = None if uri is None else parse_uri(uri)
    if parsed is None:
        return None
    user = parsed["user"]
    return len(user) if isinstance(user, bytes) else 0


def _port(uri: bytes | None) -> bytes | None:
    """Port of a URI: 5060 (5061 for TLS) where none is written."""
    parsed = None if uri is None else parse_uri(uri)
    if parsed is None:
        return None
    if parsed["port"]:
        return Dual(to_str(parsed["port"]), to_int(parsed["port_no"]))
    return Dual(b"5061", 5061) if parsed["proto"] == 3 else Dual(b"5060", 5060)


def _transport(uri: bytes | None) -> bytes | None:
    """Transport of a URI as it is written, ``UDP`` where none is."""
    parsed = None if uri is None else parse_uri(uri)
    if parsed is None:
        return None
    text = parsed["transport"]
    return Dual(text, to_int(parsed["proto"])) if isinstance(text, bytes) else Dual(b"UDP", 1)


def op(msg: SipMsg) -> bytes | None:
    """``$op``: port of the request URI as received."""
    return _port(msg.orig_uri)


def oP(msg: SipMsg) -> bytes | None:
    """``$oP``: its transport."""
    return _transport(msg.orig_uri)


def rP(msg: SipMsg) -> bytes | None:
    """``$rP``: transport of the request URI."""
    return _transport(msg.ruri)


def dP(msg: SipMsg) -> bytes | None:
    """``$dP``: transport of the destination URI."""
    return _transport(msg.dst_uri)


def pr(msg: SipMsg) -> bytes:
    """``$pr``, ``$proto``: transport protocol, with its number beside it."""
    return Dual(msg.proto, prid(msg))


def prid(msg: SipMsg) -> int:
    """``$prid``: number of the transport protocol."""
    return pvmsg.received_proto(msg)


def rmid(msg: SipMsg) -> int | None:
    """``$rmid``: number of the method."""
    return None if msg.method is None else msg.method_id


def rz(msg: SipMsg) -> bytes | None:
    """``$rz``: scheme of the request URI."""
    scheme = msg.ruri_scheme
    return None if scheme is None else Dual(scheme, SCHEMES.index(scheme))


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
    if not pvmsg.parsed(msg):
        return None
    header = _header(msg, b"Expires")
    default = None
    if header is not None:
        text = header.strip(b" \t\r\n")
        if not text:
            return None
        default = _seconds(text)
    try:
        contacts = pvmsg.contact_expires(msg)
    except ValueError:
        return None
    found: list[int] = []
    for value in contacts:
        if value is not None:
            if not value.isdigit() or int(value) > 0xFFFFFFFF:
                return None
            found.append(int(value))
        elif default is not None:
            found.append(default)
    if not found and default is not None:
        found.append(default)
    if not found:
        return None
    return unsigned(min(found) if name == b"min" else max(found))


def _seconds(text: bytes) -> int:
    """The digits that an Expires value starts with; none of more than ten octets."""
    if len(text) > 10:
        return 0
    digits = len(text) - len(text.lstrip(b"0123456789"))
    return int(text[:digits] or b"0") & 0xFFFFFFFF


def next_hop(msg: SipMsg, name: bytes) -> Value:
    """``$nh(part)``: next hop: of dst_uri, else of the request URI; of a reply, its second Via."""
    if msg.is_reply:
        return next_hop_of_reply(msg, name)
    uri = msg.dst_uri or pvmsg.request_uri(msg) or msg.orig_uri or b""
    if name == b"u":
        return uri
    parsed = parse_uri(uri)
    if parsed is None:
        return None
    if name in (b"U", b"d"):
        return _uri_part(uri, "user" if name == b"U" else "host")
    if name == b"p":
        text = parsed["port"]
        return (
            Dual(text, to_int(parsed["port_no"]))
            if isinstance(text, bytes) and text
            else Dual(b"5060", 5060)
        )
    if name == b"P":
        return _transport(uri)
    host = parsed["host"]
    return family(host) if isinstance(host, bytes) and host else 0
