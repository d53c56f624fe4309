"""Syntax of pseudo-variables and of strings that hold them (Kamailio ``src/core/pvapi.c``).

``$name``, ``$name(inner)``, ``$(name)``, ``$(name(inner)[index]{class.function,args}{...})``.
Only the syntax: whether a name exists, takes an inner name or an index, and whether a
transformation exists is for those to say who know the exports. Text is ``str`` holding one
octet a character (latin-1); ``bytes`` are taken too.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from runtime.declare.exports import PseudoVar, PvName
from runtime.declare.record import Record

MAX_NESTING: Final = 32
"""How deep variables may lie in each other; Kamailio has no limit but its stack."""


class PvSyntaxError(ValueError):
    """``message`` and the ``offset`` in the parsed text at which it applies."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class TransformCall(Record):
    """``{cls.fn,args}``. An argument is octets as written, or a variable."""

    cls: str
    fn: str
    args: tuple[bytes | PvSpec, ...] = ()


class PvSpec(Record):
    """One pseudo-variable.

    ``inner`` is text, a variable where it is exactly one, or a format where it holds some.
    Text with a ``$`` in it is one that is no valid format. ``index`` ``*`` is all values,
    ``+`` the iterator. ``$$`` has the name ``$``.
    """

    name: str
    inner: str | PvSpec | PvFormat | None = None
    index: int | Literal["*", "+"] | PvSpec | None = None
    transforms: tuple[TransformCall, ...] = ()


PvFormat: TypeAlias = tuple[bytes | PvSpec, ...]
"""Literal octets and variables in turn; adjacent literals are one element."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.?]*")
_SPACE: Final = re.compile(r"[ \t\n]*")
_BLANK: Final = re.compile(r"[ \t]*")
_ARG: Final = re.compile(r"[^\t\n,}]*")
_FUNCTION: Final = re.compile(r"[^,}]*")
_NUMBER: Final = re.compile(rb"(?=[-+0-9])([-+]?)[ \t\n]*([0-9]*)[ \t\n]*")
_NOT_BUFFERED: Final = (
    "len", "int", "count", "corehash", "strip", "striptail", "trim", "ltrim", "decode.base58",
)  # fmt: skip
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS: Final = MappingProxyType({"n": "\n", "r": "\r", "t": "\t"})
_DELIMITED: Final = ("param.value", "param.in", "param.valueat", "param.name")
_ONE_COMMA: Final = (
    "s.count", "s.before", "s.after", "s.rbefore", "s.rafter", "param.count",
)  # fmt: skip
_INDEX: Final = re.compile(r"-?[0-9]*")
_TABLE_KEY: Final = re.compile(r"[ \t\r\n]*([^= \t\r\n]*)[ \t\r\n]*=>")


def parse_spec(text: str | bytes, start: int = 0) -> tuple[PvSpec, int]:
    """Parse the variable that begins at ``start``; return it and the offset after it.

    The name is the longest run of name characters, as in Kamailio. Raises PvSyntaxError.
    """
    return _spec(_text(text), start, 0)


def parse_whole_spec(text: str | bytes) -> PvSpec:
    """Parse ``text``, which must be one variable and nothing else. Raises PvSyntaxError."""
    source = _text(text)
    spec, end = _spec(source, 0, 0)
    if end != len(source):
        raise PvSyntaxError(f"unexpected `{source[end]}` after the variable", end)
    return spec


def parse_format(text: str | bytes) -> PvFormat:
    """Parse a string with variables in it; ``$$`` is one dollar. Raises PvSyntaxError."""
    return _format(_text(text), 0)


def split_table_key(text: str) -> tuple[str, int]:
    """``table=>key`` (``pv_parse_ht_name``): the table, and the offset of the key, whose blanks
    count. Raises PvSyntaxError."""
    found = _TABLE_KEY.match(text)
    if found is None:
        raise PvSyntaxError("a table and a key are written `table=>key`", 0)
    return found[1], found.end()


def _text(text: str | bytes) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else text


def _format(text: str, depth: int) -> PvFormat:
    parts: list[bytes | PvSpec] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        dollar = text.find("$", at)
        if dollar < 0:
            literal.append(text[at:])
            break
        literal.append(text[at:dollar])
        if text.startswith("$$", dollar):
            literal.append("$")
            at = dollar + 2
            continue
        spec, at = _spec(text, dollar, depth)
        joined = "".join(literal)
        if joined:
            parts.append(joined.encode("latin-1"))
        literal.clear()
        parts.append(spec)
    joined = "".join(literal)
    if joined:
        parts.append(joined.encode("latin-1"))
    return tuple(parts)


def _spec(text: str, start: int, depth: int) -> tuple[PvSpec, int]:
    if depth > MAX_NESTING:
        raise PvSyntaxError("variables are nested too deeply", start)
    if not text.startswith("$", start):
        raise PvSyntaxError("a variable starts with `$`", start)
    if text.startswith("$", start + 1):
        return PvSpec("$"), start + 2
    if text.startswith("(", start + 1):
        return _bracketed(text, start, depth)
    at = _name_end(text, start + 1)
    name = text[start + 1 : at]
    inner: str | PvSpec | PvFormat | None = None
    if text.startswith("(", at):
        close = _closing(text, at, "(", ")", "`(` of the inner name is not closed")
        inner = _inner(text, at + 1, close, depth)
        at = close + 1
    return PvSpec(name, inner), at


def _bracketed(text: str, start: int, depth: int) -> tuple[PvSpec, int]:
    """``$( ... )``: the end is found by counting parentheses before anything else."""
    end = _closing(text, start + 1, "(", ")", "`$(` is not closed")
    body = text[:end]
    if body.startswith("$", start + 2):
        if start + 3 != end:
            raise PvSyntaxError("`$($)` is closed too late", start + 3)
        return PvSpec("$"), end + 1
    at = _name_end(body, start + 2)
    name = body[start + 2 : at]
    inner: str | PvSpec | PvFormat | None = None
    index: int | Literal["*", "+"] | PvSpec | None = None
    if body.startswith("(", at):
        close = _closing(body, at, "(", ")", "`(` of the inner name is not closed")
        inner = _inner(body, at + 1, close, depth)
        at = close + 1
    if body.startswith("[", at):
        close = _closing(body, at, "[", "]", "`[` of the index is not closed")
        index = _index(body, at + 1, close, depth)
        at = close + 1
    transforms: tuple[TransformCall, ...] = ()
    if body.startswith("{", at):
        transforms, at = _transforms(body, at, depth)
    if at != end:
        raise PvSyntaxError(f"unexpected `{body[at]}` in the variable", at)
    return PvSpec(name, inner, index, transforms), end + 1


def _name_end(text: str, start: int) -> int:
    match = _NAME.match(text, start)
    end = match.end() if match is not None else start
    if end == start:
        raise PvSyntaxError("the variable has no name", start)
    return end


def _closing(text: str, start: int, opening: str, closing: str, message: str) -> int:
    """Offset of the bracket that closes the one at ``start``. Quotes mean nothing here."""
    depth = 0
    for at in range(start, len(text)):
        char = text[at]
        if char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth == 0:
                return at
    raise PvSyntaxError(message, start)


def _inner(text: str, start: int, end: int, depth: int) -> str | PvSpec | PvFormat:
    inner = text[start:end]
    if not inner:
        raise PvSyntaxError("the inner name is empty", start)
    if "$" not in inner:
        return inner
    try:
        parts = _format(inner, depth + 1)
    except PvSyntaxError as error:
        if depth >= MAX_NESTING:
            raise PvSyntaxError(error.message, start + error.offset) from None
        return inner
    if len(parts) == 1 and isinstance(parts[0], PvSpec):
        return parts[0]
    return parts


def _index(text: str, start: int, end: int, depth: int) -> int | Literal["*", "+"] | PvSpec:
    index = text[start:end]
    if index == "*":
        return "*"
    if index == "+":
        return "+"
    if index.startswith("$"):
        return _spec(text[:end], start, depth + 1)[0]  # what follows is dropped
    if not index or _INDEX.fullmatch(index) is None:
        raise PvSyntaxError("an index is a number, `*` or a variable", start)
    return _c_int(index) if index != "-" else 0


def _c_int(digits: str) -> int:
    """The value as a C int, which wraps around."""
    value = int(digits[-4000:]) & 0xFFFFFFFF
    return value - 0x100000000 if value & 0x80000000 else value


def _transforms(text: str, start: int, depth: int) -> tuple[tuple[TransformCall, ...], int]:
    """The ``{...}{...}`` that begin at ``start``, and the offset after them."""
    end = _last_brace(text, start)
    calls: list[TransformCall] = []
    at = start
    while at < end and text.startswith("{", at):
        call, at = _transform(text, at, depth)
        calls.append(call)
        space = _SPACE.match(text, at, max(at, end))
        at = space.end() if space is not None else at
    return tuple(calls), at


def _last_brace(text: str, start: int) -> int:
    """Where the transformations that begin at ``start`` end: behind the brace that closes the
    last of them, and the blanks there. Braces are counted, whatever they stand in."""
    depth = 0
    at = start
    while at < len(text):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            blank = _BLANK.match(text, at + 1)
            after = blank.end() if blank is not None else at + 1
            if depth == 0 and not text.startswith("{", after):
                return after
        at += 1
    raise PvSyntaxError("`{` is not closed", start)


def _transform(text: str, start: int, depth: int) -> tuple[TransformCall, int]:
    """One ``{class.function,arguments}`` that begins at ``start``. The function's name may be
    written in capitals, and with blanks around it."""
    dot = text.find(".", start + 1)
    stop = text.find("}", start + 1)
    if dot < 0 or dot > stop or dot == start + 1:
        raise PvSyntaxError("a transformation is written {class.function}", start + 1)
    cls = text[start + 1 : dot]
    match = _FUNCTION.match(text, dot + 1)
    at = match.end() if match is not None else dot + 1
    fn = text[dot + 1 : at].strip(" \t\r\n").lower()
    if not fn:
        raise PvSyntaxError("the transformation has no function name", dot + 1)
    args: list[bytes | PvSpec] = []
    while text.startswith(",", at):
        arg, at = _argument(text, at + 1, depth, f"{cls}.{fn}", len(args))
        args.append(arg)
        space = _SPACE.match(text, at)
        at = space.end() if space is not None else at
    if not text.startswith("}", at):
        raise PvSyntaxError("an argument of the transformation ends with `,` or `}`", at)
    return TransformCall(cls, fn, tuple(args)), at + 1


def _argument(
    text: str, start: int, depth: int, name: str, position: int
) -> tuple[bytes | PvSpec, int]:
    """One argument. Some functions read theirs in a way of their own (``pv_trans.c``)."""
    if name == "re.subst" and not text.startswith("$", start):
        end = _closing("{" + text[start:], 0, "{", "}", "`{` is not closed") - 1 + start
        if end == start:
            raise PvSyntaxError("{re.subst} has an empty expression", start)
        return text[start:end].encode("latin-1"), end
    if name == "s.select" and position == 1:
        return _separator(text, start)
    if name in _DELIMITED and position == 1:
        return _delimiter(text, start)
    space = _SPACE.match(text, start)
    at = space.end() if space is not None else start
    if text.startswith("$", at):
        return _spec(text, at, depth + 1)
    match = _ARG.match(text, at)
    end = match.end() if match is not None else at
    if name in _ONE_COMMA and text.startswith(",", end):
        end += 1
    if name == "param.count" and end != start + 1:
        raise PvSyntaxError("the separator is one character", start)
    literal = text[at:end]
    if name == "s.rm":
        literal = _ESCAPE.sub(lambda found: _CONTROLS.get(found[1], found[1]), literal)
    return literal.encode("latin-1"), end


def _separator(text: str, start: int) -> tuple[bytes, int]:
    """Of ``{s.select}``: one character, whatever it is, or one of ``\\\\ \\n \\r \\t``."""
    length = 2 if text.startswith("\\", start) else 1
    found = text[start : start + length]
    if length == 2 and found[1:] not in ("\\", "n", "r", "t"):
        raise PvSyntaxError("the escapes of {s.select} are `\\\\`, `\\n`, `\\r` and `\\t`", start)
    return found.encode("latin-1"), start + length


def _delimiter(text: str, start: int) -> tuple[bytes, int]:
    """Of ``{param.value}`` and its like: one character; a blank is taken, and fails."""
    found = text[start : start + 1]
    if found in ("", ",", "}", "$") or text[start + 1 : start + 2] not in (
        ("}",) if found in " \t\n" else ("}", "\t", "\n")
    ):
        raise PvSyntaxError("the separator is one character", start)
    return found.encode("latin-1"), start + 1


def number_of(arg: bytes) -> int | None:
    """An argument as the number that it is written as, wrapped as a C int; None for none."""
    match = _NUMBER.fullmatch(arg)
    if match is None:
        return None
    digits = match[2].decode()
    return _c_int("-" + (digits or "0") if match[1] == b"-" else digits or "0")


def is_buffered(spec: PvSpec) -> bool:
    """Whether 5.6.3 leaves the value at the start of the buffer of the ``s`` transformations."""
    last = spec.transforms[-1] if spec.transforms else TransformCall("", "")
    return last.cls == "s" and last.fn not in _NOT_BUFFERED


def shows_itself(pv: PseudoVar, spec: PvSpec) -> bool:
    """Whether ``show_<method>`` prints it in a string: a name that is written, without an index,
    can always be read."""
    written = isinstance(spec.inner, str) and spec.index is None
    return pv.shows and not (written and pv.inner in (PvName.VALUE, PvName.DYNAMIC))


# --- back to text --------------------------------------------------------------------------------


def spec_text(spec: PvSpec) -> str:
    """The variable as configuration text, such that parsing it gives an equal spec."""
    if spec.name == "$":
        return "$$"
    inner = "" if spec.inner is None else f"({_inner_text(spec.inner)})"
    if spec.index is None and not spec.transforms:
        return f"${spec.name}{inner}"
    index = ""
    if spec.index is not None:
        shown = spec_text(spec.index) if isinstance(spec.index, PvSpec) else str(spec.index)
        index = f"[{shown}]"
    return f"$({spec.name}{inner}{index}{''.join(map(_transform_text, spec.transforms))})"


def format_text(parts: PvFormat) -> str:
    """The format as text (latin-1), such that parsing it gives an equal format."""
    return "".join(
        spec_text(part) if isinstance(part, PvSpec) else part.decode("latin-1").replace("$", "$$")
        for part in parts
    )


def _inner_text(inner: str | PvSpec | PvFormat) -> str:
    if isinstance(inner, str):
        return inner
    return spec_text(inner) if isinstance(inner, PvSpec) else format_text(inner)


def _transform_text(transform: TransformCall) -> str:
    args = "".join(
        "," + (spec_text(arg) if isinstance(arg, PvSpec) else arg.decode("latin-1"))
        for arg in transform.args
    )
    if transform.cls == "s" and transform.fn == "rm" and isinstance(transform.args[0], bytes):
        for octet, letter in (("\\", "\\"), ("\n", "n"), ("\r", "r"), ("\t", "t")):
            args = args.replace(octet, "\\" + letter)
    return f"{{{transform.cls}.{transform.fn}{args}}}"
