"""Every diagnostic code there is. Each has a page of the same name in ``pages/``.

K00 reading and preprocessing, K01 tokens and grammar, K02 and up what the text means,
K09 comments for kcc itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kcc.diagnostics.model import Severity
from runtime.declare.record import Record


class Code(Record):
    """A registered code: ``K`` and four digits, a kebab-case name, its usual severity.

    One that is not ``default`` is shown only where it is selected.
    """

    code: str
    name: str
    severity: Severity
    title: str
    default: bool = True


NOT_BUILT: Final = "K0214"
"""What our server lacks: it concerns those who compile, not those who check."""


_ALL: Final = (
    Code("K0001", "unreadable-file", "error", "A configuration or included file cannot be read."),
    Code("K0002", "include-name", "error", "The name of an included file is not usable."),
    Code("K0003", "include-depth", "error", "Files include each other too deeply."),
    Code("K0004", "redefined-macro", "error", "A macro is defined a second time."),
    Code("K0005", "macro-name", "error", "The name of a macro is missing or malformed."),
    Code("K0006", "unbalanced-ifdef", "error", "Conditional directives do not pair up."),
    Code("K0007", "recursive-macro", "error", "A macro expands to itself or without bound."),
    Code("K0008", "undefined-environment", "error", "An environment variable is not set."),
    Code("K0009", "bad-substitution", "error", "A #!subst, #!substdef or #!substdefs is wrong."),
    Code("K0010", "too-many-macros", "error", "More macros or conditions than Kamailio holds."),
    Code("K0011", "directive-is-comment", "warning", "A line looks like a directive but is none."),
    Code("K0012", "stray-character", "warning", "A character that Kamailio skips silently."),
    Code("K0013", "comment-in-macro", "warning", "The value of a macro holds a comment."),
    Code("K0014", "bad-expression", "warning", "An #!ifexp or #!defexp cannot be evaluated."),
    Code("K0101", "syntax-error", "error", "The text does not follow the grammar."),
    Code("K0102", "unterminated-string", "error", "A string has no closing quote."),
    Code("K0103", "unterminated-comment", "error", "A block comment is not closed."),
    Code("K0104", "unterminated-variable", "error", "A pseudo-variable is not closed."),
    Code("K0105", "missing-semicolon", "error", "A statement does not end in a semicolon."),
    Code("K0106", "reserved-word", "error", "A reserved word is used as a name."),
    Code("K0107", "empty-block", "error", "A block has no statement."),
    Code("K0108", "bad-pseudo-variable", "error", "A pseudo-variable cannot be parsed."),
    Code("K0109", "bare-word", "error", "A word stands where a value is expected."),
    Code("K0110", "core-parameter-value", "error", "A core parameter has the wrong kind of value."),
    Code("K0111", "core-function-arguments", "error", "A core function is called wrongly."),
    Code("K0112", "legacy-comparison", "error", "An operand such as `method` is misused."),
    Code("K0113", "duplicate-default", "error", "A switch has more than one default."),
    Code("K0114", "mixed-cases", "error", "A switch mixes integer and string cases."),
    Code("K0115", "bad-address", "error", "An IP address or network mask is out of range."),
    Code("K0116", "unbalanced-brace", "error", "A brace has no partner."),
    Code("K0117", "nested-too-deeply", "error", "The text nests too deeply to be parsed."),
    Code("K0118", "case-not-constant", "error", "The label of a case is not constant."),
    Code("K0119", "other-version", "error", "Another version of Kamailio than the target has it."),
    Code("K0201", "unknown-function", "error", "No module has a function of this name."),
    Code("K0202", "module-not-loaded", "error", "The module that has the name is not loaded."),
    Code("K0203", "wrong-arity", "error", "A function gets too few or too many arguments."),
    Code("K0204", "wrong-argument", "error", "An argument is of the wrong kind."),
    Code("K0205", "wrong-route-type", "error", "A function is not allowed in this route type."),
    Code("K0206", "undefined-route", "error", "A route that is called does not exist."),
    Code("K0207", "bad-regex", "error", "A regular expression is malformed."),
    Code("K0208", "unknown-variable", "error", "No loaded module has this pseudo-variable."),
    Code("K0209", "unknown-transformation", "error", "No loaded module has this transformation."),
    Code("K0210", "unknown-module", "error", "The Kamailio version has no such module."),
    Code("K0211", "unknown-parameter", "error", "The module has no such parameter."),
    Code("K0212", "parameter-type", "error", "A module parameter has a value of the wrong type."),
    Code("K0213", "missing-dependency", "error", "A module needs another that is not loaded."),
    Code("K0214", "not-built", "warning", "Known to Kamailio, but this server has it not yet."),
    Code("K0215", "read-only-variable", "error", "A variable cannot be assigned to."),
    Code("K0216", "variable-usage", "error", "A variable lacks or does not take a name or index."),
    Code("K0217", "operand-type", "error", "An operator does not take this type."),
    Code("K0218", "duplicate-route", "error", "A route is defined a second time."),
    Code("K0219", "unknown-flag", "error", "A flag is out of range or not declared."),
    Code("K0220", "unknown-event-route", "warning", "No module runs this event route."),
    Code("K0221", "undefined-callback-route", "warning", "A route that is armed does not exist."),
    Code("K0222", "unreachable-code", "warning", "Statements stand after exit, drop or return."),
    Code("K0223", "unused-route", "warning", "A route is never called."),
    Code("K0224", "assignment-in-condition", "warning", "A condition assigns."),
    Code("K0225", "compared-return-code", "warning", "A call is compared: it gives 0 or 1 only."),
    Code("K0226", "variable-never-written", "warning", "A variable is read, nothing writes it."),
    Code("K0227", "unknown-setting", "error", "A run-time variable that is read does not exist."),
    Code("K0230", "seconds-for-milliseconds", "warning", "A timer of tm is given in seconds."),
    Code("K0231", "unknown-select", "warning", "No select table knows this select."),
    Code("K0240", "no-variable", "warning", "Text that looks like a variable is none."),
    Code("K0241", "undeclared-name", "error", "A call names what no parameter declares."),
    Code("K0242", "bad-enumeration", "warning", "An argument starts, but means nothing."),
    Code("K0243", "parameter-value", "error", "A module refuses the value of a parameter."),
    Code("K0250", "misspelt-condition", "warning", "A condition tests a name that is misspelt."),
    Code(
        "K0251",
        "modparam-alternative",
        "warning",
        "One of the modules of a modparam is none.",
    ),
    Code("K0252", "modparam-too-early", "error", "A modparam stands before its loadmodule."),
    Code("K0253", "module-loaded-twice", "error", "A module is loaded a second time."),
    Code("K0254", "parameter-set-twice", "warning", "A parameter has two different values."),
    Code("K0255", "literal-variable", "warning", "A parameter does not evaluate the variable."),
    Code("K0256", "missing-file", "warning", "A parameter names a file that is not there."),
    Code("K0269", "missing-database-driver", "error", "The driver of a database is not loaded."),
    Code("K0257", "unused-module", "info", "Nothing of a module is used.", default=False),
    Code("K0301", "unset-variable", "warning", "A variable is read before it is written."),
    Code(
        "K0302",
        "maybe-unset-variable",
        "warning",
        "On some path a private variable is read before it is written.",
        default=False,
    ),
    Code(
        "K0303",
        "unused-variable",
        "warning",
        "A private variable is written, never read.",
        default=False,
    ),
    Code("K0304", "string-against-number", "warning", "A string is compared with a number."),
    Code("K0305", "string-as-condition", "warning", "A text is used as a condition."),
    Code("K0306", "constant-condition", "warning", "A condition always comes out the same."),
    Code("K0307", "endless-loop", "warning", "Nothing ends a loop."),
    Code("K0308", "stale-return-code", "warning", "`$rc` is that of another call."),
    Code("K0309", "implicit-return-code", "warning", "A route gives the code of its last action."),
    Code("K0310", "return-zero", "warning", "`return 0` ends the script."),
    Code("K0311", "constant-route", "warning", "A route as a condition always gives the same."),
    Code("K0312", "recursive-route", "warning", "Routes call themselves."),
    Code("K0313", "fall-through", "warning", "A case runs on into the next one."),
    Code("K0314", "duplicate-case", "warning", "Two cases of a switch have the same label."),
    Code("K0315", "duplicate-condition", "warning", "A condition stands twice in a chain."),
    Code("K0316", "identical-branches", "warning", "Both branches of an `if` are the same."),
    Code("K0317", "self-assignment", "warning", "A variable is assigned to itself."),
    Code(
        "K0318",
        "misplaced-break",
        "warning",
        "`break` stands outside of a loop or switch.",
        default=False,
    ),
    Code("K0401", "second-reply", "warning", "A final reply is sent twice on one path."),
    Code("K0402", "relay-after-reply", "warning", "A request is relayed after a final reply."),
    Code("K0403", "relay-goes-on", "warning", "A request is answered after it was relayed."),
    Code("K0404", "ignored-relay", "warning", "Nobody looks whether t_relay worked."),
    Code("K0405", "no-loose-route", "warning", "Nothing routes the requests within dialogs."),
    Code("K0406", "unproved-register", "warning", "REGISTER is saved without authentication."),
    Code("K0407", "open-relay", "warning", "Requests are relayed from anybody to anywhere."),
    Code("K0408", "repeated-edit", "warning", "A part of a message is edited twice."),
    Code("K0409", "stale-read", "warning", "What was just edited is read: it is still the old."),
    Code("K0410", "sql-injection", "warning", "Text of a sender stands in an SQL statement."),
    Code("K0411", "shell-injection", "warning", "Text of a sender stands in a shell command."),
    Code("K0412", "blocking-call", "warning", "A function keeps the process waiting."),
    Code("K0413", "reply-without-transaction", "warning", "t_reply has no transaction to answer."),
    Code("K0901", "unused-ignore", "warning", "A comment ignores nothing.", default=False),
    Code("K0902", "bad-ignore", "warning", "A comment for kcc is not understood."),
)

CODES: Final[Mapping[str, Code]] = MappingProxyType({entry.code: entry for entry in _ALL})
