"""The core's own functions and variables (``action.c``, ``pv_core.c``): no module to load."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runtime.modules.core import sip_params
from runtime.modules.core.exports import EXPORTS
from runtime.modules.core.selects import Selects
from runtime.native import forward, net
from runtime.script.values import ShownInt, str_to_int
from runtime.server.log import L_INFO, LM_ERR, LM_GEN
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

UDP, TCP = 1, 2


class Module(BaseModule):
    """Most of what the core does to a message is a method or an attribute of ``SipMsg``."""

    EXPORTS = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._defines = dict(server.config.defines)
        self.selects = Selects(server)

    def mod_init(self) -> None:
        """Hand the core parameters to the native code."""
        sip_params.apply(self.server.core)

    # sending

    def forward(self, msg: SipMsg, host: bytes | None = None, port: int | None = None) -> int:
        """Send the request on, without a transaction, to host:port or where its URIs say."""
        return self._forward(msg, host or b"", port or 0, 0)

    def forward_udp(self, msg: SipMsg, host: bytes, port: int | None = None) -> int:
        """forward() by UDP."""
        return self._forward(msg, host, port or 0, UDP)

    def forward_tcp(self, msg: SipMsg, host: bytes, port: int | None = None) -> int:
        """forward() by TCP."""
        return self._forward(msg, host, port or 0, TCP)

    def _forward(self, msg: SipMsg, host: bytes, port: int, proto: int) -> int:
        done = forward.forward(msg, host, port, proto)
        if done < 0:
            LM_ERR("forward: cannot send to %s", (host or msg.dst_uri or msg.ruri or b"?").decode())
        return done

    def force_send_socket(self, msg: SipMsg, socket: bytes) -> int:
        """Send from this listen socket, ``udp:10.0.0.1:5060``."""
        done = msg.force_send_socket(socket)
        if done < 0:
            LM_ERR("force_send_socket: not listening on %s", socket.decode("utf-8", "replace"))
        return done

    def set_advertised_address(self, msg: SipMsg, address: bytes) -> int:
        """Address in Via and Record-Route of what is sent for this message."""
        return msg.set_advertised_address(address)

    def set_advertised_port(self, msg: SipMsg, port: int) -> int:
        """Port in Via and Record-Route of what is sent for this message."""
        return msg.set_advertised_port(b"%d" % port)

    def add_local_rport(self, msg: SipMsg) -> int:
        """Put ``;rport`` into our Via."""
        return msg.add_local_rport()

    def force_rport(self, msg: SipMsg) -> int:
        """Answer to the source port, as if the Via had ``;rport``."""
        return msg.force_rport()

    def udp_mtu_try_proto(self, msg: SipMsg, proto: bytes) -> int:
        """``TCP`` or ``TLS``: how to send this request where it is longer than ``udp_mtu``."""
        return msg.udp_mtu_try_proto(net.proto_number(proto))

    def force_tcp_alias(self, msg: SipMsg, port: int | None = None) -> int:
        """Use the connection that this came by for requests to its peer's ``port`` or Via port."""
        done = forward.tcp_alias(msg, port or 0)
        if done < 0:
            LM_ERR("force_tcp_alias: no such connection, or too many aliases")
        return done

    # r-URI and branches

    def rewriteuri(self, msg: SipMsg, uri: bytes) -> int:
        """Replace the r-URI."""
        return msg.rewrite_uri(uri)

    def rewritehost(self, msg: SipMsg, host: bytes) -> int:
        """Replace its host; port and parameters stay."""
        return msg.rewrite_host(host)

    def rewritehostport(self, msg: SipMsg, hostport: bytes) -> int:
        """Replace its host and port."""
        return msg.rewrite_hostport(hostport)

    def rewritehostporttrans(self, msg: SipMsg, hostporttrans: bytes) -> int:
        """Replace its host, port and transport."""
        return msg.rewrite_hostporttrans(hostporttrans)

    def rewriteport(self, msg: SipMsg, port: bytes) -> int:
        """Replace its port; empty removes it."""
        return msg.rewrite_port(port)

    def rewriteuser(self, msg: SipMsg, user: bytes) -> int:
        """Replace its user."""
        return msg.rewrite_user(user)

    def rewriteuserpass(self, msg: SipMsg, userpass: bytes) -> int:
        """Replace its user and password."""
        return msg.rewrite_userpass(userpass)

    def prefix(self, msg: SipMsg, prefix: bytes) -> int:
        """Put text before its user."""
        return msg.prefix(prefix)

    def strip(self, msg: SipMsg, number: int) -> int:
        """Cut characters off the start of its user."""
        return msg.strip(number)

    def strip_tail(self, msg: SipMsg, number: int) -> int:
        """Cut characters off the end of its user."""
        return msg.strip_tail(number)

    def userphone(self, msg: SipMsg) -> int:
        """Add ``;user=phone``."""
        return msg.userphone()

    def revert_uri(self, msg: SipMsg) -> int:
        """Go back to the r-URI as received."""
        return msg.revert_uri()

    def remove_branch(self, msg: SipMsg, branch: int | None = None) -> int:
        """Drop one branch, or the last; negative counts from the end."""
        return msg.drop_branch(-1 if branch is None else branch)

    def clear_branches(self, msg: SipMsg) -> int:
        """Drop all branches but the r-URI's own."""
        return msg.clear_branches()

    # flags

    def setflag(self, msg: SipMsg, flag: int) -> int:
        """Set a message flag."""
        return msg.setflag(flag)

    def resetflag(self, msg: SipMsg, flag: int) -> int:
        """Reset a message flag."""
        return msg.resetflag(flag)

    def isflagset(self, msg: SipMsg, flag: int) -> int:
        """Is a message flag set?"""
        return msg.isflagset(flag)

    # logging

    def log(self, msg: SipMsg, text: bytes) -> int:
        """Log at level INFO."""
        return self.log_2(msg, L_INFO, text)

    def log_2(self, msg: SipMsg, level: int, text: bytes) -> int:
        """Log at a level."""
        LM_GEN(level, "%s", text.decode("utf-8", "backslashreplace"))
        return 1

    # variables

    def pv_env(self, msg: SipMsg, name: bytes) -> bytes | None:
        """An environment variable."""
        return os.environb.get(name)

    def pv_envn(self, msg: SipMsg, name: bytes) -> int | None:
        """An environment variable that is a number."""
        value = os.environb.get(name)
        return None if value is None else ShownInt(str_to_int(value), value)

    def pv_def(self, msg: SipMsg, name: bytes) -> bytes | None:
        """The text of a macro."""
        return self._defines.get(name)

    def pv_defn(self, msg: SipMsg, name: bytes) -> int:
        """A macro as a number, which shows as the text of it."""
        text = self._defines.get(name)
        return 0 if text is None else ShownInt(str_to_int(text), text)

    def pv_select(self, msg: SipMsg, text: bytes) -> bytes | None:
        """A select, ``from.uri.user``."""
        return self.selects.evaluate(msg, text)

    def pv_null(self, msg: SipMsg) -> None:
        """``$null``"""

    def find_socket(self, text: bytes) -> int:
        """Index of a listen socket by its ``name="..."`` or address, -1."""
        index = net.find_socket_by_name(text)
        return index if index >= 0 else net.find_socket(text)
