"""What module ``domain`` offers. Source: its C tables in Kamailio 5.6.3."""

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
FAILURE = Routes.FAILURE
BRANCH = Routes.BRANCH
LOCAL = Routes.LOCAL
INT = Fixup.INT
STR = Fixup.STR
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="domain",
    functions=(
        Function("is_from_local", routes=REQUEST | FAILURE | BRANCH | LOCAL, status=PARSED),
        Function("is_uri_host_local", routes=REQUEST | FAILURE | BRANCH | LOCAL, status=PARSED),
        Function(
            "is_domain_local",
            (Arg("domain", STR_PV),),
            routes=REQUEST | FAILURE | BRANCH | LOCAL,
            status=PARSED,
        ),
        Function(
            "lookup_domain",
            (Arg("domain", STR_PV), Arg("prefix", STR_PV)),
            min=1,
            routes=REQUEST | FAILURE | BRANCH | LOCAL,
            status=PARSED,
        ),
    ),
    params=(
        Param(
            "db_url",
            ParamKind.STR,
            "mysql://kamailioro:kamailioro@localhost/kamailio",
            status=PARSED,
        ),
        Param("domain_table", ParamKind.STR, "domain", status=PARSED),
        Param("domain_attrs_table", ParamKind.STR, "domain_attrs", status=PARSED),
        Param("did_col", ParamKind.STR, "did", status=PARSED),
        Param("domain_col", ParamKind.STR, "domain", status=PARSED),
        Param("name_col", ParamKind.STR, "name", status=PARSED),
        Param("type_col", ParamKind.STR, "type", status=PARSED),
        Param("value_col", ParamKind.STR, "value", status=PARSED),
        Param("register_myself", ParamKind.INT, 0, status=PARSED),
    ),
    rpc=(
        RpcCommand("domain.reload", status=PARSED),
        RpcCommand("domain.dump", status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
