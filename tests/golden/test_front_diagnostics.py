"""Codes and their pages, the renderers, and places through macros and includes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.pages import page
from kcc.diagnostics.render import render_text
from kcc.diagnostics.render_formats import render_github, render_json
from kcc.diagnostics.reporter import Reporter
from kcc.diagnostics.sarif import render_sarif
from kcc.grammar.parse import parse_file, read
from tests.golden.front import errors, parse, shown

OURS = [code for code in CODES if code.startswith(("K00", "K01"))]
_EXAMPLE = re.compile(r"## (Wrong|Right)\n\n```\n(.*?)\n```", re.DOTALL)


def test_every_page_belongs_to_a_code_and_names_it() -> None:
    folder = Path(page.__code__.co_filename).with_name("pages")
    assert {path.stem for path in folder.glob("*.md")} <= set(CODES)
    for code in OURS:
        assert page(code).startswith(f"# {code} {CODES[code].name} "), code
    assert page("syntax-error") == page("K0101")
    with pytest.raises(KeyError):
        page("../codes")


def test_names_are_for_one_code_each() -> None:
    names = [entry.name for entry in CODES.values()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("code", OURS)
def test_examples_of_the_page(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for which, text in _EXAMPLE.findall(page(code)):
        (tmp_path / "example.cfg").write_text(text + "\n", "utf-8")
        reporter = Reporter()
        parse_file("example.cfg", {}, reporter)
        codes = {d.code for d in reporter.diagnostics}
        assert codes == ({code} if which == "Wrong" else set()), shown(reporter.diagnostics)


def test_too_many_macros() -> None:
    defines = "".join(f"#!define M{n}\n" for n in range(513))
    _, found = parse(defines + "request_route { exit; }\n")
    assert {d.code for d in found} == {"K0010"}


def test_text() -> None:
    _, found = parse('request_route {\n\tif ($rU == "ü" $rd) exit;\n}\n')
    assert render_text(found) == (
        "error[K0101] missing operator before `$rd`  (syntax-error)\n"
        "  --> example.cfg:2:17\n"
        "   |\n"
        ' 2 | \tif ($rU == "ü" $rd) exit;\n'
        "   | \t               ^^^\n\n"
    )


def test_machine_formats_agree_on_the_place() -> None:
    _, found = parse('children="4"\nrequest_route { exit }\n', path="a b,c:d.cfg")
    entries = json.loads(render_json(found, "1"))
    assert entries["version"] == "1"
    first = entries["diagnostics"][0]
    assert first == {
        "code": "K0110",
        "name": "core-parameter-value",
        "severity": "error",
        "message": "`children` takes a number without a sign",
        "path": "a b,c:d.cfg",
        "line": 1,
        "column": 10,
        "end_line": 1,
        "end_column": 13,
        "help": None,
    }
    run = json.loads(render_sarif(found, "1"))["runs"][0]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 10, "endLine": 1, "endColumn": 13}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["K0105", "K0110"]
    assert render_github(found).splitlines()[0] == (
        "::error file=a b%2Cc%3Ad.cfg,title=K0110 core-parameter-value,line=1,endLine=1,col=10,"
        "endColumn=13::`children` takes a number without a sign"
    )


def test_nothing_of_a_file_can_steer_terminal_or_annotations() -> None:
    text = b'request_route { rewriteuser("a\x1b[31m\n::error::x\r" 5); }\n'
    _, found = parse(text)
    assert found
    assert "\x1b" not in render_text(found)
    assert all(line.startswith("::") for line in render_github(found).splitlines())


def test_place_in_a_macro_is_where_it_is_written_with_the_use_named() -> None:
    _, found = parse('#!define BAD strip("1")\n\nrequest_route { BAD; }\n')
    assert errors(found) == ["K0111:1"], shown(found)
    assert "in the expansion of macro `BAD`: example.cfg:3:17" in render_text(found)
    (diagnostic,) = found
    assert diagnostic.span is not None
    assert diagnostic.span.outer().line == 3


def test_nested_macros_name_every_use() -> None:
    _, found = parse('#!define IN strip("1")\n#!define OUT IN\nrequest_route { OUT; }\n')
    text = render_text(found)
    assert "macro `IN`: example.cfg:2:14" in text
    assert "macro `OUT`: example.cfg:3:17" in text


def test_macro_of_the_command_line() -> None:
    reading, found = parse("children=N\nrequest_route { exit; }\n", {"N": "4"})
    assert not found
    _, found = parse("children=N\nrequest_route { exit; }\n", {"N": '"4"'})
    assert errors(found) == ["K0110:1"]
    _, found = parse("#!define N 3\nchildren=N\n", {"N": "4"})
    assert errors(found) == ["K0004:1"]
    assert reading.file.items


def test_included_files_keep_their_places(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    main = tmp_path / "main.cfg"
    main.write_text('#!define X\ninclude_file "sub/one.cfg"\nimport_file "sub/none.cfg"\nexit\n')
    (tmp_path / "sub/one.cfg").write_text('#!ifdef X\n!!include_file "two.cfg"\n')
    (tmp_path / "sub/two.cfg").write_text('request_route { strip("1"); }\n#!endif\n')
    reporter = Reporter()
    reading = read(str(main), {}, reporter)
    assert [(d.code, d.span.path, d.span.line) for d in reporter.diagnostics if d.span] == [
        ("K0101", str(main), 4),
        ("K0111", str(tmp_path / "sub/two.cfg"), 1),
    ], shown(reporter.diagnostics)
    text = render_text(reporter.diagnostics)
    assert f"included from here: {tmp_path}/sub/one.cfg:2:1" in text
    assert f"included from here: {main}:2:1" in text
    assert [Path(source.path).name for source in reading.preprocessor.sources] == [
        "main.cfg",
        "one.cfg",
        "two.cfg",
    ]


def test_file_that_includes_itself_stops(tmp_path: Path) -> None:
    main = tmp_path / "main.cfg"
    main.write_text('request_route { exit; }\ninclude_file "main.cfg"\n')
    reporter = Reporter()
    parse_file(str(main), {}, reporter)
    assert "K0003" in {d.code for d in reporter.diagnostics}


def test_environment_is_read_and_remembered() -> None:
    from kcc.grammar.parse import parse_source
    from kcc.source.text import SourceFile

    text = "#!defenvs WHO=KCC_WHO\n#!trydefenv NO\nrequest_route { rewriteuser(WHO); }\n"
    reporter = Reporter()
    reading = parse_source(SourceFile("e.cfg", text), {}, reporter, {b"KCC_WHO": b"alice"})
    assert not reporter.diagnostics, shown(reporter.diagnostics)
    assert reading.preprocessor.environment == {"KCC_WHO": "alice", "NO": None}


def test_conditions_are_remembered_for_the_checks() -> None:
    reading, _ = parse("#!define WITH_AUTH\n#!ifdef WITH_AUHT\n#!endif\nrequest_route { exit; }\n")
    (test,) = reading.preprocessor.tests
    assert (test.name, test.defined, test.span.line) == ("WITH_AUHT", False, 2)
