"""The siputils module: questions about a message and its URIs.

Behaviour: ``checks.c``, ``sipops.c``, ``options.c``, ``contact_ops.c`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import re
import time
from calendar import timegm
from typing import TYPE_CHECKING, cast

from runtime.modules.siputils import charging, contacts, rpid, uris
from runtime.modules.siputils.exports import EXPORTS
from runtime.native import edit
from runtime.native.net import is_self, proto_number
from runtime.native.uri import parse as parse_uri
from runtime.script.pv import PvError, PvRef
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.modules.sl.module import Module as Sl
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1
METHOD_OPTIONS = 512
SEPARATOR = b"*"

SPACE = b" \t\r\n"

_NAME = re.compile(rb"[0-9A-Za-z\-._+~]+")
_BLANK = re.compile(rb"[ \t\r\n,]+")
_DAYS = b"Sun|Mon|Tue|Wed|Thu|Fri|Sat"
_MONTHS = (
    *(b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun"),
    *(b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"),
)
_DATE = re.compile(
    rb"(?:%b), ([0-2]\d|3[01]) (%b) (\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (?i:GMT)"
    % (_DAYS, b"|".join(_MONTHS))
)
_ADDRESS = re.compile(rb"[0-9.]+\Z|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?\Z")


def _header_name(text: bytes) -> bytes | None:
    """The characters of a name that a text begins with; None where there are none."""
    found = _NAME.match(text.rstrip(SPACE))
    return found[0] if found else None


class Module(BaseModule):
    """Utilities for SIP messages."""

    EXPORTS = EXPORTS

    options_accept: bytes
    options_accept_encoding: bytes
    options_accept_language: bytes
    options_support: bytes
    contact_flds_separator: bytes
    rpid_prefix: bytes
    rpid_suffix: bytes
    rpid_avp: bytes

    def mod_init(self) -> None:
        """Find the sl module, which `options_reply` answers through, and the AVP of the rpid."""
        self._sl = cast("Sl | None", self.server.find_module("sl"))
        self._separator = self.contact_flds_separator[:1] or SEPARATOR
        self._charging = charging.Charging()
        self._rpid: PvRef | None = None
        if self.rpid_avp:
            try:
                self._rpid = PvRef(self.server.pv, self.rpid_avp)
            except PvError as error:
                raise StartError(f"siputils: rpid_avp: {error}") from None
            if self._rpid.spec.name != "avp" or not isinstance(self._rpid.spec.inner, str):
                raise StartError("siputils: rpid_avp is no AVP with a fixed name")

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
        uri = None if msg.ruri is None else parse_uri(msg.ruri)
        if msg.method_id != METHOD_OPTIONS or uri is None or uri["user"]:
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
        """Is the neighbour the phone itself? One Via; in replies, a top Record-Route of ours.

        The mode counts for nothing, as in Kamailio 5.6.3.
        """
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
        if not _ADDRESS.match(host):
            return FALSE
        if not is_self(host, port, proto if parsed["transport"] else 0):
            return FALSE
        looped = (
            host.strip(b"[]") == msg.src_ip
            and msg.src_port == (port or 5060)
            and (proto or 1) == proto_number(msg.proto)
        )
        return FALSE if looped else TRUE

    def is_supported(self, msg: SipMsg, option: bytes) -> int:
        """Does Supported name this option?"""
        named = _BLANK.split(b",".join(msg.hdrs(b"Supported")))
        return TRUE if any(tag.lower() == option.lower() for tag in named) else FALSE

    def cmp_hdr_name(self, msg: SipMsg, one: bytes, other: bytes) -> int:
        """Is it the same header name, compact forms considered? -2: no name, or it sorts before."""
        first, second = _header_name(one), _header_name(other)
        if first is None or second is None:
            return -2
        if edit.is_known_header(first) or edit.is_known_header(second):
            return TRUE if edit.same_header_name(first, second) else FALSE
        left, right = one.rstrip(SPACE).lower(), other.rstrip(SPACE).lower()
        return TRUE if left == right else FALSE if left > right else -2

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
        """Is Date at most `tdiff` seconds old? -1: none, malformed; -2: before 1970; -4: older."""
        found = _DATE.match(msg.hdr(b"Date") or b"")
        if found is None:
            LM_ERR("no Date of RFC 3261 section 20.17")
            return FALSE
        day, month, year, *clock = found.groups()
        try:
            sent = timegm((int(year), _MONTHS.index(month) + 1, int(day), *map(int, clock)))
        except ValueError:
            sent = -1
        if sent < 0:
            return -2
        return TRUE if time.time() <= sent + tdiff else -4

    def encode_contact(self, msg: SipMsg, encoding_prefix: bytes, hostpart: bytes) -> int:
        """Hide the URIs of Contact in the user of URIs at `hostpart`."""
        return contacts.encode_contact(msg, encoding_prefix, hostpart, self._separator)

    def decode_contact(self, msg: SipMsg) -> int:
        """Make the URI that is hidden in the request URI the request URI."""
        return contacts.decode_contact(msg, self._separator)

    def decode_contact_header(self, msg: SipMsg) -> int:
        """Show the URIs that are hidden in Contact."""
        return contacts.decode_contact_header(msg, self._separator)

    contact_param_encode = staticmethod(contacts.param_encode)
    contact_param_decode = staticmethod(contacts.param_decode)
    contact_param_decode_ruri = staticmethod(contacts.param_decode_ruri)
    contact_param_rm = staticmethod(contacts.param_rm)

    def append_rpid_hf(
        self, msg: SipMsg, prefix: bytes | None = None, suffix: bytes | None = None
    ) -> int:
        """Add Remote-Party-ID with the text of the AVP `rpid_avp`."""
        before = self.rpid_prefix if prefix is None else prefix
        after = self.rpid_suffix if suffix is None else suffix
        return rpid.append_rpid_hf(msg, self._rpid, before, after)

    def is_rpid_user_e164(self, msg: SipMsg) -> int:
        """Is the user of the URI in the AVP `rpid_avp` a telephone number?"""
        return rpid.is_rpid_user_e164(msg, self._rpid)

    def sip_p_charging_vector(self, msg: SipMsg, flags: bytes) -> int:
        """Make a P-Charging-Vector: ``g`` where there is none, ``f`` in any case."""
        return self._charging.handle(msg, flags)

    def pv_pcv(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$pcv(name)``"""
        return charging.read(msg, name)
