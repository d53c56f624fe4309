"""Module ``avpops``: attribute-value pairs compared, copied, computed, and kept in a database.

Behaviour: ``avpops_impl.c`` of Kamailio 5.6.3. The database half is ``store.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from runtime.db.errors import DbError
from runtime.declare.ownspec import Pattern
from runtime.declare.substspec import SubstError
from runtime.modules.avpops import syntax
from runtime.modules.avpops.compare import computed, matches
from runtime.modules.avpops.exports import EXPORTS
from runtime.modules.avpops.schemes import Scheme, parse_scheme
from runtime.modules.avpops.store import Columns, Owner, Store, Wanted, unsigned
from runtime.modules.avpops.values import (
    MAX_TEXT,
    AvpRef,
    NoName,
    Operation,
    Side,
    as_text,
    lists,
)
from runtime.modules.pv.api import AvpNames
from runtime.native.regex import Regex
from runtime.script.avp import AvpValue
from runtime.script.pv import PvError, refix
from runtime.script.substitute import Subst
from runtime.script.values import EvalError
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR, LM_INFO
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT, PROC_MAIN, PROC_TCP_MAIN

if TYPE_CHECKING:
    from runtime.declare.pvspec import PvSpec
    from runtime.native.sipmsg import SipMsg
    from runtime.script.avp import Avp
    from runtime.script.pv import Format
    from runtime.server.server import Server

E_BAD_RE = -3


class Module(BaseModule):
    """What a script calls of ``avpops``."""

    EXPORTS = EXPORTS

    db_url: bytes | None
    avp_table: bytes | None
    use_domain: int
    uuid_column: bytes
    attribute_column: bytes
    value_column: bytes
    type_column: bytes
    username_column: bytes
    domain_column: bytes

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._schemes: dict[str, Scheme] = {}
        self._store: Store | None = None

    def param_db_scheme(self, value: bytes, place: PlaceLike | None) -> None:
        """``name:field=value;…``: where ``avp_db_load("…", "$avp(x)/$name")`` looks."""
        try:
            scheme = parse_scheme(value.decode(errors="surrogateescape"))
        except ValueError as error:
            raise StartError(f"avpops: db_scheme: {error}", place) from None
        if self._schemes.setdefault(scheme.name.lower(), scheme) is not scheme:
            raise StartError(f"avpops: db_scheme {scheme.name!r} stands twice", place)

    def mod_init(self) -> None:
        """Bind the database, where there is one."""
        if not self.db_url:
            return
        if not self.avp_table:
            raise StartError("avpops: db_url is set, but not avp_table")
        columns = Columns(
            *(
                name.decode(errors="surrogateescape")
                for name in (
                    *(self.avp_table, self.uuid_column, self.attribute_column),
                    *(self.value_column, self.type_column, self.username_column),
                    self.domain_column,
                )
            )
        )
        self._store = Store(self.server, self.db_url, columns, bool(self.use_domain))

    def child_init(self, rank: int) -> None:
        """Connect."""
        if self._store is not None and rank not in (PROC_INIT, PROC_MAIN, PROC_TCP_MAIN):
            self._store.connect()

    # arguments

    def _avp(self, spec: PvSpec | None) -> AvpRef:
        assert spec is not None
        return AvpRef(self.server.pv, self._names, spec)

    def _side(self, spec: PvSpec | None) -> Side:
        assert spec is not None
        return Side(self.server.pv, self._names, spec)

    @property
    def _names(self) -> AvpNames:
        names = self.server.api(AvpNames)  # type: ignore[type-abstract]
        if names is None:
            raise StartError('avpops needs the pv module: add loadmodule "pv.so"')
        return names

    def fix_source(self, text: bytes) -> Owner:
        """Whose AVPs a database function works on."""
        if not self.db_url:
            raise StartError("avpops: its database functions need db_url")
        read = syntax.source(text)
        if read.variable is None:
            return Owner(read.text, read.part)
        return Owner(self._side(read.variable), read.part)

    def fix_attribute(self, text: bytes) -> Wanted:
        """Which AVPs."""
        return self._wanted(syntax.attribute(text))

    def fix_loaded(self, text: bytes) -> Wanted:
        """Which AVPs, maybe of a scheme."""
        return self._wanted(syntax.loaded(text))

    def _wanted(self, read: syntax.Attribute) -> Wanted:
        scheme = None
        if read.scheme is not None:
            scheme = self._schemes.get(read.scheme.decode(errors="surrogateescape").lower())
            if scheme is None:
                raise StartError(f"avpops: there is no db_scheme {read.scheme!r}")
        avp = None if read.variable is None else self._avp(read.variable)
        table = None if read.table is None else read.table.decode(errors="surrogateescape")
        return Wanted(avp, read.kind, table, scheme)

    def fix_names(self, text: bytes) -> tuple[AvpRef, ...]:
        """Where the columns of a query go."""
        return tuple(self._avp(spec) for spec in syntax.names(text).variables)

    def fix_deleted(self, text: bytes) -> tuple[AvpRef | bytes, bool]:
        """An AVP or a kind of AVPs, and whether every value is meant."""
        read = syntax.deleted(text)
        return read.kind if read.variable is None else self._avp(read.variable), bool(read.flags)

    def fix_avp(self, text: bytes) -> AvpRef:
        """An AVP."""
        return self._avp(syntax.avp(text).variable)

    def fix_copied(self, text: bytes) -> tuple[AvpRef, bytes]:
        """An AVP and flags."""
        read = syntax.copied(text)
        return self._avp(read.variable), read.flags

    def fix_destination(self, text: bytes) -> str:
        """What ``avp_pushto`` writes."""
        return syntax.destination(text).what

    def fix_pushed(self, text: bytes) -> tuple[Side, bool]:
        """A variable, and whether every value is meant."""
        read = syntax.pushed(text)
        return self._side(read.variable), bool(read.flags)

    def fix_checked(self, text: bytes) -> Side:
        """A variable."""
        return self._side(syntax.checked(text).variable)

    def fix_check(self, text: bytes) -> Operation:
        """A check and its right side."""
        return self._operation(syntax.check(text))

    def fix_operation(self, text: bytes) -> Operation:
        """An operation and its right side."""
        return self._operation(syntax.operation(text))

    def _operation(self, read: syntax.Operand) -> Operation:
        if read.variable is not None:
            return Operation(read.operation, self._side(read.variable), read.flags)
        value = read.value
        right = Regex(value.text) if isinstance(value, Pattern) else value
        return Operation(read.operation, right, read.flags)

    def fix_operated(self, text: bytes) -> tuple[AvpRef, AvpRef]:
        """An AVP, and the one for the result."""
        read = syntax.operated(text)
        return self._avp(read.source), self._avp(read.target or read.source)

    def fix_substituted(self, text: bytes) -> tuple[AvpRef, AvpRef | None, bytes]:
        """An AVP, one for the result, and flags."""
        read = syntax.substituted(text)
        target = None if read.target is None else self._avp(read.target)
        return self._avp(read.source), target, read.flags

    def fix_is_set(self, text: bytes) -> tuple[AvpRef, bytes]:
        """An AVP and flags."""
        read = syntax.is_set(text)
        return self._avp(read.variable), read.flags

    # functions

    def avp_print(self, msg: SipMsg) -> int:
        """Log all AVPs, the newest first."""
        for avp in lists(msg).every():
            LM_INFO("flags=0x%04X", avp.flags)
            if isinstance(avp.name, bytes):
                LM_INFO("\t\t\tname=<%s>", avp.name.decode("utf-8", "backslashreplace"))
            else:
                LM_INFO("\t\t\tid=<%d>", avp.name & 0xFFFF)
            if isinstance(avp.value, bytes):
                text = avp.value.decode("utf-8", "backslashreplace")
                LM_INFO("\t\t\tval_str=<%s / %d>", text, len(avp.value))
            else:
                LM_INFO("\t\t\tval_int=<%d>", avp.value)
        return 1

    def avp_delete(self, msg: SipMsg, name: tuple[AvpRef | bytes, bool]) -> int:
        """Delete the newest value of an AVP, all of them (``/g``), or all AVPs of a kind."""
        what, every = name
        avps = lists(msg)
        if isinstance(what, AvpRef):
            try:
                return 1 if avps.delete(what.name(msg), every) else -1
            except NoName as error:
                return _failed("avp_delete", error)
        gone = [avp for avp in avps.every() if avp.is_kind(what)]
        for avp in gone:
            avps.remove(avp)
        return 1 if gone else -1

    def avp_copy(self, msg: SipMsg, old_name: AvpRef, new_name: tuple[AvpRef, bytes]) -> int:
        """Copy the newest value, or all (``g``); ``d`` moves them, ``n`` and ``s`` convert."""
        target, flags = new_name
        avps = lists(msg)
        try:
            found, name = old_name.found(msg), target.name(msg)
        except NoName as error:
            return _failed("avp_copy", error)
        for avp in found if b"g" in flags else found[:1]:
            value = _cast(avp.value, flags)
            if value is None or not avps.add(name, value):
                LM_ERR("avp_copy: %r is no number, or there is no AVP of that name", avp.value)
                return -1
            if b"d" in flags:
                avps.remove(avp)
        return 1 if found else -1

    def avp_pushto(self, msg: SipMsg, destination: str, name: tuple[Side, bool]) -> int:
        """Write a value into ``$ru``, ``$du`` or a new branch; of several values (``/g``) each."""
        source, every = name
        try:
            values = source.avp_values(msg) if source.avps else [source.value(msg)]
        except NoName as error:
            return _failed("avp_pushto", error)
        if not values:
            return -1
        for number, value in enumerate(values if every else values[:1]):
            if not self._push(msg, destination, value, again=number > 0):
                return -1
        return 1

    def _push(self, msg: SipMsg, destination: str, value: AvpValue, *, again: bool) -> bool:
        if destination in ("dst_uri", "branch"):
            if isinstance(value, int):
                return False
            if destination == "branch":
                return msg.append_branch(value) == 1
            msg.dst_uri = value
            return True
        text = as_text(value).partition(b"\0")[0]
        if len(text) >= MAX_TEXT:
            LM_ERR("avp_pushto: the value is too long")
            return False
        if again and msg.append_branch() != 1:
            return False
        write = {"user": msg.rewrite_user, "host": msg.rewrite_host, "uri": msg.rewrite_uri}
        return write[destination](text) >= 0

    def avp_check(self, msg: SipMsg, name: Side, op_value: Operation) -> int:
        """Compare a variable, or each value of an AVP (``g``), with each of the right side."""
        try:
            lefts = name.values(msg)
            if lefts is None:
                return -1
            if name.avps is not None and b"g" not in op_value.flags:
                lefts = lefts[:1]
            for left in lefts:
                if isinstance(left, bytes) and len(left) >= MAX_TEXT:
                    LM_ERR("avp_check: the left value is too long")
                    return -1
                if self._any(msg, left, op_value):
                    return 1
        except NoName as error:
            return _failed("avp_check", error)
        return -1

    def _any(self, msg: SipMsg, left: AvpValue, check: Operation) -> bool:
        """Whether a value of the right side matches. Raises NoName where it has none."""
        right = check.right
        rights: list[AvpValue] | list[Regex]
        if isinstance(right, Side):
            found = right.values(msg)
            if found is None:
                raise NoName("the right side has no value")
            rights = found
        elif isinstance(right, Regex):
            rights = [right]
        else:
            rights = [right]
        return any(matches(check.name, left, each, b"i" in check.flags) for each in rights)

    def avp_op(self, msg: SipMsg, name: tuple[AvpRef, AvpRef], op_value: Operation) -> int:
        """Compute with every number of an AVP and every one of the right side; ``d`` deletes the
        numbers of the left."""
        source, target = name
        avps = lists(msg)
        try:
            found = source.found(msg)
            numbers = [(avp, avp.value) for avp in found if isinstance(avp.value, int)]
            if not found or not (numbers or op_value.name == b"not"):
                return -1
            into = target.name(msg)
            lefts: list[tuple[Avp | None, int]] = [*numbers] or [(None, 0)]
            for avp, value in lefts:
                rights = self._numbers(msg, op_value)
                if rights is None:
                    return -1
                for right in rights:
                    value = computed(op_value.name, value, right)
                    if not avps.add(into, value):
                        return -1
                if avp is not None and b"d" in op_value.flags:
                    avps.remove(avp)
        except NoName as error:
            return _failed("avp_op", error)
        return 1

    def _numbers(self, msg: SipMsg, operation: Operation) -> list[int] | None:
        """The numbers of the right side. Raises NoName."""
        right = operation.right
        if isinstance(right, int):
            return [right]
        assert isinstance(right, Side)
        values = right.avp_values(msg) if right.avps else [right.value(msg)]
        numbers = [value for value in values if isinstance(value, int)]
        if not numbers:
            LM_ERR("avp_op: the right side is no number")
        return numbers or None

    def avp_subst(
        self, msg: SipMsg, avps: tuple[AvpRef, AvpRef | None, bytes], subst: Subst
    ) -> int:
        """Substitute in the newest text of an AVP, or in all (``g``), into the same or another
        AVP; ``d`` deletes what it was made of."""
        source, target, flags = avps
        of_message = lists(msg)
        try:
            found = source.found(msg)
            name = (target or source).name(msg) if found else b""
        except NoName as error:
            return _failed("avp_subst", error)
        done = 0
        for avp in found:
            if isinstance(avp.value, int):
                continue
            result = subst.run(msg, avp.value.partition(b"\0")[0])
            if result is None or not result[1]:
                continue
            if not of_message.add(name, result[0]):
                return -1
            done += 1
            if b"d" in flags or target is None:
                of_message.remove(avp)
            if b"g" not in flags:
                break
        return 1 if done else -1

    def avp_subst_pv(
        self, msg: SipMsg, avps: tuple[AvpRef, AvpRef | None, bytes], subst: bytes
    ) -> int:
        """The same, by an expression that is computed."""
        with suppress(EvalError):  # what is no format stays as it is written
            subst = refix(self.server.pv, subst, msg)
        try:
            expression = Subst(self.server.pv, subst)
        except (SubstError, PvError, ValueError) as error:
            LM_ERR("avp_subst_pv: %s", error)
            return E_BAD_RE
        return self.avp_subst(msg, avps, expression)

    def is_avp_set(self, msg: SipMsg, name: tuple[AvpRef, bytes]) -> int:
        """Is there a value; a text (``s``), a number (``n``), an empty one (``e``)?"""
        avp, flags = name
        try:
            found, index = avp.found(msg), max(avp.index(msg), 0)
        except NoName as error:
            return _failed("is_avp_set", error)
        if index >= len(found):
            return -1
        value = found[index].value
        wrong = b"s" in flags and isinstance(value, int)
        wrong = wrong or (b"n" in flags and isinstance(value, bytes))
        if wrong or (b"e" in flags and value not in (b"", 0)):
            return -1
        return 1

    # the database

    def avp_db_load(self, msg: SipMsg, source: Owner, name: Wanted) -> int:
        """Load AVPs of somebody."""
        return self._in_store(lambda store: store.load(msg, source, name))

    def avp_db_store(self, msg: SipMsg, source: Owner, name: Wanted) -> int:
        """Store AVPs that were not loaded or stored already."""
        return self._in_store(lambda store: store.store(msg, source, name))

    def avp_db_delete(self, msg: SipMsg, source: Owner, name: Wanted) -> int:
        """Delete AVPs of somebody from the database."""
        return self._in_store(lambda store: store.delete(msg, source, name))

    def avp_db_query(
        self, msg: SipMsg, query: Format, dest: tuple[AvpRef, ...] | None = None
    ) -> int:
        """Put the rows of a query into AVPs; those of the first row come first."""
        return self._in_store(lambda store: store.query(msg, query.eval(msg), dest))

    def _in_store(self, act: Callable[[Store], int]) -> int:
        if self._store is None:
            LM_ERR("avpops: there is no db_url")
            return -1
        try:
            return act(self._store)
        except (DbError, ValueError) as error:
            LM_ERR("avpops: %s", error)
            return -1


def _failed(function: str, error: NoName) -> int:
    LM_ERR("%s: %s", function, error)
    return -1


def _cast(value: AvpValue, flags: bytes) -> AvpValue | None:
    """A value as ``n`` (number) or ``s`` (text) want it; None for text that is no number."""
    if isinstance(value, bytes) and b"n" in flags:
        return unsigned(value)
    return as_text(value) if b"s" in flags else value
