"""The xlog module: log lines from the script (``xlog.c``).

The level is looked at before the text is computed.
"""

from __future__ import annotations

import sys
import syslog
from typing import TYPE_CHECKING

from runtime.modules.xlog.exports import EXPORTS, FACILITIES
from runtime.script.pv import Format, compile_format
from runtime.script.values import to_int
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import (
    L_ALERT,
    L_BUG,
    L_CRIT,
    L_CRIT2,
    L_DBG,
    L_ERR,
    L_INFO,
    L_NOTICE,
    L_WARN,
    LM_ERR,
    LOG,
    terminal_color,
)
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

LEVELS = {
    b"A": L_ALERT,
    b"B": L_BUG,
    b"C": L_CRIT2,
    b"E": L_ERR,
    b"W": L_WARN,
    b"N": L_NOTICE,
    b"I": L_INFO,
    b"D": L_DBG,
}
"""By the letter after ``L_``."""

LOG_FTP = 11 << 3
NUMBERS: dict[str, int] = {name: getattr(syslog, name, LOG_FTP) for name in FACILITIES}
"""Syslog's numbers; Python's module has no LOG_FTP."""

COLORED = {
    b"l_alert": L_ALERT,
    b"l_bug": L_BUG,
    b"l_crit2": L_CRIT2,
    b"l_crit": L_CRIT,
    b"l_err": L_ERR,
    b"l_warn": L_WARN,
    b"l_notice": L_NOTICE,
    b"l_info": L_INFO,
    b"l_dbg": L_DBG,
}
"""Levels of `log_colors`."""

NO_FILTER = -1


class Module(BaseModule):
    """Prints what a script says."""

    EXPORTS = EXPORTS

    buf_size: int
    force_color: int
    long_format: int
    prefix: bytes
    log_facility: bytes | None
    methods_filter: int | None
    prefix_mode: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._facility: int | None = None
        self._prefix: Format | None = None

    def param_log_colors(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("xlog", "log_colors", "L_ERR=cr;…")``; ``0`` leaves text or ground."""
        for entry in filter(None, (part.strip() for part in value.split(b";"))):
            name, _, letters = (part.strip() for part in entry.partition(b"="))
            level = COLORED.get(name.lower())
            if level is None or len(letters) != 2:
                raise StartError(f"log_colors reads L_LEVEL=xy;…, not {entry!r}", place)
            LOG.colors[level] = "".join(
                old if new == "0" else new
                for old, new in zip(LOG.colors[level], letters.decode("latin-1"), strict=True)
            )

    def mod_init(self) -> None:
        """Settle prefix and facility."""
        if self.log_facility:
            self._facility = _facility(self.log_facility)
            if self._facility is None:
                raise StartError(
                    f"log_facility: {self.log_facility!r} is no syslog facility "
                    "(LOG_LOCAL0, LOG_DAEMON, …)"
                )
        if self.prefix_mode:
            self._prefix = compile_format(self.prefix, self.server.pv)

    # functions

    def xlog(self, msg: SipMsg, text: Format) -> int:
        """Print at level ERR."""
        return self._print(msg, L_ERR, text)

    def xlog_2(self, msg: SipMsg, level: bytes, text: Format) -> int:
        """Print at a level, ``L_NOTICE``."""
        return self._at(msg, level, text)

    def xlog_3(self, msg: SipMsg, facility: bytes, level: bytes, text: Format) -> int:
        """Print at a level, to a syslog facility."""
        return self._to(msg, facility, level, text)

    def xlogl(self, msg: SipMsg, text: Format) -> int:
        """As xlog, with the line of the configuration."""
        return self._print(msg, L_ERR, text, with_line=True)

    def xlogl_2(self, msg: SipMsg, level: bytes, text: Format) -> int:
        """As xlog, with the line of the configuration."""
        return self._at(msg, level, text, with_line=True)

    def xlogl_3(self, msg: SipMsg, facility: bytes, level: bytes, text: Format) -> int:
        """As xlog, with the line of the configuration."""
        return self._to(msg, facility, level, text, with_line=True)

    def xlogm(self, msg: SipMsg, level: bytes, text: Format) -> int:
        """As xlog, but not for the methods of `methods_filter`."""
        mask = to_int(self.server.cfg.get("xlog", "methods_filter"))
        if mask == NO_FILTER or msg.is_method(mask):
            return 1
        return self._at(msg, level, text)

    def xdbg(self, msg: SipMsg, text: Format) -> int:
        """Print at level DBG."""
        return self._print(msg, L_DBG, text)

    def xdbgl(self, msg: SipMsg, text: Format) -> int:
        """Print at level DBG with the line of the configuration."""
        return self._print(msg, L_DBG, text, with_line=True)

    def xinfo(self, msg: SipMsg, text: Format) -> int:
        """Print at level INFO."""
        return self._print(msg, L_INFO, text)

    def xnotice(self, msg: SipMsg, text: Format) -> int:
        """Print at level NOTICE."""
        return self._print(msg, L_NOTICE, text)

    def xwarn(self, msg: SipMsg, text: Format) -> int:
        """Print at level WARN."""
        return self._print(msg, L_WARN, text)

    def xerr(self, msg: SipMsg, text: Format) -> int:
        """Print at level ERR."""
        return self._print(msg, L_ERR, text)

    def xbug(self, msg: SipMsg, text: Format) -> int:
        """Print at level BUG."""
        return self._print(msg, L_BUG, text)

    def xcrit(self, msg: SipMsg, text: Format) -> int:
        """Print at level CRIT."""
        return self._print(msg, L_CRIT2, text)

    def xalert(self, msg: SipMsg, text: Format) -> int:
        """Print at level ALERT."""
        return self._print(msg, L_ALERT, text)

    # variables

    def pv_C(self, msg: SipMsg, name: bytes) -> bytes:
        """``$C(xy)``: terminal colors of text and background; empty where logs go to syslog."""
        if len(name) != 2 or not (LOG.to_stderr or self.force_color):
            return b""
        return terminal_color(name.decode("latin-1")).encode()

    # inside

    def _to(
        self, msg: SipMsg, facility: bytes, level: bytes, text: Format, *, with_line: bool = False
    ) -> int:
        number = _facility(facility)
        if number is None:
            LM_ERR("invalid syslog facility %r", facility)
            return -1
        return self._at(msg, level, text, with_line=with_line, facility=number)

    def _at(
        self,
        msg: SipMsg,
        level: bytes,
        text: Format,
        *,
        with_line: bool = False,
        facility: int | None = None,
    ) -> int:
        number = _level(level)
        if number is None:
            LM_ERR("invalid log level %r", level)
            return -1
        return self._print(msg, number, text, with_line=with_line, facility=facility)

    def _print(
        self,
        msg: SipMsg,
        level: int,
        text: Format,
        *,
        with_line: bool = False,
        facility: int | None = None,
    ) -> int:
        if not LOG.enabled(level, "xlog"):
            return 1
        body = text.eval(msg)
        if len(body) >= self.buf_size:
            LM_ERR("a text of %d octets does not fit (buf_size %d)", len(body), self.buf_size)
            return -1
        prefix = self.prefix
        if self._prefix is not None and not (with_line and not self.long_format):
            computed = self._prefix.eval(msg)
            prefix = computed if 0 < len(computed) < self.buf_size else prefix
        line = ""
        if with_line:
            place = None if LOG.lines is None else LOG.lines.of_frame(sys._getframe())
            if place is not None:
                line = f"{place.file}:{place.line}:" if self.long_format else f"{place.line}:"
        shown = (prefix + line.encode() + body).decode("utf-8", "surrogateescape")
        LOG.write(level, shown, facility=self._facility if facility is None else facility)
        return 1


def _level(text: bytes) -> int | None:
    """``L_ERR`` by its third letter, as Kamailio reads it, or a number."""
    if text[:2].upper() == b"L_":
        return LEVELS.get(text[2:3].upper())
    try:
        return int(text)
    except ValueError:
        return None


def _facility(text: bytes) -> int | None:
    return NUMBERS.get(text.decode("latin-1").upper())
