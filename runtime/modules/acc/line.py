"""A record as a line of the log (``acc_log_request`` of ``acc.c``)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from runtime.modules.acc.record import Attribute, Record
from runtime.server.log import LM_WARN, LOG

MAX_LINE: Final = 65534
"""Octets of a line after its time stamp (``MAX_SYSLOG_SIZE``)."""

MICROSECONDS, FRACTION, LOCAL_TEXT, UTC_TEXT = 1, 2, 3, 4
"""Values of ``time_mode``: what stands beside the seconds."""


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """``time_mode`` and the names and format that go with it."""

    mode: int
    attr: str
    exten: str
    format: str

    def text(self, seconds: float) -> str:
        """The time as ``time_format`` has it. Raises ValueError where the format is broken."""
        parts = time.gmtime(seconds) if self.mode == UTC_TEXT else time.localtime(seconds)
        return time.strftime(self.format, parts)

    def attribute(self, seconds: float) -> str:
        """``;name=value`` for a line; empty in the other modes."""
        match self.mode:
            case 1:
                return f";{self.exten}={microseconds(seconds)}"
            case 2:
                return f";{self.attr}={seconds:.3f}"
            case 3 | 4:
                return f";{self.attr}={self.text(seconds)}"
        return ""


def microseconds(seconds: float) -> int:
    """The part below the second."""
    return int(seconds % 1 * 1_000_000)


def record_line(
    text: str, record: Record, times: TimeFormat, extra: Iterable[Attribute] = ()
) -> str:
    """``<text>timestamp=…;method=…;from_tag=…``; always one line, whatever the values hold."""
    body = b"".join(
        (
            b";method=" + record.method,
            b";from_tag=" + record.from_tag,
            b";to_tag=" + record.to_tag,
            b";call_id=" + record.call_id,
            b";code=" + record.code,
            b";reason=" + record.reason,
            *(b";%s=%s" % (name.encode("latin-1"), value or b"") for name, value in extra),
        )
    )
    if len(body) > MAX_LINE:
        LM_WARN("acc message too long, truncating..")
        body = body[:MAX_LINE]
    body = body.replace(b"\r", b" ").replace(b"\n", b" ")
    head = f"{text}timestamp={int(record.time)}{times.attribute(record.time)}"
    return head + body.decode("utf-8", "surrogateescape")


def acc_log_request(line: str, level: int, facility: int | None) -> None:
    """Print a line; its place in the log is this function, as in Kamailio."""
    LOG.log(level, "%s", (line,), depth=1, facility=facility)
