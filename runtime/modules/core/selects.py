"""Selects, ``@from.uri.user`` (``select_core.c``): the text of a part of the message, or None."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from runtime.modules.core.select_parts import BLANKS, Part, of_nameaddr, of_uri, of_value, param
from runtime.native import edit, pvmsg
from runtime.script.pv import compile_spec
from runtime.script.values import to_int, to_str
from runtime.sip.params import q_text

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

Parts: TypeAlias = "tuple[Part, ...]"

_PART: Final = re.compile(r"\.?([A-Za-z_]\w*)|\[\s*(-?\d+)\s*\]|\[\s*\"?([^\]\"]*)\"?\s*\]")
MAX_TIME: Final = 79
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
_CREDENTIALS: Final[Mapping[str, bytes]] = MappingProxyType(
    {"authorization": b"Authorization", "proxy_authorization": b"Proxy-Authorization"}
)


@lru_cache(maxsize=1024)
def parse(text: bytes) -> Parts:
    """The names and indexes of a select."""
    parts: list[Part] = []
    for name, number, key in _PART.findall(text.decode("latin-1").lstrip("@")):
        parts.append(int(number) if number else name or key)
    return tuple(parts)


class Selects:
    """The selects of the core, and of the modules that have some."""

    __slots__ = ("_server", "_system")

    def __init__(self, server: Server) -> None:
        self._server = server
        self._system = Sys(to_int(server.core.get("server_id")))

    def evaluate(self, msg: SipMsg, text: bytes) -> bytes | None:
        """The value of a select."""
        first, *rest = parse(text)
        name = str(first).lower()
        if name in _SHORTCUTS:
            return pvmsg.header(msg, _SHORTCUTS[name])
        if name in _ADDRESSES:
            return _address(msg, _ADDRESSES[name], rest)
        if name in _CREDENTIALS:
            realm = str(rest[0]).encode("latin-1")
            if realm.startswith(b"$"):
                realm = to_str(compile_spec(realm, self._server.pv).get(msg))
            return _credentials(msg, _CREDENTIALS[name], realm, rest[1:])
        if name == "sys":
            return self._system.read(rest)
        if name == "cfg_get":
            value = self._server.cfg.get(str(rest[0]), str(rest[1]))
            return of_value(to_str(value), rest[2:])
        return _CLASSES[name](msg, rest)


# headers


def _address(msg: SipMsg, header: bytes, rest: list[Part]) -> bytes | None:
    found = pvmsg.address(msg, header)
    if found is None:
        return None
    name = str(rest[0]).lower() if rest else ""
    if not name:
        return pvmsg.header(msg, header)
    if name == "uri":
        return of_uri(found.uri, rest[1:])
    if name == "name":
        return found.display
    if name != "tag":
        return param(found.params, rest[1])
    return b"" if found.tag is None and b"tag=" in (found.params or b"").lower() else found.tag


def _contact(msg: SipMsg, rest: list[Part]) -> bytes | None:
    value = pvmsg.header(msg, b"Contact")
    found = None if value is None else pvmsg.first_element(msg, b"Contact")
    if not rest:
        return value if found is not None or value == b"*" else None
    if found is None:
        return None
    name = str(rest[0]).lower()
    if name == "uri":
        return of_uri(found.uri, rest[1:])
    if name == "name":
        return found.display or b""
    wanted = {"params": rest[1] if len(rest) > 1 else "", "instance": "+sip.instance"}
    return param(found.params or b"", wanted.get(name, name))


def _record_route(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if not rest:
        return pvmsg.header(msg, b"Record-Route")
    found = pvmsg.first_element(msg, b"Record-Route")
    if found is None:
        return None
    name = str(rest[0]).lower()
    if name == "uri":
        return of_uri(found.uri, rest[1:])
    if name == "name":
        return found.display or b""
    return param(found.params or b"", rest[1])


def _via(msg: SipMsg, rest: list[Part]) -> bytes | None:
    index = 1
    if rest and isinstance(rest[0], int):
        index, rest = rest[0], rest[1:]
    if not pvmsg.parsed(msg) and index < 0:  # those before a broken header are there all the same
        return None
    found = pvmsg.via_at(msg, index)
    if found is None or not rest:
        return None if found is None else found.whole
    name = str(rest[0]).lower()
    if name == "params":
        return param(found.params, rest[1])
    if name in ("name", "version", "comment"):
        return {"name": b"SIP", "version": b"2.0"}.get(name)
    if name == "port":
        return found.port_text
    if name == "alias":
        return param(found.params, "alias")
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
    return None if value is None else value.partition(b";")[0].strip(BLANKS)


def _credentials(msg: SipMsg, header: bytes, realm: bytes, rest: list[Part]) -> bytes | None:
    found = pvmsg.credentials(msg, header, realm)
    if found is None or not rest:
        return None if found is None else found["whole"]
    value = found[str(rest[0]).lower()]
    if value is None or len(rest) == 1:
        return value
    user, at, domain = value.partition(b"@")
    if str(rest[1]).lower() == "user":
        return user
    return domain if at else None


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
        return _body(msg, rest[1:])
    if name == "first_line":
        return msg.message.partition(b"\n")[0].rstrip(BLANKS)
    if name == "id":
        return b"%08x" % (msg.msg_id & 0xFFFFFFFF) if len(rest) > 1 else b"%d" % msg.msg_id
    number = {"flags": msg.flags & 0xFFFFFFFF, "len": msg.msg_len}
    return b"%d" % number.get(name, 1 if msg.is_request else 2)


def _header(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if not rest:
        return _all_headers(msg)
    name = str(rest[0]).replace("_", "-").encode("latin-1")
    index = rest[1] if len(rest) > 1 and isinstance(rest[1], int) else 1
    more = [part for part in rest[1:] if isinstance(part, str)]
    if more and more[0].lower() == "nameaddr":  # in 5.6.3 the place of the index is another one
        index = -1 if isinstance(rest[1], str) else 1
    values = msg.hdrs(name)
    if not values or index > len(values) or not pvmsg.parsed(msg):
        return None
    value = values[index - 1] if index > 0 else values[-1]
    return of_value(value.strip(BLANKS), list(more))


def _all_headers(msg: SipMsg) -> bytes | None:
    cut = pvmsg.parts(msg)
    return None if cut is None else edit.buffer(msg, cut[0], edit.body_start(msg) or cut[1])


def _sdp(msg: SipMsg) -> bytes | None:
    """The body, or its part, that is ``application/sdp``."""
    kind = pvmsg.header(msg, b"Content-Type")
    start = edit.body_start(msg) if kind is not None and pvmsg.parsed(msg) else 0
    if kind is None or not start:
        return None
    octets = edit.buffer(msg, start, edit.length(msg))
    mime, _, rest = kind.partition(b";")
    if mime.strip(BLANKS).lower() == b"application/sdp":
        return octets
    mark = param(rest, "boundary") if mime.strip(BLANKS).lower().startswith(b"multipart/") else None
    for part in octets.split(b"--" + mark)[1:] if mark else ():
        head, blank, content = part.partition(b"\r\n\r\n")
        found = re.search(rb"\ncontent-type[ \t]*:([^;\r\n]*)", head, re.IGNORECASE)
        if blank and found is not None and found[1].strip(BLANKS).lower() == b"application/sdp":
            return content.removesuffix(b"\n").removesuffix(b"\r")
    return None


def _body(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if not rest:
        return msg.body
    text = _sdp(msg)
    if text is None or len(rest) == 1:
        return text
    wanted = str(rest[2]).encode("latin-1")[:1]
    for line in text.splitlines(keepends=True):
        if line[:1] == wanted:
            value = line[2:].rstrip(b"\n")
            value = value.removesuffix(b"\r")
            good = line[1:2] == b"=" and line.endswith(b"\n")
            return value or None if good else None
    return None


def _request(msg: SipMsg, rest: list[Part]) -> bytes | None:
    if not msg.is_request or not rest:
        return None
    name = str(rest[0]).lower()
    if name == "uri":
        return of_uri(msg.message.split(b" ", 2)[1], rest[1:])
    return msg.method if name == "method" else msg.version


def _response(msg: SipMsg, name: str) -> bytes | None:
    if msg.is_request:
        return None
    if name in ("status", "code"):
        return b"%03d" % (msg.status or 0)
    return msg.reason if name == "reason" else msg.version


def _own_uri(msg: SipMsg, rest: list[Part]) -> bytes | None:
    return of_uri(msg.ruri, rest)


def _dst_uri(msg: SipMsg, rest: list[Part]) -> bytes | None:
    return of_uri(msg.dst_uri if msg.is_request else None, rest)


def _next_hop(msg: SipMsg, rest: list[Part]) -> bytes | None:
    return of_uri(msg.dst_uri or pvmsg.request_uri(msg), rest) if msg.is_request else None


def _branch(msg: SipMsg, rest: list[Part]) -> bytes | None:
    """The count, or something of one branch; of all of them without an index."""
    name = str(rest[0]).lower()
    count = msg.branch_count
    if name == "count":
        return b"%d" % count
    more = list(rest[1:])
    index = more.pop(0) if more and isinstance(more[0], int) else None
    if index is None and (more or count == 0):
        return None
    if index is None and count > 1:
        return b",".join(_of_branch(msg, name, at) or b"" for at in range(count))
    at = index or 0
    value = _of_branch(msg, name, at) if isinstance(at, int) and 0 <= at < count else None
    return of_nameaddr(value, more) if name == "uriq" else of_uri(value, more)


def _of_branch(msg: SipMsg, name: str, index: int) -> bytes | None:
    uri, dst_uri, _, q, *_ = msg.branch(index)
    if name == "dst_uri":
        return dst_uri
    text = None if q < 0 or name == "uri" else q_text(q)
    if name == "q":
        return text
    return uri if text is None else b"<%b>;q=%b" % (uri or b"", text)


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


class Sys:
    """``@sys...``: of the process and the clock."""

    __slots__ = ("_number", "_prefix", "_server_id")

    def __init__(self, server_id: int) -> None:
        self._server_id = server_id
        self._prefix = b""
        self._number = 0

    def read(self, rest: list[Part]) -> bytes | None:
        """``pid``, ``server_id``, ``unique``, ``now``, ``now.local``, ``now.gmt["format"]``"""
        name = str(rest[0]).lower()
        if name == "pid":
            return b"%d" % os.getpid()
        if name == "server_id":
            return b"%d" % self._server_id
        if name == "unique":
            return self._unique()
        if len(rest) == 1:
            return b"%d" % int(time.time())
        when = time.localtime() if str(rest[1]).lower() == "local" else time.gmtime()
        if len(rest) == 2:
            return time.asctime(when).encode("latin-1")
        text = time.strftime(str(rest[2]), when).encode("latin-1")
        return text if len(text) < MAX_TIME else b""

    def _unique(self) -> bytes:
        pid = b"%04x" % os.getpid()
        if not self._prefix.startswith(pid[:4] + b"-"):
            self._prefix = b"%b-%08x-" % (pid[:4], int(time.time()))
            self._number = secrets.randbits(32)
        self._number = (self._number + 1) & 0xFFFFFFFF
        return b"%b%08x" % (self._prefix, self._number)


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
        "branch": _branch,
    }
)
