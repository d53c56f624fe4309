"""The entry: a program to the text of a Python module with its line table."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from pathlib import Path

from kcc.codegen.constants import Constants, attribute
from kcc.codegen.emitter import Emitter
from kcc.codegen.errors import forgetting_statements
from kcc.codegen.exits import exiting_methods
from kcc.codegen.liveness import kept_calls
from kcc.codegen.settings import Places, config_text, used_classes
from kcc.codegen.statements import Statements
from kcc.ir import values
from kcc.ir.program import Program
from kcc.source.span import Span
from runtime.declare.found import package_of
from runtime.declare.record import walk

_LINE_LENGTH = 100
_MAX_WHILE_LOOPS = 100
_DYNAMIC_ROUTE = '''\
def call_route(self, msg: SipMsg, name: bytes) -> int:
    """route($x): the route is found by its name; -1 where there is none."""
    method = self.named_routes.get(name)
    return -1 if method is None else method(msg)
'''


class GenerateError(Exception):
    """The program nests more deeply than a Python module can."""


def generate(program: Program, digest: str) -> str:
    """The module: formatted, and the same for the same program and digest.

    Raises GenerateError.
    """
    constants, places = Constants(), Places()
    everything = (*program.routes, *program.blocks)
    out = Emitter(indent=1)
    writer = Statements(
        out,
        constants,
        exiting_methods(everything),
        kept_calls(program),
        forgetting_statements(program),
    )
    writer.expressions.traces = dict(program.traces)
    for name in program.vars:
        constants.slot(name)
    for route in everything:
        out.line("")
        writer.route(route)
    dynamic = any(isinstance(node, values.DynamicRouteCall) for node in walk(everything))
    if dynamic:
        out.line("")
        for line in _DYNAMIC_ROUTE.splitlines():
            out.line(line)
    head = _head(program, digest, constants, places, dynamic)
    lines: list[tuple[str, Span | None]] = [(line, None) for line in head.split("\n")]
    lines.extend(out.lines)
    return _finish(lines, places)


def _head(
    program: Program, digest: str, constants: Constants, places: Places, dynamic: bool
) -> str:
    """What stands before the routes."""
    from jinja2 import Environment, StrictUndefined

    attributes: list[str] = []
    for module in sorted(constants.modules):
        alias = f"{attribute(module)}_module"
        constants.use(package_of(module) or module, f"module as {alias}")
        attributes.append(f"self.{attribute(module)} = server.module({alias}.Module)")
    attributes.extend(constants.assignments())
    if dynamic:
        routes = [r for r in program.routes if r.kind == "route"]
        pairs = ", ".join(
            f"{r.name.encode('utf-8', 'surrogateescape')!r}: self.{r.method}" for r in routes
        )
        attributes.append(f"self.named_routes = {{{pairs}}}")
    numbers: list[tuple[str, int]] = []
    if constants.imports.pop("", None):
        loops = [s.value for s in program.core if s.name == "max_while_loops"]
        limit = loops[-1] if loops and isinstance(loops[-1], int) else _MAX_WHILE_LOOPS
        numbers.append(("MAX_WHILE_LOOPS", limit))
    numbers.extend(sorted(constants.masks.items(), key=lambda item: item[1]))
    numbers.extend((slot, at) for at, slot in enumerate(constants.slots.values()))
    for (kind, name), constant in sorted(constants.routes.items()):
        names = sorted(r.name for r in program.routes if r.kind == kind)
        numbers.append((constant, names.index(name) + 1))
    constants.imports["runtime.declare.config"] = set(used_classes(program))
    environment = Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, keep_trailing_newline=False
    )
    template = (Path(__file__).parent / "templates" / "module.py.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        source=ascii(program.source)[1:-1],
        imports=[
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(constants.imports.items())
        ],
        numbers=numbers,
        config=config_text(program, digest, places),
        attributes=attributes,
    )


# --- formatting, with the lines kept -------------------------------------------------------------


def _finish(lines: list[tuple[str, Span | None]], places: Places) -> str:
    """Format the module, and put the line table at its end.

    The formatter keeps the statements and their order, so the n-th statement before is the n-th
    one after; each has the place of the line on which it was written.
    """
    from black import Mode, format_str
    from black.mode import TargetVersion
    from black.parsing import InvalidInput

    source = "\n".join(text for text, _ in lines) + "\n"
    collecting = gc.isenabled()
    gc.disable()
    try:
        mode = Mode(line_length=_LINE_LENGTH, target_versions={TargetVersion.PY311})
        formatted = format_str(source, mode=mode)
        pairs = list(zip(_statements(source), _statements(formatted), strict=True))
    except (InvalidInput, SyntaxError, MemoryError) as error:
        raise GenerateError(str(error)[:80]) from None
    finally:
        if collecting:
            gc.enable()
    table: dict[int, tuple[int, int]] = {}
    for before, after in pairs:
        span = lines[before - 1][1]
        table.setdefault(after, (0, 0) if span is None else places.of(span))
    return formatted + _table_text(table, places)


def _statements(source: str) -> Iterator[int]:
    """The first line of every statement, in the order of the syntax tree."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            yield node.lineno


def _table_text(table: dict[int, tuple[int, int]], places: Places) -> str:
    files = "".join(f"    {path!a},\n" for path in places.files)
    entries: list[str] = []
    last = (0, 0)
    for line in sorted(table):
        if table[line] != last:
            last = table[line]
            entries.append(f"({line}, {last[0]}, {last[1]}),")
    rows: list[str] = []
    for at in range(0, len(entries), 6):
        rows.append("    " + " ".join(entries[at : at + 6]))
    body = "\n".join(rows)
    return (
        "\n\n# fmt: off\n"
        f"FILES: Final[tuple[str, ...]] = (\n{files})\n"
        "# Lines of this module, and the file and line of the configuration each comes from.\n"
        f"LINES: Final[tuple[tuple[int, int, int], ...]] = (\n{body}\n)\n"
        "# fmt: on\n"
    )
