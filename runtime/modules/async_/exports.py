"""What module ``async`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    Routes,
    Takes,
)

CONSTANT = Takes.CONSTANT
WHERE = Routes.REQUEST | Routes.FAILURE
ROUTE = Arg("routename", Fixup.STR_PV)
GROUP = Arg("groupname", Fixup.STR_PV)
DATA = Arg("data", Fixup.STR_PV)
SECONDS = Arg("seconds", Fixup.INT_PV)
MILLISECONDS = Arg("milliseconds", Fixup.INT_PV)

EXPORTS = Exports(
    name="async",
    functions=(
        Function("async_route", (ROUTE, SECONDS), routes=WHERE, takes=CONSTANT),
        Function("async_ms_route", (ROUTE, MILLISECONDS), routes=WHERE, takes=CONSTANT),
        Function("async_sleep", (SECONDS,), routes=WHERE, takes=CONSTANT, rest=True),
        Function("async_ms_sleep", (MILLISECONDS,), routes=WHERE, takes=CONSTANT, rest=True),
        Function("async_task_route", (ROUTE,), routes=WHERE, takes=CONSTANT),
        Function("async_task_group_route", (ROUTE, GROUP), routes=WHERE, takes=CONSTANT),
        Function("async_task_data", (ROUTE, DATA), takes=CONSTANT, stops=False),
        Function("async_task_group_data", (ROUTE, GROUP, DATA), takes=CONSTANT, stops=False),
    ),
    params=(
        Param("workers", ParamKind.INT, 1),
        Param("ms_timer", ParamKind.INT, 0),
        Param("return", ParamKind.INT, 0, attr="result"),
    ),
    pvs=(PseudoVar("async", inner=PvName.STATIC),),
    requires=("tm",),
)
