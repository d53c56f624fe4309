"""Options and fixtures of the server's tests."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-oracle",
        action="store_true",
        help="write what Kamailio does into tests/runtime/oracle/recorded (not in CI)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--record-oracle", False) and os.environ.get("CI"):
        raise pytest.UsageError("--record-oracle is not for CI")
