"""What module ``regex`` offers. Source: its C tables in Kamailio 5.6.3."""

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
)

ROUTES = Routes.REQUEST | Routes.FAILURE | Routes.ONREPLY | Routes.BRANCH | Routes.LOCAL
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="regex",
    functions=(
        Function(
            "pcre_match",
            (Arg("string", STR_PV), Arg("pcre_regex", STR_PV)),
            routes=ROUTES,
            stops=False,
        ),
        Function(
            "pcre_match_group",
            (Arg("string", STR_PV), Arg("group", STR_PV)),
            min=1,
            routes=ROUTES,
            stops=False,
        ),
    ),
    params=(
        Param("file", ParamKind.STR),
        Param("max_groups", ParamKind.INT, 20),
        Param("group_max_size", ParamKind.INT, 8192),
        Param("pcre_caseless", ParamKind.INT, 0),
        Param("pcre_multiline", ParamKind.INT, 0),
        Param("pcre_dotall", ParamKind.INT, 0),
        Param("pcre_extended", ParamKind.INT, 0),
    ),
    rpc=(RpcCommand("regex.reload"),),
)
