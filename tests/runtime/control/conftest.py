"""Tests here need Kamailio, kamcmd and kamcli."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.servers import kamailio_installed
from tests.runtime.control.pair import Pair, running


@pytest.fixture(autouse=True, scope="session")
def oracle() -> None:
    """Skips without Kamailio, fails where it must be there."""
    if not kamailio_installed() or not shutil.which("kamcmd", path="/usr/sbin:/usr/bin"):
        if os.environ.get("KCC_REQUIRE_ORACLE") == "1":
            pytest.fail("KCC_REQUIRE_ORACLE=1, but there is no kamailio program")
        pytest.skip("no kamailio program")


@pytest.fixture(name="pair", scope="module")
def _pair(oracle: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("control")
    with running(folder) as pair:
        yield pair
