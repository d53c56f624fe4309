"""Log lines as JSON objects (``--log-engine=json[:flags]``, ``ksr_slog_json`` in ``dprint.c``)."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from typing import NamedTuple


class Origin(NamedTuple):
    """Where a line comes from."""

    module: str
    file: str = ""
    line: int = 0
    function: str = ""


class JsonLog:
    """One object a line. The letters of ``flags`` are Kamailio's:

    ``a`` names begin with ``kamailio.``, with ``A`` but that of the message; ``c`` adds the
    Call-ID; ``j`` takes a message or prefix in braces for JSON, and makes others objects; ``M``
    leaves out the line feed of the message, ``N`` that of the line; ``p`` takes a prefix that
    begins with a comma for members, and leaves an empty one out; ``U`` writes CEE objects.
    """

    def __init__(self, flags: str, name: str = "kamailio") -> None:
        self._flags = frozenset(flags)
        self._name = name
        self._host = socket.gethostname()
        self.end = "" if "N" in self._flags else "\n"

    @property
    def wants_call_id(self) -> bool:
        """Is the Call-ID of the message asked for?"""
        return "c" in self._flags

    def line(
        self, level: str, origin: Origin, text: str, *, slot: int, prefix: str, call_id: str
    ) -> str:
        """One object, with its end."""
        if "M" in self._flags:
            text = text.removesuffix("\n")
        if "U" in self._flags:
            return self._cee(level, origin, text) + self.end
        name = "kamailio." if "a" in self._flags else ""
        message = "" if "A" in self._flags else name
        members = [
            (f"{name}idx", str(slot)),
            (f"{name}pid", str(os.getpid())),
            (f"{name}level", _quoted(level)),
            (f"{name}module", _quoted(origin.module)),
            (f"{name}file", _quoted(origin.file)),
            (f"{name}line", str(origin.line)),
            (f"{name}function", _quoted(origin.function)),
        ]
        if self.wants_call_id:
            members.append((f"{name}callid", _quoted(call_id)))
        raw = ""
        if "p" not in self._flags or (prefix and not prefix.startswith(",")):
            members.append((f"{name}logprefix", self._value(prefix)))
        elif _is_object("{" + prefix[1:] + "}"):
            raw = prefix
        shown = ", ".join(f'"{key}": {value}' for key, value in members)
        return f'{{ {shown}{raw}, "{message}message": {self._value(text)} }}{self.end}'

    def _value(self, text: str) -> str:
        if "j" not in self._flags:
            return _quoted(text)
        return text if _is_object(text) else f'{{ "text": {_quoted(text)} }}'

    def _cee(self, level: str, origin: Origin, text: str) -> str:
        now = time.time_ns()
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9))
        return json.dumps(
            {
                "time": f"{at}.{now % 10**9:09}Z",
                "proc": {"id": str(os.getpid()), "tid": threading.get_ident()},
                "pri": level,
                "subsys": origin.module,
                "file": {"name": origin.file, "line": origin.line},
                "native": {"function": origin.function},
                "msg": _readable(text),
                "pname": "kamailio",
                "appname": self._name,
                "hostname": self._host,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


def _readable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _quoted(text: str) -> str:
    return json.dumps(_readable(text), ensure_ascii=False)


def _is_object(text: str) -> bool:
    """What of a packet comes into a prefix or message must not end the object around it."""
    if not (text.startswith("{") and text.endswith("}")):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def engine(given: str, name: str) -> JsonLog | None:
    """What ``--log-engine`` names, None where it is another than ``json`` (as in Kamailio)."""
    kind, _, flags = given.partition(":")
    return JsonLog(flags, name) if kind.lower() == "json" else None
