"""Which variables of the script are read where, and what may write them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from kcc.checks.context import Context
from kcc.checks.flow import RouteKey
from kcc.checks.reach import ALWAYS_TRUE, Reach
from kcc.checks.written import texts
from kcc.source.span import Span
from kcc.syntax import ast
from runtime.declare.exports import Fixup
from runtime.declare.record import walk

Name = tuple[str, str]
"""Class and name: ``("var", "x")``. The name ``*`` stands for one that is computed."""

_MENTION: Final = re.compile(
    rb"\$\$|\$\(?(var|avp|xavp|xavu|xavi)\((?:[si]:)?([^()$=\[]*)([^()=\[]?)"
)
_WORD: Final = re.compile(rb"[\w-]+")
_ASSIGNED: Final = re.compile(
    r"\$\(?(var|avp|xavp|xavu|xavi)\((?:[si]:)?([^()$=\[\n]*)[^()\n]*\)[^()=\n]*\)?\s*=(?![=~])"
)
_VALUES: Final = frozenset({Fixup.INT_PV, Fixup.STR_PV, Fixup.STR_VAR, Fixup.VAL_VAR, Fixup.VAL_PV})
_FORMATS: Final = ALWAYS_TRUE | {"pv_printf", "avp_printf", "pv_evalx", "xlogm", "xdbgl"}
_LOAD_ANY: Final = frozenset(
    {
        "avp_db_load", "avp_db_query", "checkospheader", "do_routing", "dp_apply_policy",
        "dp_can_connect", "exec_avp", "h350_auth_lookup", "h350_result_call_preferences",
        "is_domain_local", "is_from_local", "is_uri_host_local", "jansson_xdecode",
        "json_get_field", "ldap_result", "load_attrs", "lookup_domain", "lookup_user",
        "radius_load_callee_avps", "radius_load_caller_avps",
    }
)  # fmt: skip
"""Functions that write AVPs whose names stand in a database, not in the configuration."""

_OWN_NAMES: Final = ("ims_", "uid_", "osp", "erlang", "kazoo", "peering", "statsd")
"""Modules that write AVPs with names of their own, by how their names begin."""


class Variables:
    """What there is of ``$var``, ``$avp``, ``$xavp``, ``$xavu`` and ``$xavi``; a fact of the
    context.

    ``written`` may be written somewhere. ``reads`` are the nodes that read something, with what;
    ``changes`` says what a call, by its ``id``, may write through its arguments. ``opaque`` calls
    write variables whose names are not in the configuration: ``scripted`` functions, which run code
    in another language, and those that take the names from somewhere else.
    """

    def __init__(self, context: Context) -> None:
        self._context: Final = context
        self._texts: Final[dict[bytes, tuple[Name, ...]]] = {}
        self._readers: Final[dict[tuple[str, int], tuple[bool, ...]]] = {}
        self.written: Final[set[Name]] = set()
        self._assigned: Final[dict[Name, int]] = {}
        self.reads: Final[list[tuple[ast.PvExpr | ast.Str, tuple[Name, ...]]]] = []
        self.changes: Final[dict[int, tuple[Name, ...]]] = {}
        self.opaque: Final[set[int]] = set()
        self._words: Final[set[bytes]] = set()
        self.scripted: Final = _scripted(context)
        targets = {id(node.target) for node in context.nodes(ast.Assign)}
        for assign in context.nodes(ast.Assign):
            if isinstance(assign.target, ast.PvExpr):
                for name in self.mentions(assign.target)[:1]:
                    self.written.add(name)
                    self._assigned[name] = self._assigned.get(name, 0) + 1
        given: set[int] = set()
        for call in context.nodes(ast.Call):
            self._call(call, given)
        for node in context.nodes(ast.PvExpr):
            found = self.mentions(node)
            if id(node) in targets:
                found = found[1:]
            if found:
                self.reads.append((node, found))
        for text in context.nodes(ast.Str):
            if b"$" in text.value and id(text) not in given:
                found = self.mentions(text)
                if found:
                    self.reads.append((text, found))

    def mentions(self, node: ast.PvExpr | ast.Str) -> tuple[Name, ...]:
        """The variables in a variable or string, the outermost first."""
        text = (
            node.value
            if isinstance(node, ast.Str)
            else node.text.encode("utf-8", "surrogateescape")
        )
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = tuple(
                name for name in map(_name, _MENTION.finditer(text)) if name is not None
            )
        return found

    def _call(self, call: ast.Call, given: set[int]) -> None:
        if call.name in self.scripted or call.name == "pv_xavp_to_var":
            self.opaque.add(id(call))
        changed: tuple[Name, ...] = ()
        for at, arg in enumerate(call.args):
            if not isinstance(arg, ast.Str):
                continue
            if b"$" not in arg.value:
                if call.name not in ALWAYS_TRUE:
                    self._words.update(_WORD.findall(arg.value))
            elif not self._only_read(call, at):
                found = self.mentions(arg)
                if found:
                    given.add(id(arg))
                    changed += found
        if changed:
            self.changes[id(call)] = changed
            self.written.update(changed)

    def _only_read(self, call: ast.Call, at: int) -> bool:
        key = (call.name, len(call.args))
        found = self._readers.get(key)
        if found is None:
            found = self._readers[key] = self._reader(call)
        return at < len(found) and found[at]

    def _reader(self, call: ast.Call) -> tuple[bool, ...]:
        """For each argument, whether a function only reads the variables in it."""
        rows = [
            row.function.args
            for row in self._context.catalog.function(call.name, self._context.program.modules)
            if row.function.variadic or row.function.required <= len(call.args)
        ]
        formats = {Fixup.FORMAT} if call.name in _FORMATS else set()
        return tuple(
            bool(rows)
            and all(
                at < len(args) and (args[at].fixup in _VALUES or args[at].fixup in formats)
                for args in rows
            )
            for at in range(len(call.args))
        )

    def may_be_written(self, name: Name) -> bool:
        """Whether anything in the configuration may write a variable."""
        if name in self.written or name[1] == "*":
            return True
        return self.left_out(name) or self.outside(name)

    def outside(self, name: Name) -> bool:
        """Whether something may write a variable that does not name it as one."""
        if self.scripted or (name[0], "*") in self.written:
            return True
        context = self._context
        if name[0] == "var" and self.opaque:
            return True
        if name[0] == "avp" and (
            any(module.startswith(_OWN_NAMES) for module in context.program.modules)
            or any(call.name in _LOAD_ANY for call in context.nodes(ast.Call))
        ):
            return True
        words = set(_WORD.findall(name[1].encode("latin-1")))
        if words <= context.fact(_parameter_words):
            return True
        return name[0] != "var" and words <= self._words

    def left_out(self, name: Name) -> bool:
        """Whether an assignment stands where it is left out since a name is not defined."""
        return self._context.fact(_assigned)[name] > self._assigned.get(name, 0)

    def place(self, node: ast.PvExpr | ast.Str, name: Name) -> Span:
        """Where a variable stands in a string."""
        span = node.span
        if isinstance(node, ast.Str) and span.expansion is None:
            for match in _MENTION.finditer(span.text.encode("latin-1")):
                if _name(match) == name:
                    end = span.text.find(")", match.end())
                    last = end + 1 if end >= 0 else match.end()
                    return Span(span.file, span.start + match.start(), span.start + last)
        return span

    def written_in(self, body: ast.Block) -> set[Name]:
        """What statements may write, and the routes that they call."""
        reach = self._context.fact(Reach)
        names: set[Name] = set()
        stack: list[ast.Block] = [body]
        seen: set[RouteKey] = set()
        while stack:
            for node in walk(stack.pop()):
                if isinstance(node, ast.Assign) and isinstance(node.target, ast.PvExpr):
                    names.update(self.mentions(node.target)[:1])
                elif isinstance(node, ast.Call):
                    names.update(self.changes.get(id(node), ()))
                    if id(node) in self.opaque:
                        names.update(self.written)
                    key = reach.target(node)
                    if key is not None and key not in seen:
                        seen.add(key)
                        stack.extend(reach.blocks(key))
        return names


def _name(match: re.Match[bytes]) -> Name | None:
    """What a mention is of; None for ``$$``. Names of ``$xavi`` have no case."""
    if match[1] is None:
        return None
    cls, name = match[1].decode(), match[2].decode("latin-1").strip()
    if match[3] == b"$":
        return cls, "*"
    return cls, name.lower() if cls == "xavi" else name


def _assigned(context: Context) -> Counter[Name]:
    """How often a variable is assigned to in the files, what ``#!ifdef`` leaves out included."""
    return Counter(
        (cls, name.strip().lower() if cls == "xavi" else name.strip())
        for text in context.fact(texts)
        for cls, name in _ASSIGNED.findall(text)
    )


def _scripted(context: Context) -> frozenset[str]:
    """The functions of loaded modules that run a script in another language."""
    found: set[str] = set()
    for module in context.program.modules:
        if module.startswith("app_"):
            exports = context.catalog.module(module)
            found.update(row.name for row in (exports.functions if exports is not None else ()))
    return frozenset(found)


def _parameter_words(context: Context) -> set[bytes]:
    """The words in the parameters of the loaded modules, given and by default."""
    texts = [
        item.value.value
        for item in context.file.items
        if isinstance(item, ast.ModParam) and isinstance(item.value, ast.Str)
    ]
    for module in context.program.modules:
        exports = context.catalog.module(module)
        for row in exports.params if exports is not None else ():
            if isinstance(row.default, str):
                texts.append(row.default.encode("utf-8"))
    return {word for text in texts for word in _WORD.findall(text)}
