"""``$xavp`` and ``$xavu``: reading and writing by path (``pv_xavp.c``)."""

from __future__ import annotations

from functools import lru_cache

from runtime.script.values import Value
from runtime.script.xavp import XavpList, XavpPath, XavpValue, xavp_path


@lru_cache(maxsize=1024)
def parse(text: bytes) -> XavpPath:
    """The path of ``name[index]=>field[index]``; parsed once for each text."""
    return xavp_path(text)


def read(lists: XavpList | None, path: XavpPath) -> Value:
    """The value at a path, None where there is none."""
    if lists is None:
        return None
    root = lists.get(path.root, _number(path.root_index))
    if path.field is None:
        return _shown(root)
    if not isinstance(root, XavpList):
        return None
    if path.field_index == "*":
        values = [_shown(value) for value in root.all(path.field)]
        texts = [b"%d" % v if isinstance(v, int) else v or b"" for v in values]
        return b",".join(texts) if texts else None
    return _shown(root.get(path.field, _number(path.field_index)))


def write(lists: XavpList, path: XavpPath, value: Value) -> None:
    """Assign as the script does: without an index a new value is added in front."""
    if value is None:
        _delete(lists, path)
    elif path.field is None:
        if path.root_index is None:
            lists.add(path.root, value)
        elif path.root_index != "*":
            lists.set(path.root, _number(path.root_index), value)
    elif path.root_index is None:
        child = XavpList()
        child.add(path.field, value)
        lists.add(path.root, child)
    elif path.root_index != "*":
        root = lists.get(path.root, _number(path.root_index))
        if not isinstance(root, XavpList):
            return
        if path.field_index is None:
            root.add(path.field, value)
        elif path.field_index != "*":
            root.set(path.field, _number(path.field_index), value)


def replace(lists: XavpList, path: XavpPath, value: Value) -> None:
    """Assign as ``$xavu`` does: a name has one value."""
    if value is None:
        _delete(lists, path)
    elif path.field is None:
        lists.delete(path.root)
        lists.add(path.root, value)
    else:
        root = lists.get(path.root)
        if not isinstance(root, XavpList):
            root = XavpList()
            lists.delete(path.root)
            lists.add(path.root, root)
        root.delete(path.field)
        root.add(path.field, value)


def _delete(lists: XavpList, path: XavpPath) -> None:
    if path.field is None:
        lists.delete(path.root, None if path.root_index == "*" else _number(path.root_index))
        return
    roots = (
        lists.all(path.root)
        if path.root_index == "*"
        else [lists.get(path.root, _number(path.root_index))]
    )
    for root in roots:
        if isinstance(root, XavpList):
            root.delete(path.field, None if path.field_index == "*" else _number(path.field_index))


def _number(index: int | str | None) -> int:
    return index if isinstance(index, int) else 0


def _shown(value: XavpValue) -> Value:
    return b"<<xavp>>" if isinstance(value, XavpList) else value
