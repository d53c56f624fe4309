"""A substitution expression, compiled at load and run on text (``core/re.c``, ``subst_str``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.native.regex import Regex
from runtime.script.pv import Format, PvRegistry
from runtime.script.subst import parse_subst

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

_MAX_MATCHES: Final = 10_000


class Subst:
    """``/regex/replacement/flags``. Raises SubstError, ValueError for a bad expression."""

    __slots__ = ("_everywhere", "_pieces", "_regex")

    def __init__(self, registry: PvRegistry, text: bytes) -> None:
        parsed = parse_subst(text)
        self._regex = Regex(parsed.pattern, icase=parsed.ignore_case)
        self._everywhere = parsed.replace_all
        self._pieces: tuple[int | Format, ...] = tuple(
            piece if isinstance(piece, int) else Format(registry, piece)
            for piece in parsed.replacement
        )

    def run(self, msg: SipMsg, subject: bytes) -> bytes | None:
        """``subject`` with the first match, or all, replaced; None where there is none."""
        out: list[bytes] = []
        at = 0
        for _ in range(_MAX_MATCHES):
            spans = self._regex.spans(subject[at:])
            if spans is None:
                break
            start, end = spans[0]
            out.append(subject[at : at + start])
            for piece in self._pieces:
                if isinstance(piece, Format):
                    out.append(piece.eval(msg))
                elif piece < len(spans) and spans[piece][0] >= 0:
                    out.append(subject[at + spans[piece][0] : at + spans[piece][1]])
            if end == start:
                out.append(subject[at + end : at + end + 1])
                end += 1
            at += end
            if not self._everywhere or at > len(subject):
                break
        else:
            return None
        return b"".join(out) + subject[at:] if out else None
