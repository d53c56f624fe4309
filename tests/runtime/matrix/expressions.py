"""Every operator on every pair of kinds of operand, in every context."""

from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.harness import Case

OPERANDS = (
    "5", "-3", "0", "2147483647", '"5"', '"abc"', '""', '"-7x"', '"0x10"', '"4294967297"',
    "$var(i)", "$var(s)", "$var(unset)", "$avp(i)", "$avp(s)", "$avp(unset)", "$rU", "$ml",
    "$null", "$hdr(X-None)", "$(ru{uri.port})", "$xavp(a=>i)", "$xavp(a=>none)", "@to.tag",
)  # fmt: skip
BINARY = (
    "+", "-", "*", "/", "mod", "&", "|", "^", "<<", ">>", "==", "!=", "<", ">", "<=", ">=",
    "=~", "eq", "ne", "ieq", "ine", "&&", "||",
)  # fmt: skip
UNARY = ("!", "-", "~", "(int)", "(str)", "defined ", "strlen", "strempty")
SETUP = (
    '$var(i) = 42; $var(s) = "str"; $avp(i) = 9; $avp(s) = "7"; $xavp(a=>i) = 3; '
)  # fmt: skip
CONTEXTS = (
    "$var(r) = {e}; $var(out) = $var(r) + 1;",
    '$avp(r) = {e}; $var(out) = "[$avp(r)]" + $(avp(r){{s.len}});',
    'if ({e}) $var(out) = "true"; else $var(out) = "false";',
    'if (!({e})) $var(out) = "true"; else $var(out) = "false";',
    '$var(out) = "a" + ({e}) + "z";',
    'switch ({e}) {{ case 1: $var(out) = "one"; break; case 0: $var(out) = "zero"; break; '
    'default: $var(out) = "other"; }}',
)
END = " $avp(i) = $null; $avp(s) = $null; $avp(r) = $null; $xavp(a) = $null;"


def expressions() -> Iterator[str]:
    """Every operator with every choice of operands."""
    for operator in UNARY:
        for operand in OPERANDS:
            yield f"{operator}({operand})"
            if not operator.startswith("str"):
                yield f"{operator}{operand}"
    for operator in BINARY:
        for left in OPERANDS:
            for right in OPERANDS:
                yield f"{left} {operator} {right}"


def all_cases() -> Iterator[Case]:
    """Every expression in every context."""
    for number, expression in enumerate(expressions()):
        for at, context in enumerate(CONTEXTS):
            script = f"{SETUP}\n{context.format(e=expression)}\n{END}"
            yield Case(f"E{number}c{at}", script)
