"""A message and its first line as structures (guide 5.3 and 5.4, ``parser/msg_parser.h``)."""

from __future__ import annotations

from typing import Final, NamedTuple, cast

from runtime.api import hf
from runtime.api.bodies import sdp_payload_attr, sdp_session_cell, sdp_stream_cell
from runtime.api.hf import get_hdr, hdr_field
from runtime.native import headers, views
from runtime.native.sipmsg import SipMsg

SIP_REQUEST: Final = 1
SIP_REPLY: Final = 2


class msg_start(NamedTuple):
    """The first line (guide 5.4): ``type`` is SIP_*; ``len`` counts its line end.

    ``method uri method_value`` are a request's, ``status reason statuscode`` a reply's.
    """

    type: int
    len: int
    version: bytes
    method: bytes | None = None
    uri: bytes | None = None
    method_value: int = 0
    status: bytes | None = None
    reason: bytes | None = None
    statuscode: int = 0


class sip_msg:
    """A message (guide 5.3). Headers that it gives are looked for to the end of the message."""

    __slots__ = ("msg",)

    def __init__(self, msg: SipMsg) -> None:
        self.msg: Final = msg

    @property
    def id(self) -> int:
        """Grows by message in a process."""
        return headers.numbers(self.msg)[0]

    @property
    def first_line(self) -> msg_start:
        """The request or status line."""
        return parse_fline(self.msg)

    @property
    def via1(self) -> views.ViaBody | None:
        """The first via-parm."""
        return None if self.h_via1 is None else cast("views.ViaBody | None", self.h_via1.parsed)

    @property
    def via2(self) -> views.ViaBody | None:
        """The second via-parm, of the first Via header or of the next one."""
        hdr = self.h_via1
        first = None if hdr is None else hdr.parsed
        if hdr is None or first is None:
            return None
        if first.next is not None:
            return cast(views.ViaBody, first.next)
        after = hdr.sibling
        return None if after is None else cast("views.ViaBody | None", after.parsed)

    @property
    def headers(self) -> hdr_field | None:
        """The first header; the others by its ``next``."""
        return None if headers.following(self.msg, -1) < 0 else hdr_field(self.msg, 0)

    @property
    def last_header(self) -> hdr_field | None:
        """The last one that was parsed so far."""
        total = headers.total(self.msg)
        return hdr_field(self.msg, total - 1) if total else None

    @property
    def parsed_flag(self) -> int:
        """HDR_*_F of the types that were found so far."""
        flags = 0
        for index in range(headers.total(self.msg)):
            flags |= 1 << headers.header(self.msg, index)[0]
        return hf.HDR_EOH_F if self.eoh is not None else flags

    @property
    def eoh(self) -> int | None:
        """Where the empty line behind the headers is; None: it was not reached yet."""
        body, at, _, _ = headers.state(self.msg)
        return None if body is None else at

    @property
    def unparsed(self) -> int:
        """Where parsing stopped."""
        return headers.state(self.msg)[1]

    @property
    def buf(self) -> bytes:
        """The message as it was received."""
        return self.msg.message

    @property
    def len(self) -> int:
        """Its octets."""
        return headers.state(self.msg)[3]

    @property
    def new_uri(self) -> bytes | None:
        """The r-URI that the script has set."""
        return headers.edits(self.msg)[0]

    @property
    def dst_uri(self) -> bytes | None:
        """Where the message is to be sent, whatever the r-URI says."""
        return headers.edits(self.msg)[1]

    @property
    def path_vec(self) -> bytes | None:
        """What becomes Route headers."""
        return headers.edits(self.msg)[2]

    @property
    def parsed_uri(self) -> views.Uri | None:
        """The r-URI as it is now; None: it is no URI, or this is a reply."""
        return headers.request_uri(self.msg, False)

    @property
    def parsed_orig_ruri(self) -> views.Uri | None:
        """The r-URI as it came."""
        return headers.request_uri(self.msg, True)

    @property
    def flags(self) -> int:
        """Set by scripts."""
        return headers.numbers(self.msg)[1]

    @property
    def msg_flags(self) -> int:
        """Set by the core."""
        return headers.numbers(self.msg)[2]

    @property
    def hash_index(self) -> int:
        """tm's."""
        return headers.numbers(self.msg)[3]

    @property
    def sdp(self) -> list[sdp_session_cell] | None:
        """The sessions in the body."""
        return parse_sdp(self.msg)

    def _first(self, type: int) -> hdr_field | None:
        return get_hdr(self.msg, type)

    @property
    def h_via1(self) -> hdr_field | None:
        """The first Via header."""
        return self._first(hf.HDR_VIA_T)

    @property
    def h_via2(self) -> hdr_field | None:
        """The header of the second via-parm."""
        hdr = self.h_via1
        first = None if hdr is None else hdr.parsed
        return hdr if hdr is None or (first is not None and first.next) else hdr.sibling

    @property
    def callid(self) -> hdr_field | None:
        return self._first(hf.HDR_CALLID_T)

    @property
    def to(self) -> hdr_field | None:
        return self._first(hf.HDR_TO_T)

    @property
    def cseq(self) -> hdr_field | None:
        return self._first(hf.HDR_CSEQ_T)

    @property
    def from_(self) -> hdr_field | None:
        """``from`` is a word of Python's."""
        return self._first(hf.HDR_FROM_T)

    @property
    def contact(self) -> hdr_field | None:
        return self._first(hf.HDR_CONTACT_T)

    @property
    def maxforwards(self) -> hdr_field | None:
        return self._first(hf.HDR_MAXFORWARDS_T)

    @property
    def route(self) -> hdr_field | None:
        return self._first(hf.HDR_ROUTE_T)

    @property
    def record_route(self) -> hdr_field | None:
        return self._first(hf.HDR_RECORDROUTE_T)

    @property
    def path(self) -> hdr_field | None:
        return self._first(hf.HDR_PATH_T)

    @property
    def content_type(self) -> hdr_field | None:
        return self._first(hf.HDR_CONTENTTYPE_T)

    @property
    def content_length(self) -> hdr_field | None:
        return self._first(hf.HDR_CONTENTLENGTH_T)

    @property
    def authorization(self) -> hdr_field | None:
        return self._first(hf.HDR_AUTHORIZATION_T)

    @property
    def expires(self) -> hdr_field | None:
        return self._first(hf.HDR_EXPIRES_T)

    @property
    def proxy_auth(self) -> hdr_field | None:
        return self._first(hf.HDR_PROXYAUTH_T)

    @property
    def supported(self) -> hdr_field | None:
        return self._first(hf.HDR_SUPPORTED_T)

    @property
    def require(self) -> hdr_field | None:
        return self._first(hf.HDR_REQUIRE_T)

    @property
    def proxy_require(self) -> hdr_field | None:
        return self._first(hf.HDR_PROXYREQUIRE_T)

    @property
    def unsupported(self) -> hdr_field | None:
        return self._first(hf.HDR_UNSUPPORTED_T)

    @property
    def allow(self) -> hdr_field | None:
        return self._first(hf.HDR_ALLOW_T)

    @property
    def event(self) -> hdr_field | None:
        return self._first(hf.HDR_EVENT_T)

    @property
    def accept(self) -> hdr_field | None:
        return self._first(hf.HDR_ACCEPT_T)

    @property
    def accept_language(self) -> hdr_field | None:
        return self._first(hf.HDR_ACCEPTLANGUAGE_T)

    @property
    def organization(self) -> hdr_field | None:
        return self._first(hf.HDR_ORGANIZATION_T)

    @property
    def priority(self) -> hdr_field | None:
        return self._first(hf.HDR_PRIORITY_T)

    @property
    def subject(self) -> hdr_field | None:
        return self._first(hf.HDR_SUBJECT_T)

    @property
    def user_agent(self) -> hdr_field | None:
        return self._first(hf.HDR_USERAGENT_T)

    @property
    def content_disposition(self) -> hdr_field | None:
        return self._first(hf.HDR_CONTENTDISPOSITION_T)

    @property
    def diversion(self) -> hdr_field | None:
        return self._first(hf.HDR_DIVERSION_T)

    @property
    def rpid(self) -> hdr_field | None:
        return self._first(hf.HDR_RPID_T)

    @property
    def refer_to(self) -> hdr_field | None:
        return self._first(hf.HDR_REFER_TO_T)

    @property
    def session_expires(self) -> hdr_field | None:
        return self._first(hf.HDR_SESSIONEXPIRES_T)

    @property
    def min_se(self) -> hdr_field | None:
        return self._first(hf.HDR_MIN_SE_T)

    @property
    def ppi(self) -> hdr_field | None:
        return self._first(hf.HDR_PPI_T)

    @property
    def pai(self) -> hdr_field | None:
        return self._first(hf.HDR_PAI_T)

    @property
    def privacy(self) -> hdr_field | None:
        return self._first(hf.HDR_PRIVACY_T)

    @property
    def date(self) -> hdr_field | None:
        return self._first(hf.HDR_DATE_T)

    @property
    def identity(self) -> hdr_field | None:
        return self._first(hf.HDR_IDENTITY_T)

    @property
    def identity_info(self) -> hdr_field | None:
        return self._first(hf.HDR_IDENTITY_INFO_T)


Message = SipMsg | sip_msg


def raw(msg: Message) -> SipMsg:
    """The message itself."""
    return msg.msg if isinstance(msg, sip_msg) else msg


def parse_fline(msg: Message) -> msg_start:
    """The first line (guide 5.4)."""
    request, size, first, second, third, number = headers.first_line(raw(msg))
    if request:
        return msg_start(SIP_REQUEST, size, third, method=first, uri=second, method_value=number)
    return msg_start(SIP_REPLY, size, first, status=second, reason=third, statuscode=number)


def parse_sdp(msg: Message) -> list[sdp_session_cell] | None:
    """The sessions in the body, also of the parts of a multipart one; None: no SDP, or broken."""
    found = headers.sdp(raw(msg))
    if found is None:
        return None
    return [
        sdp_session_cell(
            version,
            address,
            mode,
            hold,
            [
                sdp_stream_cell(*stream[:8], [sdp_payload_attr(*payload) for payload in stream[8]])
                for stream in streams
            ],
        )
        for version, address, mode, hold, streams in found
    ]
