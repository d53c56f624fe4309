"""The command line takes what ``kamailio -h`` lists."""

import os
from pathlib import Path

import pytest

from runtime.server.daemon import remove_pid_file, write_pid_file
from runtime.server.errors import StartError
from runtime.server.options import UNUSED, UsageError, parse


def test_all_options_of_kamailio_are_taken() -> None:
    line = (
        "m.py -a no --alias=example.org --atexit=no -A X -b 4096 -d -d -DD -e -E -f k.cfg -g sip"
        " -G pgid -I -K -l udp:127.0.0.1:5080 --loadmodule=sl --log-engine=x -L dir -m 128"
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
    assert options.no_tcp and options.check_via and options.log_stderr and options.color
    assert len([n for n in options.notes if "no meaning" in n]) == len(UNUSED)


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ([], "compiled module"),
        (["a.py", "b.py"], "compiled module"),
        (["m.py", "-m", "x"], "number"),
        (["m.py", "-n", "0"], "at least 1"),
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
    path.write_text("garbage")
    write_pid_file(str(path), os.getpid())
