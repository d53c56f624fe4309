"""What a script has found out about the sender of a request and about its destination."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.paths import Carry, Move, Step, Track, slot_of
from kcc.syntax import ast
from runtime.declare.pvspec import PvSpec


class Known(NamedTuple):
    """``sender``: it has proved who it is, or its address was checked. ``checked``: that, or the
    destination was checked or chosen. ``ours``: what ``uri==myself`` gave."""

    sender: bool = False
    checked: bool = False
    ours: bool | None = None


class Unchecked(NamedTuple):
    """A call that is reached with too little known: ``save`` or ``relay``, and its id."""

    what: Literal["save", "relay"]
    call: int


_EQUAL: Final = frozenset({"==", "eq", "ieq", "=~"})
_UNEQUAL: Final = frozenset({"!=", "ne", "ine"})
_SOURCE_OPERANDS: Final = frozenset({"src_ip", "dst_ip", "dst_port", "snd_ip", "proto", "src_port"})
_URI_OPERANDS: Final = frozenset({"uri", "to_uri", "from_uri"})
_SOURCE: Final = frozenset({"si", "sas", "su", "sut", "siz", "Ri", "Rp", "Ru", "Rn", "proto", "pr"})
_TARGET: Final = frozenset({"rd", "ru", "du", "dd", "fd", "fu"})
_CHOSEN: Final = frozenset({"ru", "rd", "du"})
_IN_TEXT: Final = rb"\$\(?(?:si|sas|su|sut|siz|Ri|rd|ru|du|dd|fd|fu|fU|td|tu|rU|au|ad)\b|\$\(?tls_"
_IDLE: Final = frozenset({
    "log", "insert_hf", "send_reply", "sl_reply", "t_reply", "sl_send_reply", "sl_reply_error",
    "setflag", "resetflag", "setbflag", "is_present_hf", "set_contact_alias", "pv_printf",
    "setdebug", "prefix", "strip", "strip_tail", "is_method", "consume_credentials",
    "is_tel_number", "is_numeric", "starts_with", "ends_with", "sanity_check", "nat_uac_test",
    "geoip_match", "geoip2_match", "cmp_str", "cmp_istr",
})  # fmt: skip
_IDLE_STARTS: Final = (
    "xlog", "xdbg", "xinfo", "xnotice", "xwarn", "xerr", "xalert", "xcrit", "xbug", "acc_",
    "append_", "remove_hf", "add_", "record_route", "sip_trace", "t_on_", "t_set_", "rtp", "pike_",
    "fix_", "force_", "msg_", "sht_", "uac_replace_", "subst", "replace", "dlg_", "search", "mf_",
)  # fmt: skip
"""Functions that find out nothing, whatever they are told of the sender."""


class Senders(Track):
    """The value is what is known. A path ends where a reply is sent: what goes on after it is a
    mistake of its own. ``carriers`` are the variables and flags that were set where something was
    known; a test of one that is trusted tells it."""

    start = Known()

    def __init__(self, context: Context, carry: Carry | None = None) -> None:
        self._carry: Final = carry
        self.carriers: Final[set[str]] = set()
        self._replies: Final = functions.loaded(functions.REPLIES, context)
        self._relays: Final = functions.loaded(functions.RELAYS, context)
        self.calls: Final[dict[int, ast.Call]] = {}
        known: dict[str, Step] = {}
        for table, step in (
            (functions.SCRIPTS, _anything),
            (functions.OTHERS, _anything),
            (functions.CHOOSE, _chosen),
            (functions.DESTINATION, _destination),
            (functions.ALLOW, _sender),
            (functions.AUTHENTICATE, _sender),
        ):
            known.update(dict.fromkeys(functions.loaded(table, context), step))
        self._known: Final = known
        called = {call.name for call in context.nodes(ast.Call)}
        self.names = frozenset(
            name
            for name in called
            if name in known
            or name in self._replies
            or name in self._relays
            or name == "route"
            or (name in ("setflag", "isflagset") and carry is not None)
            or not (name in _IDLE or name.startswith(_IDLE_STARTS))
        )

    def call(self, node: ast.Call) -> Step | None:
        name = node.name
        if name == "save" and name in self._replies:
            return self._save(node)
        if name in self._relays:
            return self._relay(node)
        if name in self._replies:
            return _end if functions.final(node) else None
        if name in self._known:
            return self._known[name]
        if name == "route":
            return _anything  # computed
        if name in ("setflag", "isflagset"):
            return self._flag(node)
        return _anything if any(map(_tells, node.args)) else None

    def _flag(self, node: ast.Call) -> Step | None:
        slot = f"flag {functions.text_of(node.args[0])}"
        if node.name == "setflag":
            return self._stored(slot)
        return _anything if self._carry is not None and slot in self._carry.trusted else None

    def assign(self, node: ast.Assign) -> Step | None:
        target = node.target
        if not isinstance(target, ast.PvExpr):
            return None
        if target.spec.name in _CHOSEN:
            return _chosen
        if self._carry is None or slot_of(target) not in self._carry.tested:
            return None
        return self._stored(slot_of(target))

    def _stored(self, slot: str) -> Step:
        """Something is stored: where more is known than at the start, that may be the reason."""

        def step(value: Known) -> Move:
            if value.checked:
                self.carriers.add(slot)
            return Move((value,), (value,))

        return step

    def test(self, node: ast.Binary | ast.PvExpr) -> Step | None:
        if isinstance(node, ast.PvExpr):
            trusted = self._carry is not None and slot_of(node) in self._carry.trusted
            return _anything if trusted or _tells(node) else None
        left, op = node.left, node.op
        yes, no = op in _EQUAL, op in _UNEQUAL
        if isinstance(left, ast.Legacy):
            if left.name == "uri" and isinstance(node.right, ast.Myself):
                return _ours(yes)
            if left.name in _SOURCE_OPERANDS:
                return _found(Known(True, True), yes, no)
            return _found(Known(False, True), yes, no) if left.name in _URI_OPERANDS else None
        if isinstance(left, ast.PvExpr) and left.spec.inner is None:
            name = left.spec.name
            empty = _is_null(node.right)
            if name in _SOURCE:
                return _found(Known(True, True), yes, no)
            if name in _TARGET:
                return _found(Known(False, True), yes != empty, no != empty)
        if any(map(_tells, (left, node.right))):
            return _anything
        if self._carry is None or not isinstance(left, ast.PvExpr):
            return None
        return _anything if slot_of(left) in self._carry.trusted else None

    def _save(self, node: ast.Call) -> Step:
        self.calls[id(node)] = node

        def step(value: Known) -> Move:
            return Move((), (), () if value.sender else (Unchecked("save", id(node)),))

        return step

    def _relay(self, node: ast.Call) -> Step:
        self.calls[id(node)] = node
        chosen = _names_a_host(node)

        def step(value: Known) -> Move:
            return Move((), (), () if chosen or value.checked else (Unchecked("relay", id(node)),))

        return step


def _names_a_host(node: ast.Call) -> bool:
    """Whether a relaying call says where to: a single argument of ``t_relay`` may be flags."""
    if not node.args or isinstance(node.args[0], ast.MsgPart):
        return False
    text = functions.text_of(node.args[0])
    return len(node.args) > 1 or text is None or not text.removeprefix("0x").isdigit()


def _is_null(node: ast.Expr) -> bool:
    if isinstance(node, ast.PvExpr):
        return node.spec.name == "null"
    return isinstance(node, ast.Str) and not node.value


def _tells(node: ast.Expr) -> bool:
    """Whether an operand speaks of the sender or the destination."""
    if isinstance(node, ast.Str):
        return b"$" in node.value and re.search(_IN_TEXT, node.value) is not None
    if isinstance(node, ast.PvExpr):
        return _spec_tells(node.spec)
    if isinstance(node, ast.Select):
        return node.parts[0].name in ("tls", "src", "ruri", "from")
    if isinstance(node, ast.Cast):
        return _tells(node.operand)
    return isinstance(node, ast.Builtin) and any(map(_tells, node.args))


def _spec_tells(spec: PvSpec) -> bool:
    if spec.name in _SOURCE or spec.name in _TARGET or spec.name.startswith("tls_"):
        return True
    inner = spec.inner
    if isinstance(inner, PvSpec):
        return _spec_tells(inner)
    if isinstance(inner, tuple):
        return any(isinstance(part, PvSpec) and _spec_tells(part) for part in inner)
    return isinstance(inner, str) and re.search(_IN_TEXT, inner.encode("latin-1")) is not None


# --- steps ---------------------------------------------------------------------------------------


def _with(value: Known, known: Known) -> Known:
    return value._replace(
        sender=value.sender or known.sender, checked=value.checked or known.checked
    )


def _end(value: Known) -> Move:
    return Move((), ())


def _sender(value: Known) -> Move:
    return Move((_with(value, Known(True, True)),), (value,))


def _destination(value: Known) -> Move:
    return Move((value._replace(checked=True, ours=None),), (value,))


def _anything(value: Known) -> Move:
    known = (_with(value, Known(True, True)),)
    return Move(known, known)


def _chosen(value: Known) -> Move:
    known = (value._replace(checked=True, ours=None),)
    return Move(known, known)


def _found(known: Known, yes: bool, no: bool) -> Step:
    """A comparison after which something is known, where it holds (``yes``) or does not."""

    def step(value: Known) -> Move:
        after = (_with(value, known),)
        return Move(after if yes else (value,), after if no else (value,))

    return step


def _ours(equal: bool) -> Step:
    def step(value: Known) -> Move:
        ours = () if value.ours is False else (value._replace(checked=True, ours=True),)
        foreign = () if value.ours is True else (value._replace(ours=False),)
        return Move(ours, foreign) if equal else Move(foreign, ours)

    return step
