"""Headers of a message (guide 5.5, ``parser/hf.h``), and parsers of headers that a module adds.

What a header's body says is parsed when somebody asks for ``hdr_field.parsed``, and remembered with
the message: another message, a copy of it in a transaction, or the same one after its text was
changed, starts anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, TypeVar, cast

from runtime.api import bodies
from runtime.native import headers, views
from runtime.native.sipmsg import SipMsg

T = TypeVar("T")

HDR_ERROR_T: Final = -1
HDR_OTHER_T: Final = 0
HDR_VIA_T: Final = 1
HDR_VIA1_T: Final = 1
HDR_VIA2_T: Final = 2
HDR_TO_T: Final = 3
HDR_FROM_T: Final = 4
HDR_CSEQ_T: Final = 5
HDR_CALLID_T: Final = 6
HDR_CONTACT_T: Final = 7
HDR_MAXFORWARDS_T: Final = 8
HDR_ROUTE_T: Final = 9
HDR_RECORDROUTE_T: Final = 10
HDR_CONTENTTYPE_T: Final = 11
HDR_CONTENTLENGTH_T: Final = 12
HDR_AUTHORIZATION_T: Final = 13
HDR_EXPIRES_T: Final = 14
HDR_MIN_EXPIRES_T: Final = 15
HDR_PROXYAUTH_T: Final = 16
HDR_SUPPORTED_T: Final = 17
HDR_REQUIRE_T: Final = 18
HDR_PROXYREQUIRE_T: Final = 19
HDR_UNSUPPORTED_T: Final = 20
HDR_ALLOW_T: Final = 21
HDR_EVENT_T: Final = 22
HDR_ACCEPT_T: Final = 23
HDR_ACCEPTLANGUAGE_T: Final = 24
HDR_ORGANIZATION_T: Final = 25
HDR_PRIORITY_T: Final = 26
HDR_SUBJECT_T: Final = 27
HDR_USERAGENT_T: Final = 28
HDR_SERVER_T: Final = 29
HDR_CONTENTDISPOSITION_T: Final = 30
HDR_DIVERSION_T: Final = 31
HDR_RPID_T: Final = 32
HDR_REFER_TO_T: Final = 33
HDR_SIPIFMATCH_T: Final = 34
HDR_SESSIONEXPIRES_T: Final = 35
HDR_MIN_SE_T: Final = 36
HDR_SUBSCRIPTION_STATE_T: Final = 37
HDR_ACCEPTCONTACT_T: Final = 38
HDR_ALLOWEVENTS_T: Final = 39
HDR_CONTENTENCODING_T: Final = 40
HDR_REFERREDBY_T: Final = 41
HDR_REJECTCONTACT_T: Final = 42
HDR_REQUESTDISPOSITION_T: Final = 43
HDR_WWW_AUTHENTICATE_T: Final = 44
HDR_PROXY_AUTHENTICATE_T: Final = 45
HDR_DATE_T: Final = 46
HDR_IDENTITY_T: Final = 47
HDR_IDENTITY_INFO_T: Final = 48
HDR_RETRY_AFTER_T: Final = 49
HDR_PPI_T: Final = 50
HDR_PAI_T: Final = 51
HDR_PATH_T: Final = 52
HDR_PRIVACY_T: Final = 53
HDR_REASON_T: Final = 54
HDR_CALLINFO_T: Final = 55
HDR_EOH_T: Final = 56

HDR_OTHER_F: Final = 1 << HDR_OTHER_T
HDR_VIA_F: Final = 1 << HDR_VIA_T
HDR_VIA1_F: Final = 1 << HDR_VIA1_T
HDR_VIA2_F: Final = 1 << HDR_VIA2_T
HDR_TO_F: Final = 1 << HDR_TO_T
HDR_FROM_F: Final = 1 << HDR_FROM_T
HDR_CSEQ_F: Final = 1 << HDR_CSEQ_T
HDR_CALLID_F: Final = 1 << HDR_CALLID_T
HDR_CONTACT_F: Final = 1 << HDR_CONTACT_T
HDR_MAXFORWARDS_F: Final = 1 << HDR_MAXFORWARDS_T
HDR_ROUTE_F: Final = 1 << HDR_ROUTE_T
HDR_RECORDROUTE_F: Final = 1 << HDR_RECORDROUTE_T
HDR_CONTENTTYPE_F: Final = 1 << HDR_CONTENTTYPE_T
HDR_CONTENTLENGTH_F: Final = 1 << HDR_CONTENTLENGTH_T
HDR_AUTHORIZATION_F: Final = 1 << HDR_AUTHORIZATION_T
HDR_EXPIRES_F: Final = 1 << HDR_EXPIRES_T
HDR_MIN_EXPIRES_F: Final = 1 << HDR_MIN_EXPIRES_T
HDR_PROXYAUTH_F: Final = 1 << HDR_PROXYAUTH_T
HDR_SUPPORTED_F: Final = 1 << HDR_SUPPORTED_T
HDR_REQUIRE_F: Final = 1 << HDR_REQUIRE_T
HDR_PROXYREQUIRE_F: Final = 1 << HDR_PROXYREQUIRE_T
HDR_UNSUPPORTED_F: Final = 1 << HDR_UNSUPPORTED_T
HDR_ALLOW_F: Final = 1 << HDR_ALLOW_T
HDR_EVENT_F: Final = 1 << HDR_EVENT_T
HDR_ACCEPT_F: Final = 1 << HDR_ACCEPT_T
HDR_ACCEPTLANGUAGE_F: Final = 1 << HDR_ACCEPTLANGUAGE_T
HDR_ORGANIZATION_F: Final = 1 << HDR_ORGANIZATION_T
HDR_PRIORITY_F: Final = 1 << HDR_PRIORITY_T
HDR_SUBJECT_F: Final = 1 << HDR_SUBJECT_T
HDR_USERAGENT_F: Final = 1 << HDR_USERAGENT_T
HDR_SERVER_F: Final = 1 << HDR_SERVER_T
HDR_CONTENTDISPOSITION_F: Final = 1 << HDR_CONTENTDISPOSITION_T
HDR_DIVERSION_F: Final = 1 << HDR_DIVERSION_T
HDR_RPID_F: Final = 1 << HDR_RPID_T
HDR_REFER_TO_F: Final = 1 << HDR_REFER_TO_T
HDR_SIPIFMATCH_F: Final = 1 << HDR_SIPIFMATCH_T
HDR_SESSIONEXPIRES_F: Final = 1 << HDR_SESSIONEXPIRES_T
HDR_MIN_SE_F: Final = 1 << HDR_MIN_SE_T
HDR_SUBSCRIPTION_STATE_F: Final = 1 << HDR_SUBSCRIPTION_STATE_T
HDR_ACCEPTCONTACT_F: Final = 1 << HDR_ACCEPTCONTACT_T
HDR_ALLOWEVENTS_F: Final = 1 << HDR_ALLOWEVENTS_T
HDR_CONTENTENCODING_F: Final = 1 << HDR_CONTENTENCODING_T
HDR_REFERREDBY_F: Final = 1 << HDR_REFERREDBY_T
HDR_REJECTCONTACT_F: Final = 1 << HDR_REJECTCONTACT_T
HDR_REQUESTDISPOSITION_F: Final = 1 << HDR_REQUESTDISPOSITION_T
HDR_WWW_AUTHENTICATE_F: Final = 1 << HDR_WWW_AUTHENTICATE_T
HDR_PROXY_AUTHENTICATE_F: Final = 1 << HDR_PROXY_AUTHENTICATE_T
HDR_DATE_F: Final = 1 << HDR_DATE_T
HDR_IDENTITY_F: Final = 1 << HDR_IDENTITY_T
HDR_IDENTITY_INFO_F: Final = 1 << HDR_IDENTITY_INFO_T
HDR_RETRY_AFTER_F: Final = 1 << HDR_RETRY_AFTER_T
HDR_PPI_F: Final = 1 << HDR_PPI_T
HDR_PAI_F: Final = 1 << HDR_PAI_T
HDR_PATH_F: Final = 1 << HDR_PATH_T
HDR_PRIVACY_F: Final = 1 << HDR_PRIVACY_T
HDR_REASON_F: Final = 1 << HDR_REASON_T
HDR_CALLINFO_F: Final = 1 << HDR_CALLINFO_T
HDR_EOH_F: Final = (1 << 64) - 1
"""All headers."""


class hdr_field:
    """A header of a message: a reference, valid as long as the message and its text are."""

    __slots__ = ("_buffer", "index", "msg")

    def __init__(self, msg: SipMsg, index: int) -> None:
        self.msg: Final = msg
        self.index: Final = index
        self._buffer = headers.buffer_id(msg)

    def _header(self) -> tuple[int, bytes, bytes, int, int, int]:
        if headers.buffer_id(self.msg) != self._buffer:
            raise RuntimeError("the message was changed since this header was found in it")
        return headers.header(self.msg, self.index)

    @property
    def type(self) -> int:
        """HDR_*_T."""
        return self._header()[0]

    @property
    def name(self) -> bytes:
        """As it is written."""
        return self._header()[1]

    @property
    def body(self) -> bytes:
        """Without the white space and line end around it."""
        return self._header()[2]

    @property
    def offset(self) -> int:
        """Where it starts in the message, for lumps."""
        return self._header()[3]

    @property
    def len(self) -> int:
        """Octets from its start to behind its line end."""
        return self._header()[4]

    @property
    def body_offset(self) -> int:
        """Where its body starts in the message."""
        return self._header()[5]

    @property
    def next(self) -> hdr_field | None:
        """The one behind it; None: it is the last, or what follows is broken."""
        self._header()
        index = headers.following(self.msg, self.index)
        return None if index < 0 else hdr_field(self.msg, index)

    @property
    def sibling(self) -> hdr_field | None:
        """The next one of its type (``next_sibling_hdr``)."""
        self._header()
        index = headers.sibling(self.msg, self.index)
        return None if index < 0 else hdr_field(self.msg, index)

    @property
    def parsed(self) -> Any:
        """What its body says, by the parser of its type or the one that a module registered.

        None: there is no such parser, or it refused the body.
        """
        kind = self.type
        if kind == HDR_OTHER_T:
            added = cast("header_parser[Any] | None", headers.added_parser(self.name))
            return None if added is None else added.of(self)
        parse = PARSERS.get(kind)
        return None if parse is None else remembered(self, parse)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, hdr_field)
            and self.msg is other.msg
            and (self.index, self._buffer) == (other.index, other._buffer)
        )

    def __hash__(self) -> int:
        return hash((id(self.msg), self.index))


def remembered(hdr: hdr_field, parse: Callable[[hdr_field], T]) -> T:
    """What ``parse`` says of a header, computed once for a message."""
    msg = hdr.msg
    if msg.extra is None:
        msg.extra = {}
    cache = msg.extra.setdefault("headers", {})
    key = (headers.buffer_id(msg), hdr.index, parse)
    if key not in cache:
        cache[key] = parse(hdr)
    return cast(T, cache[key])


def get_hdr(msg: SipMsg, type: int) -> hdr_field | None:
    """The first header of a type, looked for as far as it takes; None: there is none."""
    index = headers.first(msg, type)
    return None if index < 0 else hdr_field(msg, index)


def get_hdr_by_name(msg: SipMsg, name: bytes) -> hdr_field | None:
    """The first header of a name, in any case, its compact form too (``get_hdr_by_name``)."""
    return next((hdr for hdr in all_headers(msg) if _named(hdr, name)), None)


def all_headers(msg: SipMsg) -> Iterator[hdr_field]:
    """Every header in order, parsed on the way; it ends where headers are broken."""
    index = headers.following(msg, -1)
    while index >= 0:
        yield hdr_field(msg, index)
        index = headers.following(msg, index)


def _named(hdr: hdr_field, name: bytes) -> bool:
    kind = headers.name_type(name)
    return hdr.type == kind if kind else hdr.name.lower() == name.lower()


# Headers of a module's own (guide 6.7)


class header_parser(Generic[T]):
    """A parser of headers of one name: a function from the body to what it says.

    The function raises ValueError, or gives None, where the body is no good.
    """

    __slots__ = ("name", "parse")

    def __init__(self, name: bytes, parse: Callable[[bytes], T | None]) -> None:
        self.name: Final = name
        self.parse: Final = parse

    def __call__(self, hdr: hdr_field) -> T | None:
        try:
            return self.parse(hdr.body)
        except ValueError:
            return None

    def of(self, hdr: hdr_field) -> T | None:
        """What this header says; parsed once for a message."""
        return remembered(hdr, self)

    def get(self, msg: SipMsg) -> T | None:
        """What the first header of the name says; None: it is missing, or no good."""
        hdr = get_hdr_by_name(msg, self.name)
        return None if hdr is None else self.of(hdr)


def register_header_parser(name: bytes, parse: Callable[[bytes], T | None]) -> header_parser[T]:
    """Let ``hdr_field.parsed`` of headers of this name be what ``parse`` says of their bodies.

    In ``mod_init``, so that every process knows it. Raises ValueError: the header has a parser.
    """
    made = header_parser(name, parse)
    headers.add_parser(name, made)
    return made


# The parsers of the core


def _body(parse: Callable[[bytes], T]) -> Callable[[hdr_field], T]:
    return lambda hdr: parse(hdr.body)


def _contact(hdr: hdr_field) -> bodies.contact_body | None:
    found = headers.contacts_at(hdr.msg, hdr.index)
    if found is None:
        return None
    star = any(contact.star for contact in found)
    return bodies.contact_body(star, [] if star else found)


def _credentials(hdr: hdr_field) -> bodies.dig_cred | None:
    found = headers.digest_at(hdr.msg, hdr.index)
    return bodies.dig_cred(*found) if found else None


def _cseq(hdr: hdr_field) -> bodies.cseq_body | None:
    found = headers.cseq_at(hdr.msg, hdr.index)
    return None if found is None else bodies.cseq_body(*found)


def _address(hdr: hdr_field) -> views.Address | None:
    return headers.address_at(hdr.msg, hdr.index, False)


def _listed_address(hdr: hdr_field) -> views.Address | None:
    return headers.address_at(hdr.msg, hdr.index, True)


def _addresses(hdr: hdr_field) -> list[views.Address] | None:
    return headers.addresses_at(hdr.msg, hdr.index)


def _elements(hdr: hdr_field) -> list[views.Contact] | None:
    return headers.contacts_at(hdr.msg, hdr.index)


def _vias(hdr: hdr_field) -> views.ViaBody | None:
    return headers.vias_at(hdr.msg, hdr.index)


def _content_length(hdr: hdr_field) -> int | None:
    return bodies.number_parser(hdr.body)


PARSERS: Final[dict[int, Callable[[hdr_field], Any]]] = {
    HDR_VIA_T: _vias,
    HDR_TO_T: _address,
    HDR_FROM_T: _address,
    HDR_REFER_TO_T: _address,
    HDR_RPID_T: _address,
    HDR_REFERREDBY_T: _address,
    HDR_DIVERSION_T: _listed_address,
    HDR_PAI_T: _addresses,
    HDR_PPI_T: _addresses,
    HDR_CONTACT_T: _contact,
    HDR_ROUTE_T: _elements,
    HDR_RECORDROUTE_T: _elements,
    HDR_PATH_T: _elements,
    HDR_CSEQ_T: _cseq,
    HDR_AUTHORIZATION_T: _credentials,
    HDR_PROXYAUTH_T: _credentials,
    HDR_CONTENTLENGTH_T: _content_length,
    HDR_MAXFORWARDS_T: _body(bodies.number_parser),
    HDR_CONTENTTYPE_T: _body(bodies.decode_mime_type),
    HDR_ACCEPT_T: _body(bodies.parse_accept_body),
    HDR_CONTENTDISPOSITION_T: _body(bodies.parse_disposition),
    HDR_EXPIRES_T: _body(bodies.expires_parser),
    HDR_MIN_EXPIRES_T: _body(bodies.expires_parser),
    HDR_SUPPORTED_T: _body(bodies.parse_option_tag_body),
    HDR_REQUIRE_T: _body(bodies.parse_option_tag_body),
    HDR_PROXYREQUIRE_T: _body(bodies.parse_option_tag_body),
    HDR_UNSUPPORTED_T: _body(bodies.parse_option_tag_body),
    HDR_ALLOW_T: _body(bodies.parse_methods),
    HDR_EVENT_T: _body(bodies.event_parser),
    HDR_SIPIFMATCH_T: _body(bodies.etag_parser),
    HDR_SESSIONEXPIRES_T: _body(bodies.parse_session_expires_body),
    HDR_MIN_SE_T: _body(bodies.parse_min_se_body),
    HDR_SUBSCRIPTION_STATE_T: _body(bodies.ss_parse),
    HDR_DATE_T: _body(bodies.parse_date),
    HDR_IDENTITY_T: _body(bodies.parse_identity),
    HDR_IDENTITY_INFO_T: _body(bodies.parse_identityinfo),
    HDR_RETRY_AFTER_T: _body(bodies.parse_retry_after),
    HDR_PRIVACY_T: _body(bodies.parse_privacy_body),
}
"""What parses the headers of each type."""
