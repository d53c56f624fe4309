"""Reading of C tables without a compiler: comments, conditionals, macros, initialisers.

Just enough of C for the export tables of Kamailio: what a module declares in static arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*.*?\*/|//[^\n]*', re.S)
_TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|[A-Za-z_]\w*|\.?\d[\w.]*|<<|>>|&&|\|\||->|[^\s]'
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'"}

Item = str | list["Item"]
"""One element of an initialiser: its token text, or the elements of a nested one."""


def strip_comments(text: str) -> str:
    """Join continued lines and blank out comments; line ends inside comments stay."""
    text = text.replace("\r\n", "\n").replace("\\\n", " ")

    def keep(match: re.Match[str]) -> str:
        piece = match.group()
        return "\n" * piece.count("\n") + " " if piece.startswith("/") else piece

    return _COMMENT.sub(keep, text)


def tokens(text: str) -> list[str]:
    """The tokens of ``text``; string literals stay one token, quotes included."""
    return _TOKEN.findall(text)


def unquote(literal: str) -> str:
    """The text of one C string literal token."""
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), literal[1:-1])


class Conditions:
    """Evaluates the expression of an ``#if`` with integers, ``defined`` and C operators."""

    def __init__(self, macros: dict[str, str]) -> None:
        self.macros = macros

    def value(self, text: str) -> int:
        """The value of the expression; an unknown name is 0, as in C."""
        self._tokens = tokens(text)
        self._at = 0
        return self._or()

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _or(self) -> int:
        left = self._and()
        while self._peek() == "||":
            self._next()
            right = self._and()
            left = int(bool(left) or bool(right))
        return left

    def _and(self) -> int:
        left = self._compare()
        while self._peek() == "&&":
            self._next()
            right = self._compare()
            left = int(bool(left) and bool(right))
        return left

    def _compare(self) -> int:
        left = self._unary()
        while self._peek() in ("<", ">", "=", "!"):
            operator = self._next()
            if self._peek() == "=":
                operator += self._next()
            right = self._unary()
            left = int(
                {
                    "<": left < right,
                    ">": left > right,
                    "<=": left <= right,
                    ">=": left >= right,
                    "==": left == right,
                    "!=": left != right,
                }.get(operator, False)
            )
        return left

    def _unary(self) -> int:
        token = self._next()
        if token == "!":
            return int(not self._unary())
        if token == "(":
            inner = self._or()
            self._next()
            return inner
        if token == "defined":
            name = self._next()
            if name == "(":
                name = self._next()
                self._next()
            return int(name in self.macros)
        if token[:1].isdigit():
            digits = re.match(r"0[xX][0-9a-fA-F]+|\d+", token)
            return int(digits.group(), 0 if digits.group()[:2] in ("0x", "0X") else 10)  # type: ignore[union-attr]
        if token in self.macros and self.macros[token] != token:
            return Conditions(self.macros).value(self.macros[token] or "1")
        return 0


def preprocess(text: str, macros: dict[str, str]) -> str:
    """Drop inactive ``#if`` branches of comment-free ``text``; ``macros`` learns its defines."""
    conditions = Conditions(macros)
    stack: list[tuple[bool, bool]] = []  # (this branch is live, some branch was)
    kept: list[str] = []
    for line in text.split("\n"):
        directive = re.match(r"\s*#\s*(\w+)\s*(.*)", line)
        live = all(on for on, _ in stack)
        if directive is None:
            kept.append(line if live else "")
            continue
        kept.append("")
        word, rest = directive.groups()
        rest = rest.strip()
        if word in ("if", "ifdef", "ifndef"):
            on = live and (
                bool(conditions.value(rest))
                if word == "if"
                else (rest.split()[0] in macros) == (word == "ifdef")
            )
            stack.append((on, on or not live))
        elif word == "elif" and stack:
            _, done = stack.pop()
            on = not done and all(o for o, _ in stack) and bool(conditions.value(rest))
            stack.append((on, on or done))
        elif word == "else" and stack:
            _, done = stack.pop()
            stack.append((not done, True))
        elif word == "endif" and stack:
            stack.pop()
        elif word == "define" and live:
            named = re.match(r"(\w+)(\(?)\s*(.*)", rest)
            if named is not None and not named.group(2):
                macros[named.group(1)] = named.group(3).strip()
        elif word == "undef" and live:
            macros.pop(rest, None)
    return "\n".join(kept)


def header_macros(paths: Iterator[Path]) -> dict[str, str]:
    """Every object-like macro of the headers, whatever its condition; the first one wins."""
    found: dict[str, str] = {}
    for path in paths:
        text = strip_comments(path.read_text(encoding="utf-8", errors="replace"))
        for name, value in re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(.+)$", text, re.M):
            found.setdefault(name, value.strip())
    return found


def read_initialiser(text: str, start: int) -> list[Item]:
    """The elements of the brace initialiser that opens at ``text[start]``."""
    items: list[Item] = []
    stack: list[list[Item]] = []
    current = items
    words: list[str] = []
    depth = 0

    def flush() -> None:
        if words:
            current.append(" ".join(words))
            words.clear()

    for match in _TOKEN.finditer(text, start + 1):
        token = match.group()
        if token in "([":
            depth += 1
        elif token in ")]":
            depth -= 1
        if depth == 0 and token == "{":
            inner: list[Item] = []
            if words:  # designated: `.field = {…}`
                current.append(" ".join(words))
                words.clear()
            current.append(inner)
            stack.append(current)
            current = inner
        elif depth == 0 and token == "}":
            flush()
            if not stack:
                return items
            current = stack.pop()
        elif depth == 0 and token == ",":
            flush()
        else:
            words.append(token)
    raise ValueError("an initialiser does not end")


@dataclass(slots=True)
class Source:
    """The C files of one module, preprocessed, with its macros."""

    files: dict[str, str]
    macros: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)
    _functions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, paths: list[Path], common: dict[str, str], defines: dict[str, str]) -> Source:
        """Read ``paths``; ``common`` expands text only, ``defines`` also steer conditionals."""
        folders = sorted({path.parent for path in paths})
        macros = dict(common)
        headers = {}
        for folder in folders:
            macros.update(header_macros(iter(sorted(folder.glob("*.h")))))
            for path in sorted(folder.glob("*.h")):
                headers[path.name] = strip_comments(path.read_text(errors="replace"))
        files = {}
        for path in paths:
            text = strip_comments(path.read_text(encoding="utf-8", errors="replace"))
            own = dict(defines)
            for header in re.findall(r'#\s*include\s+"([^"/]+\.h)"', text):
                local = path.parent / header
                if local.is_file():
                    preprocess(strip_comments(local.read_text(errors="replace")), own)
            files[path.name] = preprocess(text, own)
            macros.update({name: value for name, value in own.items() if name not in defines})
        return cls(files, macros, headers)

    def tables(self, ctype: str) -> dict[tuple[str, str], list[Item]]:
        """The arrays of ``ctype``: (file, name) to rows."""
        pattern = re.compile(rf"\b{ctype}\s+(\w+)\s*\[[^\]]*\]\s*=\s*\{{")
        found = {}
        for name, text in self.files.items():
            for match in pattern.finditer(text):
                body = self._expand_rows(body_at(text, match.end() - 1))
                found[name, match.group(1)] = read_initialiser("{" + body + "}", 0)
        return found

    def _expand_rows(self, body: str) -> str:
        """Replace the macros that stand for whole rows."""

        def rows(match: re.Match[str]) -> str:
            value = self.macros.get(match.group(), "")
            return value if value.startswith("{") else match.group()

        return re.sub(r"(?<=[\s,}])[A-Za-z_]\w*(?=[\s{])", rows, body)

    def struct(self, pattern: str) -> tuple[str, list[Item]] | None:
        """The first structure whose declaration matches: (file, elements)."""
        for name, text in self.files.items():
            match = re.search(pattern + r"\s*=\s*\{", text)
            if match is not None:
                return name, read_initialiser(text, match.end() - 1)
        return None

    def expand(self, text: str, depth: int = 0) -> list[str]:
        """The tokens of ``text`` with object-like macros replaced."""
        result: list[str] = []
        for token in tokens(text):
            value = self.macros.get(token)
            if value is None or value == token or depth > 8 or not value:
                result.append(token)
            else:
                result.extend(self.expand(value, depth + 1))
        return result

    def string(self, item: Item | None) -> str | None:
        """The text that a table element names, or None where it is no string constant."""
        if item is None:
            return None
        if isinstance(item, list):
            return self.string(item[0]) if item else None
        parts = self.expand(item)
        literals = [unquote(part) for part in parts if part.startswith('"')]
        return "".join(literals) if literals else None

    def string_of(self, variable: str) -> str | None:
        """The constant text a ``char*`` or ``str`` variable starts with."""
        for text in self.files.values():
            match = re.search(rf"\b{re.escape(variable)}(?:\s*\[\])?\s*=\s*([^;]+);", text)
            if match is not None:
                found = self.string(match.group(1))
                if found is not None:
                    return found
        return None

    def function(self, name: str) -> str:
        """The body of the C function ``name``, or an empty text."""
        if name not in self._functions:
            self._functions[name] = self._find_function(name)
        return self._functions[name]

    def _find_function(self, name: str) -> str:
        pattern = re.compile(rf"\b{re.escape(name)}\s*\([^;{{}}]*\)\s*\{{")
        for text in self.files.values():
            match = pattern.search(text)
            if match is not None:
                return body_at(text, match.end() - 1)
        return ""


def body_at(text: str, start: int) -> str:
    """The text between the brace at ``start`` and its partner."""
    depth = 0
    for match in re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|[{}]').finditer(text, start):
        token = match.group()
        depth += (token == "{") - (token == "}")
        if depth == 0:
            return text[start + 1 : match.start()]
    return text[start + 1 :]
