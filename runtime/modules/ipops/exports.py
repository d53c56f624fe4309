"""What module ``ipops`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    PseudoVar,
    PvName,
    PvType,
)

INT_PV = Fixup.INT_PV
STR_PV = Fixup.STR_PV
PV = Fixup.PV

EXPORTS = Exports(
    name="ipops",
    functions=(
        Function("is_ip", (Arg("ip", STR_PV),), stops=False),
        Function("is_pure_ip", (Arg("ip", STR_PV),), stops=False),
        Function("is_ipv4", (Arg("ip", STR_PV),), stops=False),
        Function("is_ipv6", (Arg("ip", STR_PV),), stops=False),
        Function("is_ipv6_reference", (Arg("ip", STR_PV),), stops=False),
        Function("ip_type", (Arg("ip", STR_PV),), stops=False),
        Function(
            "detailed_ipv4_type",
            (Arg("ip", STR_PV), Arg("result", PV, accepts=Accepts.PV_WRITABLE)),
            stops=False,
        ),
        Function(
            "detailed_ipv6_type",
            (Arg("ip", STR_PV), Arg("result", PV, accepts=Accepts.PV_WRITABLE)),
            stops=False,
        ),
        Function(
            "detailed_ip_type",
            (Arg("ip", STR_PV), Arg("result", PV, accepts=Accepts.PV_WRITABLE)),
            stops=False,
        ),
        Function("compare_ips", (Arg("ip1", STR_PV), Arg("ip2", STR_PV)), stops=False),
        Function("compare_pure_ips", (Arg("ip1", STR_PV), Arg("ip2", STR_PV)), stops=False),
        Function("is_ip_rfc1918", (Arg("ip", STR_PV),), stops=False),
        Function("is_in_subnet", (Arg("ip", STR_PV), Arg("subnets_list", STR_PV))),
        Function("dns_sys_match_ip", (Arg("hostname", STR_PV), Arg("ipaddr", STR_PV)), stops=False),
        Function("dns_int_match_ip", (Arg("hostname", STR_PV), Arg("ipaddr", STR_PV)), stops=False),
        Function("dns_query", (Arg("hostname", STR_PV), Arg("pvid", STR_PV)), stops=False),
        Function("srv_query", (Arg("srvcname", STR_PV), Arg("pvid", STR_PV)), stops=False),
        Function("naptr_query", (Arg("domain", STR_PV), Arg("pvid", STR_PV)), stops=False),
        Function("dns_set_local_ttl", (Arg("vttl", INT_PV),), stops=False),
    ),
    pvs=(
        PseudoVar("dns", PvType.DYNAMIC, inner=PvName.FORMAT),
        PseudoVar("srvquery", PvType.DYNAMIC, inner=PvName.FORMAT),
        PseudoVar("naptrquery", PvType.DYNAMIC, inner=PvName.FORMAT),
        PseudoVar("HN", inner=PvName.STATIC, names=("d", "f", "i", "n")),
    ),
)
