"""``$avp``, ``$xavp``, ``$xavi``, ``$xavu`` and the functions that work on them (``pv.c``)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from runtime.declare.listnames import Index, XavpPath, avp_ident, xavp_path, xavu_path
from runtime.declare.pvspec import PvSpec, spec_text
from runtime.modules.pv import showing, xavps
from runtime.script.avp import AvpList, AvpName
from runtime.script.lists import joined
from runtime.script.pv import Format, PvError, PvRef
from runtime.script.values import NO_INDEX, Value, index_of, plain
from runtime.script.xavp import XavpList, XavpValue
from runtime.server.log import LM_INFO
from runtime.server.module import Module as BaseModule
from runtime.sip.params import split_params

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

TRUE, FALSE = 1, -1
_SPACE = b" \t\r\n"
_CLASSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"f": ("fr", "fu", "fd", "g"), "t": ("tr", "tu", "td", "g")}
)
"""Where a name without a class is looked for; a new value goes to the first."""


class ListValues(BaseModule):
    """The lists of a message, and those that a process keeps."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._global_avps = AvpList()
        self._own_lists = XavpList()
        self._aliases: dict[bytes, tuple[str, AvpName]] = {}
        self._avp_idents: dict[bytes, tuple[str, AvpName]] = {}
        self._paths: dict[bytes, XavpPath] = {}
        self._indexes: dict[PvSpec, PvRef] = {}

    # $avp

    def pv_avp(self, msg: SipMsg, name: bytes, index: int | bytes = 0) -> Value:
        """``$avp(name)``: the newest; ``[*]`` joins all."""
        return self._read_avp(msg, *self.avp_ident(name), index)

    def pv_avp_of(self, msg: SipMsg, value: Value, index: int | bytes = 0) -> Value:
        """``$avp($x)``: the value of ``$x`` is the name as it is, a number an ID."""
        name = plain(value)
        return None if name in (None, b"") else self._read_avp(msg, "f", name or 0, index)

    def show_avp(self, msg: SipMsg, name: bytes, index: int | bytes = 0) -> bytes:
        """What it prints in a string."""
        return showing.by_name(self.pv_avp)(msg, name, index)

    def show_avp_of(self, msg: SipMsg, value: Value, index: int | bytes = 0) -> bytes:
        """What it prints in a string."""
        return showing.by_name(self.pv_avp_of)(msg, value, index)

    def set_pv_avp(
        self, msg: SipMsg, value: Value, name: bytes, index: int | bytes | None = None
    ) -> None:
        """``$avp(name) = value`` puts it in front; ``$null`` takes the newest away."""
        self._write_avp(msg, value, *self.avp_ident(name), index)

    def set_pv_avp_of(
        self, msg: SipMsg, value: Value, named: Value, index: int | bytes | None = None
    ) -> None:
        """``$avp($x) = value``"""
        name = plain(named)
        if name not in (None, b""):
            self._write_avp(msg, value, "f", name or 0, index)

    def avp_ident(self, text: bytes) -> tuple[str, AvpName]:
        """Track and name of an AVP that is written so, or of an alias."""
        found = self._avp_idents.get(text)
        if found is None:
            alias = None if b":" in text else self._aliases.get(text.lower())
            found = self._avp_idents[text] = avp_ident(text) if alias is None else alias
        return found

    def avp_name_of(self, text: bytes) -> AvpName:
        """The name alone."""
        return self.avp_ident(text)[1]

    def avp_values(self, msg: SipMsg, track: str, name: AvpName) -> AvpList | None:
        """The list that has values of a name: without a class in the name, the first that has."""
        for one in _CLASSES.get(track, (track,)) if name != 0 else ():
            avps = self._avps_of(msg, one)
            if avps is not None and avps.get(name) is not None:
                return avps
        return None

    def _avps_of(self, msg: SipMsg, track: str) -> AvpList | None:
        if track == "g":
            return self._global_avps
        avps: AvpList | None = msg.avps
        return avps if avps is None or track == "fr" else avps.others.get(track)

    def _read_avp(self, msg: SipMsg, track: str, name: AvpName, index: int | bytes) -> Value:
        avps = self.avp_values(msg, track, name)
        if avps is None:
            return None
        if index == b"*":
            return joined(avps.all(name))
        return avps.get(name, index if isinstance(index, int) else 0)

    def _write_avp(
        self, msg: SipMsg, value: Value, track: str, name: AvpName, index: int | bytes | None
    ) -> None:
        if index == NO_INDEX:
            return
        if value is None or index == b"*":
            found = self.avp_values(msg, track, name)
            if found is not None:
                found.delete(name, every=index == b"*")
        stored = plain(value)
        if stored is None:
            return
        if msg.avps is None:
            msg.avps = AvpList()
        first = _CLASSES.get(track, (track,))[0]
        if first not in ("fr", "g"):
            msg.avps.others.setdefault(first, AvpList())
        avps = self._avps_of(msg, first)
        if avps is not None:
            avps.add(name, stored)

    # $xavp, $xavi

    def pv_xavp(self, msg: SipMsg, name: bytes) -> Value:
        """``$xavp(name[i]=>field[j])``"""
        return None if msg.xavps is None else xavps.read(msg.xavps, self._place(msg, name))

    def show_xavp(self, msg: SipMsg, name: bytes) -> bytes:
        """What it prints in a string."""
        return xavps.printed(msg.xavps, self._place(msg, name))

    def set_pv_xavp(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$xavp(…) = value``"""
        self._write_xavp(_xavps(msg), self._place(msg, name), value)

    def pv_xavi(self, msg: SipMsg, name: bytes) -> Value:
        """``$xavi(name[i]=>field[j])``: names are the same in any case."""
        if msg.xavis is None:
            return None
        return xavps.read(msg.xavis, self._place(msg, name, any_case=True))

    def show_xavi(self, msg: SipMsg, name: bytes) -> bytes:
        """What it prints in a string."""
        return xavps.printed(msg.xavis, self._place(msg, name, any_case=True))

    def set_pv_xavi(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$xavi(…) = value``"""
        self._write_xavp(_xavis(msg), self._place(msg, name, any_case=True), value)

    def _write_xavp(self, lists: XavpList, place: xavps.Place, value: Value) -> None:
        stored = plain(value)
        if stored is None:
            xavps.delete(lists, place)
        else:
            xavps.write(lists, place, stored)

    def _place(self, msg: SipMsg, name: bytes, any_case: bool = False) -> xavps.Place:
        path = self._paths.get(name)
        if path is None:
            path = self._paths[name] = xavp_path(name)
        root, field = path.root, path.field
        if any_case:
            root, field = root.lower(), None if field is None else field.lower()
        return (
            root,
            self._index(msg, path.root_index),
            field,
            self._index(msg, path.field_index),
        )

    def _index(self, msg: SipMsg, index: Index) -> int | str | None:
        if not isinstance(index, PvSpec):
            return index
        reference = self._indexes.get(index)
        if reference is None:
            text = spec_text(index).encode("latin-1")
            reference = self._indexes[index] = PvRef(self.server.pv, text)
        return index_of(reference.get(msg))

    # $xavu

    def pv_xavu(self, msg: SipMsg, name: bytes) -> Value:
        """``$xavu(name=>field)``: lists of this process, not of a message."""
        path = xavu_path(name)
        return xavps.read_unique(self._own_lists, path.root, path.field)

    def set_pv_xavu(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$xavu(…) = value``: one value by name, replaced."""
        path = xavu_path(name)
        stored = plain(value)
        if stored is None:
            xavps.delete_unique(self._own_lists, path.root, path.field)
        else:
            xavps.write_unique(self._own_lists, path.root, path.field, stored)

    # functions

    def pv_xavp_print(self, msg: SipMsg) -> int:
        """Log all ``$xavp``."""
        return self._print("XAVP", msg.xavps)

    def pv_xavi_print(self, msg: SipMsg) -> int:
        """Log all ``$xavi``."""
        return self._print("XAVI", msg.xavis)

    def pv_xavu_print(self, msg: SipMsg) -> int:
        """Log all ``$xavu``."""
        return self._print("XAVU", self._own_lists)

    def _print(self, kind: str, lists: XavpList | None) -> int:
        for line in xavps.describe(kind, XavpList() if lists is None else lists):
            LM_INFO("%s", line)
        return TRUE

    def pv_var_to_xavp(self, msg: SipMsg, varname: bytes, xname: bytes) -> int:
        """Copy a ``$var`` (``*``: all of them) into the fields of a root, the only one then."""
        lists = _xavps(msg)
        lists.delete(xname)
        slots = self.server.pv.vars
        root = XavpList()
        if varname == b"*":
            for name in reversed(slots.names()):
                value = slots.slots[slots.slot(name)]
                if value not in (b"", None):
                    root.add(name, value)
            if len(root) and xname:
                lists.add(xname, root)
            return TRUE if xname or not len(root) else FALSE
        if varname not in slots.names() or not xname:
            return FALSE
        root.add(varname, slots.slots[slots.slot(varname)])
        lists.add(xname, root)
        return TRUE

    def pv_xavp_to_var(self, msg: SipMsg, xname: bytes) -> int:
        """The fields of all roots of a name become ``$var``."""
        lists: XavpList | None = msg.xavps
        if lists is None or not isinstance(lists.get(xname), XavpList):
            return FALSE
        slots = self.server.pv.vars
        for root in lists.all(xname):
            for name, value in root if isinstance(root, XavpList) else ():
                if not isinstance(value, (bytes, int)):
                    return FALSE
                slots.slots[slots.slot(name)] = value
        return TRUE

    def xavp_copy(
        self,
        msg: SipMsg,
        source_name: bytes,
        source_index: int,
        destination_name: bytes,
        destination_index: int | None = None,
    ) -> int:
        """Copy a root, one level of it, behind those of another name or in place of one."""
        lists = _xavps(msg)
        if not lists.has(source_name, source_index) or not destination_name:
            return FALSE
        value: XavpValue = lists.get(source_name, source_index)
        if isinstance(value, XavpList):
            value = value.copy_level()
            if not len(value):
                return FALSE
        if destination_index is None:
            lists.add_last(destination_name, value)
            return TRUE
        return TRUE if lists.set(destination_name, destination_index, value) else FALSE

    def xavp_slist_explode(
        self, msg: SipMsg, slist: bytes, sep: bytes, mode: bytes, xname: bytes
    ) -> int:
        """``a,b`` becomes the values ``$xavp(name=>v[i])``; mode ``t`` trims them."""
        if not slist or not sep or not xname:
            return FALSE
        for mark in sep[1:]:
            slist = slist.replace(bytes((mark,)), sep[:1])
        parts = slist.split(sep[:1])
        if mode[:1] == b"t":
            parts = [part.strip(_SPACE) for part in parts]
        root = XavpList()
        for part in reversed(parts):
            if part:
                root.add(b"v", part)
        _xavps(msg).add(xname, root)
        return TRUE

    def xavp_params_explode(self, msg: SipMsg, sparams: bytes, sxname: bytes) -> int:
        """``a=1;b=2`` becomes the fields of a new root."""
        found = _params(sparams) if sxname else None
        if not found or not all(name for name, _ in found):
            return FALSE
        root = XavpList()
        for name, text in found:
            root.add(name, text)
        _xavps(msg).add(sxname, root)
        return TRUE

    def xavu_params_explode(self, msg: SipMsg, sparams: bytes, sxname: bytes) -> int:
        """``a=1;b=2``: each becomes a root of its own, as 5.6.3 does it, and the name an empty
        list, the fields of which are looked for among the roots."""
        found = _params(sparams) if sxname else None
        if not found or not all(name for name, _ in found):
            return FALSE
        for name, text in found:
            xavps.write_unique(self._own_lists, name, None, text)
        if not self._own_lists.set(sxname, 0, XavpList()):
            self._own_lists.add(sxname, XavpList())
        return TRUE

    def xavp_params_implode(self, msg: SipMsg, sxname: bytes, svname: bytes) -> int:
        """The fields of the newest root become ``a=1;b=2;`` in the variable named."""
        return self._implode(msg, None if msg.xavps is None else msg.xavps.get(sxname), svname)

    def xavu_params_implode(self, msg: SipMsg, sxname: bytes, svname: bytes) -> int:
        """The same of a ``$xavu``."""
        return self._implode(msg, self._own_lists.get(sxname), svname)

    def _implode(self, msg: SipMsg, root: XavpValue, variable: bytes) -> int:
        text = xavps.fields_text(root)
        try:
            target = PvRef(self.server.pv, variable)
        except PvError:
            return FALSE
        if not text or not target.writable:
            return FALSE
        target.set(msg, text)
        return TRUE

    def xavp_child_seti(self, msg: SipMsg, rname: bytes, cname: bytes, ival: int) -> int:
        """Make a number the first field of this name in the newest root."""
        return TRUE if xavps.set_child(_xavps(msg), rname, cname, ival) else FALSE

    def xavp_child_sets(self, msg: SipMsg, rname: bytes, cname: bytes, sval: bytes) -> int:
        """Make a text the first field of this name in the newest root."""
        return TRUE if xavps.set_child(_xavps(msg), rname, cname, sval) else FALSE

    def xavi_child_seti(self, msg: SipMsg, rname: bytes, cname: bytes, ival: int) -> int:
        """``xavp_child_seti`` of a ``$xavi``."""
        return TRUE if xavps.set_child(_xavis(msg), rname.lower(), cname.lower(), ival) else FALSE

    def xavi_child_sets(self, msg: SipMsg, rname: bytes, cname: bytes, sval: bytes) -> int:
        """``xavp_child_sets`` of a ``$xavi``."""
        return TRUE if xavps.set_child(_xavis(msg), rname.lower(), cname.lower(), sval) else FALSE

    def xavp_rm(self, msg: SipMsg, rname: bytes) -> int:
        """Remove the newest root of this name."""
        _xavps(msg).delete(rname, 0)
        return TRUE

    def xavi_rm(self, msg: SipMsg, rname: bytes) -> int:
        """``xavp_rm`` of a ``$xavi``."""
        _xavis(msg).delete(rname.lower(), 0)
        return TRUE

    def xavp_child_rm(self, msg: SipMsg, rname: bytes, cname: bytes) -> int:
        """Remove the first field of this name from the newest root."""
        root = _xavps(msg).get(rname)
        if isinstance(root, XavpList):
            root.delete(cname, 0)
        return TRUE

    def xavi_child_rm(self, msg: SipMsg, rname: bytes, cname: bytes) -> int:
        """``xavp_child_rm`` of a ``$xavi``."""
        root = _xavis(msg).get(rname.lower())
        if isinstance(root, XavpList):
            root.delete(cname.lower(), 0)
        return TRUE

    def pv_evalx(self, msg: SipMsg, dst: PvRef, fmt: Format) -> int:
        """Evaluate a format, and its result as a format again, into a variable."""
        try:
            text = Format(self.server.pv, fmt.eval(msg)).eval(msg)
        except PvError:
            return FALSE
        dst.set(msg, text)
        return TRUE


def _xavps(msg: SipMsg) -> XavpList:
    if msg.xavps is None:
        msg.xavps = XavpList()
    found: XavpList = msg.xavps
    return found


def _xavis(msg: SipMsg) -> XavpList:
    if msg.xavis is None:
        msg.xavis = XavpList()
    found: XavpList = msg.xavis
    return found


def _params(text: bytes) -> list[tuple[bytes, bytes]] | None:
    """Parameters, the last ``;`` taken off."""
    return split_params(text.removesuffix(b";"), b";")
