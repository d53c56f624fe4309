"""What corex puts into our own Via: the server's id, fields of an xavp."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.runtime.matrix.wire import PLAIN, Setup, WireCase

PARAMS = 'server_id=71\nxavp_via_params="v"\n'
SETUP = Setup(params=PARAMS)
BOTH = Setup(params='xavp_via_params="v"\nxavp_via_fields="w"\n')
TURNED = Setup(params='xavp_via_fields="w"\nxavp_via_params="v"\n')
BARE = Setup()

NUMBERS = (
    "0", "1", "-1", '"5"', '"x"', '""', '"$var(none)"', "$var(one)", '"$var(one)"', '"$rU"',
    "4294967296", '"0x1"',
)  # fmt: skip
FIELDS = (
    "",
    '$xavp(v=>a) = "1";',
    '$xavp(v=>a) = "1"; $xavp(v[0]=>b) = 2;',
    '$xavp(v=>a) = ""; $xavp(v[0]=>b) = -5;',
    '$xavp(v=>a) = "x y"; $xavp(v[0]=>a) = "z"; $xavp(v[0]=>c) = "\\"q\\"";',
    '$xavp(v) = "text";',
    "$xavp(v) = 7;",
    '$xavp(v=>a) = "1"; $xavp(v) = "text";',
    '$xavp(v=>a) = "first"; $xavp(v=>a) = "second";',
    '$xavp(w=>address) = "1.2.3.4"; $xavp(w[0]=>port) = "5099";',
    '$xavp(v=>address) = "1.2.3.4"; $xavp(v[0]=>port) = "5099";',
    '$xavp(w=>address) = "example.com"; $xavp(v=>a) = "1";',
    f'$xavp(v=>a) = "{"x" * 900}";',
    "".join(f'$xavp(v{"[0]" if n else ""}=>n{n}) = "{"y" * 90}";' for n in range(30)),
)
CALLS = (
    "via_add_srvid(1);",
    "via_add_xavp_params(1);",
    "via_use_xavp_fields(1);",
    "via_add_srvid(1); via_add_xavp_params(1); via_use_xavp_fields(1);",
    "via_add_srvid(1); via_add_xavp_params(1); via_add_srvid(0);",
    "via_add_xavp_params(1); via_add_xavp_params(0);",
    "add_local_rport(); via_add_srvid(1); via_add_xavp_params(1);",
    'set_advertised_address("5.6.7.8"); via_use_xavp_fields(1); via_add_xavp_params(1);',
)
MODES = ("stateless", "tm", "du")


def _shown(call: str) -> str:
    return f'$var(one) = 1; {call}; append_hf("X-R: $rc\\r\\n");'


def all_cases() -> Iterator[WireCase]:
    """Each function with each argument, each set of fields with each call, in each way out."""
    made = 0
    for function in ("via_add_srvid", "via_add_xavp_params", "via_use_xavp_fields"):
        for number in NUMBERS:
            made += 1
            script = '$xavp(v=>a) = "1"; ' + _shown(f"{function}({number})")
            yield WireCase(f"N{made}", script, mode=MODES[made % 3])
    for fields in FIELDS:
        for call in CALLS:
            made += 1
            yield WireCase(f"F{made}", f"{fields} {call}", mode=MODES[made % 3])
    for number, fields in enumerate(FIELDS):
        yield WireCase(
            f"B{number}", "", mode="tm", branch_script=f"{fields} via_add_xavp_params(1);"
        )
        yield WireCase(
            f"C{number}",
            f"{fields} via_add_srvid(1); via_add_xavp_params(1);",
            mode="tm",
            branch_script='$xavp(v[0]=>branch) = "b";',
        )
        yield WireCase(
            f"E{number}",
            f"{fields} via_add_srvid(1); via_add_xavp_params(1);",
            replace(PLAIN, method="INVITE"),
            mode="tm",
            failure_script='$rU = "other"; t_relay_to_udp("127.0.0.1", "@SINK@");',
            answers=("486 Busy", "200 OK"),
        )
