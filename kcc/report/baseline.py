"""The baseline: findings that are known, so that only new ones count.

A finding is known again by its code, its file, the text of its line without the blanks, and its
number among those that are alike: it stays the same where lines are moved.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from kcc.diagnostics.fingerprint import fingerprint, place
from kcc.diagnostics.model import Diagnostic
from kcc.options import UsageError

_VERSION: Final = 1


class Key(NamedTuple):
    """What findings that are alike have in common. ``path`` is relative to the baseline."""

    path: str
    code: str
    fingerprint: str


class Baseline:
    """The content of one baseline file."""

    def __init__(self, path: str) -> None:
        self.path: Final = path
        self._folder: Final = os.path.dirname(os.path.abspath(path))
        self._known: Counter[Key] = Counter()
        self._messages: dict[Key, str] = {}

    @classmethod
    def load(cls, path: str) -> Baseline:
        """Read a file. Raises UsageError where it is absent or is no baseline."""
        made = cls(path)
        try:
            with open(path, encoding="utf-8") as stream:
                made._fill(json.load(stream))
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; --write-baseline makes one") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UsageError(f"{path} is no baseline of kcc; --write-baseline makes one") from None
        return made

    def _fill(self, content: Any) -> None:
        if content["version"] != _VERSION:
            raise ValueError(content["version"])
        for entry in content["findings"]:
            key = Key(str(entry["path"]), str(entry["code"]), str(entry["fingerprint"]))
            self._known[key] += int(entry["count"])
            self._messages[key] = str(entry["message"])

    def key(self, diagnostic: Diagnostic) -> Key:
        """By what a finding is known again."""
        return Key(self._relative(place(diagnostic)), diagnostic.code, fingerprint(diagnostic))

    def _relative(self, path: str) -> str:
        relative = os.path.relpath(os.path.abspath(path), self._folder).replace(os.sep, "/")
        return relative.encode("utf-8", "replace").decode()

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Take findings in."""
        for diagnostic in diagnostics:
            key = self.key(diagnostic)
            self._known[key] += 1
            self._messages.setdefault(key, diagnostic.message)

    def new(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The findings that are not in it: of those that are alike, the surplus ones."""
        left = Counter(self._known)
        found: list[Diagnostic] = []
        for diagnostic in diagnostics:
            key = self.key(diagnostic)
            if left[key] > 0:
                left[key] -= 1
            else:
                found.append(diagnostic)
        return found

    def stale(self, diagnostics: Iterable[Diagnostic], read: Collection[str]) -> Counter[Key]:
        """What is in it, but was not found in the files ``read`` or is of one that is gone."""
        gone = Counter(self._known)
        gone.subtract(Counter(map(self.key, diagnostics)))
        seen = {self._relative(path) for path in read}
        return Counter(
            {
                key: count
                for key, count in gone.items()
                if count > 0 and (key.path in seen or not self._exists(key.path))
            }
        )

    def _exists(self, path: str) -> bool:
        return os.path.exists(os.path.join(self._folder, path))

    def remove(self, stale: Counter[Key]) -> None:
        """Forget entries."""
        self._known.subtract(stale)

    def save(self) -> None:
        """Write it: sorted, one finding a line. Raises UsageError."""
        lines = [
            json.dumps({**key._asdict(), "count": count, "message": _clean(self._messages[key])})
            for key, count in sorted(self._known.items())
            if count > 0
        ]
        body = ",\n  ".join(lines)
        text = f'{{"version": {_VERSION}, "findings": [\n  {body}\n]}}\n'
        try:
            with open(self.path, "w", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            raise UsageError(f"cannot write {self.path}: {error.strerror}") from None


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
