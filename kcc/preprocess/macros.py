"""The table of macros (``pp_define`` in Kamailio's cfg.lex)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from kcc.source.span import Span
from kcc.source.version import TARGET, release, version_of
from runtime.declare.record import Record

_MAX_MACROS: Final = 512
_MAX_MACROS_BEFORE_5_2: Final = 256

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

    __slots__ = ("_macros", "limit")

    def __init__(self, target: str = TARGET) -> None:
        old = version_of(target) < (5, 2)
        self.limit: Final = _MAX_MACROS_BEFORE_5_2 if old else _MAX_MACROS
        self._macros: dict[str, Macro] = {
            name: Macro(name, value, None, False) for name, value in _predefined(target)
        }

    @property
    def macros(self) -> Mapping[str, Macro]:
        """All macros, in the order of definition; a live view."""
        return MappingProxyType(self._macros)

    @property
    def full(self) -> bool:
        """Whether Kamailio's table would take no more."""
        return len(self._macros) >= self.limit

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


def _predefined(target: str) -> list[tuple[str, str]]:
    """The macros of the program itself: its version, and later the system (``ppcfg.c``)."""
    if version_of(target) < (5, 2):
        return []
    major, minor, patch = release(target)
    names = (f"_{major}", f"_{major}_{minor}", f"_{major}_{minor}_{patch}")
    macros = [(f"KAMAILIO{name}", "") for name in names]
    if version_of(target) >= (5, 7):
        macros.append(("KAMAILIO_VERSION", str(major * 1_000_000 + minor * 1000 + patch)))
        macros.append(("OS_NAME", "linux"))
    return macros
