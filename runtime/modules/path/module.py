"""The path module: a Path header for REGISTER, and the way back along it (``path.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.modules.path.exports import EXPORTS
from runtime.modules.pv.coding import unescape_user
from runtime.modules.rr.api import RrApi
from runtime.native import path
from runtime.native.net import proto_number, proto_text
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

TRUE, FALSE = 1, -1
MAX_URI = 1024
PROTOCOLS = 6
TRANSPORT = 24
"""Octets that ``sip:`` and ``;transport=sctp`` may take."""


class Module(BaseModule):
    """``use_received`` rides on the Route parameters of rr."""

    EXPORTS = EXPORTS

    use_received: int
    received_format: int
    enable_r2: int
    sockname_mode: int
    received_name: bytes

    def mod_init(self) -> None:
        """Hear of our Route entries."""
        if self.use_received:
            rr = self.server.find_module("rr")
            if not isinstance(rr, RrApi):
                raise StartError("path: use_received needs module rr")
            rr.register_rr_callback(self._follow)

    def add_path(
        self, msg: SipMsg, user: bytes | None = None, parameters: bytes | None = None
    ) -> int:
        """Add a Path header before those that are there."""
        return self._add(msg, b"", user, parameters)

    def add_path_received(
        self, msg: SipMsg, user: bytes | None = None, parameters: bytes | None = None
    ) -> int:
        """Add a Path header that says where the request came from."""
        return self._add(msg, b";%b=%b" % (self.received_name, self._source(msg)), user, parameters)

    def _add(
        self, msg: SipMsg, received: bytes, user: bytes | None, parameters: bytes | None
    ) -> int:
        prefix = b"Path: <sip:" + (user + b"@" if user else b"")
        suffix = b";lr" + received + (b";" + parameters if parameters else b"")
        suffix += b";r2=on>\r\n" if self.enable_r2 else b">\r\n"
        done = path.prepend(
            msg, prefix, suffix, sockname=bool(self.sockname_mode), double=bool(self.enable_r2)
        )
        return TRUE if done else FALSE

    def _source(self, msg: SipMsg) -> bytes:
        """The address of the sender as a parameter's value."""
        ip = b"[%b]" % msg.src_ip if b":" in msg.src_ip else msg.src_ip
        if self.received_format:
            return b"%b~%d~%d" % (ip, msg.src_port, proto_number(msg.proto))
        transport = b"" if msg.proto == b"udp" else b"%%3Btransport%%3D%b" % _name(msg.proto)
        return b"sip:%b:%d%b" % (ip, msg.src_port, transport)

    def _follow(self, msg: SipMsg, params: bytes) -> None:
        """Send to the address that our Route entry received from."""
        value = self._received(params)
        if not value:
            return
        if len(value) + TRANSPORT >= MAX_URI:
            LM_ERR("the received URI is too long: %d", len(value))
            return
        uri = address_of(value) if self.received_format else unescape_user(value)
        if uri is None:
            LM_ERR("no address in parameter %r of Route", self.received_name)
            return
        msg.dst_uri = uri

    def _received(self, params: bytes) -> bytes:
        found = split_params(params)
        if found is None:
            LM_ERR("malformed parameters of Route")
        for key, value in reversed(found or []):
            if key == self.received_name or (
                self.received_name == b"received" and key.lower() == b"received"
            ):
                return value
        return b""


def _name(proto: bytes) -> bytes:
    return b"ws" if proto == b"wss" else proto


def address_of(value: bytes) -> bytes | None:
    """``ip~port~proto`` as a URI."""
    ip, port, proto = [*value.split(b"~", 2), b"", b""][:3]
    if not proto:
        return None
    number = proto[0] - ord("0")
    if number == proto_number(b"udp"):
        return b"sip:%b:%b" % (ip, port)
    if not 1 <= number <= PROTOCOLS:
        return None
    return b"sip:%b:%b;transport=%b" % (ip, port, _name(proto_text(number)))
