"""The module that docs/modules.md writes: typed, checked, and its own tests pass."""

import re

import pytest

from kcc.scaffold.new_module import write_module
from tests.runtime.server.foreign import ROOT, Place, install

BLOCK = re.compile(r"^```\w*\n# (?P<file>\S+\.(?:py|cfg))\n(?P<text>.*?)^```$", re.M | re.S)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("page") / "visits"
    write_module("visits", folder)
    page = (ROOT / "docs" / "modules.md").read_text()
    files = {found["file"]: found["text"] for found in BLOCK.finditer(page)}
    assert len(files) == 5
    for name, text in files.items():
        target = folder / name
        assert target.is_file(), "the page names a file that the skeleton does not have"
        target.write_text(text)
    return install(folder)


def test_its_tests_pass(place: Place) -> None:
    done = place.run("pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_it_is_typed_and_clean(place: Place) -> None:
    done = place.run("mypy")
    assert done.returncode == 0, done.stdout
    done = place.run("kcc", "check", "--strict", "visits.cfg")
    assert done.returncode == 0, done.stdout


def test_a_wrong_expression_is_found_by_the_compiler(place: Place) -> None:
    wrong = place.folder / "wrong.cfg"
    wrong.write_text((place.folder / "visits.cfg").read_text().replace("^a.*e$", "a("))
    done = place.run("kcc", "check", wrong.name)
    assert done.returncode == 1
    assert f"{wrong.name}:22:" in done.stdout + done.stderr
