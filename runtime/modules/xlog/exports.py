"""What module ``xlog`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    CfgVar,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    Takes,
)

CONSTANT = Takes.CONSTANT
INT = Fixup.INT
STR = Fixup.STR
STR_VAR = Fixup.STR_VAR
FORMAT = Fixup.FORMAT

FACILITIES = (
    *("LOG_AUTH", "LOG_CRON", "LOG_DAEMON", "LOG_KERN", "LOG_LPR", "LOG_MAIL", "LOG_NEWS"),
    *(f"LOG_LOCAL{n}" for n in range(8)),
    *("LOG_USER", "LOG_UUCP", "LOG_AUTHPRIV", "LOG_FTP", "LOG_SYSLOG"),
)

EXPORTS = Exports(
    name="xlog",
    functions=(
        Function("xlog", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function(
            "xlog",
            (Arg("level", STR_VAR, accepts=Accepts.LOG_LEVEL), Arg("format", FORMAT)),
            method="xlog_2",
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "xlog",
            (
                Arg("facility", STR, FACILITIES),
                Arg("level", STR_VAR, accepts=Accepts.LOG_LEVEL),
                Arg("format", FORMAT),
            ),
            method="xlog_3",
            takes=CONSTANT,
            stops=False,
        ),
        Function("xdbg", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xinfo", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xnotice", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xwarn", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xerr", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xbug", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xcrit", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xalert", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function("xlogl", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function(
            "xlogl",
            (Arg("level", STR_VAR, accepts=Accepts.LOG_LEVEL), Arg("format", FORMAT)),
            method="xlogl_2",
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "xlogl",
            (
                Arg("facility", STR, FACILITIES),
                Arg("level", STR_VAR, accepts=Accepts.LOG_LEVEL),
                Arg("format", FORMAT),
            ),
            method="xlogl_3",
            takes=CONSTANT,
            stops=False,
        ),
        Function("xdbgl", (Arg("format", FORMAT),), takes=CONSTANT, stops=False),
        Function(
            "xlogm",
            (Arg("level", STR_VAR, accepts=Accepts.LOG_LEVEL), Arg("format", FORMAT)),
            takes=CONSTANT,
            stops=False,
        ),
    ),
    params=(
        Param("buf_size", ParamKind.INT, 4096),
        Param("force_color", ParamKind.INT, 0),
        Param("long_format", ParamKind.INT, 0),
        Param("prefix", ParamKind.STR, "<script>: "),
        Param("log_facility", ParamKind.STR),
        Param("log_colors", ParamKind.FUNC_STR),
        Param("methods_filter", ParamKind.INT, -1),
        Param("prefix_mode", ParamKind.INT, 0),
    ),
    pvs=(PseudoVar("C", inner=PvName.STATIC),),
    cfg=(CfgVar("xlog", "methods_filter", param="methods_filter", default=-1),),
)
