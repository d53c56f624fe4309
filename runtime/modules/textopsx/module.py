"""The textopsx module: edits made at once, reply status, header patterns (``textopsx.c``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from runtime.declare.exports import Routes
from runtime.modules.textopsx import hfvalues
from runtime.modules.textopsx.exports import EXPORTS
from runtime.modules.textopsx.iterators import HeaderIterators, LineIterators
from runtime.native import edit
from runtime.native.regex import fnmatch
from runtime.native.sipmsg import apply_changes, set_buffer
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.regex import Regex
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

TRUE, FALSE = 1, -1
PARTS = 256
"""How many header parts stay parsed; they are constants of the configuration."""

KEPT = frozenset(
    (
        *("via", "from", "to", "call-id", "cseq", "contact", "route", "record-route"),
        *("content-type", "content-length", "max-forwards", "v", "f", "t", "i", "m", "c", "l"),
    )
)
"""Headers that keep_hf never takes away."""


P = ParamSpec("P")


def parsed(method: Callable[Concatenate[Module, P], int]) -> Callable[Concatenate[Module, P], int]:
    """A message whose headers cannot be parsed makes the function false, as in Kamailio."""

    @wraps(method)
    def guarded(self: Module, /, *args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return method(self, *args, **kwargs)
        except ValueError as error:
            LM_ERR("%s", error)
            return FALSE

    return guarded


class Module(BaseModule):
    """Text operations that act at once."""

    EXPORTS = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._headers = HeaderIterators()
        self._lines = LineIterators()
        self._part = lru_cache(maxsize=PARTS)(hfvalues.header_part)

    def msg_apply_changes(self, msg: SipMsg) -> int:
        """Build the message with what is queued and go on with the result.

        -1: not in failure and branch routes, nor after record_route. 0, the script ends: the
        result is no message.
        """
        return self._renewed(msg, apply_changes(msg)) if self._may_change(msg) else FALSE

    def msg_set_buffer(self, msg: SipMsg, data: bytes) -> int:
        """Go on with other octets in place of the message; results as for msg_apply_changes."""
        return self._renewed(msg, set_buffer(msg, data)) if self._may_change(msg) else FALSE

    def _may_change(self, msg: SipMsg) -> bool:
        if msg.is_reply or msg.route_type == Routes.REQUEST.value:
            return True
        LM_ERR("changes are applied in request routes and to replies only")
        return False

    def _renewed(self, msg: SipMsg, result: int) -> int:
        if result == 0:
            LM_ERR("the changed message is malformed")
        elif result < 0:
            LM_ERR("cannot apply changes: a Record-Route is queued, or the message is too long")
        return result

    def change_reply_status(self, msg: SipMsg, code: int, reason: bytes) -> int:
        """Another code and reason for a reply; 1xx and 2xx stay in their class."""
        status = msg.status
        if status is None or not reason or not _may_become(status, code):
            LM_ERR("status %r cannot become %r %r", status, code, reason)
            return FALSE
        return TRUE if edit.set_status(msg, code, reason) else FALSE

    def change_reply_status_code(self, msg: SipMsg, code: int) -> int:
        """Another code for a reply, the reason staying."""
        status = msg.status
        if status is None or not _may_become(status, code):
            return FALSE
        return TRUE if edit.set_status(msg, code, None) else FALSE

    @parsed
    def remove_body(self, msg: SipMsg) -> int:
        """Take the body away; Content-Type stays."""
        start = edit.body_start(msg)
        size = edit.length(msg) - start
        return TRUE if not start or not size or edit.delete(msg, start, size) else FALSE

    @parsed
    def keep_hf(self, msg: SipMsg, regexp: Regex | None = None) -> int:
        """Remove every header but those that SIP needs and those whose name matches.

        Always -1, as in Kamailio.
        """
        for index in range(edit.header_count(msg)):
            name = edit.header_name(msg, index)
            if name.decode("latin-1").lower() in KEPT:
                continue
            if regexp is not None and regexp.match(name):
                continue
            if not edit.remove_header(msg, index):
                break
        return FALSE

    def fnmatch(self, msg: SipMsg, value: bytes, expr: bytes, flags: bytes | None = None) -> int:
        """Does the value match a shell pattern (libc)?

        Case always counts: Kamailio is built without the extension that flag ``i`` asks for.
        """
        return TRUE if fnmatch(expr, value) else FALSE

    # values of headers

    @parsed
    def append_hf_value(self, msg: SipMsg, hf: bytes, hvalue: bytes) -> int:
        """Add a header, or a value after the one with this index."""
        return hfvalues.append_value(msg, self._part(hf), hvalue)

    @parsed
    def insert_hf_value(self, msg: SipMsg, hf: bytes, hvalue: bytes) -> int:
        """Add a header before the first, or a value before the one with this index."""
        return hfvalues.insert_value(msg, self._part(hf), hvalue)

    @parsed
    def remove_hf_value(self, msg: SipMsg, hf_par: bytes) -> int:
        """Remove a value, or a parameter."""
        return hfvalues.remove_value(msg, self._part(hf_par))

    @parsed
    def assign_hf_value(self, msg: SipMsg, hf: bytes, hvalue: bytes) -> int:
        """Exchange a value, or set a parameter."""
        return hfvalues.assign_value(msg, self._part(hf), hvalue)

    @parsed
    def remove_hf_value2(self, msg: SipMsg, hf_par: bytes) -> int:
        """remove_hf_value for headers that are one list of parameters, as in credentials."""
        return hfvalues.remove_value(msg, self._part(hf_par), second=True)

    @parsed
    def assign_hf_value2(self, msg: SipMsg, hf: bytes, hvalue: bytes) -> int:
        """assign_hf_value for headers that are one list of parameters."""
        return hfvalues.assign_value(msg, self._part(hf), hvalue, second=True)

    @parsed
    def include_hf_value(self, msg: SipMsg, hf: bytes, hvalue: bytes) -> int:
        """Add a value unless it is there."""
        return hfvalues.include_value(msg, hf.strip(), hvalue) if hvalue else FALSE

    @parsed
    def exclude_hf_value(self, msg: SipMsg, hf: bytes, hvalue: bytes) -> int:
        """Remove a value wherever it is."""
        return hfvalues.exclude_value(msg, hf.strip(), hvalue) if hvalue else FALSE

    @parsed
    def hf_value_exists(self, msg: SipMsg, hf: bytes, hvalue: bytes) -> int:
        """Is there such a value?"""
        return hfvalues.has_value(msg, hf.strip(), hvalue) if hvalue else FALSE

    # iterators

    @parsed
    def hf_iterator_start(self, msg: SipMsg, iname: bytes) -> int:
        """Begin to go over the headers."""
        return self._headers.start(msg, iname) if edit.header_count(msg) else FALSE

    @parsed
    def hf_iterator_next(self, msg: SipMsg, iname: bytes) -> int:
        """Go to the next header."""
        return self._headers.next(msg, iname)

    @parsed
    def hf_iterator_prev(self, msg: SipMsg, iname: bytes) -> int:
        """Go to the header before."""
        return self._headers.prev(msg, iname)

    def hf_iterator_end(self, msg: SipMsg, iname: bytes) -> int:
        """End going over the headers."""
        return self._headers.finish(msg, iname)

    @parsed
    def hf_iterator_rm(self, msg: SipMsg, iname: bytes) -> int:
        """Remove the header."""
        at = self._headers.here(msg, iname)
        return TRUE if at is not None and edit.remove_header(msg, at) else FALSE

    @parsed
    def hf_iterator_append(self, msg: SipMsg, iname: bytes, htext: bytes) -> int:
        """Add header lines after the header."""
        at = self._headers.here(msg, iname)
        if at is None:
            return FALSE
        return TRUE if edit.insert(msg, sum(edit.header_span(msg, at)), htext) else FALSE

    @parsed
    def hf_iterator_insert(self, msg: SipMsg, iname: bytes, htext: bytes) -> int:
        """Add header lines before the header."""
        at = self._headers.here(msg, iname)
        if at is None:
            return FALSE
        return TRUE if edit.insert(msg, edit.header_span(msg, at)[0], htext) else FALSE

    @parsed
    def bl_iterator_start(self, msg: SipMsg, iname: bytes) -> int:
        """Begin to go over the lines of the body."""
        return self._lines.start(msg, iname)

    def bl_iterator_next(self, msg: SipMsg, iname: bytes) -> int:
        """Go to the next line."""
        return self._lines.next(msg, iname)

    def bl_iterator_end(self, msg: SipMsg, iname: bytes) -> int:
        """End going over the lines."""
        return self._lines.finish(msg, iname)

    def bl_iterator_rm(self, msg: SipMsg, iname: bytes) -> int:
        """Remove the line."""
        line = self._lines.here(msg, iname)
        return TRUE if line and edit.delete(msg, line[0], line[1] - line[0]) else FALSE

    def bl_iterator_append(self, msg: SipMsg, iname: bytes, text: bytes) -> int:
        """Add text after the line."""
        line = self._lines.here(msg, iname)
        return TRUE if line and edit.insert(msg, line[1], text) else FALSE

    def bl_iterator_insert(self, msg: SipMsg, iname: bytes, text: bytes) -> int:
        """Add text before the line."""
        line = self._lines.here(msg, iname)
        return TRUE if line and edit.insert(msg, line[0], text) else FALSE

    def pv_hfitname(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$hfitname(iterator)``: name of the header."""
        at = self._headers.here(msg, name)
        return None if at is None else edit.header_name(msg, at)

    def pv_hfitbody(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$hfitbody(iterator)``: value of the header."""
        at = self._headers.here(msg, name)
        return None if at is None else edit.header_body(msg, at)

    def pv_blitval(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$blitval(iterator)``: the line with its end."""
        line = self._lines.here(msg, name)
        return None if line is None else edit.buffer(msg, *line)


def _may_become(status: int, code: int) -> bool:
    if not 100 <= code <= 699:
        return False
    return not ((code < 300 or status < 300) and code // 100 != status // 100)
