"""What module ``alias_db`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
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
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
BRANCH = Routes.BRANCH
LOCAL = Routes.LOCAL
INT = Fixup.INT
STR = Fixup.STR
STR_PV = Fixup.STR_PV
PV = Fixup.PV

EXPORTS = Exports(
    name="alias_db",
    functions=(
        Function(
            "alias_db_lookup",
            (Arg("table_name", STR_PV), Arg("flags", STR, ("d", "r", "u"), Accepts.LETTERS)),
            min=1,
            routes=REQUEST | FAILURE,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "alias_db_find",
            (
                Arg("table_name", STR_PV),
                Arg("input", PV),
                Arg("output", PV, accepts=Accepts.OWN_VARIABLE),
                Arg("flags", STR, ("d", "r", "u"), Accepts.LETTERS),
            ),
            min=3,
            routes=REQUEST | FAILURE | ONREPLY | BRANCH | LOCAL,
            takes=CONSTANT,
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
        Param("alias_user_column", ParamKind.STR, "alias_username", status=PARSED),
        Param("alias_domain_column", ParamKind.STR, "alias_domain", status=PARSED),
        Param("use_domain", ParamKind.INT, 0, status=PARSED),
        Param("domain_prefix", ParamKind.STR, status=PARSED),
        Param("append_branches", ParamKind.INT, 0, status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
