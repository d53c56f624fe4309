"""Tests here need Kamailio."""

from __future__ import annotations

import pytest

from tests.helpers.servers import need_kamailio


@pytest.fixture(autouse=True)
def oracle() -> None:
    """Skips without Kamailio, fails where it must be there."""
    need_kamailio()
