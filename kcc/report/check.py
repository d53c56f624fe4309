"""``kcc check``: what was found, less what is not to be shown."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kcc.diagnostics.model import Diagnostic, in_reading_order
from kcc.diagnostics.reporter import Reporter
from kcc.driver import VERSION, Request, Result, check
from kcc.options import CheckOptions, UsageError, parse_defines
from kcc.report import selection
from kcc.report.config import FORMATS, Config, find, load
from runtime.declare.record import Record

if TYPE_CHECKING:
    from kcc.report.baseline import Baseline

STDIN = "-"
MARK = "kcc:"
_STDIN_NAME = "<stdin>"


class _Plan(Record):
    """The options and the configuration file as one."""

    config: Config
    target: str
    defines: dict[str, str | None]
    format: str
    strict: bool
    shown: frozenset[str]
    baseline: str | None


class _Findings:
    """Of all files: what is shown, how much is hidden, and which files were judged to the end."""

    def __init__(self) -> None:
        self.shown: list[Diagnostic] = []
        self.sources: set[str] = set()
        self.ignored = 0
        self.in_baseline = 0


def run_check(options: CheckOptions) -> int:
    """Check, print, and return the exit status. Raises UsageError."""
    plan = _plan(options)
    baseline = _baseline(plan)
    if options.update_baseline and baseline is None:
        raise UsageError("--update-baseline needs a --baseline, or one in the configuration file")
    found = _Findings()
    for path in options.files:
        _check_file(path, plan, found)
    unreadable = any(map(selection.unreadable, found.shown))
    if options.write_baseline is not None and not unreadable:
        return _write_baseline(options.write_baseline, found)
    if baseline is not None:
        _compare(baseline, found, options.update_baseline)
    sys.stdout.write(render(found.shown, plan.format))
    if plan.format == "text":
        sys.stdout.flush()
        sys.stderr.write(_summary(found, len(options.files)))
    if unreadable:
        return 2
    failing = ("error", "warning") if plan.strict else ("error",)
    return int(any(d.severity in failing for d in found.shown))


def _baseline(plan: _Plan) -> Baseline | None:
    if plan.baseline is None:
        return None
    from kcc.report.baseline import Baseline

    return Baseline.load(plan.baseline)


def _plan(options: CheckOptions) -> _Plan:
    config = _config(options)
    select = selection.split(options.select)
    ignore = selection.split(options.ignore)
    wrong = selection.unknown((*select, *ignore))
    if wrong is not None:
        raise UsageError(f"there is no diagnostic {wrong!r}; see kcc explain")
    format = options.format or config.format or "text"
    if format not in FORMATS:
        raise UsageError(f"--format is one of {', '.join(FORMATS)}, not {format!r}")
    strict = options.strict or config.strict
    hidden = ignore if select else (*config.ignore, *ignore)
    baseline = options.baseline
    if baseline is None and config.baseline is not None and options.write_baseline is None:
        baseline = os.path.join(config.folder, config.baseline)
    return _Plan(
        config,
        options.target or config.target or "5.6",
        parse_defines([*config.defines, *options.defines]),
        format,
        strict,
        selection.selected(select or config.select, hidden, strict),
        baseline,
    )


def _config(options: CheckOptions) -> Config:
    if options.no_config:
        return Config()
    path = options.config
    if path is None:
        first = options.files[0]
        near = "" if first == STDIN else os.path.dirname(first)
        path = find(near or ".") or find(".")
    return load(path) if path is not None else Config()


def _check_file(path: str, plan: _Plan, found: _Findings) -> None:
    data = None
    if path == STDIN:
        path, data = _STDIN_NAME, sys.stdin.buffer.read()
    result = check(Request(path, plan.defines, plan.target, data))
    shown, ignored = visible(result, plan.shown)
    rules = plan.config.per_file_ignores
    if rules:
        shown = [d for d in shown if d.code not in _ignored_in(d, plan.config)]
    found.shown.extend(shown)
    found.ignored += ignored
    if not result.failed:
        found.sources.update(source.path for source in result.reading.preprocessor.sources)


def visible(result: Result, codes: frozenset[str]) -> tuple[list[Diagnostic], int]:
    """What of ``codes`` no comment hides, and how many findings comments hide."""
    kept = [d for d in result.diagnostics if d.code in codes or selection.unreadable(d)]
    ignored = 0
    if any(MARK in source.text for source in result.reading.preprocessor.sources):
        kept, ignored = _without_ignored(result, kept, codes)
    return kept, ignored


def _without_ignored(
    result: Result, wanted: list[Diagnostic], codes: frozenset[str]
) -> tuple[list[Diagnostic], int]:
    from kcc.report import ignores

    reporter = Reporter()
    comments = ignores.find(result.reading, reporter)
    kept, ignored = ignores.apply(wanted, comments)
    if selection.UNUSED_IGNORE in codes and not result.failed:
        ignores.report_unused(comments, result.reading, codes, reporter)
    kept.extend(d for d in reporter.diagnostics if d.code in codes)
    return list(in_reading_order(kept)), ignored


def _ignored_in(diagnostic: Diagnostic, config: Config) -> frozenset[str]:
    path = diagnostic.span.path if diagnostic.span is not None else diagnostic.path
    if path is None or selection.unreadable(diagnostic):
        return frozenset()
    relative = os.path.relpath(os.path.abspath(path), config.folder).replace(os.sep, "/")
    return selection.ignored_for_path(relative, config.per_file_ignores)


def _write_baseline(path: str, found: _Findings) -> int:
    from kcc.report.baseline import Baseline

    baseline = Baseline(path)
    baseline.add(found.shown)
    baseline.save()
    sys.stderr.write(f"kcc: {_count(len(found.shown), 'finding')} written to {path}\n")
    return 0


def _compare(baseline: Baseline, found: _Findings, update: bool) -> None:
    new = baseline.new(found.shown)
    stale = baseline.stale(found.shown, found.sources)
    found.in_baseline = len(found.shown) - len(new)
    found.shown = new
    if not stale:
        return
    count = _count(stale.total(), "finding")
    if update:
        baseline.remove(stale)
        baseline.save()
        sys.stderr.write(f"kcc: {count} removed from {baseline.path}\n")
    else:
        sys.stderr.write(
            f"kcc: {count} of {baseline.path} not found any more: remove with --update-baseline\n"
        )


def render(diagnostics: Sequence[Diagnostic], format: str) -> str:
    """The diagnostics in one of ``FORMATS``; text has colours where standard output shows them."""
    if format == "text":
        from kcc.diagnostics.render import render_text

        return render_text(diagnostics, colour=_colour())
    if format == "sarif":
        from kcc.diagnostics.sarif import render_sarif

        return render_sarif(diagnostics, VERSION)
    from kcc.diagnostics.render_formats import render_github, render_json

    return render_github(diagnostics) if format == "github" else render_json(diagnostics, VERSION)


def _colour() -> bool:
    environ = os.environ
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and sys.stdout.isatty()


def _summary(found: _Findings, files: int) -> str:
    """``2 errors, 1 warning in 1 file``; nothing where nothing was found."""
    counts: Counter[str] = Counter(d.severity for d in found.shown)
    parts = [
        _count(counts[severity], name)
        for severity, name in (("error", "error"), ("warning", "warning"), ("info", "note"))
        if counts[severity]
    ]
    hidden = []
    if found.ignored:
        hidden.append(f"{found.ignored} ignored by comments")
    if found.in_baseline:
        hidden.append(f"{found.in_baseline} in the baseline")
    if not parts and not hidden:
        return ""
    tail = f" ({', '.join(hidden)})" if hidden else ""
    return f"{', '.join(parts) or 'nothing new'} in {_count(files, 'file')}{tail}\n"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
