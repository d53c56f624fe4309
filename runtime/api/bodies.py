"""What the bodies of headers say, as named tuples (``core/parser/parse_*.h``, ``contact/``,
``digest/``, ``sst/parse_sst.h``).

Each function parses one body, alone; None where Kamailio's parser refuses it. What parses
the headers of a message, and remembers it, is in ``runtime.api.hf`` and ``runtime.api.parser``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from runtime.native import bodies as native
from runtime.native import bodies_text as native_text
from runtime.native.views import Contact

Param = tuple[bytes, bytes | None]
"""Name and value of a parameter."""

EVENT_OTHER: Final = 0
EVENT_PRESENCE: Final = 1
EVENT_PRESENCE_WINFO: Final = 2
EVENT_SIP_PROFILE: Final = 3
EVENT_XCAP_CHANGE: Final = 4
EVENT_DIALOG: Final = 5
EVENT_MESSAGE_SUMMARY: Final = 6
EVENT_UA_PROFILE: Final = 7

F_OPTION_TAG_PATH: Final = 1
F_OPTION_TAG_100REL: Final = 2
F_OPTION_TAG_TIMER: Final = 4
F_OPTION_TAG_EVENTLIST: Final = 8
F_OPTION_TAG_GRUU: Final = 16
F_OPTION_TAG_OUTBOUND: Final = 32

PRIVACY_USER: Final = 1
PRIVACY_HEADER: Final = 2
PRIVACY_SESSION: Final = 4
PRIVACY_NONE: Final = 8
PRIVACY_CRITICAL: Final = 16
PRIVACY_ID: Final = 32
PRIVACY_HISTORY: Final = 64

ss_active: Final = 0
ss_pending: Final = 1
ss_terminated: Final = 2
ss_extension: Final = 3

sst_refresher_unspecified: Final = 0
sst_refresher_uac: Final = 1
sst_refresher_uas: Final = 2

TYPE_TEXT: Final = 1
TYPE_MESSAGE: Final = 2
TYPE_APPLICATION: Final = 3
TYPE_MULTIPART: Final = 4
TYPE_ALL: Final = 0xFE
TYPE_UNKNOWN: Final = 0xFF
SUBTYPE_PLAIN: Final = 1
SUBTYPE_CPIM: Final = 2
SUBTYPE_SDP: Final = 3
SUBTYPE_CPLXML: Final = 4
SUBTYPE_PIDFXML: Final = 5
SUBTYPE_RLMIXML: Final = 6
SUBTYPE_RELATED: Final = 7
SUBTYPE_LPIDFXML: Final = 8
SUBTYPE_XPIDFXML: Final = 9
SUBTYPE_WATCHERINFOXML: Final = 10
SUBTYPE_EXTERNAL_BODY: Final = 11
SUBTYPE_XML_MSRTC_PIDF: Final = 12
SUBTYPE_CPIM_PIDFXML: Final = 13
SUBTYPE_MIXED: Final = 14
SUBTYPE_ISUP: Final = 15
SUBTYPE_ALL: Final = 0xFE
SUBTYPE_UNKNOWN: Final = 0xFF


def MIMETYPE(type: int, subtype: int) -> int:
    """A media type as one number."""
    return type << 16 | subtype


class event_t(NamedTuple):
    """Event: ``type`` is EVENT_*."""

    name: bytes
    type: int
    params: list[Param]


class exp_body_t(NamedTuple):
    """Expires, Min-Expires: ``valid`` where ``text`` is a number of at most ten digits."""

    text: bytes
    val: int
    valid: bool


class subscription_state_t(NamedTuple):
    """Subscription-State: ``value`` is ss_*."""

    value: int
    expires: int | None
    reason: bytes | None


class session_expires(NamedTuple):
    """Session-Expires: ``refresher`` is sst_refresher_*."""

    interval: int
    refresher: int


class date_body(NamedTuple):
    """Date, as in a ``struct tm``: months from 0, years from 1900."""

    tm_wday: int
    tm_mday: int
    tm_mon: int
    tm_year: int
    tm_hour: int
    tm_min: int
    tm_sec: int


class identity_body(NamedTuple):
    """Identity."""

    hash: bytes


class identityinfo_body(NamedTuple):
    """Identity-Info."""

    uri: bytes
    domain: bytes
    alg: bytes | None


class disposition_param(NamedTuple):
    """A parameter of Content-Disposition."""

    name: bytes
    body: bytes | None
    is_quoted: bool


class disposition(NamedTuple):
    """Content-Disposition."""

    type: bytes
    params: list[disposition_param]


class cseq_body(NamedTuple):
    """CSeq: ``method_id`` is METHOD_*."""

    number: bytes
    method: bytes
    method_id: int


class dig_cred(NamedTuple):
    """Digest credentials, without their quotes; None is absent."""

    username: bytes | None
    realm: bytes | None
    nonce: bytes | None
    uri: bytes | None
    response: bytes | None
    alg: bytes | None
    cnonce: bytes | None
    opaque: bytes | None
    qop: bytes | None
    nc: bytes | None


class contact_body(NamedTuple):
    """Contact: a ``*`` alone, or contacts."""

    star: bool
    contacts: list[Contact]


class sdp_payload_attr(NamedTuple):
    """A payload of a media stream, with its codec of ``a=rtpmap``."""

    rtp_payload: bytes
    rtp_enc: bytes | None


class sdp_stream_cell(NamedTuple):
    """A media stream. ``is_on_hold``: 0, 1 by address (RFC 2543), 2 by direction (RFC 3264)."""

    media: bytes
    port: bytes
    transport: bytes
    payloads: bytes
    sendrecv_mode: bytes | None
    ip_addr: bytes | None
    raw_stream: bytes
    is_on_hold: int
    payload_attr: list[sdp_payload_attr]


class sdp_session_cell(NamedTuple):
    """A session of a body."""

    sess_version: bytes
    ip_addr: bytes | None
    sendrecv_mode: bytes | None
    is_on_hold: int
    streams: list[sdp_stream_cell]


def parse_params(body: bytes, separator: bytes = b";") -> list[Param] | None:
    """(name, value or None) of each parameter, in order (parse_param.c)."""
    return native.params(body, separator)


def event_parser(body: bytes) -> event_t | None:
    """Event (parse_event.c)."""
    found = native.event(body)
    if found is None:
        return None
    return event_t(found[0], found[1], native.params(found[2] or b"") or [])


def etag_parser(body: bytes) -> bytes | None:
    """SIP-If-Match, SIP-ETag (parse_sipifmatch.c)."""
    return native.etag(body)


def expires_parser(body: bytes) -> exp_body_t | None:
    """Expires, Min-Expires (parse_expires.c)."""
    found = native.expires(body)
    return None if found is None else exp_body_t(*found)


def parse_option_tag_body(body: bytes) -> int:
    """Supported, Require, Proxy-Require, Unsupported: F_OPTION_TAG_* (parse_option_tags.h)."""
    return native.options(body)


def parse_methods(body: bytes) -> int | None:
    """Allow, Contact's methods: METHOD_* (parse_methods.c)."""
    return native.methods(body)


def parse_privacy_body(body: bytes) -> int | None:
    """Privacy: PRIVACY_* (parse_privacy.c)."""
    return native.privacy(body)


def ss_parse(body: bytes) -> subscription_state_t | None:
    """Subscription-State (parse_subscription_state.c)."""
    found = native.substate(body)
    return None if found is None else subscription_state_t(*found)


def parse_session_expires_body(body: bytes) -> session_expires | None:
    """Session-Expires (parse_sst.c)."""
    found = native.session_expires(body)
    return None if found is None else session_expires(*found)


def parse_min_se_body(body: bytes) -> int | None:
    """Min-SE, seconds (parse_sst.c)."""
    return native.min_se(body)


def parse_date(body: bytes) -> date_body | None:
    """Date (parse_date.c)."""
    found = native_text.date(body)
    return None if found is None else date_body(*found)


def parse_retry_after(body: bytes) -> int | None:
    """Retry-After, seconds (parse_retry_after.c)."""
    return native.retry_after(body)


def parse_identity(body: bytes) -> identity_body | None:
    """Identity (parse_identity.c)."""
    found = native_text.identity(body)
    return None if found is None else identity_body(found)


def parse_identityinfo(body: bytes) -> identityinfo_body | None:
    """Identity-Info (parse_identityinfo.c)."""
    found = native_text.identity_info(body)
    return None if found is None else identityinfo_body(*found)


def decode_mime_type(body: bytes) -> int | None:
    """Content-Type: one media type without wildcards, as MIMETYPE has it (parse_content.c)."""
    return native_text.mime(body)


def parse_accept_body(body: bytes) -> list[int] | None:
    """Accept: its media types, wildcards too (parse_content.c)."""
    return native_text.mimes(body)


def parse_disposition(body: bytes) -> disposition | None:
    """Content-Disposition (parse_disposition.c)."""
    found = native_text.disposition(body)
    if found is None:
        return None
    return disposition(found[0], [disposition_param(*param) for param in found[1]])


def number_parser(body: bytes) -> int | None:
    """Max-Forwards and other headers that are digits alone: a number of 32 bits."""
    text = body.strip(b" \t\r\n")
    number = int(text) if text.isdigit() and len(text) <= 10 else None
    return number if number is not None and number <= 0xFFFFFFFF else None
