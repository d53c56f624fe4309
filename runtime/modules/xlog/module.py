"""The xlog module: log lines from the script (``xlog.c``).

The level is looked at before the text is computed.
"""

from __future__ import annotations

import sys
import syslog
from typing import TYPE_CHECKING

from runtime.modules.xlog.exports import EXPORTS
from runtime.script.pv import Format, compile_format
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import (
    L_ALERT,
    L_BUG,
    L_CRIT2,
    L_DBG,
    L_ERR,
    L_INFO,
    L_NOTICE,
    L_WARN,
    LM_ERR,
    LOG,
    NAMES,
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

FACILITIES = {
    name: getattr(syslog, name)
    for name in (
        *("LOG_AUTH", "LOG_CRON", "LOG_DAEMON", "LOG_KERN", "LOG_LPR", "LOG_MAIL", "LOG_NEWS"),
        *("LOG_SYSLOG", "LOG_USER", "LOG_UUCP", *(f"LOG_LOCAL{n}" for n in range(8))),
        "LOG_AUTHPRIV",
    )
    if hasattr(syslog, name)
}

ESCAPE = "\x1b["
FOREGROUND = {"s": 30, "r": 31, "g": 32, "y": 33, "b": 34, "p": 35, "c": 36, "w": 37}
"""First letter of ``$C(xy)``; a capital is bright, ``x`` the default."""

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
        self._colors: dict[int, str] = {}

    def param_log_colors(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("xlog", "log_colors", "L_ERR=cr;…")``"""
        for entry in filter(None, (part.strip() for part in value.split(b";"))):
            level, equals, color = entry.partition(b"=")
            if not equals or level[2:3] not in LEVELS or len(color) != 2:
                raise StartError(f"log_colors reads L_LEVEL=xy;…, not {entry!r}", place)
            self._colors[LEVELS[level[2:3]]] = _color(color.decode("latin-1"))

    def mod_init(self) -> None:
        """Settle prefix and facility."""
        if self.log_facility:
            self._facility = _facility(self.log_facility)
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
        return self._at(msg, level, text, facility=_facility(facility))

    def xlogl(self, msg: SipMsg, text: Format) -> int:
        """As xlog, with the line of the configuration."""
        return self._print(msg, L_ERR, text, with_line=True)

    def xlogl_2(self, msg: SipMsg, level: bytes, text: Format) -> int:
        """As xlog, with the line of the configuration."""
        return self._at(msg, level, text, with_line=True)

    def xlogl_3(self, msg: SipMsg, facility: bytes, level: bytes, text: Format) -> int:
        """As xlog, with the line of the configuration."""
        return self._at(msg, level, text, with_line=True, facility=_facility(facility))

    def xlogm(self, msg: SipMsg, level: bytes, text: Format) -> int:
        """As xlog, but not for the methods of `methods_filter`."""
        mask = self.methods_filter
        if mask is None or mask == NO_FILTER or msg.is_method(mask):
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
        if not (LOG.to_stderr or self.force_color):
            return b""
        return _color(name.decode("latin-1")).encode()

    # inside

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
        body = text.eval(msg)[: self.buf_size - 1]
        prefix = self._prefix.eval(msg) if self._prefix is not None else self.prefix
        line = ""
        if with_line or self.long_format:
            place = None if LOG.lines is None else LOG.lines.of_frame(sys._getframe())
            if place is not None:
                line = f"{place.file}:{place.line}:" if self.long_format else f"{place.line}:"
        shown = (prefix + line.encode() + body).decode("utf-8", "surrogateescape")
        LOG.write(
            level,
            shown,
            name=NAMES[level],
            facility=self._facility if facility is None else facility,
        )
        return 1


def _level(text: bytes) -> int | None:
    """``L_ERR`` by its third letter, as Kamailio reads it, or a number."""
    if text[:2].upper() == b"L_":
        return LEVELS.get(text[2:3].upper())
    try:
        return max(L_ALERT, min(int(text), L_DBG))
    except ValueError:
        return None


def _facility(text: bytes) -> int:
    name = text.decode("latin-1")
    if name not in FACILITIES:
        raise StartError(f"xlog: {name!r} is no syslog facility (LOG_LOCAL0, LOG_DAEMON, …)")
    number: int = FACILITIES[name]
    return number


def _color(letters: str) -> str:
    """The terminal sequence of two letters: text, background."""
    if len(letters) != 2:
        return ""
    text, ground = letters[0], letters[1]
    parts = ["0"]
    if text in FOREGROUND:
        parts.append(str(FOREGROUND[text]))
    elif text.lower() in FOREGROUND:
        parts = ["1", str(FOREGROUND[text.lower()])]
    else:
        parts.append("39")
    parts.append(str(FOREGROUND[ground] + 10) if ground in FOREGROUND else "49")
    return f"{ESCAPE}{';'.join(parts)}m"
