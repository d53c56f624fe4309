"""What module ``sqlops`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    PvType,
    Takes,
    Transformation,
)

CONSTANT = Takes.CONSTANT
STR = Fixup.STR
STR_PV = Fixup.STR_PV
CONNECTION = Arg("connection", STR)
QUERY = Arg("query", STR_PV, accepts=Accepts.FORMAT)

EXPORTS = Exports(
    name="sqlops",
    functions=(
        Function(
            "sql_query",
            (CONNECTION, QUERY, Arg("result", STR)),
            min=2,
            takes=CONSTANT,
            stops=False,
        ),
        Function("sql_query_async", (CONNECTION, QUERY), takes=CONSTANT, stops=False),
        Function(
            "sql_xquery",
            (CONNECTION, QUERY, Arg("result", STR_PV, accepts=Accepts.FORMAT)),
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "sql_pvquery",
            (CONNECTION, QUERY, Arg("result", Fixup.OWN, own="sqlops.targets")),
            takes=CONSTANT,
            stops=False,
        ),
        Function("sql_result_free", (Arg("result", STR),), takes=CONSTANT, stops=False),
    ),
    params=(
        Param("sqlcon", ParamKind.FUNC_STR),
        Param("sqlres", ParamKind.FUNC_STR),
        Param("tr_buf_size", ParamKind.INT, 2048),
        Param("connect_mode", ParamKind.INT, 0),
        Param("results_maxsize", ParamKind.INT, 32),
    ),
    pvs=(
        PseudoVar("dbr", PvType.DYNAMIC, inner=PvName.STATIC),
        PseudoVar("sqlrows", PvType.INT, inner=PvName.STATIC),
    ),
    transformations=(
        Transformation("sql", "val"),
        Transformation("sql", "val.int"),
        Transformation("sql", "val.str"),
    ),
)
