"""The ``s`` transformations (``pv_trans.c``, ``tr_eval_string``).

Each takes the value and its parameters and returns the new value; None stands for a failure,
which leaves the whole variable without a value. A missing value fails in every one of them.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import time
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode

from runtime.script.hashes import core_hash
from runtime.script.values import Value, to_str

LIMIT = 65536
"""Octets of the buffers that results are built in (``TR_BUFFER_SIZE``)."""

_SPACE = b" \t\r\n"
_SIGNED = re.compile(rb"[+-]?[0-9]+\Z")


def length(value: Value) -> int | None:
    """``{s.len}``"""
    return None if value is None else len(to_str(value))


def integer(value: Value) -> int | None:
    """``{s.int}``: fails where the text is no decimal number."""
    if value is None or isinstance(value, int):
        return value
    if not _SIGNED.match(value):
        return None
    number = int(value)
    return number if -0x80000000 <= number < 0x80000000 else None


def _unsigned(value: bytes | None) -> int | None:
    """Text as ``str2int`` reads it: digits, up to 32 bits; nothing is 0."""
    if value is None or (value and not value.isdigit()):
        return None
    number = int(value or b"0")
    return number if number <= 0xFFFFFFFF else None


def rmws(value: Value) -> bytes | None:
    """``{s.rmws}``: without white space."""
    return None if value is None else to_str(value).translate(None, _SPACE)


def md5(value: Value) -> bytes | None:
    """``{s.md5}``"""
    return _digest("md5", value)


def sha256(value: Value) -> bytes | None:
    """``{s.sha256}``"""
    return _digest("sha256", value)


def sha384(value: Value) -> bytes | None:
    """``{s.sha384}``"""
    return _digest("sha384", value)


def sha512(value: Value) -> bytes | None:
    """``{s.sha512}``"""
    return _digest("sha512", value)


def _digest(name: str, value: Value) -> bytes | None:
    if value is None:
        return None
    return hashlib.new(name, to_str(value), usedforsecurity=False).hexdigest().encode()


def tolower(value: Value) -> bytes | None:
    """``{s.tolower}``: ASCII letters."""
    return None if value is None else to_str(value).lower()


def toupper(value: Value) -> bytes | None:
    """``{s.toupper}``: ASCII letters."""
    return None if value is None else to_str(value).upper()


def numeric(value: Value) -> bytes | None:
    """``{s.numeric}``: the digits alone; fails on a number."""
    return bytes(c for c in value if 48 <= c <= 57) if isinstance(value, bytes) else None


def encode_hexa(value: Value) -> bytes | None:
    """``{s.encode.hexa}``"""
    return None if value is None else binascii.hexlify(to_str(value))


def decode_hexa(value: Value) -> bytes | None:
    """``{s.decode.hexa}``: an odd last digit is left out."""
    if value is None:
        return None
    text = to_str(value)
    try:
        return binascii.unhexlify(text[: len(text) // 2 * 2])
    except binascii.Error:
        return None


def encode_base64(value: Value) -> bytes | None:
    """``{s.encode.base64}``"""
    return None if value is None else b64encode(to_str(value))


def encode_base64t(value: Value) -> bytes | None:
    """``{s.encode.base64t}``: without padding."""
    return None if value is None else b64encode(to_str(value)).rstrip(b"=")


def encode_base64url(value: Value) -> bytes | None:
    """``{s.encode.base64url}``"""
    return None if value is None else urlsafe_b64encode(to_str(value))


def encode_base64urlt(value: Value) -> bytes | None:
    """``{s.encode.base64urlt}``: without padding."""
    return None if value is None else urlsafe_b64encode(to_str(value)).rstrip(b"=")


def decode_base64(value: Value) -> bytes | None:
    """``{s.decode.base64}``"""
    return _base64(value, url=False, pad=False)


def decode_base64t(value: Value) -> bytes | None:
    """``{s.decode.base64t}``: padding may be missing."""
    return _base64(value, url=False, pad=True)


def decode_base64url(value: Value) -> bytes | None:
    """``{s.decode.base64url}``"""
    return _base64(value, url=True, pad=False)


def decode_base64urlt(value: Value) -> bytes | None:
    """``{s.decode.base64urlt}``: padding may be missing."""
    return _base64(value, url=True, pad=True)


def _base64(value: Value, *, url: bool, pad: bool) -> bytes | None:
    if value is None:
        return None
    text = to_str(value)
    if pad:
        text += b"=" * (-len(text) % 4)
    try:
        result = urlsafe_b64decode(text) if url else b64decode(text)
    except binascii.Error:
        return None
    return result if result or not text else None


_ESCAPES = {39: b"\\'", 34: b'\\"', 92: b"\\\\", 0: b"\\0"}
_UNESCAPE = re.compile(rb"\\(['\"\\0])")


def escape_common(value: Value) -> bytes | None:
    """``{s.escape.common}``: a backslash before quotes and backslashes, ``\\0`` for NUL."""
    if value is None:
        return None
    return b"".join(_ESCAPES.get(c, bytes((c,))) for c in to_str(value))


def unescape_common(value: Value) -> bytes | None:
    """``{s.unescape.common}``"""
    if value is None:
        return None
    return _UNESCAPE.sub(lambda m: b"\0" if m[1] == b"0" else m[1], to_str(value))


_ALNUM = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_USER = frozenset(_ALNUM + b"-_.!~*'()&=+$,;?")
_PARAM = frozenset(_ALNUM + b"-_.!~*'()[]/:&+$")
_URL = frozenset(_ALNUM + b"-_.~")
_PERCENT = re.compile(rb"%(.{0,2})", re.DOTALL)


def escape_user(value: Value) -> bytes | None:
    """``{s.escape.user}``: for the user part of a URI; fails on control characters."""
    return _percent(value, _USER)


def escape_param(value: Value) -> bytes | None:
    """``{s.escape.param}``: what a URI parameter may not hold; fails on control characters."""
    return _percent(value, _PARAM)


def _percent(value: Value, plain: frozenset[int]) -> bytes | None:
    if value is None:
        return None
    text = to_str(value)
    if any(c < 32 or c > 126 for c in text):
        return None
    return b"".join(bytes((c,)) if c in plain else b"%%%02x" % c for c in text)


def unescape_user(value: Value) -> bytes | None:
    """``{s.unescape.user}``: fails on a bad escape, and on one of a control character."""
    if value is None:
        return None
    parts = to_str(value).split(b"%")
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
    if value is None:
        return None
    return b"".join(bytes((c,)) if c in _URL else b"%%%02x" % c for c in to_str(value))


def urldecode_param(value: Value) -> bytes | None:
    """``{s.urldecode.param}``: ``+`` is a space; digits that are none count as odd ones do in C."""
    if value is None:
        return None
    text = to_str(value).replace(b"+", b" ")
    return _PERCENT.sub(_url_octet, text)


def _url_octet(match: re.Match[bytes]) -> bytes:
    digits = match[1]
    if len(digits) < 2:
        return digits
    high, low = (c - 48 if 48 <= c <= 57 else (c | 32) - 87 for c in digits)
    return bytes(((high << 4 | low) & 0xFF,))


def escape_csv(value: Value) -> bytes | None:
    """``{s.escape.csv}``: in quotes, inner quotes doubled."""
    return None if value is None else b'"%b"' % to_str(value).replace(b'"', b'""')


def prefixes(value: Value, limit: int = 0) -> bytes | None:
    """``{s.prefixes}``: every prefix, up to `limit` octets, joined by commas."""
    return _prefixes(value, limit, b"%b")


def prefixes_quoted(value: Value, limit: int = 0) -> bytes | None:
    """``{s.prefixes.quoted}``"""
    return _prefixes(value, limit, b"'%b'")


def _prefixes(value: Value, limit: int, form: bytes) -> bytes | None:
    if value is None:
        return None
    text = to_str(value)
    last = len(text) if limit <= 0 else min(limit, len(text))
    if last * (last + 6) // 2 > LIMIT:
        return None
    return b",".join(form % text[:size] for size in range(1, last + 1))


def substr(value: Value, offset: int, size: int) -> bytes | None:
    """``{s.substr,offset,size}``: a negative offset counts from the end, size 0 is to the end."""
    if value is None or size < 0:
        return None
    text = to_str(value)
    if offset >= len(text) or -offset > len(text):
        return None
    start = offset if offset >= 0 else len(text) + offset
    return text[start:] if size == 0 or start + size > len(text) else text[start : start + size]


def select(value: Value, index: int, separator: bytes) -> bytes | None:
    """``{s.select,index,separator}``: one field; negative counts from the end; empty if none."""
    if value is None or not separator:
        return None
    mark = separator[:1]
    if len(separator) > 1:
        escaped = {b"\\": b"\\", b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(separator[1:2])
        if escaped is None:
            return None
        mark = escaped
    fields = to_str(value).split(mark)
    return fields[index] if -len(fields) <= index < len(fields) else b""


def strip(value: Value, count: int) -> bytes | None:
    """``{s.strip,count}``: without the first octets."""
    if value is None:
        return None
    return to_str(value) if count <= 0 else to_str(value)[count:]


def striptail(value: Value, count: int) -> bytes | None:
    """``{s.striptail,count}``: without the last octets."""
    if value is None:
        return None
    return to_str(value) if count <= 0 else to_str(value)[:-count]


def stripto(value: Value, mark: bytes) -> bytes | None:
    """``{s.stripto,c}``: from the first `c` on; empty where there is none."""
    if value is None or not mark:
        return None
    text = to_str(value)
    at = text.find(mark[:1])
    return text[at:] if at >= 0 else b""


def ftime(value: Value, form: bytes) -> bytes | None:
    """``{s.ftime,format}``: seconds since 1970 as local time by strftime(3)."""
    seconds = value if isinstance(value, int) else _unsigned(value)
    if seconds is None or not form:
        return None
    try:
        return time.strftime(form.decode("latin-1"), time.localtime(seconds)).encode("latin-1")
    except (ValueError, UnicodeEncodeError):
        return b""


def replace(value: Value, match: bytes, text: bytes) -> bytes | None:
    """``{s.replace,match,text}``: every occurrence."""
    if value is None or not match:
        return None
    result = to_str(value).replace(match, text)
    return result if len(result) <= LIMIT else None


def corehash(value: Value, size: int = 0) -> bytes | None:
    """``{s.corehash,size}``: ``core_hash`` of the text, in `size` slots."""
    return None if value is None else b"%d" % core_hash(to_str(value), None, size)


def trim(value: Value) -> bytes | None:
    """``{s.trim}``"""
    return None if value is None else to_str(value).strip(_SPACE)


def rtrim(value: Value) -> bytes | None:
    """``{s.rtrim}``"""
    return None if value is None else to_str(value).rstrip(_SPACE)


def ltrim(value: Value) -> bytes | None:
    """``{s.ltrim}``"""
    return None if value is None else to_str(value).lstrip(_SPACE)


_BACKSLASH = re.compile(rb"\\(.)", re.DOTALL)


def rm(value: Value, match: bytes) -> bytes | None:
    """``{s.rm,match}``: without every occurrence; ``\\n \\r \\t \\\\`` are escapes in `match`."""
    if value is None or not match:
        return None
    controls = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
    wanted = _BACKSLASH.sub(lambda m: controls.get(m[1], m[1]), match)
    return to_str(value).replace(wanted, b"")


def unquote(value: Value) -> bytes | None:
    """``{s.unquote}``: without one pair of quotes around."""
    if value is None:
        return None
    text = to_str(value)
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in b"\"'"
    return text[1:-1] if quoted else text


def unbracket(value: Value) -> bytes | None:
    """``{s.unbracket}``: without one pair of brackets around."""
    if value is None:
        return None
    text = to_str(value)
    return text[1:-1] if text[:1] + text[-1:] in (b"()", b"[]", b"{}", b"<>") else text


def count(value: Value, mark: bytes) -> int | None:
    """``{s.count,c}``"""
    return None if value is None or not mark else to_str(value).count(mark[:1])


def before(value: Value, mark: bytes) -> bytes | None:
    """``{s.before,c}``: all of it where `c` is not there."""
    return None if value is None or not mark else to_str(value).partition(mark[:1])[0]


def after(value: Value, mark: bytes) -> bytes | None:
    """``{s.after,c}``: empty where `c` is not there."""
    return None if value is None or not mark else to_str(value).partition(mark[:1])[2]


def rbefore(value: Value, mark: bytes) -> bytes | None:
    """``{s.rbefore,c}``: before the last `c` (Kamailio 5.6.3 runs past the end; see deviations)."""
    if value is None or not mark:
        return None
    head, found, tail = to_str(value).rpartition(mark[:1])
    return head if found else tail


def rafter(value: Value, mark: bytes) -> bytes | None:
    """``{s.rafter,c}``: after the last `c` (Kamailio 5.6.3 runs past the end; see deviations)."""
    if value is None or not mark:
        return None
    _, found, tail = to_str(value).rpartition(mark[:1])
    return tail if found else b""
