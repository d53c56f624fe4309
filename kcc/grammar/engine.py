"""Drives the LALR tables over tokens, and gets over syntax errors.

One mistake shall give one message. So an error is first tried to be repaired by one token more,
less or other (the repair that carries furthest into the text wins); failing that, the
parenthesis, the statement or the top-level item it stands in is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kcc.grammar import explain
from kcc.grammar.tables import Tables
from kcc.grammar.tokens import END, Token
from kcc.source.span import Span
from kcc.source.version import TARGET
from runtime.declare.record import Record

MAX_STACK: Final = 600
"""Symbols that may be open at once: bounds how deep the tree can get."""
MAX_ERRORS: Final = 100

_LOOKAHEAD: Final = 12
_ENOUGH: Final = 4
_KEPT: Final = frozenset({"SEMI", "LBRACE", "RBRACE", "IF", "WHILE", "SWITCH", "ELSE", "CASE", END})
_BEFORE_VALUE: Final = frozenset({"BINOP", "EQUAL", "MINUS", "STAR", "SLASH", "NOT", "LPAREN"})
_OPENING: Final = {"LPAREN": 1, "RPAREN": -1}
_ROUTES: Final = frozenset({"ROUTE", "ROUTE_REQUEST", "ROUTE_REPLY", "ROUTE_NAMED", "ROUTE_EVENT"})
_STATEMENTS: Final = frozenset({"IF", "SWITCH", "WHILE", "RETURN", "EXIT", "DROP", "BREAK"})
_CALLS: Final = frozenset({"ID", "FUNC", "FUNC_BARE", "PARAM_FUNC_BARE", "ROUTE"})
_INSERTED: Final = (
    ("SEMI", ";"),
    ("RPAREN", ")"),
    ("LPAREN", "("),
    ("RBRACK", "]"),
    ("COMMA", ","),
    ("COLON", ":"),
    ("EQUAL", "="),
    ("BINOP", "&&"),
)
_REPLACED: Final = (("BINOP", "=="), ("EQUAL", "="), ("ID", ""), ("SEMI", ";"), ("COLON", ":"))


class Problem(Record):
    """A syntax error. ``token`` is where the parser stopped, ``span`` what to show."""

    code: str
    message: str
    span: Span
    help: str | None


class _Repair(Record):
    skip: int
    insert: tuple[Token, ...]
    reach: int
    reopen: bool = False


Action = Callable[[list[Any]], Any]


class Engine:
    """Parses one list of tokens. ``missing`` makes the value of an expression given up."""

    def __init__(
        self,
        tables: Tables,
        actions: Mapping[str, Action],
        missing: Callable[[Span], Any],
        target: str = TARGET,
    ) -> None:
        self._tables: Final = tables
        self._actions: Final = [
            actions[rule.alias] if rule.alias else None for rule in tables.rules
        ]
        self._missing: Final = missing
        self._target: Final = target
        self._states: list[int] = [0]
        self._values: list[Any] = []
        self._tokens: list[Token] = []
        self._at = 0
        self.problems: Final[list[Problem]] = []

    def parse(self, tokens: Sequence[Token]) -> Any:
        """The value of the start symbol. What went wrong stands in ``problems``."""
        self._tokens = list(tokens)
        while True:
            done, value = self._run()
            if done:
                return value
            self._recover()

    def _run(self) -> tuple[bool, Any]:
        """Parse until acceptance (True and the value) or an error (False)."""
        tables = self._tables
        rules = tables.rules
        builders = self._actions
        actions, gotos, defaults = tables.actions, tables.gotos, tables.defaults
        states, values, tokens = self._states, self._values, self._tokens
        at = self._at
        state = states[-1]
        token = tokens[at]
        while True:
            code = defaults[state]
            if not code:
                found = actions[state].get(token.kind)
                if found is None:
                    self._at = at
                    return False, None
                code = found
            if code > 0:
                state = code - 1
                states.append(state)
                values.append(token)
                at += 1
                token = tokens[at]
                if len(states) > MAX_STACK:
                    self._at = at
                    self._too_deep(token)
                    return False, None
            elif code:
                rule = rules[-code - 1]
                length = rule.length
                builder = builders[-code - 1]
                if builder is not None:  # else the rule hands on its one symbol
                    first = len(values) - length
                    made = builder(values[first:])
                    del values[first:]
                    values.append(made)
                if length:
                    del states[-length:]
                state = gotos[states[-1]][rule.lhs]
                states.append(state)
            else:
                return True, values[-1]

    # --- looking ahead ---------------------------------------------------------------------------

    def _step(self, states: list[int], kind: str) -> bool:
        """Shift a terminal on ``states`` (changed in place); False where it cannot be."""
        actions, gotos, defaults, rules = (
            self._tables.actions,
            self._tables.gotos,
            self._tables.defaults,
            self._tables.rules,
        )
        while True:
            state = states[-1]
            code = defaults[state] or actions[state].get(kind)
            if code is None:
                return False
            if code > 0:
                states.append(code - 1)
                return True
            if code == 0:
                return True
            rule = rules[-code - 1]
            if rule.length:
                del states[-rule.length :]
            states.append(gotos[states[-1]][rule.lhs])

    def _reach(
        self,
        inserted: Sequence[Token],
        start: int,
        states: list[int] | None = None,
        limit: int = _LOOKAHEAD,
    ) -> int:
        """How many tokens from ``start`` can be shifted after ``inserted``; -1 if not even it."""
        states = self._states.copy() if states is None else states
        for token in inserted:
            if not self._step(states, token.kind):
                return -1
        count = 0
        while count < limit and start + count < len(self._tokens):
            kind = self._tokens[start + count].kind
            if not self._step(states, kind):
                return count
            count += 1
            if kind == END:
                return limit
        return count

    def _reopened(self) -> list[int] | None:
        """The states with the expression on top, if there is one, open for more operands."""
        gotos = self._tables.gotos[self._states[-2]] if len(self._states) > 1 else {}
        for symbol in ("expr", "arg"):
            if "chain" in gotos and gotos.get(symbol) == self._states[-1]:
                return [*self._states[:-1], gotos["chain"]]
        return None

    def expected(self, states: list[int] | None = None) -> tuple[str, ...]:
        """The terminals that could stand where the parser is."""
        states = self._states if states is None else states
        kinds: set[str] = set(self._tables.actions[states[-1]])
        return tuple(sorted(k for k in kinds if self._step(states.copy(), k)))

    # --- recovery --------------------------------------------------------------------------------

    def _too_deep(self, token: Token) -> None:
        self._problem(
            "K0117", f"more than {MAX_STACK} open constructs lie in each other", token.span
        )
        del self._states[1:]
        self._values.clear()
        self._states.append(self._tables.gotos[0]["items"])
        self._values.append([])
        self._at = len(self._tokens) - 1

    def _problem(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        self.problems.append(Problem(code, message, span, help))

    def _recover(self) -> None:
        if self._tokens[self._at].kind == END and self._states == [
            0,
            self._tables.gotos[0]["items"],
        ]:
            return
        if len(self.problems) >= MAX_ERRORS:
            self._give_up_all()
            return
        token = self._tokens[self._at]
        previous = self._tokens[self._at - 1] if self._at else None
        route = self._values[-1] if self._values else None
        if (
            token.kind in ("LBRACK", "LBRACE")
            and isinstance(route, Token)
            and route.kind == "ROUTE"
        ):
            # inside a block `route` was taken for a call; see it as the route it is
            del self._states[-1], self._values[-1]
            self._at -= 1
            token, previous = route, self._tokens[self._at - 1] if self._at else None
        if self._retyped() or self._missing_brace(token, previous):
            return
        repair = self._best_repair(token, previous)
        found = explain.explain(
            token, previous, self.expected(), repair.insert if repair else (), self._context()
        )
        self._problem(found.code, found.message, found.span, found.help)
        if repair is not None:
            self._apply(repair)
        elif not self._give_up_parenthesis():
            self._give_up_statement()

    def _context(self) -> explain.Context:
        gotos = self._tables.gotos
        inside = any("action" in gotos[state] for state in self._states)
        opened = [
            v for v in self._values if isinstance(v, Token) and v.kind in ("LPAREN", "LBRACE")
        ]
        return explain.Context(inside, opened[-1] if opened else None, self._target)

    def _apply(self, repair: _Repair) -> None:
        at = self._at
        self._tokens[at : at + repair.skip] = repair.insert
        if repair.reopen:
            self._states = self._reopened() or self._states

    def _best_repair(self, token: Token, previous: Token | None) -> _Repair | None:
        """One token more, other or less, if that carries on well."""
        at = self._at
        where = _after(previous) if previous is not None else token.span
        new_line = self._begins_line(at)
        best: _Repair | None = None

        def offer(
            skip: int, inserted: tuple[Token, ...], bonus: int, enough: int = _ENOUGH
        ) -> None:
            nonlocal best
            reach = self._reach(inserted, at + skip)
            if reach < min(enough, len(self._tokens) - at - skip):
                return
            if best is None or reach + bonus > best.reach:
                best = _Repair(skip, inserted, reach + bonus)

        lacks_value = previous is not None and previous.kind in _BEFORE_VALUE
        ends_statement = new_line or token.kind in ("RBRACE", END) or token.kind in _STATEMENTS
        for kind, text in _INSERTED:
            made = Token(kind, text, where)
            if kind == "SEMI":
                if ends_statement:
                    offer(0, (made,), 3)
            elif kind == "RPAREN":
                closes = token.kind in ("SEMI", "LBRACE")
                offer(0, (made,), 5 if closes else 1, 1 if closes else _ENOUGH)
                if ends_statement:
                    offer(0, (made, Token("SEMI", ";", where)), 0)
            else:
                offer(0, (made,), 0)
        if lacks_value and token.kind in ("RPAREN", "SEMI", "RBRACK", "COLON", "BINOP"):
            offer(0, (Token("PVAR", "$null", where),), 1, 2)
        reopened = self._reopened()
        if reopened is not None:
            operator = (Token("BINOP", "&&", where),)
            reach = self._reach(operator, at, reopened)
            if reach >= _ENOUGH and (best is None or reach > best.reach):
                best = _Repair(0, operator, reach, True)
        if token.kind not in _KEPT:
            for kind, text in _REPLACED:
                if kind == "SEMI" and token.kind not in ("COMMA", "COLON"):
                    continue
                if kind == "ID" and not token.value.isidentifier():
                    continue
                offer(1, (Token(kind, text or token.value, token.span),), -1)
        if token.kind == "ID":
            for keyword in explain.near_keywords(token, self.expected(), self._target):
                offer(1, keyword, 2)
        doubled = token.kind == "LBRACE" and previous is not None and previous.kind == "LBRACE"
        stray = token.kind == "RBRACE" and not self._inside()
        if token.kind not in _KEPT or doubled or stray:
            offer(1, (), -1)
        return best

    def _retyped(self) -> bool:
        """A statement or item begins with a word that is nearly a keyword: take it for that."""
        gotos = self._tables.gotos
        for index in range(len(self._states) - 1, -1, -1):
            if "action" in gotos[self._states[index]] or "item" in gotos[self._states[index]]:
                break
        else:
            return False
        first = self._values[index] if index < len(self._values) else None
        span = getattr(first, "span", None)
        if span is None:
            return False
        at = self._at - 1
        while at > 0 and not (
            self._tokens[at].span.start == span.start and self._tokens[at].span.file is span.file
        ):
            at -= 1
        word = self._tokens[at]
        if word.kind != "ID" or word.span.expansion is not None:
            return False
        states = self._states[: index + 1]
        needed = self._at - at
        for made in explain.near_keywords(word, self.expected(states), self._target):
            if self._reach(made, at + 1, states.copy(), needed + 2) >= needed:
                break
        else:
            return False
        wanted = made[0].value if len(made) == 1 else "else"
        self._problem("K0101", f"unexpected `{word.value}`", word.span, f"did you mean `{wanted}`?")
        del self._states[index + 1 :]
        del self._values[index:]
        self._tokens[at : at + 1] = made
        self._at = at
        return True

    def _missing_brace(self, token: Token, previous: Token | None) -> bool:
        """A route or another top-level item begins although a block is still open."""
        at_end = token.kind == END
        if not at_end and not self._begins_item(self._at):
            return False
        opened = [v for v in self._values if isinstance(v, Token) and v.kind == "LBRACE"]
        if not opened:
            return False
        where = _after(previous) if previous is not None else token.span
        brace, semicolon = Token("RBRACE", "}", where), Token("SEMI", ";", where)
        for first in ((), (semicolon,)):
            inserted = (*first, *(brace for _ in opened))
            if self._reach(inserted, self._at) > 0:
                break
        else:
            return False
        what = "the end of the file" if at_end else f"`{token.value}`"
        if first:
            self._problem("K0105", "missing `;`", where)
        self._problem("K0116", f"this `{{` is not closed before {what}", opened[-1].span, "add `}`")
        self._tokens[self._at : self._at] = inserted
        return True

    def _begins_line(self, at: int) -> bool:
        """Whether the token is the first of its line, as far as its file shows."""
        if at == 0:
            return True
        a, b = self._tokens[at - 1].span.outer(), self._tokens[at].span.outer()
        if a.file is not b.file:
            return True
        return "\n" in a.file.text[a.end : b.start]

    def _begins_item(self, at: int) -> bool:
        """Whether a top-level item seems to begin at token ``at``."""
        kind, following = (
            self._tokens[at].kind,
            self._tokens[min(at + 1, len(self._tokens) - 1)].kind,
        )
        if kind in _ROUTES:
            return following in ("LBRACK", "LBRACE")
        if not self._begins_line(at):
            return False
        if kind in ("PARAM", "PARAM_FUNC", "PARAM_FUNC_BARE", "LISTEN", "ALIAS"):
            return following == "EQUAL"
        if kind in ("LOADMODULE", "MODPARAM", "LOADPATH", "CFGENGINE", "SUBST"):
            return following in ("STRING", "LPAREN", "EQUAL")
        return kind == "ID" and following == "DOT" and not self._inside()

    def _inside(self) -> bool:
        return any("action" in self._tables.gotos[state] for state in self._states)

    def _begins_statement(self, at: int) -> bool:
        """Whether a statement seems to begin at token ``at``: the first one of a line."""
        if not self._begins_line(at):
            return False
        kind, following = (
            self._tokens[at].kind,
            self._tokens[min(at + 1, len(self._tokens) - 1)].kind,
        )
        if kind in _STATEMENTS:
            return True
        if kind in _CALLS:
            return following == "LPAREN"
        return kind in ("PVAR", "AVP_OR_PVAR") and following == "EQUAL"

    def _give_up_parenthesis(self) -> bool:
        """Go on at the closing parenthesis, with what is inside of it unknown."""
        depth = 0
        at = self._at
        while True:
            kind = self._tokens[at].kind
            if kind == "RPAREN" and depth == 0:
                break
            if kind in ("SEMI", "LBRACE", "RBRACE", END) or (
                at > self._at and self._begins_statement(at)
            ):
                return False
            depth += _OPENING.get(kind, 0)
            at += 1
        for index in range(len(self._values) - 1, -1, -1):
            value = self._values[index]
            if not isinstance(value, Token):
                continue
            if value.kind in ("LBRACE", "SEMI"):
                return False
            if value.kind != "LPAREN":
                continue
            state = self._states[index + 1]
            for symbol in ("args", "expr"):
                target = self._tables.gotos[state].get(symbol)
                if target is None:
                    continue
                missing = self._missing(value.span)
                del self._states[index + 2 :]
                del self._values[index + 1 :]
                self._states.append(target)
                self._values.append([missing] if symbol == "args" else missing)
                self._at = at
                return True
            return False
        return False

    def _give_up_statement(self) -> None:
        """Drop the statement or item the parser is in and go on after it."""
        gotos = self._tables.gotos
        for index in range(len(self._states) - 1, -1, -1):
            if "action" in gotos[self._states[index]] or "item" in gotos[self._states[index]]:
                break
        else:
            self._too_deep(self._tokens[self._at])
            return
        symbol = "action" if "action" in gotos[self._states[index]] else "item"
        del self._states[index + 1 :]
        del self._values[index:]
        if symbol == "action":
            self._skip_statement()
        else:
            self._skip_item()
        self._states.append(gotos[self._states[-1]][symbol])
        self._values.append(None)

    def _skip_statement(self) -> None:
        depth = 0
        start = self._at
        while True:
            token = self._tokens[self._at]
            if token.kind == END or self._begins_item(self._at):
                return
            if depth == 0 and self._at > start and self._begins_statement(self._at):
                return
            if token.kind == "RBRACE":
                if depth == 0:
                    return
                depth -= 1
                if depth == 0 and self._tokens[self._at + 1].kind != "ELSE":
                    self._at += 1
                    return
            elif token.kind == "LBRACE":
                depth += 1
            self._at += 1
            if token.kind == "SEMI" and depth == 0:
                return

    def _skip_item(self) -> None:
        depth = 0
        start = self._at
        while True:
            token = self._tokens[self._at]
            if token.kind == END:
                return
            begins = self._at > start and self._begins_item(self._at)
            if begins and (depth == 0 or token.span.outer().column == 1):
                return
            if token.kind == "LBRACE":
                depth += 1
            elif token.kind == "RBRACE":
                depth = max(0, depth - 1)
            self._at += 1

    def _give_up_all(self) -> None:
        token = self._tokens[self._at]
        self._problem(
            "K0101", f"more than {MAX_ERRORS} syntax errors; the rest is not read", token.span
        )
        del self._states[1:]
        self._values.clear()
        self._states.append(self._tables.gotos[0]["items"])
        self._values.append([])
        self._at = len(self._tokens) - 1


def _after(token: Token) -> Span:
    """The empty place just behind a token."""
    span = token.span.outer() if token.span.expansion is not None else token.span
    return Span(span.file, max(span.end - 1, span.start), span.end)
