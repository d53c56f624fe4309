"""What module ``auth_db`` offers. Source: its C tables in Kamailio 5.6.3."""

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
    Takes,
)

CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_VAR = Fixup.STR_VAR

EXPORTS = Exports(
    name="auth_db",
    functions=(
        Function(
            "www_authorize",
            (Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY), Arg("table", STR)),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "www_authenticate",
            (
                Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("table", STR),
                Arg("method", STR_VAR, accepts=Accepts.NONEMPTY),
            ),
            min=2,
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "proxy_authorize",
            (Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY), Arg("table", STR)),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "proxy_authenticate",
            (Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY), Arg("table", STR)),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "auth_check",
            (
                Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("table", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_PV_NONEMPTY),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "is_subscriber",
            (
                Arg("uri", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("dbtable", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_PV_NONEMPTY),
            ),
            takes=CONSTANT,
        ),
    ),
    params=(
        Param("db_url", ParamKind.STR, "mysql://kamailioro:kamailioro@localhost/kamailio"),
        Param("user_column", ParamKind.STR, "username"),
        Param("domain_column", ParamKind.STR, "domain"),
        Param("password_column", ParamKind.STR, "ha1"),
        Param("password_column_2", ParamKind.STR, "ha1b"),
        Param("calculate_ha1", ParamKind.INT, 0),
        Param("use_domain", ParamKind.INT, 0),
        Param("load_credentials", ParamKind.STR),
        Param("version_table", ParamKind.INT, 1),
        Param("force_generate_avps", ParamKind.INT, 0),
    ),
    requires=("auth",),
)
