"""What a module exports, as data: the one home of every name that a configuration can see.

The compiler types calls from it, the server binds from it, the reference is generated from it.
Source of the facts: the export tables of Kamailio 5.6.3 (``sr_module.h`` names the C forms).
"""

from __future__ import annotations

from enum import Enum, Flag, auto

from runtime.declare.record import Record


class Status(Enum):
    """How far a declared thing is built here."""

    BUILT = "built"
    PARSED_ONLY = "parsed-only"  # `check` accepts, `compile` warns, `run` refuses with the place


class Routes(Flag):
    """Route types in which a function may be called (``route_struct.h``)."""

    REQUEST = auto()
    FAILURE = auto()
    TM_ONREPLY = auto()
    CORE_ONREPLY = auto()
    BRANCH = auto()
    ONSEND = auto()
    ERROR = auto()
    LOCAL = auto()
    BRANCH_FAILURE = auto()
    EVENT = auto()

    ONREPLY = TM_ONREPLY | CORE_ONREPLY
    ANY = (
        REQUEST
        | FAILURE
        | TM_ONREPLY
        | CORE_ONREPLY
        | BRANCH
        | ONSEND
        | ERROR
        | LOCAL
        | BRANCH_FAILURE
        | EVENT
    )


class Fixup(Enum):
    """What a function argument is, and so the Python type that the method receives.

    ======== ================================= =========================================
    member   written in a configuration        the method receives
    ======== ================================= =========================================
    INT      constant number (or digits)       ``int``
    STR      constant text, no variables       ``bytes``
    INT_PV   number, or variable/format        ``int`` evaluated at the call
    STR_PV   text with variables               ``bytes`` evaluated at the call
    STR_VAR  one variable, or constant text    ``bytes`` evaluated at the call
    VAL_VAR  one variable, or constant text    ``bytes | int | None``
    VAL_PV   any expression, type kept         ``bytes | int | None``
    PV       one variable, read or written     ``runtime.script.pv.PvRef``
    FORMAT   text with variables, lazy         ``runtime.script.pv.Format``
    REGEX    constant POSIX regular expression ``runtime.native.regex.Regex``
    REGEX_PV such an expression or a variable  ``runtime.native.regex.Regex``
    METHODS  constant ``INVITE|ACK``           ``int`` mask, or ``bytes``: one unknown method
    SUBST    constant ``/re/repl/flags``       ``runtime.script.subst.Subst``
    ROUTE    route name, by Function.route_kind ``runtime.script.routes.RouteRef``
    FLAG     flag number or declared name      ``int`` 0..31
    TABLE    constant name of a shared table   ``bytes``; ``use_table`` is told before the fork
    OWN      constant text that the module     what its method ``fix_<rule>(text)`` made of it
             reads itself, by ``Arg.own``      at load
    ======== ================================= =========================================
    """

    INT = "int"
    STR = "str"
    INT_PV = "int_pv"
    STR_PV = "str_pv"
    STR_VAR = "str_var"  # fixup_var_str_12: "a$rU" stays as it is written
    VAL_VAR = "val_var"  # the same, for functions that tell $null from empty text
    VAL_PV = "val_pv"
    PV = "pv"
    FORMAT = "format"
    REGEX = "regex"
    REGEX_PV = "regex_pv"
    METHODS = "methods"
    SUBST = "subst"
    ROUTE = "route"
    FLAG = "flag"
    TABLE = "table"
    OWN = "own"


class Takes(Enum):
    """What a call may give where constants are usual (``cfg.y``, ``is_fparam_rve_fixup``)."""

    CONSTANT = "constant"  # nothing else: ``f($x)`` is an error
    VALUE = "value"  # any expression: its value is the argument
    REFIX = "refix"  # any expression: its text is fixed up at the call, variables in it included


class Accepts(Enum):
    """What a start of Kamailio accepts of a constant argument, where its fixup does not say so."""

    TEXT = "text"  # everything
    NONEMPTY = "nonempty"
    FORMAT = "format"  # text with variables that exist
    FORMAT_NONEMPTY = "format_nonempty"
    FORMAT_AVP = "format_avp"  # ``$name`` that is no variable is an AVP (``fixup_sl_reply``)
    FORMAT_AVP_NONEMPTY = "format_avp_nonempty"
    INT = "int"  # 32 bits with a sign; empty is 0
    UINT = "uint"
    INT_PV = "int_pv"  # a number, or text that begins with a variable
    INT_PV_NONEMPTY = "int_pv_nonempty"
    INT_VAR = "int_var"  # and ``$name`` that is no variable is an AVP (``fixup_var_int_1``)
    INT_VAR_NONEMPTY = "int_var_nonempty"
    PV = "pv"  # text that begins with a variable
    PV_WRITABLE = "pv_writable"
    AVP = "avp"  # ``$name``
    CONSTANT_TEXT = "constant_text"  # nothing that begins with a variable
    HEADER = "header"  # the name of a header
    HEADER_PART = "header_part"  # ``Name[index].param``
    HEADER_VALUE = "header_value"  # ``Name[index]``, no ``*``
    HEADER_PARAM = "header_param"  # ``*`` with a parameter only
    HEADER_NAME = "header_name"  # neither index nor parameter
    LOG_LEVEL = "log_level"
    METHODS = "methods"  # one method, or known ones
    MIME = "mime"
    STAT_VALUE = "stat_value"  # up to five digits with a sign, not 0 in 16 bits; or a variable
    TABLE_KEY = "table_key"  # ``table=>key``
    ONE_LETTER = "one_letter"
    REGEX = "regex"
    REGEX_PV = "regex_pv"
    SUBST = "subst"
    INT_NONEMPTY = "int_nonempty"
    UINT_NONEMPTY = "uint_nonempty"
    PERCENT = "percent"  # 0 to 100
    HOST = "host"  # what may be the name of a host
    FLAGS = "flags"  # a number, decimal or ``0x…``
    HOST_OR_FLAGS = "host_or_flags"
    FLAG_NUMBER = "flag_number"  # 0 to 31
    LEVEL_NAME = "level_name"
    WHOLE_PV = "whole_pv"  # a variable and nothing after it
    OWN_VARIABLE = "own_variable"  # ``$avp(…)`` or ``$var(…)``
    AVP_VARIABLE = "avp_variable"  # ``$avp(…)``
    INT_OWN = "int_own"
    SAVE_FLAGS = "save_flags"
    LETTERS = "letters"  # those that ``values`` lists


class Arg(Record):
    """One argument: its documented name and fixup; ``values`` lists an enumeration's members,
    ``accepts`` says what a start accepts where that is not what the fixup usually takes,
    ``least`` is the smallest number that it takes. ``raw``: of a variable the method receives the
    value as it is, ``bytes | int | None``, since it has a default for what it cannot use. ``own``
    of an ``OWN`` argument is ``module.rule``: the entry of ``RULES`` in that module's ``syntax.py``
    which reads the text into a record, or raises ValueError with what is wanted."""

    name: str
    fixup: Fixup
    values: tuple[str, ...] = ()
    accepts: Accepts | None = None
    least: int | None = None
    raw: bool = False
    own: str | None = None


class Function(Record):
    """A script function: one row per (name, arity range) that calls one method.

    ``min`` arguments are required; the method takes the rest as ``None`` by default (optional).
    ``method`` is the Python method's name (the script name unless two rows need two methods).
    ``variadic`` rows receive their arguments as ``*args`` of the last fixup.
    ``stops`` is False where the function never returns 0 (0 ends the script).
    ``native`` names a SipMsg method that does the same on the hot path, called instead.
    ``rest``: the method receives, behind its arguments, the index of a route of what follows the
    call in its block; None where the call is no statement or the last one.
    """

    name: str
    args: tuple[Arg, ...] = ()
    min: int | None = None
    routes: Routes = Routes.ANY
    status: Status = Status.BUILT
    method: str | None = None
    route_kind: str | None = None
    variadic: bool = False
    stops: bool = True
    native: str | None = None
    takes: Takes = Takes.REFIX
    rest: bool = False

    @property
    def required(self) -> int:
        """How many arguments a call must give."""
        return len(self.args) if self.min is None else self.min


class ParamKind(Enum):
    """The type of a module parameter; the kind says how the text of a modparam is fixed up."""

    INT = "int"
    STR = "str"
    PV = "pv"  # one pseudo-variable, given as text
    FUNC_STR = "func_str"  # module parses it: may be given several times
    FUNC_INT = "func_int"


class Param(Record):
    """A module parameter; ``attr`` is the attribute of the module object (its name by default)."""

    name: str
    kind: ParamKind
    default: int | str | None = None
    status: Status = Status.BUILT
    attr: str | None = None


class PvType(Enum):
    """The type under which a variable enters an operator (``rval_get_btype``)."""

    STR = "str"
    INT = "int"
    DYNAMIC = "dynamic"  # only run time knows


class PvName(Enum):
    """What may stand in the parentheses of a variable."""

    NONE = "none"  # $ru
    STATIC = "static"  # $hdr(name): constant text
    DYNAMIC = "dynamic"  # $avp($var(x)): text, or a variable
    VALUE = "value"  # the same, but the variable's value itself goes to pv_<method>_of
    FORMAT = "format"  # $sht(t=>$rU): text with variables
    PV = "pv"  # $T_req($fu): one variable, handed over unread
    TABLE = "table"  # $sht(table=>$rU): constant text, then text with variables; two arguments


class PseudoVar(Record):
    """A pseudo-variable class, such as ``rU`` or ``hdr``.

    ``native`` names a ``SipMsg`` attribute that reads (and, where ``writable``, assigns) it;
    without one the module's ``pv_<method>`` / ``set_pv_<method>`` methods serve it. Methods take
    ``(msg, name?, index?)`` where the declaration allows a name or an index. ``names`` are all that
    may stand in the parentheses, where that is an enumeration. ``number`` names the ``SipMsg``
    attribute that is read instead of ``native`` where a number is wanted; ``blank`` says that it
    prints as nothing where it has no value, ``shows`` that the method ``show_<method>`` gives what
    it prints in a string, nothing where reading it fails (``pv_printf``); ``texts`` that an
    assignment takes texts, and the numbers of variables, which have a text beside them (``Dual``),
    but no other numbers.
    """

    name: str
    type: PvType = PvType.STR
    inner: PvName = PvName.NONE
    indexed: bool = False
    writable: bool = False
    native: str | None = None
    method: str | None = None
    status: Status = Status.BUILT
    names: tuple[str, ...] = ()
    number: str | None = None
    blank: bool = False
    texts: bool = False
    shows: bool = False


class Transformation(Record):
    """One function of a transformation class: ``{s.substr,1,2}`` is class ``s``, ``substr``.

    Its method takes the value and the arguments, before them the message where ``message`` says
    so; an argument that is a variable of the wrong kind is None.
    """

    cls: str
    name: str
    args: tuple[Arg, ...] = ()
    min: int | None = None
    returns: PvType = PvType.STR
    status: Status = Status.BUILT
    message: bool = False


class RpcCommand(Record):
    """An RPC command; ``method`` is the module's method, ``rpc_<last part>`` by default."""

    name: str
    doc: str = ""
    returns_array: bool = False
    method: str | None = None
    status: Status = Status.BUILT


class Statistic(Record):
    """A counter ``group:name``; ``function`` statistics are computed by ``stat_<name>``."""

    group: str
    name: str
    function: bool = False


class EventRoute(Record):
    """An event route that the module runs, ``tm:local-request``; ``*`` ends a family."""

    name: str
    status: Status = Status.BUILT


class CfgVar(Record):
    """A variable of the run-time configuration framework, ``@cfg_get.<group>.<name>``."""

    group: str
    name: str
    kind: ParamKind = ParamKind.INT  # INT or STR
    param: str | None = None  # the module parameter that gives its first value
    default: int = 0  # its first value where no parameter gives one
    within: tuple[int, int] | None = None  # the least and the greatest number
    hidden: bool = False  # RPC sets it and does not show it
    fixed: bool = False  # RPC does not set it
    status: Status = Status.BUILT


class Exports(Record):
    """Everything one module offers. ``module.py`` beside it holds class ``impl``.

    ``requires`` are modules that must be loaded too; ``after`` are those initialised before this
    one where both are loaded. ``name`` is what modparam matches.
    """

    name: str
    functions: tuple[Function, ...] = ()
    params: tuple[Param, ...] = ()
    pvs: tuple[PseudoVar, ...] = ()
    transformations: tuple[Transformation, ...] = ()
    rpc: tuple[RpcCommand, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    event_routes: tuple[EventRoute, ...] = ()
    cfg: tuple[CfgVar, ...] = ()
    requires: tuple[str, ...] = ()
    status: Status = Status.BUILT
    impl: str = "Module"
