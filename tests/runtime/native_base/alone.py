"""Run a test in a fresh interpreter, and parts of it in forked processes that may die."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from runtime.native import proc

ROOT = Path(__file__).parents[3]


def alone(function: Callable[..., None], *arguments: str, seconds: float = 60) -> None:
    """Call a module's function in an interpreter of its own; its assertions count."""
    name = function.__name__
    code = f"from {function.__module__} import {name}; {name}(*{arguments!r})"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert result.returncode == 0, inspect.getsource(function) + result.stdout + result.stderr


def child(slot: int, work: Callable[[], None]) -> int:
    """Fork a process in `slot`, wait for its end; the status it ended with."""
    proc.assign(slot, slot, f"worker {slot}")
    pid = os.fork()
    if pid == 0:
        proc.become(slot)
        work()
        os._exit(0)
    proc.set_pid(slot, pid)
    _, status = os.waitpid(pid, 0)
    proc.mark_dead(slot)
    return status
