"""A million broken configurations: no exception leaves the front end, nor the whole check; no
work that grows faster than the text."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
import traceback

import pytest

from kcc.diagnostics.reporter import Reporter
from kcc.driver import Request, check
from kcc.grammar.parse import parse_source
from kcc.source.text import SourceFile
from tests.helpers.mutation import NESTS, NOISE, corpus, mutated

INPUTS = int(os.environ.get("KCC_FUZZ_INPUTS", "1000000"))
WHOLE = 20  # every so many goes through lowering and the checks too
BATCH = 2000
SLOW = 2.0  # seconds that no input of this size may take
TARGETS = ("5.6", "5.6", "5.6", "5.7", "6.0", "4.4", "3.2")


def front(data: bytes, target: str) -> None:
    """Parse only."""
    parse_source(SourceFile.from_bytes("fuzz.cfg", data), {}, Reporter(), {}, target)


def whole(data: bytes) -> None:
    """Parse, lower, check."""
    check(Request("/nonexistent/fuzz.cfg", data=data))


def batch(seed: int) -> list[str]:
    """Failures of one batch, each with what is needed to repeat it."""
    chooser = random.Random(seed)
    failures = []
    for number in range(BATCH):
        data = mutated(chooser)
        target = chooser.choice(TARGETS)
        started = time.process_time()
        try:
            if number % WHOLE:
                front(data, target)
            else:
                whole(data)
        except Exception:
            failures.append(f"seed {seed}, input {number}: {data!r}\n{traceback.format_exc()}")
        if time.process_time() - started > SLOW:
            failures.append(f"seed {seed}, input {number} took too long: {data!r}")
    return failures


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_million_inputs() -> None:
    processes = os.cpu_count() or 1
    started = time.monotonic()
    found: list[str] = []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for failures in pool.imap_unordered(batch, range(-(-INPUTS // BATCH))):
            found.extend(failures)
            assert len(found) < 20, "\n\n".join(found)
    elapsed = time.monotonic() - started
    print(f"{INPUTS} inputs in {elapsed:.0f} s, {INPUTS / elapsed:.0f} a second")
    assert not found, "\n\n".join(found)


SHAPES = tuple(shape for shape in (*NESTS, *NOISE, *corpus()) if shape)


@pytest.mark.soak
def test_work_grows_with_the_text_only() -> None:
    """Twice the text takes about twice the time: never four times."""
    slow = []
    for shape in SHAPES:
        few = max(1, 30_000 // len(shape))
        for head in (b"", b"request_route {\n", b'request_route { xlog("'):
            once = min(_seconds(head + shape * few) for _ in range(3))
            twice = min(_seconds(head + shape * (2 * few)) for _ in range(3))
            if twice > 3.2 * once + 0.05:
                slow.append((head, shape[:60], once, twice))
    assert not slow


def _seconds(data: bytes) -> float:
    started = time.process_time()
    front(data, "5.6")
    return time.process_time() - started
