"""The command line of ``kcc run``: what the compiler uses of Kamailio's options, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kcc.options import UsageError, parse_defines
from runtime.declare.record import Record

_WITH_VALUE: Final = frozenset("fMmblLnNWwtugPGQOaAxXY")
_LONG_WITH_VALUE: Final = frozenset(
    (
        *("alias", "subst", "substdef", "substdefs", "server-id", "loadmodule"),
        *("modparam", "log-engine", "debug", "atexit"),
    )
)
_TELLING: Final = frozenset({"-h", "--help", "-v", "-V", "--version", "-I"})
_COMMANDS: Final = frozenset({"start", "stop", "restart"})
DEFAULT: Final = "/etc/kamailio/kamailio.cfg"


class RunOptions(Record):
    """What the words say. ``tells`` is an option that only prints something, ``rest`` what is for
    the server; ``substs`` are (directive, rule)."""

    path: str
    defines: dict[str, str | None]
    substs: tuple[tuple[str, str], ...]
    modules: tuple[str, ...]
    cfg_print: bool
    tells: str | None
    rest: tuple[str, ...]


def parse_run(argv: Sequence[str]) -> RunOptions:
    """The words after ``kcc run``. Raises UsageError."""
    if argv and argv[0].lower() in _COMMANDS:
        raise UsageError(f"{argv[0]!r} is no argument: a service manager starts and stops servers")
    files: list[str] = []
    defines: list[str] = []
    substs: list[tuple[str, str]] = []
    modules: list[str] = []
    rest: list[str] = []
    words = list(reversed(argv))

    def value_of(option: str) -> str:
        if not words:
            raise UsageError(f"{option} takes a value")
        return words.pop()

    while words:
        word = words.pop()
        if word == "--":
            files.extend(reversed(words))
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name not in _LONG_WITH_VALUE:
                rest.append(word)
                continue
            value = value if equals else value_of(word)
            if name in ("subst", "substdef", "substdefs"):
                substs.append((name, value))
            elif name == "loadmodule":
                modules.append(value)
            else:
                rest.append(f"--{name}={value}")
        elif len(word) < 2 or not word.startswith("-"):
            files.append(word)
        else:
            flags, letter, value = _split(word[1:])
            rest.extend(f"-{flag}" for flag in flags)
            if not letter:
                continue
            value = value or value_of(f"-{letter}")
            if letter == "f":
                files.append(value)
            elif letter == "A":
                defines.append(value)
            else:
                rest.extend((f"-{letter}", value))
    if len(files) > 1:
        raise UsageError(f"one configuration at a time, not {' and '.join(files)}")
    cfg_print = "--cfg-print" in rest
    return RunOptions(
        files[0] if files else DEFAULT,
        parse_defines(defines),
        tuple(substs),
        tuple(modules),
        cfg_print,
        next((word for word in rest if word in _TELLING), None),
        tuple(word for word in rest if word != "--cfg-print"),
    )


def _split(letters: str) -> tuple[str, str, str]:
    """Flags, the option among them that takes a value, and what follows it."""
    at = next((n for n, c in enumerate(letters) if c in _WITH_VALUE), len(letters))
    return letters[:at], letters[at : at + 1], letters[at + 1 :]
