"""Module ``corex``: branches, extended flags, socket tests, run-time information."""

from __future__ import annotations

import sys
from typing import ClassVar

from runtime.declare.exports import Exports
from runtime.modules.corex.exports import EXPORTS
from runtime.native import net, receive
from runtime.native.sipmsg import SipMsg
from runtime.server.errors import PlaceLike
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.server.server import Server


class Module(BaseModule):
    """What a script calls of ``corex``."""

    EXPORTS: ClassVar[Exports] = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._subdomains: list[tuple[bytes, int, int]] = []

    def param_alias_subdomains(self, value: bytes, place: PlaceLike | None) -> None:
        """All subdomains of ``[proto:]domain[:port]`` are this server."""
        parts = value.split(b":")
        proto = 0
        if len(parts) > 1 and parts[0].lower() in (b"udp", b"tcp", b"tls", b"sctp", b"ws", b"wss"):
            proto = net.proto_number(parts.pop(0).lower())
        port = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
        self._subdomains.append((parts[0].lower().lstrip(b"."), port, proto))

    def mod_init(self) -> None:
        """Take part in ``myself`` where there are subdomains."""
        if self._subdomains:
            net.add_check_self(self._is_subdomain)

    def _is_subdomain(self, host: bytes, port: int, proto: int) -> bool:
        host = host.lower()
        return any(
            (host == domain or host.endswith(b"." + domain))
            and (of_port == 0 or port == 0 or port == of_port)
            and (of_proto == 0 or proto == 0 or proto == of_proto)
            for domain, of_port, of_proto in self._subdomains
        )

    def append_branch(self, msg: SipMsg, uri: bytes | None = None, q: bytes | None = None) -> int:
        """Add a branch of this URI (the r-URI where none) and q value."""
        value = -1
        if q:
            try:
                value = round(float(q) * 1000)
            except ValueError:
                LM_ERR("bad q value %r", q)
                return -1
        return msg.append_branch(uri or None, value)

    def setxflag(self, msg: SipMsg, flag: int) -> int:
        """Set an extended flag, 0 to 127."""
        return receive.set_xflag(msg, flag, True)

    def resetxflag(self, msg: SipMsg, flag: int) -> int:
        """Clear an extended flag."""
        return receive.set_xflag(msg, flag, False)

    def isxflagset(self, msg: SipMsg, flag: int) -> int:
        """Is the extended flag set?"""
        return receive.is_xflag_set(msg, flag)

    def is_incoming(self, msg: SipMsg) -> int:
        """Was the message received (and not made here)?"""
        return -1 if receive.is_faked(msg) else 1

    def is_faked_msg(self, msg: SipMsg) -> int:
        """Was the message made here to run a route?"""
        return 1 if receive.is_faked(msg) else -1

    def is_socket_name(self, msg: SipMsg, sockname: bytes) -> int:
        """Is there a listen socket of this name?"""
        return 1 if net.find_socket_by_name(sockname) >= 0 else -1

    def pv_cfg(self, msg: SipMsg, name: bytes) -> bytes | int | None:
        """``$cfg(line|name|route)``: where the script is."""
        place = self.server.tracer.lines.of_frame(sys._getframe(1))
        if place is None:
            return None
        if name == b"line":
            return place.line
        return place.file.encode() if name in (b"name", b"file") else None
