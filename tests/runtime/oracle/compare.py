"""Run scenarios on Kamailio and on our server, and show the difference.

python -m tests.runtime.oracle.compare NAME...      (glob patterns; without any: list them)
    --recorded      do not start Kamailio, compare with the committed transcripts
    --show          print the transcript of our server even where it is equal
    --log           print our server's log of the run
"""

import argparse
import difflib
import sys
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, Server, ServerFailed
from tests.runtime.oracle.config import Config
from tests.runtime.oracle.scenario import all_scenarios, boot, run


def main() -> int:
    """Exit status: 0 all equal, 1 some differ, 2 a server did not start or nothing matches."""
    parser = argparse.ArgumentParser(prog="compare", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--recorded", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--log", action="store_true")
    options = parser.parse_args()
    if not options.names:
        for each in all_scenarios():
            print(f"{each.name}  ({each.config.name})")
        return 0
    chosen = [s for s in all_scenarios() if any(fnmatch(s.name, p) for p in options.names)]
    if not chosen:
        print("no such scenario", file=sys.stderr)
        return 2
    pool = PortPool()
    servers: dict[tuple[tuple[str, ...], str], Server] = {}
    different = 0
    with ExitStack() as closing:
        home = closing.enter_context(TemporaryDirectory(prefix="compare-"))

        def get(program: tuple[str, ...], config: Config) -> Server:
            key = program, config.name
            if key not in servers:
                servers[key] = boot(program, config, Path(home) / f"{len(servers)}", pool)
                closing.callback(servers[key].stop)
            return servers[key]

        for each in chosen:
            try:
                if options.recorded:
                    expected = each.recording.read_text()
                else:
                    expected, _ = run(each, get(KAMAILIO, each.config), pool)
                ours, failure = run(each, get(OURS, each.config), pool)
            except ServerFailed as error:
                print(error, file=sys.stderr)
                return 2
            lines = difflib.unified_diff(
                expected.splitlines(), ours.splitlines(), "kamailio", "ours", lineterm="", n=12
            )
            diff = "\n".join(lines)
            print(
                f"{'DIFFERS' if diff else 'equal  '} {each.name}", *([failure] if failure else [])
            )
            if diff:
                different += 1
                print(diff)
            elif options.show:
                print(ours)
        if options.log:
            for (program, name), server in servers.items():
                if program == OURS:
                    print(f"--- log on {name}\n{server.log}")
    print(f"{len(chosen) - different} of {len(chosen)} equal")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
