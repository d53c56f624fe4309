"""What the rule of an ``OWN`` argument reads beside variables (``exports.Fixup``)."""

from __future__ import annotations

from runtime.declare.pvspec import PvSpec
from runtime.declare.record import Record


class Pattern(Record):
    """A POSIX regular expression."""

    text: bytes


class Written(Record):
    """A variable that is assigned to."""

    variable: PvSpec
