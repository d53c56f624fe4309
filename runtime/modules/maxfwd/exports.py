"""What module ``maxfwd`` offers. Source: its C tables in Kamailio 5.6.3."""

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
    Routes,
    Takes,
)

VALUE = Takes.VALUE
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
BRANCH = Routes.BRANCH
VAL_VAR = Fixup.VAL_VAR

EXPORTS = Exports(
    name="maxfwd",
    functions=(
        Function(
            "maxfwd_process",
            (Arg("max_value", VAL_VAR, accepts=Accepts.INT_VAR),),
            routes=REQUEST,
            takes=VALUE,
            stops=False,
        ),
        Function(
            "mf_process_maxfwd_header",
            (Arg("max_value", VAL_VAR, accepts=Accepts.INT_VAR),),
            routes=REQUEST,
            takes=VALUE,
            stops=False,
        ),
        Function(
            "process_maxfwd",
            (Arg("max_value", VAL_VAR, accepts=Accepts.INT_VAR),),
            routes=REQUEST,
            takes=VALUE,
            stops=False,
        ),
        Function(
            "is_maxfwd_lt",
            (Arg("max_value", VAL_VAR, accepts=Accepts.INT_VAR),),
            routes=REQUEST | FAILURE | BRANCH,
            takes=VALUE,
            stops=False,
        ),
        Function(
            "maxfwd_at_least",
            (Arg("max_value", VAL_VAR, accepts=Accepts.INT_VAR),),
            routes=REQUEST | FAILURE | BRANCH,
            takes=VALUE,
            stops=False,
        ),
        Function(
            "mf_lowlimit",
            (Arg("max_value", VAL_VAR, accepts=Accepts.INT_VAR),),
            routes=REQUEST | FAILURE | BRANCH,
            takes=VALUE,
            stops=False,
        ),
    ),
    params=(Param("max_limit", ParamKind.INT, 70),),
    cfg=(CfgVar("maxfwd", "max_limit", param="max_limit", default=70, within=(0, 255)),),
)
