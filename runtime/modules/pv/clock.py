"""Variables of the clock (``pv_time.c``, ``pv_core.c``).

The time of a message is that of the first question about it, as in Kamailio.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from runtime.script.values import Dual, Value

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

_FIELDS = {
    b"sec": lambda t: t.tm_sec,
    b"min": lambda t: t.tm_min,
    b"hour": lambda t: t.tm_hour,
    b"mday": lambda t: t.tm_mday,
    b"mon": lambda t: t.tm_mon,
    b"year": lambda t: t.tm_year,
    b"wday": lambda t: (t.tm_wday + 1) % 7 + 1,
    b"yday": lambda t: t.tm_yday,
    b"isdst": lambda t: t.tm_isdst,
}
_KEY = "pv:time_ns"


def _message_ns(msg: SipMsg) -> int:
    if msg.extra is None:
        msg.extra = {}
    return cast(int, msg.extra.setdefault(_KEY, time.time_ns()))


def local(msg: SipMsg, name: bytes) -> int | None:
    """``$time(field)`` in local time."""
    read = _FIELDS.get(name)
    return None if read is None else read(time.localtime())


def universal(msg: SipMsg, name: bytes) -> int | None:
    """``$utime(field)`` in UTC."""
    read = _FIELDS.get(name)
    return None if read is None else read(time.gmtime())


def local_format(msg: SipMsg, name: bytes) -> bytes:
    """``$timef(format)`` by strftime(3), in local time."""
    return _strftime(name, time.localtime())


def universal_format(msg: SipMsg, name: bytes) -> bytes:
    """``$utimef(format)`` in UTC."""
    return _strftime(name, time.gmtime())


def _strftime(form: bytes, when: time.struct_time) -> bytes:
    try:
        return time.strftime(form.decode("latin-1"), when).encode("latin-1")
    except (ValueError, UnicodeEncodeError):
        return b""


def Ts(msg: SipMsg) -> int:
    """``$Ts``: seconds since 1970, the same for the whole message."""
    return _message_ns(msg) // 1_000_000_000


def TS(msg: SipMsg) -> int:
    """``$TS``: seconds since 1970 now."""
    return int(time.time())


def Tf(msg: SipMsg) -> bytes:
    """``$Tf``: the time of the message as ctime(3) writes it."""
    return Dual(time.ctime(Ts(msg)).encode(), Ts(msg))


def TF(msg: SipMsg) -> bytes:
    """``$TF``: the time now as ctime(3) writes it."""
    now = int(time.time())
    return Dual(time.ctime(now).encode(), now)


def TV(msg: SipMsg, name: bytes) -> Value:
    """``$TV(s) $TV(u)`` of the message, ``$TV(sn) $TV(un) $TV(Sn) $TV(Fn)`` of now."""
    if name == b"s":
        return Ts(msg)
    if name == b"u":
        return _message_ns(msg) // 1000 % 1_000_000
    now = time.time_ns() // 1000
    if name == b"sn":
        if msg.extra is None:
            msg.extra = {}
        msg.extra[_KEY + ":now"] = now
        return now // 1_000_000
    if name == b"un":
        return cast(int, (msg.extra or {}).get(_KEY + ":now", now)) % 1_000_000
    if name == b"Sn":
        return b"%d.%06d" % divmod(now, 1_000_000)
    if name == b"Fn":
        seconds, micros = divmod(now, 1_000_000)
        return _strftime(b"%Y-%m-%d %H:%M:%S", time.localtime(seconds)) + b".%06d" % micros
    return None
