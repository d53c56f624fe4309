"""The ``param`` and ``line`` transformations (``pv_trans.c``)."""

from __future__ import annotations

from runtime.script.values import Value
from runtime.sip.params import split_params


def _params(value: Value, separator: bytes) -> list[tuple[bytes, bytes]] | None:
    if not isinstance(value, bytes) or not value or len(separator) != 1:
        return None
    text = value[:-1] if len(value) > 1 and value.endswith(separator) else value
    return split_params(text, separator) or None


def param_value(value: Value, name: bytes, separator: bytes = b";") -> bytes | None:
    """``{param.value,name}``: of the last one called so; empty where there is none."""
    found = _params(value, separator)
    if found is None or not name:
        return None
    return next((text for key, text in reversed(found) if key.lower() == name.lower()), b"")


def param_in(value: Value, name: bytes, separator: bytes = b";") -> int | None:
    """``{param.in,name}``: 1 or 0."""
    found = _params(value, separator)
    if found is None or not name:
        return None
    return int(any(key.lower() == name.lower() for key, _ in found))


def param_valueat(value: Value, index: int, separator: bytes = b";") -> bytes | None:
    """``{param.valueat,index}``: negative counts from the end; empty where there is none."""
    return _param_at(value, index, separator, 1)


def param_name(value: Value, index: int, separator: bytes = b";") -> bytes | None:
    """``{param.name,index}``"""
    return _param_at(value, index, separator, 0)


def _param_at(value: Value, index: int, separator: bytes, part: int) -> bytes | None:
    found = _params(value, separator)
    if found is None:
        return None
    return found[index][part] if -len(found) <= index < len(found) else b""


def param_count(value: Value, separator: bytes = b";") -> int | None:
    """``{param.count}``"""
    found = _params(value, separator)
    return None if found is None else len(found)


def line_at(value: Value, index: int) -> bytes | None:
    """``{line.at,index}``: negative counts from the end; empty where there is none."""
    lines = _lines(value)
    if lines is None:
        return None
    return lines[index].removesuffix(b"\r") if -len(lines) <= index < len(lines) else b""


def line_sw(value: Value, start: bytes) -> bytes | None:
    """``{line.sw,start}``: the first line that starts so; empty where there is none."""
    lines = _lines(value)
    if lines is None or not start:
        return None
    return next((line.removesuffix(b"\r") for line in lines if line.startswith(start)), b"")


def line_count(value: Value) -> bytes | None:
    """``{line.count}``: as text, since Kamailio gives the result no integer type."""
    lines = _lines(value)
    return None if lines is None else b"%d" % len(lines)


def _lines(value: Value) -> list[bytes] | None:
    if not isinstance(value, bytes) or not value:
        return None
    return value.removesuffix(b"\n").split(b"\n")
