"""The two programs that tests run: ours by :mod:`kcc.testing`, and Kamailio."""

import shutil

from kcc.testing.servers import OURS, Server, ServerFailed, ping, search_path, start

__all__ = ["KAMAILIO", "OURS", "Server", "ServerFailed", "kamailio_installed", "ping", "start"]

KAMAILIO: tuple[str, ...] = ("kamailio",)


def kamailio_installed() -> bool:
    """Whether the `kamailio` program can be started here."""
    return shutil.which("kamailio", path=search_path()) is not None
