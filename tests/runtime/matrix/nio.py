"""``event_route[network:msg]``: what comes and goes is seen, and may be another text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.runtime.matrix.wire import PLAIN, Setup, WireCase

ON = 'modparam("corex", "nio_intercept", 1)\n'
AVP = 'modparam("corex", "nio_msg_avp", "$avp(msg)")\n'
SHOWN = (
    "$rm", "$ru", "$rU", "$rs", "$rr", "$si", "$sp", "$Ri", "$Rp", "$pr", "$ml", "$mi",
    "$du", "$fs", "$mf", "$bf", "$T_branch_idx", "$retcode", "$branch(count)", "$br",
    "$T(id_index)",
)  # fmt: skip


def _event(text: str) -> str:
    return f"event_route[network:msg] {{\n{text}\n}}\n"


SETUPS = {
    "off": Setup(params=_event('if (is_incoming()) $avp(in) = "in";')),
    "seen": Setup(
        params=ON + _event('if (is_incoming()) $avp(in) = "in:$ml"; else $avp(out) = "out";')
    ),
    "same": Setup(params=ON + AVP + _event("$avp(msg) = $mb;")),
    "incoming": Setup(
        params=ON + AVP + _event('if (is_incoming()) $avp(msg) = $(mb{s.replace,alice,carol});'
                                 " else $avp(msg) = $mb;")
    ),
    "outgoing": Setup(
        params=ON + AVP + _event("if (is_incoming()) $avp(msg) = $mb;"
                                 " else $avp(msg) = $(mb{s.replace,alice,carol});")
    ),
    "number": Setup(params=ON + AVP + _event("$avp(msg) = 5;")),
    "nothing": Setup(params=ON + AVP + _event('$var(n) = "";')),
    "long": Setup(
        params=ON + 'modparam("corex", "nio_min_msg_len", 700)\n' + AVP
        + _event("$avp(msg) = $(mb{s.replace,alice,carol});")
    ),
    "negative": Setup(
        params=ON + 'modparam("corex", "nio_min_msg_len", -3)\n' + AVP
        + _event("$avp(msg) = $(mb{s.replace,alice,carol});")
    ),
    "drop": Setup(params=ON + AVP + _event("$avp(msg) = $mb; drop;")),
    "exit": Setup(params=ON + AVP + _event("$avp(msg) = $mb; exit;")),
    "values": Setup(
        params=ON + _event(
            "if (is_incoming()) { "
            + "".join(f'$avp(in) = "{n}"+"="+$_s({n});' for n in SHOWN) + " }"
        )
    ),
}  # fmt: skip

_SHOW = (
    r'append_hf("X-In: $(avp(in)[*])\r\n"); append_hf("X-Out: $(avp(out)[*])\r\n");'
    r'append_hf("X-From: $fU\r\n");'
)


def cases() -> Iterator[WireCase]:
    """Messages through each way out."""
    long = replace(PLAIN, body="x" * 600, headers=("Max-Forwards: 70", "Content-Type: text/plain"))
    messages = (PLAIN, long, replace(PLAIN, method="INVITE"))
    for number, message in enumerate(messages):
        for mode in ("stateless", "tm", "du"):
            yield WireCase(
                f"M{number}{mode}", _SHOW, message, mode=mode,
                reply_script=r'append_hf("Y-In: $(avp(in)[*]) $avp(out)\r\n");',
            )  # fmt: skip
        yield WireCase(
            f"R{number}", 'sl_send_reply("404", "$(avp(in)[*])");', message, mode="reply"
        )
        yield WireCase(f"T{number}", 't_reply("404", "$fU");', message, mode="reply")
        yield WireCase(
            f"F{number}", _SHOW, replace(message, method="INVITE"), mode="tm",
            branch_script=r'append_hf("X-Branch: $avp(in)\r\n");',
            failure_script=r'append_hf("X-F: $avp(in) $avp(out)\r\n");'
            '$rU = "other"; t_relay_to_udp("127.0.0.1", "@SINK@");',
            answers=("486 Busy", "200 OK"),
        )  # fmt: skip
