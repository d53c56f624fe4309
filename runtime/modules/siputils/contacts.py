"""Contact URIs encoded into others, and decoded (``contact_ops.c``).

``encode_contact`` makes ``sip:prefix*user*password*host*port*transport@public``; the
``contact_param_…`` functions keep the whole URI in a parameter, in base64url without padding.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from runtime.modules.siputils.uris import param_place
from runtime.native import contacts, edit
from runtime.native.uri import parse as parse_uri
from runtime.server.log import LM_ERR
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1
MALFORMED = -4
MAX_URI = 1024
FIELDS = 6
SHORTEST = 4
BAD_URI = -509
"""parse_uri's error, and what the callers subtract from it."""

_URL = bytes.maketrans(b"-_", b"+/")
_DIGITS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class CodedError(ValueError):
    """What a function returns for a URI that it cannot change."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def encode_contact(msg: SipMsg, prefix: bytes, public: bytes, separator: bytes) -> int:
    """Encode the URIs of the first Contact header; the prefix ends with what follows the scheme."""
    spans = _first_header(msg)
    if isinstance(spans, int):
        return spans
    for offset, size in spans:
        try:
            text = encoded(edit.buffer(msg, offset, offset + size), prefix, public, separator)
        except CodedError as error:
            LM_ERR("a Contact URI cannot be encoded: %d", error.code)
            return error.code
        edit.replace(msg, offset, size, text)
    return TRUE


def decode_contact(msg: SipMsg, separator: bytes) -> int:
    """Decode the request URI."""
    try:
        return msg.rewrite_uri(decoded(contacts.request_uri(msg), separator))
    except CodedError as error:
        LM_ERR("the request URI cannot be decoded: %d", error.code)
        return error.code


def decode_contact_header(msg: SipMsg, separator: bytes) -> int:
    """Decode the URIs of the first Contact header."""
    spans = _first_header(msg)
    if isinstance(spans, int):
        return spans
    for offset, size in spans:
        try:
            text = decoded(edit.buffer(msg, offset, offset + size), separator)
        except CodedError as error:
            LM_ERR("a Contact URI cannot be decoded: %d", error.code)
            return error.code
        edit.replace(msg, offset, size, text)
    return TRUE


def encoded(uri: bytes, prefix: bytes, public: bytes, separator: bytes) -> bytes:
    """A URI with its parts in the user. Raises CodedError."""
    if len(uri) <= 1:
        raise CodedError(-1)
    colon = uri.find(b":")
    if colon < 3:
        raise CodedError(-25 if colon < 0 else -26)
    parts = parse_uri(uri[colon - 3 :])
    if parts is None:
        raise CodedError(BAD_URI)
    names = ("user", "passwd", "host", "port", "transport")
    values = [parts[name] or b"" for name in names]
    fields = (prefix, *(value for value in values if isinstance(value, bytes)))
    text = uri[: colon + 1] + separator.join(fields) + b"@" + public
    return text if public else text[:-1] + b"\0"  # snprintf's end takes the place of the @


def decoded(uri: bytes, separator: bytes) -> bytes:
    """The URI that ``encoded`` made this one from. Raises CodedError."""
    if not uri:
        raise CodedError(-1)
    scheme, colon, rest = uri.partition(b":")
    inside, at, host = rest.partition(b"@")
    if not colon or not at:
        raise CodedError(-22 if not colon else -23)
    fields = inside.split(separator)
    if len(fields) != FIELDS:
        raise CodedError(-24 if len(fields) > FIELDS else -26)
    _, user, password, ip, port, transport = fields
    if not ip or (password and not user):
        raise CodedError(-2 if not ip else -3)
    text = scheme + b":" + user
    text += b":" + password if password else b""
    text += b"@" if user else b""
    text += ip + (b":" + port if port else b"")
    text += b";transport=" + transport if transport else b""
    end = next((n for n, octet in enumerate(host) if octet in b";>"), len(host))
    return text + host[end:]


def param_encode(msg: SipMsg, name: bytes, address: bytes) -> int:
    """Put the URIs of the first Contact header into a parameter of ``address``."""
    spans = _first_header(msg, absent=TRUE)
    if isinstance(spans, int):
        return spans
    for offset, size in spans:
        if size <= SHORTEST:
            continue
        uri = edit.buffer(msg, offset, offset + size)
        value = base64.urlsafe_b64encode(uri)
        if len(value) >= MAX_URI - 1:
            return FALSE
        text = b"%b;%b=%b" % (address, name, value.rstrip(b"="))
        if edit.buffer(msg, offset - 1, offset) != b"<":
            text = b"<%b>" % text
        if len(text) >= MAX_URI:
            return -2
        if not edit.replace(msg, offset, size, text):
            return -3
    return TRUE


def param_decode(msg: SipMsg, name: bytes) -> int:
    """Put the URI back that a parameter holds, in every Contact."""
    for offset, size, uri in _every_uri(msg):
        params = _params(uri)
        if params is None:
            return FALSE
        value = _value(params, name)
        if not value:
            continue
        found = _decoded64(value)
        if found is None:
            LM_ERR("parameter %r of a Contact URI cannot be decoded", name)
            return FALSE
        if not edit.replace(msg, offset, size, found):
            return -2
    return TRUE


def param_decode_ruri(msg: SipMsg, name: bytes) -> int:
    """Make the URI that a parameter holds the request URI."""
    params = None if msg.ruri is None else _params(msg.ruri)
    if params is None:
        return FALSE
    if params and split_params(params) is None:
        return FALSE
    value = _value(params, name)
    if not value:
        return TRUE
    found = _decoded64(value)
    if found is None:
        LM_ERR("parameter %r of the request URI cannot be decoded", name)
        return FALSE
    return msg.rewrite_uri(found)


def param_rm(msg: SipMsg, name: bytes) -> int:
    """Take a parameter out of every Contact URI."""
    for offset, _, uri in _every_uri(msg):
        params = _params(uri)
        if params is None:
            return FALSE
        place = param_place(uri, params, name)
        if place is not None and place[0] >= 0:
            edit.delete(msg, offset + place[0], place[1] - place[0])
    return TRUE


def _first_header(msg: SipMsg, absent: int = FALSE) -> list[tuple[int, int]] | int:
    try:
        spans = contacts.uri_spans(msg, every=False)
    except ValueError as error:
        LM_ERR("%s", error)
        return MALFORMED
    return absent if spans is None else spans


def _every_uri(msg: SipMsg) -> list[tuple[int, int, bytes]]:
    """(offset, length, text) of all that are no shorter than a scheme; none where one is bad."""
    try:
        spans = contacts.uri_spans(msg, every=True) or []
    except ValueError as error:
        LM_ERR("%s", error)
        return []
    return [(at, size, edit.buffer(msg, at, at + size)) for at, size in spans if size >= SHORTEST]


def _params(uri: bytes) -> bytes | None:
    """The parameters of a URI; None where it is none."""
    parts = parse_uri(uri)
    if parts is None:
        LM_ERR("%r is no URI", uri)
        return None
    found = parts["sip_params"] or parts["params"]
    return found if isinstance(found, bytes) else b""


def _value(params: bytes, name: bytes) -> bytes:
    """Of several, the last."""
    for key, value in reversed(split_params(params) or []):
        if key.lower() == name.lower():
            return value
    return b""


def _decoded64(text: bytes) -> bytes | None:
    """base64url with or without padding (``base64url_dec``); None where it is none, or empty."""
    text += b"=" * (-len(text) % 4)
    digits = text.rstrip(b"=")
    size = len(text) * 6 // 8 - (len(text) - len(digits))
    if not 0 < size < MAX_URI - 1 or not _DIGITS.issuperset(digits):
        return None
    whole = base64.b64decode(digits.translate(_URL) + b"A" * (-len(digits) % 4))
    return whole[:size]
