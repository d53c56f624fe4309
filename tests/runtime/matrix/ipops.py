"""Every function of ipops on many texts: addresses, nearly addresses, and none."""

from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.harness import Case

V4 = (
    "1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4",
    "1.2.3.04",
    " 1.2.3.4", "1.2.3.4 ", "1..2.3", "1.2.3.", ".1.2.3", "10.0.0.1", "10.255.255.255x",
    "172.15.0.1",
    "172.16.0.1", "172.31.255.255", "172.32.0.1", "192.168.1.1", "192.168.1", "192.169.1.1",
    "10.0.0",
    "203.0.113.7", "198.51.100.1", "192.88.99.1", "192.0.2.1", "192.0.0.1", "169.254.3.4",
    "198.18.0.1",
    "198.19.255.255", "100.64.0.1", "127.0.0.1", "240.0.0.1", "224.0.0.1", "8.8.8.8", "-1.2.3.4",
    "1.2.3.4/8", "0x1.2.3.4", "1.2.3.4\\n", "10.256.0.1", "10.0.0.1.5",
)  # fmt: skip
V6 = (
    "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::8", "1:2::7:8",
    "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "12345::", "g::",
    "::1:", "::1:2:", "1::2:", ":::", "1:::2", "1::2::3", ":", "1:", ":1", "::1.2.3.4",
    "::ffff:10.0.0.1",
    "1:2:3:4:5:6:1.2.3.4", "::1.2.3", "::1.2.3.", "::1.2.3.256", "::1.2.3.4:5", "1.2.3.4::",
    "::A:b",
    "0:0:0:0:0:0:0:1", "2001:DB8::1", "2001:db8:0:0::1", "fe80::1", "fe80::1%eth0", "fec0::1",
    "fe00::",
    "ff02::1", "fc00::1", "fd12::", "2002::1", "2001::1", "2001:2::1", "2001:10::1", "100::1",
    "100:0:0:1::",
    "64:ff9b::1", "200::", "400::", "800::", "1000::", "4000::", "6000::", "8000::", "a000::",
    "c000::",
    "e000::", "f000::", "f800::", "::ffff:0:1", "::2", " ::1", "::1 ", "2a00:1450::1",
)  # fmt: skip
REFERENCES = (
    "[::1]", "[2001:db8::1]", "[::1", "::1]", "[]", "[", "[1.2.3.4]", "[::1]:5060", "[::1:]",
    "[::]",
    "[ ::1]", "[::1] ", "[[::1]]",
)  # fmt: skip
OTHERS = (
    "",
    "a",
    "localhost",
    "sip:1.2.3.4",
    "\u00e9",
    "1234",
    "1.2.3.4,5.6.7.8",
    "1:2:3:4:5:6:7:",
)
TEXTS = (*V4, *V6, *REFERENCES, *OTHERS)
SUBNETS = (
    "10.0.0.0/8", "10.0.0.1", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/0", "0.0.0.0/0", "10.0.0.9/8",
    "10.0.0.0/", "10.0.0.0/ 8", "10.0.0.0/8x", "/8", "", " ", ",", "1.2.3.4,10.0.0.0/8",
    "x,10.0.0.0/8",
    " 1.2.3.4 , 10.0.0.0/8 ", "10.0.0.0/8,", ",,10.0.0.0/8", "10.0.0.0/32", "10.0.0.1/32",
    "10.0.0.0/31",
    "172.16.0.0/12,192.168.0.0/16", "2001:db8::/32", "2001:db8::/0", "::/0", "2001:db8::1/128",
    "2001:db8::/129", "fe80::/10,2001:db8::/32", "[2001:db8::]/32", "::1", "2001:db8::1",
    "10.0.0/8",
    "2001:db8::/16,2001:db8::1", "10.0.0.0/8/8", "::/7,10.0.0.0/8", "ffff::/16", "2001:db8::/33",
)  # fmt: skip
SETUP = 'loadmodule "ipops.so"\n'
CODE = '$var(out) = "" + $rc;'


def _quoted(text: str) -> str:
    return '"' + text + '"'


def _scripts() -> Iterator[str]:
    for text in TEXTS:
        for call in (
            "is_ip", "is_pure_ip", "is_ipv4", "is_ipv6", "is_ipv6_reference", "ip_type",
            "is_ip_rfc1918",
        ):  # fmt: skip
            yield f"{call}({_quoted(text)}); {CODE}"
        for call in ("detailed_ipv4_type", "detailed_ipv6_type", "detailed_ip_type"):
            if call == "detailed_ipv6_type" and text == "[":
                continue  # 5.6.3 crashes
            yield (
                f'$var(x) = "none"; {call}({_quoted(text)}, "$var(x)"); {CODE} '
                '$var(out) = $var(out) + "|" + $var(x);'
            )
    pairs = ("1.2.3.4", "::1", "[::1]", "0:0::1", "::1:", "01.2.3.4", "", "2001:DB8::1",
    "[2001:db8::1]",
             "10.0.0.1", "::ffff:10.0.0.1", "x")  # fmt: skip
    for one in (*pairs, *TEXTS[::9]):
        for other in pairs:
            yield f"compare_ips({_quoted(one)}, {_quoted(other)}); {CODE}"
            yield f"compare_pure_ips({_quoted(one)}, {_quoted(other)}); {CODE}"
    for address in ("10.0.0.1", "10.1.2.3", "172.16.5.5", "1.2.3.4", "2001:db8::1", "2001:db9::",
    "::1",
                    "[::1]", "x", "", "::1:", "192.168.0.1"):  # fmt: skip
        for subnet in SUBNETS:
            yield f"is_in_subnet({_quoted(address)}, {_quoted(subnet)}); {CODE}"
    fields = ("count", "addr", "type[0]", "ipv4", "ipv6", "addr[-1]", "addr[5]", "addr[$var(i)]")
    shown = "".join(f'$var(out) = $var(out) + "|" + $dns(a=>{field});' for field in fields)
    for host in ("127.0.0.1", "::1", "", "[::1]", "1.2.3", "256.256.256.256", "a b", "x" * 256):
        yield f'$var(i) = 0; dns_query("{host}", "a"); {CODE} {shown}'
        yield f'dns_sys_match_ip("{host}", "127.0.0.1"); {CODE}'
        yield f'dns_int_match_ip("{host}", "127.0.0.1"); {CODE}'
    for address in (
        "127.0.0.1",
        "::1",
        "[::1]",
        "x",
        "",
        "127.0.0",
        "127.0.0.257",
        "127..0.1",
        "1.1.1.1",
    ):
        yield f'dns_sys_match_ip("localhost", "{address}"); {CODE}'
        yield f'dns_sys_match_ip("127.0.0.1", "{address}"); {CODE}'
        yield f'dns_int_match_ip("127.0.0.1", "{address}"); {CODE}'
    last = "$var(out) = $var(out) + $dns(b=>addr[$var(i)]);"
    yield f'dns_query("127.0.0.1", "b"); {CODE} $var(i) = -1; {last}'
    yield '$var(out) = "<$dns(never=>count)|$dns(never=>addr)>";'
    yield '$var(out) = "<$srvquery(never=>count)|$srvquery(never=>target[0])>";'
    yield '$var(out) = "<$naptrquery(never=>count)|$naptrquery(never=>regex[0])>";'
    yield f'srv_query("", "never"); {CODE} $var(out) = $var(out) + $srvquery(never=>count);'
    yield f'naptr_query("", "never"); {CODE} $var(out) = $var(out) + $naptrquery(never=>count);'
    yield f'dns_set_local_ttl("5"); dns_set_local_ttl("0"); {CODE}'
    yield '$var(out) = "<$HN(n)|$HN(f)|$HN(d)|$HN(i)>";'
    for name in (
        "$dns(a)", "$dns(a=>)", "$dns(a=>x)", "$dns(a=>addr[)", "$dns(a=>addr[x])", "$dns(=>addr)",
        "$dns(a=>addr[])", "$dns(a=>addr[1x])", "$dns(a => addr)", "$dns( a=>addr)",
        "$dns(a=> addr)",
        "$dns(a =>addr)", "$dns(a=>addr[-2])", "$dns(a=>addr )", "$dns(a-b=>addr)",
        "$dns(a=>count[1])",
        "$srvquery(a=>port)", "$srvquery(a=>port[0])", "$srvquery(a=>count)", "$srvquery(a=>x[0])",
        "$srvquery(a=>port[-1])", "$srvquery(a-b=>count)", "$srvquery( a => port [ 0 ] )",
        "$srvquery(a=>port[$var(i)])", "$srvquery(a=>count[0])", "$srvquery(a=>port[])",
        "$srvquery(a)",
        "$naptrquery(a=>order[0])", "$naptrquery(a=>order)", "$naptrquery(a=>count)", "$HN(x)",
        "$HN()",
        "$naptrquery(a=>replace[0])", "$naptrquery(a=>weight[0])", "$HN(nf)",
        "$srvquery(a=>port[1x])",
    ):  # fmt: skip
        yield f'$var(i) = 0; $var(out) = "<{name}>";'
    for call in (
        "is_ip()", 'is_ip("a", "b")', "is_ip($si)", 'is_ip("$si")', 'is_ip("$avp(none)")',
        "is_ip(5)",
        'detailed_ip_type("1.2.3.4")', 'detailed_ip_type("1.2.3.4", "x")',
        'is_in_subnet("1.2.3.4")',
        'detailed_ip_type("1.2.3.4", "$ci")', 'dns_set_local_ttl("x")',
        'dns_set_local_ttl("$var(i)")',
        'is_in_subnet($si, "127.0.0.0/8")', 'compare_ips("$si", "$Ri")', 'is_ip_rfc1918("$si")',
    ):  # fmt: skip
        yield f"{call}; {CODE}"


def all_cases() -> Iterator[Case]:
    """Each call."""
    for number, script in enumerate(_scripts()):
        yield Case(f"ip{number}", script)
