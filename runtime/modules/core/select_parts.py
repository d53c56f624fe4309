"""What selects go on with behind a value: parts of URIs, of name-addrs, of lists of parameters
(``select_any_uri``, ``select_any_nameaddr``, ``select_any_params`` of ``select_core.c``)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from runtime.native.uri import parse as parse_uri
from runtime.script.values import to_int
from runtime.sip.params import split_params

Part: TypeAlias = "str | int"

BLANKS: Final = b" \t\r\n"
_NORMALIZED: Final = 1  # flag of a URI: its user is a telephone number
_TYPES: Final = (None, b"sip", b"sips", b"tel", b"tels", b"urn")
_TRANSPORTS: Final[Mapping[int, bytes]] = MappingProxyType(
    {1: b"udp", 2: b"tcp", 3: b"tls", 4: b"sctp", 5: b"ws", 6: b"wss"}
)


def of_uri(text: bytes | None, rest: list[Part]) -> bytes | None:
    """A URI, or a part of it."""
    if text is None or not rest:
        return text
    found = parse_uri(text)
    if found is None:
        return None
    name = str(rest[0]).lower()
    kind = to_int(found["type"])
    own, sip = _octets(found["params"]), _octets(found["sip_params"])
    if name == "type":
        return _TYPES[kind]
    if name == "params":
        first = own if kind in (3, 4) else sip
        if len(rest) == 1:
            return first or None
        value = _listed(first, rest[1])
        return _listed(sip, rest[1]) if value is None else value
    secure = kind in (2, 4)
    host = _octets(found["host"])
    if name == "hostport":
        port = _octets(found["port"]) or (b"5061" if secure else b"5060")
        return host + b":" + port if host else None
    if name == "transport":
        return _TRANSPORTS.get(to_int(found["proto"]), b"tls" if secure else b"udp")
    if name == "rn_user":
        routed = _listed(own, "rn")
        routed = _listed(sip, "rn") if routed is None else routed
        if routed is not None:
            return _number(routed)
    if name in ("user", "rn_user"):
        user = found["user"]
        if not isinstance(user, bytes):
            return None
        return _number(user) if to_int(found["flags"]) & _NORMALIZED else user
    part = found[{"pwd": "passwd"}.get(name, name)]
    return part if isinstance(part, bytes) else None


def _octets(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _number(user: bytes) -> bytes | None:
    """A telephone number without what only separates its digits."""
    return user.translate(None, b"-.() ") or None


def _listed(params: bytes, wanted: Part) -> bytes | None:
    """A parameter of a list: None where there is none, and where it has no value."""
    name = str(wanted).replace("_", "-")
    value = param(params, name)
    if value or f"{name}=".encode("latin-1").lower() in params.lower():
        return value
    return None


def param(params: bytes | None, wanted: Part) -> bytes | None:
    """The value of the first parameter of a name; None without one."""
    name = str(wanted).encode("latin-1").lower()
    for key, text in split_params((params or b"").lstrip(b"; \t"), b";") or ():
        if key.lower() == name:
            return text
    return None


def of_value(value: bytes | None, rest: list[Part]) -> bytes | None:
    """A value, or what is chosen of it by ``nameaddr``, ``uri`` or ``params``."""
    if value is None or not rest:
        return value
    name = str(rest[0]).lower()
    if name == "params":
        return _listed(value, rest[1]) if value else None
    return of_nameaddr(value, rest[1:]) if name == "nameaddr" else of_uri(value, rest[1:])


def of_nameaddr(value: bytes | None, rest: list[Part]) -> bytes | None:
    """A part of ``name <uri>;params``."""
    if value is None or not rest:
        return value
    name = str(rest[0]).lower()
    start = _unquoted(value, b"<")
    if name == "name":
        return b"" if start < 0 else value[:start].rstrip(BLANKS)
    if start >= 0:
        behind = value[start + 1 :]
        end = _unquoted(behind, b">")
        if end < 0:
            return None
        uri, tail = behind[:end], behind[end + 1 :]
    else:
        uri, tail = value.partition(b";")[0], value
    if name == "uri":
        return of_uri(uri, rest[1:])
    at = _unquoted(tail, b";")
    if at < 0:
        return tail
    params = tail[at + 1 :]
    return params if len(rest) == 1 else _listed(params, rest[1])


def _unquoted(text: bytes, mark: bytes) -> int:
    """Where ``mark`` stands outside of quotes, -1 if nowhere (``find_not_quoted``)."""
    quoted = False
    at = 0
    while at < len(text):
        octet = text[at : at + 1]
        if quoted and octet == b"\\":
            at += 1
        elif octet == b'"':
            quoted = not quoted
        elif not quoted and octet == mark:
            return at
        at += 1
    return -1
