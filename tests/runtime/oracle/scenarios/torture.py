"""Each message of RFC 4475, sent over UDP."""

from pathlib import Path

from tests.runtime.agents.message import addr_uri
from tests.runtime.oracle.config import TORTURE
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import Scenario

MESSAGES = Path(__file__).parents[1] / "torture"


def torture(path: Path) -> Scenario:
    """Send the message, let the server work it off, and see that it still answers. What a
    REGISTER stored is taken away again: these messages use few users."""

    def script(p: Play) -> None:
        alice = p.udp("alice")
        sent = alice.send(path.read_bytes())
        p.settle()
        if sent.method == "REGISTER":
            to = addr_uri(sent.one("To"))
            forget = [("Contact", "*"), ("Expires", "0")]
            alice.request("REGISTER", "sip:example.com", forget, to=f"<{to}>")
            p.settle()

    return Scenario(f"torture_{path.stem}", TORTURE, script)


SCENARIOS = tuple(torture(path) for path in sorted(MESSAGES.glob("*.dat")))
