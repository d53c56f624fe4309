"""What module ``speeddial`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Arg, Exports, Fixup, Function, Param, ParamKind, Routes, Status

PARSED = Status.PARSED_ONLY
REQUEST = Routes.REQUEST
INT = Fixup.INT
STR = Fixup.STR
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="speeddial",
    functions=(
        Function(
            "sd_lookup",
            (Arg("table", STR_PV), Arg("owner", STR_PV)),
            min=1,
            routes=REQUEST,
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
        Param("user_column", ParamKind.STR, "username", status=PARSED),
        Param("domain_column", ParamKind.STR, "domain", status=PARSED),
        Param("sd_user_column", ParamKind.STR, "sd_username", status=PARSED),
        Param("sd_domain_column", ParamKind.STR, "sd_domain", status=PARSED),
        Param("new_uri_column", ParamKind.STR, "new_uri", status=PARSED),
        Param("use_domain", ParamKind.INT, 0, status=PARSED),
        Param("domain_prefix", ParamKind.STR, status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
