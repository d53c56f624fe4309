"""What module ``permissions`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    Routes,
    RpcCommand,
    Status,
    Takes,
)

PARSED = Status.PARSED_ONLY
CONSTANT = Takes.CONSTANT
REQUEST = Routes.REQUEST
FAILURE = Routes.FAILURE
INT = Fixup.INT
STR = Fixup.STR
INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
PV = Fixup.PV

EXPORTS = Exports(
    name="permissions",
    functions=(
        Function(
            "allow_routing",
            (Arg("allow_file", STR), Arg("deny_file", STR)),
            min=0,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "allow_register",
            (Arg("allow_file", STR), Arg("deny_file", STR)),
            min=1,
            routes=REQUEST | FAILURE,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function("allow_trusted", status=PARSED),
        Function(
            "allow_trusted",
            (Arg("src_ip_pvar", STR_PV), Arg("proto_pvar", STR_PV), Arg("furi_pvar", STR_PV)),
            min=2,
            status=PARSED,
        ),
        Function(
            "allow_uri",
            (Arg("basename", STR), Arg("pvar", PV)),
            routes=REQUEST | FAILURE,
            takes=CONSTANT,
            status=PARSED,
        ),
        Function(
            "allow_address",
            (Arg("group_id", INT_PV), Arg("ip_addr_pvar", STR_PV), Arg("port_pvar", INT_PV)),
            takes=CONSTANT,
            status=PARSED,
        ),
        Function("allow_source_address", (Arg("group_id", INT_PV),), min=0, status=PARSED),
        Function("allow_source_address_group", status=PARSED),
        Function("allow_address_group", (Arg("addr", STR_PV), Arg("port", INT_PV)), status=PARSED),
    ),
    params=(
        Param("default_allow_file", ParamKind.STR, "permissions.allow", status=PARSED),
        Param("default_deny_file", ParamKind.STR, "permissions.deny", status=PARSED),
        Param("check_all_branches", ParamKind.INT, 1, status=PARSED),
        Param("allow_suffix", ParamKind.STR, ".allow", status=PARSED),
        Param("deny_suffix", ParamKind.STR, ".deny", status=PARSED),
        Param("db_url", ParamKind.STR, status=PARSED),
        Param("db_mode", ParamKind.INT, 0, status=PARSED),
        Param("trusted_table", ParamKind.STR, "trusted", status=PARSED),
        Param("source_col", ParamKind.STR, "src_ip", status=PARSED),
        Param("proto_col", ParamKind.STR, "proto", status=PARSED),
        Param("from_col", ParamKind.STR, "from_pattern", status=PARSED),
        Param("ruri_col", ParamKind.STR, "ruri_pattern", status=PARSED),
        Param("tag_col", ParamKind.STR, "tag", status=PARSED),
        Param("priority_col", ParamKind.STR, "priority", status=PARSED),
        Param("peer_tag_avp", ParamKind.STR, status=PARSED),
        Param("peer_tag_mode", ParamKind.INT, 0, status=PARSED),
        Param("address_table", ParamKind.STR, "address", status=PARSED),
        Param("address_file", ParamKind.STR, status=PARSED),
        Param("grp_col", ParamKind.STR, "grp", status=PARSED),
        Param("ip_addr_col", ParamKind.STR, "ip_addr", status=PARSED),
        Param("mask_col", ParamKind.STR, "mask", status=PARSED),
        Param("port_col", ParamKind.STR, "port", status=PARSED),
        Param("max_subnets", ParamKind.INT, 512, status=PARSED),
        Param("load_backends", ParamKind.INT, 65535, status=PARSED),
        Param("reload_delta", ParamKind.INT, 5, status=PARSED),
        Param("trusted_cleanup_interval", ParamKind.INT, 60, status=PARSED),
    ),
    rpc=(
        RpcCommand("permissions.trustedReload", status=PARSED),
        RpcCommand("permissions.addressReload", status=PARSED),
        RpcCommand("permissions.trustedDump", status=PARSED),
        RpcCommand("permissions.addressDump", returns_array=True, status=PARSED),
        RpcCommand("permissions.subnetDump", returns_array=True, status=PARSED),
        RpcCommand("permissions.domainDump", status=PARSED),
        RpcCommand("permissions.testUri", status=PARSED),
        RpcCommand("permissions.allowUri", status=PARSED),
    ),
    status=Status.PARSED_ONLY,
)
