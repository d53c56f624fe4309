"""``corex``: branches, flags, sockets, files, places, written well and badly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.runtime.matrix.harness import Case

TEXTS = (
    '"sip:a@b"',
    '"$ru"',
    '"$var(none)"',
    '""',
    '"$hdr(X-None)"',
    '"sip:"',
    '"caf\u00e9 \udcff"',
    '"$nosuch"',
    '"<sip:q@h;x=1>"',
    '"sip:' + "u" * 500 + '@h"',
)
QS = (
    '"0.5"',
    '"1"',
    '"0"',
    '"0.123"',
    '"1.5"',
    '"x"',
    '""',
    '"-1"',
    '"$var(none)"',
    '"0.5x"',
    '".5"',
)
NUMBERS = (
    "0",
    "1",
    "31",
    "32",
    "127",
    "128",
    "-1",
    '"5"',
    '"x"',
    '""',
    '"$var(five)"',
    '"$rU"',
    "$var(five)",
    '"4294967297"',
    '"$var(none)"',
    "99999",
)
IFLAGS = ("USE_UAC_FROM", "use_uac_to", "UAC_AUTH", "$var(flag)")
STRANGE = ("nothing", "", "UAC_AUTH ", "$var(none)")
SOCKETS = (
    '"127.0.0.1"',
    '"udp:127.0.0.1"',
    '"tcp:127.0.0.1"',
    '"udp:127.0.0.1:1"',
    '"127.0.0.1:1"',
    '"$Ri"',
    '"$Ri:$Rp"',
    '"udp:$Ri:$Rp"',
    '"tcp:$Ri:$Rp"',
    '"nosuch.invalid"',
    '"a:b:c:d"',
    '":"',
    '"[::1]"',
    '"udp:"',
    '""',
    '"x"',
    '"$var(none)"',
    '"q:127.0.0.1"',
    '"127.0.0.1:x"',
    '"main"',
    '"[127.0.0.1"',
    '"UDP:$Ri:$Rp"',
)
SOURCES = (
    '"10.0.0.9:5099"',
    '"udp:10.0.0.9:5099"',
    '"[2001:db8::9]:5070"',
    '"10.0.0.9:"',
    '"a:b:c:d"',
    '""',
    '"tcp:10.0.0.9:5099"',
    '"x:10.0.0.9"',
    '"$var(none)"',
    '"[::1"',
)
ADDRESSES = (
    "udp:1.2.3.4:5060",
    "1.2.3.4:5060",
    "udp:1.2.3.4",
    "1.2.3.4",
    "tls:[2001:db8::1]:5061",
    "[2001:db8::1]:5061",
    "[2001:db8::1]",
    "a:b:c:d",
    "",
    ":",
    "x:y",
    "x:5",
    "host.example",
    "UDP:h:1",
    "h:99999",
    "h:99999999999",
    "udp::5",
    "[[::1]]",
    "]x[",
    "ws:h:80",
    "h:0",
    "-:5",
    "udp:h:x",
)
LSOCKS = (
    "n/main/listen",
    "n/MAIN/listen",
    "n/none/listen",
    "l/udp:$Ri:$Rp/name",
    "l/udp:$Ri:$Rp/nn",
    "l/udp:$Ri:$Rp/ll",
    "l/udp:$Ri:$Rp/aa",
    "l/udp:$Ri:$Rp/ii",
    "i/0/ll",
    "i/5/ll",
    "i/-1/ll",
    "l/x/ll",
    "x/y/ll",
    "l/udp:$Ri:$Rp/l",
    "l",
    "l/a",
    "l/a/b/c",
    "",
    "//ll",
    "i/0/zz",
    "a//ll",
    "l/$var(none)/ll",
    "i//nn",
)
START = (
    '$var(five) = 5; $var(none) = ""; $var(flag) = "UAC_AUTH"; $var(a) = "-"; $var(si) = $si;'
    " $var(sp) = $sp; $var(ri) = $Ri; $var(rp) = $Rp;"
)
BRANCHES = (
    ' $var(out) = "" + $rc + "|" + $(branch(uri)[0]) + "|" + $(branch(q)[0]) + "|" +'
    ' $(branch(uri)[1]) + "|" + $ru + "|" + $du; clear_branches(); $du = $null;'
)
BACK = 'set_source_address("$var(si):$var(sp)"); set_recv_socket("udp:$var(ri):$var(rp)");'
CODE = ' $var(out) = "" + $rc;'


def calls() -> Iterator[str]:
    """Statements that leave text in ``$var(out)``."""
    for text in TEXTS:
        yield f"append_branch({text}); {BRANCHES}"
        yield f'$du = "sip:d@e"; append_branch({text}); {BRANCHES}'
        for q in QS:
            yield f"append_branch({text}, {q}); {BRANCHES}"
    yield f"append_branch(); {BRANCHES}"
    yield f'$du = "sip:d@e"; append_branch(); {BRANCHES}'
    for number in NUMBERS:
        for look in NUMBERS:
            yield (
                f"setxflag({number}); $var(a) = $rc; isxflagset({look}); $var(b) = $rc;"
                f" resetxflag({look}); $var(c) = $rc; isxflagset({number});"
                ' $var(out) = "" + $var(a) + $var(b) + $var(c) + $rc;'
            )
    for flag in IFLAGS:
        for other in IFLAGS:
            yield (
                f'msg_iflag_set("{flag}"); $var(a) = $rc; msg_iflag_is_set("{other}");'
                " $var(b) = $rc;"
                f' msg_iflag_reset("{other}"); $var(c) = $rc; msg_iflag_is_set("{other}");'
                ' $var(out) = "" + $var(a) + $var(b) + $var(c) + $rc;'
            )
            yield f'msg_iflag_reset("{flag}"); msg_iflag_is_set("{other}"); {CODE}'
    for flag in STRANGE:
        yield f'msg_iflag_reset("{flag}"); {CODE}'
        yield f'msg_iflag_is_set("{flag}"); {CODE}'
    for socket in SOCKETS:
        for name in ("set_send_socket", "set_send_socket_name"):
            yield (
                f"{name}({socket}); {CODE} if ($fs == $null) $var(out) = $var(out) + 0;"
                ' else if ($fs == "udp:" + $Ri + ":" + $Rp) $var(out) = $var(out) + "own";'
            )
        for name in ("set_recv_socket", "set_recv_socket_name"):
            yield f"{name}({socket}); {CODE} $var(out) = $var(out) + $Ri + $pr + $rc;"
        yield f"is_socket_name({socket}); {CODE}"
    for source in SOURCES:
        yield f'set_source_address({source}); $var(a) = $rc; $var(out) = "" + $rc + "|" + $si;'
        yield f"set_source_address({source}); $var(a) = $rc; if ($var(a) > 0) $var(out) = $sp;"
    for address in ADDRESSES:
        for function in ("host", "port", "proto", "touri", "none"):
            yield f'$var(v) = "{address}"; $var(out) = $(var(v){{sock.{function}}});'
            yield f'$var(v) = "{address}"; $var(out) = "<$(var(v){{sock.{function}}})>";'
    for expression in LSOCKS:
        yield (
            f'$var(v) = $lsock({expression}); if ($var(v) == "udp:" + $Ri + ":" + $Rp)'
            ' $var(out) = "own"; else $var(out) = "<" + $var(v) + ">";'
        )
        yield f"if ($lsock({expression}) == $null) $var(out) = 1; else $var(out) = 2;"
    for target in (
        '"127.0.0.1:9"',
        '"127.0.0.1"',
        '"127.0.0.1:x"',
        '"nosuch.invalid"',
        '"[::"',
        '""',
    ):
        yield f"send_udp({target}); {CODE}"
    for uri in (
        '"sip:127.0.0.1:9"',
        '"sip:x@127.0.0.1:9;transport=udp"',
        '"x"',
        '""',
        '"$var(none)"',
        '"sip:nosuch.invalid"',
    ):
        for data in ('"data"', '""', '"$ru"', '"$var(none)"'):
            yield f"send_data({uri}, {data}); {CODE}"
            for sock in ('"udp:$Ri:$Rp"', '"udp:1.2.3.4:5"', '"a:b:c:d"', '""'):
                yield f"sendx({uri}, {sock}, {data}); {CODE}"
    for path in (
        "FOLDERNAME/one",
        "FOLDERNAME/none/x",
        "FOLDERNAME",
        "",
        "$var(none)",
        "/etc/hostname",
    ):
        for content in ('"text"', '""', '"$ru"', '"$var(none)"', '"caf\u00e9 \udcff"'):
            yield (
                (
                    f'file_write("{path}", {content}); $var(a) = $rc;'
                    f' file_read("{path}", "$var(b)");'
                    ' $var(out) = "" + $var(a) + $rc + $(var(b){s.len});'
                )
                if "etc" not in path
                else f'file_read("{path}", "$var(b)"); {CODE}'
            )
        for variable in ("$avp(x)", "$ml", "x", "", "$rU", "$shv(q)"):
            yield f'file_read("{path}", "{variable}"); {CODE} $var(out) = $var(out) + $avp(x);'
    for plain in ("is_incoming", "is_faked_msg", "forward_reply"):
        yield f"{plain}(); {CODE}"
        yield f"{plain}(1); {CODE}"
    for name in ("route", "line", "name", "file", "nothing", ""):
        yield f"$var(out) = $cfg({name}) != $null;"
        yield f'if ($cfg({name}) =~ "[.]cfg$$") $var(out) = 1; else $var(out) = 2;'
    yield '$var(out) = "" + $cfg(line) - $cfg(line);'
    yield "route(PLACE);"
    yield 'if ($(cfg(route){s.substr,0,1}) == "X") $var(out) = 1; else $var(out) = $cfg(route);'


def all_cases() -> Iterator[Case]:
    """Every case of this file."""
    for number, call in enumerate(calls()):
        yield Case(f"X{number}", f"{START}\n{call}\n{BACK}")


def prepare(folder: Path) -> str:
    """Load the module; ``FOLDER`` is where files may be written."""
    return (
        f'#!substdef "!FOLDERNAME!{folder}!g"\n'
        'loadmodule "corex.so"\nroute[PLACE] {\n$var(out) = $cfg(route);\n}\n'
    )
