"""Where log lines go, from the global parameters and the command line."""

from __future__ import annotations

import syslog
from typing import TYPE_CHECKING

from runtime.native import receive
from runtime.script.pv import Format, PvError
from runtime.server.core_params import CoreParams
from runtime.server.errors import StartError
from runtime.server.log import LM_WARN, LOG
from runtime.server.log_json import engine
from runtime.server.options import Options

if TYPE_CHECKING:
    from runtime.server.server import Server


def facility_of(name: str) -> int:
    """``LOG_LOCAL0`` and so on to syslog's number. Raises ValueError."""
    value = getattr(syslog, name, None) if name.startswith("LOG_") else None
    if not isinstance(value, int) or name in ("LOG_PID", "LOG_CONS", "LOG_NDELAY", "LOG_NOWAIT"):
        raise ValueError(f"unknown log facility {name!r}")
    return value


def open_log(core: CoreParams, options: Options, *, daemonised: bool) -> None:
    """Set level, sink, colour and prefix. Raises StartError for an unknown facility."""
    LOG.level = core.number("debug")
    LOG.color = options.color or bool(core.number("log_color"))
    try:
        facility = facility_of(core.text("log_facility").decode())
    except ValueError as error:
        raise StartError(str(error), core.place("log_facility")) from None
    ident = core.text("log_name").decode("utf-8", "replace")
    if options.log_engine:
        LOG.json = engine(options.log_engine, ident or "kamailio")
        LOG.call_id_of = _call_id
    wants_stderr = options.log_stderr or bool(core.number("log_stderror"))
    if wants_stderr and daemonised:
        LM_WARN("cannot log to stderr as a daemon, using syslog")
    if not wants_stderr or daemonised:
        LOG.open_syslog(ident or "kcc", facility)


def _call_id() -> str:
    msg = receive.current_msg()
    found = None if msg is None else msg.call_id
    return (found or b"").decode("utf-8", "replace")


class LogPrefix:
    """``log_prefix``: text with variables, evaluated at a message's first log line.

    With ``log_prefix_mode`` 1 it is evaluated again for every line.
    """

    def __init__(self, server: Server) -> None:
        try:
            self._format = Format(server.pv, server.core.text("log_prefix"))
        except PvError as error:
            raise StartError(str(error), server.core.place("log_prefix")) from None
        self._again = server.core.number("log_prefix_mode") == 1
        self._last = (-1, "")
        self._busy = False

    def text(self) -> str:
        """The prefix of the message whose route runs, empty outside of routes."""
        msg = receive.current_msg()
        if msg is None or self._busy:
            return ""
        if self._again or self._last[0] != msg.msg_id:
            self._busy = True  # a variable may log
            try:
                text = self._format.eval(msg).decode("utf-8", "replace")
            finally:
                self._busy = False
            self._last = (msg.msg_id, text)
        return self._last[1]
