"""What the commands do; ``cli`` says how they are typed. Each returns the exit status."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kcc.diagnostics.codes import CODES
from kcc.diagnostics.model import Diagnostic
from kcc.diagnostics.reporter import Reporter
from kcc.driver import Request, Result, check, compile_file, input_digest
from kcc.grammar.parse import read
from kcc.options import CheckOptions, UsageError, check_help, parse_defines
from kcc.report import check as report
from kcc.runopts import parse_run

STAGES = ("preprocess", "ast", "ir", "python")


def run_check(options: CheckOptions) -> int:
    """``kcc check``"""
    if options.help:
        sys.stdout.write(check_help())
        return 0
    gc.disable()
    return report.run_check(options)


def run_compile(
    path: str, folder: str, defines: Sequence[str], target: str, native: bool = False
) -> int:
    """``kcc compile``"""
    result = compile_file(Request(path, parse_defines(defines), target))
    _show(result)
    if result.python is None:
        return _status(result.diagnostics, False)
    out = Path(folder)
    try:
        out.mkdir(parents=True, exist_ok=True)
        module = out / f"{_stem(path)}.py"
        module.write_text(result.python, encoding="ascii")
    except OSError as error:
        sys.stderr.write(f"kcc: cannot write to {folder}: {error.strerror}\n")
        return 2
    if native:
        return _compile_native(module)
    return 0


def _compile_native(module: Path) -> int:
    import subprocess

    command = [sys.executable, "-m", "Cython.Build.Cythonize", "-q", "-3", "-i", str(module)]
    return 0 if subprocess.run(command, check=False).returncode == 0 else 2


def run_dump(path: str, stage: str, defines: Sequence[str], target: str) -> int:
    """``kcc dump``"""
    if stage not in STAGES:
        raise UsageError(f"--stage is one of {', '.join(STAGES)}, not {stage!r}")
    request = Request(path, parse_defines(defines), target)
    result = compile_file(request) if stage == "python" else check(request)
    _show(result)
    sys.stdout.write(_dumped(result, stage))
    return _status(result.diagnostics, False)


def _dumped(result: Result, stage: str) -> str:
    if stage == "preprocess":
        tokens = result.reading.tokens
        return "".join(f"{t.span.path}:{t.span.line}: {t.kind} {t.value!a}\n" for t in tokens)
    if stage == "ast":
        from kcc.syntax.dump import dump_file

        return dump_file(result.reading.file)
    if stage == "ir":
        from kcc.ir.printer import print_program

        return "" if result.program is None else print_program(result.program)
    return result.python or ""


def run_explain(code: str | None) -> int:
    """``kcc explain``"""
    from kcc.diagnostics.pages import page

    if code is None:
        for entry in CODES.values():
            shown = "on" if entry.default else "off"
            sys.stdout.write(
                f"{entry.code}  {entry.name:28} {entry.severity:8} {shown:4} {entry.title}\n"
            )
        return 0
    try:
        sys.stdout.write(page(code.upper() if code[:1] in "kK" and code[1:].isdigit() else code))
    except KeyError:
        raise UsageError(f"there is no diagnostic {code!r}; kcc explain lists all") from None
    return 0


def run_catalog(module: str | None, as_json: bool, target: str) -> int:
    """``kcc catalog``"""
    import json

    from kcc.catalog.catalog import Catalog

    catalog = Catalog(target)
    if module is not None and catalog.module(module) is None:
        raise UsageError(f"Kamailio {target} has no module {module!r}")
    if as_json:
        json.dump(catalog.to_json(module), sys.stdout, indent=1, sort_keys=True)
        sys.stdout.write("\n")
        return 0
    if module is None:
        for name in ("core", *catalog.module_names):
            exports = catalog.module(name)
            if exports is not None:
                sys.stdout.write(f"{name:24} {exports.status.value}\n")
        return 0
    exports = catalog.module(module)
    if exports is not None:
        for kind, rows in (
            ("function", exports.functions),
            ("parameter", exports.params),
            ("variable", exports.pvs),
        ):
            for row in rows:
                sys.stdout.write(f"{kind:10} {row.name:32} {row.status.value}\n")
    return 0


def run_graph(path: str, out: str, defines: Sequence[str], target: str) -> int:
    """``kcc graph``"""
    from kcc.graph import routes_dot, routes_svg

    result = check(Request(path, parse_defines(defines), target))
    if result.failed or result.program is None:
        _show(result)
        return _status(result.diagnostics, False)
    text = routes_dot(result.program) if out.endswith(".dot") else routes_svg(result.program)
    Path(out).write_text(text, encoding="utf-8")
    return 0


def run_new_module(name: str, out: str) -> int:
    """``kcc new-module``"""
    from kcc.scaffold.new_module import ScaffoldError, write_module

    folder = Path(out or name)
    try:
        for path in write_module(name, folder):
            sys.stdout.write(f"{path}\n")
    except ScaffoldError as error:
        raise UsageError(str(error)) from None
    sys.stdout.write(f'next: cd {folder}; pip install -e ".[dev]"; pytest\n')
    return 0


def run_serve(argv: Sequence[str]) -> int:
    """``kcc run``: compile, then become the server. Returns only where that is impossible."""
    options = parse_run(argv)
    path, words = options.path, list(options.rest)
    if options.tells:
        words = [options.tells]
    elif path.endswith(".py") or os.path.isdir(path):
        words = [os.path.abspath(path), *(f"--loadmodule={m}" for m in options.modules), *words]
    else:
        request = Request(path, options.defines, substs=options.substs, modules=options.modules)
        if options.cfg_print:
            return _print_configuration(request)
        found = compile_cached(request)
        if isinstance(found, int):
            return found
        words.insert(0, str(found.absolute()))
    root = str(Path(__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "runtime", *words]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, command, environment)


def _print_configuration(request: Request) -> int:
    """``--cfg-print``: as in Kamailio, no module is loaded for it."""
    reporter = Reporter()
    reading = read(request.path, request.defines, reporter, substs=request.substs)
    for source in reading.preprocessor.sources[:1]:
        text = "".join(reading.preprocessor.cuts.pieces(source))
        sys.stdout.buffer.write(text.encode("latin-1"))
    result = Result(request, reading, tuple(reporter.diagnostics))
    _show(result)
    return _status(result.diagnostics, False)


def compile_cached(request: Request) -> Path | int:
    """The compiled module of a request, made where there is none; or the exit status."""
    from kcc.cache import CacheError, cache_folder, cached_module, store, usable

    try:
        folder = cache_folder()
        result = check(request)
        module = cached_module(folder, _stem(request.path), input_digest(result))
        if not result.failed and usable(module):
            return module
        if not result.failed:
            result = compile_file(request)
        _show(result)
        if result.python is None:
            return _status(result.diagnostics, False)
        store(module, result.python)
        return module
    except CacheError as error:
        sys.stderr.write(f"kcc: {error}\n")
        return 2


def _stem(path: str) -> str:
    """The name of the module made from a file, usable in an import."""
    stem = Path(path).stem
    safe = "".join(c if c.isascii() and c.isalnum() else "_" for c in stem)
    return safe if safe and not safe[0].isdigit() else f"cfg_{safe}"


def _show(result: Result) -> None:
    """Print what of a compilation is to be known: errors, and warnings that nothing hides."""
    from kcc.diagnostics.render import render_text

    default = frozenset(entry.code for entry in CODES.values() if entry.default)
    warnings, _ = report.visible(result, default)
    errors = [d for d in result.diagnostics if d.severity == "error"]
    shown = [d for d in result.diagnostics if d in errors or d in warnings]
    sys.stderr.write(render_text(shown))


def _status(diagnostics: Sequence[Diagnostic], strict: bool) -> int:
    errors = [d for d in diagnostics if d.severity == "error"]
    if any(d.code == "K0001" and d.span is None for d in errors):
        return 2
    return int(bool(errors) or (strict and bool(diagnostics)))
