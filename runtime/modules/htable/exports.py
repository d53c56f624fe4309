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

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="htable",
    functions=(
        Function("sht_print", status=PARSED),
        Function("sht_rm", (Arg("htname", STR_PV), Arg("itname", STR_PV)), status=PARSED),
        Function(
            "sht_rm_name_re",
            (Arg("htable_regexp", STR, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_rm_value_re",
            (Arg("htable_regexp", STR, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_rm_name",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("val", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_rm_value",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("val", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_match_name",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_has_name",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_match_str_value",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_has_str_value",
            (Arg("htable", STR_PV), Arg("op", STR_PV), Arg("mval", STR_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_lock",
            (Arg("htable_key", STR, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "sht_unlock",
            (Arg("htable_key", STR, accepts=Accepts.TABLE_KEY),),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function("sht_reset", (Arg("htable", STR_PV),), status=PARSED),
        Function("sht_iterator_start", (Arg("iname", STR_PV), Arg("hname", STR_PV)), status=PARSED),
        Function("sht_iterator_next", (Arg("iname", STR_PV),), status=PARSED),
        Function("sht_iterator_end", (Arg("iname", STR_PV),), status=PARSED),
        Function("sht_iterator_rm", (Arg("iname", STR_PV),), status=PARSED),
        Function("sht_iterator_sets", (Arg("iname", STR_PV), Arg("sval", STR_PV)), status=PARSED),
        Function("sht_iterator_seti", (Arg("iname", STR_PV), Arg("ival", INT_PV)), status=PARSED),
        Function("sht_iterator_setex", (Arg("iname", STR_PV), Arg("exval", INT_PV)), status=PARSED),
        Function(
            "sht_setxs",
            (
                Arg("htname", STR_PV),
                Arg("itname", STR_PV),
                Arg("itval", STR_PV),
                Arg("exval", INT_PV),
            ),
            status=PARSED,
        ),
        Function(
            "sht_setxi",
            (
                Arg("htname", STR_PV),
                Arg("itname", STR_PV),
                Arg("itval", INT_PV),
                Arg("exval", INT_PV),
            ),
            status=PARSED,
        ),
        Function("bind_htable", status=PARSED),
    ),
    params=(
        Param("htable", ParamKind.FUNC_STR, status=PARSED),
        Param("db_url", ParamKind.STR, status=PARSED),
        Param("key_name_column", ParamKind.STR, "key_name", status=PARSED),
        Param("key_type_column", ParamKind.STR, "key_type", status=PARSED),
        Param("value_type_column", ParamKind.STR, "value_type", status=PARSED),
        Param("key_value_column", ParamKind.STR, "key_value", status=PARSED),
        Param("expires_column", ParamKind.STR, "expires", status=PARSED),
        Param("array_size_suffix", ParamKind.STR, "::size", status=PARSED),
        Param("fetch_rows", ParamKind.INT, 100, status=PARSED),
        Param("timer_interval", ParamKind.INT, 20, status=PARSED),
        Param("db_expires", ParamKind.INT, 0, status=PARSED),
        Param("enable_dmq", ParamKind.INT, 0, status=PARSED),
        Param("dmq_init_sync", ParamKind.INT, 0, status=PARSED),
        Param("timer_procs", ParamKind.INT, 0, status=PARSED),
        Param("event_callback", ParamKind.STR, status=PARSED),
        Param("event_callback_mode", ParamKind.INT, 0, status=PARSED),
    ),
    pvs=(
        PseudoVar("sht", PvType.DYNAMIC, inner=PvName.FORMAT, writable=True, status=PARSED),
        PseudoVar("shtex", PvType.INT, inner=PvName.FORMAT, writable=True, status=PARSED),
        PseudoVar("shtcn", PvType.INT, inner=PvName.FORMAT, status=PARSED),
        PseudoVar("shtcv", PvType.INT, inner=PvName.FORMAT, status=PARSED),
        PseudoVar("shtinc", PvType.INT, inner=PvName.FORMAT, status=PARSED),
        PseudoVar("shtdec", PvType.INT, inner=PvName.FORMAT, status=PARSED),
        PseudoVar(
            "shtrecord", PvType.DYNAMIC, inner=PvName.STATIC, status=PARSED, names=("key", "value")
        ),
        PseudoVar("shtitkey", inner=PvName.STATIC, status=PARSED),
        PseudoVar("shtitval", PvType.DYNAMIC, inner=PvName.STATIC, status=PARSED),
    ),
    rpc=(
        RpcCommand("htable.dump", returns_array=True, status=PARSED),
        RpcCommand("htable.delete", status=PARSED),
        RpcCommand("htable.get", status=PARSED),
        RpcCommand("htable.sets", status=PARSED),
        RpcCommand("htable.seti", status=PARSED),
        RpcCommand("htable.setex", status=PARSED),
        RpcCommand("htable.setxs", status=PARSED),
        RpcCommand("htable.setxi", status=PARSED),
        RpcCommand("htable.listTables", returns_array=True, status=PARSED),
        RpcCommand("htable.reload", status=PARSED),
        RpcCommand("htable.store", status=PARSED),
        RpcCommand("htable.stats", returns_array=True, status=PARSED),
        RpcCommand("htable.flush", status=PARSED),
    ),
    event_routes=(
        EventRoute("htable:expired:*", status=PARSED),
        EventRoute("htable:mod-init", status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
