"""Errors of route code told in lines of the configuration."""

from __future__ import annotations

import traceback
from types import ModuleType

from runtime.script.linemap import LineTable
from runtime.server.log import LM_CRIT


class Tracer:
    """Maps lines of the compiled module to configuration places through its line table."""

    def __init__(self, compiled: ModuleType) -> None:
        files = getattr(compiled, "FILES", ())
        self.lines = LineTable(compiled.__file__ or "", files, getattr(compiled, "LINES", ()))

    def report(self, error: BaseException) -> None:
        """Log an error that a route raised: where in the configuration, and the Python trace."""
        places = self.lines.of_traceback(error.__traceback__)
        where = f"{places[-1].file}:{places[-1].line}" if places else "the server"
        text = "".join(traceback.format_exception(error)).rstrip()
        LM_CRIT("error in %s: %r\n%s", where, error, text)
