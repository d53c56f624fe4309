"""The table of what a start accepts, against ``kcc check`` and against Kamailio itself."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from kcc.driver import Request, check
from tests.golden.fixups import HEAD, PARAMETERS_REFUSED, REFUSED, TAKEN
from tests.golden.front import KAMAILIO, ORACLE_REQUIRED, errors, shown
from tests.helpers.ports import PortPool

needs_kamailio = pytest.mark.skipif(
    KAMAILIO is None and not ORACLE_REQUIRED, reason="kamailio is not installed"
)
_ROUTES = "request_route { exit; }\nroute[TT] { exit; }\n"
_STARTED = "all processes are up"
_UP = f'event_route[core:worker-one-init] {{ xlog("L_ERR", "{_STARTED}\\n"); }}\n'
_PORTS = PortPool()


def _with_body(body: str) -> str:
    return HEAD + _ROUTES + f"route[X] {{ {body}; }}\n"


def _found(text: str, folder: Path) -> tuple[list[str], str]:
    path = folder / "row.cfg"
    path.write_text(text, "utf-8")
    found = check(Request(str(path))).diagnostics
    return [code.partition(":")[0] for code in errors(found)], shown(found)


def _starts(text: str, folder: Path) -> tuple[bool, str]:
    """Whether Kamailio comes up with the configuration, and what it says; it is stopped then."""
    assert KAMAILIO is not None
    path = folder / "start.cfg"
    path.write_text(text + _UP, "utf-8")
    options = ["-DD", "-E", "-m", "32", "-f", str(path), "-Y", str(folder), "-P", "kamailio.pid"]
    listen = ["-w", str(folder), "-n", "1", "-l", f"udp:127.0.0.1:{_PORTS.take()}"]
    said: list[str] = []
    with subprocess.Popen(
        [KAMAILIO, *options, *listen],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        started = False
        for line in process.stderr:
            said.append(line)
            if _STARTED in line:
                started = True
                os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
    return started, "".join(said)


@pytest.mark.parametrize("body", TAKEN)
def test_what_starts_is_no_error(body: str, tmp_path: Path) -> None:
    codes, text = _found(_with_body(body), tmp_path)
    assert codes == [], text


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_what_a_start_refuses_is_an_error(body: str, code: str, tmp_path: Path) -> None:
    codes, text = _found(_with_body(body), tmp_path)
    assert codes == [code], text


@pytest.mark.parametrize(("line", "code"), PARAMETERS_REFUSED)
def test_a_value_that_a_module_refuses_is_an_error(line: str, code: str, tmp_path: Path) -> None:
    codes, text = _found(f"{HEAD}{line}\n{_ROUTES}", tmp_path)
    assert codes == [code], text


@needs_kamailio
def test_kamailio_starts_with_all_that_is_taken(tmp_path: Path) -> None:
    routes = "".join(f"route[X{at}] {{ {body}; }}\n" for at, body in enumerate(TAKEN))
    started, said = _starts(HEAD + _ROUTES + routes, tmp_path)
    assert started, said


@needs_kamailio
@pytest.mark.parametrize("body", [body for body, _ in REFUSED])
def test_kamailio_refuses_the_call(body: str, tmp_path: Path) -> None:
    started, said = _starts(_with_body(body), tmp_path)
    assert not started, said


@needs_kamailio
@pytest.mark.parametrize("line", [line for line, _ in PARAMETERS_REFUSED])
def test_kamailio_refuses_the_parameter(line: str, tmp_path: Path) -> None:
    started, said = _starts(f"{HEAD}{line}\n{_ROUTES}", tmp_path)
    assert not started, said
