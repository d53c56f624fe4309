"""What module ``path`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Arg, Exports, Fixup, Function, Param, ParamKind, Routes

REQUEST = Routes.REQUEST
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="path",
    functions=(
        Function(
            "add_path",
            (Arg("user", STR_PV), Arg("parameters", STR_PV)),
            min=0,
            routes=REQUEST,
            stops=False,
        ),
        Function(
            "add_path_received",
            (Arg("user", STR_PV), Arg("parameters", STR_PV)),
            min=0,
            routes=REQUEST,
            stops=False,
        ),
    ),
    params=(
        Param("use_received", ParamKind.INT, 0),
        Param("received_format", ParamKind.INT, 0),
        Param("enable_r2", ParamKind.INT, 0),
        Param("sockname_mode", ParamKind.INT, 0),
        Param("received_name", ParamKind.STR, "received"),
    ),
)
