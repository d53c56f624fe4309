"""Random expressions: trees of the types that Kamailio takes, now and then of others, written with
and without parentheses, in every place that an expression may stand."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from tests.runtime.matrix.harness import Case

SETUP: Final = (
    "route[first] { return; }\n"  # Kamailio has no shared memory before it has read one
    'route[given] { $var(i) = 42; $var(n) = -7; $var(z) = 0; $var(s) = "str"; $var(d) = "17";'
    ' $var(e) = ""; $shv(i) = 5; $shv(s) = "shared"; $avp(i) = 9; $avp(s) = "7x";'
    ' $avp(m) = 1; $avp(m) = "two";'
    ' $xavp(a=>i) = 3; $xavp(a[0]=>s) = "ext"; $xavu(u=>s) = "12"; $xavi(C=>k) = 6; }\n'
    "route[clean] { $var(r) = 0; $avp(m) = $null; $avp(m) = $null; $xavu(u) = $null; }\n"
)
"""Routes that the cases call; what stands before them sets the variables."""

INTS: Final = (
    "0", "1", "2", "5", "31", "32", "255", "65536", "2147483647", "-1", "-3", "-2147483648", "0x1F",
    "010", "4294967295", "yes", "no", "on", "off", "true",
)  # fmt: skip
STRINGS: Final = (
    '""', '"0"', '"1"', '"5"', '"-7"', '"abc"', '"ABC"', '" 5"', '"5 "', '"+5"', '"0x10"', '"0X1f"',
    '"010"', '"4294967297"', '"2147483648"', '"-2147483649"', '"7x"', '"a b"', "'single'", '"$rU"',
    '"\u00e9\u4e2d"', '"\udcff\udc80"', '"a\\"b"', '"a\\nb"', '"' + "x" * 300 + '"', '"."', '"^a"',
)  # fmt: skip
PATTERNS: Final = (
    '"^[[:digit:]]+$"', '"[[:alpha:]]"', '"^$"', '""', '"."', '"^a|7$"', '"A{3}"', '"(a)(b)"',
    '"[0-9]+x?"', '"\\\\."', '"^.{4}"', '"[^[:space:]]$"', '"^s"', '"bob"', '"a**"',
)  # fmt: skip
DIVISORS: Final = ("0", "1", "2", "5", "-3", "-7", "$var(n)", "$var(z)", "$avp(i)", "$avp(none)")
VARIABLES: Final = (
    "$var(i)", "$var(n)", "$var(z)", "$var(s)", "$var(d)", "$var(e)", "$var(unset)", "$shv(i)",
    "$shv(s)", "$shv(none)", "$avp(i)", "$avp(s)", "$avp(none)", "$avp(m)", "$(avp(m)[1])",
    "$(avp(m)[*])", "$(avp(m)[-1])", "$(avp(m)[9])", "$xavp(a=>i)", "$xavp(a=>s)", "$xavp(a=>none)",
    "$xavp(none)", "$xavu(u=>s)", "$xavi(c=>K)", "$rU", "$rd", "$rp", "$ml", "$rm", "$pr", "$proto",
    "$fU", "$tt", "$ft", "$cs", "$ci", "$si", "$hdr(X-None)", "$hdr(CSeq)",
    "$(hdr(X-Case)[-1])", "$(hdr(Via)[9])", "$null", "$rc", "$retcode", "$(ru{uri.port})",
    "$(ru{uri.host})", "$(rU{s.len})", "$(rU{s.toupper})", "$(var(s){s.substr,1,1})",
    "$(hdr(X-None){s.len})", "$(var(d){s.int})", "$mf", "$bF", "$branch(count)",
    "$cnt($avp(m))", "$vn(none)", "$true", "$stat(none)", "$_s($var(i)-$rU)", "$def(NONE)",
    "$expires(min)", "$rv", "$rP", "$op", "$oP", "$dP", "$fs", "$du", "$br", "$rs", "$mt",
)  # fmt: skip
SELECTS: Final = ("@to.tag", "@from.tag", "@ruri.user", "@method", "@call_id", "@from.uri.user")

ARITHMETIC: Final = ("+", "-", "*", "/", "mod", "&", "|", "^", "<<", ">>")
ORDER: Final = ("<", ">", "<=", ">=", "ieq", "ine")
EQUALITY: Final = ("==", "!=", "eq", "ne")
LOGIC: Final = ("&&", "||", "and", "or")

PLACES: Final = (
    "$var(r) = {e}; $var(out) = $_s([$var(r)] ) + $(var(r){{s.len}}); if (is_int(\"$var(r)\"))"
    ' $var(out) = $var(out) + "i";',
    '$avp(r) = "old"; $avp(r) = {e}; $var(out) = $_s([$avp(r)|$cnt($avp(r))]);'
    ' if (is_int("$avp(r)")) $var(out) = $var(out) + "i"; $avp(r) = $null; $avp(r) = $null;',
    'if ({e}) $var(out) = "true"; else $var(out) = "false";',
    'if (!({e})) $var(out) = "not"; else $var(out) = "yes";',
    '$var(out) = "<" + ({e}) + ">";',
    '$var(out) = "<" + {e};',
    'switch ({e}) {{ case 1: $var(out) = "one"; break; case 0: $var(out) = "zero"; break;'
    ' case -7: $var(out) = "minus"; break; default: $var(out) = "other"; }}',
    'switch ({e}) {{ case "1": $var(out) = "one"; break; case "": $var(out) = "empty"; break;'
    ' case /"^s": $var(out) = "s"; break; default: $var(out) = "other"; }}',
    '$var(k) = 0; while ({e}) {{ $var(k) = $var(k) + 1; if ($var(k) > 2) break; }}'
    ' $var(out) = $var(k);',
    "route({name}r); $var(out) = $rc;\nreturn 1;\n}}\nroute[{name}r] {{\nreturn ({e});",
    "$var(out) = selval({e}, \"then\", \"else\");",
    'xavp_child_sets("q", "v", {e}); $var(out) = $_s([$xavp(q=>v)]);',
    'xavp_child_seti("q", "v", {e}); $var(out) = $_s([$xavp(q=>v)]);',
    '$shv(r) = {e}; $var(out) = $_s([$shv(r)]);',
    '$xavp(r) = {e}; $var(out) = $_s([$xavp(r)]);',
    "$var(r) = 1; $var(r) = ({e}) + 1; $var(out) = $var(r);",
)  # fmt: skip


class Writer:
    """Writes one expression after the other."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def any_type(self, depth: int) -> str:
        """An expression of some type."""
        return self.random.choice((self.number, self.number, self.text, self.loose))(depth)

    def number(self, depth: int) -> str:
        """An expression that Kamailio takes for a number."""
        pick = self.random.random()
        if depth <= 0 or pick < 0.08:
            return self.random.choice(INTS) if self.random.random() < 0.4 else self.variable()
        if pick < 0.38:
            operator = self.random.choice(ARITHMETIC)
            left, right = self.operand(depth - 1), self.operand(depth - 1)
            if operator in ("/", "mod") and self.random.random() < 0.7:
                right = f"({right} & 255)"
            elif operator in ("/", "mod"):  # the least number divided by -1 ends Kamailio
                right = self.random.choice(DIVISORS)
            return f"{left} {operator} {right}"
        if pick < 0.50:
            left, right = self.operand(depth - 1), self.operand(depth - 1)
            return f"{left} {self.random.choice(ORDER)} {right}"
        if pick < 0.64:
            return self.comparison(depth - 1)
        if pick < 0.78:
            left, right = self.operand(depth - 1), self.operand(depth - 1)
            return f"{left} {self.random.choice(LOGIC)} {right}"
        if pick < 0.90:
            operator = self.random.choice(("!", "- ", "~", "(int)", "not "))
            return f"{operator}{self.operand(depth - 1)}"
        inner = self.grouped(self.text(depth - 1))
        return self.random.choice(("defined ", "strlen", "strempty")) + inner

    def comparison(self, depth: int) -> str:
        """``==`` and its like."""
        pick = self.random.random()
        if pick < 0.2:
            right = self.random.choice(PATTERNS) if pick < 0.15 else self.variable()
            return f"{self.text(depth)} =~ {right}"
        if pick < 0.3:
            return f"{self.variable()} {self.random.choice(EQUALITY)} $null"
        if pick < 0.55:
            left, right = self.maybe(self.text(depth)), self.variable()
        elif pick < 0.75:
            left, right = self.maybe(self.text(depth)), self.maybe(self.text(depth))
        else:
            left, right = self.operand(depth), self.operand(depth)
            return f"{left} {self.random.choice(EQUALITY[:2])} {right}"
        return f"{left} {self.random.choice(EQUALITY)} {right}"

    def text(self, depth: int) -> str:
        """An expression that is text, or a variable."""
        pick = self.random.random()
        if depth <= 0 or pick < 0.3:
            return self.random.choice(STRINGS) if self.random.random() < 0.5 else self.variable()
        if pick < 0.75:
            left = self.text(depth - 1)
            return f"{left} + {self.maybe(self.any_type(depth - 1))}"
        if pick < 0.9:
            return f"(str){self.maybe(self.any_type(depth - 1))}"
        return self.random.choice(SELECTS)

    def loose(self, depth: int) -> str:
        """A sum whose type only run time knows. `selval` as an operand is a case of its own:
        see `test_a_choice_is_no_number`."""
        more = "".join(f" + {self.maybe(self.any_type(depth - 1))}" for _ in range(2))
        return self.variable() + more

    def operand(self, depth: int) -> str:
        """A number as an operand, in parentheses or bare; seldom a text."""
        if self.random.random() < 0.002:
            return self.maybe(self.text(depth))
        return self.maybe(self.number(depth))

    def maybe(self, expression: str) -> str:
        """In parentheses, or for the precedence to decide."""
        return self.grouped(expression) if self.random.random() < 0.85 else expression

    @staticmethod
    def grouped(expression: str) -> str:
        """In parentheses."""
        return f"({expression})"

    def variable(self) -> str:
        """One variable."""
        return self.random.choice(VARIABLES)


def random_cases(seed: int, count: int) -> Iterator[Case]:
    """So many expressions, each in one place."""
    random = Random(seed)
    writer = Writer(random)
    for number in range(count):
        depth = random.choice((1, 2, 2, 3, 3, 4, 6))
        name = f"R{seed}n{number}"
        place = random.choice(PLACES)
        expression = (writer.number if "return" in place else writer.any_type)(depth)
        place = place.format(e=expression, name=name)
        yield Case(name, f"route(given);\n{place}\nroute(clean);")


def all_cases() -> Iterator[Case]:
    """What ``make soak`` runs."""
    yield from random_cases(20263, 10_000)
