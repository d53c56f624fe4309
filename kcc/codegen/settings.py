"""The CONFIG object, as Python."""

from __future__ import annotations

from collections.abc import Iterable

from kcc.ir.program import Program, Route, Setting, Socket
from kcc.source.span import Span

KINDS = ("route", "failure", "branch", "onreply", "event", "branch_failure")


class Places:
    """The files of a program, numbered in the order in which they come up."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}

    def of(self, span: Span) -> tuple[int, int]:
        """File number and line: of the use of a macro, not of its definition."""
        seen = span.outer()
        return self.files.setdefault(seen.path, len(self.files)), seen.line

    def text(self, span: Span) -> str:
        """A Place, as Python."""
        seen = span.outer()
        return f"Place({seen.path!a}, {seen.line})"


def config_text(program: Program, digest: str, places: Places) -> str:
    """The expression that makes the Config of a program."""
    core = (f"CoreSetting({_name(s)}, {s.value!r}, {places.text(s.span)})" for s in program.core)
    custom = (_custom(s, places) for s in program.custom)
    params = (
        f"ModParam({p.module!a}, {_octets(p.name)}, {p.value!r}, {places.text(p.span)})"
        for p in program.modparams
        if p.built
    )
    missing = (f"NotBuilt({m.what!a}, {places.text(m.span)})" for m in program.missing)
    fields = {
        "source": ascii(program.source),
        "modules": tuple_text(map(ascii, program.modules)),
        "core": tuple_text(core),
        "listens": tuple_text(_listen(s, places) for s in program.listens),
        "aliases": tuple_text(_listen(s, places) for s in program.aliases),
        "custom": tuple_text(custom),
        "modparams": tuple_text(params),
        "routes": _routes(program.routes),
        "digest": repr(digest),
        "flags": tuple_text(f"({name!a}, {number})" for name, number in program.flags),
        "not_built": tuple_text(missing),
        "vars": tuple_text(map(ascii, program.vars)),
    }
    if program.defines:
        fields["defines"] = tuple_text(map(repr, program.defines))
    return f"Config({', '.join(f'{name}={text}' for name, text in fields.items())})"


def used_classes(program: Program) -> list[str]:
    """The names that ``config_text`` needs from ``runtime.declare.config``, sorted."""
    names = {"Config", "RouteTable"}
    for used, name in (
        (program.core, "CoreSetting"),
        (program.custom, "CustomVar"),
        (any(p.built for p in program.modparams), "ModParam"),
        (program.listens or program.aliases, "Listen"),
        (program.missing, "NotBuilt"),
    ):
        if used:
            names |= {name, "Place"}
    return sorted(names)


def tuple_text(items: Iterable[str]) -> str:
    """A tuple, as Python."""
    return f"({''.join(f'{item}, ' for item in items)})".replace(", )", ",)")


def _name(setting: Setting) -> str:
    return _octets(setting.name)


def _octets(name: str) -> str:
    return ascii(name)


def _custom(s: Setting, places: Places) -> str:
    index = "" if s.index is None else f", index={s.index}"
    return (
        f"CustomVar({s.group!a}, {s.name!a}, {s.value!r}, {s.description!r}, "
        f"{places.text(s.span)}{index})"
    )


def _listen(s: Socket, places: Places) -> str:
    text = f"Listen({s.proto!a}, {s.hosts[0]!a}, {s.port}, {places.text(s.span)}"
    if s.advertise is not None:
        text += f", advertise={s.advertise!a}, advertise_port={s.advertise_port}"
    if s.name is not None:
        text += f", name={s.name!a}"
    if s.virtual:
        text += ", virtual=True"
    if len(s.hosts) > 1:
        text += f", more_hosts={tuple_text(map(ascii, s.hosts[1:]))}"
    return text + ")"


def _routes(routes: Iterable[Route]) -> str:
    known = {(route.kind, route.name): route.method for route in routes}
    fields = [f"{kind}=True" for kind in ("request", "reply", "onsend") if (kind, "") in known]
    for kind in KINDS:
        names = sorted(name for k, name in known if k == kind)
        if names:
            fields.append(f"{kind}={tuple_text(map(ascii, names))}")
    methods = (f"({k!a}, {n!a}, {known[k, n]!a})" for k, n in sorted(known))
    fields.append(f"methods={tuple_text(methods)}")
    return f"RouteTable({', '.join(fields)})"
