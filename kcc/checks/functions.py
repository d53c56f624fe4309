"""What functions do to a request: facts that checks share, by module and name.

A fact holds where a module that has it is loaded: modules share names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from kcc.checks.context import Context
from kcc.source.text import to_name
from kcc.syntax import ast

Table = Mapping[str, str]
"""Names by module, separated by spaces; ``core`` is always there."""

REPLIES: Final[Table] = {
    "sl": "sl_send_reply sl_reply send_reply send_reply_mode sl_reply_error",
    "tm": "t_reply t_send_reply",
    "auth": "auth_challenge www_challenge proxy_challenge",
    "uid_auth_db": "www_challenge proxy_challenge",
    "ims_auth": "ims_www_challenge ims_proxy_challenge",
    "siputils": "options_reply",
    "options": "options_reply",
    "registrar": "save reg_send_reply",
}
"""Send a final reply, unless ``final`` says otherwise."""

RELAYS: Final[Table] = {
    "core": "forward forward_udp forward_tcp forward_tls forward_sctp",
    "tm": "t_relay t_relay_to t_relay_to_udp t_relay_to_tcp t_relay_to_tls t_relay_to_sctp "
    "t_relay_to_avp t_forward_nonack t_forward_nonack_to t_forward_nonack_uri "
    "t_forward_nonack_udp t_forward_nonack_tcp t_forward_nonack_tls t_forward_nonack_sctp",
}
"""Send the request on."""

AUTHENTICATE: Final[Table] = {
    "auth": "pv_www_authorize pv_www_authenticate pv_proxy_authorize pv_proxy_authenticate "
    "pv_auth_check",
    "auth_db": "www_authorize www_authenticate proxy_authorize proxy_authenticate auth_check "
    "is_subscriber",
    "uid_auth_db": "www_authorize www_authenticate proxy_authorize proxy_authenticate",
    "auth_diameter": "diameter_www_authorize diameter_proxy_authorize",
    "auth_ephemeral": "autheph_check autheph_www autheph_proxy autheph_authenticate",
    "auth_identity": "auth_validate_digest auth_validate_cert vrfy_check_msgvalidity "
    "vrfy_check_certificate vrfy_check_msg vrfy_check_callid vrfy_check_date",
    "auth_radius": "radius_www_authorize radius_proxy_authorize",
    "auth_web3": "web3_www_authenticate web3_proxy_authenticate",
    "auth_arnacon": "auth_arnacon",
    "auth_xkeys": "auth_xkeys_check",
    "ims_auth": "ims_www_authenticate ims_proxy_authenticate",
    "secsipid": "secsipid_check secsipid_check_identity secsipid_check_identity_pubkey",
    "stirshaken": "stirshaken_check_identity stirshaken_check_identity_with_cert "
    "stirshaken_check_identity_with_key",
    "tls": "is_peer_verified",
}
"""True where the sender has proved who it is."""

ALLOW: Final[Table] = {
    "permissions": "allow_address allow_address_group allow_source_address "
    "allow_source_address_group allow_trusted allow_routing allow_register allow_uri",
    "dispatcher": "ds_is_from_list",
    "lcr": "from_gw from_any_gw",
    "drouting": "is_from_gw",
    "peering": "verify_source",
    "group": "is_user_in",
    "misc_radius": "radius_is_user_in",
    "registrar": "registered",
    "ims_registrar_pcscf": "pcscf_is_registered",
    "uri_db": "check_from",
    "ipops": "is_in_subnet",
}
"""True where the sender is one of those that are known, by address or name."""

CHOOSE: Final[Table] = {
    "core": "rewritehost rewritehostport rewritehostporttrans rewriteuri",
    "kex": "setdsturi",
    "siputils": "set_uri_host",
    "corex": "append_branch",
}
"""Set the destination."""

DESTINATION: Final[Table] = {
    "domain": "is_uri_host_local is_domain_local lookup_domain is_from_local",
    "uid_domain": "is_local lookup_domain",
    "kex": "is_myself",
    "registrar": "lookup lookup_branches lookup_to_dset",
    "ims_registrar_scscf": "lookup lookup_path_to_contact impu_registered",
    "ims_registrar_pcscf": "pcscf_follows_service_routes pcscf_force_service_routes",
    "ims_icscf": "I_scscf_select I_perform_location_information_request",
    "ims_isc": "isc_match_filter isc_match_filter_reg isc_from_as",
    "alias_db": "alias_db_lookup alias_db_find",
    "speeddial": "sd_lookup",
    "dispatcher": "ds_select ds_select_dst ds_select_domain ds_select_routes ds_next_dst "
    "ds_next_domain ds_set_dst ds_set_domain",
    "lcr": "load_gws next_gw to_gw to_any_gw",
    "drouting": "do_routing use_next_gw next_routing goes_to_gw",
    "carrierroute": "cr_route cr_nofallback_route cr_next_domain",
    "enum": "enum_query enum_pv_query i_enum_query",
    "dialplan": "dp_translate dp_replace dp_match",
    "prefix_route": "prefix_route",
    "pdt": "prefix2domain pd_translate",
    "mtree": "mt_match",
    "rtjson": "rtjson_push_routes rtjson_next_route rtjson_init_routes",
    "h350": "h350_sipuri_lookup",
    "osp": "prepareosproute prepareallosproutes requestosprouting",
    "peering": "verify_destination",
    "tm": "t_next_contacts t_next_contact_flow t_load_contacts t_check_trans",
    "dialog": "is_known_dlg",
    "rr": "loose_route loose_route_mode loose_route_preloaded",
    "nathelper": "handle_ruri_alias",
    "textops": "subst_uri",
    "siputils": "contact_param_decode_ruri",
    "uac_redirect": "get_redirects",
    "uac": "uac_reg_lookup uac_reg_lookup_uri",
    "uid_uri_db": "lookup_user",
    "uri_db": "check_uri does_uri_exist check_to",
}
"""True where the destination is known to be ours, or where the function has chosen it."""

SCRIPTS: Final[Table] = {
    "app_lua": "lua_run lua_dofile lua_dostring lua_runstring",
    "app_python": "python_exec",
    "app_python3": "python_exec",
    "app_python3s": "python_exec",
    "app_jsdt": "jsdt_run jsdt_dofile jsdt_dostring jsdt_runstring",
    "app_ruby": "ruby_run",
    "app_perl": "perl_exec perl_exec_simple",
    "app_sqlang": "sqlang_run sqlang_dofile sqlang_dostring sqlang_runstring",
    "app_mono": "mono_exec mono_run",
    "app_java": "java_method_exec java_s_method_exec",
    "cfgutils": "route_if_exists",
    "seas": "as_relay_t as_relay_sl",
}
"""Run what is written elsewhere, which may do all of this."""

OTHERS: Final[Table] = {
    "cplc": "cpl_run_script",
    "cpl-c": "cpl_run_script",
    "tmx": "t_suspend",
    "evapi": "evapi_async_relay evapi_relay",
    "exec": "exec_dset exec_avp exec_cmd exec_msg",
    "sipcapture": "sip_capture",
}
"""May find out who sends, or choose where to."""

RECORD_ROUTES: Final[Table] = {
    "rr": "record_route record_route_preset record_route_advertised_address",
}

LOOSE_ROUTES: Final[Table] = {"rr": "loose_route loose_route_mode loose_route_preloaded"}

BLOCKS: Final[Table] = {
    "cfgutils": "sleep usleep",
    "exec": "exec_cmd exec_msg exec_dset exec_avp",
    "http_client": "http_client_query http_client_get http_connect http_connect_raw "
    "http_get_redirect http_query curl_connect curl_connect_post",
    "utils": "http_query",
    "curl": "http_query curl_connect curl_connect_post",
    "ruxc": "ruxc_http_get ruxc_http_post ruxc_http_delete",
}
"""Keep the process waiting for something outside of it."""

SHELLS: Final[Mapping[str, Mapping[str, int]]] = {
    "exec": {"exec_cmd": 0, "exec_msg": 0, "exec_dset": 0, "exec_avp": 0},
}
"""Where the argument stands that a shell reads."""

SQL: Final[Mapping[str, Mapping[str, int]]] = {
    "sqlops": {"sql_query": 1, "sql_xquery": 1, "sql_pvquery": 1, "sql_query_async": 1},
    "avpops": {"avp_db_query": 0},
    "db2_ops": {"db_query": 0},
}
"""Where the argument stands that a database reads."""


def loaded(table: Table, context: Context) -> frozenset[str]:
    """The functions of ``table`` whose modules are loaded."""
    modules = {"core", *context.program.modules}
    return frozenset(n for m, names in table.items() if m in modules for n in names.split())


def complete(context: Context) -> bool:
    """Whether every function, module and route is known: else no one can say what is not done."""
    return not any(
        d.code in ("K0201", "K0202", "K0206", "K0210") for d in context.reporter.diagnostics
    )


def argument_of(table: Mapping[str, Mapping[str, int]], context: Context) -> dict[str, int]:
    """The argument that counts, by the name of a function whose module is loaded."""
    modules = context.program.modules
    return {name: at for m, row in table.items() if m in modules for name, at in row.items()}


def text_of(arg: ast.Expr) -> str | None:
    """The text of a constant argument, latin-1."""
    if isinstance(arg, ast.Str):
        return arg.value.decode("latin-1")
    if isinstance(arg, ast.Int):
        return str(arg.value)
    if isinstance(arg, ast.Word):
        return arg.name
    return None


def final(call: ast.Call) -> bool:
    """Whether a call of ``REPLIES`` surely sends a final reply: not a provisional one, not one
    whose code is computed, and ``save`` without the flag that forbids its reply."""
    if call.name == "save":
        flags = text_of(call.args[1]) if len(call.args) > 1 else "0"
        return flags is not None and not _number(flags) & 2
    if "challenge" in call.name or not call.args:
        return True
    code = text_of(call.args[0])
    return code is not None and code[:1] in tuple("23456") and len(code) == 3


def _number(text: str) -> int:
    """A number as fixups read it; one that is none counts as all flags."""
    try:
        return int(text, 0)
    except ValueError:
        return -1


def header_name(text: str) -> str:
    """A header name as it is compared: lower case, in its long form."""
    name = to_name(text).strip().lower()
    return _COMPACT.get(name, name)


_COMPACT: Final = {
    "c": "content-type", "e": "content-encoding", "f": "from", "i": "call-id", "k": "supported",
    "l": "content-length", "m": "contact", "o": "event", "r": "refer-to", "s": "subject",
    "t": "to", "u": "allow-events", "v": "via",
}  # fmt: skip


def calls_of(context: Context, names: Iterable[str]) -> list[ast.Call]:
    """The calls of functions with these names, in the order written."""
    wanted = frozenset(names)
    return [call for call in context.nodes(ast.Call) if call.name in wanted]
