"""K0408, K0409: an edit that is still queued is made again, or its part is looked at."""

from __future__ import annotations

from kcc.checks.context import Context
from kcc.checks.edits import Clash
from kcc.checks.followed import Followed, followed
from kcc.diagnostics.model import Note
from kcc.source.span import Span
from kcc.syntax import ast
from runtime.declare.record import walk

_REFUSERS = ("fix_nated_", "set_contact_", "add_contact_")


def check(context: Context) -> None:
    """Report the second edit; of those that look, the first one after each edit, in its route."""
    found = context.fact(followed)
    nodes = found.edits.nodes
    clashes = sorted(found.clashes, key=lambda clash: (nodes[clash.second].span.start, clash.part))
    seen: set[int] = set()
    for clash in clashes:
        key = clash.first if clash.read else clash.second
        if key in seen or (clash.read and _meant(found, clash)):
            continue
        seen.add(key)
        before = Note("this is queued until the message is sent", _span(nodes[clash.first]))
        what = _shown(clash.part)
        if clash.read:
            code, message = "K0409", f"{what} was edited, and this sees what was received"
        elif _refuses(nodes[clash.first]) and _refuses(nodes[clash.second]):
            code, message = "K0408", f"{what} was edited before: this fails, or both edits are sent"
        else:
            code, message = "K0408", f"{what} was edited before: both edits will be made"
        context.reporter.report(
            code,
            message,
            _span(nodes[clash.second]),
            help="`msg_apply_changes();` between them (module textopsx)",
            notes=(before,),
        )


def _meant(found: Followed, clash: Clash) -> bool:
    """Whether what was received may be what is wanted: another route or an earlier line asks, what
    a header said is used where its presence was asked for, or a common header is kept."""
    edit, look = found.plan.places[clash.first], found.plan.places[clash.second]
    nodes = found.edits.nodes
    first, second = nodes[clash.first], nodes[clash.second]
    if edit.route is not look.route or second.span.start < first.span.start:
        return True
    if found.edits.builds(clash.second):
        return clash.part.startswith("hdr ") and not clash.part.startswith("hdr x-")
    reads = found.edits.reads
    return isinstance(second, ast.Call) and any(
        clash.part in reads.get(id(node), ()) and not isinstance(node, ast.Call)
        for node in walk(look.statement)
    )


def _refuses(node: ast.Node) -> bool:
    """Whether a function remembers that its kind was called, and does nothing then."""
    return isinstance(node, ast.Call) and node.name.startswith(_REFUSERS)


def _span(node: ast.Node) -> Span:
    return node.target.span if isinstance(node, ast.Assign) else node.span


def _shown(part: str) -> str:
    kind, _, name = part.partition(" ")
    if kind == "hdr":
        return f"header {'-'.join(word.capitalize() for word in name.split('-'))}"
    if kind == "text":
        return f"the text that `{name}` matches"
    return f"the {name} of {kind.capitalize()}"
