"""What module ``xhttp_prom`` offers. Source: its C tables in Kamailio 5.6.3."""

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
    Takes,
)

CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
EVENT = Routes.EVENT
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="xhttp_prom",
    functions=(
        Function("prom_check_uri", routes=REQUEST | EVENT),
        Function("prom_dispatch", routes=REQUEST | EVENT),
        Function(
            "prom_counter_reset",
            (Arg("name", STR_PV), Arg("l0", STR_PV), Arg("l1", STR_PV), Arg("l2", STR_PV)),
            min=1,
            takes=CONSTANT,
        ),
        Function(
            "prom_gauge_reset",
            (Arg("name", STR_PV), Arg("l0", STR_PV), Arg("l1", STR_PV), Arg("l2", STR_PV)),
            min=1,
            takes=CONSTANT,
        ),
        Function(
            "prom_counter_inc",
            (
                Arg("name", STR_PV),
                Arg("number", INT_PV),
                Arg("l0", STR_PV),
                Arg("l1", STR_PV),
                Arg("l2", STR_PV),
            ),
            min=2,
            takes=CONSTANT,
        ),
        Function(
            "prom_gauge_set",
            (
                Arg("name", STR_PV),
                Arg("number", STR_PV),
                Arg("l0", STR_PV),
                Arg("l1", STR_PV),
                Arg("l2", STR_PV),
            ),
            min=2,
            takes=CONSTANT,
        ),
        Function(
            "prom_histogram_observe",
            (
                Arg("name", STR_PV),
                Arg("number", STR_PV),
                Arg("l0", STR_PV),
                Arg("l1", STR_PV),
                Arg("l2", STR_PV),
            ),
            min=2,
            takes=CONSTANT,
        ),
    ),
    params=(
        Param("xhttp_prom_buf_size", ParamKind.INT, 0),
        Param("xhttp_prom_stats", ParamKind.STR, ""),
        Param("xhttp_prom_beginning", ParamKind.STR, "kamailio_"),
        Param("prom_counter", ParamKind.FUNC_STR),
        Param("prom_gauge", ParamKind.FUNC_STR),
        Param("prom_histogram", ParamKind.FUNC_STR),
        Param("xhttp_prom_timeout", ParamKind.INT, 60),
    ),
    rpc=(
        RpcCommand("xhttp_prom.counter_reset"),
        RpcCommand("xhttp_prom.counter_inc"),
        RpcCommand("xhttp_prom.gauge_reset"),
        RpcCommand("xhttp_prom.gauge_set"),
        RpcCommand("xhttp_prom.histogram_observe"),
        RpcCommand("xhttp_prom.metric_list_print"),
    ),
    requires=("xhttp",),
)
