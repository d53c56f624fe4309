"""Servers shared by all scenarios of one configuration in one test process."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import Server, ServerFailed
from tests.runtime.oracle.config import Config
from tests.runtime.oracle.scenario import boot

Fleet = Callable[[tuple[str, ...], Config], Server]


@pytest.fixture(scope="session")
def pool() -> PortPool:
    """Ports for servers and phones of this test process."""
    return PortPool()


@pytest.fixture(scope="session")
def fleet(pool: PortPool) -> Iterator[Fleet]:
    """`fleet(program, config)`: the running server, booted at the first call. A server that died
    is booted anew; one that could not boot fails every test that wants it, with its first error."""
    running: dict[tuple[tuple[str, ...], str], Server | ServerFailed] = {}
    home = Path(mkdtemp(prefix="oracle-"))

    def get(program: tuple[str, ...], config: Config) -> Server:
        key = program, config.name
        server = running.get(key)
        if isinstance(server, Server) and server.process.poll() is not None:
            server = None
        if server is None:
            try:
                server = boot(program, config, Path(mkdtemp(dir=home)), pool)
            except ServerFailed as error:
                server = error
            running[key] = server
        if isinstance(server, ServerFailed):
            raise server
        return server

    yield get
    problems = []
    for server in running.values():
        if isinstance(server, Server):
            try:
                server.stop()
            except ServerFailed as error:
                problems.append(str(error))
    shutil.rmtree(home)
    if problems:
        raise ServerFailed("\n".join(problems))


@pytest.fixture(scope="session")
def oracle_required() -> bool:
    """Whether a missing Kamailio is a failure (KCC_REQUIRE_ORACLE=1)."""
    return os.environ.get("KCC_REQUIRE_ORACLE") == "1"
