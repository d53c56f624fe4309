"""The regex module: its file, reloading it in all processes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kcc.testing.servers import request, serving
from runtime.modules.regex.groups import GroupsError, read_groups
from runtime.native import pcre
from tests.helpers import servers
from tests.helpers.ports import PortPool

CONFIG = """#!KAMAILIO
children=2
tcp_children=1
auto_aliases=no
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "jsonrpcs.so"
loadmodule "regex.so"
modparam("jsonrpcs", "transport", 4)
{file}
request_route {{
  if ($fU == "ping") {{ sl_send_reply("200", "OK"); exit; }}
  if (pcre_match_group("$rU", "1")) {{ sl_send_reply("200", "yes"); exit; }}
  sl_send_reply("404", "$rc");
}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "groups"
    path.write_text(text)
    return path


def config(folder: Path, file: Path | None) -> Path:
    line = "" if file is None else f'modparam("regex", "file", "{file}")'
    path = folder / "regex.cfg"
    path.write_text(CONFIG.format(file=line))
    return path


def answer(server: servers.Server, user: str) -> str:
    return server.ask(request("OPTIONS", f"sip:{user}@h")).split(b"\r\n")[0].decode()[8:]


def test_groups_are_read_again_for_all_processes(tmp_path: Path) -> None:
    file = written(tmp_path, "[0]\nx\n[1]\n^a\n")
    with serving(config(tmp_path, file), tmp_path / "run") as server:
        assert {answer(server, "abc") for _ in range(6)} == {"200 yes"}
        assert answer(server, "bcd") == "404 -1"
        written(tmp_path, "[0]\nx\n[1]\n(b\n")
        failed = json.loads(server.rpc("regex.reload"))
        assert failed["error"]["message"] == "Failed to reload"
        assert answer(server, "abc") == "200 yes"
        written(tmp_path, "[0]\nx\n[1]\n^b\n")
        assert "result" in json.loads(server.rpc("regex.reload"))
        assert {answer(server, "bcd") for _ in range(6)} == {"200 yes"}
        assert {answer(server, "abc") for _ in range(6)} == {"404 -1"}
        written(tmp_path, "[0]\nx\n")
        server.rpc("regex.reload")
        assert answer(server, "bcd") == "404 -4"


def test_without_a_file_there_are_no_groups(tmp_path: Path) -> None:
    with serving(config(tmp_path, None), tmp_path / "run") as server:
        assert answer(server, "abc") == "404 -2"
        failed = json.loads(server.rpc("regex.reload"))
        assert failed["error"]["message"] == "Group matching not enabled"


def test_a_pattern_that_is_none_refuses_the_start(tmp_path: Path) -> None:
    path = config(tmp_path, written(tmp_path, "[0]\n(a\n"))
    with pytest.raises(servers.ServerFailed, match=r"regex: pcre compilation of b'\(\(\(a\)\)'"):
        servers.start(servers.OURS, path, tmp_path / "run", PortPool().take())


def test_lines_of_groups(tmp_path: Path) -> None:
    text = "# x\n[0]\n^a\n b\nb|c\n[9]\n[junk\n" + "z" * 496 + "\nlast"
    assert read_groups(written(tmp_path, text), 3, 8192) == [
        b"((^a)|(b|c))",
        b"^$",
        b"((" + b"z" * 495 + b")(z)|(last))",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no groups in"),
        ("a\n[0]\n", "stands before the first group"),
        ("[0]\n[1]\n[2]\n[3]\n", "more than 3 groups"),
        ("[0]\n" + "x\n" * 40, "group 0 of .* has 100 octets or more"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(GroupsError, match=why):
        read_groups(written(tmp_path, text), 3, 100)
    with pytest.raises(GroupsError, match="could not open"):
        read_groups(tmp_path / "none", 3, 100)


def test_patterns_of_the_first_pcre() -> None:
    pcre.load()
    assert pcre.Pcre(b"^\\j$").match(b"j")
    assert pcre.Pcre(b"\\Q\\L\\E").match(b"\\L")
    assert pcre.Pcre(b"A.B", pcre.CASELESS | pcre.DOTALL).match(b"xa\nb")
    assert not pcre.Pcre(b"(a+)+$").match(b"a" * 40 + b"b")
    for pattern in (b"\\L", b"a\\\\\\u", b"\\N{x}", b"(", b"[", b"*"):
        with pytest.raises(ValueError, match="failed at offset"):
            pcre.Pcre(pattern)
