"""A substitution expression, compiled at load and run on text (``core/re.c``, ``subst_run``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.declare.substspec import parse_subst
from runtime.native.regex import Regex
from runtime.script.pv import Getter, PvRegistry, getter
from runtime.script.values import to_str

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

LIMIT = 1023
"""A replacement is shorter than this (``REPLACE_BUFFER_SIZE``)."""


class Subst:
    """``/regex/replacement/flags``. Raises SubstError, PvError, ValueError for a bad one."""

    __slots__ = ("_everywhere", "_pieces", "_regex")

    def __init__(self, registry: PvRegistry, text: bytes) -> None:
        parsed = parse_subst(text)
        self._regex = Regex(parsed.pattern, icase=parsed.ignore_case, newline=parsed.whole_lines)
        self._everywhere = parsed.replace_all
        self._pieces: tuple[bytes | int | Getter, ...] = tuple(
            piece if isinstance(piece, bytes | int) else getter(registry, piece)
            for piece in parsed.replacement
        )

    def changes(self, msg: SipMsg, subject: bytes) -> list[tuple[int, int, bytes]] | None:
        """(start, end, replacement) of the first match, or of all.

        None where it fails: an expression matches nothing at all, or a replacement is too long.
        """
        found: list[tuple[int, int, bytes]] = []
        at = 0
        notbol = False
        while True:
            spans = self._regex.search(subject, at, notbol=notbol)
            if spans is None:
                return found
            start, end = spans[0]
            text = self._text(msg, subject, spans)
            if start == end or text is None:
                return None
            found.append((start, end, text))
            at = end
            notbol = subject[at - 1 : at] not in (b"\n", b"\r")
            if not self._everywhere:
                return found

    def _text(
        self, msg: SipMsg, subject: bytes, spans: tuple[tuple[int, int], ...]
    ) -> bytes | None:
        parts: list[bytes] = []
        for piece in self._pieces:
            if isinstance(piece, bytes):
                parts.append(piece)
            elif not isinstance(piece, int):
                parts.append(to_str(piece(msg)))
            elif piece < len(spans):
                parts.append(subject[spans[piece][0] : spans[piece][1]])
        text = b"".join(parts)
        return text if len(text) < LIMIT else None

    def run(self, msg: SipMsg, subject: bytes) -> tuple[bytes, int] | None:
        """``subject`` up to a NUL with its changes made, and how many there were (0 leaves it as
        it is); None where it fails."""
        text = subject.partition(b"\0")[0]
        changes = self.changes(msg, text)
        if not changes:
            return None if changes is None else (subject, 0)
        out: list[bytes] = []
        at = 0
        for start, end, replacement in changes:
            out += (text[at:start], replacement)
            at = end
        return b"".join(out) + text[at:], len(changes)
