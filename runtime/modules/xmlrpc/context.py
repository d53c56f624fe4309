"""A call over XML-RPC: how its arguments are read (``rpc_scan`` of ``xmlrpc.c``)."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element

from runtime.declare.cint import wrap
from runtime.server.rpc import RpcArg, RpcContext, RpcFault, Scanned, Unread

WRONG_TYPE: Final = "Invalid Parameter Type"
WHOLE: Final = "btdu"
INTEGERS: Final = ("int", "i4", "boolean")
DATE: Final = "dateTime.iso8601"

_WHOLE: Final = re.compile(r"\s*[+-]?[0-9]+")
_FRACTION: Final = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class XmlContext(RpcContext):
    """Arguments are ``param`` elements. A wrong one that may not be missing refuses the call."""

    __slots__ = ("autoconversion", "lf_to_crlf", "needed")

    def __init__(
        self, method: str, args: Sequence[object], autoconversion: bool, lf_to_crlf: bool
    ) -> None:
        super().__init__(method, args)
        self.autoconversion = autoconversion
        self.lf_to_crlf = lf_to_crlf
        self.needed = 0

    def scan(self, form: str) -> Scanned:
        """What is wrong behind ``*`` counts as missing."""
        needed, star, _ = form.replace(".", "").partition("*")
        self.needed = self.at + len(needed) if star else len(self.args) + 1
        found = super().scan(form)
        found.failed = found.failed and self.at < self.needed
        return found

    def read(self, value: object, letter: str, convert: bool) -> RpcArg:
        """Raises Unread."""
        if not isinstance(value, Element) or len(value) == 0 or value[0].tag != "value":
            raise Unread(f"Invalid {'parameter value' if letter in WHOLE else 'Parameter Value'}")
        kind, text = _typed(value[0])
        convert = convert or self.autoconversion
        if letter in "sS":
            return self._text(kind, text, convert)
        if letter in "fljLJ":
            return _fraction(kind, text, convert)
        return _number(kind, text, convert) & (0xFFFFFFFF if letter == "u" else -1)

    def _text(self, kind: str, text: str, convert: bool) -> bytes:
        if kind not in ("", "string") and not convert:
            raise Unread(WRONG_TYPE)
        if kind in ("", "string"):
            if self.lf_to_crlf:
                text = text.replace("\n\n", "\r\n")
        elif not text:
            raise Unread("Empty Parameter Value")
        elif kind in INTEGERS:
            text = str(_whole(text))
        return text.encode("utf-8", "surrogateescape")

    def unread(self, text: str) -> None:
        """What the client is told."""
        self.refusal = RpcFault(400, text) if self.at < self.needed else None


def _typed(value: Element) -> tuple[str, str]:
    """The name of a value's type ("" for a bare text), and its text."""
    if len(value) == 0:
        if not value.text:
            raise Unread(WRONG_TYPE)
        return "", value.text
    if value.text and value.text.strip():
        return "", value.text
    kind = value[0].tag
    if kind not in (*INTEGERS, "string", "double", DATE):
        raise Unread(WRONG_TYPE)
    return kind, value[0].text or ""


def _whole(text: str) -> int:
    found = _WHOLE.match(text)
    if found is None:
        raise Unread("Invalid Value")
    return wrap(int(found[0]))


def _date(text: str) -> int:
    try:
        return calendar.timegm(time.strptime(text.strip(), "%Y%m%dT%H:%M:%S"))
    except ValueError:
        raise Unread("Invalid Value") from None


def _number(kind: str, text: str, convert: bool) -> int:
    if kind not in (*INTEGERS, DATE) and not convert:
        raise Unread(WRONG_TYPE)
    if not text:
        raise Unread("Empty Parameter Value")
    if kind == DATE:
        return _date(text)
    return wrap(int(_float(text))) if kind == "double" else _whole(text)


def _fraction(kind: str, text: str, convert: bool) -> float:
    if kind not in ("int", "i4", "double") and not convert:
        raise Unread(WRONG_TYPE)
    if not text:
        raise Unread("Empty Double Parameter")
    return float(_date(text)) if kind == DATE else _float(text)


def _float(text: str) -> float:
    found = _FRACTION.match(text)
    if found is None:
        raise Unread("Invalid Value")
    number = float(found[0])
    return max(min(number, 1e300), -1e300)
