"""What the text of a configuration says that its tree no longer does."""

from __future__ import annotations

import re
from typing import Final, TypeVar

from kcc.checks.context import Context
from kcc.syntax import ast

N = TypeVar("N", bound=ast.Node)

_COMMENT: Final = re.compile(r"#[^\n]*")
_REST: Final = re.compile(r"(?:^|(?<=\s))(?:#(?!!)|//)[^\n]*", re.MULTILINE)
_DIRECTIVE: Final = re.compile(r"^[#!]!(?:if|else|end)", re.MULTILINE)


def conditional(text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether a part of a configuration depends on what names are defined."""
    return _DIRECTIVE.search(text, start, len(text) if end is None else end) is not None


def as_written(node: ast.Node) -> str:
    """The text of a node without blanks and comments. Names of macros and what ``#!subst`` replaces
    are still in it: what looks different there may be the same in this configuration only."""
    return "".join(_COMMENT.sub("", node.span.outer().text).split())


def texts(context: Context) -> list[str]:
    """The files that have directives which leave parts out, with these parts, and without comments
    that take the rest of a line; a fact of the context."""
    files = {id(item.span.file): item.span.file for item in context.file.items}
    return [_REST.sub("", file.text) for file in files.values() if conditional(file.text)]


def earliest(nodes: list[N]) -> N:
    """The node that stands first in the file of the first one."""
    file = nodes[0].span.outer().file
    here = [node for node in nodes if node.span.outer().file is file]
    return min(here, key=lambda node: node.span.outer().start)
