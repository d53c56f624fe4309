"""Serial forking over contacts by their q (``tm/t_serial.c``): the destination set waits in an
xavp, whose first value is the next contact to try."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from runtime.native.tm_serial import clear_destinations, destination_set, set_destination
from runtime.script.xavp import XavpList
from runtime.server.log import LM_ERR

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

Entry = dict[bytes, "bytes | int"]
PROPORTIONAL = 1
DISABLED = "feature has been disabled - to enable define contacts_avp module parameter"


def _q(entry: Entry) -> int:
    q = entry[b"q"]
    return q if isinstance(q, int) else 0


def by_q(entries: list[Entry]) -> list[Entry]:
    """Best q first; equal ones keep their order; ``q_flag`` marks the last of each class."""
    ordered = sorted(entries, key=_q, reverse=True)
    for entry, after in pairwise(ordered):
        entry[b"q_flag"] = int(_q(entry) != _q(after))
    if ordered:
        ordered[-1][b"q_flag"] = 0
    return ordered


def by_chance(entries: list[Entry], draw: Callable[[int], int]) -> list[Entry]:
    """One after the other, drawn with probability by q; those without q come last."""
    left = [entry for entry in entries if _q(entry) > 0]
    rest = [entry for entry in entries if _q(entry) <= 0]
    ordered: list[Entry] = []
    while left:
        point = draw(sum(map(_q, left)))
        for index, entry in enumerate(left):
            point -= _q(entry)
            if point < 0:
                ordered.append(left.pop(index))
                break
    ordered += rest
    for entry in ordered:
        entry[b"q_flag"] = 1
    return ordered


class Contacts:
    """``t_load_contacts`` and ``t_next_contacts``."""

    def __init__(self) -> None:
        self._name: bytes | None = None

    def configure(self, contacts_avp: bytes | None) -> None:
        """Name of the xavp, None where the feature is off."""
        self._name = contacts_avp or None

    def load(self, msg: SipMsg, mode: int) -> int:
        """Keep the destination set, in the order in which it is to be tried: 1, or -1."""
        if self._name is None:
            LM_ERR(DISABLED)
            return -1
        entries = destination_set(msg)
        if len(entries) < 2:
            return 1
        ordered = by_chance(entries, random.randrange) if mode == PROPORTIONAL else by_q(entries)
        if msg.xavps is None:
            msg.xavps = XavpList()
        for entry in reversed(ordered):
            fields = XavpList()
            for name, value in entry.items():
                if value != b"":
                    fields.add(name, value)
            msg.xavps.add(self._name, fields)
        clear_destinations(msg)
        return 1

    def next(self, msg: SipMsg) -> int:
        """Make the next class the destination set: 1; -2 nothing is left, -1 an error."""
        if self._name is None:
            LM_ERR(DISABLED)
            return -1
        xavps: XavpList | None = msg.xavps
        if xavps is None or xavps.count(self._name) == 0:
            return -2
        first = True
        while xavps.count(self._name):
            fields = xavps.get(self._name, 0)
            xavps.delete(self._name, 0)
            if not isinstance(fields, XavpList):
                return -1
            entry: Entry = {
                name: b"" for name in (b"dst_uri", b"path", b"sock", b"instance", b"ruid", b"ua")
            }
            for name in fields.names():
                value = fields.get(name)
                if isinstance(value, bytes | int):
                    entry[name] = value
            if not set_destination(msg, entry, first):
                return -1
            first = False
            if entry.get(b"q_flag"):
                break
        return 1
