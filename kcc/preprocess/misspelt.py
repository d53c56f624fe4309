"""Conditions on a name that nothing defines, one slip away from a name that is in use.

A name counts as known where a text speaks of defining it, be it in a comment: that is how
configurations list their switches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from kcc.diagnostics.reporter import Reporter
from kcc.source.text import SourceFile

if TYPE_CHECKING:
    from kcc.preprocess.directives import Test

_MENTION: Final = re.compile(
    r"""(?P<test>(?:\#!|!!)ifn?def)[ \t]+(?P<tested>[A-Za-z_][A-Za-z0-9_]*)
    | (?<!if)(?<!ifn)(?:def(?:ine|env)?s?|subst(?:def)?s?)[ \t]+"?[^A-Za-z_\n]{0,4}
      (?P<known>[A-Za-z_][A-Za-z0-9_]*)
    """,
    re.VERBOSE,
)
_SHORT: Final = 4
_LONG: Final = 7
_OFTEN: Final = 3
_MOST: Final = 50  # names that are looked at, each with every known name


def report_misspelt(
    tests: Sequence[Test], defined: Iterable[str], sources: Sequence[SourceFile], reporter: Reporter
) -> None:
    """K0250 for each test of a name that is probably another one misspelt."""
    known = set(defined)
    doubtful = [test for test in tests if not test.defined and test.name not in known]
    if not doubtful:
        return
    tested: Counter[str] = Counter()
    for source in sources:
        for match in _MENTION.finditer(source.text):
            if match["test"] is not None:
                tested[match["tested"]] += 1
            else:
                known.add(match["known"])
    names = [name for name in dict.fromkeys(test.name for test in doubtful) if name not in known]
    meant = {name: _near(name, known, tested) for name in names[:_MOST]}
    for test in doubtful:
        near = meant.get(test.name)
        if near is not None:
            reporter.report(
                "K0250",
                f"`{test.name}` is never defined",
                test.span,
                help=f"did you mean `{near}`?",
            )


def _near(name: str, known: set[str], tested: Counter[str]) -> str | None:
    """The name that was meant: one that is known, or one that is tested more often."""
    alike = [o for o in {*known, *tested} if abs(len(name) - len(o)) < 3 and name[0] == o[0]]
    candidates = [(slip(name, other), other) for other in alike if other in known]
    if tested[name] == 1:
        candidates += [
            (1, other) for other in alike if tested[other] >= _OFTEN and slip(name, other) == 1
        ]
    return min(((n, other) for n, other in candidates if n), default=(0, None))[1]


def slip(name: str, other: str) -> int:
    """How many slips make ``name`` out of ``other``: a letter too many, too few or wrong, or two
    neighbours in each other's place; 0 where they are names of their own.

    They must be in one of the words that the name consists of, two of them in a long word only.
    Digits, first letters and short words tell names apart on purpose.
    """
    if name.replace("_", "").lower() == other.replace("_", "").lower():
        return int(name != other)
    words, others = name.split("_"), other.split("_")
    differing = [(a, b) for a, b in zip(words, others, strict=False) if a != b]
    if len(words) != len(others) or len(differing) != 1:
        return 0
    a, b = differing[0]
    shortest = min(len(a), len(b))
    if [c for c in a if c.isdigit()] != [c for c in b if c.isdigit()]:
        return 0
    if (shortest < _SHORT or a[0] != b[0]) and sorted(a) != sorted(b):
        return 0
    slips = distance(a, b)
    return slips if slips <= (2 if shortest >= _LONG else 1) else 0


def distance(a: str, b: str) -> int:
    """The distance of Damerau and Levenshtein, neighbours exchanged once at most; 3 and more are
    alike."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
