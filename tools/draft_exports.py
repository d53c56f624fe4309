"""Print a first ``exports.py`` for a module: ``draft_exports.py SRC MODULE [BUILT]``.

Everything is PARSED_ONLY except what the file BUILT names: a pattern a line (``function:t_*``);
one that starts with ``-`` takes away. The output is a starting point: afterwards the file is
maintained by hand, like any source.
"""

from __future__ import annotations

import json
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from draft_fixups import ROUTE_KINDS

_ROUTES = (
    (1, "REQUEST"),
    (2, "FAILURE"),
    (4 | 128, "ONREPLY"),
    (4, "TM_ONREPLY"),
    (128, "CORE_ONREPLY"),
    (8, "BRANCH"),
    (16, "ONSEND"),
    (32, "ERROR"),
    (64, "LOCAL"),
    (256, "BRANCH_FAILURE"),
    (512, "EVENT"),
)
_DATA = Path(__file__).parent.parent / "kcc" / "catalog" / "data" / "5.6.json"


def main() -> None:
    source, module = Path(sys.argv[1]), sys.argv[2]
    built = set(Path(sys.argv[3]).read_text().split()) if len(sys.argv) > 3 else set()
    facts = json.loads(_DATA.read_text())["modules"][module]
    print(draft(module, facts, documented_arguments(source / "modules" / module), built))


def documented_arguments(folder: Path) -> dict[str, list[str]]:
    """Argument names from the module's DocBook titles, the longest list of each function."""
    found: dict[str, list[str]] = {}
    for path in sorted((folder / "doc").glob("*.xml")):
        text = path.read_text(encoding="utf-8", errors="replace")
        for name, inside in re.findall(r"<function[^>]*>\s*(\w+)\s*\(([^<]*)\)", text):
            names = [
                re.sub(r"\W+", "_", part.strip(" \n\t[]\"'$")).strip("_")
                for part in inside.split(",")
            ]
            names = [n.lower() for n in names if n]
            if len(names) > len(found.get(name, [])):
                found[name] = names
    return found


def routes_text(mask: int) -> str:
    """The mask as an expression over the short names at the top of the file."""
    if mask == 1023:
        return "ANY"
    parts = []
    for bits, name in _ROUTES:
        if mask & bits == bits:
            parts.append(name)
            mask &= ~bits
    return " | ".join(parts)


class Emitter:
    """Collects the rows of one file and the names they import."""

    def __init__(self, built: set[str]) -> None:
        self.built = built
        self.names: set[str] = {"Exports"}
        self.parsed_only = False

    def use(self, text: str) -> str:
        """Note that ``text`` is needed from the vocabulary."""
        self.names.add(text.split("(")[0].split(".")[0])
        return text

    def status(self, key: str) -> list[str]:
        """The status argument of a row, unless it is built."""
        wanted = any(fnmatchcase(key, p) for p in self.built if not p.startswith("-"))
        if wanted and not any(fnmatchcase(key, p[1:]) for p in self.built if p.startswith("-")):
            return []
        self.parsed_only = True
        return ["status=PARSED"]


def draft(
    module: str, facts: dict[str, Any], arguments: dict[str, list[str]], built: set[str]
) -> str:
    """The text of the module's first exports file."""
    out = Emitter(built)
    sections = {
        "functions": function_rows(out, facts, arguments),
        "params": [param_row(out, row) for row in facts.get("params", ())],
        "pvs": [pv_row(out, row) for row in facts.get("pvs", ())],
        "transformations": [
            transformation_row(out, row) for row in facts.get("transformations", ())
        ],
        "rpc": [rpc_row(out, row) for row in facts.get("rpc", ())],
        "statistics": [statistic_row(out, row) for row in facts.get("statistics", ())],
        "event_routes": [event_row(out, name) for name in facts.get("event_routes", ())],
        "cfg": [cfg_row(out, row, facts) for row in facts.get("cfg", ())],
    }
    requires = facts.get("requires", ())
    body = []
    for name, rows in sections.items():
        if rows:
            body.append(f"{name}=(" + ",".join(rows) + ",)")
    if requires:
        body.append(f"requires={tuple(requires)!r}")
    if not built:
        out.names.add("Status")
        body.append("status=Status.PARSED_ONLY")
    text = ",".join([f'name="{facts.get("name", module)}"', *body])
    lines = []
    if out.parsed_only:
        out.names.add("Status")
        lines.append("PARSED = Status.PARSED_ONLY")
    for short, owner in SHORT:
        if re.search(rf"\b{short}\b", text) and not re.search(rf"\b{owner}\.{short}\b", text):
            out.names.add(owner)
            lines.append(f"{short} = {owner}.{short}")
    imports = ", ".join(sorted(out.names))
    return (
        f'"""What module ``{module}`` offers. Source: its C tables in Kamailio 5.6.3."""\n\n'
        "from __future__ import annotations\n\n"
        f"from runtime.declare.exports import {imports}\n\n"
        + "\n".join(lines)
        + f"\n\nEXPORTS = Exports({text},)\n"
    )


SHORT = (
    *((name, "Takes") for name in ("CONSTANT", "VALUE")),
    *(
        (name, "Routes")
        for name in (
            "ANY",
            "REQUEST",
            "FAILURE",
            "ONREPLY",
            "TM_ONREPLY",
            "CORE_ONREPLY",
            "BRANCH",
            "ONSEND",
            "ERROR",
            "LOCAL",
            "BRANCH_FAILURE",
            "EVENT",
        )
    ),
    *(
        (name, "Fixup")
        for name in (
            "INT",
            "STR",
            "INT_PV",
            "STR_PV",
            "STR_VAR",
            "VAL_PV",
            "PV",
            "FORMAT",
            "REGEX",
            "REGEX_PV",
            "METHODS",
            "SUBST",
            "ROUTE",
            "FLAG",
        )
    ),
)


def function_rows(
    out: Emitter, facts: dict[str, Any], arguments: dict[str, list[str]]
) -> list[str]:
    """One row for each run of arities that one method can serve."""
    groups: list[list[Any]] = []  # [name, least, kinds, routes, takes, fixup]
    for name, arity, fixup, routes, takes, values in facts.get("functions", ()):
        kinds = list(values)
        for group in groups:
            same = group[0] == name and group[3] == routes
            near = arity in (group[1] - 1, len(group[2]) + 1)
            long, short = sorted((group[2], kinds), key=len, reverse=True)
            agree = long[: len(short)] == short and (group[4] == takes or not group[2] or not kinds)
            if same and near and agree:
                group[4] = takes if len(kinds) > len(group[2]) else group[4]
                group[1], group[2], group[5] = min(group[1], arity), long, group[5] or fixup
                break
        else:
            groups.append([name, 1 if arity == -128 else arity, kinds, routes, takes, fixup])
    rows = []
    for group in groups:
        name, least, kinds, routes, takes, fixup = group
        documented = arguments.get(name, [])
        args = []
        for at, kind in enumerate(kinds):
            arg = (
                documented[at]
                if at < len(documented) and documented[at].isidentifier()
                else f"arg{at + 1}"
            )
            out.use("Arg(")
            args.append(_argument(arg, kind))
        parts = [f'"{name}"']
        if args:
            parts.append("(" + ",".join(args) + ("," if len(args) == 1 else "") + ")")
        if least != len(kinds):
            parts.append(f"min={least}")
        if routes != 1023:
            parts.append(f"routes={routes_text(routes)}")
        if fixup in ROUTE_KINDS:
            parts.append(f'route_kind="{ROUTE_KINDS[fixup]}"')
        twins = [g for g in groups if g[0] == name]
        if any(not _compatible(twin[2], kinds) for twin in twins[: twins.index(group)]):
            parts.append(f'method="{name}_{len(kinds)}"')
        if kinds and takes != "refix":
            parts.append(f"takes={takes.upper()}")
        parts += out.status(f"function:{name}")
        rows.append(out.use(f"Function({', '.join(parts)})"))
    return rows


def _argument(name: str, kind: str) -> str:
    """The ``Arg`` of a kind as the catalog's rows have it."""
    kind, _, members = kind.partition("=")
    fixup, _, accepts = kind.partition(":")
    text = f'Arg("{name}", {fixup.upper()}'
    if members:
        text += f", {tuple(members.split('|'))!r}"
    return text + (f", accepts=Accepts.{accepts.upper()})" if accepts else ")")


def _compatible(one: list[str], other: list[str]) -> bool:
    """Whether one method can serve both: the shorter list begins the longer."""
    short, long = sorted((one, other), key=len)
    return long[: len(short)] == short


def param_row(out: Emitter, row: list[Any]) -> str:
    name, kind, by_function, default = row
    member = "INT" if kind == "int" else "STR"
    if by_function:
        member = "FUNC_" + member
    parts = [f'"{name}"', f"ParamKind.{member}"]
    out.names.add("ParamKind")
    if default is not None:
        parts.append(json.dumps(default, ensure_ascii=False))
    parts += out.status(f"param:{name}")
    return out.use(f"Param({', '.join(parts)})")


def pv_row(out: Emitter, row: list[Any]) -> str:
    name, kind, inner, indexed, writable, *names = row
    parts = [f'"{name}"']
    if kind != "str":
        parts.append(f"PvType.{kind.upper()}")
        out.names.add("PvType")
    if inner:
        parts.append("inner=PvName.STATIC")
        out.names.add("PvName")
    if indexed:
        parts.append("indexed=True")
    if writable:
        parts.append("writable=True")
    if names:
        parts.append(f"names={tuple(names[0])!r}")
    if not name.isidentifier():
        parts.append(f'method="{re.sub(chr(92) + "W", "_", name)}"')
    parts += out.status(f"pv:{name}")
    return out.use(f"PseudoVar({', '.join(parts)})")


def transformation_row(out: Emitter, row: list[Any]) -> str:
    cls, name, least, most = row
    parts = [f'"{cls}"', f'"{name}"']
    if most:
        out.use("Arg(")
        args = ", ".join(f'Arg("arg{n + 1}", STR_PV)' for n in range(most))
        parts.append(f"({args},)" if most == 1 else f"({args})")
    if least != most:
        parts.append(f"min={least}")
    parts += out.status(f"transformation:{cls}.{name}")
    return out.use(f"Transformation({', '.join(parts)})")


def rpc_row(out: Emitter, row: list[Any]) -> str:
    name, array = row
    parts = [f'"{name}"'] + (["returns_array=True"] if array else [])
    parts += out.status(f"rpc:{name}")
    return out.use(f"RpcCommand({', '.join(parts)})")


def statistic_row(out: Emitter, row: list[Any]) -> str:
    group, name, computed = row
    return out.use(f'Statistic("{group}", "{name}"{", function=True" if computed else ""})')


def event_row(out: Emitter, name: str) -> str:
    return out.use(f'EventRoute({", ".join([json.dumps(name), *out.status(f"event:{name}")])})')


def cfg_row(out: Emitter, row: list[Any], facts: dict[str, Any]) -> str:
    group, name, kind = row
    parts = [f'"{group}"', f'"{name}"']
    if kind not in ("int", "uint"):
        parts.append("ParamKind.STR")
        out.names.add("ParamKind")
    if any(p[0] == name for p in facts.get("params", ())):
        parts.append(f'param="{name}"')
    parts += out.status(f"cfg:{name}")
    return out.use(f"CfgVar({', '.join(parts)})")


if __name__ == "__main__":
    main()
