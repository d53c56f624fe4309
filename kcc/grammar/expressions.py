"""Operators: from the flat chain that the grammar reads to a tree.

Precedence is that of Kamailio's cfg.y. Old comparisons bind to their keyword at once, before
any operator on their left: ``1 + method=="X"`` is ``1 + (method=="X")``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from kcc.diagnostics.reporter import Reporter
from kcc.source.span import Span, join
from kcc.syntax import ast

MAX_CHAIN: Final = 1000
_NO_VALUES: Final = frozenset({ast.Word, ast.Ip, ast.Net, ast.Proto})
"""Operands of one expression; bounds how deep the tree can get."""

_EQUALITY: Final = 8
_COMPARISON: Final = 9
_PRECEDENCE: Final[Mapping[str, int]] = {
    "||": 1, "&&": 2, "|": 3, "&": 4, "^": 5, "<<": 6, ">>": 7,
    "==": 8, "!=": 8, "=~": 8, "eq": 8, "ne": 8, "ieq": 8, "ine": 8,
    ">": 9, "<": 9, ">=": 9, "<=": 9, "+": 10, "-": 10, "*": 11, "/": 11, "mod": 11,
}  # fmt: skip

_EQUAL: Final = frozenset({"==", "!=", "eq", "ne"})
_MATCH: Final = _EQUAL | {"=~"}
_ORDER: Final = frozenset({">", "<", ">=", "<="})
_ADDRESSES: Final = frozenset({"src_ip", "dst_ip", "snd_ip", "to_ip"})
_URIS: Final = frozenset({"uri", "from_uri", "to_uri"})
_PROTOCOLS: Final = frozenset({"proto", "snd_proto"})
_NUMBERS: Final = frozenset(
    {"src_port", "dst_port", "snd_port", "to_port", "af", "snd_af", "msg:len"}
)

Chain = list["ast.Expr | str"]
"""Operand, operator, operand, ..."""


class Resolver:
    """Makes trees; reports operands that cannot stand where they stand."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter: Final = reporter
        self._enclosed: Final[dict[int, tuple[ast.Expr, Span]]] = {}

    def enclose(self, expr: ast.Expr, span: Span) -> None:
        """Note that ``expr`` stands in parentheses, which it does not count as its own."""
        self._enclosed[id(expr)] = (expr, span)

    def extent(self, expr: ast.Expr) -> Span:
        """Where an operand stands, with the parentheses around it."""
        found = self._enclosed.get(id(expr))
        return found[1] if found is not None else expr.span

    def resolve(self, chain: ast.Expr | Chain) -> ast.Expr:
        """The tree of a chain, or of a single operand."""
        if not isinstance(chain, list):
            return self._wrap(chain, [])
        if len(chain) > 2 * MAX_CHAIN:
            first = cast(ast.Expr, chain[0])
            self._reporter.report(
                "K0117", f"more than {MAX_CHAIN} operands in one expression", first.span
            )
            return ast.Missing(first.span)
        chain.reverse()  # so that the front can be popped
        return self._climb(chain, 1)

    def _climb(self, chain: Chain, least: int) -> ast.Expr:
        """Operator precedence: operators of ``least`` and up, all of them left-associative."""
        left = self._operand(chain)
        while chain:
            op = cast(str, chain[-1])
            level = _PRECEDENCE[op]
            if level < least:
                break
            chain.pop()
            right = self._climb(chain, level + 1)
            span = join(self.extent(left), self.extent(right))
            left = ast.Binary(span, cast(ast.BinaryOp, op), left, right)
            self.check_value(left.right)
            self.check_value(left.left)
        return left

    def _operand(self, chain: Chain) -> ast.Expr:
        """The next operand, with the comparison it begins if it is a keyword."""
        operand = cast(ast.Expr, chain.pop())
        return self._wrap(operand, chain)

    def _wrap(self, operand: ast.Expr, chain: Chain) -> ast.Expr:
        """``not method=="X"``: the comparison is inside of the operators before it."""
        if isinstance(operand, ast.Unary):
            inner = self._wrap(operand.operand, chain)
            if inner is operand.operand:
                return operand
            return ast.Unary(join(operand.span, inner.span), operand.op, inner)
        if isinstance(operand, ast.Legacy):
            return self._legacy(operand, chain)
        if isinstance(operand, ast.Myself):
            return self._myself(operand, chain)
        return operand

    def _alone(self, operand: ast.Legacy | ast.Myself) -> ast.Expr:
        name = operand.name if isinstance(operand, ast.Legacy) else "myself"
        self._reporter.report(
            "K0112",
            f"`{name}` must be compared with something",
            operand.span,
            help=f'write `{name}=="..."`' if name != "myself" else "write `uri==myself`",
        )
        return ast.Missing(operand.span)

    def _legacy(self, operand: ast.Legacy, chain: Chain) -> ast.Expr:
        name = operand.name
        if not chain:
            return self._alone(operand)
        op = cast(str, chain[-1])
        allowed = _MATCH if name in _ADDRESSES or name in _URIS or name == "method" else _EQUAL
        if name in _NUMBERS:
            allowed = _EQUAL | _ORDER
        if op not in allowed:
            self._reporter.report(
                "K0112",
                f"`{name}` cannot be compared by `{op}`",
                operand.span,
                help=f"there are {', '.join(sorted(allowed))}",
            )
            if op not in _PRECEDENCE or _PRECEDENCE[op] not in (_EQUALITY, _COMPARISON):
                return ast.Missing(operand.span)
        chain.pop()
        right = self._comparand(name, chain, _PRECEDENCE[op])
        shown = {"eq": "==", "ne": "!="}.get(op, op)
        span = join(operand.span, self.extent(right))
        return ast.Binary(span, cast(ast.BinaryOp, shown), operand, right)

    def _comparand(self, name: str, chain: Chain, level: int) -> ast.Expr:
        """What a keyword is compared with."""
        first = chain[-1]
        if name in _ADDRESSES and isinstance(first, ast.Ip):
            chain.pop()
            return self._net(first, chain)
        if name in _ADDRESSES and isinstance(first, ast.Word):
            chain.pop()
            return self._host(first, chain)
        if isinstance(first, ast.Myself) and (name in _ADDRESSES or name in _URIS):
            chain.pop()
            return first
        if isinstance(first, ast.Word) and name == "method" and "." not in first.name:
            chain.pop()
            return first
        if isinstance(first, ast.Proto) and name in _PROTOCOLS:
            chain.pop()
            return first
        right = self._climb(chain, level + 1)
        self.check_value(right)
        if name in _ADDRESSES and isinstance(right, ast.Int):
            self._reporter.report(
                "K0112", f"`{name}` is compared with an address, not a number", right.span
            )
        return right

    def _net(self, address: ast.Ip, chain: Chain) -> ast.Expr:
        """``address``, ``address/bits`` or ``address/mask``."""
        if not (len(chain) >= 2 and chain[-1] == "/"):
            return address
        mask = chain[-2]
        if isinstance(mask, ast.Int):
            bits = 128 if ":" in address.address else 32
            if not 0 <= mask.value <= bits:
                self._reporter.report("K0115", f"a mask has 0 to {bits} bits", mask.span)
            value: int | str = mask.value
        elif isinstance(mask, ast.Ip):
            value = mask.address
        else:
            return address
        del chain[-2:]
        return ast.Net(join(address.span, mask.span), address.address, value)

    def _host(self, word: ast.Word, chain: Chain) -> ast.Word:
        """A host name, whose ``-`` the grammar read as operators."""
        name, span = word.name, word.span
        while len(chain) >= 2 and chain[-1] == "-" and isinstance(chain[-2], ast.Word):
            part = chain[-2]
            name, span = f"{name}-{part.name}", join(span, part.span)
            del chain[-2:]
        return ast.Word(span, name)

    def _myself(self, operand: ast.Myself, chain: Chain) -> ast.Expr:
        """``myself==uri`` is ``uri==myself``."""
        if not chain:
            return self._alone(operand)
        op = cast(str, chain[-1])
        other = chain[-2]
        if (
            op not in _EQUAL
            or not isinstance(other, ast.Legacy)
            or (other.name not in _ADDRESSES and other.name not in _URIS)
        ):
            self._reporter.report(
                "K0112",
                "`myself` is compared by == or != with uri, from_uri, to_uri, src_ip or dst_ip",
                operand.span,
            )
            if isinstance(other, ast.Legacy | ast.Myself):
                del chain[-2:]
            return ast.Missing(operand.span)
        del chain[-2:]
        shown = {"eq": "==", "ne": "!="}.get(op, op)
        span = join(operand.span, other.span)
        return ast.Binary(span, cast(ast.BinaryOp, shown), other, operand)

    def check_value(self, expr: ast.Expr) -> None:
        """Report what is no value by itself."""
        if type(expr) not in _NO_VALUES:
            return
        if isinstance(expr, ast.Word):
            self._reporter.report(
                "K0109",
                f"the bare word `{expr.name}` is no value",
                expr.span,
                help="put a string in quotes; a function call needs `()`; a macro needs #!define",
            )
        elif isinstance(expr, ast.Ip | ast.Net):
            self._reporter.report(
                "K0109",
                "a bare address is no value",
                expr.span,
                help="put it in quotes, or compare it with src_ip, dst_ip, snd_ip or to_ip",
            )
        elif isinstance(expr, ast.Proto):
            self._reporter.report(
                "K0109",
                f"`{expr.name}` is no value here",
                expr.span,
                help="a protocol is compared with `proto` or `snd_proto`",
            )
        elif isinstance(expr, ast.MsgPart):
            self._reporter.report("K0109", f"`{expr.name}` is an argument of forward", expr.span)
