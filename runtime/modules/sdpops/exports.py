"""What module ``sdpops`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Arg, Exports, Fixup, Function, PseudoVar, PvName, PvType, Takes

CONSTANT = Takes.CONSTANT
VALUE = Takes.VALUE
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="sdpops",
    functions=(
        Function(
            "sdp_remove_line_by_prefix",
            (Arg("string", STR_PV), Arg("mtype", STR_PV)),
            min=1,
            stops=False,
        ),
        Function(
            "sdp_remove_codecs_by_id",
            (Arg("list", STR_PV), Arg("mtype", STR_PV)),
            min=1,
            stops=False,
        ),
        Function(
            "sdp_remove_codecs_by_name",
            (Arg("list", STR_PV), Arg("mtype", STR_PV)),
            min=1,
            stops=False,
        ),
        Function(
            "sdp_keep_codecs_by_id", (Arg("list", STR_PV), Arg("mtype", STR_PV)), min=1, stops=False
        ),
        Function(
            "sdp_keep_codecs_by_name",
            (Arg("list", STR_PV), Arg("mtype", STR_PV)),
            min=1,
            stops=False,
        ),
        Function("sdp_with_media", (Arg("type", STR_PV),), stops=False),
        Function("sdp_with_active_media", (Arg("type", STR_PV),), stops=False),
        Function("sdp_remove_media", (Arg("type", STR_PV),), stops=False),
        Function("sdp_with_transport", (Arg("type", STR_PV),), stops=False),
        Function("sdp_with_transport_like", (Arg("type", STR_PV),), stops=False),
        Function("sdp_remove_transport", (Arg("type", STR_PV),), stops=False),
        Function("sdp_transport", (Arg("pv", STR),), takes=VALUE, stops=False),
        Function("sdp_with_codecs_by_id", (Arg("list", STR_PV),), stops=False),
        Function("sdp_with_codecs_by_name", (Arg("list", STR_PV),), stops=False),
        Function("sdp_print", (Arg("level", INT_PV),), stops=False),
        Function("sdp_get", (Arg("avpvar", STR),), takes=VALUE, stops=False),
        Function("sdp_content", (Arg("sloppy", STR),), min=0, takes=VALUE, stops=False),
        Function("sdp_with_ice", stops=False),
        Function(
            "sdp_get_line_startswith",
            (Arg("avpvar", STR), Arg("string", STR_PV)),
            takes=CONSTANT,
            stops=False,
        ),
        Function("sdp_get_address_family", stops=False),
    ),
    pvs=(
        PseudoVar(
            "sdp",
            PvType.DYNAMIC,
            inner=PvName.STATIC,
            writable=True,
            names=("body", "sess_version"),
        ),
    ),
)
