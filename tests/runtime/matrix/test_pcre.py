"""Module ``regex`` finds what Kamailio 5.6.3's finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import servers
from tests.helpers.ports import PortPool
from tests.runtime.matrix.harness import Case, Setup, differences
from tests.runtime.matrix.pcre import (
    BAD_FILES,
    FILES,
    GROUPS,
    constants,
    groups,
    patterns,
    setup,
)
from tests.runtime.matrix.sampling import sample, shown

pytestmark = pytest.mark.oracle


def _same(cases: list[Case], around: Setup) -> None:
    found = differences(cases, PortPool(), setup=around)
    assert not found, shown(found)


def test_a_sample_of_patterns() -> None:
    _same([*sample(patterns(), 400), *constants()], setup(None))


def test_a_sample_of_groups() -> None:
    _same(sample(groups(), 150), setup(GROUPS, 1))


@pytest.mark.soak
@pytest.mark.parametrize("options", range(16))
def test_all_patterns(options: int) -> None:
    _same([*patterns(), *constants()], setup(GROUPS, options))


@pytest.mark.soak
@pytest.mark.parametrize("options", (0, 7, 15))
@pytest.mark.parametrize("name", FILES)
def test_all_groups(name: str, options: int) -> None:
    _same(list(groups()), setup(FILES[name], options))


@pytest.mark.soak
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused(name: str, tmp_path: Path) -> None:
    text = setup(BAD_FILES[name])(tmp_path) + "request_route { exit; }\n"
    path = tmp_path / "bad.cfg"
    path.write_text(text)
    for number, program in enumerate((servers.KAMAILIO, servers.OURS)):
        with pytest.raises(servers.ServerFailed) as failed:
            servers.start(program, path, tmp_path / str(number), PortPool().take())
        assert "regex" in str(failed.value)
