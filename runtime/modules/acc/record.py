"""One accounting record, and the further attributes that a configuration adds to it.

Behaviour: ``acc_extra.c`` and ``core2strar`` (``acc.c``) of Kamailio 5.6.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.declare.pvspec import PvSyntaxError, parse_spec
from runtime.script.avp import AvpName, AvpValue, avp_name
from runtime.script.pv import PvError, PvRegistry, compile_spec
from runtime.script.values import to_str

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef

MAX_LEGS = 16
"""Attributes of a leg (``MAX_ACC_LEG``)."""

Attribute = tuple[str, bytes | None]
"""Name and value; None where the variable is ``$null``."""


class AttributeSyntaxError(ValueError):
    """Text of ``log_extra``, ``db_extra`` or ``multi_leg_info`` that cannot be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """What every record holds. ``time`` is in seconds after 1970."""

    method: bytes
    from_tag: bytes
    to_tag: bytes
    call_id: bytes
    code: bytes
    reason: bytes
    time: float


@dataclass(frozen=True, slots=True)
class Extra:
    """``name=$variable``."""

    name: str
    variable: PvRef

    def value(self, msg: SipMsg) -> bytes | None:
        """The variable as text."""
        value = self.variable.get(msg)
        return None if value is None else to_str(value)


@dataclass(frozen=True, slots=True)
class Leg:
    """``name=$avp(x)``: each value of the AVP belongs to one leg of a call."""

    name: str
    avp: AvpName


def parse_extras(text: bytes, registry: PvRegistry, most: int) -> tuple[Extra, ...]:
    """Read ``name=$var; name=$var…``. Raises AttributeSyntaxError with the position."""
    source = text.decode("latin-1")
    found: list[Extra] = []
    at = _space(source, 0)
    while at < len(source):
        if len(found) == most:
            raise AttributeSyntaxError(f"more than {most} attributes (see acc_extra_size)")
        end = at
        while end < len(source) and source[end] != "=" and not source[end].isspace():
            end += 1
        name, equals = source[at:end], _space(source, end)
        if not name or source[equals : equals + 1] != "=":
            raise AttributeSyntaxError(f"name=$variable is wanted at position {at}")
        start = _space(source, equals + 1)
        try:
            at = parse_spec(source, start)[1]
            found.append(Extra(name, compile_spec(source[start:at].encode("latin-1"), registry)))
        except (PvSyntaxError, PvError) as error:
            raise AttributeSyntaxError(f"attribute {name!r}: {error}") from None
        at = _space(source, at)
        if at < len(source):
            following = _space(source, at + 1)
            if source[at] != ";" or following == len(source):
                raise AttributeSyntaxError(f"attributes are separated by `;` (position {at})")
            at = following
    return tuple(found)


def parse_legs(text: bytes, registry: PvRegistry, most: int) -> tuple[Leg, ...]:
    """Read ``multi_leg_info``: AVPs with constant names only. Raises AttributeSyntaxError."""
    legs: list[Leg] = []
    for extra in parse_extras(text, registry, min(most, MAX_LEGS)):
        spec = extra.variable.spec
        if spec.name != "avp" or not isinstance(spec.inner, str) or spec.transforms:
            raise AttributeSyntaxError(f"leg attribute {extra.name!r} must be an AVP, $avp(name)")
        try:
            legs.append(Leg(extra.name, avp_name(spec.inner.encode("latin-1"))))
        except ValueError as error:
            raise AttributeSyntaxError(f"leg attribute {extra.name!r}: {error}") from None
    return tuple(legs)


def legs_of(legs: tuple[Leg, ...], msg: SipMsg) -> list[tuple[Attribute, ...]]:
    """The attributes of each leg, the newest first; one leg of nothing where no AVP has a value."""
    columns: list[list[AvpValue]] = [
        [] if msg.avps is None else msg.avps.all(leg.avp) for leg in legs
    ]
    return [
        tuple(
            (leg.name, to_str(column[n]) if n < len(column) else None)
            for leg, column in zip(legs, columns, strict=True)
        )
        for n in range(max(1, *map(len, columns)))
    ]


def parse_comment(text: bytes) -> tuple[bytes, bytes]:
    """Code and reason of ``"404 Not found"`` (``acc_parse_code``); no code where it has none."""
    if len(text) >= 3 and text[:3].isdigit():
        return text[:3], text[3:].lstrip(b" \t\n\v\f\r")
    return b"", text


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
