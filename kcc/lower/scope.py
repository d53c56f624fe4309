"""What a configuration has loaded and declared, and what lowering finds on its way."""

from __future__ import annotations

import os
from collections.abc import Callable

from kcc.catalog.catalog import Catalog
from kcc.diagnostics.model import Note
from kcc.diagnostics.reporter import Reporter
from kcc.ir.program import Missing, Stmt, Trace
from kcc.ir.program import Route as RouteIr
from kcc.source.span import Span
from kcc.syntax import ast
from runtime.declare.exports import PseudoVar, Routes, Status, Transformation

KIND_OF_ROUTE = {
    "request_route": "request",
    "route": "route",
    "failure_route": "failure",
    "branch_route": "branch",
    "onreply_route": "onreply",
    "onsend_route": "onsend",
    "event_route": "event",
}
METHOD_PREFIX = {
    "route": "route_",
    "failure": "failure_route_",
    "branch": "branch_route_",
    "onreply": "onreply_route_",
    "event": "event_route_",
    "branch_failure": "branch_failure_route_",
}
_TYPE_OF_KIND = {
    "request": Routes.REQUEST,
    "route": Routes.REQUEST,
    "failure": Routes.FAILURE,
    "branch": Routes.BRANCH,
    "branch_failure": Routes.EVENT | Routes.REQUEST,  # an event route like any, to cfg.y
    "onreply": Routes.TM_ONREPLY,
    "reply": Routes.CORE_ONREPLY,
    "onsend": Routes.ONSEND,
    "event": Routes.EVENT | Routes.REQUEST,
}


class Scope:
    """Names in reach: loaded modules, routes, flags; and what was met: variables, blocks."""

    def __init__(self, file: ast.File, catalog: Catalog, reporter: Reporter) -> None:
        self.file = file
        self.catalog = catalog
        self.reporter = reporter
        self._places: dict[str, int] = {}
        self.modules = self._loaded()
        self.late: frozenset[str] = frozenset()
        self.pvs: dict[str, tuple[str, PseudoVar]] = catalog.pseudo_vars(self.modules)
        self.transformations: dict[tuple[str, str], tuple[str, Transformation]] = (
            catalog.transformations(self.modules)
        )
        self.settings: dict[tuple[str, str], Status] = {}
        self.methods: dict[tuple[str, str], str] = {}
        self.flags: dict[str, int] = {}
        self._taken: set[str] = set()
        self._declare()
        self.vars: dict[str, None] = {}
        self.reads_code = False
        self.missing: list[Missing] = []
        self.params: dict[tuple[str, str], int | bytes] = {}  # the last value given
        self.tables: set[bytes] = set()  # hash tables declared so far
        self.regexes: dict[bytes, str] = {}  # those looked at, with what is wrong
        self.blocks: list[RouteIr] = []
        self.rests: list[RouteIr] = []
        self.traced = "debugger" in self.modules
        self.traces: dict[int, Trace] = {}  # by the identity of a call
        self.route_name = ""
        self.next_line = 0  # of what follows the statement at hand
        self.route_type = Routes.REQUEST
        self.route_label = "request_route"

    def _loaded(self) -> tuple[str, ...]:
        modules: dict[str, None] = {}
        first: dict[str, Span] = {}
        for number, item in enumerate(self.file.items):
            if not isinstance(item, ast.LoadModule):
                continue
            name = module_name(item.name.value)
            if name in first:
                self.reporter.report(
                    "K0253",
                    f"module `{name}` is loaded a second time, which Kamailio refuses",
                    item.name.span,
                    notes=(Note("first loaded here", first[name]),),
                )
                continue
            first[name] = item.name.span
            if self.catalog.module(name) is None:
                from kcc.catalog.catalog import suggest

                near = suggest(name, self.catalog.module_names)
                did_you_mean = f"did you mean `{near}`?" if near else None
                self.reporter.report(
                    "K0210",
                    f"Kamailio {self.catalog.target} has no module `{name}`",
                    item.name.span,
                    help=self.catalog.changes.module(name) or did_you_mean,
                )
            else:
                modules.setdefault(name)
                self._places.setdefault(name, number)
        return tuple(modules)

    def loaded_after(self, module: str, other: str) -> bool:
        """Whether the first of two loaded modules is loaded after the second."""
        return self._places[module] > self._places[other]

    def read_to(self, number: int) -> None:
        """From here on the text is that of an item: ``late`` modules are loaded after it."""
        if self.late or max(self._places.values(), default=-1) > number:
            self.late = frozenset(m for m, place in self._places.items() if place > number)

    def _declare(self) -> None:
        for module in ("core", *self.modules):
            exports = self.catalog.module(module)
            for row in exports.cfg if exports is not None else ():
                self.settings.setdefault((row.group, row.name), row.status)
        for item in self.file.items:
            if isinstance(item, ast.CustomParam):
                self.settings[item.group, item.name] = Status.BUILT
            if isinstance(item, ast.Route):
                key = route_key(item)
                if key not in self.methods:
                    self.methods[key] = self.unique(method_name(*key))
            elif isinstance(item, ast.FlagsDecl) and item.kind == "flags":
                for flag in item.flags:
                    number = flag.number
                    if number is None:
                        used = set(self.flags.values())
                        number = next((n for n in range(32) if n not in used), -1)
                    self.flags.setdefault(flag.name, number)

    def unique(self, wanted: str) -> str:
        """``wanted``, or it with a number where it is taken."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name

    def enter(self, kind: str, name: str) -> None:
        """From here on statements stand in this route."""
        self.route_type = _TYPE_OF_KIND[kind]
        self.route_name = name or "DEFAULT_ROUTE"
        self.route_label = f"{kind}_route" if not name else f"{kind}_route[{name}]"
        if kind == "route":
            self.route_label = f"route[{name}]"

    def not_built(self, what: str, span: Span) -> None:
        """Something is used that the server does not have: a warning, and no start."""
        self.missing.append(Missing(what, span))
        self.reporter.report(
            "K0214",
            f"{what} is not built yet: the configuration compiles but cannot be run",
            span,
        )

    def names(self, kind: str) -> list[str]:
        """The names of the routes of one kind, sorted."""
        return sorted(name for k, name in self.methods if k == kind and name)

    def block(self, span: Span, lower: Callable[[], tuple[Stmt, ...]]) -> str:
        """Make a method of statements that are used as a value; returns its name."""
        method = self.unique(f"block_{len(self.blocks) + 1}")
        self.blocks.append(RouteIr(span, "block", method, method, lower()))
        return method

    def rest(self, span: Span, body: tuple[Stmt, ...]) -> str:
        """Make a route of what follows a call in its block; returns its name, which no route of a
        configuration can have."""
        method = self.unique(f"rest_{len(self.rests) + 1}")
        self.rests.append(RouteIr(span, "route", f"\0{method}", method, body))
        return f"\0{method}"


def module_name(written: bytes) -> str:
    """The name in ``loadmodule "path/name.so"``."""
    name = os.path.basename(written.decode("latin-1"))
    return name.removesuffix(".so")


def route_key(route: ast.Route) -> tuple[str, str]:
    """Kind and name of a route block; the unnamed ``onreply_route`` is ``reply``, and tm's
    branch failures are a kind of their own."""
    kind, name = KIND_OF_ROUTE[route.kind], route.name or ""
    if kind in ("request", "onsend"):
        return kind, ""
    if kind == "onreply" and name in ("", "0"):
        return "reply", ""
    if kind == "route" and name == "0":
        return "request", ""
    if kind == "event" and name.startswith("tm:branch-failure"):
        return "branch_failure", name.removeprefix("tm:branch-failure").removeprefix(":")
    return kind, name


def method_name(kind: str, name: str) -> str:
    """A Python identifier for a route; not unique yet."""
    if kind in ("request", "reply", "onsend"):
        return f"{kind}_route"
    safe = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    return METHOD_PREFIX[kind] + safe
