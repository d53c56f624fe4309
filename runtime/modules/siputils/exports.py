"""What module ``siputils`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    CfgVar,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    Routes,
    Takes,
)

CONSTANT = Takes.CONSTANT
VALUE = Takes.VALUE
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
BRANCH = Routes.BRANCH
LOCAL = Routes.LOCAL
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
VAL_VAR = Fixup.VAL_VAR
PV = Fixup.PV

EXPORTS = Exports(
    name="siputils",
    functions=(
        Function("options_reply", routes=REQUEST, stops=False),
        Function("is_user", (Arg("username", STR_PV),), routes=REQUEST | LOCAL, stops=False),
        Function("has_totag", stops=False),
        Function(
            "uri_param",
            (Arg("param", STR_PV), Arg("value", STR_PV)),
            min=1,
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function(
            "uri_param_any", (Arg("param", STR_PV),), routes=REQUEST | FAILURE | BRANCH, stops=False
        ),
        Function("add_uri_param", (Arg("param", STR),), routes=REQUEST, stops=False),
        Function(
            "get_uri_param",
            (Arg("name", STR), Arg("var", PV, accepts=Accepts.PV_WRITABLE)),
            routes=REQUEST | LOCAL,
            stops=False,
        ),
        Function(
            "uri_param_rm", (Arg("param", STR_PV),), routes=REQUEST | FAILURE | BRANCH, stops=False
        ),
        Function(
            "tel2sip",
            (
                Arg("uri", VAL_VAR),
                Arg("hostpart", VAL_VAR),
                Arg("result", PV, accepts=Accepts.PV_WRITABLE),
            ),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function("is_uri", (Arg("pseudo_variable", STR_PV),), stops=False),
        Function(
            "is_e164", (Arg("pseudo_variable", PV),), routes=REQUEST | FAILURE | LOCAL, stops=False
        ),
        Function("is_uri_user_e164", (Arg("pseudo_variable", PV),), stops=False),
        Function(
            "encode_contact",
            (Arg("encoding_prefix", STR), Arg("hostpart", STR)),
            routes=REQUEST | ONREPLY,
            takes=VALUE,
            stops=False,
        ),
        Function("decode_contact", routes=REQUEST, stops=False),
        Function("decode_contact_header", routes=REQUEST | FAILURE | ONREPLY, stops=False),
        Function("cmp_uri", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("cmp_aor", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("cmp_hdr_name", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("is_rpid_user_e164", routes=REQUEST, stops=False),
        Function("append_rpid_hf", routes=REQUEST | FAILURE | BRANCH, stops=False),
        Function(
            "append_rpid_hf",
            (Arg("prefix", STR), Arg("suffix", STR)),
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function(
            "set_uri_user",
            (Arg("uri", PV, accepts=Accepts.PV_WRITABLE), Arg("user", PV)),
            stops=False,
        ),
        Function(
            "set_uri_host",
            (Arg("uri", PV, accepts=Accepts.PV_WRITABLE), Arg("host", PV)),
            stops=False,
        ),
        Function("is_request", stops=False),
        Function("is_reply", stops=False),
        Function("is_gruu", (Arg("uri", STR_PV),), min=0, stops=False),
        Function(
            "is_supported",
            (Arg("option", STR, ("path", "gruu", "timer", "100rel", "outbound", "eventlist")),),
            takes=CONSTANT,
            stops=False,
        ),
        Function("is_first_hop", (Arg("mode", INT_PV),), min=0, stops=False),
        Function("is_tel_number", (Arg("tval", STR_PV),), stops=False),
        Function("is_numeric", (Arg("tval", STR_PV),), stops=False),
        Function("is_alphanum", (Arg("tval", STR_PV),), stops=False),
        Function("is_alphanumex", (Arg("tval", STR_PV), Arg("eset", STR_PV)), stops=False),
        Function("sip_p_charging_vector", (Arg("flags", STR_PV),), stops=False),
        Function(
            "contact_param_encode",
            (Arg("pname", STR_PV), Arg("saddr", STR_PV)),
            routes=REQUEST | ONREPLY,
            stops=False,
        ),
        Function(
            "contact_param_decode",
            (Arg("pname", STR_PV),),
            routes=REQUEST | ONREPLY,
            stops=False,
        ),
        Function(
            "contact_param_decode_ruri",
            (Arg("pname", STR_PV),),
            routes=REQUEST,
            stops=False,
        ),
        Function(
            "contact_param_rm",
            (Arg("pname", STR_PV),),
            routes=REQUEST | ONREPLY,
            stops=False,
        ),
        Function("hdr_date_check", (Arg("tdiff", INT_PV),), stops=False),
    ),
    params=(
        Param("options_accept", ParamKind.STR, "*/*"),
        Param("options_accept_encoding", ParamKind.STR, ""),
        Param("options_accept_language", ParamKind.STR, "en"),
        Param("options_support", ParamKind.STR, ""),
        Param("contact_flds_separator", ParamKind.STR, "*"),
        Param("rpid_prefix", ParamKind.STR, ""),
        Param(
            "rpid_suffix",
            ParamKind.STR,
            ";party=calling;id-type=subscriber;screen=yes",
        ),
        Param("rpid_avp", ParamKind.STR, "$avp(s:rpid)"),
    ),
    pvs=(
        PseudoVar(
            "pcv",
            inner=PvName.STATIC,
            names=("all", "genaddr", "orig", "term", "value"),
        ),
    ),
    cfg=(CfgVar("siputils", "ring_timeout", hidden=True),),
    requires=("sl",),
)
