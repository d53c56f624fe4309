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

    def run(self, msg: SipMsg, subject: bytes) -> tuple[bytes, int] | None:
        """``subject`` with the first match, or all, replaced, and how many there were.

        None where there is none, or the expression matches nothing at all (``subst_run``).
        """
        out: list[bytes] = []
        at = count = 0
        notbol = False
        while True:
            spans = self._regex.search(subject, at, notbol=notbol)
            if spans is None:
                break
            start, end = spans[0]
            if start == end:
                return None
            out.append(subject[at:start])
            for piece in self._pieces:
                if isinstance(piece, Format):
                    out.append(piece.eval(msg))
                elif piece < len(spans):
                    out.append(subject[spans[piece][0] : spans[piece][1]])
            at = end
            count += 1
            notbol = subject[at - 1 : at] not in (b"\n", b"\r")
            if not self._everywhere:
                break
        return (b"".join(out) + subject[at:], count) if count else None
