"""Iterators over headers and over lines of the body (``textopsx.c``): four names of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from runtime.native import edit
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1
MAX_ITERATORS = 4
MAX_NAME = 31


@dataclass(slots=True)
class HeaderPlace:
    """Where an iterator stands: index of a header, of the one that `prev` goes to."""

    msg_id: int
    at: int | None = None
    before: int | None = None
    ended: bool = False


@dataclass(slots=True)
class LinePlace:
    """Where an iterator stands: octets of the line, ends of the body."""

    msg_id: int
    start: int
    end: int
    body_end: int


Place = TypeVar("Place", HeaderPlace, LinePlace)


class Named(Generic[Place]):
    """Iterators of one kind by name; a place holds for the message it was made for."""

    def __init__(self, make: Callable[[SipMsg], Place]) -> None:
        self._make: Callable[[SipMsg], Place] = make
        self._places: dict[bytes, Place] = {}

    def start(self, msg: SipMsg, name: bytes) -> int:
        """Begin, or begin anew."""
        if name not in self._places and len(self._places) >= MAX_ITERATORS:
            LM_ERR("no iterator available - max number is %d", MAX_ITERATORS)
            return FALSE
        if not 0 < len(name) <= MAX_NAME:
            LM_ERR("an iterator's name has 1 to %d octets, not %r", MAX_NAME, name)
            return FALSE
        self._places[name] = self._make(msg)
        return TRUE

    def find(self, msg: SipMsg, name: bytes) -> Place | None:
        """The iterator called `name`; None where it was not started for this message."""
        place = self._places.get(name)
        if place is None or place.msg_id != msg.msg_id:
            LM_ERR("iterator not available %r", name)
            return None
        return place


class HeaderIterators(Named[HeaderPlace]):
    """``hf_iterator_*``, ``$hfitname``, ``$hfitbody``."""

    def __init__(self) -> None:
        super().__init__(lambda msg: HeaderPlace(msg.msg_id))

    def next(self, msg: SipMsg, name: bytes) -> int:
        """Go to the next header."""
        place = self.find(msg, name)
        if place is None or place.ended:
            return FALSE
        if place.at is None:
            place.at = 0
        else:
            place.before, place.at = place.at, place.at + 1
        if place.at >= edit.header_count(msg):
            place.at, place.ended = None, True
            return FALSE
        return TRUE

    def prev(self, msg: SipMsg, name: bytes) -> int:
        """Go to the header before; from the first one, to the beginning."""
        place = self.find(msg, name)
        if place is None or place.ended:
            return FALSE
        if place.before is not None and place.before != place.at:
            place.at = place.before
        elif place.at is not None and place.before is not None and place.at >= 2:
            place.at, place.before = place.at - 1, place.at - 2
        elif place.at == 1 and place.before is not None and edit.header_count(msg) == 2:
            place.at, place.before = 0, None
        else:
            place.at = place.before = None
        return TRUE

    def finish(self, msg: SipMsg, name: bytes) -> int:
        """Go back before the first header."""
        place = self.find(msg, name)
        if place is None:
            return FALSE
        place.at, place.ended = None, False
        return TRUE

    def here(self, msg: SipMsg, name: bytes) -> int | None:
        """Index of the header it stands at."""
        place = self.find(msg, name)
        if place is None or place.at is None or place.at >= edit.header_count(msg):
            return None
        return place.at


class LineIterators(Named[LinePlace]):
    """``bl_iterator_*``, ``$blitval``."""

    def __init__(self) -> None:
        super().__init__(self._at_body)

    @staticmethod
    def _at_body(msg: SipMsg) -> LinePlace:
        start = edit.body_start(msg)
        return LinePlace(msg.msg_id, start, start, edit.length(msg) if start else 0)

    def next(self, msg: SipMsg, name: bytes) -> int:
        """Go to the next line."""
        place = self.find(msg, name)
        if place is None:
            return FALSE
        if place.end >= place.body_end:
            place.start = place.end = place.body_end
            return FALSE
        place.start = place.end
        at = edit.buffer(msg, place.start, place.body_end).find(b"\n")
        place.end = place.body_end if at < 0 else place.start + at + 1
        return TRUE

    def finish(self, msg: SipMsg, name: bytes) -> int:
        """It stands nowhere any more."""
        place = self.find(msg, name)
        if place is None:
            return FALSE
        place.start = place.end = place.body_end = 0
        return TRUE

    def here(self, msg: SipMsg, name: bytes) -> tuple[int, int] | None:
        """Ends of the line it stands at."""
        place = self.find(msg, name)
        if place is None or place.start == place.end or place.end > edit.length(msg):
            return None
        return place.start, place.end
