"""Core parameters that the native SIP code needs, handed over before the fork."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.native import build, dset, msg, net, uri, via_text
from runtime.server.errors import StartError

if TYPE_CHECKING:
    from runtime.server.core_params import CoreParams

SERVER = b"Server: kamailio (5.6.3 (x86_64/linux))"
USER_AGENT = b"User-Agent: kamailio (5.6.3 (x86_64/linux))"


def apply(core: CoreParams) -> None:
    """Set what parsing and building depend on. Raises StartError for a value out of range."""
    server = core.text("server_header") if core.given("server_header") else SERVER
    agent = core.text("user_agent_header") if core.given("user_agent_header") else USER_AGENT
    if not core.number("server_signature", 1):
        server = agent = b""
    build.set_server_headers(server, agent)
    build.set_rport(bool(core.number("local_rport")), bool(core.number("force_rport")))
    via_text.set_server_id(core.number("server_id"))
    build.set_sip_warning(bool(core.number("sip_warning")))
    uri.set_phone2tel(bool(core.number("phone2tel", 1)))
    uri.set_host_extra_chars(core.text("uri_host_extra_chars"))
    msg.set_hname_extra_chars(core.text("hdr_name_extra_chars"))
    port = core.number("advertised_port")
    msg.set_advertised(core.text("advertised_address"), b"%d" % port if port else b"")
    build.set_udp_mtu(core.number("udp_mtu"), _proto(core, "udp_mtu_try_proto"))
    net.set_mhomed(bool(core.number("mhomed")))
    try:
        dset.set_max_branches(core.number("max_branches", 12))
    except ValueError as error:
        raise StartError(str(error), core.place("max_branches")) from None


def _proto(core: CoreParams, name: str) -> int:
    """A protocol by number or name; 0 where it is not given."""
    value = core.get(name)
    if isinstance(value, bytes):
        try:
            return net.proto_number(value)
        except ValueError as error:
            raise StartError(str(error), core.place(name)) from None
    return value or 0
