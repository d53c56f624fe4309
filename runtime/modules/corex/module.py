"""Module ``corex``: branches, extended flags, socket tests, run-time information."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
from typing import ClassVar, Final, TypeGuard

from runtime.declare.exports import Exports
from runtime.modules.corex import sockets, via
from runtime.modules.corex.exports import EXPORTS
from runtime.modules.corex.network import Network
from runtime.modules.corex.rpc import CorexRpc
from runtime.modules.corex.sockets import HostPort
from runtime.native import corex, net, receive
from runtime.native.sipmsg import SipMsg
from runtime.native.uri import parse as parse_uri
from runtime.script.pv import PvRef
from runtime.script.values import Value, to_str
from runtime.server.errors import PlaceLike
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule
from runtime.server.server import Server

UDP, TCP, SIP_PORT = 1, 2, 5060
MAX_XFLAG = 63
_EVERY_IFLAG: Final = sum(corex.IFLAGS.values())


class Module(CorexRpc, BaseModule):
    """What a script calls of ``corex``."""

    EXPORTS: ClassVar[Exports] = EXPORTS

    nio_intercept: int
    nio_min_msg_len: int
    nio_msg_avp: bytes | None

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._subdomains: list[tuple[bytes, int, int]] = []
        self._protos: tuple[bytes, ...] = sockets.PROTOS
        self._network: Network | None = None

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
        if self.server.core.number("enable_tls"):
            self._protos = (*sockets.PROTOS, b"tls")
        if self._subdomains:
            net.add_check_self(self._is_subdomain)
        if self.nio_intercept > 0:
            self._network = Network(self.server, self.nio_min_msg_len, self.nio_msg_avp)
        name = via.params_name(self.server.config.core)
        corex.set_params_of(lambda msg: via.params(msg.xavps, name))

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
        value = corex.q_value(q) if q else -1
        if q and value < 0:
            LM_ERR("append_branch: bad q value %r", q)
            return -1
        return msg.append_branch(uri or None, value)

    def setxflag(self, msg: SipMsg, flag: Value) -> int:
        """Set an extended flag, 0 to 63."""
        return receive.set_xflag(msg, flag, True) if _is_xflag(flag) else -1

    def resetxflag(self, msg: SipMsg, flag: Value) -> int:
        """Clear an extended flag."""
        return receive.set_xflag(msg, flag, False) if _is_xflag(flag) else -1

    def isxflagset(self, msg: SipMsg, flag: Value) -> int:
        """Is the extended flag set?"""
        return receive.is_xflag_set(msg, flag) if _is_xflag(flag) else -1

    # internal flags

    def msg_iflag_set(self, msg: SipMsg, flagname: bytes) -> int:
        """Set ``USE_UAC_FROM``, ``USE_UAC_TO`` or ``UAC_AUTH``; an unknown name sets all."""
        corex.set_iflags(msg, corex.IFLAGS.get(flagname.lower(), _EVERY_IFLAG), True)
        return 1

    def msg_iflag_reset(self, msg: SipMsg, flagname: bytes) -> int:
        """Reset such a flag."""
        mask = corex.IFLAGS.get(flagname.lower())
        if mask is None:
            return _no_iflag(flagname)
        corex.set_iflags(msg, mask, False)
        return 1

    def msg_iflag_is_set(self, msg: SipMsg, flagname: bytes) -> int:
        """Is such a flag set? -2: no."""
        mask = corex.IFLAGS.get(flagname.lower())
        if mask is None:
            return _no_iflag(flagname)
        return 1 if corex.has_iflags(msg, mask) else -2

    # sockets and addresses

    def set_send_socket(self, msg: SipMsg, saddr: bytes) -> int:
        """Send by the listen socket ``[proto:]host[:port]``; none of that address changes
        nothing."""
        return self._use(
            msg, sockets.find(saddr, self._protos) if saddr else None, saddr, sending=True
        )

    def set_send_socket_name(self, msg: SipMsg, sname: bytes) -> int:
        """The same by the socket's name."""
        found = net.find_socket_by_name(sname) if sname else None
        return self._use(msg, found, sname, sending=True)

    def set_recv_socket(self, msg: SipMsg, saddr: bytes) -> int:
        """The message counts as received on that listen socket."""
        return self._use(
            msg, sockets.find(saddr, self._protos) if saddr else None, saddr, sending=False
        )

    def set_recv_socket_name(self, msg: SipMsg, sname: bytes) -> int:
        """The same by the socket's name."""
        found = net.find_socket_by_name(sname) if sname else None
        return self._use(msg, found, sname, sending=False)

    def _socket(self, saddr: bytes) -> int | None:
        return sockets.find(saddr, self._protos) if saddr else None

    def _use(self, msg: SipMsg, index: int | None, text: bytes, *, sending: bool) -> int:
        if index is None:
            LM_ERR("%r is no listen socket", text)
            return -1
        if index < 0:
            LM_WARN("no listen socket is %r", text)
        elif sending:
            corex.set_send_socket(msg, index)
        else:
            corex.set_recv_socket(msg, index)
        return 1

    def set_source_address(self, msg: SipMsg, saddr: bytes) -> int:
        """The message counts as sent from ``[proto:]host[:port]``."""
        parsed = sockets.parse(saddr, self._protos)
        if parsed is None:
            LM_ERR("set_source_address: %r is no address", saddr)
            return -1
        if parsed.host.startswith(b"[") and not sockets.has_ipv6():
            LM_ERR("set_source_address: there is no listen socket of IPv6")
            return -1
        if not corex.set_source(msg, parsed.host, parsed.number, parsed.transport):
            LM_ERR("set_source_address: %r cannot be resolved", saddr)
            return -1
        return 1

    # sending as it is

    def send_udp(self, msg: SipMsg, host_port: bytes | None = None) -> int:
        """Send the message as it came to ``host[:port]``, or where ``$du`` or ``$ru`` say."""
        return self._send(msg, host_port, UDP)

    def send_tcp(self, msg: SipMsg, host_port: bytes | None = None) -> int:
        """The same by TCP."""
        return self._send(msg, host_port, TCP)

    def _send(self, msg: SipMsg, host_port: bytes | None, proto: int) -> int:
        if host_port:
            end = host_port.find(b"]")
            colon = host_port.find(b":", end + 1)
            host = host_port if colon < 0 else host_port[:colon]
            digits = b"" if colon < 0 else host_port[colon + 1 :]
            port = SIP_PORT if colon < 0 else int(digits) & 0xFFFF if digits.isdigit() else 0
        else:
            parsed = parse_uri(msg.dst_uri or msg.ruri or b"")
            if parsed is None:
                LM_ERR("send: the URI to send to is none")
                return -1
            host, port = _host_of(parsed)
        return 1 if corex.send_raw(msg, corex.received_bytes(msg), host, port, proto) else -1

    def send_data(self, msg: SipMsg, uri: bytes, data: bytes) -> int:
        """Send octets to a SIP URI."""
        return self.sendx(msg, uri, b"", data)

    def sendx(self, msg: SipMsg, uri: bytes, sock: bytes, data: bytes) -> int:
        """The same from a listen socket."""
        parsed = parse_uri(uri)
        if parsed is None:
            LM_ERR("send_data: %r is no SIP URI", uri)
            return -1
        socket = sockets.find(sock, self._protos) if sock else -1
        if socket is None:
            LM_ERR("sendx: %r is no listen socket", sock)
            return -1
        host, port = _host_of(parsed)
        proto = parsed["proto"]
        by = proto if isinstance(proto, int) and proto else UDP
        return 1 if corex.send_raw(None, data, host, port, by, socket) else -1

    def forward_reply(self, msg: SipMsg) -> int:
        """Send the reply on by its second Via."""
        corex.forward_reply(msg)
        return 1

    # our Via

    def via_add_srvid(self, msg: SipMsg, flags: Value) -> int:
        """Have ``;srvid=`` with core parameter ``server_id`` in our Via; 0: not."""
        if not isinstance(flags, int):
            return _no_flag(flags)
        corex.add_via_srvid(msg, flags != 0)
        return 1

    def via_add_xavp_params(self, msg: SipMsg, flags: Value) -> int:
        """Have the fields of the xavp that ``xavp_via_params`` names in our Via; 0: not."""
        if not isinstance(flags, int):
            return _no_flag(flags)
        corex.add_via_params(msg, flags != 0)
        return 1

    def via_use_xavp_fields(self, msg: SipMsg, flags: Value) -> int:
        """Changes nothing: 5.6.3 never finds the xavp that ``xavp_via_fields`` names."""
        return 1 if isinstance(flags, int) else _no_flag(flags)

    # files

    def file_read(self, msg: SipMsg, fpath: bytes, var: PvRef) -> int:
        """The content of a file into a variable."""
        try:
            with open(fpath.partition(b"\0")[0], "rb") as file:
                content = file.read()
        except (OSError, ValueError) as error:
            LM_ERR("file_read: %s", error)
            return -1
        var.set(msg, content)
        return 1

    def file_write(self, msg: SipMsg, fpath: bytes, content: bytes) -> int:
        """Write a file anew; nothing is no content."""
        if not fpath or not content:
            LM_ERR("file_write: there is no path, or no content")
            return -1
        try:
            with open(fpath.partition(b"\0")[0], "wb") as file:
                file.write(content)
        except (OSError, ValueError) as error:
            LM_ERR("file_write: %s", error)
            return -1
        return 1

    def is_incoming(self, msg: SipMsg) -> int:
        """Did the last message that event_route[network:msg] saw come in?"""
        return 1 if self._network is not None and self._network.incoming else -1

    def is_faked_msg(self, msg: SipMsg) -> int:
        """Was the message made here to run a route?"""
        return 1 if receive.is_faked(msg) else -1

    def is_socket_name(self, msg: SipMsg, sockname: bytes) -> int:
        """Is there a listen socket of this name?"""
        return 1 if net.find_socket_by_name(sockname) >= 0 else -1

    def pv_cfg(self, msg: SipMsg, name: bytes) -> bytes | int | None:
        """``$cfg(line|name|route)``: where the script is."""
        if name == b"route":
            return self._route_name(sys._getframe(1))
        place = self.server.tracer.lines.of_frame(sys._getframe(1))
        if place is None:
            return None
        if name == b"line":
            return place.line
        return place.file.encode("utf-8", "surrogateescape") if name in (b"name", b"file") else None

    def _route_name(self, frame: FrameType | None) -> bytes | None:
        """The name of the innermost route that runs."""
        names = {method: name for _, name, method in self.server.config.routes.methods}
        path = self.server.tracer.lines.path
        while frame is not None:
            if frame.f_code.co_filename == path and frame.f_code.co_name in names:
                name = names[frame.f_code.co_name]
                return name.encode("utf-8", "surrogateescape") or b"DEFAULT_ROUTE"
            frame = frame.f_back
        return None

    def pv_lsock(self, msg: SipMsg, name: bytes) -> Value:
        """``$lsock(match/value/field)``"""
        return sockets.lsock(name)

    def _address(self, value: Value) -> HostPort | None:
        return None if value is None else sockets.parse(to_str(value), self._protos)

    def tr_sock_host(self, value: Value) -> Value:
        """``{sock.host}`` of ``proto:host:port``"""
        parsed = self._address(value)
        return None if parsed is None else parsed.host

    def tr_sock_port(self, value: Value) -> Value:
        """``{sock.port}``: text, empty without one."""
        parsed = self._address(value)
        return None if parsed is None else parsed.port

    def tr_sock_proto(self, value: Value) -> Value:
        """``{sock.proto}``: empty without one."""
        parsed = self._address(value)
        return None if parsed is None else parsed.proto

    def tr_sock_touri(self, value: Value) -> Value:
        """``{sock.touri}``"""
        parsed = self._address(value)
        return None if parsed is None else sockets.uri_of(parsed)


def _is_xflag(flag: Value) -> TypeGuard[int]:
    return isinstance(flag, int) and 0 <= flag <= MAX_XFLAG


def _no_flag(value: Value) -> int:
    LM_ERR("%r is no flag", value)
    return -1


def _no_iflag(name: bytes) -> int:
    LM_ERR("%r is no internal flag", name)
    return -1


def _host_of(parsed: Mapping[str, object]) -> tuple[bytes, int]:
    """Host and port of a parsed URI."""
    host, port = parsed["host"], parsed["port_no"]
    return host if isinstance(host, bytes) else b"", port if isinstance(port, int) else 0
