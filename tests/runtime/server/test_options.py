"""The command line takes what ``kamailio -h`` lists."""

import json
import os
from pathlib import Path

import pytest

from runtime.server.daemon import remove_pid_file, write_pid_file
from runtime.server.errors import StartError
from runtime.server.log_json import JsonLog, Origin
from runtime.server.options import UNUSED, UsageError, parse
from runtime.transport.listen import parse_address


def test_all_options_of_kamailio_are_taken() -> None:
    line = (
        "m.py -a no --alias=example.org --atexit=no -A X -b 4096 -d -d -DD -e -E -f k.cfg -g sip"
        " -G pgid -K -l udp:127.0.0.1:5080 --loadmodule=sl --log-engine=x -L dir -m 128"
        " --modparam=corex:alias_subdomains:s:a.org -M 8 -n 2 -N 3 -O 1 -P pid -Q 1 -r -R"
        " --server-id=7 --subst=/a/b/ --substdef=/a/b/ --substdefs=/a/b/ -S -t root -T -u user"
        " -w dir -W poll -x fm -X fm -Y run"
    )
    options = parse(line.split())
    assert options.module == "m.py"
    assert options.auto_aliases is False
    assert options.debug == 2
    assert options.no_fork == 2
    assert (options.shm_mb, options.children, options.tcp_children) == (128, 2, 3)
    assert options.modparams == [("corex", "alias_subdomains", b"a.org")]
    assert options.received_dns == 3
    assert options.log_engine == "x"
    assert options.no_tcp and options.check_via and options.log_stderr and options.color
    assert len([n for n in options.notes if "no meaning" in n]) == len(UNUSED)


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ([], "compiled module"),
        (["a.py", "b.py"], "compiled module"),
        (["m.py", "-m", "x"], "number"),
        (["m.py", "-n", "5 "], "number"),
        (["m.py", "-m", "6_4"], "number"),
        (["m.py", "-m", "-1"], "at least 0"),
        (["m.py", "-m", "99999999999999999999"], "number"),
        (["m.py", "-x", "malloc"], "memory manager"),
        (["m.py", "-X", "FM"], "memory manager"),
        (["m.py", "-W", "kqueue"], "poll method"),
        (["m.py", "-O", "x"], "number"),
        (["m.py", "-a", "YES"], "yes, on, no or off"),
        (["m.py", "--atexit=maybe"], "yes or no"),
        (["m.py", "-q"], "not recognized"),
        (["m.py", "-a", "maybe"], "yes, on, no or off"),
        (["m.py", "--modparam=a:b:c"], "module:name"),
        (["m.py", "--modparam=a:b:i:c"], "number"),
        (["m.py", "-m"], "requires argument"),
    ],
)
def test_wrong_usage_says_what(argv: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        parse(argv)


def test_help_and_version_need_no_module() -> None:
    assert parse(["-h"]).help
    assert parse(["--help"]).help
    for option in ("-v", "-V", "--version"):
        assert parse([option]).version
    assert parse(["-I"]).internals


def test_only_a_regular_pid_file_is_removed(tmp_path: Path) -> None:
    special = tmp_path / "pid"
    os.mkfifo(special)
    remove_pid_file(str(special))
    assert special.exists()
    plain = tmp_path / "plain"
    write_pid_file(str(plain), 5)
    assert plain.read_text() == "5\n"
    remove_pid_file(str(plain))
    assert not plain.exists()
    remove_pid_file(str(plain))


def test_a_live_process_in_the_pid_file_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text(f"{os.getppid()}\n")
    with pytest.raises(StartError, match="running process"):
        write_pid_file(str(path), os.getpid())
    for what_is_no_pid in ("garbage", "", "12 34"):
        path.write_text(what_is_no_pid)
        with pytest.raises(StartError, match="no process number"):
            write_pid_file(str(path), os.getpid())
        assert path.read_text() == what_is_no_pid
    for gone in ("4194303\n", "99999999999999999999", " 4194303"):
        path.write_text(gone)
        write_pid_file(str(path), os.getpid())
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_pid_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot write the pid file"):
        write_pid_file(str(tmp_path / "absent" / "pid"), 5)
    with pytest.raises(StartError, match="cannot read the pid file"):
        write_pid_file(str(tmp_path), 5)
    with pytest.raises(StartError, match="no process number"):
        write_pid_file("/dev/full", 5)  # never ends: only its beginning is read


def test_numbers_are_read_as_kamailio_does() -> None:
    options = parse(["m.py", "-n", "0", "-N", "-3", "-m", "0", "-M", "0", "-b", " 5"])
    assert (options.children, options.tcp_children, options.shm_mb) == (None, None, None)
    assert (options.pkg_mb, options.max_buffer) == (None, 5)
    options = parse(["m.py", "--server-id=-7", "--debug=-9", "-d"])
    assert (options.server_id, options.debug) == (-7, -8)
    assert parse(["m.py", "--loadmodule=/usr/lib/modules/pv.so"]).load_modules == ["pv"]


@pytest.mark.parametrize("text", ["udp:127.0.0.1:99999", "127.0.0.1:5060/1.2.3.4:65536"])
def test_a_port_above_65535_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="65535"):
        parse_address(text)


def test_an_interface_may_have_a_port() -> None:
    found = parse_address("lo:7790")
    assert (found.proto, found.host, found.port) == ("", "lo", 7790)
    with pytest.raises(ValueError, match="unknown protocol"):
        parse_address("xyz:127.0.0.1:99")


@pytest.mark.parametrize("flags", ["", "a", "aA", "c", "j", "p", "jp", "M", "N", "U", "aAcjMNpU"])
@pytest.mark.parametrize("text", ['a "q" \\ \t\x01\udcff\xe9\n', '{"x": 1}', '{"x": "}', "", ", x"])
def test_a_json_line_is_an_object(flags: str, text: str) -> None:
    """Whatever a packet puts into message and prefix."""
    engine = JsonLog(flags)
    origin = Origin("xlog", 'f"ile', 7, "f")
    for prefix in (text, "{r} ", ', "own": 1', ', "own": 1}', ""):
        line = engine.line("INFO", origin, text, slot=3, prefix=prefix, call_id=text)
        assert line.endswith("\n") is ("N" not in flags)
        found = json.loads(line)
        assert isinstance(found, dict)
        if "p" in flags and "U" not in flags:
            assert ("own" in found) is (prefix == ', "own": 1')
    if "U" in flags:
        assert found["subsys"] == "xlog" and found["file"] == {"name": 'f"ile', "line": 7}
