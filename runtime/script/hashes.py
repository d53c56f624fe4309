"""Kamailio's hash of texts (``core/hashes.h``)."""

from __future__ import annotations


def core_hash(first: bytes, second: bytes | None = None, size: int = 0) -> int:
    """The hash of one or two texts, in ``size`` slots, a power of 2 (0: all 32 bits)."""
    total = _added(0, first)
    if second is not None:
        total = _added(total, second)
    total = (total + (total >> 11) + (total >> 13) + (total >> 23)) & 0xFFFFFFFF
    return total & (size - 1) if size else total


def core_case_hash(text: bytes, size: int) -> int:
    """The same of a text without regard to the case of ASCII letters."""
    return core_hash(text.lower(), None, size)


def _added(total: int, text: bytes) -> int:
    octets = memoryview(text).cast("b")  # C's char is signed
    full = len(text) // 4 * 4
    for at in range(0, full, 4):
        a, b, c, d = octets[at : at + 4]
        total += _mixed((a << 24) + (b << 16) + (c << 8) + d)
    word = 0
    for octet in octets[full:]:
        word = (word << 8) + octet
    return (total + _mixed(word)) & 0xFFFFFFFF


def _mixed(word: int) -> int:
    word &= 0xFFFFFFFF
    return word ^ word >> 3
