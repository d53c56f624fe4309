"""The arguments of ``avpops``: variables with flags, operations and values after slashes.

Behaviour: the fixups of ``avpops.c`` and ``avpops_parse.c`` of Kamailio 5.6.3. Each rule reads a
text into a record, and raises ValueError with what is wanted instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from runtime.declare.ownspec import Pattern
from runtime.declare.pvspec import PvSpec, PvSyntaxError, parse_spec
from runtime.declare.record import Record

CHECKS: Final = (*(b"eq", b"ne", b"lt", b"le", b"gt", b"ge", b"re", b"fm", b"and", b"or", b"xor"),)
OPERATIONS: Final = (b"add", b"sub", b"mul", b"div", b"mod", b"and", b"or", b"xor", b"not")
PARTS: Final = (b"domain", b"username", b"uri", b"uuid")
_URIS: Final = ("ru", "ruri", "fu", "from", "tu", "to", "ou", "ouri")
_NUMBER: Final = re.compile(rb"[+-]?[0-9]*")
_HEX: Final = re.compile(rb"0[xX][0-9a-fA-F]{1,8}")
_SEPARATORS: Final = b" \t,;\n"


class Source(Record):
    """Whose AVPs: a variable or text, and what it is: one of ``PARTS``."""

    variable: PvSpec | None
    text: bytes
    part: bytes


class Attribute(Record):
    """Which AVPs of a database: one, or all whose name is of a ``kind``: ``s``, ``i`` or any.

    ``table`` and ``scheme`` say where.
    """

    variable: PvSpec | None
    kind: bytes = b""
    table: bytes | None = None
    scheme: bytes | None = None


class Names(Record):
    """The AVPs that ``avp_db_query`` fills, in the order of the columns."""

    variables: tuple[PvSpec, ...]


class Flagged(Record):
    """A variable, or AVPs of a ``kind``, and flags in lower case."""

    variable: PvSpec | None
    flags: bytes = b""
    kind: bytes = b""


class Pair(Record):
    """An AVP, where the result goes, and flags in lower case."""

    source: PvSpec
    target: PvSpec | None
    flags: bytes = b""


class Destination(Record):
    """What ``avp_pushto`` writes: ``uri``, ``user``, ``host``, ``dst_uri`` or ``branch``."""

    variable: PvSpec
    what: str


class Operand(Record):
    """An operation and its right side: a variable, a number or text."""

    operation: bytes
    variable: PvSpec | None
    value: bytes | int | Pattern
    flags: bytes = b""


def _variable(text: bytes) -> PvSpec:
    if not text.startswith(b"$"):
        raise ValueError('one that begins with a variable, as in "$avp(x)"')
    try:
        return parse_spec(text)[0]
    except PvSyntaxError as error:
        raise ValueError(f"one that begins with a variable ({error.message})") from None


def _avp(text: bytes) -> PvSpec:
    variable = _variable(text)
    if variable.name != "avp":
        raise ValueError('one that begins with an AVP, as in "$avp(x)"')
    return variable


def _flags(text: bytes, known: bytes) -> bytes:
    flags = text.lower()
    strange = flags.strip(known)
    if strange:
        raise ValueError(f"made with the flags {', '.join(map(chr, known))} after the slash")
    return flags


def source(text: bytes) -> Source:
    """``$variable``, ``$variable/part``, ``text`` or ``text/part`` (``fixup_db_avp``)."""
    name, slash, part = text.partition(b"/")
    part = part.lower()
    if slash and part not in PARTS:
        raise ValueError("one with /uuid, /uri, /username or /domain after the slash")
    if not name.startswith(b"$"):
        return Source(None, name, part or b"uuid")
    variable = _variable(name)
    if variable.name == "null":
        raise ValueError("a variable with a value, or text")
    return Source(variable, b"", part or (b"uri" if variable.name in _URIS else b"uuid"))


def _kind(text: bytes) -> bytes:
    """``s``, ``i``, ``*`` or ``a`` with a number of flags after it."""
    kind = text[:1].lower()
    if kind not in (b"s", b"i", b"*", b"a") or (text[1:] and not text[1:].isdigit()):
        raise ValueError("an AVP, as in `$avp(x)`, or one of `s`, `i` and `*`")
    return kind if kind in (b"s", b"i") else b""


def attribute(text: bytes) -> Attribute:
    """``$avp(x)``, ``s``, ``i`` or ``*``, then ``/table`` or nothing (``parse_avp_db``)."""
    name, slash, where = text.partition(b"/")
    variable = _avp(name) if name.startswith(b"$") else None
    kind = _kind(name) if variable is None else b""
    if where.startswith(b"$"):
        raise ValueError("one without a scheme")
    if slash and not where:
        raise ValueError("one with the name of a table after the slash")
    return Attribute(variable, kind, table=where or None)


def loaded(text: bytes) -> Attribute:
    """The same, or ``$avp(x)/$scheme``."""
    name, _, where = text.partition(b"/")
    if not where.startswith(b"$"):
        return attribute(text)
    if not name.startswith(b"$"):
        _kind(name)
        raise ValueError("one with a whole AVP, as in `$avp(x)/$scheme`")
    if len(where) < 2:
        raise ValueError("one with the name of a scheme after the slash")
    return Attribute(_avp(name), scheme=where[1:])


def names(text: bytes) -> Names:
    """``$avp(a);$avp(b)`` (``parse_pvname_list``)."""
    found: list[PvSpec] = []
    at = 0
    while True:
        while text[at : at + 1] and text[at] in _SEPARATORS:
            at += 1
        if at >= len(text):
            break
        try:
            variable, at = parse_spec(text, at)
        except PvSyntaxError as error:
            raise ValueError(f"made of AVPs with `;` between them ({error.message})") from None
        if variable.name != "avp":
            raise ValueError("made of AVPs with `;` between them")
        found.append(variable)
    if not found:
        raise ValueError("made of AVPs with `;` between them")
    return Names(tuple(found))


def deleted(text: bytes) -> Flagged:
    """``$avp(x)``, ``$avp(x)/g``, ``s``, ``i`` or ``*`` (``fixup_delete_avp``)."""
    name, _, flags = text.partition(b"/")
    variable = _avp(name) if name.startswith(b"$") else None
    kind = _kind(name) if variable is None else b""
    given = _flags(flags, b"g")
    return Flagged(variable, given if variable else b"g", kind)


def avp(text: bytes) -> Flagged:
    """``$avp(x)`` (``fixup_copy_avp``)."""
    return Flagged(_avp(text))


def copied(text: bytes) -> Flagged:
    """``$avp(x)/flags``"""
    name, _, flags = text.partition(b"/")
    return Flagged(_avp(name), _flags(flags, b"gdns"))


def destination(text: bytes) -> Destination:
    """``$ru``, ``$ru/username``, ``$ru/domain``, ``$du`` or ``$br`` (``fixup_pushto_avp``)."""
    name, slash, part = text.partition(b"/")
    variable = _variable(name)
    if variable.name in ("ru", "ruri") and (not slash or part.lower() in (b"username", b"domain")):
        what = {b"username": "user", b"domain": "host"}.get(part.lower(), "uri")
        return Destination(variable, what)
    if variable.name in ("du", "duri") and not slash:
        return Destination(variable, "dst_uri")
    if variable.name == "br" and not slash:
        return Destination(variable, "branch")
    raise ValueError("one of $ru, $ru/username, $ru/domain, $du and $br")


def pushed(text: bytes) -> Flagged:
    """``$variable``, ``$variable/g``"""
    name, _, flags = text.partition(b"/")
    variable = _variable(name)
    if variable.name == "null":
        raise ValueError("a variable with a value")
    return Flagged(variable, _flags(flags, b"g"))


def checked(text: bytes) -> Flagged:
    """The left side of ``avp_check``: any variable but ``$null``."""
    variable = _variable(text)
    if variable.name == "null":
        raise ValueError("a variable with a value")
    return Flagged(variable)


def _operand(text: bytes, known: tuple[bytes, ...], flags: bytes) -> Operand:
    head, slash, rest = text.partition(b"/")
    if not slash or len(head) not in (2, 3) or not rest:
        raise ValueError("written operation/value or operation/value/flags")
    operation = next((each for each in known if head.lower().startswith(each)), None)
    if operation is None:
        raise ValueError(f"one of {', '.join(each.decode() for each in known)} before the slash")
    value, slash, given = rest.partition(b"/")
    if slash and not given:
        raise ValueError("one with flags after the second slash")
    if not value:
        raise ValueError("one with a value after the slash")
    if value.startswith(b"$"):
        variable = _variable(rest)
        if variable.name == "null":
            raise ValueError("one with a value after the slash")
        return Operand(operation, variable, 0, _flags(given, flags))
    return Operand(operation, None, _constant(value), _flags(given, flags))


def _constant(text: bytes) -> bytes | int:
    """``i:7``, ``i:0x1f``, ``s:text`` or ``text`` (``parse_intstr_value``)."""
    if text[1:2] != b":":
        return text
    kind, value = text[:1].lower(), text[2:]
    if kind not in (b"i", b"s") or not value:
        raise ValueError("one with a value: i:number, s:text or text")
    if kind == b"s":
        return value
    if value[:2].lower() == b"0x" and len(value) > 2:
        if not _HEX.fullmatch(value):
            raise ValueError("one with a hexadecimal number after 0x")
        number = int(value, 16)
        return number - (1 << 32) if number >= 1 << 31 else number
    if not _NUMBER.fullmatch(value):
        raise ValueError("one with a number after i:")
    number = int(value) if value.strip(b"+-") else 0
    if not -(1 << 31) <= number < 1 << 31:
        raise ValueError("one with a number of 32 bits after i:")
    return number


def check(text: bytes) -> Operand:
    """``eq/value/flags`` (``parse_check_value``)."""
    found = _operand(text, CHECKS, b"gi")
    if found.operation == b"fm" and found.variable is None and isinstance(found.value, int):
        raise ValueError("one with text after fm/")
    if found.operation == b"re" and isinstance(found.value, bytes):
        return Operand(b"re", None, Pattern(found.value), found.flags)
    return found


def operation(text: bytes) -> Operand:
    """``add/i:1/flags`` (``parse_op_value``)."""
    found = _operand(text, OPERATIONS, b"gd")
    if found.variable is None and isinstance(found.value, bytes):
        raise ValueError("one with a number, as in add/i:1")
    return found


def operated(text: bytes) -> Pair:
    """``$avp(a)`` or ``$avp(a)/$avp(b)`` (``fixup_op_avp``)."""
    name, _, target = text.partition(b"/")
    return Pair(_avp(name), _avp(target) if target else None)


def substituted(text: bytes) -> Pair:
    """``$avp(a)``, ``$avp(a)/gd`` or ``$avp(a)/$avp(b)/gd`` (``fixup_subst``)."""
    name, _, rest = text.partition(b"/")
    found = _avp(name)
    target = None
    if rest.startswith(b"$"):
        second, slash, rest = rest.partition(b"/")
        if len(second) > 1 or not slash:
            target = _avp(second)
    return Pair(found, target, _flags(rest, b"gd"))


def is_set(text: bytes) -> Flagged:
    """``$avp(x)`` or ``$avp(x)/flags`` (``fixup_is_avp_set``)."""
    name, _, flags = text.partition(b"/")
    variable, given = _avp(name), _flags(flags, b"ens")
    if b"n" in given and b"s" in given:
        raise ValueError("one with either n or s after the slash")
    return Flagged(variable, given)


RULES: Final[Mapping[str, Callable[[bytes], Record]]] = MappingProxyType(
    {
        "source": source,
        "attribute": attribute,
        "loaded": loaded,
        "names": names,
        "deleted": deleted,
        "avp": avp,
        "copied": copied,
        "destination": destination,
        "pushed": pushed,
        "checked": checked,
        "check": check,
        "operated": operated,
        "operation": operation,
        "substituted": substituted,
        "is_set": is_set,
    }
)
