"""What module ``presence_xml`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Arg, Exports, Fixup, Function, Param, ParamKind, Status, Takes

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
INT = Fixup.INT
STR = Fixup.STR
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="presence_xml",
    functions=(
        Function(
            "pres_check_basic",
            (Arg("presentity_uri", STR_PV), Arg("status", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "pres_check_activities",
            (Arg("presentity_uri", STR_PV), Arg("activity", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
    ),
    params=(
        Param(
            "db_url", ParamKind.STR, "mysql://kamailio:kamailiorw@localhost/kamailio", status=PARSED
        ),
        Param("xcap_table", ParamKind.STR, "xcap", status=PARSED),
        Param("force_active", ParamKind.INT, 0, status=PARSED),
        Param("integrated_xcap_server", ParamKind.INT, 0, status=PARSED),
        Param("xcap_server", ParamKind.FUNC_STR, status=PARSED),
        Param("disable_presence", ParamKind.INT, 0, status=PARSED),
        Param("disable_winfo", ParamKind.INT, 0, status=PARSED),
        Param("disable_bla", ParamKind.INT, 1, status=PARSED),
        Param("disable_xcapdiff", ParamKind.INT, 0, status=PARSED),
        Param("passive_mode", ParamKind.INT, 0, status=PARSED),
        Param("xcapauth_userdel_reason", ParamKind.STR, "probation", status=PARSED),
        Param("force_dummy_presence", ParamKind.INT, 0, status=PARSED),
        Param("force_presence_single_body", ParamKind.INT, 0, status=PARSED),
        Param(
            "presence_single_body_priorities",
            ParamKind.STR,
            "Available|Ringing|On the Phone",
            status=PARSED,
        ),
        Param("presence_single_body_lookup_element", ParamKind.STR, "note", status=PARSED),
        Param("default_expires", ParamKind.INT, 3600, status=PARSED),
    ),
    requires=("presence", "sl"),
    status=Status.PARSED_ONLY,
)
