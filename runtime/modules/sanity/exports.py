"""What module ``sanity`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Arg, Exports, Fixup, Function, Param, ParamKind, Routes

REQUEST = Routes.REQUEST
ONREPLY = Routes.ONREPLY
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV

EXPORTS = Exports(
    name="sanity",
    functions=(
        Function(
            "sanity_check",
            (Arg("msg_checks", INT_PV), Arg("uri_checks", INT_PV)),
            min=0,
            routes=REQUEST | ONREPLY,
        ),
        Function("sanity_reply", routes=REQUEST | ONREPLY),
    ),
    params=(
        Param("default_checks", ParamKind.INT, 3047),
        Param("uri_checks", ParamKind.INT, 7),
        Param("proxy_require", ParamKind.STR, ""),
        Param("autodrop", ParamKind.INT, 1),
        Param("noreply", ParamKind.INT, 0),
    ),
    requires=("sl",),
)
