"""Calls, variables and parameters: what a start of Kamailio 5.6.3 accepts, and what it refuses.

``kamailio -c`` passes every line of this table, a selection of some 150,000 that were tried.
"""

from __future__ import annotations

from typing import Final

HEAD: Final = (
    "".join(
        f'loadmodule "{name}.so"\n'
        for name in (
            *("pv", "tm", "sl", "rr", "xlog", "textops", "textopsx", "siputils", "kex", "maxfwd"),
            *("usrloc", "registrar", "auth", "dialog", "counters", "cfgutils", "htable", "tmx"),
        )
    )
    + 'modparam("dialog", "profiles_no_value", "calls")\n'
    + 'modparam("counters", "script_counter", "seen")\n'
    + 'modparam("htable", "htable", "a=>size=4;")\n'
)

TAKEN: Final = (
    'xlog("L_INFO", "$ru $$ $(ru{s.len})\\n")',
    'xlog("$var(level)", "text")',
    'xlog("a" + 1)',
    'xlog("L_INFO", "x $ru" + " b$rU\\n")',
    'sl_send_reply(200 + 4 * 51, "Not" + " Found")',
    'xlog("LOG_LOCAL3", "L_DBG", "a")',
    'has_body("")',
    'has_body("application/sdp")',
    'is_method("INVITE|ACK,BYE")',
    'is_method("FOO")',
    'remove_hf("X-Anything")',
    'append_hf("P-X: $ru\\r\\n", "Call-ID")',
    'search_append("a.*b", "$nosuch")',
    'append_hf_value("Contact[1]", "a")',
    'in_list("a", "$ru", ",")',
    'sl_send_reply("404", "Not Found")',
    'sl_send_reply("$nosuch(x)", "$nosuch")',
    'send_reply("$var(code)", "$var(reason)")',
    'send_reply("404", "$nosuch and more")',
    't_set_fr("", "$avp(x)")',
    't_check_status("(40[0-9])|$$")',
    't_on_failure("nowhere$ru")',
    't_is_set("anything")',
    'mf_process_maxfwd_header("10")',
    'save("location", "0x04")',
    'lookup("location", "$ru")',
    'www_challenge("$td", "1")',
    'dlg_setflag("")',
    'set_dlg_profile("calls")',
    'cnt_inc("seen")',
    'rand_set_prob("text")',
    'pv_printf("$(ru{s.len})", "a")',
    'subst("/a/$var(x)/ig")',
    'xlog("$hdr(X-Any) $avp(s:a) $avp(i:5) $xavp(a[0]=>b[$var(i)]) $TV(sn) $sht(a=>$ru)\\n")',
    'xlog("$dlg(callid) $snd(ip) $(hdr(To)[-1]) $T_req($ru) $stat(any$thing)\\n")',
    "$var(x) = $var(y) + 1 + \"a\"",
    'if ($ru =~ "^sip:[a-z]+$") exit',
    'if ($ru =~ $var(pattern)) exit',
    "return $var(x)",
    'return $ru + "a"',
)  # fmt: skip

REFUSED: Final = (
    ('xlog("L_X", "text")', "K0204"),
    ('xlog("LOG_NONE", "L_DBG", "a")', "K0204"),
    ('xlog("$nosuch(x)")', "K0208"),
    ('xlog("$(ru{s.nosuch})")', "K0209"),
    ('xlog("a$")', "K0208"),
    ('xlog("$var(x")', "K0208"),
    ('xlog("$var()")', "K0208"),
    ('xlog("$var")', "K0216"),
    ('xlog("$ru(x)")', "K0216"),
    ('xlog("$(ru[0])")', "K0216"),
    ('xlog("$TV(x)")', "K0216"),
    ('xlog("$snd(nothing)")', "K0216"),
    ('xlog("$dlg(x)")', "K0216"),
    ('xlog("$hdr(a b)")', "K0216"),
    ('xlog("$avp(x:y)")', "K0216"),
    ('xlog("$sht(a)")', "K0216"),
    ('xlog("$avp($nosuch)")', "K0208"),
    ('has_body("nonsense")', "K0204"),
    ('is_method("ACK|FOO")', "K0204"),
    ('is_method("")', "K0204"),
    ('remove_hf("")', "K0204"),
    ('remove_hf("a b")', "K0204"),
    ('append_hf("a", "Call ID")', "K0204"),
    ('append_hf_value("Contact[x]", "a")', "K0204"),
    ('in_list("a", "b", "too long")', "K0204"),
    ('search("(")', "K0207"),
    ('search_hf("To", "[a", "a")', "K0207"),
    ('subst("/a")', "K0204"),
    ('subst("/(/b/")', "K0207"),
    ('sl_send_reply("Not Found", "404")', "K0204"),
    ('t_set_fr("abc")', "K0204"),
    ('t_check_status("[a")', "K0207"),
    ('t_relay_to("$ru")', "K0204"),
    ('save("location", "abc")', "K0204"),
    ('www_challenge("", "1")', "K0204"),
    ('setflag("abc")', "K0219"),
    ('set_dlg_profile("call")', "K0241"),
    ('cnt_inc("unseen")', "K0241"),
    ('rand_set_prob("101")', "K0204"),
    ('pv_printf("$ci", "a")', "K0204"),
    ('route("nowhere")', "K0206"),
    ('route("TT$var(x)")', "K0206"),
    ('if ($ru =~ "^[0-9+") exit', "K0207"),
    ('return "a"', "K0217"),
    ('exit("a")', "K0217"),
    ("drop (str)5", "K0217"),
    ('is_supported("path,gruu")', "K0204"),
    ('sht_lock("a")', "K0204"),
)  # fmt: skip

PARAMETERS_REFUSED: Final = (
    ('modparam("dialog", "db_mode", 7)', "K0243"),
    ('modparam("dialog", "dlg_flag", 32)', "K0243"),
    ('modparam("dialog", "timeout_avp", "abc")', "K0243"),
    ('modparam("auth", "algorithm", "md5")', "K0243"),
    ('modparam("auth", "qop", "auth,auth-int")', "K0243"),
    ('modparam("registrar", "received_avp", "$var(x)")', "K0243"),
    ('modparam("registrar", "regid_mode", 2)', "K0243"),
    ('modparam("xlog", "log_facility", "LOG_NONE")', "K0243"),
    ('modparam("rr", "custom_user_avp", "$nosuch(x)")', "K0208"),
    ('modparam("rr", "append_fromtag", 0)\nroute[DIR] { is_direction("upstream"); }', "K0243"),
    ('modparam("siputils", "rpid_avp", "rpid")', "K0243"),
    ('modparam("tm", "cancel_b_method", 3)', "K0243"),
    ('modparam("pv", "varset", "a=1")', "K0243"),
    ('modparam("htable", "htable", "b=>size=x;")', "K0243"),
    ('loadmodule "acc.so"\nmodparam("acc", "log_extra", "a=$ru;b=$fu;")', "K0243"),
    ('loadmodule "acc.so"\nmodparam("acc", "log_extra", "a=$ru;b=$nosuch")', "K0208"),
)  # fmt: skip
