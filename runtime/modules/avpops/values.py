"""Arguments of ``avpops`` ready to use: variables bound to their getters, constants compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.declare.listnames import XavpPath, xavp_path
from runtime.declare.pvspec import PvSpec, format_text, spec_text
from runtime.modules.pv.api import AvpNames
from runtime.native.regex import Regex
from runtime.script.avp import Avp, AvpList, AvpName, AvpValue
from runtime.script.pv import PvRef, PvRegistry, getter
from runtime.script.values import Value
from runtime.script.xavp import XavpList

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

MAX_TEXT = 1024
"""Octets of text that ``avp_check`` and ``avp_pushto`` work on (``STR_BUF_SIZE``)."""


class NoName(ValueError):
    """The name of an AVP comes from a variable without a value."""


class AvpRef:
    """``$avp(name)`` or ``$(avp($var(x))[i])``: its name at the call (``pv_get_avp_name``)."""

    __slots__ = ("_name", "dynamic", "index")

    def __init__(self, registry: PvRegistry, names: AvpNames, spec: PvSpec) -> None:
        self._name: Callable[[SipMsg], object]
        self.dynamic = not isinstance(spec.inner, str)
        inner = spec.inner
        if isinstance(inner, tuple):
            inner = inner[0] if isinstance(inner[0], PvSpec) else format_text(inner)
        if isinstance(inner, PvSpec):
            self._name = getter(registry, inner)
        else:
            text = inner.encode("latin-1") if isinstance(inner, str) else inner or b""
            name = names.avp_name_of(text)
            self._name = lambda msg: name
        self.index = _index(registry, spec)

    def name(self, msg: SipMsg) -> AvpName:
        """The name. Raises NoName."""
        name = self._name(msg)
        if not isinstance(name, (bytes, int)):
            raise NoName("the variable that names an AVP has no value")
        return name

    def found(self, msg: SipMsg) -> list[Avp]:
        """The AVPs of the name, the newest first. Raises NoName."""
        name = self.name(msg)
        avps: AvpList | None = msg.avps
        return [] if avps is None else avps.found(name)


def _index(registry: PvRegistry, spec: PvSpec) -> Callable[[SipMsg], int]:
    """The index of an AVP; ``[*]`` is 0."""
    if isinstance(spec.index, PvSpec):
        read = getter(registry, spec.index)

        def computed(msg: SipMsg) -> int:
            value = read(msg)
            if not isinstance(value, int):
                raise NoName("the index of an AVP is a number")
            return value

        return computed
    fixed = spec.index if isinstance(spec.index, int) else 0
    return lambda msg: fixed


def lists(msg: SipMsg) -> AvpList:
    """The AVPs of a message, made where there are none."""
    if msg.avps is None:
        msg.avps = AvpList()
    avps: AvpList = msg.avps
    return avps


class Side:
    """Any variable; AVPs and extended ones may have several values."""

    __slots__ = ("_path", "_ref", "avps")

    def __init__(self, registry: PvRegistry, names: AvpNames, spec: PvSpec) -> None:
        self._ref = PvRef(registry, spec_text(spec).encode("latin-1"))
        self.avps = AvpRef(registry, names, spec) if spec.name == "avp" else None
        self._path: XavpPath | None = None
        if spec.name == "xavp" and isinstance(spec.inner, str):
            self._path = xavp_path(spec.inner.encode("latin-1"))

    def read(self, msg: SipMsg) -> Value:
        """The value of the variable."""
        return self._ref.get(msg)

    def value(self, msg: SipMsg) -> AvpValue:
        """The value as an AVP would hold it: ``$null`` is empty text."""
        value = self.read(msg)
        return b"" if value is None else value

    def avp_values(self, msg: SipMsg) -> list[AvpValue]:
        """The values of the AVPs that it is. Raises NoName."""
        return [] if self.avps is None else [avp.value for avp in self.avps.found(msg)]

    def values(self, msg: SipMsg) -> list[AvpValue] | None:
        """Each value: of AVPs the newest first; None where there is none. Raises NoName."""
        if self.avps is not None:
            return self.avp_values(msg) or None
        return [self.value(msg)] if self._path is None else _xavp_values(msg, self._path)


def _xavp_values(msg: SipMsg, path: XavpPath) -> list[AvpValue] | None:
    """``get_xavp``: the field of one extended AVP, or all fields of that name (``[*]``)."""
    xavps: XavpList | None = msg.xavps
    index = path.root_index if isinstance(path.root_index, int) else 0
    root = None if xavps is None else xavps.get(path.root, index)
    if path.field is None or not isinstance(root, XavpList):
        return None
    if path.field_index == "*":
        found = root.all(path.field)
    else:
        index = path.field_index if isinstance(path.field_index, int) else 0
        found = [root.get(path.field, index)]
    if not found or found == [None]:
        return None
    return [value for value in found if isinstance(value, (bytes, int))]


def as_text(value: AvpValue) -> bytes:
    """A value as text; a negative number is shown as an unsigned long (``int2str``)."""
    return value if isinstance(value, bytes) else b"%d" % (value & 0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done with both sides, and its flags."""

    name: bytes
    right: Side | int | bytes | Regex
    flags: bytes
