"""Nonces without state: a time and an HMAC, good in every worker and after a restart.

``base64(since, expires, HMAC(since, expires)[, HMAC(parts of the message)])``; the second part
stands where ``auth_checks_*`` ask for it.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from struct import Struct

_TIMES = Struct(">II")
_MAC = 16


class Verdict(Enum):
    """What a nonce that came back is worth."""

    GOOD = "good"
    STALE = "stale"  # ours, but too old, or made for another message
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class NonceMaker:
    """Makes and checks nonces of one secret; `lifetime` and `max_drift` are seconds."""

    secret: bytes
    lifetime: int
    max_drift: int

    def make(self, now: int, parts: bytes | None) -> bytes:
        """A nonce valid from `now` on; `parts` ties it to a message."""
        times = _TIMES.pack(now & 0xFFFFFFFF, (now + self.lifetime) & 0xFFFFFFFF)
        raw = times + self._mac(b"t", times)
        if parts is not None:
            raw += self._mac(b"m", times + parts)
        return b64encode(raw)

    def check(self, nonce: bytes, now: int, parts: bytes | None) -> Verdict:
        """Is `nonce` ours, of this time, and (with `parts`) for this message?"""
        try:
            raw = b64decode(nonce, validate=True)
        except (BinasciiError, ValueError):
            return Verdict.BAD
        times, mac, tie = raw[:8], raw[8 : 8 + _MAC], raw[8 + _MAC :]
        if len(mac) != _MAC or not hmac.compare_digest(mac, self._mac(b"t", times)):
            return Verdict.BAD
        since, expires = _TIMES.unpack(times)
        if since - now > self.max_drift or expires < now:
            return Verdict.STALE
        if parts is not None and not hmac.compare_digest(tie, self._mac(b"m", times + parts)):
            return Verdict.STALE
        return Verdict.GOOD

    def _mac(self, kind: bytes, text: bytes) -> bytes:
        return hmac.digest(self.secret, kind + text, sha256)[:_MAC]
