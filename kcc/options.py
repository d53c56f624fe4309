"""The options of ``kcc check``, in one place: the parser and the help are made from ``CHECK``.

It is parsed by hand, because importing typer or argparse takes longer than checking a file does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple


class UsageError(Exception):
    """The command line or the configuration file of kcc is wrong."""


class Option(NamedTuple):
    """One option: ``field`` of CheckOptions takes it. Without ``metavar`` it is a switch; one that
    is ``repeated`` adds to a list."""

    name: str
    field: str
    metavar: str | None
    help: str
    repeated: bool = False


class CheckOptions:
    """What the command line of ``kcc check`` says; None where it says nothing."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.defines: list[str] = []
        self.format: str | None = None
        self.target: str | None = None
        self.select: list[str] = []
        self.ignore: list[str] = []
        self.strict = False
        self.config: str | None = None
        self.no_config = False
        self.baseline: str | None = None
        self.write_baseline: str | None = None
        self.update_baseline = False
        self.help = False


CHECK: Final = (
    Option("-A", "defines", "NAME[=VALUE]", "Define a name, as Kamailio's -A does.", True),
    Option("--target", "target", "VERSION", "Kamailio version to judge by (5.6)."),
    Option("--format", "format", "FORMAT", "text, json, sarif or github (text)."),
    Option(
        "--select",
        "select",
        "CODE,...",
        "Show these only: codes, beginnings of codes, names; DEFAULT, ALL.",
        True,
    ),
    Option("--ignore", "ignore", "CODE,...", "Do not show these.", True),
    Option("--strict", "strict", None, "Warnings fail too; unused ignore comments are shown."),
    Option("--baseline", "baseline", "FILE", "Hide the findings that stand in FILE."),
    Option("--write-baseline", "write_baseline", "FILE", "Write all findings to FILE."),
    Option("--update-baseline", "update_baseline", None, "Remove what was fixed from it."),
    Option("--config", "config", "FILE", "Read this kcc.toml or pyproject.toml."),
    Option("--no-config", "no_config", None, "Read neither."),
    Option("--help", "help", None, "Show this."),
)

_USAGE: Final = """\
Usage: kcc check [OPTIONS] FILE...

Report every mistake in Kamailio configurations; `-` reads standard input. Needs no Kamailio.
Exit status: 0 clean, 1 errors found, 2 wrong usage or unreadable input.

Options:
"""


def check_help() -> str:
    """What ``kcc check --help`` prints."""
    heads = [f"{o.name} {o.metavar}" if o.metavar else o.name for o in CHECK]
    width = max(map(len, heads))
    rows = zip(heads, CHECK, strict=True)
    return _USAGE + "".join(f"  {head:{width}}  {option.help}\n" for head, option in rows)


def parse_check(words: Sequence[str]) -> CheckOptions:
    """The words after ``kcc check``. Raises UsageError."""
    found = CheckOptions()
    known = {option.name: option for option in CHECK}
    known["-h"] = known["--help"]
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if word == "--":
            found.files.extend(reversed(rest))
            break
        if word == "-" or not word.startswith("-"):
            found.files.append(word)
            continue
        if word.startswith("--"):
            name, equals, value = word.partition("=")
        else:
            name, value = word[:2], word[2:]
            equals = value
        option = known.get(name)
        if option is None:
            raise UsageError(f"`kcc check` has no option {name}; see kcc check --help")
        if option.metavar is None:
            if equals:
                raise UsageError(f"{name} takes no value")
            setattr(found, option.field, True)
            continue
        if not equals:
            if not rest:
                raise UsageError(f"{name} takes a value: {option.metavar}")
            value = rest.pop()
        if option.repeated:
            getattr(found, option.field).append(value)
        else:
            setattr(found, option.field, value)
    if not found.files and not found.help:
        raise UsageError("which file? kcc check FILE...")
    return found


def parse_defines(given: Sequence[str]) -> dict[str, str | None]:
    """``NAME`` and ``NAME=VALUE`` of ``-A``. Raises UsageError."""
    found: dict[str, str | None] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not name:
            raise UsageError(f"-A takes NAME or NAME=VALUE, not {text!r}")
        if name in found:
            raise UsageError(f"-A {name}: it is defined already")
        found[name] = value if equals else None
    return found
