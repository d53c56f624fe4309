"""libc's POSIX extended regular expressions, whose rules are part of the language."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final

REG_EXTENDED: Final = 1
REG_ICASE: Final = 2
REG_NEWLINE: Final = 4
_REG_NOTBOL: Final = 1
_LC_CTYPE_MASK: Final = 1
_SIZEOF_REGEX: Final = 512  # larger than any libc's regex_t


class RegexError(ValueError):
    """The text is no regular expression; the message is libc's."""


class _Match(ctypes.Structure):
    _fields_ = (("start", ctypes.c_int), ("end", ctypes.c_int))


@cache
def _libc() -> Any:
    libc = ctypes.CDLL(None)
    libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
    return libc


@cache
def _octets() -> ctypes.c_void_p:
    """The locale in which a character is one octet, as in a program that has set none."""
    return ctypes.c_void_p(_libc().newlocale(_LC_CTYPE_MASK, b"C", None))


class Regex:
    """A compiled expression. Raises RegexError."""

    __slots__ = ("_memory",)

    def __init__(self, pattern: bytes, flags: int) -> None:
        if b"\0" in pattern:
            raise RegexError("NUL in the expression")
        libc = _libc()
        self._memory = ctypes.create_string_buffer(_SIZEOF_REGEX)
        before = libc.uselocale(_octets())
        code = libc.regcomp(self._memory, pattern, flags)
        libc.uselocale(ctypes.c_void_p(before))
        if code != 0:
            message = ctypes.create_string_buffer(256)
            libc.regerror(code, self._memory, message, ctypes.c_size_t(256))
            del self._memory
            raise RegexError(message.value.decode("utf-8", "replace"))

    def __del__(self) -> None:
        if hasattr(self, "_memory"):
            _libc().regfree(self._memory)

    def matches(self, subject: bytes) -> bool:
        """Whether it is found in the text; the text ends at a NUL."""
        return bool(_libc().regexec(self._memory, subject, ctypes.c_size_t(0), None, 0) == 0)

    def replace(
        self, subject: bytes, repl: Callable[[tuple[bytes, ...]], bytes], everywhere: bool
    ) -> bytes | None:
        """``subject`` with the first or all matches replaced, None where there is none.

        ``repl`` gets the whole match and its nine groups. As in Kamailio's ``subst_run``.
        """
        matches = (_Match * 10)()
        pieces: list[bytes] = []
        at = 0
        found = False
        while at <= len(subject):
            flags = _REG_NOTBOL if at and subject[at - 1 : at] != b"\n" else 0
            rest = subject[at:]
            if _libc().regexec(self._memory, rest, ctypes.c_size_t(10), matches, flags) != 0:
                break
            found = True
            start, end = matches[0].start, matches[0].end
            groups = tuple(rest[m.start : m.end] if m.start >= 0 else b"" for m in matches)
            pieces += (rest[:start], repl(groups))
            if end == start:  # an empty match: step over one octet so as to get on
                pieces.append(rest[end : end + 1])
                end += 1
            at += end
            if not everywhere:
                break
        if not found:
            return None
        pieces.append(subject[at:])
        return b"".join(pieces)
