"""The textops module: a message's text searched and edited. The work is in the files beside."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from runtime.modules.textops import body, headers, multipart, text
from runtime.modules.textops.exports import EXPORTS
from runtime.native import edit, sdp
from runtime.native.regex import Regex
from runtime.script.substitute import Subst
from runtime.script.values import Value, to_str
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef
    from runtime.server.server import Server

TRUE, FALSE = 1, -1
SUBSTS = 256
RESULT = 8191
"""Octets that a value of ``{re.subst}`` and its result are shorter than (``TR_TXT_BUF_SIZE``)."""
"""How many expressions of {re.subst} stay compiled: they may come from variables."""
SPACE = b" \t\r\n"

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
    """Text operations."""

    EXPORTS = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._subst = lru_cache(maxsize=SUBSTS)(partial(Subst, server.pv))

    # headers

    append_hf = staticmethod(edit.append_hf)
    insert_hf = staticmethod(edit.insert_hf)
    remove_hf = staticmethod(edit.remove_hf)
    is_present_hf = staticmethod(edit.is_present_hf)
    is_present_hf_pv = staticmethod(edit.is_present_hf)

    def append_urihf(self, msg: SipMsg, prefix: bytes, suffix: bytes) -> int:
        """Add ``prefix`` + request URI as received + ``suffix`` at the end of the headers.

        A reply has its code in the place of the URI.
        """
        uri = b"%d" % (msg.status or 0) if msg.is_reply else msg.orig_uri or b""
        return edit.append_hf(msg, prefix + uri + suffix)

    @parsed
    def remove_hf_pv(self, msg: SipMsg, hname: bytes) -> int:
        """remove_hf with a name computed; true where there is none, too."""
        return TRUE if edit.remove_headers(msg, hname) >= 0 else FALSE

    @parsed
    def remove_hf_idx(self, msg: SipMsg, hname: bytes, idx: int) -> int:
        """Remove one header of this name."""
        return headers.remove_at(msg, hname, idx)

    @parsed
    def remove_hf_re(self, msg: SipMsg, regexp: Regex) -> int:
        """Remove the headers whose name matches."""
        return headers.remove_re(msg, regexp)

    @parsed
    def remove_hf_re_pv(self, msg: SipMsg, regexp: bytes) -> int:
        """remove_hf_re with an expression computed."""
        names = headers.compiled(regexp)
        return FALSE if names is None else headers.remove_re(msg, names)

    @parsed
    def remove_hf_exp(self, msg: SipMsg, expmatch: Regex, expskip: Regex) -> int:
        """Remove the headers whose name matches one expression and not the other."""
        return headers.remove_except(msg, expmatch, expskip)

    @parsed
    def remove_hf_exp_pv(self, msg: SipMsg, expmatch: bytes, expskip: bytes) -> int:
        """remove_hf_exp with expressions computed."""
        names, kept = headers.compiled(expmatch), headers.compiled(expskip)
        return FALSE if names is None or kept is None else headers.remove_except(msg, names, kept)

    @parsed
    def remove_hf_match(self, msg: SipMsg, hname: bytes, op: bytes, expr: bytes) -> int:
        """Remove headers of this name by their value."""
        return headers.remove_match(msg, hname, op, expr)

    @parsed
    def is_present_hf_re(self, msg: SipMsg, regexp: Regex) -> int:
        """Is there a header whose name matches?"""
        return headers.present_re(msg, regexp)

    @parsed
    def is_present_hf_re_pv(self, msg: SipMsg, regexp: bytes) -> int:
        """is_present_hf_re with an expression computed."""
        names = headers.compiled(regexp)
        return FALSE if names is None else headers.present_re(msg, names)

    @parsed
    def search_hf(self, msg: SipMsg, hf: bytes, re: Regex, flags: bytes) -> int:
        """Does the value of a header match?"""
        return headers.search(msg, hf, re, flags)

    def append_to_reply(self, msg: SipMsg, txt: bytes) -> int:
        """Add header lines to the replies made here."""
        return TRUE if edit.add_reply_header(msg, txt) else FALSE

    def append_time(self, msg: SipMsg) -> int:
        """Add Date to the replies made here."""
        return TRUE if edit.add_reply_header(msg, _date()) else FALSE

    def append_time_to_request(self, msg: SipMsg) -> int:
        """Add Date after the first header."""
        at = edit.first_header_end(msg)
        return TRUE if at and edit.insert(msg, at, _date()) else FALSE

    # text

    @parsed
    def search(self, msg: SipMsg, re: Regex) -> int:
        """Does the message match?"""
        return TRUE if re.match(edit.buffer(msg, 0, edit.length(msg))) else FALSE

    @parsed
    def search_body(self, msg: SipMsg, re: Regex) -> int:
        """Does the body match?"""
        return text.search(msg, text.body(msg), re)

    @parsed
    def search_append(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Add text after the first match in the message."""
        return text.append_after(msg, text.whole(msg), re, txt)

    @parsed
    def search_append_body(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Add text after the first match in the body."""
        return text.append_after(msg, text.body(msg), re, txt)

    @parsed
    def replace(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Exchange the first match in the message."""
        return text.replace(msg, text.whole(msg), re, txt)

    @parsed
    def replace_body(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Exchange the first match in the body."""
        return text.replace(msg, text.body(msg), re, txt)

    @parsed
    def replace_hdrs(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Exchange the first match in the headers."""
        return text.replace(msg, text.headers(msg), re, txt)

    @parsed
    def replace_all(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Exchange every match in the message."""
        return text.replace_all(msg, text.whole(msg), re, txt)

    @parsed
    def replace_body_all(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Exchange every match in the body, line by line."""
        return text.replace_all(msg, text.body(msg), re, txt)

    @parsed
    def replace_body_atonce(self, msg: SipMsg, re: Regex, txt: bytes) -> int:
        """Exchange every match in the body; ``^`` is its beginning and ``.`` any octet."""
        expression = Regex(re.pattern, newline=False)
        return text.replace_all(msg, text.body(msg), expression, txt, lines=False)

    @parsed
    def replace_str(self, msg: SipMsg, match: bytes, repl: bytes, mode: bytes) -> int:
        """Exchange a plain text in the message."""
        return text.replace_text(msg, text.whole(msg), match, repl, mode)

    @parsed
    def replace_body_str(self, msg: SipMsg, match: bytes, repl: bytes, mode: bytes) -> int:
        """Exchange a plain text in the body."""
        start, end = region = text.body(msg)
        return text.replace_text(msg, region, match, repl, mode) if start < end else FALSE

    @parsed
    def replace_hdrs_str(self, msg: SipMsg, match: bytes, repl: bytes, mode: bytes) -> int:
        """Exchange a plain text in the headers."""
        return text.replace_text(msg, text.headers(msg), match, repl, mode)

    @parsed
    def subst(self, msg: SipMsg, re_repl_flags: Subst) -> int:
        """Run a substitution on the message after its first line."""
        return text.substitute(msg, text.whole(msg), re_repl_flags)

    @parsed
    def subst_body(self, msg: SipMsg, re_repl_flags: Subst) -> int:
        """Run a substitution on the body."""
        return text.substitute(msg, text.body(msg), re_repl_flags)

    @parsed
    def subst_hf(self, msg: SipMsg, hf: bytes, subexp: Subst, flags: bytes) -> int:
        """Run a substitution on the values of a header."""
        return text.substitute_header(msg, hf, subexp, flags)

    def subst_uri(self, msg: SipMsg, re_repl_flags: Subst) -> int:
        """Run a substitution on the request URI."""
        result = re_repl_flags.run(msg, msg.ruri or b"")
        return msg.rewrite_uri(result[0]) if result is not None and result[1] else FALSE

    def subst_user(self, msg: SipMsg, re_repl_flags: Subst) -> int:
        """Run a substitution on the user of the request URI."""
        result = re_repl_flags.run(msg, msg.ruri_user or b"")
        return msg.rewrite_user(result[0]) if result is not None and result[1] else FALSE

    # body

    @parsed
    def has_body(self, msg: SipMsg, mime: bytes | None = None) -> int:
        """Is there a body, of this type?"""
        return body.has_body(msg, mime)

    @parsed
    def set_body(self, msg: SipMsg, txt: bytes, content_type: bytes) -> int:
        """Exchange the body."""
        return body.set_body(msg, txt, content_type)

    def set_reply_body(self, msg: SipMsg, txt: bytes, content_type: bytes) -> int:
        """The body of replies made here."""
        return body.set_reply_body(msg, txt, content_type)

    @parsed
    def filter_body(self, msg: SipMsg, content_type: bytes) -> int:
        """Leave one part of a multipart body."""
        return body.filter_body(msg, content_type)

    @parsed
    def get_body_part(self, msg: SipMsg, content_type: bytes, opv: PvRef) -> int:
        """Put a part of a multipart body into a variable."""
        return body.get_body_part(msg, content_type, opv, raw=False)

    @parsed
    def get_body_part_raw(self, msg: SipMsg, content_type: bytes, opv: PvRef) -> int:
        """Put a part with its headers and the boundary line into a variable."""
        return body.get_body_part(msg, content_type, opv, raw=True)

    @parsed
    def set_body_multipart(
        self,
        msg: SipMsg,
        txt: bytes | None = None,
        content_type: bytes | None = None,
        boundary: bytes | None = None,
    ) -> int:
        """Make the body, or a text, the one part of a multipart body."""
        if content_type is None:  # the only argument is the boundary
            txt, boundary = None, txt
        return multipart.set_multipart(msg, txt or b"", content_type or b"", boundary or b"")

    @parsed
    def append_body_part(
        self, msg: SipMsg, txt: bytes, content_type: bytes, content_disposition: bytes = b""
    ) -> int:
        """Add a part to a multipart body."""
        return multipart.append_part(msg, txt, content_type, content_disposition)

    @parsed
    def append_body_part_hex(
        self, msg: SipMsg, txt: bytes, content_type: bytes, content_disposition: bytes = b""
    ) -> int:
        """Add a part whose octets are given as hexadecimal digits."""
        return multipart.append_hex(msg, txt, content_type, content_disposition)

    @parsed
    def remove_body_part(self, msg: SipMsg, content_type: bytes) -> int:
        """Remove a part of a multipart body."""
        return multipart.remove_part(msg, content_type)

    def is_privacy(self, msg: SipMsg, privacy_type: bytes) -> int:
        """Does Privacy ask for this?"""
        return body.is_privacy(msg, privacy_type)

    is_audio_on_hold = staticmethod(sdp.audio_on_hold)

    # values

    def tr_re_subst(self, msg: SipMsg, value: Value, expression: Subst | bytes | None) -> Value:
        """``{re.subst,/regex/replacement/flags}``: the value itself where nothing matches."""
        subject = to_str(value)
        if not subject or len(subject) >= RESULT or expression is None:
            return None
        if isinstance(expression, bytes):
            try:
                expression = self._subst(expression)
            except ValueError as error:
                LM_ERR("{re.subst}: %s", error)
                return None
        result = expression.run(msg, subject)
        if result is None:
            LM_ERR("{re.subst} fails")
            return None
        if not result[1]:
            return value
        return result[0] if len(result[0]) < RESULT else None

    def is_method(self, msg: SipMsg, name: int | bytes) -> int:
        """Is it one of the methods of a mask, or of this name?"""
        if isinstance(name, int):
            return TRUE if msg.is_method(name) else FALSE
        return TRUE if (msg.method or b"").upper() == name.upper() else FALSE

    def in_list(self, msg: SipMsg, subject: bytes, list: bytes, separator: bytes) -> int:
        """Is `subject` one of the entries?"""
        entries = [part.strip(SPACE) for part in list.split(separator[:1])]
        return TRUE if subject and subject in entries else FALSE

    def in_list_prefix(self, msg: SipMsg, subject: bytes, list: bytes, separator: bytes) -> int:
        """Is one of the entries a prefix of `subject`?"""
        entries = (part.strip(SPACE) for part in list.split(separator[:1]))
        return TRUE if any(part and subject.startswith(part) for part in entries) else FALSE

    def cmp_str(self, msg: SipMsg, str1: bytes, str2: bytes) -> int:
        """Are the texts equal? -1 the first is greater, -2 it is less."""
        return _compared(str1, str2)

    def cmp_istr(self, msg: SipMsg, str1: bytes, str2: bytes) -> int:
        """cmp_str without regard to case."""
        return _compared(str1.lower(), str2.lower())

    def starts_with(self, msg: SipMsg, str1: bytes, str2: bytes) -> int:
        """Does the first text start with the second? False as in cmp_str."""
        return FALSE if len(str1) < len(str2) else _compared(str1[: len(str2)], str2)

    def ends_with(self, msg: SipMsg, str1: bytes, str2: bytes) -> int:
        """Does the first text end with the second? False as in cmp_str."""
        return FALSE if len(str1) < len(str2) else _compared(str1[len(str1) - len(str2) :], str2)

    def str_find(self, msg: SipMsg, str1: bytes, str2: bytes) -> int:
        """The place of the second text in the first, from 1."""
        return _found(str1, str2)

    def str_ifind(self, msg: SipMsg, str1: bytes, str2: bytes) -> int:
        """str_find without regard to case."""
        return _found(str1.lower(), str2.lower())

    def search_str(self, msg: SipMsg, text: bytes, re: bytes) -> int:
        """Does the text match an expression computed? -2: no text, or no expression; 2: empty."""
        if not re:
            return 2
        expression = headers.compiled(re) if text else None
        if expression is None:
            return -2
        return TRUE if expression.match(text) else FALSE

    def regex_substring(
        self, msg: SipMsg, itext: bytes, regexp: bytes, mindex: int, mcount: int, dpv: PvRef
    ) -> int:
        """Put a group of the match into a variable; -2: no match."""
        try:
            expression = Regex(regexp, icase=False, newline=False)
        except ValueError as error:
            LM_ERR("%s", error)
            return FALSE
        if not 0 <= mindex < mcount or not dpv.writable:
            return FALSE
        groups = expression.groups(itext)
        if groups is None:
            return -2
        found = groups[mindex] if mindex < len(groups) else None
        if not found:
            return FALSE
        dpv.set(msg, found)
        return TRUE


def _date() -> bytes:
    return time.strftime("Date: %a, %d %b %Y %H:%M:%S GMT\r\n", time.gmtime()).encode()


def _compared(one: bytes, other: bytes) -> int:
    if one == other:
        return TRUE
    return -1 if one > other else -2


def _found(text: bytes, wanted: bytes) -> int:
    at = text.find(wanted)
    return at + 1 if at >= 0 else FALSE
