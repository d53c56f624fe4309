"""Control flow, operators and return codes: what Kamailio 5.6.3 logged for ``flow/flow.cfg``."""

from __future__ import annotations

from pathlib import Path

from runtime.script.flow import EXIT
from tests.golden.back import Message, compiled, load

_FOLDER = Path(__file__).parent / "flow"


def test_a_function_can_ask_for_the_line_that_calls_it(tmp_path: Path) -> None:
    text = (
        'loadmodule "sl.so"\n#!define REPLY sl_send_reply("200", "OK")\n'
        'import_file "more.cfg"\nrequest_route {\n\troute(A);\n\tREPLY;\n}\n'
    )
    (tmp_path / "more.cfg").write_text('\nroute[A] {\n  sl_send_reply("404",\n "x"); }\n', "utf-8")
    result = compiled(tmp_path / "main.cfg", text)
    assert result.python is not None
    routes, server, _ = load(result.python)
    routes.request_route(Message())
    assert [(Path(p.file).name, p.line) for p in server.places] == [
        ("more.cfg", 3),
        ("main.cfg", 6),
    ]


def test_same_as_kamailio() -> None:
    result = compiled(_FOLDER / "flow.cfg")
    assert result.python is not None
    routes, server, _ = load(result.python)
    assert routes.request_route(Message()) == EXIT
    expected = (_FOLDER / "kamailio-5.6.3.txt").read_text("utf-8").splitlines()
    assert server.log == expected
