"""The RPC commands of the core (``core_cmd.c``, ``rpc_lookup.c``)."""

from __future__ import annotations

import os
import platform
import signal
import socket
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from runtime.native import net, proc, shm, tcpconn
from runtime.server.rpc import RpcContext, number_of, text_of

if TYPE_CHECKING:
    from runtime.server.server import Server

_SHIFT: Final = {"b": 0, "k": 10, "m": 20, "g": 30}
_TCP_STATES: Final = {1: "CONN_CONNECTING", 2: "CONN_OK"}
_TCP_OPTIONS: Final = (
    ("connect_timeout", "connect_timeout"),
    ("send_timeout", "send_timeout"),
    ("connection_lifetime", "connection_lifetime"),
    ("max_connections(soft)", "max_connections"),
    ("max_tls_connections(soft)", "max_tls_connections"),
    ("no_connect", "no_connect"),
    ("fd_cache", "fd_cache"),
    ("async", "async"),
    ("connect_wait", "connect_wait"),
    ("conn_wq_max", "conn_wq_max"),
    ("wq_max", "wq_max"),
    ("defer_accept", "defer_accept"),
    ("delayed_ack", "delayed_ack"),
    ("syncnt", "syncnt"),
    ("linger2", "linger2"),
    ("keepalive", "keepalive"),
    ("keepidle", "keepidle"),
    ("keepintvl", "keepintvl"),
    ("keepcnt", "keepcnt"),
    ("crlf_ping", "crlf_ping"),
    ("accept_aliases", "accept_aliases"),
    ("alias_flags", "alias_flags"),
    ("new_conn_alias_flags", "new_conn_alias_flags"),
)


def version() -> str:
    """The distribution's version; ``0`` where it runs from a tree that is not installed."""
    try:
        return metadata.version("kcc-sip")
    except metadata.PackageNotFoundError:
        return "0"


def _default_ttl() -> int:
    """That of a socket that nobody has changed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return probe.getsockopt(socket.IPPROTO_IP, socket.IP_TTL)


def internals() -> str:
    """What ``-I`` prints."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"version: kcc {version()} ({platform.machine()}/{platform.system().lower()})\n"
        f"interpreter: {python}\n"
        f"modules: {Path(__file__).parents[1] / 'modules'}\n"
        "shared memory: 64 MB, private memory: 8 MB a process (-m and -M change them)"
    )


class CoreRpc:
    """``core.*`` and ``system.*``."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def register(self) -> None:
        """Enter all commands."""
        rpc = self._server.rpc
        for name, function, doc, array in (
            ("system.listMethods", self.list_methods, "Lists all RPC methods.", True),
            ("system.methodHelp", self.method_help, "Prints the help of a method.", False),
            ("system.methodSignature", self.method_signature, "Not implemented.", False),
            ("core.version", self.version, "Returns the version string.", False),
            ("core.flags", self.flags, "Returns how the server was built.", False),
            ("core.info", self.info, "Verbose information about the server.", False),
            ("core.runinfo", self.runinfo, "Information about this run.", False),
            ("core.uptime", self.uptime, "Returns the uptime of the server.", False),
            ("core.ps", self.ps, "Returns the description of running processes.", True),
            ("core.psx", self.psx, "Detailed description of running processes.", True),
            ("core.psa", self.psa, "All the attributes of running processes.", True),
            ("core.pwd", self.pwd, "Returns the working directory.", True),
            ("core.arg", self.arg, "Returns the command line.", True),
            ("core.kill", self.kill, "Sends a signal to the server.", False),
            ("core.shmmem", self.shmmem, "Shared memory; unit b, k, m or g.", False),
            ("core.printi", self.printi, "Returns the numbers given.", True),
            ("core.prints", self.prints, "Returns the strings given.", True),
            ("core.echo", self.echo, "Returns the parameters.", True),
            ("core.tcp_info", self.tcp_info, "Information about TCP.", False),
            ("core.tcp_options", self.tcp_options, "TCP options in use.", False),
            ("core.tcp_list", self.tcp_list, "TCP connections.", True),
            ("core.udp4_raw_info", self.udp4_raw_info, "Raw UDP sockets.", False),
            ("core.sockets_list", self.sockets_list, "Listen sockets.", False),
            ("core.aliases_list", self.aliases_list, "Names of this server.", False),
            ("core.ppdefines", self.ppdefines, "Names that the preprocessor knows.", True),
            ("core.ppdefines_full", self.ppdefines_full, "The same with values.", True),
            ("core.modules", self.modules, "Loaded modules, the last first.", True),
        ):
            rpc.register(name, function, doc, returns_array=array)

    def list_methods(self, ctx: RpcContext) -> None:
        """All names."""
        ctx.add(*self._server.rpc.names())

    def method_help(self, ctx: RpcContext) -> None:
        """The text about one method."""
        name = ctx.scan("s")
        if not name:
            ctx.fault(400, "Method Name Expected")
        entry = self._server.rpc.get(text_of(name[0]))
        if entry is None:
            ctx.fault(400, "command not found")
        ctx.add(entry.doc or "undocumented")

    def method_signature(self, ctx: RpcContext) -> None:
        """As in Kamailio, there are none."""
        ctx.fault(500, "Not Implemented Yet")

    def _version(self) -> str:
        return f"kcc {version()} ({platform.machine()}/{platform.system().lower()})"

    def version(self, ctx: RpcContext) -> None:
        """Name, version and machine."""
        ctx.add(self._version())

    def flags(self, ctx: RpcContext) -> None:
        """The interpreter that runs this."""
        ctx.add(f"{platform.python_implementation()} {platform.python_version()}")

    def info(self, ctx: RpcContext) -> None:
        """Version and build."""
        info = ctx.add_struct()
        info.add("version", f"kcc {version()}")
        info.add("id", self._server.config.digest)
        info.add("compiler", platform.python_compiler())
        info.add("compiled", "")
        info.add("flags", f"{platform.python_implementation()} {platform.python_version()}")

    def _now(self) -> tuple[str, str, int]:
        now, start = time.time(), self._server.started
        return time.ctime(now), time.ctime(start), int(now - start)

    def uptime(self, ctx: RpcContext) -> None:
        """Now, since when, for how many seconds."""
        now, start, seconds = self._now()
        uptime = ctx.add_struct()
        uptime.add("now", now)
        uptime.add("up_since", start)
        uptime.add("uptime", seconds)

    def runinfo(self, ctx: RpcContext) -> None:
        """Name, version and times."""
        now, start, seconds = self._now()
        info = ctx.add_struct()
        info.add("name", "kcc")
        info.add("version", version())
        info.add("sourceid", self._server.config.digest)
        info.add("compiler", platform.python_compiler())
        info.add("compiled", "")
        info.add("time_now", now)
        info.add("time_started", start)
        info.add("uptime_secs", seconds)
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        info.add("utime_days", f"{days}d {hours}h {minutes}m {rest}s")

    def ps(self, ctx: RpcContext) -> None:
        """pid and description, alternating."""
        for row in proc.table():
            ctx.add(row.pid, row.desc)

    def psx(self, ctx: RpcContext) -> None:
        """A structure for each process."""
        for row in proc.table():
            struct = ctx.add_struct()
            struct.add("IDX", row.slot)
            struct.add("PID", row.pid)
            struct.add("DSC", row.desc)

    def psa(self, ctx: RpcContext) -> None:
        """A structure with all attributes for each process."""
        for row in proc.table():
            struct = ctx.add_struct()
            struct.add("index", row.slot)
            struct.add("pid", row.pid)
            struct.add("status", int(row.alive))
            struct.add("rank", row.rank)
            struct.add("description", row.desc)

    def pwd(self, ctx: RpcContext) -> None:
        """The working directory."""
        ctx.add(os.getcwd())

    def arg(self, ctx: RpcContext) -> None:
        """The command line."""
        ctx.add(*sys.argv)

    def kill(self, ctx: RpcContext) -> None:
        """Send a signal to the main process: it ends for 15 (TERM) and 2, as Kamailio does."""
        number = ctx.scan("d")
        try:
            wanted = signal.Signals(number_of(number[0]) if number else 15)
        except ValueError:  # kill() fails, and nobody looks
            return
        main = proc.table()[0].pid
        ctx.after.append(lambda: os.kill(main, wanted))

    def shmmem(self, ctx: RpcContext) -> None:
        """Sizes of shared memory."""
        given = ctx.scan("*s")
        unit = text_of(given[0]).lower() if given else "b"
        shift = _SHIFT.get(unit[:1])
        if shift is None or unit[1:] not in ("", "b"):
            ctx.fault(500, "bad param, (use b|k|m|g)")
        status = shm.status()
        struct = ctx.add_struct()
        for name in ("total", "free", "used", "real_used", "max_used"):
            struct.add(name, getattr(status, name) >> shift)
        struct.add("fragments", status.fragments)

    def printi(self, ctx: RpcContext) -> None:
        """Numbers, up to an argument that is none."""
        ctx.add(*ctx.rest("d"))

    def prints(self, ctx: RpcContext) -> None:
        """Texts, up to an argument that is none."""
        ctx.add(*ctx.rest("s"))

    def echo(self, ctx: RpcContext) -> None:
        """Each argument, as text whatever it came as."""
        ctx.add(*ctx.rest(".s"))

    def _need_tcp(self, ctx: RpcContext) -> None:
        if self._server.core.number("disable_tcp"):
            ctx.fault(500, "tcp support disabled")

    def tcp_info(self, ctx: RpcContext) -> None:
        """Numbers of readers and connections."""
        self._need_tcp(ctx)
        core = self._server.core
        struct = ctx.add_struct()
        struct.add("readers", core.number("tcp_children", core.number("children", 8)))
        struct.add("max_connections", core.number("tcp_max_connections", 2048))
        struct.add("max_tls_connections", core.number("tls_max_connections", 2048))
        struct.add("opened_connections", tcpconn.count())
        struct.add("opened_tls_connections", 0)
        struct.add("write_queued_bytes", tcpconn.queued())

    def tcp_options(self, ctx: RpcContext) -> None:
        """The ``tcp`` group of run-time variables under the names of this command."""
        self._need_tcp(ctx)
        cfg = self._server.cfg
        struct = ctx.add_struct()
        for shown, name in _TCP_OPTIONS:
            if cfg.find("tcp", name) is not None:
                struct.add(shown, cfg.get("tcp", name))

    def tcp_list(self, ctx: RpcContext) -> None:
        """A structure for each connection."""
        self._need_tcp(ctx)
        for row in tcpconn.connections():
            number, proto, state, _, peer, peer_port, local, local_port, _, timeout, _ = row
            struct = ctx.add_struct()
            struct.add("id", number)
            struct.add("type", net.proto_text(proto).decode().upper())
            struct.add("state", _TCP_STATES.get(state, "UNKNOWN"))
            struct.add("timeout", int(timeout))
            struct.add("lifetime", self._server.core.number("tcp_connection_lifetime", 120))
            struct.add("ref_count", 1)
            struct.add("src_ip", peer)
            struct.add("src_port", peer_port)
            struct.add("dst_ip", local)
            struct.add("dst_port", local_port)

    def udp4_raw_info(self, ctx: RpcContext) -> None:
        """Raw sockets are not used."""
        struct = ctx.add_struct()
        struct.add("udp4_raw", 0)
        struct.add("udp4_raw_mtu", self._server.core.number("udp4_raw_mtu", 1500))
        ttl = self._server.core.number("udp4_raw_ttl", -1)
        struct.add("udp4_raw_ttl", ttl if ttl >= 0 else _default_ttl())

    def sockets_list(self, ctx: RpcContext) -> None:
        """Every listen socket."""
        array = ctx.add_array()
        for _, proto, address, port, name, _, _, _ in net.socket_list():
            struct = array.add_struct("socket")
            struct.add("proto", net.proto_text(proto))
            struct.add("address", name)
            if name != address or not self._server.core.number("auto_aliases", 1):
                struct.add("ipaddress", address)
            struct.add("port", str(port))
            struct.add("mcast", "no")
            struct.add("mhomed", "no")
            struct.add("virtual", "no")

    def aliases_list(self, ctx: RpcContext) -> None:
        """Every other name of this server."""
        struct = ctx.add_struct()
        struct.add("myself_callbacks", "no")
        aliases = struct.add_array("aliases")
        for host, port, proto in reversed(net.alias_list()):
            alias = aliases.add_struct("alias")
            alias.add("proto", net.proto_text(proto) if proto else "*")
            alias.add("address", host)
            alias.add("port", port if port else "*")

    def _defines(self) -> list[str]:
        names = ["KAMAILIO_5", "KAMAILIO_5_6", "KAMAILIO_5_6_3"]
        return names + [f"MOD_{name}" for name in self._server.modules if name != "core"]

    def ppdefines(self, ctx: RpcContext) -> None:
        """Names that are always there, and those of the loaded modules."""
        ctx.add(*self._defines())

    def ppdefines_full(self, ctx: RpcContext) -> None:
        """The same as structures."""
        for name in self._defines():
            struct = ctx.add_struct()
            struct.add("name", name)
            struct.add("type", 0)
            struct.add("value", "none")

    def modules(self, ctx: RpcContext) -> None:
        """Loaded modules, the last one first."""
        ctx.add(*(name for name in reversed(self._server.modules) if name != "core"))
