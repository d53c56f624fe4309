"""What a start accepts of a constant argument: the rules that Kamailio's fixups go by.

Each rule takes the text and says what was wanted instead, reports what is wrong with a variable
in it, or gives None: accepted. Read from ``core/mod_fix.c``, ``core/sr_module.c`` and the modules;
tried on Kamailio 5.6.3, every function of every module (``tests/runtime/oracle/fixups``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, TypeAlias

from kcc.diagnostics.model import Diagnostic
from kcc.lower.scope import Scope
from kcc.lower.variables import (
    format_fault,
    lower_variable,
    prefix_fault,
    spec_prefix,
    variable_fault,
    variable_row,
)
from kcc.preprocess.posix import REG_EXTENDED, REG_ICASE, Regex, RegexError
from kcc.source.span import Span
from runtime.declare.exports import Accepts
from runtime.declare.methods import METHODS
from runtime.declare.ownspec import Pattern, Written
from runtime.declare.pvspec import (
    PvSpec,
    PvSyntaxError,
    parse_whole_spec,
    spec_text,
    split_table_key,
)
from runtime.declare.record import walk
from runtime.declare.substspec import SubstError, parse_subst

Fault: TypeAlias = Diagnostic | str | None
Rule: TypeAlias = Callable[[Scope, bytes, Span], Fault]

_SPACE: Final = b" \t\r\n"
_SIGNED: Final = re.compile(rb"[+-]?[0-9]*")
_UNSIGNED: Final = re.compile(rb"[0-9]*")
_HEADER: Final = re.compile(rb"[A-Za-z0-9._+~-]+[ \t]*(?::.*)?", re.S)
_HEADER_PART: Final = re.compile(
    rb"\s*[A-Za-z0-9_-]+\s*(\[\s*(\*|[-+]?[0-9]+)?\s*\]\s*)?(\.\s*[A-Za-z0-9_-]+)?"
)
_LOWEST_INDEX: Final = -10
_AVP_CLASSES: Final = (b"f", b"t", b"fr", b"tr", b"fu", b"tu", b"fd", b"td", b"g")
_MIME: Final = re.compile(rb"[ \t]*[^/ \t]+[ \t]*/[ \t]*[^ \t;,]+[ \t]*")
_HOST: Final = re.compile(rb"[A-Za-z0-9._:\[\]-]+")
_LEVELS: Final = b"ABCEWNID"


def is_int(text: bytes) -> bool:
    """Whether it is a number as ``str2sint`` reads it: 32 bits with a sign; empty is 0."""
    return (
        _SIGNED.fullmatch(text) is not None and abs(int(text[:40].strip(b"+-") or b"0")) < 1 << 31
    )


def refusal(scope: Scope, rule: Accepts, text: bytes, span: Span) -> Fault:
    """Why a start refuses ``text``; None where it accepts it."""
    return _RULES[rule](scope, text, span)


def own_fault(scope: Scope, rule: str, text: bytes, span: Span) -> Fault:
    """What is wrong with text that a module reads by a rule of its own (``module.rule``)."""
    module, _, name = rule.partition(".")
    try:
        read = import_module(f"runtime.modules.{module}.syntax").RULES[name](text)
    except ValueError as error:
        return str(error)
    for part in walk(read):
        if isinstance(part, PvSpec):
            lower_variable(scope, part, span)
        elif isinstance(part, Written):
            fault = _writable(scope, spec_text(part.variable).encode("latin-1"), span)
            if fault is not None:
                return fault
        elif isinstance(part, Pattern):
            return _regex(scope, part.text, span)
    return None


def _text(scope: Scope, text: bytes, span: Span) -> Fault:
    return None


def _nonempty(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if text else "not empty"


def _format(scope: Scope, text: bytes, span: Span) -> Fault:
    return format_fault(scope, text, span)


def _filled(rule: Rule) -> Rule:
    """``rule`` of text that is not empty."""
    return lambda scope, text, span: rule(scope, text, span) if text else "not empty"


def _int(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if is_int(text) else "a number"


def _uint(scope: Scope, text: bytes, span: Span) -> Fault:
    if _UNSIGNED.fullmatch(text) is None or int(text[:40] or b"0") >= 1 << 32:
        return "a number without a sign"
    return None


def _pv(scope: Scope, text: bytes, span: Span) -> Fault:
    if not text.strip(_SPACE).startswith(b"$"):
        return 'one variable, as in "$var(x)"'
    return prefix_fault(scope, text.strip(_SPACE), span)


def _writable(scope: Scope, text: bytes, span: Span) -> Fault:
    fault = _pv(scope, text, span)
    if fault is None:
        row = variable_row(scope, text.strip(_SPACE))
        if row is None or not row.writable:
            return "a variable that can be assigned to"
    return fault


def _int_pv(scope: Scope, text: bytes, span: Span) -> Fault:
    if text.strip(_SPACE).startswith(b"$"):
        return prefix_fault(scope, text.strip(_SPACE), span)
    return None if is_int(text) else 'a number or a variable, as in "7" or "$var(x)"'


def _stat_value(scope: Scope, text: bytes, span: Span) -> Fault:
    """``fixup_stat``: ``str2s`` reads an unsigned short."""
    if text.startswith(b"$"):
        return _int_pv(scope, text, span)
    if re.fullmatch(rb"[+-]?[0-9]{1,5}", text) and int(text) % 65536:
        return None
    return "a number of one to five digits that is not 0 in 16 bits, or a variable"


def _int_var(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if is_avp_name(text) else _int_pv(scope, text, span)


def _avp(scope: Scope, text: bytes, span: Span) -> Fault:
    """``avpid_fixup``: an AVP by any name, ``$x``."""
    if not text.strip(_SPACE).startswith(b"$"):
        return "an AVP, as in `$name`"
    return None if is_avp_name(text) or text.startswith(b"$$") else "the name of an AVP"


def _format_avp(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if is_avp_name(text) else format_fault(scope, text, span)


def is_avp_name(text: bytes) -> bool:
    """Whether it is ``$name`` with a name that ``parse_avp_ident`` takes for an AVP's."""
    name = text.strip(_SPACE)
    if not name.startswith(b"$") or len(name) < 2:
        return False
    name = name[1:]
    if name[1:2] == b":":
        number = name[:1] in b"iI" and name[2:].isdigit()
        return len(name) > 2 and (name[:1] in b"sS" or number)
    if b"." not in name:
        return True
    prefix, _, rest = name.partition(b".")
    return prefix in _AVP_CLASSES and rest.strip(b"[].") == rest != b""


def _header(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if _HEADER.fullmatch(text) else "the name of a header"


def _header_part(scope: Scope, text: bytes, span: Span) -> Fault:
    return _part_fault(text)


def _header_value(scope: Scope, text: bytes, span: Span) -> Fault:
    match = _HEADER_PART.fullmatch(text)
    if match and (match[2] == b"*" or match[3]):
        return "a header with an index, as in `Contact[1]`: neither `*` nor a parameter"
    return _part_fault(text)


def _header_param(scope: Scope, text: bytes, span: Span) -> Fault:
    match = _HEADER_PART.fullmatch(text)
    if match and match[2] == b"*" and not match[3]:
        return "a header part where `*` comes with a parameter, as in `Contact[*].expires`"
    return _part_fault(text)


def _header_name(scope: Scope, text: bytes, span: Span) -> Fault:
    match = _HEADER_PART.fullmatch(text)
    return "the name of a header alone" if not match or match[1] or match[3] else None


def _part_fault(text: bytes) -> Fault:
    match = _HEADER_PART.fullmatch(text)
    if match is None:
        return "a header with index or parameter, as in `Contact[0].expires`"
    if match[2] and match[2] != b"*" and int(match[2]) < _LOWEST_INDEX:
        return f"an index not below {_LOWEST_INDEX}"
    return None


def _level(scope: Scope, text: bytes, span: Span) -> Fault:
    if text.startswith(b"$") and len(text) > 1:
        return prefix_fault(scope, text, span)
    if len(text) > 2 and text[2:3] in _LEVELS:
        return None
    return "a log level: L_ALERT, L_BUG, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO or L_DBG"


def _methods(scope: Scope, text: bytes, span: Span) -> Fault:
    names = [name.strip(_SPACE).upper() for name in re.split(rb"[|,]", text)]
    if not all(re.fullmatch(rb"[!%'*+.0-9A-Z_`~-]+", name) for name in names):
        return "a method, or some with `|` between them"
    if b"|" in text:
        strange = [name for name in names if name.decode() not in METHODS]
        if strange:
            return f"methods that Kamailio knows; `{strange[0].decode()}` is none"
    return None


def _mime(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if not text or _MIME.fullmatch(text) else "one media type, as in `text/plain`"


def _table_key(scope: Scope, text: bytes, span: Span) -> Fault:
    try:
        _, at = split_table_key(text.decode("latin-1"))
    except PvSyntaxError:
        return "a table and a key, as in `table=>key`"
    return _format(scope, text[at:], span)


def _regex(scope: Scope, text: bytes, span: Span) -> Fault:
    try:
        Regex(text, REG_EXTENDED | REG_ICASE)
    except RegexError as error:
        return f"a regular expression ({error})"
    return None


def _regex_pv(scope: Scope, text: bytes, span: Span) -> Fault:
    """``t_check_status``: text that begins with a variable, or a regular expression."""
    if is_avp_name(text) or (text.startswith(b"$") and _pv(scope, text, span) is None):
        return None
    return _regex(scope, text, span)


def _subst(scope: Scope, text: bytes, span: Span) -> Fault:
    try:
        parsed = parse_subst(text)
    except SubstError as error:
        return f"a substitution ({error})"
    for piece in parsed.replacement:
        fault = variable_fault(scope, piece, span) if isinstance(piece, PvSpec) else None
        if fault is not None:
            return fault
    return _regex(scope, parsed.pattern, span)


def _percent(scope: Scope, text: bytes, span: Span) -> Fault:
    """``fixup_prob``: a number of at most 100; what is no number counts as 0."""
    digits = re.match(rb"[0-9]{1,40}", text)
    return None if digits is None or int(digits.group()) <= 100 else "a number from 0 to 100"


def _host(scope: Scope, text: bytes, span: Span) -> Fault:
    """``fixup_hostport2proxy``: a name that can be resolved; whether it is, is not asked here."""
    return None if _HOST.fullmatch(text) else "a host name or an address"


def _flags(scope: Scope, text: bytes, span: Span) -> Fault:
    if re.fullmatch(rb"0x[0-9a-fA-F]{1,8}", text):
        return None
    return _uint(scope, text, span)


def _host_or_flags(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if _flags(scope, text, span) is None else _host(scope, text, span)


def _below(limit: int) -> Rule:
    """A number without a sign that is less than ``limit``."""
    wanted = f"a number from 0 to {limit - 1}"

    def rule(scope: Scope, text: bytes, span: Span) -> Fault:
        fault = _uint(scope, text, span)
        return wanted if fault is not None or int(text or b"0") >= limit else None

    return rule


def _level_name(scope: Scope, text: bytes, span: Span) -> Fault:
    return "a log level, as in `L_INFO`" if text[2:3] not in _LEVELS or len(text) < 3 else None


def _whole_pv(scope: Scope, text: bytes, span: Span) -> Fault:
    try:
        parse_whole_spec(text)
    except PvSyntaxError:
        return 'one variable and nothing else, as in "$var(x)"'
    return _pv(scope, text, span)


def _own_variable(scope: Scope, text: bytes, span: Span) -> Fault:
    """What ``PVT_AVP`` and ``PVT_SCRIPTVAR`` are."""
    spec = spec_prefix(text) if text.strip(_SPACE).startswith(b"$") else None
    return None if spec is not None and spec.name in ("avp", "var") else "an AVP or a `$var`"


def _avp_variable(scope: Scope, text: bytes, span: Span) -> Fault:
    """What ``PVT_AVP`` is."""
    spec = spec_prefix(text) if text.strip(_SPACE).startswith(b"$") else None
    if spec is None or spec.name != "avp":
        return 'an AVP, as in "$avp(x)"'
    return _pv(scope, text, span)


def _int_own(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if text and is_int(text) else _own_variable(scope, text, span)


def _save_flags(scope: Scope, text: bytes, span: Span) -> Fault:
    """``strno2int``: decimal or hexadecimal, at most 0x0f here."""
    try:
        number = int(text or b"0", 16 if text[:2].lower() == b"0x" else 10)
    except ValueError:
        number = -1
    return None if 0 <= number <= 0x1F else "a number of flags, as in `0x04`"


def _one_letter(scope: Scope, text: bytes, span: Span) -> Fault:
    return None if len(text) == 1 else "one character"


def _constant_text(scope: Scope, text: bytes, span: Span) -> Fault:
    """``authdb_fixup``: text, and nothing that is read as a variable."""
    return "a constant" if _pv(scope, text, span) is None or is_avp_name(text) else None


_RULES: Final[Mapping[Accepts, Rule]] = MappingProxyType(
    {
        Accepts.TEXT: _text,
        Accepts.NONEMPTY: _nonempty,
        Accepts.FORMAT: _format,
        Accepts.FORMAT_NONEMPTY: _filled(_format),
        Accepts.FORMAT_AVP: _format_avp,
        Accepts.FORMAT_AVP_NONEMPTY: _filled(_format_avp),
        Accepts.INT: _int,
        Accepts.UINT: _uint,
        Accepts.INT_PV: _int_pv,
        Accepts.INT_PV_NONEMPTY: _filled(_int_pv),
        Accepts.INT_VAR: _int_var,
        Accepts.INT_VAR_NONEMPTY: _filled(_int_var),
        Accepts.PV: _pv,
        Accepts.PV_WRITABLE: _writable,
        Accepts.AVP: _avp,
        Accepts.CONSTANT_TEXT: _constant_text,
        Accepts.HEADER: _header,
        Accepts.HEADER_PART: _header_part,
        Accepts.HEADER_VALUE: _header_value,
        Accepts.HEADER_PARAM: _header_param,
        Accepts.HEADER_NAME: _header_name,
        Accepts.LOG_LEVEL: _level,
        Accepts.METHODS: _methods,
        Accepts.MIME: _mime,
        Accepts.STAT_VALUE: _stat_value,
        Accepts.TABLE_KEY: _table_key,
        Accepts.ONE_LETTER: _one_letter,
        Accepts.REGEX: _regex,
        Accepts.REGEX_PV: _regex_pv,
        Accepts.SUBST: _subst,
        Accepts.INT_NONEMPTY: _filled(_int),
        Accepts.UINT_NONEMPTY: _filled(_uint),
        Accepts.PERCENT: _percent,
        Accepts.HOST: _host,
        Accepts.FLAGS: _flags,
        Accepts.HOST_OR_FLAGS: _host_or_flags,
        Accepts.FLAG_NUMBER: _below(32),
        Accepts.LEVEL_NAME: _level_name,
        Accepts.WHOLE_PV: _whole_pv,
        Accepts.OWN_VARIABLE: _own_variable,
        Accepts.AVP_VARIABLE: _avp_variable,
        Accepts.INT_OWN: _int_own,
        Accepts.SAVE_FLAGS: _save_flags,
    }
)
