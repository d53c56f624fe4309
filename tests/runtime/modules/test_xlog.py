"""xlog: the lines that a script logs, as Kamailio prints them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from runtime.declare.config import Place
from runtime.modules.xlog.module import Module
from runtime.native import sipmsg
from runtime.native.sipmsg import SipMsg
from runtime.script.pv import Format, PvRegistry
from runtime.server.errors import StartError
from runtime.server.log import L_ERR, LOG, terminal_color
from tests.helpers.servers import KAMAILIO, OURS, need_kamailio
from tests.runtime.modules.wire import (
    BUSY,
    INVITE,
    PLAIN,
    Case,
    check,
    check_or_record,
    outcomes,
)

LEVELS = ("L_ALERT", "L_BUG", "L_CRIT", "L_CRIT2", "L_ERR", "L_WARN", "L_NOTICE", "L_INFO", "L_DBG")
FUNCTIONS = (
    "xdbg",
    "xinfo",
    "xnotice",
    "xwarn",
    "xerr",
    "xbug",
    "xcrit",
    "xalert",
    "xlog",
    "xlogl",
)
ALL = (
    *(Case(f"level-{n}", rf'xlog("{level}", "#$rm\n");') for n, level in enumerate(LEVELS)),
    *(Case(f"call-{name}", rf'{name}("#$ru $ci\n"); $var(rc) = $rc;') for name in FUNCTIONS),
    Case("xdbgl", r'xdbgl("#not seen\n"); $var(rc) = $rc;'),
    Case("line", r'xlogl("L_INFO", "#$rm\n"); $var(rc) = $rc;'),
    Case("line-facility", r'xlogl("LOG_LOCAL3", "L_INFO", "#$rm\n"); $var(rc) = $rc;'),
    Case("facility-low", r'xlog("log_ftp", "L_INFO", "#$rm\n"); $var(rc) = $rc;'),
    Case("facility", r'xlog("LOG_LOCAL0", "L_WARN", "#$rm\n"); $var(rc) = $rc;'),
    Case("null", r'xlog("L_INFO", "#$au|$avp(none)|$hdr(X-A)|$(hdr(X-A)[-1])\n");'),
    Case("percent", r'xlog("L_INFO", "#%s %d %n $$ 100%\n"); $var(rc) = $rc;'),
    Case("two-lines", r'xlog("L_INFO", "#one\n#two\n"); $var(rc) = $rc;'),
    Case("variable", r'$var(l) = 1; xlog("$var(l)", "#at $var(l)\n"); $var(rc) = $rc;'),
    Case("variable-off", r'$var(l) = 3; xlog("$var(l)", "#at $var(l)\n"); $var(rc) = $rc;'),
    Case("variable-error", r'$var(l) = -1; xlog("$var(l)", "#at $var(l)\n"); $var(rc) = $rc;'),
    Case("filter-invite", r'xlogm("L_INFO", "#$rm\n"); $var(rc) = $rc;'),
    Case("filter-options", r'xlogm("L_INFO", "#$rm\n"); $var(rc) = $rc;', PLAIN),
    Case("color", r'xlog("L_INFO", "#$C(rx)red$C(xx) $C(Gb)bright$C(xs)\n");'),
    Case("long", rf'xlog("L_INFO", "#{"x" * 40}\n"); $var(rc) = $rc;'),
    Case("reply", r'xlog("L_INFO", "#$rs $rr $rm\n");', BUSY),
    Case("reply-filter", r'xlogm("L_INFO", "#$rs\n"); $var(rc) = $rc;', BUSY),
)


@dataclass(frozen=True, slots=True)
class Setup:
    """Parameters, and the file with what Kamailio does under them."""

    name: str
    params: tuple[str, ...]

    @property
    def recording(self) -> str:
        """The recording's name."""
        return f"xlog-{self.name}.txt"


SETUPS = (
    Setup("plain", ()),
    Setup(
        "long",
        (
            'modparam("xlog", "long_format", 1)',
            'modparam("xlog", "prefix", "P: ")',
            'modparam("xlog", "methods_filter", 1)',
            'modparam("xlog", "buf_size", 40)',
            'log_prefix="{$mt $hdr(CSeq) $ci} "',
        ),
    ),
    Setup(
        "color",
        (
            'modparam("xlog", "prefix", "<$rm>: ")',
            'modparam("xlog", "prefix_mode", 1)',
            'modparam("xlog", "methods_filter", 0)',
            'modparam("xlog", "log_colors", "L_ERR=Gb;l_info=w0;L_WARN=0y;")',
            "log_color=yes",
        ),
    ),
)
each_setup = pytest.mark.parametrize("setup", SETUPS, ids=lambda each: each.name)


def _outcomes(program: Sequence[str], setup: Setup, directory: Path) -> str:
    found = outcomes(program, ALL, directory, params=setup.params, log="#")
    return found.replace(str(directory), "<directory>")


@pytest.mark.oracle
@each_setup
def test_recording_is_what_kamailio_does(
    setup: Setup, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    need_kamailio()
    check_or_record(setup.recording, _outcomes(KAMAILIO, setup, tmp_path / "k"), request)


@each_setup
def test_same_as_kamailio(setup: Setup, tmp_path: Path) -> None:
    check(setup.recording, _outcomes(OURS, setup, tmp_path / "o"))


class Unread(Format):
    """A text that nobody may compute."""

    def __init__(self) -> None:
        super().__init__(PvRegistry([]), b"x")

    def eval(self, msg: SipMsg) -> bytes:
        raise AssertionError("computed")


@pytest.fixture(name="module")
def _module() -> Module:
    cfg = SimpleNamespace(get=lambda group, name: 0)
    return Module(cast(Any, SimpleNamespace(pv=PvRegistry([]), cfg=cfg)))


@pytest.fixture(name="message")
def _message() -> SipMsg:
    message = sipmsg.parse(INVITE.text("x", 5060, 5060))
    assert message is not None
    return message


def _text(text: bytes) -> Format:
    return Format(PvRegistry([]), text)


def test_the_level_is_looked_at_first(
    module: Module, message: SipMsg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOG, "level", L_ERR)
    assert module.xwarn(message, Unread()) == 1
    assert module.xlog_2(message, b"L_INFO", Unread()) == 1
    assert module.xlogm(message, b"L_DBG", Unread()) == 1


def test_a_line_of_the_log_ends(
    module: Module, message: SipMsg, capfd: pytest.CaptureFixture[str]
) -> None:
    assert module.xerr(message, _text(b"no end")) == 1
    assert module.xerr(message, _text(b"\xff\x00 octets\n")) == 1
    lines = capfd.readouterr().err.split("\n")
    assert [line.partition(") ")[2] for line in lines[:1]] == ["ERROR: <script>: no end"]
    assert len(lines) == 3


def test_a_text_that_does_not_fit_is_an_error(
    module: Module, message: SipMsg, capfd: pytest.CaptureFixture[str]
) -> None:
    module.set_param("buf_size", 10)
    assert module.xerr(message, _text(b"123456789")) == 1
    assert module.xerr(message, _text(b"1234567890")) == -1
    assert "10 octets does not fit (buf_size 10)" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_colors", b"L_NONE=xx"),
        ("log_colors", b"L_ERR=x"),
        ("log_colors", b"L_ERR"),
    ],
)
def test_bad_parameters_are_refused(module: Module, name: str, value: bytes) -> None:
    with pytest.raises(StartError, match="log_colors"):
        module.set_param(name, value, Place("x.cfg", 3))


def test_a_facility_that_is_none_is_refused(module: Module) -> None:
    module.set_param("log_facility", b"LOG_NONE")
    with pytest.raises(StartError, match="LOG_NONE"):
        module.mod_init()


@pytest.mark.parametrize(
    ("facility", "level"),
    [(b"LOG_NONE", b"L_ERR"), (b"LOG_USER", b"L_X"), (b"LOG_USER", b"high")],
)
def test_facilities_and_levels_that_are_none_make_false(
    module: Module, message: SipMsg, facility: bytes, level: bytes
) -> None:
    assert module.xlog_3(message, facility, level, Unread()) == -1
    assert module.xlogl_3(message, facility, level, Unread()) == -1


def test_a_level_may_be_a_number(
    module: Module,
    message: SipMsg,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(LOG, "level", L_ERR)
    assert module.xlog_2(message, b"-9", _text(b"first")) == 1
    assert module.xlog_2(message, b"9", Unread()) == 1
    assert "ALERT: <script>: first" in capfd.readouterr().err


def test_colors_are_for_terminals(
    module: Module, message: SipMsg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOG, "to_stderr", False)
    assert module.pv_C(message, b"rx") == b""
    module.set_param("force_color", 1)
    assert module.pv_C(message, b"rx") == b"\x1b[0;31;49m"
    assert terminal_color("Wb") == "\x1b[1;37;44m"
    assert terminal_color("xx") == "\x1b[0;39;49m"
