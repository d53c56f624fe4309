"""The commands: exit status, output, the cache, the options of ``kcc run``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kcc import commands
from kcc.cache import CacheError, cache_folder, store, usable
from kcc.cli import main
from kcc.driver import Request, compile_file, input_digest
from kcc.runopts import parse_run

_GOOD = 'loadmodule "sl.so"\nrequest_route { sl_send_reply("404", "$cs"); }\n'.replace("$cs", "x")


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "my proxy-1.cfg"
    path.write_text(_GOOD, "utf-8")
    return str(path)


def test_exit_status(good: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.cfg"
    bad.write_text("request_route { route(NOWHERE); }\n", "utf-8")
    warned = tmp_path / "warned.cfg"
    warned.write_text("request_route { exit; exit; }\n", "utf-8")
    assert main(["check", good]) == 0
    assert main(["check", good, str(bad)]) == 1
    assert main(["check", str(warned)]) == 0
    assert main(["check", "--strict", str(warned)]) == 1
    assert main(["check", "--strict", "--ignore", "K0222", str(warned)]) == 0
    assert main(["check", str(tmp_path / "absent.cfg")]) == 2
    assert main(["check"]) == main(["check", good, "--format", "xml"]) == 2
    assert main(["check", good, "--target", "1.0"]) == main(["no-such-command"]) == 2
    assert main(["explain", "K0206"]) == main(["explain", "undefined-route"]) == 0
    assert main(["explain", "K9999"]) == 2
    assert main(["compile", str(bad), "-o", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
    capsys.readouterr()


def test_json(good: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.cfg"
    bad.write_text("request_route { route(NOWHERE); }\n", "utf-8")
    assert main(["check", "--format", "json", str(bad)]) == 1
    (found,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (found["code"], found["line"], found["column"]) == ("K0206", 1, 23)
    assert main(["catalog", "--json", "sl"]) == 0
    catalog = json.loads(capsys.readouterr().out)
    assert "sl_send_reply" in {f["name"] for f in catalog["modules"]["sl"]["functions"]}


def test_every_stage(good: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for stage in commands.STAGES:
        assert main(["dump", "--stage", stage, good]) == 0
        assert "404" in capsys.readouterr().out
    for kind in ("svg", "dot"):
        out = tmp_path / f"routes.{kind}"
        assert main(["graph", good, "-o", str(out)]) == 0
        assert "request_route" in out.read_text("utf-8")


def test_compile_writes_an_importable_name(good: str, tmp_path: Path) -> None:
    assert main(["compile", good, "-o", str(tmp_path / "out")]) == 0
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["my_proxy_1.py"]


def test_cache(good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = commands.compile_cached(Request(good))
    assert isinstance(first, Path) and usable(first)
    assert first.parent.stat().st_mode & 0o777 == 0o700
    before = first.stat().st_mtime_ns
    assert commands.compile_cached(Request(good)) == first
    assert first.stat().st_mtime_ns == before
    other = commands.compile_cached(Request(good, {"X": None}))
    assert isinstance(other, Path) and other != first
    first.chmod(0o666)
    assert not usable(first)
    assert commands.compile_cached(Request(good)) == first and usable(first)
    Path(good).write_text(_GOOD.replace("404", "480"), "utf-8")
    assert commands.compile_cached(Request(good)) not in (first, other)


def test_cache_folder_that_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "real").mkdir()
    os.symlink(tmp_path / "real", tmp_path / "kcc")
    with pytest.raises(CacheError):
        cache_folder()
    with pytest.raises(CacheError):
        store(tmp_path / "absent" / "x.py", "")


def test_run_options() -> None:
    found = parse_run(["-f", "a.cfg", "-DDE", "-A", "X=1", "-m64", "-l", "udp:127.0.0.1:5060"])
    assert (found.path, found.defines) == ("a.cfg", {"X": "1"})
    assert found.rest == ("-D", "-D", "-E", "-m", "64", "-l", "udp:127.0.0.1:5060")
    assert parse_run(["-DDfb.cfg"]).path == "b.cfg"
    found = parse_run(
        ["--debug", "3", "--loadmodule=x", "a.cfg", "--substdef=!A!b!", "--subst", "/c/d/"]
    )
    assert (found.path, found.modules, found.rest) == ("a.cfg", ("x",), ("--debug=3",))
    assert found.substs == (("substdef", "!A!b!"), ("subst", "/c/d/"))
    assert parse_run(["-DD", "-v"]).tells == "-v"
    assert parse_run([]).path == "/etc/kamailio/kamailio.cfg"
    for wrong in (["a.cfg", "b.cfg"], ["-m"], ["--subst"], ["start"], ["-A", "=x"]):
        with pytest.raises(commands.UsageError):
            parse_run(wrong)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = commands.run_serve(words)
    return status, capsys.readouterr().out


def test_cfg_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Conditions are decided, files are put in their places, all else stays as it is written."""
    (tmp_path / "part.cfg").write_text("# part\n#!ifdef X\nport=1\n#!endif\n")
    path = tmp_path / "whole.cfg"
    path.write_text(
        "#!KAMAILIO\n# kept\n#!ifdef X\ndebug=2\n#!else\ndebug=3 # why\n#!endif\n"
        '/* c */\n#!define Y 5\ninclude_file "part.cfg"\n#!import_file "absent.cfg"\n'
        'children=Y\nroute { nosuch("Y"); }\n'
    )
    ends = '\n\nchildren=Y\nroute { nosuch("Y"); }\n'
    assert printed(capsys, str(path), "--cfg-print") == (
        *(0, "#!KAMAILIO\n# kept\ndebug=3 # why\n/* c */\n#!define Y 5\n# part\n" + ends),
    )
    assert printed(capsys, "--cfg-print", str(path), "-A", "X") == (
        *(0, "#!KAMAILIO\n# kept\ndebug=2\n/* c */\n#!define Y 5\n# part\nport=1\n" + ends),
    )
    path.write_text("debug=\n")
    assert printed(capsys, str(path), "--cfg-print")[0] == 1


def test_substitutions_and_modules_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "own.cfg"
    path.write_text('#!KAMAILIO\nport=PORT\nroute { xlog("HERE NAME"); exit; }\n')
    rules = (("substdef", "!PORT!5099!"), ("subst", "/HERE/there/"), ("substdefs", "!NAME!bob!"))
    found = compile_file(Request(str(path), substs=rules, modules=("/x/xlog.so",)))
    assert found.python is not None, found.diagnostics
    assert "5099" in found.python and "there bob" in found.python
    assert 'modules=("xlog",)' in found.python
    other = compile_file(Request(str(path), substs=rules, modules=("xlog",)))
    assert input_digest(other) != input_digest(found)
    assert compile_file(Request(str(path), substs=rules)).failed
    assert compile_file(Request(str(path), substs=(("subst", "bad"),))).failed
    assert compile_file(Request(str(path), substs=rules, modules=("nosuch",))).failed
