"""The same command lines for Kamailio and for us: both serve, both end well, or both refuse."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, kamailio_installed, ping

CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
listen=udp:127.0.0.1:PORT
children=1
#!ifndef TCP
disable_tcp=yes
#!endif
loadmodule "sl.so"
#!ifdef BADMOD
loadmodule "nosuch.so"
#!endif
#!ifdef BADP
modparam("sl","nope",1)
#!endif
#!ifdef SYNTAX
foo bar
#!endif
request_route { sl_send_reply("200","OK"); }
"""
LINES = r"""
-h
--help
-v
-V
--version
-I
-f own.cfg --cfg-print
-f own.cfg -c
-f own.cfg -c -E
-f own.cfg -c -A SYNTAX
-f own.cfg -c -A BADMOD
-f own.cfg -c -A BADP
-f /nonexistent
-f own.cfg -A
-q
--nosuch
start
stop
-m
-f
RUN
RUN -A BADMOD
RUN -A '1X'
RUN -A 'A B'
RUN -A '=x'
RUN -A ''
RUN -A X=1 -A X=2
RUN -A X=1 --substdef='!X!y!'
RUN -m x
RUN -m 0
RUN -m 32
RUN -m -1
RUN -m 6_4
RUN -M x
RUN -M 0
RUN -n x
RUN -n 0
RUN -n -3
RUN -n 2
RUN -N x
RUN -N 2
RUN -b x
RUN -b 0
RUN -b ' 5'
RUN -b '5 '
RUN -l nonsense.invalid
RUN -l 203.0.113.5
RUN -l xyz:127.0.0.1
RUN -l xyz:127.0.0.1:99
RUN -l lo:PORT2
RUN -l '(127.0.0.1,127.0.0.2):PORT2'
RUN -l udp:127.0.0.1:PORT2/1.2.3.4:5060
RUN -l tcp:127.0.0.1:PORT2
RUN -A TCP -l tcp:127.0.0.1:PORT2
RUN -T -A TCP
RUN --alias=tcp:foo.org:5061
RUN --alias=foo.org
RUN --alias=
RUN -P /nonexistent/pid
RUN -P DIR/new.pid
RUN -P DIR/stale.pid
RUN -P DIR/garbage.pid
RUN -P DIR/empty.pid
RUN -P DIR/live.pid
RUN -P DIR
RUN -G /nonexistent/pid
RUN -Y /nonexistent/run
RUN -Y DIR/new
RUN -w /nonexistent
RUN -w DIR
RUN -t /nonexistent
RUN -u nosuchuser
RUN -g nosuchgroup
RUN -u 12345
RUN -x bad
RUN -x fm
RUN -x qm
RUN -x tlsf
RUN -X bad
RUN -X fm
RUN -W bad
RUN -W select
RUN -W epoll_et
RUN -a bad
RUN -a YES
RUN -a yes
RUN -a off
RUN --modparam=corex
RUN --modparam=corex:alias_subdomains:x:foo
RUN --modparam=nosuch:a:s:b
RUN --loadmodule=corex --modparam=corex:alias_subdomains:s:foo.org
RUN --loadmodule=corex --modparam=corex:nope:s:b
RUN --loadmodule=corex --modparam='corex|nosuch:alias_subdomains:s:foo.org'
RUN --loadmodule=nosuch
RUN --loadmodule=pv.so
RUN --loadmodule=pv
RUN --loadmodule=
RUN --loadmodule=sl
RUN --log-engine=nosuch
RUN --log-engine=json:a
RUN --log-engine
RUN --debug=x
RUN --debug=3
RUN --debug=-9
RUN --debug -1
RUN --atexit=bad
RUN --atexit=no
RUN --server-id=x
RUN --server-id=-1
RUN --substdef=bad
RUN --substdef='!X!y!g'
RUN --subst=bad
RUN --subst='/OK/Fine/'
RUN --substdefs='!X!y!'
RUN -O 5
RUN -O x
RUN -K -r -R -T -S
RUN -e
RUN -d -d -d
-f own.cfg -DDEY run
""".strip().splitlines()


def outcome(program: Sequence[str], line: str, folder: Path) -> str:
    """``serves``, ``ends`` (well) or ``refuses``."""
    ports = PortPool()
    port = ports.take()
    folder.mkdir()
    (folder / "run").mkdir()
    (folder / "own.cfg").write_text(CONFIG.replace("PORT", str(port)))
    for name, text in (("stale", "4194303\n"), ("garbage", "x"), ("empty", ""), ("live", "1\n")):
        (folder / f"{name}.pid").write_text(text)
    line = line.replace("RUN", f"-f own.cfg -DD -E -Y {folder}/run").replace("DIR", str(folder))
    words = shlex.split(line.replace("PORT2", str(ports.take())))
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [*program, *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            if ping(port, "boot", timeout=0.2):
                return "serves"
        if process.returncode is None:
            return "hangs"
        return "ends" if process.returncode == 0 else "refuses"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # Kamailio at times
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not kamailio_installed(), reason="Kamailio is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change user and root directory")
def test_both_take_or_refuse_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    monkeypatch.setenv("PATH", os.environ["PATH"] + ":/usr/sbin")
    differences = []
    for number, line in enumerate(LINES):
        theirs = outcome(KAMAILIO, line, tmp_path / f"{number}k")
        ours = outcome(OURS, line, tmp_path / f"{number}o")
        if theirs != ours:
            log = (tmp_path / f"{number}o" / "log").read_text(errors="replace")[-300:]
            differences.append(f"{line}: Kamailio {theirs}, ours {ours}: {log}")
    print(f"{len(LINES)} command lines, {len(differences)} differences")
    assert not differences, "\n".join(differences)
