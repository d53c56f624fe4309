"""A substitution expression, compiled at load and run on text (``core/re.c``, ``subst_str``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.declare.substspec import parse_subst
from runtime.native.regex import Regex
from runtime.script.pv import Format, PvRegistry

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg


class Subst:
    """``/regex/replacement/flags``. Raises SubstError, ValueError for a bad expression."""

    __slots__ = ("_everywhere", "_pieces", "_regex")

    def __init__(self, registry: PvRegistry, text: bytes) -> None:
        parsed = parse_subst(text)
        self._regex = Regex(parsed.pattern, icase=parsed.ignore_case, newline=parsed.whole_lines)
        self._everywhere = parsed.replace_all
        self._pieces: tuple[int | Format, ...] = tuple(
            piece if isinstance(piece, int) else Format(registry, piece)
            for piece in parsed.replacement
        )

    def changes(self, msg: SipMsg | None, subject: bytes) -> list[tuple[int, int, bytes]]:
        """(start, end, replacement) of the first match, or of all; none where an expression
        matches nothing at all (``subst_run``)."""
        found: list[tuple[int, int, bytes]] = []
        at = 0
        notbol = False
        while True:
            spans = self._regex.search(subject, at, notbol=notbol)
            if spans is None:
                return found
            start, end = spans[0]
            if start == end:
                return []
            parts: list[bytes] = []
            for piece in self._pieces:
                if isinstance(piece, Format):
                    parts.append(piece.constant or b"" if msg is None else piece.eval(msg))
                elif piece < len(spans):
                    parts.append(subject[spans[piece][0] : spans[piece][1]])
            found.append((start, end, b"".join(parts)))
            at = end
            notbol = subject[at - 1 : at] not in (b"\n", b"\r")
            if not self._everywhere:
                return found

    @property
    def constant(self) -> bool:
        """Whether the replacement holds no variable."""
        return all(isinstance(p, int) or p.constant is not None for p in self._pieces)

    def run(self, msg: SipMsg | None, subject: bytes) -> tuple[bytes, int] | None:
        """``subject`` with its changes made, and how many there were; None for none."""
        changes = self.changes(msg, subject)
        if not changes:
            return None
        out: list[bytes] = []
        at = 0
        for start, end, text in changes:
            out += (subject[at:start], text)
            at = end
        return b"".join(out) + subject[at:], len(changes)
