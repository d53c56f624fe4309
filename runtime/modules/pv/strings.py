"""The ``s`` transformations (``pv_trans.c``, ``tr_eval_string``).

Each takes the value and its parameters and returns the new value; None stands for a failure,
which leaves the whole variable without a value. A missing value fails in every one of them, and
so does a parameter that is a variable of the wrong kind (None). Codings are in ``coding.py``.
"""

from __future__ import annotations

import hashlib
import re
import time

from runtime.script.hashes import core_hash
from runtime.script.params import Buffered
from runtime.script.values import Dual, ShownInt, Value, to_str, wrap

LIMIT = 65536
"""Octets of the buffers that results are built in (``TR_BUFFER_SIZE``)."""

_SPACE = b" \t\r\n"
_SIGNED = re.compile(rb"[+-]?[0-9]*\Z")


def _text(value: Value, limit: int) -> bytes | None:
    """The value as text of at most so many octets."""
    if value is None:
        return None
    text = to_str(value)
    return text if len(text) <= limit else None


def _copied(text: bytes) -> bytes | None:
    """A result as it is copied there: behind a NUL there are only NULs; too long fails."""
    if len(text) >= LIMIT:
        return None
    at = text.find(b"\0")
    return text if at < 0 else text[:at] + b"\0" * (len(text) - at)


def length(value: Value) -> int | None:
    """``{s.len}``"""
    return None if value is None else len(to_str(value))


def integer(value: Value) -> int | None:
    """``{s.int}``: fails where the text is no decimal number; shows the text that it was."""
    if value is None or isinstance(value, int):
        return value
    if type(value) is Dual:
        return ShownInt(value.number, bytes(value))
    if not _SIGNED.match(value) or len(value) > 4000:
        return None
    number = int(value.strip(b"+-") or b"0") * (-1 if value.startswith(b"-") else 1)
    return ShownInt(number, value) if number == wrap(number) else None


def _unsigned(value: bytes) -> int | None:
    """Text as ``str2int`` reads it: digits, up to 32 bits; nothing is 0."""
    digits = value.removeprefix(b"+")
    if len(value) > 4000 or (digits and not digits.isdigit()):
        return None
    number = int(digits or b"0")
    return wrap(number) if number <= 0xFFFFFFFF else None


def rmws(value: Value) -> bytes | None:
    """``{s.rmws}``: without white space."""
    text = _text(value, LIMIT - 2)
    return None if text is None else text.translate(None, _SPACE)


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
    text = _text(value, LIMIT - 1)
    return None if text is None else text.lower()


def toupper(value: Value) -> bytes | None:
    """``{s.toupper}``: ASCII letters."""
    text = _text(value, LIMIT - 1)
    return None if text is None else text.upper()


def numeric(value: Value) -> bytes | None:
    """``{s.numeric}``: the digits alone."""
    text = _text(value, LIMIT)
    return None if text is None else bytes(c for c in text if 48 <= c <= 57)


def prefixes(value: Value, *limit: int | None) -> bytes | None:
    """``{s.prefixes}``: every prefix, up to `limit` octets, joined by commas."""
    return _prefixes(value, limit, b"%b", 3)


def prefixes_quoted(value: Value, *limit: int | None) -> bytes | None:
    """``{s.prefixes.quoted}``"""
    return _prefixes(value, limit, b"'%b'", 1)


def _prefixes(value: Value, limit: tuple[int | None, ...], form: bytes, room: int) -> bytes | None:
    if value is None or limit == (None,):
        return None
    text = to_str(value)
    last = min([len(text), *(size for size in limit if size is not None and size > 0)])
    if last * (last // 2 + room) >= LIMIT:
        return None
    return b",".join(form % text[:size] for size in range(1, last + 1))


def substr(value: Value, offset: int | None, size: int | None) -> bytes | None:
    """``{s.substr,offset,size}``: a negative offset counts from the end, size 0 is to the end."""
    if value is None or offset is None or size is None or size < 0:
        return None
    text = to_str(value)
    if offset >= len(text) or -offset > len(text):
        return None
    start = offset if offset >= 0 else len(text) + offset
    if offset >= 0 and offset + size != wrap(offset + size):
        return None
    return _copied(text[start : start + size] if size else text[start:])


def select(value: Value, index: int | None, separator: bytes) -> bytes | None:
    """``{s.select,index,separator}``: one field; negative counts from the end; empty if none."""
    if value is None or index is None:
        return None
    controls = {b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t"}
    fields = to_str(value).split(controls.get(separator, separator[:1]))
    return _copied(fields[index] if -len(fields) <= index < len(fields) else b"")


def strip(value: Value, count: int | None) -> bytes | None:
    """``{s.strip,count}``: without the first octets."""
    if value is None or count is None:
        return None
    return to_str(value) if count <= 0 else _copied(to_str(value)[count:])


def striptail(value: Value, count: int | None) -> bytes | None:
    """``{s.striptail,count}``: without the last octets."""
    if value is None or count is None:
        return None
    return to_str(value) if count <= 0 else _copied(to_str(value)[:-count])


def _mark(given: bytes) -> bytes:
    """The one character that a parameter is for; of none it is the brace behind it."""
    return given[:1] or b"}"


def stripto(value: Value, mark: bytes | None) -> bytes | None:
    """``{s.stripto,c}``: from the first `c` on; empty where there is none."""
    if value is None or mark is None:
        return None
    text = to_str(value)
    at = text.find(_mark(mark))
    return _copied(text[at:]) if at >= 0 else b""


def ftime(value: Value, form: bytes | None) -> bytes | None:
    """``{s.ftime,format}``: seconds since 1970 as local time by strftime(3)."""
    seconds = value if isinstance(value, int) or value is None else _unsigned(value)
    if type(value) is Dual:
        seconds = value.number
    if seconds is None or form is None:
        return None
    try:
        return time.strftime(form.decode("latin-1"), time.localtime(seconds)).encode("latin-1")
    except (ValueError, UnicodeEncodeError):
        return b""


def replace(value: Value, match: bytes | None, text: bytes | None) -> bytes | None:
    """``{s.replace,match,text}``: every occurrence; what does not fit is cut off.

    Of an empty match in a value with a comma 5.6.3 makes a result without an end; it fails here.
    """
    if value is None or match is None or text is None:
        return None
    if not match:
        return None if b"," in to_str(value) else to_str(value)
    if isinstance(text, Buffered) or isinstance(match, Buffered):
        return _replaced_over(to_str(value), match, text)
    return to_str(value).replace(match, text)[:LIMIT]


def _replaced_over(subject: bytes, match: bytes, text: bytes) -> bytes:
    """What 5.6.3 makes of it where the last parameter that a transformation made lies in the
    buffer of the result: as that grows, it overwrites the parameter."""
    over = text if isinstance(text, Buffered) else match
    out = bytearray()
    at = 0
    while at < len(subject) and len(out) < LIMIT:
        now = bytes(out[: len(over)]) + over[len(out) :]
        wanted = now if over is match else match
        if subject.startswith(wanted, at):
            out += now if over is text else text
            at += len(match)
        else:
            out.append(subject[at])
            at += 1
    return bytes(out[:LIMIT])


def corehash(value: Value, *size: int | None) -> bytes | None:
    """``{s.corehash,size}``: ``core_hash`` of the text, in `size` slots."""
    if value is None or size == (None,):
        return None
    slots = next((number or 0 for number in size), 0) & 0xFFFFFFFF
    return b"%d" % core_hash(to_str(value), None, slots)


def trim(value: Value) -> bytes | None:
    """``{s.trim}``"""
    text = _text(value, LIMIT - 2)
    return None if text is None else text.strip(_SPACE)


def rtrim(value: Value) -> bytes | None:
    """``{s.rtrim}``"""
    text = _text(value, LIMIT - 2)
    return None if text is None else text.rstrip(_SPACE)


def ltrim(value: Value) -> bytes | None:
    """``{s.ltrim}``"""
    text = _text(value, LIMIT - 2)
    return None if text is None else text.lstrip(_SPACE)


def rm(value: Value, match: bytes | None) -> bytes | None:
    """``{s.rm,match}``: without every occurrence. (An empty match in a value with a brace keeps
    5.6.3 busy for ever; here the value stays as it is.)"""
    text = _text(value, LIMIT - 2)
    if text is None or match is None:
        return None
    if isinstance(match, Buffered):
        return _replaced_over(text, match, b"")
    return text.replace(match, b"") if match else text


def unquote(value: Value) -> Value:
    """``{s.unquote}``: without one pair of quotes around; what is one digit stays a number."""
    text = _text(value, LIMIT - 2)
    if text is None:
        return None
    if len(text) < 2:
        return value
    return text[1:-1] if text[0] == text[-1] and text[0] in b"\"'" else text


def unbracket(value: Value) -> Value:
    """``{s.unbracket}``: without one pair of brackets around; what is one digit stays a number."""
    text = _text(value, LIMIT - 2)
    if text is None:
        return None
    if len(text) < 2:
        return value
    return text[1:-1] if text[:1] + text[-1:] in (b"()", b"[]", b"{}", b"<>") else text


def count(value: Value, mark: bytes | None) -> int | None:
    """``{s.count,c}``"""
    return None if value is None or mark is None else to_str(value).count(_mark(mark))


def before(value: Value, mark: bytes | None) -> bytes | None:
    """``{s.before,c}``: all of it where `c` is not there."""
    text = _text(value, LIMIT - 2)
    return None if text is None or mark is None else text.partition(_mark(mark))[0]


def after(value: Value, mark: bytes | None) -> bytes | None:
    """``{s.after,c}``: empty where `c` is not there."""
    text = _text(value, LIMIT - 2)
    return None if text is None or mark is None else text.partition(_mark(mark))[2]


def rbefore(value: Value, mark: bytes | None) -> bytes | None:
    """``{s.rbefore,c}``: before the last `c` (Kamailio 5.6.3 runs past the end; see deviations)."""
    text = _text(value, LIMIT - 2)
    if text is None or mark is None:
        return None
    head, found, tail = text.rpartition(_mark(mark))
    return head if found else tail


def rafter(value: Value, mark: bytes | None) -> bytes | None:
    """``{s.rafter,c}``: after the last `c` (Kamailio 5.6.3 runs past the end; see deviations)."""
    text = _text(value, LIMIT - 2)
    if text is None or mark is None:
        return None
    _, found, tail = text.rpartition(_mark(mark))
    return tail if found else b""


def fmtlines(value: Value, size: int | None, pad: int | None) -> bytes | None:
    """``{s.fmtlines,size,pad}``: see ``_broken``."""
    return _broken(value, size, pad, b" ")


def fmtlinet(value: Value, size: int | None, pad: int | None) -> bytes | None:
    """``{s.fmtlinet,size,pad}``: see ``_broken``."""
    return _broken(value, size, pad, b"\t")


def _broken(value: Value, size: int | None, pad: int | None, blank: bytes) -> bytes | None:
    """A line's end and `pad` blanks before each octet from the second to the one numbered `size`:
    5.6.3 divides where it should take the remainder. Fails where the result has no room."""
    if value is None or size is None or pad is None or size <= 0 or pad < 0:
        return None
    text = to_str(value)
    breaks = max(min(size, len(text)) - 1, 0)
    if len(text) + max(len(text) // size, breaks) * (2 + pad) > LIMIT - 2:
        return None
    between = b"\r\n" + blank * pad
    if pad < len(text):
        return between.join(text[at : at + 1] for at in range(breaks)) + (
            (between if breaks else b"") + text[breaks:]
        )
    result = bytearray()
    for at in range(len(text)):  # in place there, over what is still to be read
        result += between if 0 < at < size else b""
        result += result[at : at + 1] or text[at : at + 1]
    return bytes(result)
