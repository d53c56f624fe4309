"""What module ``textops`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    PvType,
    Routes,
    Takes,
    Transformation,
)

CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
ONREPLY = Routes.ONREPLY
BRANCH = Routes.BRANCH
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
PV = Fixup.PV
REGEX = Fixup.REGEX
METHODS = Fixup.METHODS
SUBST = Fixup.SUBST

EXPORTS = Exports(
    name="textops",
    functions=(
        Function("search", (Arg("re", REGEX),), stops=False),
        Function("search_body", (Arg("re", REGEX),), stops=False),
        Function(
            "search_hf",
            (Arg("hf", STR, accepts=Accepts.HEADER), Arg("re", REGEX), Arg("flags", STR)),
            takes=CONSTANT,
            stops=False,
        ),
        Function("search_append", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function("search_append_body", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function("replace", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function(
            "replace_str",
            (Arg("match", STR_PV), Arg("repl", STR_PV), Arg("mode", STR_PV)),
            stops=False,
        ),
        Function("replace_body", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function(
            "replace_body_str",
            (Arg("match", STR_PV), Arg("repl", STR_PV), Arg("mode", STR_PV)),
            stops=False,
        ),
        Function("replace_hdrs", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function(
            "replace_hdrs_str",
            (Arg("match", STR_PV), Arg("repl", STR_PV), Arg("mode", STR_PV)),
            stops=False,
        ),
        Function("replace_all", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function("replace_body_all", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function("replace_body_atonce", (Arg("re", REGEX), Arg("txt", STR)), stops=False),
        Function(
            "append_to_reply", (Arg("txt", STR_PV),), routes=REQUEST | FAILURE | BRANCH, stops=False
        ),
        Function(
            "append_hf",
            (Arg("txt", STR_PV), Arg("hdr", STR, accepts=Accepts.HEADER)),
            min=1,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "insert_hf",
            (Arg("txt", STR_PV), Arg("hdr", STR, accepts=Accepts.HEADER)),
            min=1,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "append_urihf",
            (Arg("prefix", STR), Arg("suffix", STR)),
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function("remove_hf", (Arg("hname", STR, accepts=Accepts.HEADER),), stops=False),
        Function("remove_hf_idx", (Arg("hname", STR_PV), Arg("idx", INT_PV)), stops=False),
        Function("remove_hf_re", (Arg("re", REGEX),), stops=False),
        Function("remove_hf_exp", (Arg("expmatch", REGEX), Arg("expskip", REGEX)), stops=False),
        Function("is_present_hf", (Arg("hf_name", STR, accepts=Accepts.HEADER),), stops=False),
        Function("is_present_hf_re", (Arg("hf_name_re", REGEX),), stops=False),
        Function("remove_hf_pv", (Arg("hname", STR_PV),), stops=False),
        Function("remove_hf_re_pv", (Arg("re", STR_PV),), stops=False),
        Function(
            "remove_hf_exp_pv", (Arg("expmatch", STR_PV), Arg("expskip", STR_PV)), stops=False
        ),
        Function(
            "remove_hf_match",
            (Arg("hname", STR_PV), Arg("op", STR_PV), Arg("expr", STR_PV)),
            stops=False,
        ),
        Function("is_present_hf_pv", (Arg("hf_name", STR_PV),), stops=False),
        Function("is_present_hf_re_pv", (Arg("hf_name_re", STR_PV),), stops=False),
        Function("subst", (Arg("re_repl_flags", SUBST),), takes=CONSTANT, stops=False),
        Function(
            "subst_uri",
            (Arg("re_repl_flags", SUBST),),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "subst_user",
            (Arg("re_repl_flags", SUBST),),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function("subst_body", (Arg("re_repl_flags", SUBST),), takes=CONSTANT, stops=False),
        Function(
            "subst_hf",
            (Arg("hf", STR, accepts=Accepts.HEADER), Arg("subexp", SUBST), Arg("flags", STR)),
            takes=CONSTANT,
            stops=False,
        ),
        Function("filter_body", (Arg("content_type", STR),), stops=False),
        Function("append_time", routes=REQUEST | FAILURE | BRANCH, stops=False),
        Function(
            "set_body",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            stops=False,
        ),
        Function(
            "set_reply_body",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV)),
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function(
            "is_method", (Arg("name", METHODS),), takes=CONSTANT, native="is_method", stops=False
        ),
        Function(
            "has_body",
            (Arg("mime", STR, accepts=Accepts.MIME),),
            min=0,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "is_privacy",
            (
                Arg(
                    "privacy_type",
                    STR,
                    ("none", "user", "header", "session", "critical", "id", "history"),
                ),
            ),
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "in_list",
            (
                Arg("subject", STR_PV),
                Arg("list", STR_PV),
                Arg("separator", STR, accepts=Accepts.ONE_LETTER),
            ),
            stops=False,
        ),
        Function(
            "in_list_prefix",
            (
                Arg("subject", STR_PV),
                Arg("list", STR_PV),
                Arg("separator", STR, accepts=Accepts.ONE_LETTER),
            ),
            stops=False,
        ),
        Function("cmp_str", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("cmp_istr", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("search_str", (Arg("text", STR_PV), Arg("re", STR_PV)), stops=False),
        Function("starts_with", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("ends_with", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("str_find", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("str_ifind", (Arg("str1", STR_PV), Arg("str2", STR_PV)), stops=False),
        Function("is_audio_on_hold", stops=False),
        Function("append_time_to_request", stops=False),
        Function(
            "set_body_multipart",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV)),
            min=0,
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function(
            "set_body_multipart",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV), Arg("boundary", STR_PV)),
            routes=REQUEST | FAILURE | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "append_body_part",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV)),
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function(
            "append_body_part",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV), Arg("content_disposition", STR_PV)),
            routes=REQUEST | FAILURE | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "append_body_part_hex",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV)),
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function(
            "append_body_part_hex",
            (Arg("txt", STR_PV), Arg("content_type", STR_PV), Arg("content_disposition", STR_PV)),
            routes=REQUEST | FAILURE | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "remove_body_part",
            (Arg("content_type", STR_PV),),
            routes=REQUEST | FAILURE | BRANCH,
            stops=False,
        ),
        Function(
            "get_body_part_raw",
            (Arg("content_type", STR_PV), Arg("opv", PV, accepts=Accepts.PV_WRITABLE)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "get_body_part",
            (Arg("content_type", STR_PV), Arg("opv", PV, accepts=Accepts.PV_WRITABLE)),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
        Function(
            "regex_substring",
            (
                Arg("itext", STR_PV),
                Arg("regexp", STR_PV),
                Arg("mindex", INT_PV),
                Arg("mcount", INT_PV),
                Arg("dpv", PV, accepts=Accepts.TEXT),
            ),
            routes=REQUEST | FAILURE | ONREPLY | BRANCH,
            takes=CONSTANT,
            stops=False,
        ),
    ),
    transformations=(
        Transformation(
            "re", "subst", (Arg("expression", SUBST),), returns=PvType.DYNAMIC, message=True
        ),
    ),
)
