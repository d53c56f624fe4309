"""``$xavp``, ``$xavi`` and ``$xavu``: reading and writing by path (``pv_xavp.c``).

A field of a root that has no fields left is looked for among the roots, as 5.6.3 does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from runtime.declare.listnames import Index
from runtime.script.lists import joined
from runtime.script.values import NO_INDEX, ShownInt, Value, show
from runtime.script.xavp import XavpList, XavpValue

Place: TypeAlias = "tuple[bytes, int | str | None, bytes | None, int | str | None]"
"""Root, its index, field, its index; an index is None where none is written."""

Resolve: TypeAlias = Callable[[Index], "int | str | None"]


def read(lists: XavpList, place: Place) -> Value:
    """The value at a path, None where there is none."""
    name, root_index, field, field_index = place
    root = lists.get(name, _at(lists, name, root_index, 0))
    if field is None:
        return shown(root)
    if not isinstance(root, XavpList):
        return None
    at = _at(root, field, field_index, 0)
    fields = root if len(root) else lists
    if field_index == "*":
        return _all(fields, field)
    return shown(fields.get(field, at))


def printed(lists: XavpList | None, place: Place) -> bytes:
    """The value in a string: nothing where an index is no number."""
    name, root_index, _, field_index = place
    if root_index == NO_INDEX:
        return b""
    if lists is None:
        return show(None)
    if field_index == NO_INDEX and read(lists, (name, root_index, None, None)) is not None:
        return b""
    return show(read(lists, place))


def _all(fields: XavpList, name: bytes) -> Value:
    """All values joined; the type is that of the last."""
    values = [shown(value) for value in fields.all(name)]
    if not values:
        return None
    text = joined(values)
    last = values[-1]
    return ShownInt(last, text) if isinstance(last, int) else text


def write(lists: XavpList, place: Place, value: bytes | int) -> None:
    """Assign as the script does: without an index a new value is added in front."""
    name, root_index, field, field_index = place
    if not name or NO_INDEX in (root_index, field_index):
        return
    if field is None:
        if root_index is None:
            lists.add(name, value)
        elif root_index != "*":
            lists.set(name, _at(lists, name, root_index, 1), value)
    elif not field:
        return
    elif root_index is None:
        child = XavpList()
        child.add(field, value)
        lists.add(name, child)
    elif root_index != "*":
        root = lists.get(name, _at(lists, name, root_index, 1))
        if not isinstance(root, XavpList):
            return
        if field_index is None:
            root.add(field, value)
        elif field_index != "*":
            at = _at(root, field, field_index, 1)
            (root if len(root) else lists).set(field, at, value)


def delete(lists: XavpList, place: Place) -> None:
    """Assign ``$null``: the newest value goes, or the one of the index, or all of ``[*]``."""
    name, root_index, field, field_index = place
    if NO_INDEX in (root_index, field_index):
        return
    if field is None:
        _remove(lists, name, root_index)
        return
    roots = (
        lists.all(name) if root_index == "*" else [lists.get(name, _at(lists, name, root_index, 1))]
    )
    for root in roots:
        if isinstance(root, XavpList):
            _remove(root, field, field_index)


def _remove(values: XavpList, name: bytes, index: int | str | None) -> None:
    if index == "*":
        values.delete(name)
    else:
        at = _at(values, name, index, 1)
        if at >= 0:
            values.delete(name, at)


def _at(values: XavpList, name: bytes, index: int | str | None, more: int) -> int:
    """The index from the newest; written, a negative one counts from one behind the oldest."""
    if not isinstance(index, int):
        return 0
    return index if index >= 0 else values.count(name) + index + more


def set_child(lists: XavpList, name: bytes, field: bytes, value: bytes | int) -> bool:
    """Make ``value`` the first field of this name in the newest root (``xavp_set_child_xval``)."""
    if not name or not field:
        return False
    root = lists.get(name)
    if isinstance(root, XavpList):
        root.delete(field, 0)
        root.add(field, value)
        return True
    if lists.has(name):
        lists.delete(name, 0)
    child = XavpList()
    child.add(field, value)
    lists.add(name, child)
    return True


# --- $xavu ---------------------------------------------------------------------------------------


def read_unique(lists: XavpList, name: bytes, field: bytes | None) -> Value:
    """``$xavu(name)``, ``$xavu(name=>field)``"""
    root = lists.get(name)
    if field is None:
        return shown(root)
    if not isinstance(root, XavpList):
        return None
    return shown((root if len(root) else lists).get(field))


def write_unique(lists: XavpList, name: bytes, field: bytes | None, value: bytes | int) -> None:
    """Assign: a name has one value."""
    if not name or field == b"":
        return
    if field is None:
        if not lists.set(name, 0, value):
            lists.add(name, value)
        return
    root = lists.get(name)
    if isinstance(root, XavpList):
        root.delete(field, 0)
        root.add(field, value)
    else:
        child = XavpList()
        child.add(field, value)
        lists.add(name, child)


def delete_unique(lists: XavpList, name: bytes, field: bytes | None) -> None:
    """Assign ``$null``."""
    if field is None:
        lists.delete(name)
        return
    root = lists.get(name)
    if isinstance(root, XavpList):
        root.delete(field)


# --- text ----------------------------------------------------------------------------------------


def shown(value: XavpValue) -> Value:
    """A value as the script sees it; a list shows as a mark."""
    if isinstance(value, XavpList):
        return b"<<xavp:0x%x>>" % id(value) if len(value) else b"<<xavp:(nil)>>"
    return value


def fields_text(root: XavpValue) -> bytes:
    """``name=value;`` of each field (``xavp_serialize_fields``); nothing for what is no list."""
    if not isinstance(root, XavpList):
        return b""
    parts: list[bytes] = []
    for name, value in root:
        if isinstance(value, int):
            parts.append(b"%b=%d;" % (name, value & 0xFFFFFFFF))
        elif isinstance(value, bytes):
            parts.append(b"%b=%b;" % (name, value) if value else name + b";")
    return b"".join(parts)


def describe(kind: str, lists: XavpList, level: int = 0) -> list[str]:
    """The lines that ``pv_xavp_print`` logs (``xavx_print_list_content``)."""
    lines = [f"+++++ start {kind} list: {id(lists):#x} (level={level})"]
    for name, value in lists:
        text = name.decode("utf-8", "replace")
        lines.append(f"     *** (l:{level}) {kind} name: {text}")
        if isinstance(value, XavpList):
            lines.append(f"     {kind} value: <xavp:{id(value):#x}>")
            lines += describe(kind, value, level + 1)
        elif isinstance(value, int):
            lines.append(f"     {kind} value (int): {value}")
        elif value is None:
            lines.append(f"     {kind} value: <null>")
        else:
            lines.append(f"     {kind} value (str): {value.decode('utf-8', 'replace')}")
    lines.append(f"----- end {kind} list: {id(lists):#x} (level={level})")
    return lines
