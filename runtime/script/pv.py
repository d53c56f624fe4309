"""Pseudo-variables named by text at load: module parameters, lazy strings, ``PV`` arguments.

Routes do not go through here: the compiler writes their accesses out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from runtime.declare.exports import Exports, Fixup, PseudoVar, PvName, Transformation
from runtime.declare.pvspec import (
    PvFormat,
    PvSpec,
    PvSyntaxError,
    format_text,
    is_buffered,
    number_of,
    parse_format,
    parse_whole_spec,
    shows_itself,
    spec_text,
    split_table_key,
)
from runtime.declare.substspec import SubstError, parse_subst
from runtime.script.params import buffered_param, number_param, text_param
from runtime.script.values import Dual, EvalError, Value, index_of, plain, show, to_str
from runtime.script.vars import VarNames

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

Getter: TypeAlias = "Callable[[SipMsg], Value]"
Setter: TypeAlias = "Callable[[SipMsg, Value], object]"


class PvError(ValueError):
    """A variable that does not exist, or is written or used wrongly."""


class PvRegistry:
    """The pseudo-variables and transformations of the loaded modules, and the slots of ``$var``.

    Made by the server before routes and modules are initialised: ``add`` each module in load
    order, the core first.
    """

    def __init__(self, slots: list[Value], names: Iterable[str] = ()) -> None:
        self.vars = VarNames(slots, names)
        self._pvs: dict[str, tuple[Any, PseudoVar]] = {}
        self._transformations: dict[tuple[str, str], tuple[Any, Transformation]] = {}

    def add(self, exports: Exports, module: object) -> None:
        """Offer what ``module`` exports; a name that is there already stays."""
        for pv in exports.pvs:
            self._pvs.setdefault(pv.name, (module, pv))
        for tr in exports.transformations:
            self._transformations.setdefault((tr.cls, tr.name), (module, tr))

    def find(self, name: str) -> tuple[Any, PseudoVar]:
        """The module and declaration of ``$name``. Raises PvError."""
        found = self._pvs.get(name)
        if found is None:
            raise PvError(f"no loaded module has a variable ${name}")
        return found

    def transformation(self, cls: str, fn: str) -> tuple[Any, Transformation]:
        """The module and declaration of ``{cls.fn}``. Raises PvError."""
        found = self._transformations.get((cls, fn))
        if found is None:
            raise PvError(f"no loaded module has a transformation {{{cls}.{fn}}}")
        return found


class PvRef:
    """One variable, read and written. ``text`` is how it is written."""

    __slots__ = ("_get", "_set", "pv", "spec", "text")

    def __init__(self, registry: PvRegistry, text: bytes) -> None:
        try:
            self.spec = parse_whole_spec(text)
        except PvSyntaxError as error:
            raise PvError(f"{text.decode('utf-8', 'replace')}: {error.message}") from None
        self.text = text
        self._get = getter(registry, self.spec)
        self._set = setter(registry, self.spec)
        self.pv = registry.find(self.spec.name)[1] if self.spec.name != "$" else None

    @property
    def writable(self) -> bool:
        """Whether ``set`` may be called."""
        return self._set is not None

    def get(self, msg: SipMsg) -> Value:
        """The value of the variable."""
        return self._get(msg)

    def set(self, msg: SipMsg, value: Value) -> None:
        """Assign a value; PvError where the variable is read-only."""
        if self._set is None:
            raise PvError(f"{self.text.decode('utf-8', 'replace')} cannot be written")
        self._set(msg, value)


class Format:
    """Text with variables in it, evaluated when asked for (``pv_printf``)."""

    __slots__ = ("_parts", "text")

    def __init__(self, registry: PvRegistry, text: bytes) -> None:
        try:
            parts = parse_format(text)
        except PvSyntaxError as error:
            raise PvError(f"{text.decode('utf-8', 'replace')}: {error.message}") from None
        self.text = text
        self._parts: tuple[bytes | Callable[[SipMsg], bytes], ...] = tuple(
            part if isinstance(part, bytes) else shower(registry, part) for part in parts
        )

    @property
    def constant(self) -> bytes | None:
        """The text where it holds no variable."""
        if not self._parts:
            return b""
        first = self._parts[0]
        return first if len(self._parts) == 1 and isinstance(first, bytes) else None

    def eval(self, msg: SipMsg) -> bytes:
        """The text with the values of its variables; ``$null`` prints as ``<null>``."""
        return b"".join(part if isinstance(part, bytes) else part(msg) for part in self._parts)


def compile_spec(text: bytes, registry: PvRegistry) -> PvRef:
    """One variable from text. Raises PvError."""
    return PvRef(registry, text)


def compile_format(text: bytes, registry: PvRegistry) -> Format:
    """A format from text. Raises PvError."""
    return Format(registry, text)


def refix(registry: PvRegistry, text: bytes, msg: SipMsg) -> bytes:
    """An argument that was computed: variables in it are evaluated as in one that was written
    (``fix_param`` at run time). Raises EvalError for text that is no format."""
    if b"$" not in text:
        return text
    try:
        return Format(registry, text).eval(msg)
    except PvError as error:
        raise EvalError(str(error)) from None


def shower(registry: PvRegistry, spec: PvSpec) -> Callable[[SipMsg], bytes]:
    """What gives the text of a variable inside of a string; a transformation that fails shows
    nothing. Raises PvError."""
    read = getter(registry, spec)
    if spec.transforms or spec.name == "$":
        return lambda msg: to_str(read(msg))
    module, pv = registry.find(spec.name)
    if shows_itself(pv, spec):
        args = _access_args(registry, pv, spec)
        method: Callable[..., bytes] = getattr(module, f"show_{_method(pv, spec)}")
        return lambda msg: method(msg, *(arg(msg) for arg in args))
    return (lambda msg: to_str(read(msg))) if pv.blank else (lambda msg: show(read(msg)))


# --- accessors -----------------------------------------------------------------------------------


def getter(registry: PvRegistry, spec: PvSpec) -> Getter:
    """What reads a variable. Raises PvError."""
    read = _plain_getter(registry, spec)
    for call in spec.transforms:
        module, row = registry.transformation(call.cls, call.fn.lower())
        least = len(row.args) if row.min is None else row.min
        if not least <= len(call.args) <= len(row.args):
            raise PvError(f"{{{call.cls}.{call.fn}}} takes {least} to {len(row.args)} arguments")
        args = [_argument(registry, row.args[at].fixup, arg) for at, arg in enumerate(call.args)]
        method = getattr(module, f"tr_{call.cls}_{row.name}".replace(".", "_"))
        read = _transformed(read, method, args, row.message)
    return read


def _transformed(
    read: Getter, method: Callable[..., Value], args: list[Callable[..., Any]], message: bool
) -> Getter:
    if message:
        return lambda msg: method(msg, read(msg), *(arg(msg) for arg in args))
    return lambda msg: method(read(msg), *(arg(msg) for arg in args))


def _argument(registry: PvRegistry, fixup: Fixup, arg: bytes | PvSpec) -> Callable[..., Any]:
    number = fixup in (Fixup.INT, Fixup.INT_PV)
    if isinstance(arg, PvSpec):
        read = getter(registry, arg)
        text = buffered_param if is_buffered(arg) else text_param
        convert: Callable[[Value], Value] = number_param if number else text
        return lambda msg: convert(read(msg))
    constant = number_of(arg) if number else arg
    if constant is None:
        raise PvError(f"{arg.decode('latin-1')} is no number")
    if fixup is Fixup.SUBST:
        try:
            parse_subst(arg)
        except SubstError as error:
            raise PvError(str(error)) from None
    return lambda msg: constant


def _plain_getter(registry: PvRegistry, spec: PvSpec) -> Getter:
    if spec.name == "$":
        return lambda msg: b"$"
    module, pv = registry.find(spec.name)
    if spec.name == "null":
        return lambda msg: None
    if spec.name in ("var", "vz"):
        slots, slot = registry.vars.slots, registry.vars.slot(_static_name(spec))
        return lambda msg: slots[slot]
    args = _access_args(registry, pv, spec)
    if pv.native is not None:
        native = pv.native
        if pv.number is not None:
            return _dual(native, pv.number)
        return lambda msg: getattr(msg, native)
    method = getattr(module, f"pv_{_method(pv, spec)}")
    if not args:
        return lambda msg: method(msg)
    return lambda msg: method(msg, *(arg(msg) for arg in args))


def _dual(native: str, number: str) -> Getter:
    """A text of the message that has a number beside it."""

    def read(msg: SipMsg) -> Value:
        text = getattr(msg, native)
        return None if text is None else Dual(text, getattr(msg, number))

    return read


def setter(registry: PvRegistry, spec: PvSpec) -> Setter | None:
    """What writes a variable; None where it cannot be written. Raises PvError."""
    if spec.transforms or spec.name in ("$", "null"):
        return None
    module, pv = registry.find(spec.name)
    if not pv.writable:
        return None
    if spec.name in ("var", "vz"):
        slots, slot = registry.vars.slots, registry.vars.slot(_static_name(spec))

        def store(msg: SipMsg, value: Value) -> None:
            slots[slot] = 0 if value is None else plain(value)

        return store
    if pv.native is not None:
        native = pv.native
        return lambda msg, value: setattr(msg, native, value)
    method = getattr(module, f"set_pv_{_method(pv, spec)}")
    args = _access_args(registry, pv, spec)
    return lambda msg, value: method(msg, value, *(arg(msg) for arg in args))


def _access_args(registry: PvRegistry, pv: PseudoVar, spec: PvSpec) -> list[Callable[..., Any]]:
    """What the methods of a variable get after the message: name, index."""
    args: list[Callable[..., Any]] = []
    if pv.inner is PvName.PV:
        if not isinstance(spec.inner, PvSpec):
            raise PvError(f"${spec.name}(…) holds one variable")
        reference = PvRef(registry, spec_text(spec.inner).encode("latin-1"))
        args.append(lambda msg: reference)
    elif pv.inner is PvName.TABLE:
        args.extend(_table_key(registry, spec))
    elif pv.inner is not PvName.NONE:
        if spec.inner is None:
            raise PvError(f"${spec.name} needs a name in parentheses")
        if pv.inner is PvName.STATIC and isinstance(spec.inner, PvSpec):
            text = _static_name(spec)
            args.append(lambda msg: text)
        else:
            args.append(_inner(registry, spec.inner, pv.inner is PvName.VALUE))
    elif spec.inner is not None:
        raise PvError(f"${spec.name} takes no name in parentheses")
    if spec.index is not None:
        if not pv.indexed:
            raise PvError(f"${spec.name} takes no index")
        args.append(_index(registry, spec.index))
    return args


def _table_key(registry: PvRegistry, spec: PvSpec) -> tuple[Callable[..., Value], ...]:
    inner = spec.inner or ""
    text = inner if isinstance(inner, str) else format_text(_parts(inner))
    try:
        table, at = split_table_key(text)
        parts = parse_format(text[at:])
    except PvSyntaxError as error:
        raise PvError(f"${spec.name}(…): {error.message}") from None
    name = table.encode("latin-1")
    return (lambda msg: name), _inner(registry, parts, False)


def _parts(inner: PvSpec | PvFormat) -> PvFormat:
    return (inner,) if isinstance(inner, PvSpec) else inner


def _method(pv: PseudoVar, spec: PvSpec) -> str:
    of = "_of" if pv.inner is PvName.VALUE and not isinstance(spec.inner, str) else ""
    return (pv.method or pv.name).replace(".", "_") + of


def _inner(
    registry: PvRegistry, inner: str | PvSpec | PvFormat, as_it_is: bool
) -> Callable[..., Value]:
    if isinstance(inner, str):
        text = inner.encode("latin-1")
        return lambda msg: text
    if isinstance(inner, PvSpec):
        read = getter(registry, inner)
        return read if as_it_is else lambda msg: show(read(msg))
    parts = [p if isinstance(p, bytes) else shower(registry, p) for p in inner]
    return lambda msg: b"".join(p if isinstance(p, bytes) else p(msg) for p in parts)


def _index(registry: PvRegistry, index: int | str | PvSpec) -> Callable[..., int | bytes]:
    if isinstance(index, PvSpec):
        read = getter(registry, index)
        return lambda msg: index_of(read(msg))
    fixed = index.encode() if isinstance(index, str) else index
    return lambda msg: fixed


def _static_name(spec: PvSpec) -> bytes:
    """The text in the parentheses, also where it looks like a variable."""
    if isinstance(spec.inner, PvSpec):
        return spec_text(spec.inner).encode("latin-1")
    if not isinstance(spec.inner, str):
        raise PvError(f"${spec.name}(…) holds a name without variables")
    return spec.inner.encode("latin-1")
