"""Golden tests: ``pytest tests/golden --update-golden`` rewrites what they expect."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite expectations (never in CI)"
    )


@pytest.fixture(scope="session")
def update_golden(pytestconfig: pytest.Config) -> bool:
    """Whether expectations are rewritten in this run."""
    wanted = bool(pytestconfig.getoption("--update-golden", default=False))
    if wanted and os.environ.get("CI"):
        pytest.fail("--update-golden is not for CI")
    return wanted
