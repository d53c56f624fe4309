"""Variables and formats from text, substitution expressions, line tables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from runtime.declare.config import Place
from runtime.declare.exports import (
    Arg,
    Exports,
    Fixup,
    PseudoVar,
    PvName,
    PvType,
    Transformation,
)
from runtime.declare.substspec import SubstError, parse_subst
from runtime.native.sipmsg import SipMsg
from runtime.script.linemap import LineTable
from runtime.script.pv import Format, PvError, PvRef, PvRegistry, refix
from runtime.script.substitute import Subst
from runtime.script.values import EvalError, Value

EXPORTS = Exports(
    name="pv",
    pvs=(
        PseudoVar("null", PvType.DYNAMIC),
        PseudoVar("var", PvType.DYNAMIC, inner=PvName.STATIC, writable=True),
        PseudoVar("rU", writable=True, native="ruri_user"),
        PseudoVar("hdr", inner=PvName.DYNAMIC, indexed=True),
        PseudoVar("ci", native="call_id"),
    ),
    transformations=(
        Transformation("s", "len", returns=PvType.INT),
        Transformation("s", "substr", (Arg("offset", Fixup.INT_PV), Arg("length", Fixup.INT_PV))),
    ),
)


class Pv:
    def pv_hdr(self, msg: Any, name: bytes, index: int | str = 0) -> Value:
        return b"%s#%s" % (name, str(index).encode())

    def tr_s_len(self, value: Value) -> Value:
        return len(value) if isinstance(value, bytes) else None

    def tr_s_substr(self, value: bytes, offset: int, length: int) -> Value:
        return value[offset : offset + length]


@pytest.fixture
def registry() -> PvRegistry:
    made = PvRegistry([], ["x"])
    made.add(EXPORTS, Pv())
    return made


@pytest.fixture
def msg() -> SipMsg:
    return cast(SipMsg, SimpleNamespace(ruri_user=b"bob", call_id=None))


def test_read_and_write(registry: PvRegistry, msg: SipMsg) -> None:
    user = PvRef(registry, b"$rU")
    user.set(msg, b"alice")
    assert user.get(msg) == b"alice" and user.writable
    var = PvRef(registry, b"$var(x)")
    var.set(msg, 5)
    assert registry.vars.slots == [5]
    var.set(msg, None)
    assert var.get(msg) == 0
    assert not PvRef(registry, b"$ci").writable
    with pytest.raises(PvError):
        PvRef(registry, b"$ci").set(msg, b"x")


def test_formats(registry: PvRegistry, msg: SipMsg) -> None:
    text = b"$rU $ci $$ $(hdr(X)[2]) $hdr($rU) $(rU{s.substr,1,$var(x)}{s.len})"
    registry.vars.slots[0] = 2
    assert Format(registry, text).eval(msg) == b"bob <null> $ X#2 bob#0 2"
    assert Format(registry, b"plain").constant == b"plain"
    assert Format(registry, b"$rU").constant is None
    assert refix(registry, b"to $rU", msg) == b"to bob"
    with pytest.raises(EvalError):
        refix(registry, b"50$", msg)


@pytest.mark.parametrize(
    "text", [b"$nosuch", b"$hdr", b"$rU(x)", b"$(rU[1])", b"$(rU{s.no})", b"$(rU{s.substr,1})",
             b"$", b"rU"]
)  # fmt: skip
def test_refused(registry: PvRegistry, text: bytes) -> None:
    with pytest.raises(PvError):
        PvRef(registry, text)


def test_substitution(registry: PvRegistry, msg: SipMsg) -> None:
    assert Subst(registry, rb"/(b+)/<\1$rU>/g").run(msg, b"abbab") == (b"a<bbbob>a<bbob>", 2)
    assert Subst(registry, rb"/B/x/i").run(msg, b"abb") == (b"axb", 1)
    assert Subst(registry, rb"|a/b|\||").run(msg, b"a/b") == (b"|", 1)
    assert Subst(registry, rb"/^a/x/g").run(msg, b"aa") == (b"xa", 1)
    assert Subst(registry, rb"/z/x/").run(msg, b"a") == (b"a", 0)
    assert Subst(registry, rb"/z*/x/").run(msg, b"a") is None


@pytest.mark.parametrize("text", [b"", b"/a", b"/a/b", b"/a/b/q", b"/a/b/g/"])
def test_no_substitution(text: bytes) -> None:
    with pytest.raises(SubstError):
        parse_subst(text)


def test_lines() -> None:
    table = LineTable("m.py", ("a.cfg", "b.cfg"), ((5, 0, 10), (8, 1, 3), (9, 0, 0)))
    assert table.place(4) is None and table.place(9) is None
    assert table.place(5) == table.place(7) == Place("a.cfg", 10)
    assert table.place(8) == Place("b.cfg", 3)
