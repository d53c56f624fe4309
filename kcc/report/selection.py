"""Which codes are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kcc.diagnostics.codes import CODES, NOT_BUILT
from kcc.diagnostics.model import Diagnostic

UNUSED_IGNORE = "K0901"


def codes_of(word: str) -> tuple[str, ...]:
    """The codes that a word means: a code, the beginning of codes, or a name; () for none."""
    upper = word.upper()
    if len(word) > 1 and upper[0] == "K" and upper[1:].isdigit():
        return tuple(code for code in CODES if code.startswith(upper))
    return tuple(entry.code for entry in CODES.values() if entry.name == word)


def split(words: Iterable[str]) -> list[str]:
    """``--select A,B --select C`` as one list."""
    return [part.strip() for word in words for part in word.split(",") if part.strip()]


def unknown(words: Iterable[str]) -> str | None:
    """The first word that means no code."""
    return next((w for w in words if w.upper() not in ("ALL", "DEFAULT") and not codes_of(w)), None)


def selected(select: Sequence[str], ignore: Sequence[str], strict: bool = False) -> frozenset[str]:
    """The codes to show. What only our server lacks is shown where it is named, nowhere else.
    Errors that keep the rest from being looked at are shown whatever is selected."""
    found = {c.code for c in CODES.values() if c.severity == "error" and c.code < "K02"}
    for word in select or ("DEFAULT",):
        if word.upper() == "ALL":
            found.update(CODES)
            found.discard(NOT_BUILT)
        elif word.upper() == "DEFAULT":
            found.update(c.code for c in CODES.values() if c.default and c.code != NOT_BUILT)
            if strict:
                found.add(UNUSED_IGNORE)
        else:
            found.update(codes_of(word))
    for word in ignore:
        found.difference_update(CODES if word.upper() == "ALL" else codes_of(word))
    return frozenset(found)


def unreadable(diagnostic: Diagnostic) -> bool:
    """Whether the file that was to be checked could not be read."""
    return diagnostic.code == "K0001" and diagnostic.span is None


def ignored_for_path(path: str, rules: Sequence[tuple[str, Sequence[str]]]) -> frozenset[str]:
    """The codes that ``per-file-ignores`` hide in ``path`` (relative to their file, with ``/``)."""
    from fnmatch import fnmatchcase

    name = path.rpartition("/")[2]
    found: set[str] = set()
    for pattern, words in rules:
        if fnmatchcase(path, pattern) or ("/" not in pattern and fnmatchcase(name, pattern)):
            for word in words:
                found.update(CODES if word.upper() == "ALL" else codes_of(word))
    return frozenset(found)
