"""The maxfwd module: count Max-Forwards down (``maxfwd.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.modules.maxfwd.exports import EXPORTS
from runtime.native import maxfwd
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.values import Value


class Module(BaseModule):
    """``max_limit`` may be changed at run time (``maxfwd.max_limit``)."""

    EXPORTS = EXPORTS

    max_limit: int

    def _limit(self) -> int:
        variable = self.server.cfg.find("maxfwd", "max_limit")
        if variable is None:
            return self.max_limit
        value = self.server.cfg.get("maxfwd", "max_limit")
        return value if isinstance(value, int) else self.max_limit

    def mf_process_maxfwd_header(self, msg: SipMsg, max_value: Value) -> int:
        """1 counted down; 2 added with ``max_value``; -1 it was 0; -2 broken.

        -1 also where the variable holds no number.
        """
        if not isinstance(max_value, int):
            LM_ERR("the limit is no number")
            return -1
        return maxfwd.process(msg, max_value, self._limit())

    def maxfwd_process(self, msg: SipMsg, max_value: Value) -> int:
        """The same."""
        return self.mf_process_maxfwd_header(msg, max_value)

    def process_maxfwd(self, msg: SipMsg, max_value: Value) -> int:
        """The same."""
        return self.mf_process_maxfwd_header(msg, max_value)

    def is_maxfwd_lt(self, msg: SipMsg, max_value: Value) -> int:
        """1 where Max-Forwards is less; -1 where not; -2 absent; -3 broken."""
        if not isinstance(max_value, int):
            LM_ERR("the limit is no number")
            return -1
        return maxfwd.less_than(msg, max_value)

    def mf_lowlimit(self, msg: SipMsg, max_value: Value) -> int:
        """The same."""
        return self.is_maxfwd_lt(msg, max_value)

    def maxfwd_at_least(self, msg: SipMsg, max_value: Value) -> int:
        """The same: the name promises the opposite there too."""
        return self.is_maxfwd_lt(msg, max_value)
