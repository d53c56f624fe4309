"""Kamailio and our server on the same configuration, and the clients that speak to both."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, Server, ping, start

KAMCMD: Final = "/usr/sbin/kamcmd"
SECONDS: Final = 30.0

MODULES: Final = (
    *("jsonrpcs", "kex", "corex", "tm", "tmx", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar"),
    *("textops", "textopsx", "siputils", "sanity", "ctl", "cfg_rpc", "counters", "statistics"),
    *("htable", "mqueue", "uac", "xhttp", "xlog", "cfgutils", "rtimer"),
)
CONFIG: Final = """debug=0
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
alias="example.com"
alias=udp:sip.example.net:5080
dns=no
rev_dns=no
http_reply_parse=yes
tcp_accept_no_cl=yes
site.limit = 17 desc "a number"
site.title = "lab" desc "a text"
{modules}
modparam("ctl", "binrpc", "unixs:{run}/ctl.stream")
modparam("ctl", "binrpc", "unixd:{run}/ctl.dgram")
modparam("ctl", "binrpc", "tcp:127.0.0.1:{port}")
modparam("ctl", "binrpc", "udp:127.0.0.1:{port}")
modparam("jsonrpcs", "transport", 0)
modparam("counters", "script_counter", "calls number of calls")
modparam("counters", "script_counter", "site.hits hits of the site")
modparam("statistics", "variable", "errors")
modparam("statistics", "variable", "sum/no_reset")
modparam("htable", "htable", "a=>size=4;autoexpire=7200;")
modparam("htable", "htable", "b=>size=3;initval=5;")
modparam("mqueue", "mqueue", "name=first;size=10")
modparam("mqueue", "mqueue", "name=second")
modparam("pv", "shvset", "num=i:5")
modparam("pv", "shvset", "txt=s:hello")
{extra}
request_route {{
  if (is_method("REGISTER")) {{ save("location"); exit; }}
  if ($hdr(X-Do) == "fill") {{
    $sht(a=>alice) = "one"; $sht(a=>bob) = 2;
    mq_add("first", "k1", "v1"); mq_add("first", "k2", "v2");
    cnt_inc("calls"); update_stat("errors", "+3");
  }}
  sl_send_reply("200", "$sel(cfg_get.site.limit) $sel(cfg_get.site.title)");
}}
event_route[xhttp:request] {{
  {http}
  if ($hu =~ "^/RPC") {{ jsonrpc_dispatch(); exit; }}
  xhttp_reply("404", "No", "text/plain", "none");
}}
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two servers and the port of its control sockets."""

    server: Server
    control: int

    def address(self, kind: str) -> str:
        """``-s`` of kamcmd for ``unixs``, ``unixd``, ``tcp`` or ``udp``."""
        if kind in ("tcp", "udp"):
            return f"{kind}:127.0.0.1:{self.control}"
        return f"{kind}:{self.server.run_dir}/ctl.{'stream' if kind == 'unixs' else 'dgram'}"

    def plain(self, text: str) -> str:
        """An answer without what is the server's own: its folder and its ports."""
        text = text.replace(str(self.server.run_dir), "RUN")
        return text.replace(str(self.server.port), "PORT").replace(str(self.control), "CONTROL")

    def kamcmd(self, words: Sequence[str], kind: str = "unixs", text: str = "") -> str:
        """What the program prints for a command; for none, what it prints for ``text``."""
        command = [KAMCMD, "-s", self.address(kind), *words]
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=SECONDS)
        return self.plain((done.stdout + done.stderr).decode("latin-1"))

    def json(self, text: str | bytes, wait: float = SECONDS) -> str:
        """The answer to a JSON-RPC datagram; "" where none comes."""
        data = text if isinstance(text, bytes) else text.encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.bind(str(self.server.run_dir / f"j{next(_NUMBERS)}"))
            end.settimeout(wait)
            end.sendto(data, str(self.server.run_dir / "kamailio_rpc.sock"))
            try:
                return self.plain(end.recv(65536).decode("latin-1"))
            except TimeoutError:
                return ""

    def call(self, method: str, params: object) -> str:
        """A JSON-RPC request of this method."""
        request = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        return self.json(json.dumps(request))

    def http(self, request: bytes, wait: float = SECONDS) -> str:
        """All that comes back over a TCP connection that is closed for writing."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=wait) as end:
            end.sendall(request)
            data = bytearray()
            try:
                while piece := end.recv(65536):
                    data += piece
                    head, blank, body = bytes(data).partition(b"\r\n\r\n")
                    size = [
                        line for line in head.split(b"\r\n") if line[:16] == b"Content-Length: "
                    ]
                    if blank and size and len(body) >= int(size[0][16:]):
                        break
            except TimeoutError:
                pass
        return self.plain(data.decode("latin-1"))


_NUMBERS = itertools.count()


def _level(sides: Sequence[Side]) -> None:
    """The start takes each server some requests: send the other one as many."""
    counts = [int(side.kamcmd(["cnt.get", "core", "rcv_requests"])) for side in sides]
    for side, count in zip(sides, counts, strict=True):
        for number in range(count, max(counts)):
            assert ping(side.server.port, f"level{number}", SECONDS)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both servers."""

    theirs: Side
    ours: Side


@contextmanager
def running(
    folder: Path, modules: Sequence[str] = MODULES, extra: str = "", http: str = ""
) -> Iterator[Pair]:
    """Both servers for as long as the block lasts."""
    pool = PortPool()
    sides: list[Side] = []
    try:
        for name, program in (("theirs", KAMAILIO), ("ours", OURS)):
            place = folder / name
            place.mkdir()
            control = pool.take()
            text = CONFIG.format(
                modules="\n".join(f'loadmodule "{module}.so"' for module in modules),
                run=place / "run",
                port=control,
                extra=extra,
                http=http,
            )
            (place / "control.cfg").write_text(text)
            server = start(program, place / "control.cfg", place, pool.take())
            sides.append(Side(server, control))
        _level(sides)
        yield Pair(*sides)
    finally:
        for side in sides:
            side.server.stop()
