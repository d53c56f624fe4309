"""The table of macros (``pp_define`` in Kamailio's cfg.lex)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from kcc.source.span import Span
from runtime.declare.record import Record

MAX_MACROS: Final = 512

PREDEFINED: Final = ("KAMAILIO_5", "KAMAILIO_5_6", "KAMAILIO_5_6_3")

DefineMode = Literal["define", "trydef", "redef"]


class Macro(Record):
    """``value`` (latin-1 text, perhaps empty) replaces the name where it is used.

    ``span`` is where the value stands, None for one from the command line or the program.
    ``verbatim`` says that the value is exactly the text of ``span``.
    """

    name: str
    value: str
    span: Span | None
    verbatim: bool


class MacroTable:
    """Macros by name. Names are compared as octets."""

    __slots__ = ("_macros",)

    def __init__(self) -> None:
        self._macros: dict[str, Macro] = {name: Macro(name, "", None, False) for name in PREDEFINED}

    @property
    def macros(self) -> Mapping[str, Macro]:
        """All macros, in the order of definition; a live view."""
        return MappingProxyType(self._macros)

    @property
    def full(self) -> bool:
        """Whether Kamailio's table would take no more."""
        return len(self._macros) >= MAX_MACROS

    def get(self, name: str) -> Macro | None:
        """The macro of that name."""
        return self._macros.get(name)

    def define(self, macro: Macro, mode: DefineMode) -> Macro | None:
        """Add ``macro``; return the one in its way where ``mode`` is define and one exists."""
        present = self._macros.get(macro.name)
        if present is None or mode == "redef":
            self._macros[macro.name] = macro
            return None
        return present if mode == "define" else None
