"""The unmodified ``kamcli`` over its socket, against both servers. Over the FIFO, Debian's fails by
itself (it writes ``str`` to a binary file): ``test_rpc.py`` has the FIFO without it."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.runtime.control.masks import mask
from tests.runtime.control.pair import SECONDS, Pair, Side

KAMCLI = shutil.which("kamcli", path="/usr/bin")
CONFIG = """[main]
[db]
[ctl]
type=jsonrpc
kamgroup=
[jsonrpc]
transport=socket
path={run}/kamailio_rpc.fifo
rplnamebase={name}
rpldir=/tmp
srvaddr={run}/kamailio_rpc.sock
rcvaddr={run}/{name}.sock
outformat={format}
"""
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("uptime",),
    ("jsonrpc", "core.echo", "a", "i:5", "s:x"),
    ("jsonrpc", "core.printi", "i:1", "x"),
    ("jsonrpc", "no.such"),
    ("srv", "sockets"),
    ("ul", "show"),
)
MORE: tuple[tuple[str, ...], ...] = (
    ("jsonrpc", "core.prints", "i:1"),
    ("jsonrpc", "pv.shvGet", "num"),
    ("jsonrpc", "pv.shvSet", "num", "int", "i:123"),
    ("jsonrpc", "pv.shvSet", "num"),
    ("jsonrpc", "htable.sets", "a", "k", "v"),
    ("jsonrpc", "htable.dump", "a"),
    ("jsonrpc", "cfg.get", "site", "limit"),
    ("jsonrpc", "cfg.set_now_int", "site", "limit", "i:4"),
    ("jsonrpc", "cfg.set_now_int", "site", "limit", "4"),
    ("jsonrpc", "cfg.list", "tm"),
    ("stats", "script"),
    ("stats", "-s", "errors"),
    ("stats", "site:hits"),
    ("stats", "none"),
    ("srv", "aliases"),
    ("srv", "modules"),
    ("srv", "info"),
    ("srv", "version"),
    ("tcp", "options"),
    ("tcp", "info"),
    ("ul", "show", "alice@example.com"),
    ("ul", "rm", "alice@example.com"),
    ("ul", "add", "alice@example.com", "sip:alice@10.0.0.1"),
    ("ps",),
    ("rpcmethods",),
)
_NAMES = itertools.count()


def kamcli(side: Side, folder: Path, words: tuple[str, ...], form: str) -> str:
    """What it prints, without pids, times and names of its own."""
    assert KAMCLI is not None
    name = f"kamcli-{side.server.port}-{next(_NAMES)}"
    config = folder / "kamcli.ini"
    config.write_text(CONFIG.format(run=side.server.run_dir, name=name, format=form))
    command = [KAMCLI, "--no-default-configs", f"--config={config}", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    text = side.plain(done.stdout + done.stderr)
    return re.sub(r"\b(\d{5,}|kamcli-\S+)", "N", re.sub(r'"id":\s*\d+', '"id": N', text))


def same(pair: Pair, folder: Path, words: tuple[str, ...], form: str) -> None:
    """Both answer alike."""
    method = {"uptime": "core.uptime", "ps": "core.ps", "rpcmethods": "system.listMethods"}
    method |= {"info": "core.info", "version": "core.version"}
    how = mask(method.get(words[-1], words[1] if words[0] == "jsonrpc" else ""))
    theirs, ours = (kamcli(s, folder, words, form) for s in (pair.theirs, pair.ours))
    assert how(ours) == how(theirs), words


@pytest.mark.skipif(KAMCLI is None, reason="kamcli is not installed")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands(pair: Pair, tmp_path: Path, words: tuple[str, ...]) -> None:
    same(pair, tmp_path, words, "json")


@pytest.mark.soak
@pytest.mark.parametrize("form", ["json", "raw", "yaml"])
def test_all_commands(pair: Pair, tmp_path: Path, form: str) -> None:
    for words in (*COMMANDS, *MORE):
        same(pair, tmp_path, words, form)
