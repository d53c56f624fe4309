"""Every pseudo-variable that can be assigned, with values of every kind; read back, and seen in the
packet that goes on."""

from __future__ import annotations

# ruff: noqa: E501
from collections.abc import Iterator

from tests.runtime.matrix.contexts import Run, Snippet, show

TARGETS = (
    "$ru", "$ruri", "$rU", "$ruri.user", "$rd", "$ruri.domain", "$rp", "$du", "$duri", "$fs", "$fsn",
    "$fu", "$from", "$fU", "$fd", "$fn", "$tu", "$to", "$tU", "$td", "$tn", "$tUl", "$mf", "$mF",
    "$Mf(1)", "$Mf(31)", "$bf", "$bF", "$Bf(2)", "$sf", "$sF", "$Sf(3)", "$br", "$ccp(custom.number)",
    "$ccp(custom.text)", "$ccp(custom.nope)", "$msgbuf(3)", "$msgbuf(-1)", "$rcv(buf)",
    "$sbranch(uri)", "$sbranch(dst_uri)", "$sbranch(path)", "$sbranch(q)", "$sbranch(flags)",
    "$sbranch(send_socket)", "$sbranch(count)", "$sbranch(otcpid)",
)  # fmt: skip
BRANCHES = ("uri", "dst_uri", "path", "q", "flags", "send_socket", "count", "ruid", "location_ua",
            "otcpid", "instance")  # fmt: skip
INDEXES = ("", "[0]", "[1]", "[-1]", "[-2]", "[7]", "[*]")
READ_ONLY = ("$si", "$rm", "$rs", "$rr", "$hdr(X-Foo)", "$ci", "$ua", "$mi", "$rv", "$rP", "$dd",
             "$dp", "$dP", "$ou", "$oU", "$ct", "$rb", "$ft", "$tt", "$au", "$Ri", "$pr", "$via0(host)",
             "$T_reply_code", "$def(WITH_VALUE)", "$null", "$rc", "$cnt($avp(x))", "$sel(from.uri)",
             "$msg(buf)", "$stat(x)", "$TS", "$version(num)", "$env(HOME)", "$fti")  # fmt: skip
VALUES = (
    '"text"', '""', "5", "-1", "0", "$null", '"0x10"', '"7"', '"sip:new@host.example:5090;lr"',
    '"sips:host.example;transport=tls"', '"bad uri"', '"tel:+1"', "$hdr(X-Bin)", "$var(long)",
    "$rm", "$avp(none)", '"udp:127.0.0.1:" + $Rp', '"127.0.0.1"', '"a" + "b"', "$mF", "4294967296",
    '"host.example:5099"', '"\\"Quoted\\" name"', "$T_reply_last", "$var(int)", "$ml",
)  # fmt: skip
READ = (
    "$ru", "$rU", "$rd", "$rp", "$rP", "$rz", "$du", "$dd", "$dp", "$dP", "$fs", "$fsn", "$fsp", "$fu",
    "$fU", "$fd", "$fn", "$tu", "$tU", "$td", "$tn", "$mf", "$mF", "$bf", "$sf", "$br", "$bR", "$ds",
    "$branch(count)", "$nh(u)", "$nh(d)", "$nh(p)", "$ccp(custom.number)", "$ccp(custom.text)", "$rc",
    "$ou", "$(branch(uri)[1])", "$(branch(dst_uri)[-1])", "$(branch(path)[0])", "$(branch(q)[0])",
    "$(branch(flags)[0])", "$(branch(send_socket)[0])", "$sbranch(uri)",
    "$sbranch(dst_uri)", "$sbranch(path)", "$sbranch(q)", "$sbranch(flags)", "$sbranch(otcpid)",
    "$sbranch(send_socket)",
)  # fmt: skip
SETUP = (
    "$var(int) = 5;\n"
    '$var(long) = "x"; while ($(var(long){s.len}) < 3000) { $var(long) = $var(long) + $var(long); }\n'
    "$sbranch(uri) = $null; sbranch_reset();\n"
)
SBRANCH = (
    '$sbranch(uri) = "sip:static@host.example"; $sbranch(dst_uri) = "sip:127.0.0.1:9"; '
    '$sbranch(path) = "<sip:p.example;lr>"; $sbranch(q) = 500; $sbranch(flags) = 6; '
    "$sbranch(otcpid) = 3;\n"
)
PAIRS = (
    '$ru = "sip:x@y"; $rU = "z";', '$rU = "z"; $ru = "sip:x@y:7";', '$rU = "a"; $rd = "b"; $rp = "9";',
    '$rp = $null; $rU = $null;', '$rp = 0;', '$rp = "70000";', '$rp = -1;', '$du = "sip:h:1"; $du = "";',
    '$fu = "sip:f@g"; $fU = "h";', '$fU = "h"; $fd = "i";', '$fn = $null;', '$fn = "A"; $fn = "B";',
    '$tu = "sip:t@u"; $tn = "T";', '$td = "u"; $tU = "v"; $tn = $null;', '$tU = $null;', '$fU = $null;',
    '$br = "sip:b1@c"; $br = "sip:b2@c"; $(branch(uri)[0]) = $null;',
    '$br = "sip:b1@c"; $branch(dst_uri) = "sip:127.0.0.1:9"; $branch(flags) = 3;',
    'append_branch(); $ru = "sip:n@o"; append_branch();',
    '$ru = "sip:n@o"; $br = "sip:b@c"; $branch(q) = 350;',
    '$fs = "udp:127.0.0.1:" + $Rp; $fs = $null;', '$fs = "udp:127.0.0.1:" + $Rp;',
    '$fs = "127.0.0.1:" + $Rp;', '$fs = "tcp:127.0.0.1:" + $Rp;', '$fs = "127.0.0.1";',
    '$mf = 3; setflag(4); resetflag(0);', '$bf = 3; setbflag(4);', '$Mf(1) = 1; $Mf(2) = $null;',
    '$Mf(1) = 1; $Mf(1) = 0;', '$Mf(FLAG_ONE) = 1;', '$sf = 3; setsflag(4); $Sf(0) = 0;',
    '$ru = $ru + ";x=y";', '$rU = $rU + "1"; $rU = $rU + "2";', '$ru = "sip:a@b"; revert_uri();',
    '$rd = "[::1]";', '$rd = "a b";', '$rU = "a b";', '$rU = "a@b";', '$ru = "sip:a@b?c=d";',
    '$du = "sip:127.0.0.1:5099;transport=tcp";', '$fu = $null; $tu = $null; $fd = $null;',
    SBRANCH + "$var(r) = 1; sbranch_append();", SBRANCH + "sbranch_set_ruri();",
    SBRANCH + "sbranch_append(); sbranch_append(); sbranch_reset();",
    SBRANCH + '$sbranch(uri) = ""; sbranch_append();', "sbranch_set_ruri();",
    '$ru += "x";', '$rU .= "x";', '$mf |= 4;', '$ru = "sip:" + $fU + "@" + $td;',
)  # fmt: skip
PACKETS = ("full", "bare", "folded", "six", "telephone", "octets", "baduri", "badfrom")


def statements() -> Iterator[str]:
    """Assignments, alone and several together."""
    for target in TARGETS:
        for value in VALUES:
            yield f"{target} = {value};"
    for name in BRANCHES:
        for index in INDEXES:
            target = f"$(branch({name}){index})" if index else f"$branch({name})"
            for value in ('"sip:new@host.example"', '""', "9", "$null", '"udp:127.0.0.1:" + $Rp'):
                yield f'$br = "sip:first@c"; $br = "sip:second@c"; {target} = {value};'
    for target in READ_ONLY:
        yield f'{target} = "x";'
        yield f"{target} = 1;"
    yield from PAIRS


def snippets() -> list[Snippet]:
    """Each assignment, then what there is."""
    text = "|".join(READ)
    back = show("back", f"$_s({text})") + show("message", "$mbu")
    return [
        Snippet(f"W{at}", f"{SETUP}{made}\n{back}")
        for at, made in enumerate(dict.fromkeys(statements()))
    ]


def named() -> dict[str, str]:
    """The assignment of each snippet."""
    return {f"W{at}": made for at, made in enumerate(dict.fromkeys(statements()))}


def runs(names: list[str]) -> list[Run]:
    """Each assignment on several packets and in several routes."""
    found = []
    assignments = named()
    for name in names:
        found += [Run(name, packet, "request") for packet in PACKETS]
        found += [Run(name, "full", "wire"), Run(name, "folded", "relay", "MESSAGE")]
        found += [Run(name, "ok", "reply"), Run(name, "full", "failure", "MESSAGE")]
        if "br" not in assignments[name] and "branch" not in assignments[name]:
            found += [Run(name, "full", "branch", "MESSAGE")]
    return found
