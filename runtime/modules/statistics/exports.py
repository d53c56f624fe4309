"""What module ``statistics`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    Routes,
    Takes,
)

EXPORTS = Exports(
    name="statistics",
    functions=(
        Function(
            "update_stat",
            (
                Arg("variable", Fixup.STR_VAR),
                Arg("value", Fixup.VAL_PV, accepts=Accepts.STAT_VALUE),
            ),
            takes=Takes.CONSTANT,
        ),
        Function(
            "reset_stat",
            (Arg("variable", Fixup.STR_VAR),),
            routes=Routes.REQUEST | Routes.FAILURE | Routes.ONREPLY | Routes.BRANCH | Routes.LOCAL,
            takes=Takes.CONSTANT,
        ),
    ),
    params=(Param("variable", ParamKind.FUNC_STR),),
)
