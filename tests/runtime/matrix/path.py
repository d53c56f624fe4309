"""The path module: the Path headers that it sends, and where requests go by its Route entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.runtime.matrix.wire import MODULES, PLAIN, Message, Setup, WireCase


def setup(**params: int | str) -> Setup:
    """A configuration with these parameters of path."""
    lines = "".join(
        f'modparam("path", "{name}", {value!r})\n'.replace("'", '"')
        for name, value in params.items()
    )
    return Setup((*MODULES, "path"), lines)


SETUPS = {
    "plain": setup(),
    "follow": setup(use_received=1),
    "compact": setup(use_received=1, received_format=1),
    "double": setup(enable_r2=1, received_format=1),
    "names": setup(sockname_mode=1, enable_r2=1),
    "named": setup(use_received=1, received_name="rcv"),
}
REGISTER = replace(PLAIN, method="REGISTER", uri="sip:example.com")
MESSAGES = {
    "none": REGISTER,
    "one": replace(REGISTER, headers=("Max-Forwards: 70", "Path: <sip:p@1.2.3.4;lr>", "X: 1")),
    "two": replace(REGISTER, headers=("Path: <sip:a>,<sip:b>", "path: <sip:c>", "Supported: path")),
    "bare": replace(REGISTER, headers=()),
    "lf": replace(REGISTER, eol="\n"),
    "invite": replace(PLAIN, method="INVITE", body="v=0\r\n"),
}
CALLS = (
    "add_path()", 'add_path("")', 'add_path("user")', 'add_path("$rd")', 'add_path("$avp(none)")',
    'add_path("u", "x=1")', 'add_path("", "x=1;y")', 'add_path("$fU", "z=$fd")', 'add_path("a b")',
    "add_path_received()", 'add_path_received("user")', 'add_path_received("", "x=1")',
    'add_path_received("$fU", "z=$fd")', 'add_path_received("", "")', "add_path(5)",
    'add_path("u", "v", "w")',
)  # fmt: skip
PAIRS = (
    "add_path(); add_path();", 'add_path("a"); add_path_received("b");',
    "add_path(); record_route();",
    "record_route(); add_path_received();", r'append_hf("Path: <sip:z>\r\n"); add_path();',
    "add_path(); msg_apply_changes();", 'remove_hf("Path"); add_path();',
    "msg_apply_changes(); add_path();",
    r'insert_hf("Path: <sip:z>\r\n"); add_path_received();', 'add_path(); remove_hf("Path");',
)  # fmt: skip
RECEIVED = (
    "received=sip:127.0.0.1:@SINK@", "received=sip:127.0.0.1:@SINK@%3Btransport%3Dudp",
    "received=127.0.0.1~@SINK@~1", "RECEIVED=sip:127.0.0.1:@SINK@", "received=", "received",
    "received=sip:127.0.0.1%3", "received=sip:127.0.0.1:@SINK@%01",
    "received=sip:127.0.0.1:@SINK@%zz",
    "received=127.0.0.1~@SINK@~9", "received=127.0.0.1~@SINK@~2", "received=127.0.0.1~@SINK@~1~2",
    "rcv=sip:127.0.0.1:@SINK@", "RCV=sip:127.0.0.1:@SINK@",
    "rcv=sip:1.2.3.4;rcv=sip:127.0.0.1:@SINK@",
    'received="sip:127.0.0.1:@SINK@"', "received=sip:127.0.0.1:@SINK@;received=sip:1.2.3.4",
    f"received=sip:{'a' * 1000}", "x=1", "received=@SINK@", "received=<sip:x>",
)  # fmt: skip


def _route(params: str) -> Message:
    headers = ("Max-Forwards: 70", f"Route: <sip:127.0.0.1:@SERVER@;lr;{params}>")
    return replace(PLAIN, method="INVITE", uri="sip:bob@127.0.0.1:@SINK@", headers=headers)


def cases(setup_name: str) -> Iterator[WireCase]:
    """What is tried with one of the configurations."""
    for number, script in enumerate((*(f"{call};" for call in CALLS), *PAIRS)):
        for name, message in MESSAGES.items():
            for mode in ("stateless", "tm"):
                yield WireCase(f"Path{number}{name}{mode}", script, message, mode=mode)
    if "use_received" not in SETUPS[setup_name].params:
        return
    for number, params in enumerate(RECEIVED):
        if setup_name == "compact" and params.count("~") < 2:
            continue  # 5.6.3 sends on octets that nothing has written
        script = (
            r'loose_route(); append_hf("X: $rc|$du|$nh(u)\r\n"); $du = $null; '
            '$ru = "sip:bob@127.0.0.1:@SINK@";'
        )
        yield WireCase(f"Route{number}", script, _route(params))
