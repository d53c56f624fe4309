"""Log lines in Kamailio's form (``dprint.h``), to stderr or syslog.

``LM_ERR("cannot bind %s", name)`` prints `` 3(4711) ERROR: <core> [server/arbiter.py:80]:
bind(): cannot bind udp:...``. Arguments are applied with ``%`` only when the level is on.
"""

from __future__ import annotations

import contextlib
import os
import sys
import syslog
from collections.abc import Callable
from typing import Final

from runtime.native import klog
from runtime.script.linemap import LineTable
from runtime.server.log_json import JsonLog, Origin

L_ALERT: Final = -5
L_BUG: Final = -4
L_CRIT2: Final = -3
L_CRIT: Final = -2
L_ERR: Final = -1
L_WARN: Final = 0
L_NOTICE: Final = 1
L_INFO: Final = 2
L_DBG: Final = 3

NAMES: Final = {
    L_ALERT: "ALERT",
    L_BUG: "BUG",
    L_CRIT2: "CRITICAL",
    L_CRIT: "CRITICAL",
    L_ERR: "ERROR",
    L_WARN: "WARNING",
    L_NOTICE: "NOTICE",
    L_INFO: "INFO",
    L_DBG: "DEBUG",
}
_PRIORITY: Final = {
    L_ALERT: syslog.LOG_ALERT,
    L_BUG: syslog.LOG_CRIT,
    L_CRIT2: syslog.LOG_CRIT,
    L_CRIT: syslog.LOG_CRIT,
    L_ERR: syslog.LOG_ERR,
    L_WARN: syslog.LOG_WARNING,
    L_NOTICE: syslog.LOG_NOTICE,
    L_INFO: syslog.LOG_INFO,
    L_DBG: syslog.LOG_DEBUG,
}
_COLORS: Final = {
    L_ALERT: "Rx",
    L_BUG: "Px",
    L_CRIT2: "yx",
    L_CRIT: "bx",
    L_ERR: "rx",
    L_WARN: "px",
    L_NOTICE: "gx",
    L_INFO: "cx",
    L_DBG: "xx",
}
_COLOR_LETTERS: Final = "srgybpcw"
_ROOT: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def terminal_color(letters: str) -> str:
    """The terminal sequence of two letters, text and ground: ``srgybpcw``, a capital text is
    bright, any other is the terminal's own (``dprint_term_color``)."""
    text, ground = letters[0], letters[1]
    weight = 0 if text.islower() else 1
    shown = _COLOR_LETTERS.find(text.lower())
    behind = _COLOR_LETTERS.find(ground)
    return f"\x1b[{weight};{39 if shown < 0 else 30 + shown};{49 if behind < 0 else 40 + behind}m"


class Logger:
    """Where lines go and which are on: one a process, set up by the arbiter before the fork."""

    __slots__ = (
        "call_id_of",
        "color",
        "colors",
        "facility",
        "json",
        "level",
        "level_of",
        "lines",
        "local_level",
        "module_facility",
        "module_level",
        "prefix_of",
        "slot",
        "to_stderr",
    )

    def __init__(self) -> None:
        self.level = L_WARN
        self.level_of: Callable[[], int] | None = None  # shared ``debug``, once there is one
        self.to_stderr = True
        self.color = False
        self.colors = dict(_COLORS)  # of each level, by the letters of terminal_color
        self.prefix_of: Callable[[], str] | None = None  # ``log_prefix`` of the message at hand
        self.slot = 0
        self.local_level: int | None = None  # of this process alone (setdebug)
        self.lines: LineTable | None = None  # of the compiled configuration
        self.facility = syslog.LOG_DAEMON
        self.module_level: Callable[[str], int | None] | None = None
        """A module's own level, None where it has none (``debugger:mod_level``)."""
        self.module_facility: Callable[[str], int | None] | None = None
        self.json: JsonLog | None = None  # ``--log-engine=json``
        self.call_id_of: Callable[[], str] | None = None  # of the message at hand

    def enabled(self, level: int, module: str = "<core>") -> bool:
        """Is a line of this level printed?"""
        if self.local_level is not None:
            return self.local_level >= level
        if self.module_level is not None:
            own = self.module_level(module.strip("<>"))
            if own is not None:
                return own >= level
        return (self.level if self.level_of is None else self.level_of()) >= level

    def open_syslog(self, ident: str, facility: int) -> None:
        """Log to syslog as ``ident``."""
        self.to_stderr = False
        self.facility = facility
        syslog.openlog(ident, syslog.LOG_PID | syslog.LOG_CONS, facility)

    def write(
        self,
        level: int,
        text: str,
        origin: Origin | None = None,
        *,
        name: str | None = None,
        facility: int | None = None,
    ) -> None:
        """Print one finished line; ``origin`` is None for what a script prints, ``name`` stands for
        that of the level."""
        level = min(max(level, L_ALERT), L_DBG)
        name = NAMES[level] if name is None else name
        prefix = "" if self.prefix_of is None else self.prefix_of()
        if self.json is not None:
            self._write_json(level, name, text, origin, prefix, facility)
            return
        line = text if text.endswith("\n") else text + "\n"
        if origin is not None:
            module = "<core>" if origin.module == "core" else origin.module
            place = origin.file if not origin.line else f"{origin.file}:{origin.line}"
            function = f" {origin.function}():" if origin.function else ""
            line = f"{module} [{place}]:{function} {line}"
        if self.to_stderr:
            out = f"{self.slot:2d}({os.getpid()}) {name}: {prefix}{line}"
            if self.color:
                out = terminal_color(self.colors[level]) + out + terminal_color("xx")
            try:
                os.write(2, out.encode("utf-8", "surrogateescape"))
            except OSError:
                return  # nobody to tell
        else:
            out = f"{name}: {prefix}{line}".replace("\0", "\\0")
            out = out.encode("utf-8", "replace").decode("utf-8")
            syslog.syslog(_PRIORITY[level] | (facility or self.facility), out)

    def _write_json(
        self,
        level: int,
        name: str,
        text: str,
        origin: Origin | None,
        prefix: str,
        facility: int | None,
    ) -> None:
        assert self.json is not None
        call_id = ""
        if self.json.wants_call_id and self.call_id_of is not None:
            call_id = self.call_id_of()
        out = self.json.line(
            name,
            origin or Origin("xlog", "xlog.c"),
            text,
            slot=self.slot,
            prefix=prefix,
            call_id=call_id,
        )
        if not self.to_stderr:
            syslog.syslog(_PRIORITY[level] | (facility or self.facility), out)
            return
        if self.color:
            out = terminal_color(self.colors[level]) + out + terminal_color("xx")
        with contextlib.suppress(OSError):
            os.write(2, out.encode())

    def native(self, level: int, place: str, text: str) -> None:
        """Print a line of native topic ``place``."""
        if self.enabled(level):
            self.write(level, f"{text}\n", Origin("core", f"native/{place}.pyx"))

    def log(
        self,
        level: int,
        text: str,
        args: tuple[object, ...],
        depth: int = 2,
        facility: int | None = None,
    ) -> None:
        """Print ``text % args`` with the place of the caller ``depth`` frames up."""
        frame = sys._getframe(depth)
        code = frame.f_code
        path = (
            os.path.relpath(code.co_filename, _ROOT)
            if code.co_filename.startswith(_ROOT)
            else code.co_filename
        )
        module = "<core>"
        if path.startswith("modules" + os.sep):
            module = path.split(os.sep)[1].rstrip("_")
        if not self.enabled(level, module):
            return
        body = text % args if args else text
        if level <= L_WARN and self.lines is not None:
            line = self.lines.of_frame(frame)
            if line is not None:
                body = f"{line.file}:{line.line}: {body}"
        if facility is None and self.module_facility is not None:
            facility = self.module_facility(module.strip("<>"))
        origin = Origin(module.strip("<>"), path, frame.f_lineno, code.co_name)
        self.write(level, body if body.endswith("\n") else f"{body}\n", origin, facility=facility)


LOG: Final = Logger()
klog.set_sink(LOG.native)


def LM_GEN(level: int, text: str, *args: object) -> None:
    """Log at a level only known at run time."""
    LOG.log(level, text, args)


def LM_ALERT(text: str, *args: object) -> None:
    """Something must be done at once."""
    LOG.log(L_ALERT, text, args)


def LM_BUG(text: str, *args: object) -> None:
    """A fault of this program."""
    LOG.log(L_BUG, text, args)


def LM_CRIT(text: str, *args: object) -> None:
    """Critical condition."""
    LOG.log(L_CRIT, text, args)


def LM_ERR(text: str, *args: object) -> None:
    """Error."""
    LOG.log(L_ERR, text, args)


def LM_WARN(text: str, *args: object) -> None:
    """Warning."""
    LOG.log(L_WARN, text, args)


def LM_NOTICE(text: str, *args: object) -> None:
    """Normal but significant."""
    LOG.log(L_NOTICE, text, args)


def LM_INFO(text: str, *args: object) -> None:
    """Information."""
    LOG.log(L_INFO, text, args)


def LM_DBG(text: str, *args: object) -> None:
    """Debugging."""
    LOG.log(L_DBG, text, args)
