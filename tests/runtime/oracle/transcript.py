"""What happened in a scenario: who sent or got which bytes, in the order of the script."""

from dataclasses import dataclass

SHOWN = {0x5C: "\\\\"} | {n: f"\\x{n:02x}" for n in (*range(0x20), *range(0x7F, 0x100))}


@dataclass(frozen=True, slots=True)
class Entry:
    """One step: `direction` is ">" to the server, "<" from it, or a word ("nothing", "closed")."""

    who: str
    direction: str
    data: bytes = b""


def render(entries: list[Entry]) -> str:
    """Readable text that loses no octet: CRLF ends a line, everything else is escaped."""
    blocks = []
    for entry in entries:
        lines = entry.data.decode("latin-1").split("\r\n")
        text = "".join(_show(line) for line in lines)
        blocks.append(f"{entry.who} {entry.direction}\n" + (text if entry.data else ""))
    return "\n".join(blocks)


def _show(line: str) -> str:
    shown = line.translate(SHOWN)
    if shown.endswith(" "):
        shown = shown[:-1] + "\\x20"
    return f"    {shown}\n" if shown else "\n"
