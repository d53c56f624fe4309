"""The cost of ``kcc check``: a cold start on the stock file, then lines a second by size.

Run with ``python -m bench.frontend``. Cold figures are medians of wall time of whole processes,
beside those of ``kamailio -c`` and of a bare interpreter; the rest is user and system time of one
process, without its start. Peak memory is the process's.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

STOCK = Path("/etc/kamailio/kamailio.cfg")
ROUNDS = 15
SIZES = (2_000, 20_000, 200_000)
_MEASURE = """
import gc, resource, sys, time
from kcc.driver import Request, check
gc.disable()
start = time.process_time()
found = check(Request(sys.argv[1])).diagnostics
spent = time.process_time() - start
assert not [d for d in found if d.severity == "error"], found[0]
print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
_ROUTE = """route[R{n}] {{
    if ($rU =~ "^[0-9]+$" && $var(a{a}) == {n}) {{
        $var(x) = $var(x) + {n};
        xlog("L_INFO", "call $ci from $fU to $rU via $(hdr(Via)[0]{{s.len}})\\n");
        route(R{next});
    }} else if (is_method("INVITE|SUBSCRIBE")) {{
        append_hf("X-Test: $rU {n}\\r\\n");
        $avp(s{b}) = "value " + $fU;
    }}
    return {code};
}}
"""


def main() -> None:
    """Print the table."""
    print(f"cold start, median of {ROUNDS}, ms")
    print(f"  bare interpreter      {_cold([sys.executable, '-c', 'pass']):7.1f}")
    if STOCK.exists():
        check = [sys.executable, "-m", "kcc", "check", str(STOCK)]
        print(f"  kcc check, stock file {_cold(check):7.1f}")
        kamailio = shutil.which("kamailio")
        if kamailio is not None:
            with tempfile.TemporaryDirectory() as folder:
                oracle = [kamailio, "-c", "-f", str(STOCK), "-Y", folder]
                print(f"  kamailio -c           {_cold(oracle):7.1f}")
    print("routes without comments: lines, s, lines/s, MB")
    for size in SIZES:
        _measure(write_config, size)
    if STOCK.exists():
        print("the stock file's routes under many names: lines, s, lines/s, MB")
        for copies in (20, 200):
            _measure(repeat_stock, copies)


def _measure(write: Callable[[Path, int], int], size: int) -> None:
    """Check what ``write`` writes in a process of its own, and print a line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.cfg"
        lines = write(path, size)
        command = [sys.executable, "-c", _MEASURE, str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        spent, memory = result.stdout.split()
        print(f"{lines:7} {float(spent):6.2f} {lines / float(spent):9.0f} {memory:>5}")


def repeat_stock(path: Path, copies: int) -> int:
    """Write the stock file with its routes again and again; gives the number of lines."""
    head, start, routes = STOCK.read_text("latin-1").partition("request_route {")
    routes = start + routes.replace("event_route[xhttp:request]", "route[XHTTP]")
    names = set(re.findall(r"route\[(\w+)\]", routes))
    pieces = [head, routes]
    for number in range(copies):
        again = re.sub(
            r"(route[\[(]|\")(\w+)",
            lambda m, tag=number: f"{m[1]}{m[2]}{tag if m[2] in names else ''}",
            routes,
        )
        pieces.append(again.replace("request_route {", f"route[MAIN{number}] {{", 1))
    text = "".join(pieces)
    path.write_text(text, "latin-1")
    return text.count("\n")


def write_config(path: Path, size: int) -> int:
    """Write a configuration of about ``size`` lines; gives their number."""
    count = size // 12
    routes = [
        _ROUTE.format(n=n, next=min(n + 1, count - 1), a=n % 7, b=n % 5, code=n % 3 + 1)
        for n in range(count)
    ]
    modules = "".join(f'loadmodule "{name}.so"\n' for name in ("pv", "xlog", "textops"))
    calls = "".join(f"    route(R{n});\n" for n in range(0, count, 50))
    text = f"{modules}request_route {{\n{calls}    exit;\n}}\n{''.join(routes)}"
    path.write_text(text, encoding="ascii")
    return text.count("\n")


def _cold(command: list[str]) -> float:
    """Median milliseconds of wall time of a command."""
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False, env=os.environ)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000


if __name__ == "__main__":
    main()
