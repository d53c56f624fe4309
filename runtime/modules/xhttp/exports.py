"""What module ``xhttp`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Arg,
    EventRoute,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    Routes,
    Status,
    Takes,
    Transformation,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="xhttp",
    functions=(
        Function(
            "xhttp_reply",
            (Arg("code", INT_PV), Arg("reason", STR_PV), Arg("ctype", STR_PV), Arg("body", STR_PV)),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function("bind_xhttp", status=PARSED),
    ),
    params=(
        Param("url_match", ParamKind.STR),
        Param("url_skip", ParamKind.STR),
        Param("event_callback", ParamKind.STR, status=PARSED),
    ),
    pvs=(PseudoVar("hu"),),
    transformations=(
        Transformation("url", "path"),
        Transformation("url", "querystring"),
    ),
    event_routes=(EventRoute("xhttp:request"),),
    requires=("sl",),
)
