"""Kamailio answering with what it read from a message, and with what it would forward."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runtime.native import maxfwd, net, rr, rr_record, sanity, sipmsg
from tests.helpers.ports import PortPool

CONFIG = """#!KAMAILIO
debug=-3
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{server}
alias=example.com:{server}
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "sanity.so"
request_route {{
  $var(all) = {variables};
  if ($hdr(X-Do) == "rr") {{ record_route(); }}
  if ($hdr(X-Do) == "param") {{
    add_rr_param(";a=b"); record_route(";c=d"); add_rr_param(";e=f");
  }}
  if ($hdr(X-Do) == "preset") {{ record_route_preset("1.2.3.4:5060;nat=yes"); }}
  if ($hdr(X-Do) == "advertised") {{ record_route_advertised_address("1.2.3.4:5060"); }}
  if ($hdr(X-Do) == "loose") {{
    loose_route(); $var(r) = $rc;
    append_hf("X-Ret: $var(r)\\r\\n"); append_hf("X-Du: $du\\r\\n");
    if (is_direction("upstream")) {{ append_hf("X-Up: 1\\r\\n"); }}
  }}
  if ($hdr(X-Do) == "mf") {{ mf_process_maxfwd_header("10"); append_hf("X-Ret: $rc\\r\\n"); }}
  if ($hdr(X-Do) == "reply") {{ sl_send_reply("200", "Fine"); exit; }}
  if ($hdr(X-Do) == "reply4") {{
    append_to_reply("X-A: 1\\r\\n"); sl_send_reply("404", "Nope"); exit;
  }}
  if ($hdr(X-Do) == "user") {{ $rU = "new"; $fU = "neu"; }}
  if ($hdr(X-Do) == "host") {{ $rd = "new.host"; $rp = "99"; $tn = "\\"T\\""; }}
  if ($hdr(X-Do) == "strip") {{ strip(1); prefix("00"); }}
  if ($hdr(X-Do) == "sanity") {{ sanity_check("17895", "15"); append_hf("X-San: ok\\r\\n"); }}
  if ($hdr(X-Do) == "my") {{
    if (uri==myself) {{ append_hf("X-My: 1\\r\\n"); }}
    if (from_uri==myself) {{ append_hf("X-F: 1\\r\\n"); }}
  }}
  if ($hdr(X-Do) != "no") {{ append_hf("X-Pv: {{$var(all)}}\\r\\n"); }}
  forward("127.0.0.1", {sink});
}}
"""

VARIABLES = {
    "rm": "method",
    "ru": "ruri",
    "rU": "ruri_user",
    "rd": "ruri_domain",
    "rp": "ruri_port",
    "rP": "ruri_proto",
    "fu": "from_uri",
    "fU": "from_user",
    "fd": "from_domain",
    "fn": "from_name",
    "ft": "from_tag",
    "tu": "to_uri",
    "tU": "to_user",
    "td": "to_domain",
    "tn": "to_name",
    "tt": "to_tag",
    "ci": "call_id",
    "cs": "cseq",
    "ct": "contact",
    "ua": "user_agent",
    "cT": "content_type",
    "au": "auth_user",
    "ar": "auth_realm",
    "adu": "auth_uri",
    "ml": "msg_len",
    "su": "src_uri",
}

MARK = (
    b"OPTIONS sip:mark@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKp\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: MARK%d\r\nCSeq: 1 OPTIONS\r\n"
    b"X-Do: no\r\n\r\n"
)


class Oracle:
    """A running Kamailio and the two sockets around it."""

    def __init__(self, server: int, phone: socket.socket, sink: socket.socket) -> None:
        self.server = server
        self._phone = phone
        self._sink = sink
        self._marks = 0

    def put(self, data: bytes, wait: float = 5.0) -> bytes | None:
        """What it sends for this message, None for nothing. TimeoutError: it does not answer."""
        self._marks += 1
        mark = MARK % self._marks
        self._phone.sendto(data, ("127.0.0.1", self.server))
        self._phone.sendto(mark, ("127.0.0.1", self.server))
        got = None
        self._sink.settimeout(wait)
        while b"MARK%d\r\n" % self._marks not in (packet := self._sink.recv(65536)):
            if b"MARK" not in packet:
                got = packet
        with suppress(BlockingIOError):
            while True:
                got = self._phone.recv(65536, socket.MSG_DONTWAIT)
        return None if got is None else _normal(got, self.server)

    def ours(self, data: bytes) -> bytes | None:
        """What our native code makes of it, as its configuration does."""
        port = self._phone.getsockname()[1]
        msg = sipmsg.parse(data, src=(b"127.0.0.1", port), dst=(b"127.0.0.1", self.server))
        if msg is None or not msg.is_request:
            return None
        texts = [getattr(msg, name) for name in VARIABLES.values()]
        out = _act(msg, b"|".join(_text(value) for value in texts), self._sink.getsockname()[1])
        if out is not None and out.startswith(b"SIP/2.0 "):
            return out if sipmsg.reply_destination(msg) == (b"127.0.0.1", port) else None
        return out


def _text(value: bytes | int | None) -> bytes:
    return b"" if value is None else b"%d" % value if isinstance(value, int) else value


def _normal(packet: bytes, port: int) -> bytes:
    own = rb"^(Via: SIP/2.0/UDP 127.0.0.1:%d;branch=)[^\r]*" % port
    packet = re.sub(own, rb"\1BRANCH", packet, count=1, flags=re.M)
    return re.sub(rb"(;tag=)[0-9a-f]{32}\.[0-9a-zA-Z]+", rb"\1TAG", packet)


def _reply(msg: sipmsg.SipMsg, code: int, reason: bytes) -> bytes | None:
    return sipmsg.build_reply(msg, code, reason, b"" if msg.to_tag else b"TAG")


def _act(msg: sipmsg.SipMsg, variables: bytes, sink: int) -> bytes | None:
    """The route of CONFIG."""
    do = msg.hdr(b"X-Do")
    if do == b"rr":
        rr_record.add_record_route(msg, b"", True, rr.upstream(msg), b"", True)
    elif do == b"param":
        rr_record.add_param(msg, b";a=b")
        rr_record.add_record_route(msg, b"", True, rr.upstream(msg), b";c=d", True)
        rr_record.add_param(msg, b";e=f")
    elif do == b"preset":
        rr_record.add_preset(msg, b"", True, [b"1.2.3.4:5060;nat=yes"])
    elif do == b"advertised":
        rr_record.add_advertised(msg, b"", True, rr.upstream(msg), b"1.2.3.4:5060")
    elif do == b"loose":
        msg.append_hf(b"X-Ret: %d\r\n" % rr.follow(msg)[0])
        msg.append_hf(b"X-Du: %s\r\n" % (msg.dst_uri or b"<null>"))
        if rr.upstream(msg):
            msg.append_hf(b"X-Up: 1\r\n")
    elif do == b"mf":
        msg.append_hf(b"X-Ret: %d\r\n" % maxfwd.process(msg, 10, 70))
    elif do == b"reply":
        return _reply(msg, 200, b"Fine")
    elif do == b"reply4":
        msg.append_to_reply(b"X-A: 1\r\n")
        return _reply(msg, 404, b"Nope")
    elif do == b"user":
        msg.ruri_user = b"new"
        msg.from_user = b"neu"
    elif do == b"host":
        msg.ruri_domain = b"new.host"
        msg.ruri_port = b"99"
        msg.to_name = b'"T"'
    elif do == b"strip":
        msg.strip(1)
        msg.prefix(b"00")
    elif do == b"sanity":
        failed = sanity.check(msg, 17895, 15, b"")
        if failed is not None:
            return _reply(msg, *failed) if failed[0] else None
        msg.append_hf(b"X-San: ok\r\n")
    elif do == b"my":
        if msg.is_myself_uri():
            msg.append_hf(b"X-My: 1\r\n")
        if msg.from_is_myself():
            msg.append_hf(b"X-F: 1\r\n")
    if do != b"no":
        msg.append_hf(b"X-Pv: {%s}\r\n" % variables)
    if msg.from_uri is None:  # forward() needs it for its branch
        return None
    return sipmsg.build_request(msg, (b"127.0.0.1", sink), branch=b"BRANCH")


@contextmanager
def running(directory: Path) -> Iterator[Oracle]:
    """Kamailio on free ports, and our socket table set to its listen socket."""
    server = PortPool().take()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink,
    ):
        phone.bind(("127.0.0.1", 0))
        sink.bind(("127.0.0.1", 0))
        sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        text = CONFIG.format(
            server=server,
            sink=sink.getsockname()[1],
            variables=' + "|" + '.join(f"${name}" for name in VARIABLES),
        )
        cfg = directory / "sip.cfg"
        cfg.write_text(text)
        command = ["kamailio", "-f", str(cfg), "-DD", "-E", "-m", "64"]
        command += ["-Y", str(directory), "-P", str(directory / "pid")]
        with open(directory / "log", "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield _ready(Oracle(server, phone, sink), process, directory / "log")
        finally:
            process.terminate()
            process.wait(20)


def _ready(oracle: Oracle, process: subprocess.Popen[bytes], log: Path) -> Oracle:
    net.reset()
    net.add_socket(1, b"127.0.0.1", oracle.server)
    net.add_alias(b"example.com", oracle.server)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(TimeoutError):
            oracle.put(b"x", wait=0.1)
            return oracle
    raise AssertionError(f"kamailio did not start\n{log.read_text(errors='replace')[-3000:]}")
