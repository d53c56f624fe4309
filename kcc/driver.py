"""The pipeline: read this first."""

from __future__ import annotations

import os
from collections.abc import Mapping

from kcc.catalog.catalog import Catalog
from kcc.checks.context import Context
from kcc.checks.registry import CHECKS, CHECKS_OF_RESOLVED
from kcc.diagnostics.model import Diagnostic, in_reading_order
from kcc.diagnostics.reporter import Reporter
from kcc.grammar.parse import Reading, read
from kcc.ir.program import Program
from kcc.lower.lower import lower_file
from kcc.lower.partial import resolve_beside_errors
from kcc.preprocess.directives import Preprocessor
from kcc.source.span import Span
from kcc.source.text import SourceFile
from kcc.syntax import ast
from runtime.declare.record import Record, field, replaced

VERSION = "0.1.0"


class Request(Record):
    """What to compile: a file, the names defined by ``-A``, the Kamailio version; the text itself
    where it is at hand (``data``), so that ``path`` only names it. ``substs`` and ``modules`` are
    what ``--subst`` and its kin (directive, rule) and ``--loadmodule`` say."""

    path: str
    defines: Mapping[str, str | None] = field(default_factory=dict)
    target: str = "5.6"
    data: bytes | None = None
    substs: tuple[tuple[str, str], ...] = ()
    modules: tuple[str, ...] = ()


class Result(Record):
    """What came of it. ``program`` is None where the text could not be parsed, ``python`` where
    there are errors or it was not asked for."""

    request: Request
    reading: Reading
    diagnostics: tuple[Diagnostic, ...]
    program: Program | None = None
    python: str | None = None

    @property
    def failed(self) -> bool:
        """Whether there are errors."""
        return any(d.severity == "error" for d in self.diagnostics)


def check(request: Request) -> Result:
    """Everything but the writing of code."""
    reporter = Reporter()
    catalog = Catalog(request.target)
    reading = read(
        request.path,
        request.defines,
        reporter,
        data=request.data,
        target=catalog.target,
        substs=request.substs,
    )
    if request.modules:
        reading = replaced(reading, file=_loading(reading.file, request.modules))
    if reporter.error_count:
        resolve_beside_errors(reading.file, catalog, reporter)
        return Result(request, reading, in_reading_order(reporter.diagnostics))
    program = replaced(
        lower_file(reading.file, catalog, reporter), defines=shown_defines(reading.preprocessor)
    )
    checks = CHECKS if reporter.error_count else CHECKS + CHECKS_OF_RESOLVED
    context = Context(reading.file, program, reporter, catalog)
    for look in checks:
        look(context)
    return Result(request, reading, in_reading_order(reporter.diagnostics), program)


def _loading(file: ast.File, modules: tuple[str, ...]) -> ast.File:
    """The file with the modules of the command line loaded before all else."""
    items = []
    for name in modules:
        source = SourceFile.from_bytes("--loadmodule", os.fsencode(name))
        span = Span(source, 0, len(source.text))
        text = ast.Str(span, os.fsencode(name))
        items.append(ast.LoadModule(span, text, False))
    return replaced(file, items=(*items, *file.items))


def compile_file(request: Request) -> Result:
    """From a configuration to a Python module: preprocess and parse, lower, check, generate."""
    result = check(request)
    if result.failed or result.program is None:
        return result
    from kcc.codegen.module import GenerateError, generate

    try:
        python = generate(result.program, input_digest(result))
    except (GenerateError, RecursionError) as error:
        reporter = Reporter()
        reporter.report("K0117", f"this nests too deeply for Python: {error}", path=request.path)
        found = (*result.diagnostics, *reporter.diagnostics)
        return replaced(result, diagnostics=found)
    return replaced(result, python=python)


def shown_defines(preprocessor: Preprocessor) -> tuple[tuple[bytes, bytes], ...]:
    """The macros, where some text reads them by ``$def``."""
    if not any("$def" in source.text or "$(def" in source.text for source in preprocessor.sources):
        return ()
    return tuple(
        (macro.name.encode("latin-1"), macro.value.encode("latin-1"))
        for macro in preprocessor.macros.macros.values()
    )


def input_digest(result: Result) -> str:
    """SHA-256 of all that the output depends on: texts, defines, environment, versions."""
    import hashlib  # costs 3 ms at start; checking does without

    request, reading = result.request, result.reading
    digest = hashlib.sha256()

    def add(*parts: str) -> None:
        for part in parts:
            octets = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(octets) + octets)

    add(VERSION, request.target)
    for name, value in sorted(request.defines.items()):
        add("define", name, "" if value is None else f"={value}")
    for kind, rule in request.substs:
        add(kind, rule)
    for name in request.modules:
        add("loadmodule", name)
    for source in reading.preprocessor.sources:
        add("file", os.fspath(source.path), source.text)
    for name, found in sorted(reading.preprocessor.environment.items()):
        add("environment", name, "" if found is None else f"={found}")
    return digest.hexdigest()
