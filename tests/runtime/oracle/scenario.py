"""A scenario: a configuration and a script of packets, and how to run one on a server."""

import importlib
import itertools
import pkgutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.ports import PortPool
from tests.helpers.servers import Server, ServerFailed, start
from tests.runtime.agents.phone import Unexpected
from tests.runtime.agents.sockets import Closed
from tests.runtime.oracle import scenarios
from tests.runtime.oracle.config import AUTH, Config, prepare
from tests.runtime.oracle.normalise import normalise
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.transcript import Entry, render

RECORDED = Path(__file__).parent / "recorded"
PHONE_NAMES = ("alice", "bob", "carol")

Script = Callable[[Play], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`name` is the script's name; it also marks the scenario's users and identifiers."""

    name: str
    config: Config
    script: Script

    @property
    def recording(self) -> Path:
        """The committed transcript of Kamailio's run."""
        return RECORDED / f"{self.name}.txt"


def scenario(config: Config) -> Callable[[Script], Scenario]:
    """Decorator: this script is a scenario on `config`."""

    def mark(script: Script) -> Scenario:
        return Scenario(script.__name__, config, script)

    return mark


def all_scenarios() -> tuple[Scenario, ...]:
    """Every scenario in the package `scenarios` (its modules' names and tuples), by name;
    ValueError if two share a name."""
    found: dict[str, Scenario] = {}
    for info in pkgutil.iter_modules(scenarios.__path__):
        module = importlib.import_module(f"{scenarios.__name__}.{info.name}")
        made = (v if isinstance(v, tuple) else (v,) for v in vars(module).values())
        for value in itertools.chain.from_iterable(made):
            if isinstance(value, Scenario) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"two scenarios are called {value.name}")
    return tuple(found[name] for name in sorted(found))


def boot(program: tuple[str, ...], config: Config, directory: Path, pool: PortPool) -> Server:
    """Start `program` on `config`, with accounts for the phones of every scenario with auth."""
    users = [
        f"{phone}-{each.name}"
        for each in all_scenarios()
        for phone in PHONE_NAMES
        if each.config == AUTH
    ]
    cfg = prepare(config, directory, users)
    return start(program, cfg, directory, pool.take(), config.defines)


def run(scenario: Scenario, server: Server, pool: PortPool) -> tuple[str, Exception | None]:
    """The transcript of `scenario` on `server`, and why it ended early, if so."""
    failure: Exception | None = None
    with ExitStack() as closing:
        play = Play(scenario.name, server, pool, closing)
        try:
            scenario.script(play)
            play.settle()
        except (Unexpected, Closed, OSError, KeyError, ServerFailed) as error:
            failure = error
        if failure:
            play.entries.append(Entry("script", f"ended: {type(failure).__name__}"))
        return render(normalise(play.entries, play.ports)), failure
