"""``python -m runtime MODULE.py|DIRECTORY [options]``: run a compiled configuration."""

from __future__ import annotations

import locale
import sys


def main(argv: list[str]) -> int:
    """Run the server; its exit status."""
    from runtime.server.core_rpc import version
    from runtime.server.options import USAGE, UsageError, parse

    try:
        options = parse(argv)
    except UsageError as error:
        print(f"runtime: {error}\n{USAGE}", file=sys.stderr)
        return 2
    if options.help:
        print(USAGE)
        return 0
    if options.version:
        print(f"version: kcc {version()}")
        return 0
    if options.internals:
        from runtime.server.core_rpc import internals

        print(internals())
        return 0
    locale.setlocale(locale.LC_CTYPE, "C")  # regular expressions match octets, as in Kamailio
    from runtime.server.arbiter import Arbiter
    from runtime.server.errors import StartError

    arbiter = Arbiter(options)
    try:
        return arbiter.run()
    except BaseException as error:
        arbiter.abort()
        if not isinstance(error, StartError):
            raise
        print(f"ERROR: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
