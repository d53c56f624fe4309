"""What ``kcc check`` shows: selection, comments that ignore, kcc.toml, baseline, summary."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kcc.cli import main
from kcc.diagnostics.codes import CODES
from kcc.diagnostics.pages import page
from kcc.options import CHECK, CheckOptions, UsageError, parse_check
from kcc.report.selection import codes_of, selected

Check = Callable[..., list[str]]


@pytest.fixture
def check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Checks a text as ``main.cfg`` of the working directory; ``CODE:line`` of what is shown."""
    monkeypatch.chdir(tmp_path)

    def run(text: str, *options: str) -> list[str]:
        Path("main.cfg").write_text(text, "utf-8")
        capsys.readouterr()
        assert main(["check", "--format", "json", *options, "main.cfg"]) < 2
        found = json.loads(capsys.readouterr().out)["diagnostics"]
        return [f"{d['code']}:{d['line']}" for d in found]

    return run


def _status(*words: str) -> int:
    return main(["check", *words])


# --- options and selection -----------------------------------------------------------------------


def test_options() -> None:
    words = ["-AX=1", "-A", "Y", "--select=K02,K03", "--strict", "a", "--", "-b"]
    found = parse_check(words)
    assert (found.defines, found.select, found.strict) == (["X=1", "Y"], ["K02,K03"], True)
    assert found.files == ["a", "-b"]
    assert {option.field for option in CHECK} == {*vars(CheckOptions())} - {"files"}
    for wrong in ([], ["--no-such", "a"], ["--format"], ["--strict=1", "a"], ["-x", "a"]):
        with pytest.raises(UsageError):
            parse_check(wrong)


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _status("--help") == _status("-h") == 0
    out = capsys.readouterr().out
    assert all(option.name in out for option in CHECK)


def test_selection() -> None:
    assert codes_of("K0222") == codes_of("unreachable-code") == codes_of("k0222") == ("K0222",)
    assert codes_of("no-such") == codes_of("K9") == codes_of("K") == ()
    default = selected((), ())
    assert "K0214" not in default and "K0901" not in default and "K0222" in default
    assert "K0901" in selected((), (), strict=True)
    assert "K0214" in selected(("K0214",), ())
    assert {"K0901", "K0222"} <= selected(("ALL",), ()) - {"K0214"}
    only = selected(("K0222",), ())
    assert "K0223" not in only and "K0101" in only, "errors of reading are never hidden by --select"
    assert "K0101" not in selected((), ("syntax-error",))
    assert selected(("DEFAULT", "K0901"), ()) == default | {"K0901"}


def test_unknown_codes_are_refused(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    check("request_route { exit; }\n")
    assert _status("--ignore", "K0222,unreachable", "main.cfg") == 2
    assert "unreachable" in capsys.readouterr().err


# --- comments ------------------------------------------------------------------------------------

_DEAD = "request_route {\n    exit;\n    exit;%s\n}\n"


@pytest.mark.parametrize(
    "comment",
    [
        "# kcc: ignore[K0222]",
        "# kcc: ignore[unreachable-code] because",
        "#kcc:ignore[K0223, K0222]",
        "// kcc: ignore[K0222]",
        "/* kcc: ignore[K0222] */",
        "# kcc: ignore",
    ],
)
def test_ignored_at_the_end_of_the_line_and_on_the_line_before(check: Check, comment: str) -> None:
    assert check(_DEAD % "") == ["K0222:3"]
    assert check(_DEAD % f" {comment}") == []
    assert check(f"request_route {{\n    exit;\n    {comment}\n\n  # why\n    exit;\n}}\n") == []
    assert check(f"request_route {{\n    exit; {comment}\n    exit;\n}}\n") == ["K0222:3"]


def test_ignored_for_the_file(check: Check, tmp_path: Path) -> None:
    assert check(_DEAD % "" + "# kcc: ignore-file[K0222]\n") == []
    assert check(_DEAD % "" + "# kcc: ignore-file\n") == []
    assert check(_DEAD % "" + "# kcc: ignore-file[K0223]\n") == ["K0222:3"]
    (tmp_path / "part.cfg").write_text(_DEAD % "")
    assert check('include_file "part.cfg"\n# kcc: ignore-file[K0222]\n') == ["K0222:3"]
    (tmp_path / "part.cfg").write_text(_DEAD % " # kcc: ignore[K0222]")
    assert check('include_file "part.cfg"\n') == []


def test_another_code_is_not_ignored(check: Check) -> None:
    assert check(_DEAD % " # kcc: ignore[K0223]") == ["K0222:3"]


def test_what_a_string_says_is_no_comment(check: Check) -> None:
    text = 'loadmodule "xlog.so"\nrequest_route { exit; xlog("# kcc: ignore"); }\n'
    assert check(text) == ["K0222:2"]


def test_in_a_macro_the_place_is_where_it_is_written(check: Check) -> None:
    macro = "#!define STOP exit; \\\n  exit\n"
    use = "request_route { STOP; }\n"
    assert check(macro + use) == ["K0222:1"] or check(macro + use) == ["K0222:2"]
    assert check("# kcc: ignore[K0222]\n" + macro + use) == []


def test_errors_can_be_ignored(check: Check) -> None:
    assert check("request_route { route(NO); } # kcc: ignore[K0206]\n") == []
    assert _status("main.cfg") == 0


def test_comments_that_ignore_nothing(check: Check) -> None:
    unused = _DEAD.replace("exit;\n    exit;", "exit;") % " # kcc: ignore[K0222]"
    assert check(unused) == []
    assert check(unused, "--strict") == check(unused, "--select", "K0901,K0222") == ["K0901:2"]
    assert check(unused, "--select", "K0901") == [], "K0222 was not looked for"
    assert check(_DEAD % " # kcc: ignore", "--strict") == []
    assert check(_DEAD % " # kcc: ignore[K0222,K0223]", "--strict") == ["K0901:3"]
    dead = "#!ifdef NO_SUCH\n" + unused + "#!endif\n" + "request_route { exit; }\n"
    assert check(dead, "--strict") == [], "it may be used when it is live"


@pytest.mark.parametrize(
    "comment", ["ignroe[K0222]", "ignore[]", "ignore[K9999]", "ignore K0222", "ignore(K0222)"]
)
def test_malformed_comments(check: Check, comment: str) -> None:
    found = check(_DEAD % f" # kcc: {comment}")
    assert found == ["K0222:3", "K0902:3"]


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("K09")])
def test_examples_of_the_pages(check: Check, code: str) -> None:
    text = page(code)
    assert text.startswith(f"# {code} {CODES[code].name} ({CODES[code].severity}")
    for which, example in re.findall(r"## (Wrong|Right)\n\n```\n(.*?)\n```", text, re.DOTALL):
        found = [entry[:5] for entry in check(example, "--strict")]
        assert found == ([code] if which == "Wrong" else [])


# --- kcc.toml ------------------------------------------------------------------------------------


def test_configuration_file(check: Check, tmp_path: Path) -> None:
    text = (
        "#!ifndef QUIET\nrequest_route { exit; exit; }\n#!else\nrequest_route { exit; }\n#!endif\n"
    )
    toml = tmp_path / "kcc.toml"
    assert check(text) == ["K0222:2"]
    toml.write_text('defines = ["QUIET"]\n')
    assert check(text) == []
    toml.write_text('ignore = ["unreachable-code"]\n')
    assert check(text) == check(text, "--ignore", "K0223") == []
    assert check(text, "--select", "DEFAULT") == ["K0222:2"], "the command line wins"
    assert check(text, "--no-config") == ["K0222:2"]
    toml.write_text("strict = true\nformat = 'text'\ntarget = '5.6'\n")
    assert check(text) == ["K0222:2"] and _status("main.cfg") == 1
    toml.write_text('select = ["K0223"]\n')
    assert check(text) == []
    other = tmp_path / "other.toml"
    other.write_text("")
    assert check(text, "--config", str(other)) == ["K0222:2"]


def test_it_is_found_above_the_file_and_in_pyproject(check: Check, tmp_path: Path) -> None:
    text = "request_route { exit; exit; }\n"
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert check(text) == ["K0222:1"]
    (tmp_path / "pyproject.toml").write_text('[tool.kcc]\nignore = ["K0222"]\n')
    assert check(text) == []
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.cfg").write_text(text)
    assert _status("--strict", "a/b/x.cfg") == 0
    (tmp_path / "a" / "kcc.toml").write_text("")
    assert _status("--strict", "a/b/x.cfg") == 1, "the nearest one counts"


def test_per_file_ignores(check: Check, tmp_path: Path) -> None:
    text = "request_route { exit; exit; }\n"
    toml = tmp_path / "kcc.toml"
    for pattern, hidden in (("main.cfg", True), ("*.cfg", True), ("sub/*.cfg", False)):
        toml.write_text(f'[per-file-ignores]\n"{pattern}" = ["K0222"]\n')
        assert check(text) == ([] if hidden else ["K0222:1"])


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("taget = '5.6'", "taget"),
        ("target = 5.6", "target"),
        ("target = '9.9'", "target"),
        ("defines = 'X'", "defines"),
        ("defines = [1]", "defines"),
        ("select = ['K9999']", "K9999"),
        ("strict = 1", "strict"),
        ("format = 'xml'", "format"),
        ("per-file-ignores = []", "per-file-ignores"),
        ("[per-file-ignores]\n'*' = 'K0222'", "per-file-ignores.*"),
        ("target = ", "line 1"),
    ],
)
def test_mistakes_in_it(
    check: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, named: str
) -> None:
    check("request_route { exit; }\n")
    (tmp_path / "kcc.toml").write_text(content + "\n")
    assert _status("main.cfg") == 2
    message = capsys.readouterr().err
    assert str(tmp_path / "kcc.toml") in message and named in message


def test_a_configuration_file_that_is_named_must_be_there(check: Check) -> None:
    check("request_route { exit; }\n")
    assert _status("--config", "absent.toml", "main.cfg") == 2


# --- the baseline --------------------------------------------------------------------------------

_OLD = "request_route {\n    exit;\n    exit;\n}\nroute[A] { exit; }\n"


def test_baseline(check: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(_OLD) == ["K0222:3", "K0223:5"]
    assert _status("--write-baseline", "known.json", "main.cfg") == 0
    first = Path("known.json").read_bytes()
    assert _status("--write-baseline", "known.json", "main.cfg") == 0
    assert Path("known.json").read_bytes() == first
    known = ("--baseline", "known.json")
    assert check(_OLD, *known) == []
    assert _status("--strict", *known, "main.cfg") == 0
    moved = "# one\n\n" + _OLD.replace("    exit;\n}", "\texit;\n}") + "route[B] { exit; }\n"
    assert check(moved, *known) == ["K0223:8"]
    alike = _OLD.replace("    exit;\n}", "    exit;\n}\nroute[C] {\n    exit;\n    exit;\n}")
    assert check(alike, *known) == ["K0223:5", "K0222:7"], "one more that is alike is new"
    Path("kcc.toml").write_text('baseline = "known.json"\n')
    assert check(_OLD) == []
    (tmp_path / "sub").mkdir()
    assert _status("--strict", "main.cfg") == 0
    capsys.readouterr()


def test_baseline_is_kept_short(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    check(_OLD)
    assert _status("--write-baseline", "known.json", "main.cfg") == 0
    mended = _OLD.replace("    exit;\n}", "}")
    known = ("--baseline", "known.json")
    Path("main.cfg").write_text(mended)
    capsys.readouterr()
    assert _status(*known, "main.cfg") == 0
    assert "1 finding of known.json not found any more" in capsys.readouterr().err
    assert _status(*known, "--update-baseline", "main.cfg") == 0
    assert "1 finding removed" in capsys.readouterr().err
    assert [e["code"] for e in json.loads(Path("known.json").read_text())["findings"]] == ["K0223"]
    assert check(_OLD, *known) == ["K0222:3"]
    Path("other.cfg").write_text("request_route { exit; }\n")
    before = Path("known.json").read_text()
    assert _status(*known, "--update-baseline", "other.cfg") == 0
    assert Path("known.json").read_text() == before, "files that were not read are not judged"
    Path("main.cfg").unlink()
    assert _status(*known, "--update-baseline", "other.cfg") == 0
    assert json.loads(Path("known.json").read_text())["findings"] == []


def test_baseline_gives_no_secret_away(check: Check) -> None:
    check('#!define DBURL "mysql://u:secret@h/db"\nrequest_route { exit; exit; } # secret\n')
    assert _status("--write-baseline", "known.json", "main.cfg") == 0
    assert "secret" not in Path("known.json").read_text()


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"version": 2, "findings": []}'])
def test_mistakes_in_the_baseline(
    check: Check, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    check(_OLD)
    if content is not None:
        Path("known.json").write_text(content)
    assert _status("--baseline", "known.json", "main.cfg") == 2
    assert "known.json" in capsys.readouterr().err
    assert _status("--update-baseline", "main.cfg") == 2
    assert _status("--write-baseline", "no/such/folder", "main.cfg") == 2


def test_an_unreadable_file_is_no_finding_to_keep(check: Check) -> None:
    assert _status("--write-baseline", "known.json", "absent.cfg") == 2
    assert not Path("known.json").exists()
    assert (
        _status("--select", "K0222", "absent.cfg") == _status("--ignore", "ALL", "absent.cfg") == 2
    )


# --- output --------------------------------------------------------------------------------------


def test_summary(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    check(_OLD)
    assert _status("main.cfg") == 0
    assert capsys.readouterr().err == "2 warnings in 1 file\n"
    check(_OLD.replace("route[A]", "# kcc: ignore\nroute[A]").replace("exit;\n}", "route(NO);\n}"))
    assert _status("main.cfg", "main.cfg") == 1
    assert capsys.readouterr().err == "2 errors, 2 warnings in 2 files\n"
    check("request_route { exit; }\n")
    assert _status("main.cfg") == 0
    assert capsys.readouterr() == ("", "")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_on_a_terminal_only(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    check(_OLD)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    shown = []
    for stream, no_colour in ((_Terminal(), ""), (_Terminal(), "1"), (io.StringIO(), "")):
        monkeypatch.setenv("NO_COLOR", no_colour)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            _status("main.cfg")
        shown.append(stream.getvalue())
    assert "\x1b[1;33mwarning[K0222]\x1b[0m" in shown[0]
    assert shown[1] == shown[2] == re.sub("\x1b\\[[0-9;]*m", "", shown[0])


def test_standard_input(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    class _Input:
        buffer = io.BytesIO(b"request_route { exit; exit; }\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", _Input)
        assert _status("-") == 0
    assert "--> <stdin>:1:23" in capsys.readouterr().out


def test_findings_are_in_the_order_of_the_text(check: Check) -> None:
    text = "request_route { route(NO); }\nroute[A] { exit; exit; }\nroute[B] { route(NO2); }\n"
    assert check(text) == ["K0206:1", "K0222:2", "K0206:3"]


def test_explain_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CODES)
    assert any(line.split()[1:4] == ["unused-ignore", "warning", "off"] for line in lines)


@pytest.mark.parametrize("octets", [b"\xff", "ł".encode(), b"\xc3"])
def test_octets_of_any_kind_in_a_variable(octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / "main.cfg"
    path.write_bytes(
        b'loadmodule "pv.so"\nloadmodule "textops.so"\n'
        b"request_route {\n  $var(a) = $(rb{re.subst,/" + octets + b"/x/});\n"
        b'  if (is_present_hf("X-A")) $ru = $var(a);\n}\n'
    )
    assert main(["check", "--no-config", str(path)]) == 0
