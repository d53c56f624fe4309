"""Answers to Digest challenges (``uac/auth.c``, ``auth_alg.c``, ``auth_hdr.c``; RFC 2617)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from runtime.declare.record import Record
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

NC: Final = b"00000001"
QUOTED: Final = frozenset({b"realm", b"nonce", b"domain", b"opaque"})
SPACE: Final = b" \t\r\n\v\f"


class Credential(Record):
    """Who answers for a realm; ``password`` is H(A1) where ``ha1`` says so."""

    realm: bytes
    user: bytes
    password: bytes
    ha1: bool = False


def credential(text: bytes) -> Credential:
    """``user:realm:password`` of a parameter. Raises ValueError."""
    user, first, rest = text.partition(b":")
    realm, second, password = rest.partition(b":")
    user, realm, password = user.strip(), realm.strip(), password.strip()
    if not (first and second and user and realm and password) or any(
        len(part.split()) != 1 for part in (user, realm, password)
    ):
        raise ValueError("a credential is user:realm:password")
    return Credential(realm, user, password)


def challenge(text: bytes) -> dict[bytes, bytes] | None:
    """The parameters of a challenge by lower-case name; None: broken, or nothing that we know."""
    body = text.strip(SPACE)
    if body[:6].lower() != b"digest" or body[6:7] not in (b" ", b"\t", b"\r", b"\n"):
        return None
    rest = body[6:].lstrip(SPACE)
    found: dict[bytes, bytes] = {}
    while rest:
        name, equals, rest = rest.partition(b"=")
        name = name.strip(SPACE).lower()
        rest = rest.lstrip(SPACE)
        if not equals or not rest or (name in QUOTED and rest[:1] != b'"'):
            return None
        if rest[:1] == b'"':
            value, closing, rest = rest[1:].partition(b'"')
            if not closing:
                return None
        else:
            end = next((n for n, c in enumerate(rest) if c in SPACE or c == 0x2C), len(rest))
            value, rest = rest[:end], rest[end:]
        rest = rest.lstrip(SPACE)
        if rest[:1] == b",":
            rest = rest[1:].lstrip(SPACE)
        found[name] = value
    if len(found.get(b"algorithm", b"MD5")) != 3:
        LM_ERR("uac: unsupported algorithm in a challenge")
        return None
    if found.get(b"stale", b"true").lower() not in (b"true", b"false"):
        return None
    return found if found.get(b"nonce") and found.get(b"realm") else None


def of_reply(reply: SipMsg, code: int) -> dict[bytes, bytes] | None:
    """The challenge in the first header that fits the status."""
    name = b"WWW-Authenticate" if code == 401 else b"Proxy-Authenticate"
    value = reply.hdr(name, 0) if code in (401, 407) else None
    found = challenge(value) if isinstance(value, bytes) else None
    if found is None:
        LM_ERR("uac: the reply has no good challenge")
    return found


def _md5(*parts: bytes) -> bytes:
    return hashlib.md5(b":".join(parts), usedforsecurity=False).hexdigest().encode()


def _core_hash(text: bytes) -> int:
    """``get_hash1_raw``."""
    h = 0
    whole = len(text) // 4 * 4
    for at in range(0, whole, 4):
        v = int.from_bytes(text[at : at + 4], "big")
        h = h + (v ^ v >> 3) & 0xFFFFFFFF
    v = int.from_bytes(text[whole:], "big")
    h = h + (v ^ v >> 3) & 0xFFFFFFFF
    return h + (h >> 11) + (h >> 13) + (h >> 23) & 0xFFFFFFFF


def header(
    found: dict[bytes, bytes], code: int, method: bytes, uri: bytes, who: Credential
) -> bytes:
    """The line that answers a challenge."""
    nonce, qop = found[b"nonce"], found.get(b"qop", b"")
    realm = who.realm or found[b"realm"]
    ha1 = who.password[:32] if who.ha1 else _md5(who.user, realm, who.password)
    with_qop = qop[:4] == b"auth"
    cnonce = b"%d" % _core_hash(nonce) if with_qop else b""
    middle = [NC, cnonce, qop.partition(b",")[0]] if qop else []
    response = _md5(ha1, nonce, *middle, _md5(method, uri))
    start = b"Authorization" if code == 401 else b"Proxy-Authorization"
    parts = [b'username="%s"' % who.user, b'realm="%s"' % realm, b'nonce="%s"' % nonce]
    parts.append(b'uri="%s"' % uri)
    if found.get(b"opaque"):
        parts.append(b'opaque="%s"' % found[b"opaque"])
    if with_qop:
        parts += [b"qop=auth", b"nc=" + NC, b'cnonce="%s"' % cnonce]
    parts += [b'response="%s"' % response, b"algorithm=MD5"]
    return start + b": Digest " + b", ".join(parts) + b"\r\n"


def authorization(
    reply: SipMsg, code: int, method: bytes, uri: bytes, who: Credential
) -> bytes | None:
    """The line that answers the challenge in a reply; None: there is none."""
    found = of_reply(reply, code)
    return None if found is None else header(found, code, method, uri, who)
