"""Chapter 8 of the guide: a core parameter and a core function, each added by its declaration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kcc.testing.servers import request
from tests.runtime.api.checkout import Checkout

PARAMETER = '    Param("motto", STR, "be strict"),\n'
FUNCTION = '        Function("setmark", (Arg("flag", FLAG), Arg("text", STR)), min=1),\n'
METHOD = '''\
    def setmark(self, msg: SipMsg, flag: int, text: bytes | None = None) -> int:
        """Set a flag and tell the caller why."""
        why = text if text is not None else self.server.core.text("motto")
        add_lump_rpl(msg, b"X-Mark: %d %s\\r\\n" % (flag, why))
        return msg.setflag(flag)

'''
CONFIG = """\
motto = "be liberal"
flags SEEN:7;
loadmodule "sl.so"
request_route {
    if (!setmark(SEEN)) exit;
    setmark(3, "three");
    if (isflagset(7) && isflagset(3)) sl_send_reply("200", "OK");
}
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = Checkout(tmp_path_factory.mktemp("core") / "checkout")
    made.edit("exports_params.py", '    Param("mhomed", INT', PARAMETER)  # 8.1: this line is all
    made.edit("exports.py", '        Function("revert_uri"', FUNCTION)  # 8.2: a line and a method
    made.edit("module.py", "    def resetflag(self", METHOD)
    made.edit(
        "module.py",
        "from runtime.modules.core import",
        "from runtime.api.lumps import add_lump_rpl\n",
    )
    yield made


def configuration(folder: Path, text: str = CONFIG) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "own.cfg"
    path.write_text(f"#!KAMAILIO\n{text}")
    return path


def test_8_1_and_8_2_the_server_uses_them(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.check(configuration(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    server = checkout.run(tmp_path / "own.cfg", tmp_path)
    try:
        answer = server.ask(request("OPTIONS", "sip:x@127.0.0.1")).decode()
    finally:
        server.stop()
    assert answer.startswith("SIP/2.0 200 OK")
    assert "X-Mark: 7 be liberal\r\nX-Mark: 3 three\r\n" in answer


def test_8_1_a_parameter_has_a_default(checkout: Checkout, tmp_path: Path) -> None:
    text = CONFIG.replace('motto = "be liberal"\n', "")
    server = checkout.run(configuration(tmp_path, text), tmp_path)
    try:
        answer = server.ask(request("OPTIONS", "sip:x@127.0.0.1")).decode()
    finally:
        server.stop()
    assert "X-Mark: 7 be strict\r\n" in answer


@pytest.mark.parametrize(
    ("was", "line", "where"),
    [
        ('motto = "be liberal"', "motto = 5", 2),  # cfg.y: string value expected
        ('motto = "be liberal"', "moto = 5", 2),
        ("setmark(SEEN)", "setmark(32)", 6),  # bad flag value
        ("setmark(SEEN)", "setmark(UNSEEN)", 6),  # flag not declared
        ("setmark(SEEN)", "setmark()", 6),
        ('setmark(3, "three")', 'setmark(3, "three", 4)', 7),
        ("setmark(SEEN)", 'setmark("x")', 6),
    ],
)
def test_8_2_1_the_compiler_checks_them(
    checkout: Checkout, tmp_path: Path, was: str, line: str, where: int
) -> None:
    done = checkout.check(configuration(tmp_path, CONFIG.replace(was, line)))
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"line={where}," in done.stdout, done.stdout
    assert "::error" in done.stdout


def test_without_the_declarations_they_are_unknown(tmp_path: Path) -> None:
    plain = Checkout(tmp_path / "checkout")
    done = plain.check(configuration(tmp_path))
    assert done.returncode == 1
    assert "motto" in done.stdout and "setmark" in done.stdout
