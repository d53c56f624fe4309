"""Changes of a message that are queued until it is sent, or until ``msg_apply_changes()``."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, Literal, NamedTuple

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.functions import header_name, text_of
from kcc.checks.paths import Move, Step, Track
from kcc.syntax import ast
from runtime.declare.pvspec import PvSpec

Part = str
"""A header (``hdr x-test``), or a part of one (``from user``)."""
How = Literal["added", "removed", "changed"]

PARTS: Final = {
    "fu": ("from user", "from host"), "fU": ("from user",), "fd": ("from host",),
    "fn": ("from display",),
    "tu": ("to user", "to host"), "tU": ("to user",), "td": ("to host",), "tn": ("to display",),
}  # fmt: skip
_ADDS: Final = frozenset({"append_hf", "insert_hf"})
_VALUES: Final = frozenset(
    {"append_hf_value", "insert_hf_value", "assign_hf_value", "assign_hf_value2"}
    | {"include_hf_value", "exclude_hf_value", "remove_hf_value", "remove_hf_value2"}
)
_LOOKS: Final = frozenset({"is_present_hf", "search_hf", "subst_hf"})
_COMPARISONS: Final = frozenset({"==", "!=", "=~", "eq", "ne", "ieq", "ine"})
_NAME: Final = r"[\w.!%*+`'~-]+"
_READ: Final = r"\$\(?hdr\(\s*([\w.!%*+`'~-]+)\s*\)|\$\(?([ft][uUdn])(?![\w(.])"
_TEXTS: Final = frozenset(
    {"replace", "replace_all", "replace_body", "replace_body_all", "subst", "subst_body"}
)
_CONTACTS: Final = frozenset({"fix_nated_contact", "set_contact_alias", "add_contact_alias"})
_TABLES: Final = {
    "textops": "append_hf insert_hf remove_hf subst_hf is_present_hf search_hf replace"
    " replace_all replace_body replace_body_all subst subst_body",
    "nathelper": "fix_nated_contact set_contact_alias add_contact_alias",
    "textopsx": " ".join(sorted(_VALUES)) + " msg_apply_changes",
    "uac": "uac_replace_from uac_replace_to",
}


class Edit(NamedTuple):
    """An edit that waits: how, and the id of what made it."""

    how: How
    node: int


class Clash(NamedTuple):
    """A part that was edited (``first``) is edited again or looked at (``second``)."""

    part: Part
    first: int
    second: int
    read: bool


class Edits:
    """Where a configuration edits and looks at what parts of a message."""

    def __init__(self, context: Context) -> None:
        known = functions.loaded(_TABLES, context)
        self.nodes: Final[dict[int, ast.Node]] = {}
        self.edits: Final[dict[int, dict[Part, How]]] = {}
        self.reads: Final[dict[int, set[Part]]] = {}
        self.applies: Final[set[int]] = set()
        self.compared: Final[set[int]] = set()
        self.logged: Final[set[int]] = set()
        for call in context.nodes(ast.Call):
            if call.name in known:
                self._call(call)
        for assign in context.nodes(ast.Assign):
            target = assign.target
            if isinstance(target, ast.PvExpr) and target.spec.name in PARTS:
                parts = PARTS[target.spec.name]
                self._edit(assign, dict.fromkeys(parts, "changed"))
        if self.edits:
            self._read(context)

    def parts(self) -> list[Part]:
        """The parts that are changed twice or looked at somewhere, most edited first."""
        edited = Counter(part for parts in self.edits.values() for part in parts)
        changed = Counter(
            part for parts in self.edits.values() for part, how in parts.items() if how == "changed"
        )
        read = {part for parts in self.reads.values() for part in parts}
        return [p for p, _ in edited.most_common() if changed[p] > 1 or p in read]

    def builds(self, number: int) -> bool:
        """Whether a node that reads makes text of what it reads: it neither tests nor logs it."""
        node = self.nodes[number]
        return not isinstance(node, ast.Call) and number not in self.compared | self.logged

    def _call(self, call: ast.Call) -> None:
        name = call.name
        if name == "msg_apply_changes":
            self.applies.add(id(call))
            return
        if name in ("uac_replace_from", "uac_replace_to"):
            self._replace(call, name.rpartition("_")[2])
            return
        if name in _CONTACTS:
            self._edit(call, {"contact URI": "changed"})
            return
        text = text_of(call.args[0]) if call.args else None
        if name in _TEXTS:
            if text:
                self._edit(call, {f"text {_pattern(name, text)}": "changed"})
            return
        match = re.match(_NAME, text.strip()) if text is not None else None
        if match is None or "$" in match[0]:
            return
        part = f"hdr {header_name(match[0])}"
        if name in _LOOKS:
            self.reads.setdefault(id(call), set()).add(part)
            self.nodes[id(call)] = call
        if name in _ADDS:
            self._edit(call, {part: "added"})
        elif name == "remove_hf":
            self._edit(call, {part: "removed"})
        elif name in _VALUES or name == "subst_hf":
            self._edit(call, {part: "changed"})

    def _replace(self, call: ast.Call, header: str) -> None:
        texts = [text_of(arg) for arg in call.args]
        parts: list[Part] = []
        if texts and texts[-1] != "":
            parts += [f"{header} user", f"{header} host"]
        if len(texts) > 1 and texts[0] != "":
            parts.append(f"{header} display")
        self._edit(call, dict.fromkeys(parts, "changed"))

    def _edit(self, node: ast.Node, parts: dict[Part, How]) -> None:
        self.nodes[id(node)] = node
        self.edits[id(node)] = parts

    def _read(self, context: Context) -> None:
        self.compared.update(
            id(test.left) for test in context.nodes(ast.Binary) if test.op in _COMPARISONS
        )
        for call in context.nodes(ast.Call):
            if call.name.startswith("x") and len(call.args) < 4:
                self.logged.update(map(id, call.args))
        for variable in context.nodes(ast.PvExpr):
            part = _parts_of(variable.spec)
            if part:
                self.reads[id(variable)] = part
                self.nodes[id(variable)] = variable
        for text in context.nodes(ast.Str):
            if b"$" not in text.value:
                continue
            found: set[Part] = set()
            for header, short in re.findall(_READ, text.value.decode("latin-1")):
                found.update([f"hdr {header_name(header)}"] if header else PARTS[short])
            if found:
                self.reads[id(text)] = found
                self.nodes[id(text)] = text


def _pattern(function: str, text: str) -> str:
    """What a function looks for: all, or what stands between the first two slashes."""
    return text[1:].partition(text[0])[0] if function.startswith("subst") else text


def _parts_of(spec: PvSpec) -> set[Part]:
    if spec.name == "hdr" and isinstance(spec.inner, str) and spec.index is None:
        return {f"hdr {header_name(spec.inner)}"}
    if spec.inner is None and spec.name in PARTS:
        return set(PARTS[spec.name])
    return set()


class Edited(Track):
    """The edit of one part that waits, or None."""

    sorts = ("request", "failure", "branch", "reply", "event")

    def __init__(self, edits: Edits, part: Part) -> None:
        self.prepared: dict[int, Step] = dict.fromkeys(edits.applies, _applied)
        for number in edits.nodes:
            how = edits.edits.get(number, {}).get(part)
            read = part in edits.reads.get(number, ())
            if how is not None or read:
                builds = edits.builds(number)
                self.prepared[number] = _step(part, number, how, read, builds)


def _step(part: Part, number: int, how: How | None, read: bool, builds: bool) -> Step:
    """What a node does that edits a part, or reads it (``builds``: to make text of it)."""

    def step(value: Edit | None) -> Move:
        events: tuple[Clash, ...] = ()
        # text made of what a removed header said: it still says it, and that is meant
        if value is not None and read and not (value.how == "removed" and builds):
            events = (Clash(part, value.node, number, True),)
        elif value is not None and how == "changed" == value.how and value.node != number:
            events = (Clash(part, value.node, number, False),)
        after = (value if how is None else Edit(how, number),)
        return Move(after, after, events)

    return step


def _applied(value: Edit | None) -> Move:
    return Move((None,), (None,))
