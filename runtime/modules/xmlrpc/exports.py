"""What module ``xmlrpc`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    EventRoute,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    Routes,
    Status,
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="xmlrpc",
    functions=(
        Function("dispatch_rpc", routes=REQUEST),
        Function(
            "xmlrpc_reply",
            (Arg("code", INT_PV, accepts=Accepts.INT_VAR), Arg("reason", STR_PV)),
            routes=REQUEST,
            takes=CONSTANT,
        ),
    ),
    params=(
        Param("route", ParamKind.STR),
        Param("autoconversion", ParamKind.INT, 0),
        Param("escape_cr", ParamKind.INT, 1),
        Param("double_lf_to_crlf", ParamKind.INT, 0),
        Param("mode", ParamKind.INT, 0),
        Param("url_match", ParamKind.STR),
        Param("url_skip", ParamKind.STR),
        Param("event_callback", ParamKind.STR, status=PARSED),
    ),
    event_routes=(EventRoute("xmlrpc:request", status=PARSED),),
    requires=("sl",),
)
