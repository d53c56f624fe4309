"""The RPC commands of cfgutils and corex answer as Kamailio 5.6.3's do."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.helpers.servers import need_kamailio

CONFIG = """debug=1
log_stderror=yes
children=1
auto_aliases=no
alias="a.example"
alias=udp:b.example:5070
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "ctl.so"
loadmodule "cfgutils.so"
loadmodule "corex.so"
modparam("ctl", "binrpc", "unixs:FOLDER/ctl.sock")
modparam("cfgutils", "hash_file", "FOLDER/hashed")
modparam("cfgutils", "initial_gflags", 5)
request_route { sl_send_reply("200", "OK"); }
"""
COMMANDS = (
    "cfgutils.get_gflags", "cfgutils.is_gflag 4", "cfgutils.is_gflag 6", "cfgutils.is_gflag",
    "cfgutils.is_gflag x", "cfgutils.set_gflag 2", "cfgutils.get_gflags", "cfgutils.reset_gflag 1",
    "cfgutils.get_gflags", "cfgutils.rand_get_prob", "cfgutils.rand_set_prob 55",
    "cfgutils.rand_get_prob", "cfgutils.rand_set_prob 101", "cfgutils.rand_set_prob -1",
    "cfgutils.rand_set_prob", "cfgutils.rand_reset_prob", "cfgutils.rand_get_prob",
    "cfgutils.get_config_hash", "cfgutils.check_config_hash", "corex.list_sockets",
    "corex.list_aliases", "corex.debug", "corex.debug 2", "corex.debug", "corex.debug x",
    "corex.shm_status", "corex.shm_summary",
)  # fmt: skip


def _answers(program: tuple[str, ...], port: int) -> Sequence[tuple[str, str]]:
    kamcmd = shutil.which("kamcmd") or "/usr/sbin/kamcmd"
    with tempfile.TemporaryDirectory(prefix="rpc-") as name:  # sockets need a short path
        folder = Path(name)
        (folder / "hashed").write_text("content\n", encoding="ascii")
        config = folder / "rpc.cfg"
        config.write_text(CONFIG.replace("FOLDER", name), encoding="ascii")
        server = servers.start(program, config, folder, port)
        try:
            told = []
            for command in COMMANDS:
                done = subprocess.run(
                    [kamcmd, "-s", f"unixs:{name}/ctl.sock", *command.split()],
                    capture_output=True, text=True, timeout=30, check=False,
                )  # fmt: skip
                answer = (done.stdout + done.stderr).replace(str(port), "PORT")
                told.append((command, answer))
        finally:
            server.stop()
    return told


@pytest.mark.oracle
def test_commands_are_kamailio_s() -> None:
    need_kamailio()
    pool = PortPool()
    assert _answers(servers.OURS, pool.take()) == _answers(servers.KAMAILIO, pool.take())
