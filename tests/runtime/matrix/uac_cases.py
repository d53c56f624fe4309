"""From and To with other URIs and names, forwarded, answered, and restored within dialogs."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.exchange import Case

FROMS = (
    '"Alice" <sip:alice@example.org>;tag=from-tag', "<sip:alice@example.org>;tag=from-tag",
    "sip:alice@example.org;tag=from-tag", 'Alice Liddell <sip:alice@example.org>;tag=from-tag',
    '"Al \\"x\\" ice"  <sip:alice@example.org;user=phone> ;tag=from-tag;x=1',
    "<sip:alice:pw@example.org:5070;transport=udp?a=b>;tag=from-tag", "<tel:+4930123>;tag=from-tag",
    '""<sip:alice@example.org>;tag=from-tag', "<sip:a@b>;tag=from-tag",
    '"caf\u00e9" <sip:alice@example.org>;tag=from-tag',
)  # fmt: skip
ARGUMENTS = (
    '"sip:new@example.net"', '"", "sip:new@example.net"', '"\\"New Name\\"", "sip:new@example.net"',
    '"\\"New Name\\"", ""', '"", ""', '"Bare", "sip:n@x"', '"$rU", "sip:$rU@$rd"', '"$var(none)", "$var(none)"',
    '"$var(d)", "$var(u)"', '"$null", "$null"', '"sip:a-very-long-uri-that-is-longer-than-the-old-one@example.net;x=y;z=1"',
    '"s"', '"sip:new@example.net;p=1?h=2"', '"not a uri"', '"tel:+1234"', '"\\"N\\"", "<sip:n@x>"', '""',
    '"\u00e9", "sip:\u00e9@example.net"', '"$fu"', '"\\"Anonymous\\"", "sip:anonymous@anonymous.invalid"',
)  # fmt: skip
BEFORE = '$var(d) = "\\"Var\\""; $var(u) = "sip:var@example.net";\n'
SETUPS = {
    "": "",
    "none": 'modparam("uac", "restore_mode", "none")',
    "manual": 'modparam("uac", "restore_mode", "manual")',
    "auto": 'modparam("uac", "restore_mode", "auto")',
    "pass": 'modparam("uac", "restore_passwd", "my_secret_passwd")',
    "names": 'modparam("uac", "rr_from_store_param", "my_Fparam")\nmodparam("uac", "rr_to_store_param", "T")',
    "avps": 'modparam("uac", "restore_from_avp", "$avp(original_uri_from)")\nmodparam("uac", "restore_to_avp", "$avp(original_uri_to)")',
}
LOAD = 'loadmodule "uac.so"\n'


def setup(name: str) -> str:
    """The configuration of a setup."""
    return LOAD + SETUPS[name]


def once() -> Iterator[Case]:
    """One replacement: every form of header with every argument, answered by the sink."""
    n = 0
    for which in ("from", "to"):
        for form in FROMS:
            for arguments in ARGUMENTS:
                n += 1
                header = form if which == "from" else form.replace(";tag=from-tag", "")
                options = {"from_": form} if which == "from" else {"to": header}
                yield Case(
                    f"one{n}",
                    f'{BEFORE}record_route();\nuac_replace_{which}({arguments}); LOG($rc);\n$du = "sip:S1";\nt_relay();',
                    steps=("1 180 Ringing", "1 200 OK"), setup=setup(""), **options,
                )  # fmt: skip


USES = (
    'record_route(); uac_replace_from("sip:new@example.net"); uac_replace_to("sip:other@example.net"); LOG($rc);',
    'record_route(); uac_replace_from("sip:new@example.net"); uac_replace_from("sip:third@example.net"); LOG($rc);',
    'record_route(); uac_replace_from("\\"D\\"", ""); uac_replace_from("sip:third@example.net"); LOG($rc);',
    'uac_replace_from("sip:new@example.net"); LOG($rc); record_route();',
    'uac_replace_from("sip:new@example.net"); LOG($rc);',
    'record_route(); uac_replace_to("\\"To\\"", "sip:new@example.net"); LOG($fu $tu $fn $tn);',
    'record_route(); uac_restore_from(); LOG($rc); uac_restore_to(); LOG($rc);',
    'record_route(); $fu = "sip:assigned@example.net"; LOG($fu);',
    'record_route(); $fn = "\\"Assigned\\""; LOG($fn);',
    'record_route(); $tu = "sip:assigned@example.net"; $tn = "\\"T\\""; LOG($tu $tn);',
    'record_route(); $fU = "user"; $fd = "domain.example"; LOG($fu);',
    'record_route(); uac_replace_from("\\"X\\"", "sip:x@y"); msg_apply_changes(); LOG($fu $fn);',
    'record_route(";p=1"); uac_replace_from("\\"X\\"", "sip:x@y"); t_on_reply("ME");',
    'record_route(); t_newtran(); uac_replace_from("sip:new@example.net"); LOG($rc);',
    'record_route(); t_on_branch("ME");',
    'record_route(); t_on_branch("ME"); append_branch("sip:two@S2");',
    'uac_replace_from("\\"X\\"", "sip:x@y"); t_on_failure("ME");',
    'record_route(); t_on_failure("MEB");',
)  # fmt: skip
MORE = (
    'onreply_route[ME] { LOG($fu $tu $fn $tn $(hdr(From))); }\n'
    'branch_route[ME] { uac_replace_from("\\"B$T_branch_idx\\"", "sip:branch@example.net"); LOG($rc); }\n'
    'failure_route[ME] { LOG($fu $fn); $du = "sip:S2"; t_relay(); }\n'
    'failure_route[MEB] { t_on_branch("ME"); $du = "sip:S2"; t_relay(); }'
)  # fmt: skip
ANSWERS = {
    True: ("1 486 Busy", "2 180 R", "2 200 OK"),
    False: ("1 180 R", "1 200 OK"),
}


def uses() -> Iterator[Case]:
    """Replacements in other places, under every parameter."""
    n = 0
    for name in SETUPS:
        for use in USES:
            n += 1
            steps = ANSWERS["t_on_failure" in use]
            if "S2" in use:
                steps = ("1 486 Busy", "2 486 Busy")
            where = '$ru = "sip:bob@S1";' if "S2" in use else '$du = "sip:S1";'
            yield Case(
                f"use{n}", f"{where} {use}\nt_relay();", MORE, steps, setup=setup(name)
            )  # fmt: skip


ROUTES = (
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=AAAAAABcVFRGBxQCF1gAFxMbVk5jXFY->",
    "<sip:127.0.0.1:PORT;lr;ftag=other;vsf=AAAAAABcVFRGBxQCF1gAFxMbVk5jXFY->",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vst=AAAAAABcVFRGBxQCF1gAFxMbVk5jXFY->",
    "<sip:127.0.0.1:PORT;lr;ftag=other;vst=AAAAAABcVFRGBxQCF1gAFxMbVk5jXFY->",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=AAAAAA--;vst=AAAAAA-->",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=>", "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf>",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=----->", "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=A>",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=!!!!>", "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=AAAA>",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=" + "A" * 40 + ">",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=" + "Bg" * 20 + ">",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag;vsf=" + "A" * 1500 + ">",
    "<sip:127.0.0.1:PORT;lr;ftag=from-tag>", "<sip:192.0.2.1;lr;vsf=AAAA>",
)  # fmt: skip


def cancelled() -> Iterator[Case]:
    """CANCEL and ACK of requests whose From or To was replaced."""
    for n, which in enumerate(("from", "to")):
        for k, steps in enumerate((("1 180 R", "cancel", "1c 487 T"), ("1 486 Busy",))):
            yield Case(
                f"cut{n}x{k}",
                f'record_route(); uac_replace_{which}("\\"N\\"", "sip:new@example.net"); $du = "sip:S1"; t_relay();',
                steps=steps, setup=setup(""),
            )  # fmt: skip


def within() -> Iterator[Case]:
    """Requests within a dialog: their Route says what to restore."""
    n = 0
    for name in ("auto", "manual", "pass", "avps", "none"):
        for route in ROUTES:
            for method in ("BYE", "INVITE"):
                n += 1
                yield Case(
                    f"in{n}",
                    "loose_route(); LOG($rc $du);\n"
                    + ("uac_restore_from(); LOG($rc); uac_restore_to(); LOG($rc);\n" if name == "manual" else "")
                    + 'record_route(); $du = "sip:S1"; t_relay();',
                    steps=("1 200 OK",), method=method, to="<sip:bob@example.com>;tag=to-tag",
                    extra=f"Route: {route}\r\n", setup=setup(name),
                )  # fmt: skip


def all_cases() -> Iterator[Case]:
    """Every case of From and To."""
    yield from once()
    yield from uses()
    yield from within()
    yield from cancelled()
