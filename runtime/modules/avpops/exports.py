"""What module ``avpops`` offers. Source: its C tables in Kamailio 5.6.3."""

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
ROUTES = Routes.REQUEST | Routes.FAILURE | Routes.ONREPLY | Routes.BRANCH | Routes.LOCAL
OWN = Fixup.OWN
STR_PV = Fixup.STR_PV
SUBST = Fixup.SUBST

SOURCE = Arg("source", OWN, own="avpops.source")
ATTRIBUTE = Arg("name", OWN, own="avpops.attribute")
QUERY = Arg("query", Fixup.FORMAT, accepts=Accepts.FORMAT)

EXPORTS = Exports(
    name="avpops",
    functions=(
        Function("avp_print", routes=ROUTES, stops=False),
        Function(
            "avp_db_load",
            (SOURCE, Arg("name", OWN, own="avpops.loaded")),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function("avp_db_delete", (SOURCE, ATTRIBUTE), routes=ROUTES, takes=CONSTANT, stops=False),
        Function("avp_db_store", (SOURCE, ATTRIBUTE), routes=ROUTES, takes=CONSTANT, stops=False),
        Function(
            "avp_db_query",
            (QUERY, Arg("dest", OWN, own="avpops.names")),
            min=1,
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "avp_delete",
            (Arg("name", OWN, own="avpops.deleted"),),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "avp_copy",
            (Arg("old_name", OWN, own="avpops.avp"), Arg("new_name", OWN, own="avpops.copied")),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "avp_pushto",
            (
                Arg("destination", OWN, own="avpops.destination"),
                Arg("name", OWN, own="avpops.pushed"),
            ),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "avp_check",
            (Arg("name", OWN, own="avpops.checked"), Arg("op_value", OWN, own="avpops.check")),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "avp_op",
            (Arg("name", OWN, own="avpops.operated"), Arg("op_value", OWN, own="avpops.operation")),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "avp_subst",
            (
                Arg("avps", OWN, own="avpops.substituted"),
                Arg("subst", SUBST, accepts=Accepts.SUBST),
            ),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "avp_subst_pv",
            (Arg("avps", OWN, own="avpops.substituted"), Arg("subst", Fixup.STR_VAR)),
            routes=ROUTES,
            stops=False,
        ),
        Function(
            "is_avp_set",
            (Arg("name", OWN, own="avpops.is_set"),),
            routes=ROUTES,
            takes=CONSTANT,
            stops=False,
        ),
    ),
    params=(
        Param("db_url", ParamKind.STR),
        Param("avp_table", ParamKind.STR),
        Param("use_domain", ParamKind.INT, 0),
        Param("uuid_column", ParamKind.STR, "uuid"),
        Param("attribute_column", ParamKind.STR, "attribute"),
        Param("value_column", ParamKind.STR, "value"),
        Param("type_column", ParamKind.STR, "type"),
        Param("username_column", ParamKind.STR, "username"),
        Param("domain_column", ParamKind.STR, "domain"),
        Param("db_scheme", ParamKind.FUNC_STR),
    ),
)
