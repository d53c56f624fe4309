"""What module ``auth`` offers. Source: its C tables in Kamailio 5.6.3."""

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
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
STR_VAR = Fixup.STR_VAR
PV = Fixup.PV

EXPORTS = Exports(
    name="auth",
    functions=(
        Function("consume_credentials", routes=REQUEST),
        Function(
            "www_challenge",
            (
                Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
            ),
            routes=REQUEST | FAILURE | ONREPLY,
            takes=CONSTANT,
        ),
        Function(
            "proxy_challenge",
            (
                Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
            ),
            routes=REQUEST | FAILURE | ONREPLY,
            takes=CONSTANT,
        ),
        Function(
            "auth_challenge",
            (
                Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
            ),
            routes=REQUEST | FAILURE | ONREPLY,
            takes=CONSTANT,
        ),
        Function(
            "pv_www_authorize",
            (
                Arg("realm", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("passwd", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "pv_www_authenticate",
            (
                Arg("realm", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("passwd", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
                Arg("method", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
            ),
            min=3,
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "pv_proxy_authorize",
            (
                Arg("realm", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("passwd", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "pv_proxy_authenticate",
            (
                Arg("realm", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("passwd", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function(
            "auth_get_www_authenticate",
            (
                Arg("realm", STR_VAR, accepts=Accepts.NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
                Arg("pvdest", PV, accepts=Accepts.PV_WRITABLE),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
        Function("has_credentials", (Arg("realm", STR_PV),), routes=REQUEST),
        Function(
            "pv_auth_check",
            (
                Arg("realm", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("passwd", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
                Arg("flags", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
                Arg("checks", INT_PV, accepts=Accepts.INT_VAR_NONEMPTY),
            ),
            routes=REQUEST,
            takes=CONSTANT,
        ),
    ),
    params=(
        Param("secret", ParamKind.STR),
        Param("nonce_expire", ParamKind.INT, 300),
        Param("nonce_auth_max_drift", ParamKind.INT, 3),
        Param("protect_contacts", ParamKind.INT, 0),
        Param("challenge_attr", ParamKind.STR, "$digest_challenge"),
        Param("proxy_challenge_header", ParamKind.STR, "Proxy-Authenticate"),
        Param("www_challenge_header", ParamKind.STR, "WWW-Authenticate"),
        Param("qop", ParamKind.STR),
        Param("auth_checks_register", ParamKind.INT, 0),
        Param("auth_checks_no_dlg", ParamKind.INT, 0),
        Param("auth_checks_in_dlg", ParamKind.INT, 0),
        Param("nonce_count", ParamKind.INT, 0, status=PARSED),
        Param("nc_array_size", ParamKind.INT, status=PARSED),
        Param("nc_array_order", ParamKind.INT, status=PARSED),
        Param("one_time_nonce", ParamKind.INT, 0, status=PARSED),
        Param("otn_in_flight_no", ParamKind.INT, status=PARSED),
        Param("otn_in_flight_order", ParamKind.INT, status=PARSED),
        Param("nid_pool_no", ParamKind.INT, 0, status=PARSED),
        Param("force_stateless_reply", ParamKind.INT, 0),
        Param("realm_prefix", ParamKind.STR),
        Param("use_domain", ParamKind.INT, 0),
        Param("algorithm", ParamKind.STR, ""),
        Param("add_authinfo_hdr", ParamKind.INT, 0),
    ),
    requires=("sl",),
)
