"""The sdpops module: the SDP of a message asked and edited (``sdpops_mod.c``)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from runtime.declare.cint import wrap
from runtime.modules.sdpops.exports import EXPORTS
from runtime.native import edit, sdpops
from runtime.script.pv import PvError, PvRef
from runtime.script.values import Value
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

TRUE, FALSE, NO_BODY = 1, -1, -2
INT_MAX = (1 << 31) - 1
AVPS = 256
"""How many names of AVPs stay compiled: they may come from variables."""


class Module(BaseModule):
    """SDP operations."""

    EXPORTS = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._avp = lru_cache(maxsize=AVPS)(self._avp_of)

    sdp_remove_line_by_prefix = staticmethod(sdpops.remove_line_by_prefix)
    sdp_remove_codecs_by_id = staticmethod(sdpops.remove_codecs_by_id)
    sdp_remove_codecs_by_name = staticmethod(sdpops.remove_codecs_by_name)
    sdp_keep_codecs_by_id = staticmethod(sdpops.keep_codecs_by_id)
    sdp_keep_codecs_by_name = staticmethod(sdpops.keep_codecs_by_name)
    sdp_with_media = staticmethod(sdpops.with_media)
    sdp_with_active_media = staticmethod(sdpops.with_active_media)
    sdp_remove_media = staticmethod(sdpops.remove_media)
    sdp_with_transport = staticmethod(sdpops.with_transport)
    sdp_with_transport_like = staticmethod(sdpops.with_transport_like)
    sdp_remove_transport = staticmethod(sdpops.remove_transport)
    sdp_with_codecs_by_id = staticmethod(sdpops.with_codecs_by_id)
    sdp_with_codecs_by_name = staticmethod(sdpops.with_codecs_by_name)
    sdp_with_ice = staticmethod(sdpops.with_ice)
    sdp_get_address_family = staticmethod(sdpops.address_family)

    def sdp_content(self, msg: SipMsg, sloppy: bytes | None = None) -> int:
        """Is there an SDP? With an argument, whatever it is, nothing but the type is looked at."""
        return sdpops.content(msg) if sloppy is None else sdpops.content_sloppy(msg)

    def sdp_print(self, msg: SipMsg, level: int) -> int:
        """Is there no SDP that is malformed? Kamailio's prints ``no sdp body`` in every case."""
        return FALSE if sdpops.body(msg) == FALSE else TRUE

    def sdp_get(self, msg: SipMsg, avpvar: bytes) -> int:
        """Put the SDP in front of an AVP's values; -2 the message has no body."""
        avp = self._avp(avpvar)
        return FALSE if avp is None else _stored(msg, avp, sdpops.body(msg))

    def sdp_transport(self, msg: SipMsg, pv: bytes) -> int:
        """Put the transport that all streams have in front of an AVP's values; -2 they differ."""
        avp = self._avp(pv)
        if avp is None:
            return FALSE
        found = sdpops.transport(msg)
        return TRUE if found == b"" else _stored(msg, avp, found)

    def sdp_get_line_startswith(self, msg: SipMsg, avpvar: bytes, string: bytes) -> int:
        """Put the first line with this beginning in front of an AVP's values; -2 no body."""
        line = sdpops.get_line(msg, string) if avpvar else FALSE
        avp = None if isinstance(line, int) else self._avp(avpvar)
        if avp is None:
            return line if isinstance(line, int) else FALSE
        return _stored(msg, avp, line)

    def _avp_of(self, text: bytes) -> PvRef | None:
        """The AVP that a text names; an index and transformations count for nothing."""
        try:
            spec = PvRef(self.server.pv, text).spec
            if spec.name == "avp" and isinstance(spec.inner, str):
                return PvRef(self.server.pv, b"$avp(%b)" % spec.inner.encode("latin-1"))
        except PvError as error:
            LM_ERR("%s", error)
            return None
        LM_ERR("%s is no AVP with a fixed name", text.decode("utf-8", "replace"))
        return None

    def pv_sdp(self, msg: SipMsg, name: bytes) -> Value:
        """``$sdp(body)``, ``$sdp(sess_version)``"""
        if name == b"body":
            found = sdpops.body(msg)
            return None if isinstance(found, int) else found
        version = sdpops.session_version(msg)
        return None if version is None else _number(version[1])

    def set_pv_sdp(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$sdp(sess_version) = number``; -1 is one more than it is.

        As in Kamailio, something must have looked at the SDP before.
        """
        if name != b"sess_version" or not isinstance(value, int):
            LM_ERR("only $sdp(sess_version) can be written, and with a number")
            return
        place = sdpops.session_version(msg) if sdpops.was_parsed(msg) else None
        old = None if place is None else _number(place[1])
        if place is None or old is None:
            LM_ERR("the SDP has no session version, or nothing has parsed it yet")
            return
        new = wrap(old + 1) if value == -1 else value
        text = b"%d" % new
        if value == -1 and (new < old or len(text) < len(place[1])):
            LM_ERR("session version %d cannot be counted up", old)
            return
        edit.replace(msg, place[0], len(place[1]), text)


def _number(text: bytes) -> int | None:
    """``str2sint``: a C int in decimal digits, with a sign or without."""
    digits = text[1:] if text[:1] in (b"+", b"-") else text
    if not text or (digits and not digits.isdigit()):
        return None
    number = int(text) if digits else 0
    return number if -INT_MAX - 1 <= number <= INT_MAX else None


def _stored(msg: SipMsg, avp: PvRef, found: bytes | int) -> int:
    if isinstance(found, int):
        return found
    avp.set(msg, found)
    return TRUE
