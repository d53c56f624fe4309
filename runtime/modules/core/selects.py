"""Selects, ``@from.uri.user`` (``select_core.c``): the text of a part of the message, or None."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from runtime.native import pvmsg
from runtime.native.uri import parse as parse_uri
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

Part: TypeAlias = "str | int"
Parts: TypeAlias = "tuple[Part, ...]"

_PART: Final = re.compile(r"\.?([A-Za-z_]\w*)|\[\s*(-?\d+)\s*\]|\[\s*\"?([^\]\"]*)\"?\s*\]")
_BLANKS: Final = b" \t\r\n"
_SHORTCUTS: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "call_id": b"Call-ID",
        "expires": b"Expires",
        "max_forwards": b"Max-Forwards",
        "content_type": b"Content-Type",
        "content_length": b"Content-Length",
        "subject": b"Subject",
        "organization": b"Organization",
        "priority": b"Priority",
        "session_expires": b"Session-Expires",
        "min_se": b"Min-SE",
        "user_agent": b"User-Agent",
        "sip_if_match": b"SIP-If-Match",
        "date": b"Date",
        "identity": b"Identity",
        "identity_info": b"Identity-Info",
    }
)
_ADDRESSES: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "from": b"From",
        "f": b"From",
        "to": b"To",
        "t": b"To",
        "refer_to": b"Refer-To",
        "rpid": b"Remote-Party-ID",
        "remote_party_id": b"Remote-Party-ID",
    }
)


@lru_cache(maxsize=1024)
def parse(text: bytes) -> Parts:
    """The names and indexes of a select."""
    parts: list[Part] = []
    for name, number, key in _PART.findall(text.decode("latin-1").lstrip("@")):
        parts.append(int(number) if number else name or key)
    return tuple(parts)


def evaluate(msg: SipMsg, text: bytes) -> bytes | None:
    """The value of a select."""
    first, *rest = parse(text)
    name = str(first).lower()
    if name in _SHORTCUTS:
        return pvmsg.header(msg, _SHORTCUTS[name])
    if name in _ADDRESSES:
        return _address(msg, _ADDRESSES[name], rest)
    return _CLASSES[name](msg, rest)


# URIs and parameters


def _uri(text: bytes | None, rest: list[Part]) -> bytes | None:
    """A URI, or a part of it."""
    if text is None or not rest:
        return text
    found = parse_uri(text)
    if found is None:
        return None
    name = str(rest[0]).lower()
    if name == "type":
        return text.partition(b":")[0].lower()
    phone = text[:3].lower() == b"tel" or found["user_param"] == b"phone"
    if name == "params":
        own = b"" if phone and text[:3].lower() != b"tel" else found["sip_params"]
        params = own if isinstance(own, bytes) else b""
        return params or None if len(rest) == 1 else _param(params, rest[1])
    host = found["host"] if isinstance(found["host"], bytes) else b""
    port = found["port"] if isinstance(found["port"], bytes) else b""
    secure = text[:5].lower() in (b"sips:", b"tels:")
    if name == "hostport":
        if not host:
            return None
        return host + b":" + (port or (b"5061" if secure else b"5060"))
    if name == "transport":
        number = found["proto"]
        names = {1: b"udp", 2: b"tcp", 3: b"tls", 4: b"sctp", 5: b"ws", 6: b"wss"}
        known = names.get(number) if isinstance(number, int) else None
        return known or (b"tls" if secure else b"udp")
    part = found[{"user": "user", "rn_user": "user", "pwd": "passwd"}.get(name, name)]
    if not isinstance(part, bytes):
        return None
    return part.translate(None, b"-.() ") if phone and name == "user" else part


def _param(params: bytes, wanted: Part) -> bytes | None:
    name = str(wanted).replace("_", "-").encode("latin-1").lower()
    for key, text in split_params(params.lstrip(b"; \t"), b";") or ():
        if key.lower() == name:
            return text
    return None


# headers


def _address(msg: SipMsg, header: bytes, rest: list[Part]) -> bytes | None:
    found = pvmsg.address(msg, header)
    if found is None:
        return None
    name = str(rest[0]).lower() if rest else ""
    if not name:
        return pvmsg.header(msg, header)
    if name == "uri":
        return _uri(found.uri, rest[1:])
    if name == "name":
        return found.display
    return _param(found.params or b"", "tag" if name == "tag" else rest[1])


def _contact(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if pvmsg.header(msg, b"Contact") is None:
        return None
    if not rest:
        return pvmsg.header(msg, b"Contact")
    found = pvmsg.first_element(msg, b"Contact")
    if found is None:
        return None
    name = str(rest[0]).lower()
    if name == "uri":
        return _uri(found.uri, rest[1:])
    if name == "name":
        return found.display or b""
    wanted = {"params": rest[1] if len(rest) > 1 else "", "instance": "+sip.instance"}
    return _param(found.params or b"", wanted.get(name, name))


def _record_route(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if not rest:
        return pvmsg.header(msg, b"Record-Route")
    found = pvmsg.first_element(msg, b"Record-Route")
    if found is None:
        return None
    name = str(rest[0]).lower()
    if name == "uri":
        return _uri(found.uri, rest[1:])
    if name == "name":
        return found.display or b""
    return _param(found.params or b"", rest[1])


def _via(msg: SipMsg, rest: list[Part]) -> bytes | None:
    index = 1
    if rest and isinstance(rest[0], int):
        index, rest = rest[0], rest[1:]
    pvmsg.parsed(msg)  # those before a broken header are there all the same
    found = pvmsg.via_at(msg, index)
    if found is None or not rest:
        return None if found is None else found.whole
    name = str(rest[0]).lower()
    if name == "params":
        return _param(found.params, rest[1])
    if name in ("name", "version", "comment"):
        return {"name": b"SIP", "version": b"2.0"}.get(name)
    if name == "port":
        return found.port_text
    if name == "alias":
        return _param(found.params, "alias")
    part: bytes | None = getattr(found, name)
    return part


def _cseq(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if msg.cseq is None:
        return None
    if not rest:
        return pvmsg.header(msg, b"CSeq")
    return msg.cseq if str(rest[0]).lower() == "num" else msg.cseq_method


def _event(msg: SipMsg, rest: list[Part]) -> bytes | None:
    value = pvmsg.header(msg, b"Event")
    return None if value is None else value.partition(b";")[0].strip(_BLANKS)


def _credentials(header: bytes) -> Callable[[SipMsg, list[Part]], bytes | None]:
    def read(msg: SipMsg, rest: list[Part]) -> bytes | None:
        realm = str(rest[0]).encode("latin-1")
        found = pvmsg.credentials(msg, header, realm)
        if found is None or len(rest) == 1:
            return None if found is None else found["whole"]
        name = str(rest[1]).lower()
        value = found[name]
        if value is None or len(rest) == 2:
            return value
        user, at, domain = value.partition(b"@")
        if str(rest[2]).lower() == "user":
            return user
        return domain if at else None

    return read


# the message


def _msg(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if not rest:
        return msg.message
    name = str(rest[0]).lower()
    if name in ("header", "h"):
        return _header(msg, rest[1:])
    if name in ("request", "req"):
        return _request(msg, rest[1:])
    if name in ("response", "res"):
        return _response(msg, str(rest[1]).lower()) if len(rest) > 1 else None
    if name in ("body", "content"):
        return msg.body if len(rest) == 1 else None
    if name == "first_line":
        return msg.message.partition(b"\n")[0].rstrip(_BLANKS)
    if name == "id":
        return b"%08x" % (msg.msg_id & 0xFFFFFFFF) if len(rest) > 1 else b"%d" % msg.msg_id
    number = {"flags": msg.flags & 0xFFFFFFFF, "len": msg.msg_len}
    return b"%d" % number.get(name, 1 if msg.is_request else 2)


def _header(msg: SipMsg, rest: list[Part]) -> bytes | None:
    name = str(rest[0]).replace("_", "-").encode("latin-1")
    index = rest[1] if len(rest) > 1 and isinstance(rest[1], int) else 1
    values = msg.hdrs(name)
    value = None
    if values and index and -1 <= index <= len(values):
        value = (values[index - 1] if index > 0 else values[-1]).strip(_BLANKS)
    more = [part for part in rest[1:] if isinstance(part, str)]
    if value is None or not more:
        return value
    if more[0].lower() == "params":
        return _param(value.partition(b";")[2], more[1]) if len(more) > 1 else None
    return _nameaddr(value, list(more[1:]))


def _nameaddr(value: bytes, rest: list[Part]) -> bytes | None:
    start = value.find(b"<")
    end = value.find(b">", start)
    if not rest:
        return value
    name = str(rest[0]).lower()
    if start < 0 or end < 0:
        return b"" if name == "name" else _uri(value, rest[1:]) if name == "uri" else None
    if name == "uri":
        return _uri(value[start + 1 : end], rest[1:])
    if name == "name":
        return value[:start].strip(_BLANKS)
    params = value[end + 1 :].lstrip(b"; \t")
    return params if len(rest) == 1 else _param(params, rest[1])


def _request(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if not msg.is_request or not rest:
        return None
    name = str(rest[0]).lower()
    if name == "uri":
        return _uri(msg.message.split(b" ", 2)[1], rest[1:])
    return msg.method if name == "method" else msg.version


def _response(msg: SipMsg, name: str) -> bytes | None:
    if msg.is_request:
        return None
    if name in ("status", "code"):
        return b"%03d" % (msg.status or 0)
    return msg.reason if name == "reason" else msg.version


def _own_uri(msg: SipMsg, rest: list[Part]) -> bytes | None:
    return _uri(msg.ruri, rest)


def _dst_uri(msg: SipMsg, rest: list[Part]) -> bytes | None:
    return _uri(msg.dst_uri if msg.is_request else None, rest)


def _next_hop(msg: SipMsg, rest: list[Part]) -> bytes | None:
    return _uri(msg.dst_uri or pvmsg.request_uri(msg), rest) if msg.is_request else None


def _branch(msg: SipMsg, rest: list[Part]) -> bytes | None:
    name = str(rest[0]).lower()
    if name == "count":
        return b"%d" % msg.branch_count
    index = rest[1] if len(rest) > 1 and isinstance(rest[1], int) else 0
    try:
        found = msg.branch(index)
    except IndexError:
        return None
    more = [part for part in rest[1:] if isinstance(part, str)]
    if name in ("uri", "dst_uri"):
        return _uri(found[0] if name == "uri" else found[1], list(more))
    return None


# addresses and the system


def _place(msg: SipMsg, address: bytes, port: int, name: str) -> bytes | None:
    text = {"ip": address, "port": b"%d" % port, "ip_port": b"%b:%d" % (address, port)}
    if name == "proto":
        return msg.proto
    return text.get(name, b"%b:%b:%d" % (msg.proto, address, port))


def _src(msg: SipMsg, rest: list[Part]) -> bytes | None:
    return _place(msg, msg.src_ip, msg.src_port, str(rest[0]).lower())


def _received(msg: SipMsg, rest: list[Part]) -> bytes | None:
    address, port = msg.rcv_ip, msg.rcv_port
    if address is None or port is None:
        return None
    return _place(msg, address, port, str(rest[0]).lower())


def _sys(msg: SipMsg, rest: list[Part]) -> bytes | None:
    name = str(rest[0]).lower()
    if name == "pid":
        return b"%d" % os.getpid()
    if name != "now":
        return None
    if len(rest) == 1:
        return b"%d" % int(time.time())
    when = time.localtime() if str(rest[1]).lower() == "local" else time.gmtime()
    form = str(rest[2]) if len(rest) > 2 else "%Y-%m-%d %H:%M:%S"
    return time.strftime(form, when).encode("latin-1")


_CLASSES: Final[Mapping[str, Callable[[SipMsg, list[Part]], bytes | None]]] = MappingProxyType(
    {
        "ruri": _own_uri,
        "request_uri": _own_uri,
        "dst_uri": _dst_uri,
        "next_hop": _next_hop,
        "contact": _contact,
        "m": _contact,
        "via": _via,
        "v": _via,
        "record_route": _record_route,
        "rr": _record_route,
        "cseq": _cseq,
        "event": _event,
        "authorization": _credentials(b"Authorization"),
        "proxy_authorization": _credentials(b"Proxy-Authorization"),
        "msg": _msg,
        "message": _msg,
        "method": lambda msg, rest: _request(msg, ["method"]),
        "version": lambda msg, rest: msg.version,
        "status": lambda msg, rest: _response(msg, "status"),
        "code": lambda msg, rest: _response(msg, "status"),
        "reason": lambda msg, rest: _response(msg, "reason"),
        "src": _src,
        "dst": _received,
        "received": _received,
        "sys": _sys,
        "branch": _branch,
    }
)
