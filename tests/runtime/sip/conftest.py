"""Listen sockets of the tests: index 0 UDP, 1 TCP, 2 UDP by IPv6."""

import gc
from collections.abc import Iterator

import pytest

from runtime.native import net

UDP, TCP = 1, 2


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """127.0.0.1:5070 by UDP and TCP, [::1]:5060 by UDP; example.com is this server too."""
    net.reset()
    net.add_socket(UDP, b"127.0.0.1", 5070)
    net.add_socket(TCP, b"127.0.0.1", 5070)
    net.add_socket(UDP, b"::1", 5060)
    net.add_alias(b"example.com")
    yield
    gc.collect()
    net.reset()
