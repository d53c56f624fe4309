"""Tests here need Kamailio."""

from __future__ import annotations

import os

import pytest

from tests.helpers.servers import kamailio_installed


@pytest.fixture(autouse=True)
def oracle() -> None:
    """Skips without Kamailio, fails where it must be there."""
    if not kamailio_installed():
        if os.environ.get("KCC_REQUIRE_ORACLE") == "1":
            pytest.fail("KCC_REQUIRE_ORACLE=1, but there is no kamailio program")
        pytest.skip("no kamailio program")
