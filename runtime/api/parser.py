"""The SIP parser, with the names of the development guide's chapters 5 and 6 (``parser/*.h``).

It is lazy: a header is looked for when somebody asks for it, and its body parsed when somebody asks
what it says. Structures are views: they copy a part out of the message when it is read, and raise
RuntimeError when its route is over. Absent texts are None. Functions take the ``SipMsg`` that a
module's functions get, or the ``sip_msg`` of it.
"""

from __future__ import annotations

from typing import Final, cast

from runtime.api import hf
from runtime.api.bodies import (
    contact_body,
    cseq_body,
    date_body,
    dig_cred,
    disposition,
    event_t,
    exp_body_t,
    identity_body,
    identityinfo_body,
    session_expires,
    subscription_state_t,
)
from runtime.api.hf import get_hdr, hdr_field
from runtime.api.message import SIP_REPLY as SIP_REPLY
from runtime.api.message import SIP_REQUEST as SIP_REQUEST
from runtime.api.message import Message as Message
from runtime.api.message import msg_start as msg_start
from runtime.api.message import parse_fline as parse_fline
from runtime.api.message import parse_sdp as parse_sdp
from runtime.api.message import raw
from runtime.api.message import sip_msg as sip_msg
from runtime.native import headers, sipmsg, views

sip_uri = views.Uri
to_body = views.Address
via_body = views.ViaBody
contact_t = views.Contact
rr_t = views.Contact

ERROR_URI_T: Final = 0
SIP_URI_T: Final = 1
SIPS_URI_T: Final = 2
TEL_URI_T: Final = 3
TELS_URI_T: Final = 4
URN_URI_T: Final = 5


def _parsed(msg: Message, type: int) -> object:
    """What the first header of a type says; None: it is missing, or no good."""
    hdr = get_hdr(raw(msg), type)
    return None if hdr is None else hdr.parsed


# Messages


def parse_msg(buf: bytes) -> sip_msg | None:
    """A message of its own from octets; None: its first line or its Via is broken (guide 6.2).

    It came from nowhere: what a network gives (source, socket) is not there.
    """
    msg = sipmsg.parse(buf, proto=0, required=False)
    return None if msg is None else sip_msg(msg)


def parse_headers(msg: Message, flags: int, next: int = 0) -> int:
    """Parse until a header of each type of ``flags`` was found, with ``next`` a further one of each
    (guide 6.3): 0, also where there is none; -1: a header is broken."""
    return headers.parse(raw(msg), flags, next != 0)


def get_body(msg: Message) -> bytes | None:
    """Everything behind the empty line (guide 6.5); None: there is none, or headers are broken."""
    parse_headers(msg, hf.HDR_EOH_F)
    at = headers.state(raw(msg))[0]
    return None if at is None else raw(msg).message[at:]


def get_content_length(msg: Message) -> int | None:
    """The number in Content-Length, once it was parsed; None: there is none."""
    length = headers.state(raw(msg))[2]
    return None if length < 0 else length


def get_hdr_field(msg: Message, name: bytes) -> hdr_field | None:
    """The first header of a name."""
    return hf.get_hdr_by_name(raw(msg), name)


# Texts


def parse_uri(buf: bytes) -> sip_uri | None:
    """A URI (guide 6.1); None: it is none."""
    return views.uri(buf)


def parse_to(buf: bytes) -> to_body | None:
    """The body of a To header or one like it (guide 6.4); None: it is broken."""
    return views.address(buf)


def parse_via(buf: bytes) -> via_body | None:
    """The body of a Via header: its first via-parm, linked to the others; None: it is broken."""
    return views.via(buf)


def parse_method_name(name: bytes) -> int:
    """METHOD_*."""
    return headers.method_id(name)


def parse_hname(name: bytes) -> int:
    """HDR_*_T of a header's name, compact or not."""
    return headers.name_type(name)


# Headers of a message


def parse_to_header(msg: Message) -> to_body | None:
    """To."""
    return cast("to_body | None", _parsed(msg, hf.HDR_TO_T))


def parse_from_header(msg: Message) -> to_body | None:
    """From."""
    return cast("to_body | None", _parsed(msg, hf.HDR_FROM_T))


def parse_from_uri(msg: Message) -> sip_uri | None:
    """The URI of From."""
    found = parse_from_header(msg)
    return None if found is None else found.parsed_uri


def parse_to_uri(msg: Message) -> sip_uri | None:
    """The URI of To."""
    found = parse_to_header(msg)
    return None if found is None else found.parsed_uri


def parse_refer_to_header(msg: Message) -> to_body | None:
    """Refer-To."""
    return cast("to_body | None", _parsed(msg, hf.HDR_REFER_TO_T))


def parse_rpid_header(msg: Message) -> to_body | None:
    """Remote-Party-ID."""
    return cast("to_body | None", _parsed(msg, hf.HDR_RPID_T))


def parse_diversion_header(msg: Message) -> to_body | None:
    """The first Diversion."""
    return cast("to_body | None", _parsed(msg, hf.HDR_DIVERSION_T))


def get_diversion_param(msg: Message, name: bytes) -> bytes | None:
    """A parameter of the first Diversion."""
    found = parse_diversion_header(msg)
    return None if found is None else dict(found.param_lst).get(name)


def parse_pai_header(msg: Message) -> list[to_body] | None:
    """The addresses of all P-Asserted-Identity headers; None: none, or one is broken."""
    return _all_addresses(msg, hf.HDR_PAI_T)


def parse_ppi_header(msg: Message) -> list[to_body] | None:
    """The addresses of all P-Preferred-Identity headers; None: none, or one is broken."""
    return _all_addresses(msg, hf.HDR_PPI_T)


def parse_contact(msg: Message) -> list[contact_body] | None:
    """What each Contact header says; None: there is none, or one is broken."""
    return cast("list[contact_body] | None", _all(msg, hf.HDR_CONTACT_T))


def parse_rr(msg: Message) -> list[rr_t] | None:
    """The elements of all Record-Route headers; None: none, or one is broken."""
    return _all_elements(msg, hf.HDR_RECORDROUTE_T)


def parse_route(msg: Message) -> list[rr_t] | None:
    """The elements of all Route headers; None: none, or one is broken."""
    return _all_elements(msg, hf.HDR_ROUTE_T)


def parse_path(msg: Message) -> list[rr_t] | None:
    """The elements of all Path headers; None: none, or one is broken."""
    return _all_elements(msg, hf.HDR_PATH_T)


def parse_cseq(msg: Message) -> cseq_body | None:
    """CSeq."""
    return cast("cseq_body | None", _parsed(msg, hf.HDR_CSEQ_T))


def parse_credentials(hdr: hdr_field) -> dig_cred | None:
    """Authorization or Proxy-Authorization; None: broken, or another scheme than Digest."""
    return cast("dig_cred | None", hdr.parsed)


def parse_expires(msg: Message) -> exp_body_t | None:
    """Expires."""
    return cast("exp_body_t | None", _parsed(msg, hf.HDR_EXPIRES_T))


def parse_event(msg: Message) -> event_t | None:
    """Event."""
    return cast("event_t | None", _parsed(msg, hf.HDR_EVENT_T))


def parse_sipifmatch(msg: Message) -> bytes | None:
    """SIP-If-Match."""
    return cast("bytes | None", _parsed(msg, hf.HDR_SIPIFMATCH_T))


def parse_subscription_state(msg: Message) -> subscription_state_t | None:
    """Subscription-State."""
    return cast("subscription_state_t | None", _parsed(msg, hf.HDR_SUBSCRIPTION_STATE_T))


def parse_session_expires(msg: Message) -> session_expires | None:
    """Session-Expires."""
    return cast("session_expires | None", _parsed(msg, hf.HDR_SESSIONEXPIRES_T))


def parse_min_se(msg: Message) -> int | None:
    """Min-SE."""
    return cast("int | None", _parsed(msg, hf.HDR_MIN_SE_T))


def parse_date_header(msg: Message) -> date_body | None:
    """Date."""
    return cast("date_body | None", _parsed(msg, hf.HDR_DATE_T))


def parse_identity_header(msg: Message) -> identity_body | None:
    """Identity."""
    return cast("identity_body | None", _parsed(msg, hf.HDR_IDENTITY_T))


def parse_identityinfo_header(msg: Message) -> identityinfo_body | None:
    """Identity-Info."""
    return cast("identityinfo_body | None", _parsed(msg, hf.HDR_IDENTITY_INFO_T))


def parse_retry_after_header(msg: Message) -> int | None:
    """Retry-After."""
    return cast("int | None", _parsed(msg, hf.HDR_RETRY_AFTER_T))


def parse_privacy(msg: Message) -> int | None:
    """Privacy: PRIVACY_*."""
    return cast("int | None", _parsed(msg, hf.HDR_PRIVACY_T))


def parse_content_type_hdr(msg: Message) -> int | None:
    """Content-Type as MIMETYPE has it; None: there is none, or it is broken."""
    return cast("int | None", _parsed(msg, hf.HDR_CONTENTTYPE_T))


def parse_accept_hdr(msg: Message) -> list[int] | None:
    """The media types of the first Accept."""
    return cast("list[int] | None", _parsed(msg, hf.HDR_ACCEPT_T))


def parse_content_disposition(msg: Message) -> disposition | None:
    """Content-Disposition."""
    return cast("disposition | None", _parsed(msg, hf.HDR_CONTENTDISPOSITION_T))


def parse_supported(msg: Message) -> int | None:
    """F_OPTION_TAG_* of all Supported headers; None: there is none."""
    return _all_bits(msg, hf.HDR_SUPPORTED_T)


def parse_require(msg: Message) -> int | None:
    """F_OPTION_TAG_* of all Require headers; None: there is none."""
    return _all_bits(msg, hf.HDR_REQUIRE_T)


def parse_allow(msg: Message) -> int | None:
    """METHOD_* of all Allow headers; None: there is none, or one is broken."""
    return _all_bits(msg, hf.HDR_ALLOW_T)


def _all(msg: Message, type: int) -> list[object] | None:
    hdr = get_hdr(raw(msg), type)
    if hdr is None:
        return None
    found: list[object] = []
    while hdr is not None:
        parsed = hdr.parsed
        if parsed is None:
            return None
        found.append(parsed)
        hdr = hdr.sibling
    return found


def _all_addresses(msg: Message, type: int) -> list[to_body] | None:
    found = cast("list[list[to_body]] | None", _all(msg, type))
    return None if found is None else [address for part in found for address in part]


def _all_elements(msg: Message, type: int) -> list[rr_t] | None:
    found = cast("list[list[rr_t]] | None", _all(msg, type))
    return None if found is None else [element for part in found for element in part]


def _all_bits(msg: Message, type: int) -> int | None:
    found = cast("list[int] | None", _all(msg, type))
    if found is None:
        return None
    mask = 0
    for bits in found:
        mask |= bits
    return mask
