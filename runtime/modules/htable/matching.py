"""Which items a function of htable means: by name or by value (``ht_api.c``)."""

from __future__ import annotations

from collections.abc import Callable

from runtime.declare.cint import leading_int
from runtime.native.regex import Regex

Wanted = Callable[[bytes, bytes | int], bool]


def by_text(op: bytes, text: bytes, *, value: bool) -> Wanted | None:
    """Items whose name, or whose text, is (``eq``), is not (``ne``), begins with (``sw``) or
    matches (``re``) ``text``; None for another operator. Raises ValueError: a bad expression."""
    test: Callable[[bytes], bool]
    if op == b"eq":
        test = lambda s: s == text  # noqa: E731
    elif op == b"ne":
        test = lambda s: s != text  # noqa: E731
    elif op == b"sw":
        test = lambda s: s.startswith(text)  # noqa: E731
    elif op == b"re":
        test = Regex(text).match
    else:
        return None
    return _on(test, value=value)


def _on(test: Callable[[bytes], bool], *, value: bool) -> Wanted:
    if value:
        return lambda name, held: isinstance(held, bytes) and test(held)
    return lambda name, held: test(name)


def counted(text: bytes, *, value: bool) -> Wanted | None:
    """What ``$shtcn`` and ``$shtcv`` count: ``~~re``, ``~%end``, ``%~start``, ``==text``,
    ``eqnumber``, or an expression; None for none. Raises ValueError: a bad expression."""
    mark, rest = text[:2], text[2:]
    if mark == b"eq":
        if not rest or not value:
            return None
        number = leading_int(rest)
        return lambda name, held: held == number
    if mark in (b"~~", b"~%", b"%~", b"=="):
        if not rest:
            return None
        if mark == b"~%":
            return _on(lambda s: s.endswith(rest), value=value)
        return by_text({b"~~": b"re", b"%~": b"sw", b"==": b"eq"}[mark], rest, value=value)
    return by_text(b"re", text, value=value) if text else None
