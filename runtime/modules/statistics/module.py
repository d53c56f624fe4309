"""The statistics module: counters of the script, in group ``script``.

Behaviour: ``statistics`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime.modules.statistics.exports import EXPORTS
from runtime.native import stats
from runtime.script.values import to_str
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.values import Value
    from runtime.server.server import Server

TRUE, FALSE = 1, -1
GROUP = "script"
NO_RESET = b"no_reset"
_NUMBER = re.compile(rb"([+-]?)([0-9]{1,5})")
_SHORT = 65536  # str2s reads an unsigned short


class Module(BaseModule):
    """The counters that a configuration declares."""

    EXPORTS = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._declared: dict[str, bool] = {}

    def param_variable(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("statistics", "variable", "name")``, ``name/no_reset``."""
        name, slash, flag = value.partition(b"/")
        if not value:
            raise StartError("statistics: a variable needs a name", place)
        if slash and flag.lower() != NO_RESET:
            raise StartError(f"statistics: there is no flag {flag!r}, only no_reset", place)
        self._declared[name.decode("utf-8", "replace")] = not slash

    def mod_init(self) -> None:
        """Make the counters."""
        for name in self._declared:
            self.server.stats.register(GROUP, name)

    def _counter(self, name: bytes) -> tuple[str, str] | None:
        """Group and name of the counter that a bare name means."""
        found = self.server.stats.find(name.decode("utf-8", "replace"))
        if not found:
            LM_ERR("statistics: no variable %r", name)
            return None
        return found[0]

    def update_stat(self, msg: SipMsg, variable: bytes, value: Value) -> int:
        """Add a number, which may be below 0, to a counter; 0 where it is none of five digits."""
        number = _NUMBER.fullmatch(to_str(value))
        counter = self._counter(variable)
        if value is None or counter is None:
            return FALSE
        if number is not None and not self.server.stats.has_function(*counter):
            amount = int(number[2]) % _SHORT
            handle = self.server.stats.register(*counter)
            stats.add(handle, -amount if number[1] == b"-" else amount)
        return TRUE

    def reset_stat(self, msg: SipMsg, variable: bytes) -> int:
        """Set a counter to 0, unless it is declared ``no_reset``."""
        counter = self._counter(variable)
        if counter is None:
            return FALSE
        if counter[0] != GROUP or self._declared.get(counter[1], True):
            self.server.stats.reset(*counter)
        return TRUE
