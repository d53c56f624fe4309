"""The arithmetic of Digest (RFC 2617 section 3.2.2; SHA-256 as RFC 8760)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5, sha256
from typing import Literal


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A hash of Digest with the length of its hexadecimal form."""

    name: Literal["MD5", "SHA-256"]

    @property
    def hex_len(self) -> int:
        """Characters of a response."""
        return 32 if self.name == "MD5" else 64

    def hex(self, text: bytes) -> bytes:
        """Hash of `text` in lower-case hexadecimal."""
        if self.name == "MD5":
            return md5(text, usedforsecurity=False).hexdigest().encode()
        return sha256(text).hexdigest().encode()

    def ha1(self, username: bytes, realm: bytes, password: bytes) -> bytes:
        """H(A1)."""
        return self.hex(b":".join((username, realm, password)))

    def response(
        self,
        ha1: bytes,
        *,
        nonce: bytes,
        nc: bytes,
        cnonce: bytes,
        qop: bytes,
        method: bytes,
        uri: bytes,
        body: bytes,
    ) -> bytes:
        """The request digest; with a `qop`, `nc` and `cnonce` take part, with auth-int `body`."""
        a2 = method + b":" + uri
        if qop.lower() == b"auth-int":
            a2 += b":" + self.hex(body)
        middle = [nonce, nc, cnonce, qop] if qop else [nonce]
        return self.hex(b":".join([ha1, *middle, self.hex(a2)]))
