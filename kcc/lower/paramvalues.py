"""Values of module parameters that a module refuses when it is initialised.

Found by starting Kamailio 5.6.3 with some twelve values for each parameter of each module, and read
from the modules where a limit had to be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from kcc.diagnostics.model import Diagnostic
from kcc.lower.accepts import refusal
from kcc.lower.paramtext import TextRule, extra, shared_table, start_value
from kcc.lower.scope import Scope
from kcc.source.span import Span
from runtime.declare.exports import Accepts

Rule: TypeAlias = range | tuple[int, ...] | tuple[str, ...] | Accepts | TextRule

_FLAG: Final = range(-1, 32)
_BOOLEAN: Final = range(2)
_THREE: Final = range(3)
_FACILITIES: Final = (
    *("log_auth", "log_cron", "log_daemon", "log_kern", "log_lpr", "log_mail", "log_news"),
    *("log_user", "log_uucp", "log_authpriv", "log_ftp", "log_syslog"),
    *(f"log_local{number}" for number in range(8)),
)
_FORMAT: Final = Accepts.FORMAT
_AVP: Final = Accepts.AVP_VARIABLE
_PV: Final = Accepts.PV


def _each(module: str, rule: Rule, *names: str) -> dict[tuple[str, str], Rule]:
    return {(module, name): rule for name in names}


_RULES: Final[Mapping[tuple[str, str], Rule]] = MappingProxyType(
    {
        # flags
        **_each("usrloc", _FLAG, "nat_bflag"),
        **_each("acc", _FLAG, "failed_transaction_flag", "log_flag", "log_missed_flag", "db_flag"),
        **_each("acc", _FLAG, "db_missed_flag"),
        **_each("dialog", _FLAG, "dlg_flag"),
        **_each("siptrace", _FLAG, "trace_flag"),
        **_each("outbound", _FLAG, "force_outbound_flag", "force_no_outbound_flag"),
        **_each("ims_usrloc_scscf", _FLAG, "nat_bflag"),
        # modes and numbers
        **_each("registrar", _BOOLEAN, "regid_mode"),
        **_each("registrar", _THREE, "outbound_mode"),
        **_each("permissions", _BOOLEAN, "db_mode"),
        **_each("acc", _BOOLEAN, "cdr_extra_nullable", "cdr_expired_dlg_enable"),
        **_each("dialog", _BOOLEAN, "detect_spirals", "initial_cbs_inscript", "timeout_noreset"),
        **_each("dialog", _THREE, "dlg_match_mode"),
        **_each("dialog", range(4), "db_mode", "keep_proxy_rr"),
        **_each("dialog", range(1, 1 << 31), "default_timeout"),
        **_each("ims_dialog", _BOOLEAN, "detect_spirals"),
        **_each("ims_dialog", _THREE, "dlg_match_mode"),
        **_each("ims_dialog", range(1, 1 << 31), "default_timeout"),
        **_each("tm", _THREE, "cancel_b_method"),
        **_each("websocket", _THREE, "cors_mode"),
        **_each("websocket", range(1, 4), "sub_protocols"),
        **_each("tcpops", _THREE, "closed_event"),
        **_each("presence", (1, 2), "min_expires_action"),
        **_each("presence", range(1, 1 << 31), "fetch_rows"),
        **_each("pua", range(1, 1 << 31), "fetch_rows"),
        **_each("pua", _BOOLEAN, "check_remote_contact"),
        **_each("lcr", range(1, 1 << 31), "fetch_rows"),
        **_each("lcr", _BOOLEAN, "priority_ordering"),
        **_each("sqlops", range(1, 1 << 31), "tr_buf_size"),
        **_each("siptrace", range(1, 4), "hep_version"),
        **_each("sipcapture", range(501), "insert_retries"),
        **_each("sipcapture", range(301), "insert_retry_timeout"),
        **_each("carrierroute", (10, 128), "match_mode"),
        **_each("carrierroute", _BOOLEAN, "db_load_description", "avoid_failed_destinations"),
        **_each("auth_ephemeral", _BOOLEAN, "username_format"),
        # text of a few words
        **_each("auth", ("auth", "auth-int", ""), "qop"),
        **_each("auth", ("MD5", "SHA-256", ""), "algorithm"),
        **_each("uac", ("none", "manual", "auto", ""), "restore_mode"),
        **_each("xlog", _FACILITIES, "log_facility"),
        **_each("debugger", _FACILITIES, "log_facility"),
        **_each("acc", _FACILITIES, "log_facility"),
        **_each("presence", _FACILITIES, "local_log_facility"),
        # variables
        **_each("siputils", _AVP, "rpid_avp"),
        **_each("nathelper", _AVP, "received_avp"),
        **_each("registrar", _AVP, "received_avp"),
        **_each("permissions", _AVP, "peer_tag_avp"),
        **_each("siptrace", _AVP, "traced_user_avp", "trace_table_avp"),
        **_each("ims_registrar_scscf", _AVP, "received_avp", "aor_avp", "reg_callid_avp"),
        **_each("mediaproxy", _AVP, "signaling_ip_avp", "media_relay_avp", "ice_candidate_avp"),
        **_each("rtpengine", _AVP, "setid_avp"),
        **_each("rtpproxy", _AVP, "ice_candidate_priority_avp"),
        **_each("lcr", _AVP, "gw_uri_avp", "ruri_user_avp", "tag_avp", "flags_avp", "rule_id_avp"),
        **_each("drouting", _AVP, "ruri_avp", "attrs_avp"),
        **_each("mtree", _AVP, "pv_values", "pv_dstid", "pv_weight"),
        **_each("rr", _PV, "custom_user_avp"),
        **_each("dispatcher", _PV, "setid_pvname", "attrs_pvname"),
        **_each("dialog", _PV, "timeout_avp"),
        **_each("ims_dialog", _PV, "timeout_avp"),
        **_each("mtree", _PV, "pv_value", "pv_count"),
        **_each("rtpengine", _FORMAT, "extra_id_pv"),
        **_each("rtpproxy", _FORMAT, "extra_id_pv"),
        **_each("dispatcher", _FORMAT, "hash_pvar"),
        **_each("dialog", Accepts.FORMAT_NONEMPTY, "ruri_pvar"),
        **_each("ims_dialog", Accepts.FORMAT_NONEMPTY, "ruri_pvar"),
        **_each("uac", _AVP, "auth_username_avp", "auth_realm_avp", "auth_password_avp"),
        # a syntax of their own
        **_each("pv", start_value, "varset", "shvset"),
        **_each("htable", shared_table, "htable"),
        **_each("acc", extra, "log_extra", "db_extra"),
        **_each("acc_radius", extra, "radius_extra"),
        **_each("acc_diameter", extra, "diameter_extra"),
        # expressions
        **_each("xhttp", Accepts.REGEX, "url_match", "url_skip"),
        **_each("xmlrpc", Accepts.REGEX, "url_match", "url_skip"),
        **_each("uac_redirect", Accepts.REGEX, "deny_filter", "accept_filter"),
    }
)


def check_value(scope: Scope, module: str, name: str, value: int | bytes, span: Span) -> None:
    """Report a value that the module refuses when the server starts."""
    rule = _RULES.get((module, name))
    if rule is None and module == "rtpengine" and name.startswith("mos_"):
        rule = _FORMAT
    if rule is None:
        return
    fault: Diagnostic | str | None = None
    if isinstance(rule, Accepts):
        if isinstance(value, bytes) and (value or rule in (_PV, Accepts.FORMAT_NONEMPTY)):
            fault = refusal(scope, rule, value, span)
    elif callable(rule):
        if isinstance(value, bytes):
            fault = rule(scope, value, span)
    elif isinstance(value, int):
        if value not in rule:
            fault = _allowed(rule)
    elif not isinstance(rule, range) and all(isinstance(word, str) for word in rule):
        exact = module == "auth" and name != "qop"
        text = value.decode("latin-1") if exact else value.decode("latin-1").lower()
        if text not in rule:
            fault = f"one of {', '.join(str(word) for word in rule if word)}"
    if isinstance(fault, str):
        scope.reporter.report(
            "K0243", f"parameter `{name}` of `{module}` is {fault}: it does not start so", span
        )
    elif fault is not None:
        scope.reporter.add(fault)


def _allowed(rule: range | tuple[int, ...] | tuple[str, ...]) -> str:
    if isinstance(rule, range):
        if rule.stop > 1 << 30:
            return f"at least {rule.start}"
        return f"a number from {rule.start} to {rule.stop - 1}"
    return f"one of {', '.join(map(str, rule))}"
