"""The command line. ``check`` and ``run`` are parsed by hand: importing typer takes longer than
checking a file does. Its application holds every command and prints all help."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from kcc import commands
from kcc.options import UsageError, parse_check

_HELP = frozenset({"-h", "--help"})


def main(argv: Sequence[str] | None = None) -> int:
    """The ``kcc`` program; its exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        if args[:1] == ["run"] and not _HELP & set(args[1:2]):
            return commands.run_serve(args[1:])
        if args[:1] == ["check"]:
            options = parse_check(args[1:])
            return _known_target(lambda: commands.run_check(options))
        return _typer_main(args)
    except UsageError as error:
        sys.stderr.write(f"kcc: {error}\n")
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1


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
