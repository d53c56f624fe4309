"""What uac keeps of a URI in a Route parameter: the exclusive or of the old and the new one, and of
a password, in base64 with ``+/`` and ``-`` for what is missing at the end (``uac/replace.c``).

The same octets as Kamailio's, so that either server reads what the other one wrote.
"""

from __future__ import annotations

import base64
import binascii
from itertools import cycle
from typing import Final

MAX_URI_SIZE: Final = 1024


def xor(first: bytes, second: bytes) -> bytes:
    """Octet by octet; the longer one's end stays as it is."""
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    head = bytes(a ^ b for a, b in zip(longer, shorter, strict=False))
    return head + longer[len(shorter) :]


def veil(text: bytes, password: bytes) -> bytes:
    """Exclusive or with the password over and over; the same again takes it away."""
    return bytes(a ^ b for a, b in zip(text, cycle(password), strict=False)) if password else text


def encode(text: bytes) -> bytes:
    """As the value of a parameter."""
    return base64.b64encode(text).replace(b"=", b"-")


def decode(value: bytes) -> bytes | None:
    """What ``encode`` was given; None for what cannot be its result."""
    body = value.rstrip(b"-")
    missing = len(value) - len(body)
    length = (len(value) * 6 >> 3) - missing
    if not value or length > MAX_URI_SIZE:
        return None
    if length <= 0:
        return b""
    try:
        whole = base64.b64decode(body + b"A" * (-len(body) % 4), validate=True)
    except binascii.Error:
        return None
    return whole[:length].ljust(length, b"\0")


def recover(kept: bytes, present: bytes) -> bytes | None:
    """The URI of the other side from what was kept and the URI that is there now; None: they do
    not belong together."""
    if len(kept) < len(present):
        return None
    found = xor(kept, present)
    end = found.find(b"\0", 0, len(present))
    if end >= 0:
        found = found[:end]
    return found if found and all(32 <= octet < 127 for octet in found) else None
