"""Control flow, operators and return codes: what Kamailio 5.6.3 logged for ``flow/flow.cfg``."""

from __future__ import annotations

from pathlib import Path

from runtime.script.flow import EXIT
from tests.golden.back import Message, compiled, load

_FOLDER = Path(__file__).parent / "flow"


def test_same_as_kamailio() -> None:
    result = compiled(_FOLDER / "flow.cfg")
    assert result.python is not None
    routes, server, _ = load(result.python)
    assert routes.request_route(Message()) == EXIT
    expected = (_FOLDER / "kamailio-5.6.3.txt").read_text("utf-8").splitlines()
    assert server.log == expected
