"""Module async suspends and continues as with Kamailio 5.6.3."""

from __future__ import annotations

import random

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.runtime.matrix.async_cases import SETUPS, all_cases
from tests.runtime.matrix.exchange import Case, differences, run
from tests.runtime.modules.wire import need_kamailio

SEED = 5064
SIZE = 70


def _shown(found: list[tuple[Case, str, str]]) -> str:
    return "\n".join(
        f"{case.name} {case.setup}\n{case.script}\n  Kamailio:\n{theirs}\n  ours:\n{ours}"
        for case, theirs, ours in found[:5]
    )


@pytest.mark.oracle
def test_a_sample_of_async() -> None:
    need_kamailio()
    quick = [c for c in all_cases() if c.setup == SETUPS[""] and not c.silent]
    found = differences(random.Random(SEED).sample(quick, SIZE), PortPool())
    assert not found, _shown(found)


@pytest.mark.soak
@pytest.mark.oracle
@pytest.mark.parametrize("part", range(6))
def test_all_of_async(part: int) -> None:
    need_kamailio()
    found = differences(list(all_cases())[part::6], PortPool())
    assert not found, _shown(found)


def test_a_group_takes_data() -> None:
    """5.6.3 reads the text of the third argument as a pointer."""
    case = Case(
        "groupdata",
        'async_task_group_data("groupdata_d", "two", "$rU"); t_reply("480", "X");',
        more="route[groupdata_d] { LOG($async(data) in $async(gname)); }\n",
        setup=SETUPS["groups"],
    )
    assert "log: bob in two\n" in run(servers.OURS, [case], PortPool())[case.name]
