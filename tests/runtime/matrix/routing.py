"""rr and maxfwd: the packets that leave, for many headers and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.runtime.matrix.wire import MODULES, PLAIN, Message, Setup, WireCase


def setup(module: str, **params: int | str) -> Setup:
    """A configuration with these parameters of a module."""
    lines = "".join(
        f'modparam("{module}", "{name}", {value!r})\n'.replace("'", '"')
        for name, value in params.items()
    )
    return Setup(MODULES, lines)


MAXFWD_SETUPS = {
    "plain": setup("maxfwd"),
    "ten": setup("maxfwd", max_limit=10),
    "none": setup("maxfwd", max_limit=0),
    "more": setup("maxfwd", max_limit=300),
}
VALUES = (
    "70", "0", "1", "2", "10", "11", "71", "255", "256", "300", "65535", "65536", "65537", "99999",
    "100000", "-1", "", "abc", " 70 ", "070", "00000", "70x", "7 0", "+5", "7\r\n 0", "70;x", "9,8",
)  # fmt: skip
COUNTS = (
    'mf_process_maxfwd_header("10")', "mf_process_maxfwd_header(70)", 'maxfwd_process("0")',
    'process_maxfwd("255")', 'process_maxfwd("256")', 'process_maxfwd("-1")', 'is_maxfwd_lt("10")',
    'maxfwd_at_least("71")', 'mf_lowlimit("0")', 'mf_lowlimit("256")',
    'mf_process_maxfwd_header("$var(n)")',
    'is_maxfwd_lt("$avp(none)")', 'mf_process_maxfwd_header("$avp(none)")', 'maxfwd_process("x")',
    'mf_process_maxfwd_header("10"); mf_process_maxfwd_header("10")', "mf_process_maxfwd_header()",
    'mf_process_maxfwd_header("10"); msg_apply_changes(); mf_process_maxfwd_header("10")',
    'remove_hf("Max-Forwards"); mf_process_maxfwd_header("10")', 'is_maxfwd_lt("-1")',
    'is_maxfwd_lt("70"); mf_process_maxfwd_header("$rU")', "mf_process_maxfwd_header($var(n))",
)  # fmt: skip


def maxfwd_cases() -> Iterator[WireCase]:
    """Each function on each value."""
    messages = {"absent": replace(PLAIN, headers=())}
    for number, value in enumerate(VALUES):
        messages[f"v{number}"] = replace(PLAIN, headers=(f"Max-Forwards: {value}", "X: 1"))
    messages["short"] = replace(PLAIN, headers=("MAX-FORWARDS :  9",))
    messages["twice"] = replace(PLAIN, headers=("Max-Forwards: 9", "Max-Forwards: 8"))
    for number, calls in enumerate(COUNTS):
        for name, message in messages.items():
            script = rf'$var(n) = 15; {calls}; append_hf("R: $rc\r\n");'
            yield WireCase(f"Mf{number}{name}", script, message)


RR_SETUPS = {
    "plain": setup("rr"),
    "full": setup("rr", enable_full_lr=1, append_fromtag=0),
    "double": setup("rr", enable_double_rr=2, add_username=1),
    "single": setup("rr", enable_double_rr=0, sockname_mode=1),
    "custom": setup("rr", add_username=1, custom_user_avp="$avp(u)", ignore_sips=1),
    "force": setup("rr", force_send_socket=1),
}
ADDS = (
    "record_route()", 'record_route("x=1")', 'record_route(";x=1;y")', 'record_route("")',
    'record_route_preset("1.2.3.4:5070;transport=tcp")',
    'record_route_preset("1.2.3.4", "5.6.7.8:9")',
    'record_route_preset("$rd;x=$rU")', 'record_route_preset("")', "record_route($rd)",
    'record_route_advertised_address("gw.example.net:5062")',
    'record_route_advertised_address("$rd")',
    'add_rr_param(";a=1"); record_route()', 'record_route(); add_rr_param(";a=1")',
    'add_rr_param(";a=1"); add_rr_param(";b=$rU"); record_route(";c=3")', 'add_rr_param("")',
    "record_route(); record_route()",
    'record_route_preset("h"); record_route_preset("i")', "remove_record_route(); record_route()",
    r'append_hf("Record-Route: <sip:z>\r\n"); record_route()',
    "record_route(); msg_apply_changes()",
    r'insert_hf("X: 1\r\n"); record_route()', r'record_route(); insert_hf("X: 1\r\n")',
    'remove_hf("Record-Route"); record_route()', '$avp(u) = "tok"; record_route()',
    '$ru = "sip:carol@h"; record_route()', '$ru = "sips:carol@h"; record_route()',
    "add_rr_param(5)",
    '$ru = "sip:h"; record_route()', '$ru = "tel:+49"; record_route()',
    '$avp(u) = 5; record_route()',
)  # fmt: skip
SELF = "127.0.0.1:@SERVER@"
ROUTES = (
    f"<sip:{SELF};lr>", f"<sip:{SELF};lr=on;ftag=from-tag>", f"<sip:{SELF};lr;ftag=other;x=1>",
    f"<sip:{SELF};r2=on;lr>, <sip:{SELF};r2=on;lr>", f"<sip:{SELF};lr>,<sip:1.2.3.4;lr>",
    "<sip:1.2.3.4;lr>", f"<sip:{SELF}>", f"<sip:{SELF};lr>, <sip:1.2.3.4:5070>",
    "<sip:strict@1.2.3.4>",
    f"<sip:{SELF};lr>, <sip:a@1.2.3.4;lr;transport=tcp>, <sip:b@5.6.7.8>", "bad", "<sip:", "",
    f"Me <sip:u@{SELF};lr;a=1;b>;p=1", f"sip:{SELF};lr", f"<sip:{SELF};transport=tcp;lr>",
    f"<sips:{SELF};lr>", "<sip:127.0.0.1:1;lr>", f"<sip:{SELF};lr;r2=on>,<sip:1.2.3.4;lr>",
    f"<sip:{SELF};lr?a=b>", f"<sip:{SELF};lr>\r\nRoute: <sip:1.2.3.4;lr>",
    f"<sip:{SELF};maddr=1.2.3.4;lr>", f"<sip:[::1]:5060;lr>, <sip:{SELF};lr>",
    f"<sip:{SELF};LR;FTAG=from-tag>",
)  # fmt: skip
FOLLOWS = (
    "loose_route()", "loose_route_mode(0)", 'loose_route_mode("1")', "loose_route_preloaded()",
    'loose_route(); check_route_param("x=1")', 'loose_route(); check_route_param("ftag=.*")',
    'loose_route(); is_direction("downstream")', 'loose_route(); is_direction("upstream")',
    "loose_route(); rr_next_hop_route()", "loose_route(); loose_route()",
    "loose_route(); record_route()",
    'check_route_param("x=1")', 'is_direction("downstream")', "rr_next_hop_route()",
    "loose_route(); msg_apply_changes(); loose_route()", 'remove_hf("Route"); loose_route()',
)  # fmt: skip
SHOWN = r'append_hf("R: $rc|$du|$ru|$route_uri|$rdir(name)|$rdir(id)|$fti|$tti\r\n");'


def _messages() -> dict[str, Message]:
    invite = replace(PLAIN, method="INVITE")
    have = ("Max-Forwards: 70", "Record-Route: <sip:p1;lr>,<sip:p2;lr>", "X: 1")
    return {
        "none": invite,
        "have": replace(invite, headers=have),
        "notag": replace(invite, from_='From: "A" <sip:@CASE@@h>'),
        "tagged": replace(invite, to="To: <sip:bob@example.com>;tag=to-tag"),
    }


def rr_cases() -> Iterator[WireCase]:
    """Record-Route added, and Route followed."""
    for number, calls in enumerate(ADDS):
        for name, message in _messages().items():
            mode = "tm" if number % 2 else "stateless"
            script = rf'{calls}; append_hf("R: $rc\r\n");'
            yield WireCase(f"Add{number}{name}", script, message, mode=mode)
        yield WireCase(f"Branch{number}", "", PLAIN, mode="tm", branch_script=f"{calls};")
    for number, route in enumerate(ROUTES):
        for tag in ("", ";tag=to-tag"):
            for uri in ("sip:bob@example.com", f"sip:{SELF}", f"sip:{SELF};lr"):
                message = replace(
                    PLAIN,
                    method="INVITE",
                    uri=uri,
                    to=f"To: <sip:bob@example.com>{tag}",
                    headers=("Max-Forwards: 70", f"Route: {route}"),
                )
                for which, calls in enumerate(FOLLOWS):
                    name = f"Route{number}x{len(tag)}x{len(uri)}x{which}"
                    yield WireCase(name, f"{calls}; {SHOWN}", message)
