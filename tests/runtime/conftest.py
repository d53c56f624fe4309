"""Options and fixtures of the server's tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-oracle",
        action="store_true",
        help="write what Kamailio does into tests/runtime/oracle/recorded (not in CI)",
    )
