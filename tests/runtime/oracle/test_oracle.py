"""Our server does what Kamailio 5.6.3 does, packet by packet (README.md beside this file)."""

import pytest

from tests.helpers.ports import PortPool
from tests.helpers.servers import KAMAILIO, OURS, kamailio_installed
from tests.runtime.oracle.config import NoStockFile, stock_text
from tests.runtime.oracle.conftest import Fleet
from tests.runtime.oracle.scenario import RECORDED, Scenario, all_scenarios, run

SCENARIOS = all_scenarios()
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)


@pytest.fixture(autouse=True)
def stock_file(oracle_required: bool) -> None:
    try:
        stock_text()
    except NoStockFile as error:
        if oracle_required:
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.mark.oracle
@each_scenario
def test_recording_is_what_kamailio_does(
    scenario: Scenario,
    fleet: Fleet,
    pool: PortPool,
    oracle_required: bool,
    request: pytest.FixtureRequest,
) -> None:
    if not kamailio_installed():
        if oracle_required:
            pytest.fail("KCC_REQUIRE_ORACLE=1, but there is no kamailio program")
        pytest.skip("no kamailio program")
    transcript, failure = run(scenario, fleet(KAMAILIO, scenario.config), pool)
    if failure:
        pytest.fail(f"Kamailio does otherwise than the script expects: {failure}\n{transcript}")
    if request.config.getoption("--record-oracle", False):
        RECORDED.mkdir(exist_ok=True)
        scenario.recording.write_text(transcript)
    assert transcript == scenario.recording.read_text()


@each_scenario
def test_same_as_kamailio(
    scenario: Scenario, fleet: Fleet, pool: PortPool, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--record-oracle", False):
        pytest.skip("recording Kamailio only")
    transcript, _ = run(scenario, fleet(OURS, scenario.config), pool)
    assert transcript == scenario.recording.read_text()


def test_every_recording_has_its_scenario() -> None:
    assert {file.name for file in RECORDED.iterdir()} == {s.recording.name for s in SCENARIOS}
