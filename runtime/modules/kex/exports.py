"""What module ``kex`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    PseudoVar,
    RpcCommand,
    Statistic,
    Takes,
)

CONSTANT = Takes.CONSTANT
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
PV = Fixup.PV
FORMAT = Fixup.FORMAT

EXPORTS = Exports(
    name="kex",
    functions=(
        Function("setsflag", (Arg("flag", INT_PV),)),
        Function("resetsflag", (Arg("flag", INT_PV),)),
        Function("issflagset", (Arg("flag", INT_PV),)),
        Function(
            "setbflag", (Arg("flag", INT_PV), Arg("branch", INT_PV)), min=1, native="setbflag"
        ),
        Function(
            "resetbflag", (Arg("flag", INT_PV), Arg("branch", INT_PV)), min=1, native="resetbflag"
        ),
        Function(
            "isbflagset", (Arg("flag", INT_PV), Arg("branch", INT_PV)), min=1, native="isbflagset"
        ),
        Function("setdsturi", (Arg("uri", STR_PV),)),
        Function("resetdsturi"),
        Function("isdsturiset"),
        Function(
            "pv_printf",
            (Arg("var", PV, accepts=Accepts.PV_WRITABLE), Arg("str", FORMAT)),
            takes=CONSTANT,
        ),
        Function(
            "avp_printf",
            (Arg("var", PV, accepts=Accepts.PV_WRITABLE), Arg("str", FORMAT)),
            takes=CONSTANT,
        ),
        Function("is_myself", (Arg("uri", STR_PV),)),
        Function("setdebug", (Arg("level", INT_PV),)),
        Function("resetdebug"),
    ),
    pvs=(PseudoVar("sruid"),),
    rpc=(
        RpcCommand("stats.get_statistics", returns_array=True),
        RpcCommand("stats.fetch"),
        RpcCommand("stats.fetchn"),
        RpcCommand("stats.reset_statistics"),
        RpcCommand("stats.clear_statistics"),
        RpcCommand("mod.stats", returns_array=True, method="rpc_mod_stats"),
        RpcCommand("mod.mem_stats", returns_array=True, method="rpc_mod_stats"),
        RpcCommand("mod.mem_statsx", returns_array=True, method="rpc_mod_stats"),
        RpcCommand("pkg.stats", returns_array=True),
        RpcCommand("pkg.info"),
    ),
    statistics=(
        Statistic("core", "rcv_requests"),
        Statistic("core", "rcv_requests_invite"),
        Statistic("core", "rcv_requests_cancel"),
        Statistic("core", "rcv_requests_ack"),
        Statistic("core", "rcv_requests_bye"),
        Statistic("core", "rcv_requests_info"),
        Statistic("core", "rcv_requests_register"),
        Statistic("core", "rcv_requests_subscribe"),
        Statistic("core", "rcv_requests_notify"),
        Statistic("core", "rcv_requests_message"),
        Statistic("core", "rcv_requests_options"),
        Statistic("core", "rcv_requests_prack"),
        Statistic("core", "rcv_requests_update"),
        Statistic("core", "rcv_requests_refer"),
        Statistic("core", "rcv_requests_publish"),
        Statistic("core", "rcv_replies"),
        Statistic("core", "rcv_replies_1xx"),
        Statistic("core", "rcv_replies_18x"),
        Statistic("core", "rcv_replies_2xx"),
        Statistic("core", "rcv_replies_3xx"),
        Statistic("core", "rcv_replies_4xx"),
        Statistic("core", "rcv_replies_401"),
        Statistic("core", "rcv_replies_404"),
        Statistic("core", "rcv_replies_407"),
        Statistic("core", "rcv_replies_480"),
        Statistic("core", "rcv_replies_486"),
        Statistic("core", "rcv_replies_5xx"),
        Statistic("core", "rcv_replies_6xx"),
        Statistic("core", "fwd_requests"),
        Statistic("core", "fwd_replies"),
        Statistic("core", "drop_requests"),
        Statistic("core", "drop_replies"),
        Statistic("core", "err_requests"),
        Statistic("core", "err_replies"),
        Statistic("core", "bad_URIs_rcvd"),
        Statistic("core", "unsupported_methods"),
        Statistic("core", "bad_msg_hdr"),
        *(
            Statistic("core", f"rcv_replies_{code}xx_{method}")
            for method in ("invite", "cancel", "bye", "reg", "message", "prack", "update", "refer")
            for code in range(1, 7)
        ),
        Statistic("shmem", "total_size", function=True),
        Statistic("shmem", "used_size", function=True),
        Statistic("shmem", "real_used_size", function=True),
        Statistic("shmem", "max_used_size", function=True),
        Statistic("shmem", "free_size", function=True),
        Statistic("shmem", "fragments", function=True),
    ),
)
