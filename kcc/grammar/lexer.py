"""Text to tokens, preprocessing on the way (Kamailio's cfg.lex).

One master expression finds the tokens of the initial state together with the blanks and
comments before them; what needs a state of its own (strings, variables, selects, attributes,
event route names, directives) has a method. Files that are included and macros that are
expanded are a stack of buffers.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from kcc.diagnostics.reporter import Reporter
from kcc.grammar.keywords import keywords
from kcc.grammar.tokens import END, Token, number, unescape
from kcc.preprocess.directives import Preprocessor
from kcc.source.span import Expansion, Span, join
from kcc.source.text import SourceFile, display
from kcc.source.version import version_of

MAX_EXPANSION: Final = 1_000_000
"""Octets that macros may expand to in one place; without it a few nested macros fill memory."""
MAX_MACRO_DEPTH: Final = 100
MAX_BROKEN: Final = 20
"""Variables without an end that are told apart on one line."""

_BLANKS: Final = r"(?:[ \t\r\x08\n]|\\\n|\#(?!!)[^\n]*(?:\n|\Z)|//(?!!)[^\n]*(?:\n|\Z))*+"
_MASTER: Final = re.compile(
    _BLANKS
    + r"""(?:
      ([A-Za-z_][A-Za-z0-9_]*+)(?!:)                       # 1 word
    | (\$(?!rc|retcode)(?:                                 # 2 variable that ends here
          [A-Za-z_][A-Za-z0-9_]*+(?![(\['.])
        | (?:[A-Za-z_][A-Za-z0-9_]*+)?\((?:[^()\n]|\([^()\n]*+\))*+\)))
    | "([^"\\\n]*+)"(?![ \t\r\x08\n]*+")                   # 3 plain string
    | ([;){}\[\],]|\((?!(?:int|str)\)))                    # 4 brackets and such
    | (==|=~|!=|>=|<=|&&|\|\||<<|>>|\+=|!(?!!)|[-=><&|~^+*.]|:(?!:)|/(?![/*])|\((?:int|str)\))  # 5
    | ([0-9][A-Za-z0-9_]*+)(?!:)                           # 6 number
    | ([\s\S])                                             # 7 the rest
    )""",
    re.VERBOSE,
)
_PUNCTUATION: Final = {
    ";": "SEMI", "(": "LPAREN", ")": "RPAREN", "{": "LBRACE", "}": "RBRACE", "[": "LBRACK",
    "]": "RBRACK", ",": "COMMA",
}  # fmt: skip
_OPERATORS: Final = {
    "=": "EQUAL", "!": "NOT", "~": "TILDE", "-": "MINUS", "*": "STAR", "/": "SLASH", ".": "DOT",
    ":": "COLON", "(int)": "CAST", "(str)": "CAST", "+=": "ADDEQ",
}  # fmt: skip

_WORD: Final = re.compile(r"[A-Za-z0-9_]+")
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEX: Final = "[0-9a-fA-F]{1,4}"
_IPV6: Final = tuple(
    re.compile(pattern)
    for pattern in (
        f"(?:{_HEX}:){{7}}{_HEX}",
        *(f"(?:{_HEX}:){{{n}}}(?::{_HEX}){{1,7}}" for n in range(7, 0, -1)),
        f":(?::{_HEX}){{1,7}}",
        f"(?:{_HEX}:){{1,7}}:",
        "::",
    )
)
_COLON_WORD: Final = {"uri:host": "MSG_PART", "uri:port": "MSG_PART", "msg:len": "LEGACY"}
_COLON: Final = re.compile("|".join(_COLON_WORD))
_LINE_OF_STRING: Final = re.compile(r"(?P<kept>[^\n]*?)[ \t\r]*(?:[);{][);{ \t\r]*)?(?=\n|\Z)")
_PIECE: Final = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NEXT_PIECE: Final = re.compile(r'[ \t\r\x08\n]*+"')
_RETCODE: Final = re.compile(r"\$(?:\?|retcode|rc)")
_PVAR: Final = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|'\.')*")
_ATTR_PREFIX: Final = re.compile(r"\$(?:(?:[ft][rud]?|g)\.|[A-Za-z_][A-Za-z0-9_]*\[)")
_COMMENT: Final = re.compile(r"/\*|\*/")
_ATTR: Final = re.compile(
    r"(?P<ATTR_CLASS>(?:[ft][rud]?|g)(?![A-Za-z0-9_]))|(?P<ID>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<DOT>\.)|(?P<LBRACK>\[)|(?P<RBRACK>\])|(?P<STAR>\*)|(?P<NUMBER>0|[1-9][0-9]*)"
)
_SELECT: Final = re.compile(
    r"\n*(?:(?P<ID>[A-Za-z_][A-Za-z0-9_]*)|(?P<DOT>\.)|(?P<LBRACK>\[)|(?P<RBRACK>\])"
    r"|(?P<NUMBER>0x[0-9a-fA-F]+|[01]+b|0[0-7]+|0|[1-9][0-9]*))"
)
_EVENT: Final = re.compile(
    r"[ \t\r\x08\n]*(?P<open>\[)(?P<before>(?:(?![a-zA-Z][0-9a-zA-Z-]*:[a-zA-Z])[^\[\]{])*?)"
    r"(?P<name>[a-zA-Z][0-9a-zA-Z-]*(?::[a-zA-Z][0-9a-zA-Z_-]*)+)"
    r"(?P<after>(?:(?![a-zA-Z][0-9a-zA-Z-]*:[a-zA-Z])[^\[\]{])*)(?P<close>\])"
)
_TAIL_COMMENT: Final = re.compile(r"(?:#|//)[^\n]*\Z")
_PARENTHESIS: Final = re.compile(r"[()\n]")
_BROKEN_VARIABLE: Final = re.compile(r"[(A-Za-z0-9_.:$=>~]*")
_INCLUDE: Final = {"include_file": False, "import_file": True}
_GLUE: Final = frozenset("=~&|<>!+")


@cache
def _without_slashes() -> re.Pattern[str]:
    """The master expression of the versions in which ``//`` begins no comment."""
    pattern = _MASTER.pattern.replace(r"|//(?!!)[^\n]*(?:\n|\Z)", "", 1)
    return re.compile(pattern.replace("/(?![/*])", r"/(?!\*)", 1), re.VERBOSE)


class _Buffer:
    """A text being read. A macro's starts at ``base`` of ``file``, or, where its value is not
    verbatim there, all of it is at ``whole``."""

    __slots__ = ("base", "expansion", "file", "pos", "text", "whole")

    def __init__(
        self,
        text: str,
        file: SourceFile,
        base: int = 0,
        expansion: Expansion | None = None,
        whole: Span | None = None,
    ) -> None:
        self.text: Final = text
        self.file: Final = file
        self.base: Final = base
        self.pos = 0
        self.expansion: Final = expansion
        self.whole: Final = whole

    @property
    def virtual(self) -> bool:
        return self.expansion is not None

    def span(self, start: int, end: int) -> Span:
        if self.whole is not None:
            return self.whole
        return Span(self.file, self.base + start, self.base + end, self.expansion)


class Lexer:
    """Makes the tokens of ``source`` and everything it includes."""

    def __init__(
        self,
        source: SourceFile,
        preprocessor: Preprocessor,
        reporter: Reporter,
        unclosed: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        self._unclosed: Final = unclosed
        self._preprocessor: Final = preprocessor
        self._keywords: Final = keywords(preprocessor.target)
        old = version_of(preprocessor.target) < (4, 1)
        self._master: Final = _without_slashes() if old else _MASTER
        self._reporter: Final = reporter
        self._stack: Final[list[_Buffer]] = []
        self._buffer = _Buffer(source.text, source)
        self._tokens: Final[list[Token]] = []
        self._strict = False  # whether a first line such as #!KAMAILIO was seen
        self._subst: str | None = None
        self._broken, self._broken_end = 0, -1  # variables without an end on one line
        self._expanded = 0
        self._warned: Final[set[SourceFile]] = set()

    def tokens(self) -> list[Token]:
        """All tokens; the last one has the kind ``$END``."""
        while True:
            self._scan()
            if not self._stack:
                break
            self._buffer = self._stack.pop()
        self._preprocessor.finish()
        end = len(self._buffer.text)
        self._tokens.append(Token(END, "", self._buffer.span(end, end)))
        return self._tokens

    def _scan(self) -> None:
        """The initial state: read tokens until the current buffer ends."""
        match = self._master.match
        keywords = self._keywords
        append = self._tokens.append
        new = tuple.__new__  # what NamedTuple calls, without its detour
        macros = self._preprocessor.macros.macros
        plain = self._preprocessor.substituted
        while True:
            buffer = self._buffer
            text, file, base, expansion = buffer.text, buffer.file, buffer.base, buffer.expansion
            pos = buffer.pos
            if expansion is None and self._preprocessor.skipping:
                pos = self._preprocessor.skip(file, base + pos) - base
            whole = buffer.whole
            while (found := match(text, pos)) is not None:
                group = found.lastindex
                assert group is not None
                start, pos = found.span(group)
                value = found[group]
                if whole is not None:
                    span = whole
                elif group == 3:
                    span = new(Span, (file, base + start - 1, base + pos + 1, expansion))
                else:
                    span = new(Span, (file, base + start, base + pos, expansion))
                if group == 1:
                    known = keywords.get(value)
                    if known is not None:
                        kind, canonical = known
                        append(new(Token, (kind, canonical, span)))
                        if kind == "ROUTE_EVENT":
                            pos = self._event_name(pos)
                        continue
                    if value in macros:
                        buffer.pos = pos
                        self._expand(value, span)
                        break
                    if value in _INCLUDE and not buffer.virtual:
                        buffer.pos = pos
                        self._include(value, span)
                        break
                    append(new(Token, ("ID", value, span)))
                elif group == 4:
                    append(new(Token, (_PUNCTUATION[value], value, span)))
                elif group == 3:
                    pos += 1
                    if (expansion is not None and pos == len(text)) or self._subst is not None:
                        pos = self._string(start - 1)
                        if self._buffer is not buffer:
                            break
                        continue
                    append(new(Token, ("STRING", plain(value), span)))
                elif group == 2:
                    if value[-1] != ")" and (
                        not self._strict or (expansion is not None and pos == len(text))
                    ):
                        pos = self._variable(start)
                        if self._buffer is not buffer:
                            break
                        continue
                    append(new(Token, ("PVAR", plain(value), span)))
                elif group == 5:
                    if expansion is not None and pos == len(text) and self._stitch(start):
                        break
                    append(new(Token, (_OPERATORS.get(value, "BINOP"), value.strip("()"), span)))
                elif group == 6:
                    append(number(value, span))
                else:
                    buffer.pos = start
                    pos = self._special(start)
                    if self._buffer is not buffer:
                        break
            else:
                if expansion is not None and _TAIL_COMMENT.search(text, pos) is not None:
                    self._finish_outer_line()
                return

    def _finish_outer_line(self) -> None:
        """A comment that begins in a macro ends with the line the macro is used on."""
        outer = self._stack[-1]
        end = outer.text.find("\n", outer.pos)
        if end >= 0 or outer.expansion is None:
            outer.pos = end if end >= 0 else len(outer.text)
            return
        outer.pos = len(outer.text)
        inner = self._stack.pop()
        self._finish_outer_line()
        self._stack.append(inner)

    # --- strings -------------------------------------------------------------------------------

    def _string(self, start: int) -> int:
        """A double-quoted string at ``start`` and those that follow it directly, which join."""
        pieces: list[str] = []
        buffer = self._buffer
        pos = start
        first = last = buffer.span(start, start + 1)
        if self._unclosed and (first.path, first.start) in self._unclosed:
            return self._unclosed_string(start, first)
        while True:
            match = _PIECE.match(buffer.text, pos + 1)
            if match is None:
                if buffer.virtual and self._stitch(start):
                    return pos
                self._reporter.report(
                    "K0102", "this string is not closed", buffer.span(pos, pos + 1)
                )
                return len(buffer.text)
            pieces.append(unescape(buffer.text[pos + 1 : match.end() - 1]))
            last = buffer.span(pos, match.end())
            pos = match.end()
            following = _NEXT_PIECE.match(buffer.text, pos)
            while following is None and buffer.virtual and not buffer.text[pos:].strip(" \t\r\b\n"):
                if _NEXT_PIECE.match(self._stack[-1].text, self._stack[-1].pos) is None:
                    break
                self._buffer = buffer = self._stack.pop()
                pos = buffer.pos
                following = _NEXT_PIECE.match(buffer.text, pos)
            if following is None:
                break
            pos = following.end() - 1
        buffer.pos = pos
        value = self._preprocessor.substituted("".join(pieces))
        span = join(first, last)
        self._add_string(value, span)
        return pos

    def _unclosed_string(self, start: int, span: Span) -> int:
        """A string that was found out to lack its end: it ends with its line, before what looks
        like the end of a statement."""
        text = self._buffer.text
        self._reporter.report("K0102", "this string is not closed", span)
        match = _LINE_OF_STRING.match(text, start + 1)
        end = match.end("kept") if match is not None else start + 1
        self._tokens.append(Token("STRING", text[start + 1 : end], self._buffer.span(start, end)))
        self._subst = None
        return end

    def _add_string(self, value: str, span: Span) -> None:
        self._tokens.append(Token("STRING", value, span))
        if self._subst is not None:
            kind, self._subst = self._subst, None
            self._preprocessor.substitute(kind, value, span)

    def _tick_string(self, start: int) -> int:
        """A single-quoted string: no escapes, nothing joins."""
        buffer = self._buffer
        end = buffer.text.find("'", start + 1)
        if end < 0:
            if buffer.virtual and self._stitch(start):
                return start
            self._reporter.report(
                "K0102", "this string is not closed", buffer.span(start, start + 1)
            )
            return len(buffer.text)
        value = self._preprocessor.substituted(buffer.text[start + 1 : end])
        self._add_string(value, buffer.span(start, end + 1))
        return end + 1

    # --- variables, attributes, selects ----------------------------------------------------------

    def _variable(self, start: int) -> int:
        """``$``: a pseudo-variable, or an attribute where no first line says otherwise."""
        buffer = self._buffer
        text = buffer.text
        match = _RETCODE.match(text, start)
        if match is not None:
            self._tokens.append(Token("PVAR", match[0], buffer.span(start, match.end())))
            return match.end()
        if text.startswith("(", start + 1):
            return self._parenthesized(start, start + 1)
        if not self._strict and _ATTR_PREFIX.match(text, start) is not None:
            return self._attribute(start)
        match = _PVAR.match(text, start)
        end = match.end() if match is not None else start + 1
        if text.startswith("(", end):
            return self._parenthesized(start, end)
        if buffer.virtual and end == len(text) and self._stitch(start):
            return start
        if end == start + 1:
            self._reporter.report("K0108", "`$` has no name after it", buffer.span(start, end))
            return end
        value, kind = text[start:end], "AVP_OR_PVAR"
        if self._strict:
            value, kind = self._preprocessor.substituted(value), "PVAR"
        self._tokens.append(Token(kind, value, buffer.span(start, end)))
        return end

    def _parenthesized(self, start: int, opening: int) -> int:
        """Up to the ``)`` that pairs with the one at ``opening``, quotes notwithstanding."""
        buffer = self._buffer
        text = buffer.text
        depth = 0
        end = len(text)
        for match in _PARENTHESIS.finditer(text, opening):
            if match[0] == "(":
                depth += 1
            elif match[0] == ")":
                depth -= 1
                if depth == 0:
                    value = self._preprocessor.substituted(text[start : match.end()])
                    self._tokens.append(Token("PVAR", value, buffer.span(start, match.end())))
                    return match.end()
            else:
                end = match.start()
                break
        if buffer.virtual and end == len(text) and self._stitch(start):
            return start
        # go on as if it were complete, with what cannot be part of a name; but do not look for
        # the end of a line again and again
        self._broken = self._broken + 1 if self._broken_end == end else 1
        self._broken_end = end
        broken = _BROKEN_VARIABLE.match(text, opening)
        if broken is not None and self._broken <= MAX_BROKEN:
            end = min(end, broken.end())
        span = buffer.span(start, end)
        self._reporter.report("K0104", "the parentheses of this variable are not closed", span)
        self._tokens.append(Token("PVAR", "$null", span))
        return end

    def _attribute(self, start: int) -> int:
        """``%name`` or ``$f.name``: the mark, then its own little state up to the name."""
        buffer = self._buffer
        text = buffer.text
        self._tokens.append(Token("ATTR_MARK", text[start], buffer.span(start, start + 1)))
        pos = start + 1
        while pos < len(text):
            match = _ATTR.match(text, pos)
            if match is None:
                if text[pos] not in " \t\r\b\n":
                    return pos
                pos += 1
                continue
            kind = match.lastgroup or ""
            self._tokens.append(Token(kind, match[0], buffer.span(pos, match.end())))
            pos = match.end()
            if kind == "ID":
                break
        return pos

    def _select(self, start: int) -> int:
        """``@name.name[1]`` up to the first character that belongs to no select."""
        buffer = self._buffer
        self._tokens.append(Token("SELECT_MARK", "@", buffer.span(start, start + 1)))
        pos = start + 1
        while (match := _SELECT.match(buffer.text, pos)) is not None:
            kind = match.lastgroup or ""
            at, pos = match.span(kind)
            span = buffer.span(at, pos)
            self._tokens.append(
                number(match[kind], span) if kind == "NUMBER" else Token(kind, match[kind], span)
            )
            if kind == "LBRACK" and buffer.text.startswith('"', pos):
                pos = self._string(pos)
                if self._buffer is not buffer:
                    return pos
        return pos

    def _event_name(self, pos: int) -> int:
        """``[module:name]`` after ``event_route``; anything else is left to the grammar."""
        buffer = self._buffer
        match = _EVENT.match(buffer.text, pos)
        if match is None:
            return pos
        for group, kind in (("open", "LBRACK"), ("name", "EVENT_NAME"), ("close", "RBRACK")):
            span = buffer.span(*match.span(group))
            self._tokens.append(Token(kind, match[group], span))
        for group in ("before", "after"):
            if match[group].strip(" \t\r\b\n"):
                self._reporter.report(
                    "K0012",
                    f"Kamailio skips `{display(match[group])}` in the name of an event route",
                    buffer.span(*match.span(group)),
                    help=f"the event is `{match['name']}`",
                )
        return match.end()

    # --- everything rare -------------------------------------------------------------------------

    def _special(self, start: int) -> int:
        """A token at ``start`` that the master expression does not know in full."""
        buffer = self._buffer
        text = buffer.text
        char = text[start]
        if char == "#" or text.startswith(("!!", "//"), start):
            return self._directive(start)
        if char == '"':
            return self._string(start)
        if char == "'":
            return self._tick_string(start)
        if char == "$":
            return self._variable(start)
        if char == "@":
            return self._select(start)
        if char == "%":
            return self._attribute(start)
        if text.startswith("/*", start):
            return self._block_comment(start)
        if _WORD.match(char) is not None:
            return self._before_colon(start)
        if char == ":":
            return self._before_colon(start)
        return self._stray(start)

    def _directive(self, start: int) -> int:
        """``#!``, ``!!`` or ``//!``: a directive, a comment, or two negations."""
        buffer = self._buffer
        base = buffer.base
        step = None
        if not buffer.virtual:
            step = self._preprocessor.directive(buffer.file, base + start)
        if step is None:
            if buffer.text.startswith("!!", start):
                self._tokens.append(Token("NOT", "!", buffer.span(start, start + 1)))
                return start + 1
            end = buffer.text.find("\n", start)
            if end < 0 and buffer.virtual:
                self._finish_outer_line()
            return len(buffer.text) if end < 0 else end + 1
        pos = step.pos - base
        if step.compat is not None:
            self._strict = step.compat in ("KAMAILIO", "OPENSER")
        if step.subst is not None:
            self._subst = step.subst
            self._tokens.append(Token("SUBST", step.subst, buffer.span(start, pos)))
            following = _NEXT_PIECE.match(buffer.text, pos)
            if following is None and not buffer.text[pos:].lstrip().startswith("'"):
                self._subst = None  # the grammar reports what is missing
        if self._preprocessor.skipping:
            pos = self._preprocessor.skip(buffer.file, base + pos) - base
        buffer.pos = pos
        if step.include is not None:
            self._push(_Buffer(step.include.text, step.include))
        return pos

    def _include(self, word: str, span: Span) -> None:
        """The keywords ``include_file`` and ``import_file``."""
        buffer = self._buffer
        pos = buffer.base + buffer.pos
        step = self._preprocessor.include(buffer.file, pos, _INCLUDE[word], span)
        buffer.pos = step.pos - buffer.base
        if step.include is not None:
            self._push(_Buffer(step.include.text, step.include))

    def _block_comment(self, start: int) -> int:
        """``/* */``, which nests."""
        buffer = self._buffer
        depth = 0
        for match in _COMMENT.finditer(buffer.text, start):
            depth += 1 if match[0] == "/*" else -1
            if depth == 0:
                return match.end()
        if buffer.virtual and self._stitch(start):
            return start
        self._reporter.report(
            "K0103",
            "this comment is not closed",
            buffer.span(start, start + 2),
            help="comments nest: every `/*` needs its own `*/`" if depth > 1 else None,
        )
        return len(buffer.text)

    def _before_colon(self, start: int) -> int:
        """A word or number before a colon: an IPv6 address, ``msg:len``, or just that."""
        buffer = self._buffer
        text = buffer.text
        word = _WORD.match(text, start)
        length = len(word[0]) if word is not None else 1
        ends = [m.end() for pattern in _IPV6 if (m := pattern.match(text, start)) is not None]
        end = max(ends, default=start)
        colon = _COLON.match(text, start)
        if colon is not None and colon.end() > end:
            kind = _COLON_WORD[colon[0]]
            self._tokens.append(Token(kind, colon[0], buffer.span(start, colon.end())))
            return colon.end()
        if end > start + length:
            self._tokens.append(Token("IPV6", text[start:end], buffer.span(start, end)))
            return end
        if word is None:
            self._tokens.append(Token("COLON", ":", buffer.span(start, start + 1)))
            return start + 1
        span = buffer.span(start, word.end())
        if word[0][0].isdigit():
            self._tokens.append(number(word[0], span))
            return word.end()
        known = self._keywords.get(word[0])
        if known is None and self._preprocessor.macros.get(word[0]) is not None:
            buffer.pos = word.end()
            self._expand(word[0], span)
            return buffer.pos
        kind, value = known if known is not None else ("ID", word[0])
        self._tokens.append(Token(kind, value, span))
        return word.end()

    def _stray(self, start: int) -> int:
        """Characters that start nothing: Kamailio skips them. One warning for a run of them."""
        buffer = self._buffer
        end = start + 1
        while end < len(buffer.text) and ord(buffer.text[end]) >= 0x80:
            end += 1
        shown = display(buffer.text[start:end])
        if shown == "\N{BOM}":
            return end
        if buffer.file not in self._warned:
            self._warned.add(buffer.file)
            name = f"`{shown}`" if shown.isprintable() else f"character {ord(shown[0]):#04x}"
            self._reporter.report(
                "K0012", f"Kamailio skips {name} here", buffer.span(start, end), help="remove it"
            )
        return end

    # --- the stack of buffers --------------------------------------------------------------------

    def _push(self, buffer: _Buffer) -> None:
        self._stack.append(self._buffer)
        self._buffer = buffer

    def _expand(self, name: str, span: Span) -> None:
        """Go on with the value of macro ``name``, used at ``span``."""
        macro = self._preprocessor.macros.get(name)
        if macro is None or not macro.value:
            return
        active = span.expansion
        depth = 0
        while active is not None:
            depth += 1
            if active.macro == name or depth > MAX_MACRO_DEPTH:
                self._reporter.report(
                    "K0007", f"the macro `{name}` expands to itself", span.outer()
                )
                return
            active = active.used_at.expansion
        if not self._buffer.virtual:
            self._expanded = 0
        self._expanded += len(macro.value)
        if self._expanded > MAX_EXPANSION:
            self._reporter.report(
                "K0007", f"the macros here expand to more than {MAX_EXPANSION} octets", span.outer()
            )
            return
        expansion = Expansion(name, span)
        if macro.span is not None and macro.verbatim:
            where, whole = macro.span, None
        else:
            where = macro.span if macro.span is not None else span
            whole = where._replace(expansion=expansion)
        self._push(_Buffer(macro.value, where.file, where.start, expansion, whole))

    def _stitch(self, start: int) -> bool:
        """A token of a macro may go on in the text after the macro's use: read both as one.

        Makes a buffer of what is left of the macro and of what follows it; False where nothing
        follows that could belong to the token.
        """
        buffer = self._buffer
        outer = self._stack[-1]
        rest = buffer.text[start:]
        following = outer.text[outer.pos : outer.pos + 1]
        if not following or not _may_go_on(rest, following):
            return False
        whole = buffer.span(start, len(buffer.text))
        text = rest + outer.text[outer.pos :]
        self._stack.pop()
        if outer.virtual:
            where = outer.whole or whole
            self._buffer = _Buffer(text, outer.file, 0, outer.expansion, where)
        else:
            base = outer.base + outer.pos - len(rest)
            self._buffer = _Buffer(text, outer.file, base)
        return True


def _may_go_on(rest: str, following: str) -> bool:
    """Whether the token ``rest`` at the end of a macro may go on with ``following``."""
    if rest[0] == "$":
        return "(" in rest or following in "(['."
    if rest[0] in "\"'" or rest.startswith("/*"):
        return True
    if rest == "/":
        return following in "/*"
    return rest[0] in _GLUE and following in _GLUE
