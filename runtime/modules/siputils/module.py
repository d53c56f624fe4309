"""The siputils module: questions about a message and its URIs.

Behaviour: ``checks.c``, ``sipops.c``, ``options.c``, ``contact_ops.c`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import re
import time
from calendar import timegm
from typing import TYPE_CHECKING, cast

from runtime.modules.siputils import uris
from runtime.modules.siputils.exports import EXPORTS
from runtime.native import edit
from runtime.native.net import is_self, proto_number
from runtime.native.uri import parse as parse_uri
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.modules.sl.module import Module as Sl
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1

_ADDRESS = re.compile(rb"[0-9.]+\Z|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?\Z")


class Module(BaseModule):
    """Utilities for SIP messages."""

    EXPORTS = EXPORTS

    options_accept: bytes
    options_accept_encoding: bytes
    options_accept_language: bytes
    options_support: bytes
    contact_flds_separator: bytes

    def mod_init(self) -> None:
        """Find the sl module, which `options_reply` answers through."""
        self._sl = cast("Sl | None", self.server.find_module("sl"))

    uri_param = staticmethod(uris.uri_param)
    uri_param_any = staticmethod(uris.uri_param_any)
    add_uri_param = staticmethod(uris.add_uri_param)
    uri_param_rm = staticmethod(uris.uri_param_rm)
    get_uri_param = staticmethod(uris.get_uri_param)
    tel2sip = staticmethod(uris.tel2sip)
    is_uri = staticmethod(uris.is_uri)
    is_e164 = staticmethod(uris.is_e164)
    is_uri_user_e164 = staticmethod(uris.is_uri_user_e164)
    set_uri_user = staticmethod(uris.set_uri_user)
    set_uri_host = staticmethod(uris.set_uri_host)
    cmp_uri = staticmethod(uris.cmp_uri)
    cmp_aor = staticmethod(uris.cmp_aor)
    is_gruu = staticmethod(uris.is_gruu)

    def has_totag(self, msg: SipMsg) -> int:
        """Has To a tag: is this a request within a dialog?"""
        return TRUE if msg.to_tag else FALSE

    def is_request(self, msg: SipMsg) -> int:
        """Is the message a request?"""
        return TRUE if msg.is_request else FALSE

    def is_reply(self, msg: SipMsg) -> int:
        """Is the message a reply?"""
        return TRUE if msg.is_reply else FALSE

    def is_user(self, msg: SipMsg, username: bytes) -> int:
        """Is this the user whose credentials were checked?"""
        user = msg.auth_user if (msg.extra or {}).get("auth:authorized") else None
        return TRUE if user and user == username else FALSE

    def options_reply(self, msg: SipMsg) -> int:
        """Answer OPTIONS with what this server takes."""
        if msg.method != b"OPTIONS" or msg.ruri_user:
            LM_ERR("options_reply is for OPTIONS to a URI without a user")
            return FALSE
        text = (
            b"Accept: %b\r\nAccept-Encoding: %b\r\nAccept-Language: %b\r\nSupported: %b\r\n"
        ) % (
            self.options_accept,
            self.options_accept_encoding,
            self.options_accept_language,
            self.options_support,
        )
        if self._sl is None or not edit.add_reply_header(msg, text):
            return FALSE
        return TRUE if self._sl.send_reply(msg, 200, b"OK") > 0 else FALSE

    def is_first_hop(self, msg: SipMsg, mode: int | None = None) -> int:
        """Is the neighbour the phone itself? One Via; in replies, a top Record-Route of ours."""
        if msg.is_request:
            vias = msg.hdrs(b"Via")
            return TRUE if len(vias) == 1 and b"," not in vias[0] else FALSE
        routes = msg.hdrs(b"Record-Route")
        if not routes:
            return TRUE
        start, end = routes[0].find(b"<"), routes[0].find(b">")
        parsed = parse_uri(routes[0][start + 1 : end]) if 0 <= start < end else None
        if parsed is None:
            return FALSE
        host, port, proto = parsed["host"], parsed["port_no"], parsed["proto"]
        if not isinstance(host, bytes) or not isinstance(port, int) or not isinstance(proto, int):
            return FALSE
        if not mode and not _ADDRESS.match(host):
            return FALSE
        if not is_self(host, port, proto if parsed["transport"] else 0):
            return FALSE
        looped = (
            not mode
            and host.strip(b"[]") == msg.src_ip
            and msg.src_port == (port or 5060)
            and (proto or 1) == proto_number(msg.proto)
        )
        return FALSE if looped else TRUE

    def is_supported(self, msg: SipMsg, option: bytes) -> int:
        """Does Supported name this option?"""
        named = b",".join(msg.hdrs(b"Supported")).split(b",")
        found = any(part.strip().lower() == option.lower() for part in named)
        return TRUE if found else FALSE

    def cmp_hdr_name(self, msg: SipMsg, one: bytes, other: bytes) -> int:
        """Is it the same header name, compact forms considered? -2: it sorts before the other."""
        if edit.same_header_name(one, other):
            return TRUE
        known = edit.is_known_header(one) or edit.is_known_header(other)
        return FALSE if known or one.lower() > other.lower() else -2

    def is_tel_number(self, msg: SipMsg, tval: bytes) -> int:
        """Digits, or ``+`` and digits of which the first is no zero? -2: no."""
        digits = tval[1:] if tval[:1] == b"+" and tval[1:2] != b"0" else tval
        return TRUE if digits.isdigit() else -2

    def is_numeric(self, msg: SipMsg, tval: bytes) -> int:
        """Digits alone? -2: no."""
        return TRUE if tval.isdigit() else -2

    def is_alphanum(self, msg: SipMsg, tval: bytes) -> int:
        """ASCII letters and digits alone? -2: empty, -3: no."""
        return self.is_alphanumex(msg, tval, b"")

    def is_alphanumex(self, msg: SipMsg, tval: bytes, eset: bytes) -> int:
        """Letters, digits and characters of `eset` alone? -2: empty, -3: no."""
        rest = tval.translate(None, eset)
        if not tval:
            return -2
        return TRUE if not rest or rest.isalnum() else -3

    def hdr_date_check(self, msg: SipMsg, tdiff: int) -> int:
        """Is Date at most `tdiff` seconds old? -1: none, or malformed; -4: older."""
        try:
            text = (msg.hdr(b"Date") or b"").decode("ascii")
            sent = timegm(time.strptime(text, "%a, %d %b %Y %H:%M:%S GMT"))
        except ValueError:
            LM_ERR("no Date of RFC 3261 section 20.17")
            return FALSE
        return TRUE if time.time() <= sent + tdiff else -4
