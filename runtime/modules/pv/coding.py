"""Encodings and escapes of the ``s`` transformations (``pv_trans.c``, ``basex.c``,
``strutils.c``). None stands for a failure, as in ``strings.py``."""

from __future__ import annotations

import binascii
from base64 import b64encode, urlsafe_b64encode

from runtime.modules.pv.strings import LIMIT
from runtime.script.values import Value, to_str

_ALNUM = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_STANDARD = {octet: at for at, octet in enumerate(_BASE64 + b"+/")}
_URL_SAFE = {octet: at for at, octet in enumerate(_BASE64 + b"-_")}
_USER = frozenset(_ALNUM + b"-_.!~*'()&=+$,;?")
_PARAM = frozenset(_ALNUM + b"-_.!~*'()[]/:&+$")
_URL = frozenset(_ALNUM + b"-_.~")
_ESCAPES = {39: b"\\'", 34: b'\\"', 92: b"\\\\", 0: b"\\0"}
_HALF = LIMIT // 2 - 1
_THIRD = (LIMIT - 1) // 3


def _text(value: Value, limit: int) -> bytes | None:
    if value is None:
        return None
    text = to_str(value)
    return text if len(text) <= limit else None


def encode_hexa(value: Value) -> bytes | None:
    """``{s.encode.hexa}``"""
    text = _text(value, _HALF)
    return None if text is None else binascii.hexlify(text)


def decode_hexa(value: Value) -> bytes | None:
    """``{s.decode.hexa}``: an odd last digit is left out."""
    text = _text(value, LIMIT * 2 - 1)
    if text is None:
        return None
    try:
        return binascii.unhexlify(text[: len(text) // 2 * 2])
    except binascii.Error:
        return None


def encode_7bit(value: Value) -> bytes | None:
    """``{s.encode.7bit}``: septets packed into octets, those in hexadecimal digits. An octet
    behind the end counts as NUL."""
    text = _text(value, LIMIT // 2)
    if text is None:
        return None
    out = bytearray()
    left, at = 1, 0
    padded = text + b"\0\0"
    while at < len(text):
        out.append(padded[at] >> (left - 1) | padded[at + 1] << (8 - left) & 0xFF)
        left += 1
        if left == 8:
            left = 1
            at += 1
        at += 1
    return binascii.hexlify(bytes(out)).upper()


def decode_7bit(value: Value) -> bytes | None:
    """``{s.decode.7bit}``; a digit behind the end counts as NUL."""
    text = _text(value, _HALF)
    if text is None:
        return None
    out = bytearray()
    left, old = 1, 0
    for at in range(0, len(text), 2):
        high, low = text[at], text[at + 1] if at + 1 < len(text) else 0
        octet = (_hex_digit(high) << 4 | _hex_digit(low)) & 0xFF
        out.append(octet << (left - 1) & 0x7F | old)
        old = octet >> (8 - left)
        left += 1
        if left == 8:
            out.append(old)
            left, old = 1, 0
    return bytes(out)


def _hex_digit(octet: int) -> int:
    """``hex_to_char``: a digit's value as a C char, whatever the digit is."""
    if 48 <= octet <= 57:
        return octet - 48
    number = (octet + 32 if 65 <= octet <= 90 else octet) - 87 & 0xFF
    return number - 256 if number > 127 else number


def encode_base58(value: Value) -> bytes | None:
    """``{s.encode.base58}``"""
    text = _text(value, LIMIT)
    if text is None:
        return None
    number = int.from_bytes(text, "big")
    digits = bytearray()
    while number:
        number, digit = divmod(number, 58)
        digits.append(_BASE58[digit])
    digits += b"1" * (len(text) - len(text.lstrip(b"\0")))
    return bytes(reversed(digits)) if len(digits) < LIMIT - 1 else None


def decode_base58(value: Value) -> bytes | None:
    """``{s.decode.base58}``: followed by one NUL, and by one more for each leading ``1``, since
    5.6.3 counts so."""
    text = _text(value, LIMIT)
    if text is None or text.strip(_BASE58):
        return None
    number = 0
    for octet in text:
        number = number * 58 + _BASE58.index(octet)
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return octets + b"\0" * (1 + len(text) - len(text.lstrip(b"1")))


def encode_base64(value: Value) -> bytes | None:
    """``{s.encode.base64}``"""
    text = _text(value, LIMIT)
    encoded = None if text is None else b64encode(text)
    return encoded if encoded is not None and len(encoded) < LIMIT else None


def encode_base64t(value: Value) -> bytes | None:
    """``{s.encode.base64t}``: without padding."""
    encoded = encode_base64(value)
    return None if encoded is None else encoded.rstrip(b"=")


def encode_base64url(value: Value) -> bytes | None:
    """``{s.encode.base64url}``"""
    text = _text(value, LIMIT)
    encoded = None if text is None else urlsafe_b64encode(text)
    return encoded if encoded is not None and len(encoded) < LIMIT - 1 else None


def encode_base64urlt(value: Value) -> bytes | None:
    """``{s.encode.base64urlt}``: without padding."""
    encoded = encode_base64url(value)
    return None if encoded is None else encoded.rstrip(b"=")


def decode_base64(value: Value) -> bytes | None:
    """``{s.decode.base64}``: whole groups of four; any other octet than a digit counts as 255."""
    return None if value is None else _standard(to_str(value))


def decode_base64t(value: Value) -> bytes | None:
    """``{s.decode.base64t}``: padding may be missing."""
    return None if value is None else _standard(_padded(to_str(value)))


def decode_base64url(value: Value) -> bytes | None:
    """``{s.decode.base64url}``: fails on empty text and on any other octet than a digit."""
    return None if value is None else _url_safe(to_str(value))


def decode_base64urlt(value: Value) -> bytes | None:
    """``{s.decode.base64urlt}``: padding may be missing."""
    return None if value is None else _url_safe(_padded(to_str(value)))


def _padded(text: bytes) -> bytes:
    return text + b"=" * (-len(text) % 4)


def _standard(text: bytes) -> bytes | None:
    if not text:
        return b""
    if len(text) % 4 or (text[-2:-1] == b"=" and text[-1:] != b"="):
        return None
    out = bytearray()
    for at in range(0, len(text), 4):
        a, b, c, d = (_STANDARD.get(octet, 255) for octet in text[at : at + 4])
        out += bytes(((a << 2 | b >> 4) & 255, (b << 4 | c >> 2) & 255, (c << 6 | d) & 255))
    size = len(out) - text[-2:].count(b"=")
    return bytes(out[:size]) if size < LIMIT else None


def _url_safe(text: bytes) -> bytes | None:
    digits = text.rstrip(b"=")
    size = (len(text) * 6 >> 3) - (len(text) - len(digits))
    if not 0 < size < LIMIT - 1 or any(octet not in _URL_SAFE for octet in digits):
        return None
    out = bytearray()
    for at in range(0, len(digits), 4):
        block = 0
        for place, octet in enumerate(digits[at : at + 4]):
            block += _URL_SAFE[octet] << 18 - 6 * place
        out += block.to_bytes(3, "big")
    return bytes(out[:size])


def escape_common(value: Value) -> bytes | None:
    """``{s.escape.common}``: a backslash before quotes and backslashes, ``\\0`` for NUL."""
    text = _text(value, _HALF)
    if text is None:
        return None
    return b"".join(_ESCAPES.get(octet, bytes((octet,))) for octet in text)


def unescape_common(value: Value) -> bytes | None:
    """``{s.unescape.common}``"""
    text = _text(value, LIMIT - 1)
    if text is None:
        return None
    out = bytearray()
    at = 0
    while at < len(text):
        following = text[at + 1 : at + 2]
        if text[at : at + 1] == b"\\" and following and following in b"'\"\\0":
            out += b"\0" if following == b"0" else following
            at += 2
        else:
            out.append(text[at])
            at += 1
    return bytes(out)


def escape_user(value: Value) -> bytes | None:
    """``{s.escape.user}``: for the user part of a URI; fails on control characters."""
    return _percent(value, _USER)


def escape_param(value: Value) -> bytes | None:
    """``{s.escape.param}``: what a URI parameter may not hold; fails on control characters."""
    return _percent(value, _PARAM)


def _percent(value: Value, plain: frozenset[int]) -> bytes | None:
    text = _text(value, _THIRD)
    if text is None or any(octet < 32 or octet > 126 for octet in text):
        return None
    return b"".join(bytes((o,)) if o in plain else b"%%%02x" % o for o in text)


def unescape_user(value: Value) -> bytes | None:
    """``{s.unescape.user}``: fails on a bad escape, and on one of a control character."""
    text = _text(value, LIMIT - 1)
    if text is None:
        return None
    parts = text.split(b"%")
    result = [parts[0]]
    for part in parts[1:]:
        try:
            (code,) = binascii.unhexlify(part[:2])
        except (binascii.Error, ValueError):
            return None
        if not 32 <= code <= 126:
            return None
        result.append(bytes((code,)) + part[2:])
    return b"".join(result)


unescape_param = unescape_user


def urlencode_param(value: Value) -> bytes | None:
    """``{s.urlencode.param}``"""
    text = _text(value, _THIRD)
    if text is None:
        return None
    return b"".join(bytes((o,)) if o in _URL else b"%%%02x" % o for o in text)


def urldecode_param(value: Value) -> bytes | None:
    """``{s.urldecode.param}``: ``+`` is a space; digits that are none count as they do in C. A
    ``%`` without two octets behind it is left out."""
    text = _text(value, LIMIT - 1)
    if text is None:
        return None
    out = bytearray()
    at = 0
    while at < len(text):
        octet = text[at]
        if octet == 37:
            digits = text[at + 1 : at + 3]
            if len(digits) == 2 and 0 not in digits:
                out.append((_hex_digit(digits[0]) << 4 | _hex_digit(digits[1])) & 0xFF)
                at += 2
        else:
            out.append(32 if octet == 43 else octet)
        at += 1
    return bytes(out)


def escape_csv(value: Value) -> bytes | None:
    """``{s.escape.csv}``: in quotes, inner quotes doubled."""
    text = _text(value, (LIMIT - 3) // 2)
    return None if text is None else b'"%b"' % text.replace(b'"', b'""')
