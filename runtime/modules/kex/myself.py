"""``is_myself``: a SIP URI, ``proto:host:port``, or a host, against this server's names."""

from __future__ import annotations

import re
from typing import Final

from runtime.native import net

_URI: Final = re.compile(
    rb"(?:sips?:)(?:[^@]*@)?(\[[0-9a-fA-F:.]+\]|[^\[\];:?>]+)(?::(\d{1,5}))?"
    rb"(?:;(?:.*?;)?transport=([a-zA-Z]+))?",
    re.IGNORECASE,
)
_SOCKET: Final = re.compile(
    rb"(?:(udp|tcp|tls|sctp|ws|wss):)?(\[[0-9a-fA-F:.]+\]|[^\[\]:]+)(?::(\d{1,5}))?", re.IGNORECASE
)
_NUMBERS: Final = {b"udp": 1, b"tcp": 2, b"tls": 3, b"sctp": 4, b"ws": 5, b"wss": 6}


def is_myself(text: bytes) -> bool:
    """Does the host (with port and protocol, where given) name this server?"""
    if text[:4].lower() in (b"sip:", b"sips"):
        found = _URI.match(text)
        if found is None:
            return False
        host, port, proto = found[1], found[2], found[3]
    else:
        found = _SOCKET.fullmatch(text)
        if found is None:
            return False
        proto, host, port = found[1], found[2], found[3]
    number = int(port) if port else 0
    if number > 65535:
        return False
    return bool(net.is_self(host, number, _NUMBERS.get((proto or b"").lower(), 0)))
