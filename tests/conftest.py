"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With KCC_REQUIRE_ORACLE=1, as in CI, a test that skips itself has failed."""
    report = yield
    required = os.environ.get("KCC_REQUIRE_ORACLE") == "1"
    if required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although KCC_REQUIRE_ORACLE=1: {report.longrepr}"
    return report
