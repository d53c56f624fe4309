"""The two programs that tests run: ours by :mod:`kcc.testing`, and Kamailio."""

import os
import shutil

import pytest

from kcc.testing.servers import OURS, Server, ServerFailed, ping, search_path, start

__all__ = [
    "KAMAILIO", "OURS", "Server", "ServerFailed", "kamailio_installed", "need_kamailio", "ping",
    "start",
]  # fmt: skip

KAMAILIO: tuple[str, ...] = ("kamailio",)


def kamailio_installed() -> bool:
    """Whether the `kamailio` program can be started here."""
    return shutil.which("kamailio", path=search_path()) is not None


def need_kamailio() -> None:
    """Skip where there is no Kamailio; fail with KCC_REQUIRE_ORACLE=1."""
    if not kamailio_installed():
        if os.environ.get("KCC_REQUIRE_ORACLE") == "1":
            pytest.fail("KCC_REQUIRE_ORACLE=1, but there is no kamailio program")
        pytest.skip("no kamailio program")
