"""The command line. ``check`` and ``run`` are parsed by hand: importing typer takes longer than
checking a file does. Its application holds every command and prints all help."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from kcc import commands
from kcc.commands import UsageError

_HELP = frozenset({"-h", "--help"})


def main(argv: Sequence[str] | None = None) -> int:
    """The ``kcc`` program; its exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        if args[:1] == ["run"] and not _HELP & set(args[1:2]):
            return commands.run_serve(args[1:])
        if args[:1] == ["check"] and not _HELP & set(args):
            return _check(args[1:])
        return _typer_main(args)
    except UsageError as error:
        sys.stderr.write(f"kcc: {error}\n")
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _check(args: list[str]) -> int:
    import argparse

    parser = argparse.ArgumentParser("kcc check", add_help=False)
    parser.add_argument("files", nargs="+")
    parser.add_argument("-A", dest="defines", action="append", default=[])
    parser.add_argument("--format", default="text")
    parser.add_argument("--target", default="5.6")
    parser.add_argument("--select", action="append", default=[])
    parser.add_argument("--ignore", action="append", default=[])
    parser.add_argument("--strict", action="store_true")
    try:
        given = parser.parse_args(args)
    except SystemExit:
        return 2
    return _known_target(
        lambda: commands.run_check(
            given.files,
            given.defines,
            given.format,
            given.target,
            given.select,
            given.ignore,
            given.strict,
        )
    )


def _known_target(command: Callable[[], int]) -> int:
    from kcc.catalog.catalog import CatalogError

    try:
        return command()
    except CatalogError as error:
        raise UsageError(str(error)) from None


def _typer_main(args: list[str]) -> int:
    from kcc.typer_app import app

    def run() -> int:
        app()(args, prog_name="kcc")
        return 0

    try:
        return _known_target(run)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
