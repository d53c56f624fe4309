"""Before which statements the last internal error must be forgotten: those that ``sl_reply_error``
may follow.

Kamailio forgets it at every statement, and ``sl_reply_error`` tells what the one before it left.
A backward pass over each route, and a fixpoint over what follows the calls of each.
"""

from __future__ import annotations

from kcc.ir import program as ir
from kcc.ir import values
from runtime.declare.record import walk

_READER = "sl_reply_error"
_SETTERS = frozenset({"t_relay", "forward"})
"""Functions that always leave what became of themselves: the statement need not."""


def forgetting_statements(program: ir.Program) -> frozenset[int]:
    """The identities of these statements."""
    routes = (*program.routes, *program.blocks)
    if not any(isinstance(node, ir.Do) and _reads(node) for node in walk(routes)):
        return frozenset()
    readers = frozenset(route.method for route in routes if _begins(route.body, False))
    followed: frozenset[str] = frozenset()
    while True:
        pass_ = _Pass(readers, followed)
        for route in routes:
            pass_.body(route.body, route.method in followed)
        found = frozenset(route.method for route in routes) if pass_.any else pass_.followed
        if found <= followed:
            return frozenset(pass_.found)
        followed |= found


class _Pass:
    """One pass: ``readers`` begin with the function, ``followed`` are called right before it."""

    def __init__(self, readers: frozenset[str], followed: frozenset[str]) -> None:
        self.readers = readers
        self.found: set[int] = set()
        self.followed = followed
        self.any = False
        self._after_break = [False]

    def body(self, statements: tuple[ir.Stmt, ...], read: bool) -> None:
        """``read``: what the last of them leaves is read."""
        for at, statement in enumerate(statements):
            self._statement(statement, _begins(statements[at + 1 :], read), read)

    def _statement(self, s: ir.Stmt, read: bool, at_end: bool) -> None:
        if isinstance(s, ir.If):
            self.body(s.then, read)
            self.body(s.orelse, read)
            read = _begins(s.then, read) or _begins(s.orelse, read)
        elif isinstance(s, ir.While):
            self._after_break.append(read)
            read = _begins(s.body, False) or read
            self.body(s.body, read)
            self._after_break.pop()
        elif isinstance(s, ir.Switch):
            self._after_break.append(read)
            bodies = [case.body for case in s.cases] + [s.default or ()]
            for body in bodies:
                self.body(body, read)
            read = any(_begins(body, read) for body in bodies)
            self._after_break.pop()
        elif isinstance(s, ir.Break):
            read = self._after_break[-1]
        elif isinstance(s, ir.Return):
            read = at_end
        if _reads(s):
            return
        calls = _calls(s)
        for call in calls:
            read |= self._called(call, read)
        if read and not (len(calls) == 1 and _sets(calls[0])):
            self.found.add(id(s))

    def _called(self, call: values.Call, read: bool) -> bool:
        """Whether what is called begins with the function."""
        if isinstance(call, values.RouteCall | values.BlockCall):
            if read:
                self.followed |= {call.method}
            return call.method in self.readers
        if isinstance(call, values.DynamicRouteCall):
            self.any |= read
            return bool(self.readers)
        return False


def _calls(s: ir.Stmt) -> list[values.Call]:
    """The calls of the statement itself, not those in its blocks."""
    if isinstance(s, ir.Do):
        return [s.call]
    if isinstance(s, ir.If | ir.While):
        part: object = s.cond
    elif isinstance(s, ir.Switch):
        part = s.subject
    else:
        part = s
    return [node.call for node in walk(part) if isinstance(node, values.Test)]


def _begins(statements: tuple[ir.Stmt, ...], read: bool) -> bool:
    return _reads(statements[0]) if statements else read


def _reads(s: ir.Stmt) -> bool:
    return isinstance(s, ir.Do) and _name(s.call) == _READER


def _sets(call: values.Call) -> bool:
    return _name(call) in _SETTERS


def _name(call: values.Call) -> str:
    if isinstance(call, values.ModuleCall | values.NativeCall):
        return call.method
    return ""
