"""A module that lives outside of this repository: made from the skeleton, installed, used."""

from pathlib import Path

import pytest

from kcc.scaffold.new_module import ScaffoldError, write_module
from runtime.declare.found import API_VERSION
from tests.runtime.server.foreign import Place, install

NAME = "visits"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("outside") / NAME
    write_module(NAME, folder)
    return install(folder)


def test_its_own_tests_pass(place: Place) -> None:
    done = place.run("pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_it_is_typed(place: Place) -> None:
    done = place.run("mypy")
    assert done.returncode == 0, done.stdout
    done = place.run("kcc", "compile", f"{NAME}.cfg", "-o", "compiled")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "from kcc_visits import module" in (place.folder / "compiled/visits.py").read_text()
    done = place.run("mypy", "--strict", "compiled/visits.py")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("visits_greet();", "K0208"),
        ('visits_greet("a", "b");', "K0208"),
        ("visits_gret($fU);", "K0206"),
        ('xlog("$visits(nothing)");', "K0213"),
    ],
)
def test_the_compiler_checks_its_functions(place: Place, line: str, code: str) -> None:
    text = (place.folder / f"{NAME}.cfg").read_text()
    wrong = place.folder / f"wrong{code}.cfg"
    wrong.write_text(text.replace("request_route {", "request_route {\n" + line, 1))
    done = place.run("kcc", "check", "--format=github", wrong.name)
    assert code in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


def test_a_module_for_another_interface_is_refused(place: Place) -> None:
    exports = place.folder / "kcc_visits" / "exports.py"
    text = exports.read_text()
    try:
        exports.write_text(text.replace(f"API_VERSION = {API_VERSION}", "API_VERSION = 99"))
        done = place.run("kcc", "check", f"{NAME}.cfg")
    finally:
        exports.write_text(text)
    assert done.returncode == 2
    assert "written for version 99 of the module interface" in done.stderr


def test_what_is_no_name_is_refused(tmp_path: Path) -> None:
    for name in ("../up", "Big", "1st", "", "class", "a" * 41, "a\nb", "sl"):
        with pytest.raises(ScaffoldError):
            write_module(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()
