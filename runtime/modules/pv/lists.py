"""The ``param`` and ``line`` transformations (``pv_trans.c``)."""

from __future__ import annotations

from runtime.script.values import Value, to_str
from runtime.sip.params import split_params


def _params(value: Value, separator: bytes | None) -> list[tuple[bytes, bytes]] | None:
    text = to_str(value)
    if not text or not separator or separator in b" \t\n":
        return None
    mark = separator[:1]
    return split_params(text[:-1] if len(text) > 1 and text.endswith(mark) else text, mark) or None


def param_value(value: Value, name: bytes | None, separator: bytes = b";") -> bytes | None:
    """``{param.value,name}``: of the last one called so; empty where there is none."""
    found = _params(value, separator)
    if found is None or name is None:
        return None
    return next((text for key, text in reversed(found) if key.lower() == name.lower()), b"")


def param_in(value: Value, name: bytes | None, separator: bytes = b";") -> int | None:
    """``{param.in,name}``: 1 or 0."""
    found = _params(value, separator)
    if found is None or name is None:
        return None
    return int(any(key.lower() == name.lower() for key, _ in found))


def param_valueat(value: Value, index: int | None, separator: bytes = b";") -> bytes | None:
    """``{param.valueat,index}``: negative counts from the end; empty where there is none."""
    return _param_at(value, index, separator, 1)


def param_name(value: Value, index: int | None, separator: bytes = b";") -> bytes | None:
    """``{param.name,index}``"""
    return _param_at(value, index, separator, 0)


def _param_at(value: Value, index: int | None, separator: bytes, part: int) -> bytes | None:
    found = _params(value, separator)
    if found is None or index is None:
        return None
    return found[index][part] if -len(found) <= index < len(found) else b""


def param_count(value: Value, separator: bytes | None = b";") -> int | None:
    """``{param.count}``"""
    found = _params(value, separator)
    return None if found is None else len(found)


def line_at(value: Value, index: int | None) -> bytes | None:
    """``{line.at,index}``: negative counts from the end; empty where there is none."""
    text = to_str(value)
    if not text or index is None:
        return None
    if index < 0:
        return _ended(_line_from_end(text, -index))
    lines = text.split(b"\n", index + 1) if index < len(text) else []
    return _ended(lines[index] if index < len(lines) else b"")


def _line_from_end(text: bytes, number: int) -> bytes:
    """The line of this number from the end, as 5.6.3 walks back: an empty line that is not the
    last counts together with the one before it."""
    last = len(text) - 1
    if text.endswith(b"\n"):
        last -= 1
    end = last
    at = _end_before(text, end)
    for _ in range(1, number):
        if at is None:
            return b""
        end = at
        at = _end_before(text, end)
    return text[: end + 1] if at is None else text[at + 2 : end + 1]


def _end_before(text: bytes, end: int) -> int | None:
    """The octet before the last line feed that is before `end`; -1 where it is the first."""
    at = text.rfind(b"\n", 0, max(end, 0))
    return None if at < 0 else at - 1


def line_sw(value: Value, start: bytes | None) -> bytes | None:
    """``{line.sw,start}``: the first line that starts so; empty where there is none."""
    text = to_str(value)
    if not text or start is None:
        return None
    at = 0
    while not text.startswith(start, at):
        at = text.find(b"\n", at) + 1
        if at == 0:
            return b""
    end = text.find(b"\n", at + len(start))
    return _ended(text[at:] if end < 0 else text[at:end])


def line_count(value: Value) -> bytes | None:
    """``{line.count}``: as text, since Kamailio gives the result no integer type."""
    text = to_str(value)
    if not text:
        return None
    return b"%d" % (text.count(b"\n") + (not text.endswith(b"\n")))


def _ended(line: bytes) -> bytes:
    return line.removesuffix(b"\r")
