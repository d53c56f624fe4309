"""The stubs of the native SIP core say what is there (mypy.stubtest)."""

import subprocess
import sys
from pathlib import Path

MODULES = (
    "sipmsg sipmsg_line sipmsg_hdrs net uri build msg dset rr rr_record forward maxfwd sanity "
    "clone views headers bodies bodies_text frame"
)


def test_stubs_are_true() -> None:
    names = [f"runtime.native.{name}" for name in MODULES.split()]
    command = [sys.executable, "-m", "mypy.stubtest", "--ignore-missing-stub", *names]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
