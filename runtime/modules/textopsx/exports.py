"""What module ``textopsx`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    PseudoVar,
    PvName,
    Routes,
    Status,
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
VALUE = Takes.VALUE
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
BRANCH = Routes.BRANCH
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
REGEX = Fixup.REGEX

EXPORTS = Exports(
    name="textopsx",
    functions=(
        Function("msg_apply_changes", routes=REQUEST | ONREPLY),
        Function("msg_set_buffer", (Arg("data", STR_PV),), routes=REQUEST | ONREPLY),
        Function(
            "change_reply_status",
            (
                Arg("code", INT_PV, accepts=Accepts.INT_VAR),
                Arg("reason", STR_PV, accepts=Accepts.FORMAT_AVP),
            ),
            routes=ONREPLY,
            takes=CONSTANT,
            stops=False,
        ),
        Function("change_reply_status_code", (Arg("vcode", INT_PV),), routes=ONREPLY, stops=False),
        Function("remove_body", stops=False),
        Function("keep_hf", (Arg("regexp", REGEX),), min=0, stops=False),
        Function(
            "fnmatch",
            (Arg("value", STR_PV), Arg("expr", STR_PV), Arg("flags", STR_PV)),
            min=2,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "append_hf_value",
            (Arg("hf", STR, accepts=Accepts.HEADER_VALUE), Arg("hvalue", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "insert_hf_value",
            (Arg("hf", STR, accepts=Accepts.HEADER_VALUE), Arg("hvalue", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "remove_hf_value",
            (Arg("hf_par", STR, accepts=Accepts.HEADER_PART),),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "assign_hf_value",
            (Arg("hf", STR, accepts=Accepts.HEADER_PARAM), Arg("hvalue", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "remove_hf_value2",
            (Arg("hf_par", STR, accepts=Accepts.HEADER_PART),),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "assign_hf_value2",
            (Arg("hf", STR, accepts=Accepts.HEADER_PARAM), Arg("hvalue", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "include_hf_value",
            (Arg("hf", STR, accepts=Accepts.HEADER_NAME), Arg("hvalue", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "exclude_hf_value",
            (Arg("hf", STR, accepts=Accepts.HEADER_NAME), Arg("hvalue", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "hf_value_exists",
            (Arg("hf", STR, accepts=Accepts.HEADER_NAME), Arg("hvalue", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function("hf_iterator_start", (Arg("iname", STR_PV),), stops=False),
        Function("hf_iterator_next", (Arg("iname", STR_PV),), stops=False),
        Function("hf_iterator_prev", (Arg("iname", STR_PV),), stops=False),
        Function("hf_iterator_end", (Arg("iname", STR_PV),), stops=False),
        Function("hf_iterator_rm", (Arg("iname", STR_PV),), stops=False),
        Function(
            "hf_iterator_append",
            (Arg("iname", STR_PV), Arg("htext", STR_PV)),
            stops=False,
        ),
        Function(
            "hf_iterator_insert",
            (Arg("iname", STR_PV), Arg("htext", STR_PV)),
            stops=False,
        ),
        Function("bl_iterator_start", (Arg("iname", STR_PV),), stops=False),
        Function("bl_iterator_next", (Arg("iname", STR_PV),), stops=False),
        Function("bl_iterator_end", (Arg("iname", STR_PV),), stops=False),
        Function("bl_iterator_rm", (Arg("iname", STR_PV),), stops=False),
        Function(
            "bl_iterator_append",
            (Arg("iname", STR_PV), Arg("text", STR_PV)),
            stops=False,
        ),
        Function(
            "bl_iterator_insert",
            (Arg("iname", STR_PV), Arg("text", STR_PV)),
            stops=False,
        ),
        Function("bind_textopsx", (Arg("api", STR),), takes=VALUE, status=PARSED, stops=False),
    ),
    pvs=(
        PseudoVar("hfitname", inner=PvName.STATIC),
        PseudoVar("hfitbody", inner=PvName.STATIC),
        PseudoVar("blitval", inner=PvName.STATIC),
    ),
)
