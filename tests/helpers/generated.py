"""Configurations as hypothesis makes them up: every construct, at random, in valid form."""

from __future__ import annotations

from hypothesis import strategies as st

_NAMES = st.sampled_from(("A", "b_1", "Relay", "X9", "_z"))
_NUMBERS = st.sampled_from(("0", "7", "0x1F", "017", "101b", "yes", "off", "2147483647", "INET6"))
_STRINGS = st.one_of(
    st.text(
        st.characters(min_codepoint=1, max_codepoint=255, exclude_characters='"\\'), max_size=6
    ).map(lambda text: f'"{text}"'),
    st.sampled_from(('"a" "b"', "'x\\y'", '"\\x41\\101\\n\\"\\\\"', "''", '"a\\\nb"')),
)
_VARIABLES = st.sampled_from(
    (
        "$ru",
        "$rc",
        "$?",
        "$var(x)",
        "$(ru{uri.user}{s.len})",
        "$xavp(a[0]=>b)",
        "$avp(s:x)",
        "$(hdr(X)[-1])",
        "$sht(a=>$var(k))",
        "$(var(y){s.substr,0,$(var(z){s.int})})",
        "$null",
    )
)
_WRITABLE = st.sampled_from(("$ru", "$var(x)", "$xavp(a=>b)", "%x", "%f.y", "%z[]", "$(avp(a)[*])"))
_LEGACY = st.sampled_from(
    (
        'method=="X"',
        "method!=INVITE",
        "uri==myself",
        "myself!=src_ip",
        "src_ip==10.0.0.0/8",
        "dst_ip==::1",
        "src_ip==[2001:db8::1]",
        "src_ip==a-b.c",
        "proto==udp",
        "src_port>=5060",
        "af==inet",
        "msg:len<100",
        'from_uri=~"a"',
        "src_ip==1.2.3.4/255.0.0.0",
    )
)
_ATOMS = st.one_of(
    _NUMBERS,
    _STRINGS,
    _VARIABLES,
    _LEGACY,
    st.sampled_from(
        (
            "@to.tag",
            "@via[1].host",
            '@hf_value["x"]',
            "%x",
            "%f.y[1]",
            'is_method("X")',
            "t_relay()",
            "route(A)",
            "isflagset(1)",
            "($var(x) = 1)",
        )
    ),
)
_BINARY = st.sampled_from(
    (
        "+",
        "-",
        "*",
        "/",
        "mod",
        "==",
        "!=",
        "=~",
        "eq",
        "ne",
        "ieq",
        "ine",
        "<",
        ">",
        "<=",
        ">=",
        "&&",
        "||",
        "and",
        "or",
        "|",
        "&",
        "^",
        "<<",
        ">>",
    )
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, _BINARY, inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        st.tuples(st.sampled_from(("!", "not ", "~", "- ", "(int)", "(str)")), inner).map("".join),
        st.tuples(st.sampled_from(("strlen", "strempty")), inner).map(lambda t: f"{t[0]}({t[1]})"),
        inner.map(lambda text: f"defined {text}"),
        st.tuples(inner, inner, inner).map(lambda t: f"selval({', '.join(t)})"),
        st.lists(inner, max_size=3).map(lambda args: f"f({', '.join(args)})"),
    )


EXPRESSIONS = st.recursive(_ATOMS, _wider, max_leaves=8)

_CALLS = st.sampled_from(
    (
        "force_rport",
        "add_rport()",
        'log(1, "x")',
        "setflag(3)",
        "strip(2)",
        "rewriteuser('a')",
        "forward(uri:host, uri:port)",
        "forward(a-b.c, 5060)",
        "set_advertised_address(1.2.3.4)",
        "force_send_socket(udp:[::1]:5060)",
        "remove_branch(-1)",
        "udp_mtu_try_proto(tcp)",
        'cfg_select("a", $var(x))',
        'setu("a")',
        "append_branch()",
        'xlog(,"a")',
    )
)
_SIMPLE = st.one_of(
    st.just(";"),
    _CALLS.map(lambda text: f"{text};"),
    st.tuples(_WRITABLE, EXPRESSIONS).map(lambda t: f"{t[0]} = {t[1]};"),
    st.tuples(st.sampled_from(("return", "exit", "drop")), EXPRESSIONS).map(
        lambda t: f"{t[0]} {t[1]};"
    ),
    st.sampled_from(("break;", "exit();", "return;", "drop;")),
)
_CASES = st.sampled_from(('case "a":', 'case "b" "c":', 'case /"^d":', "default:"))


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=3).map(
        lambda lines: "{\n" + "\n".join(lines) + "\n}"
    )
    cases = st.lists(
        st.tuples(_CASES, st.lists(inner, max_size=2)), max_size=3, unique_by=lambda t: t[0]
    )
    return st.one_of(
        st.tuples(EXPRESSIONS, block).map(lambda t: f"if ({t[0]}) {t[1]}"),
        st.tuples(EXPRESSIONS, block, block).map(lambda t: f"if ({t[0]}) {t[1]} else {t[2]}"),
        st.tuples(EXPRESSIONS, inner).map(lambda t: f"if {t[0]} {t[1]}"),
        st.tuples(EXPRESSIONS, block).map(lambda t: f"while ({t[0]}) {t[1]}"),
        st.tuples(EXPRESSIONS, cases).map(
            lambda t: f"switch ({t[0]}) {{\n"
            + "\n".join(f"{c} {' '.join(b)}" for c, b in t[1])
            + "\n}"
        ),
    )


STATEMENTS = st.recursive(_SIMPLE, _deeper, max_leaves=6)

_HEADS = st.sampled_from(
    (
        "request_route",
        "route[A]",
        "route[7]",
        'route["x y"]',
        "onreply_route",
        "reply_route",
        "onreply_route[N]",
        "failure_route[F]",
        "branch_route[B]",
        "onsend_route",
        "event_route[a:b-c]",
    )
)
_ITEMS = st.one_of(
    st.sampled_from(
        (
            "debug=-1",
            "children=4",
            "log_facility=LOG_DAEMON",
            "tcp_source_ipv4=1.2.3.4",
            "alias=a.b;",
            'listen=udp:127.0.0.1:5060 advertise "a.b":5070 name "n" virtual;',
            "listen=(a, b):*;",
            "listen=tcp:[::1]:5061 lo;",
            "port=5080",
            'loadmodule "tm.so"',
            "loadmodulex 'x'",
            'modparam("a|b", "c", -5)',
            'modparamx("a", "b", $var(x))',
            'mpath="/a"',
            "flags f1, f2:7;",
            'avpflags a, "b";',
            'g.v = 1 desc "d"',
            'g[2].v = "x"',
            "default.default = 0x1",
            'kemi.reply_route_callback="f"',
            "advertised_address=a-b.c;",
            "tos=IPTOS_LOWDELAY",
            "udp_mtu_try_proto=TCP",
            "tls_method=TLSv1",
            'cfgengine "native"',
            ";",
        )
    ),
    st.tuples(_HEADS, st.lists(STATEMENTS, min_size=1, max_size=3)).map(
        lambda t: f"{t[0]} {{\n" + "\n".join(t[1]) + "\n}"
    ),
)

FILES = st.lists(_ITEMS, min_size=1, max_size=5).map(
    lambda items: "#!KAMAILIO\n" + "\n".join(items) + "\n"
)
