"""What module ``pike`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    Routes,
    RpcCommand,
    Status,
)

PARSED = Status.PARSED_ONLY
REQUEST = Routes.REQUEST
ONREPLY = Routes.ONREPLY
INT = Fixup.INT
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="pike",
    functions=(
        Function("pike_check_req", routes=REQUEST | ONREPLY, status=PARSED),
        Function(
            "pike_check_ip", (Arg("ipaddr", STR_PV),), routes=REQUEST | ONREPLY, status=PARSED
        ),
    ),
    params=(
        Param("sampling_time_unit", ParamKind.INT, 2, status=PARSED),
        Param("reqs_density_per_unit", ParamKind.INT, 30, status=PARSED),
        Param("remove_latency", ParamKind.INT, 120, status=PARSED),
        Param("pike_log_level", ParamKind.INT, 0, status=PARSED),
    ),
    rpc=(
        RpcCommand("pike.top", status=PARSED),
        RpcCommand("pike.list", status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
