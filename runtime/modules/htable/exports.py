"""What module ``htable`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    EventRoute,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvName,
    PvType,
    RpcCommand,
    Status,
    Takes,
)

CONSTANT = Takes.CONSTANT
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="htable",
    functions=(
        Function("sht_print"),
        Function("sht_rm", (Arg("htname", STR_PV), Arg("itname", STR_PV))),
        Function(
            "sht_rm_name_re",
            (Arg("htable_regexp", Fixup.FORMAT, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
        ),
        Function(
            "sht_rm_value_re",
            (Arg("htable_regexp", Fixup.FORMAT, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
        ),
        Function(
            "sht_rm_name",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("val", STR_PV)),
            takes=CONSTANT,
        ),
        Function(
            "sht_rm_value",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("val", STR_PV)),
            takes=CONSTANT,
        ),
        Function(
            "sht_match_name",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
        ),
        Function(
            "sht_has_name",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
        ),
        Function(
            "sht_match_str_value",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
        ),
        Function(
            "sht_has_str_value",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
        ),
        Function(
            "sht_lock",
            (Arg("htable_key", Fixup.FORMAT, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
        ),
        Function(
            "sht_unlock",
            (Arg("htable_key", Fixup.FORMAT, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
        ),
        Function("sht_reset", (Arg("htable", STR_PV),)),
        Function("sht_iterator_start", (Arg("iname", STR_PV), Arg("hname", STR_PV))),
        Function("sht_iterator_next", (Arg("iname", STR_PV),)),
        Function("sht_iterator_end", (Arg("iname", STR_PV),)),
        Function("sht_iterator_rm", (Arg("iname", STR_PV),)),
        Function("sht_iterator_sets", (Arg("iname", STR_PV), Arg("sval", STR_PV))),
        Function(
            "sht_iterator_seti",
            (Arg("iname", STR_PV), Arg("ival", Fixup.VAL_PV, accepts=Accepts.INT_PV)),
        ),
        Function(
            "sht_iterator_setex",
            (Arg("iname", STR_PV), Arg("exval", Fixup.VAL_PV, accepts=Accepts.INT_PV)),
        ),
        Function(
            "sht_setxs",
            (
                Arg("htname", STR_PV),
                Arg("itname", STR_PV),
                Arg("itval", STR_PV),
                Arg("exval", Fixup.VAL_PV, accepts=Accepts.INT_PV),
            ),
        ),
        Function(
            "sht_setxi",
            (
                Arg("htname", STR_PV),
                Arg("itname", STR_PV),
                Arg("itval", Fixup.VAL_PV, accepts=Accepts.INT_PV),
                Arg("exval", Fixup.VAL_PV, accepts=Accepts.INT_PV),
            ),
        ),
        Function("bind_htable", status=Status.PARSED_ONLY),
    ),
    params=(
        Param("htable", ParamKind.FUNC_STR),
        Param("db_url", ParamKind.STR),
        Param("key_name_column", ParamKind.STR, "key_name"),
        Param("key_type_column", ParamKind.STR, "key_type"),
        Param("value_type_column", ParamKind.STR, "value_type"),
        Param("key_value_column", ParamKind.STR, "key_value"),
        Param("expires_column", ParamKind.STR, "expires"),
        Param("array_size_suffix", ParamKind.STR, "::size"),
        Param("fetch_rows", ParamKind.INT, 100),
        Param("timer_interval", ParamKind.INT, 20),
        Param("db_expires", ParamKind.INT, 0),
        Param("enable_dmq", ParamKind.INT, 0),
        Param("dmq_init_sync", ParamKind.INT, 0),
        Param("timer_procs", ParamKind.INT, 0),
        Param("event_callback", ParamKind.STR),
        Param("event_callback_mode", ParamKind.INT, 0),
    ),
    pvs=(
        PseudoVar("sht", PvType.DYNAMIC, inner=PvName.TABLE, writable=True),
        PseudoVar("shtex", PvType.INT, inner=PvName.TABLE, writable=True),
        PseudoVar("shtcn", PvType.INT, inner=PvName.TABLE),
        PseudoVar("shtcv", PvType.INT, inner=PvName.TABLE),
        PseudoVar("shtinc", PvType.INT, inner=PvName.TABLE),
        PseudoVar("shtdec", PvType.INT, inner=PvName.TABLE),
        PseudoVar("shtrecord", PvType.DYNAMIC, inner=PvName.STATIC, names=("key", "value")),
        PseudoVar("shtitkey", inner=PvName.STATIC),
        PseudoVar("shtitval", PvType.DYNAMIC, inner=PvName.STATIC),
    ),
    rpc=(
        RpcCommand("htable.dump", returns_array=True),
        RpcCommand("htable.delete"),
        RpcCommand("htable.get"),
        RpcCommand("htable.sets"),
        RpcCommand("htable.seti"),
        RpcCommand("htable.setex"),
        RpcCommand("htable.setxs"),
        RpcCommand("htable.setxi"),
        RpcCommand("htable.listTables", returns_array=True),
        RpcCommand("htable.reload"),
        RpcCommand("htable.store"),
        RpcCommand("htable.stats", returns_array=True),
        RpcCommand("htable.flush"),
    ),
    event_routes=(
        EventRoute("htable:expired:*"),
        EventRoute("htable:mod-init"),
    ),
)
