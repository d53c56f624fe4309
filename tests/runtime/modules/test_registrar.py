"""registrar: every function on real packets, as Kamailio does it, and what only we do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.servers import KAMAILIO, OURS, need_kamailio
from tests.runtime.modules.wire import (
    Case,
    Packet,
    check,
    check_or_record,
    outcomes,
)

MODULES = ("sl", "pv", "corex", "textops", "usrloc", "registrar", "xlog")
SAVE = (
    'save("location", "{flags}", "$fu"); $var(rc) = $rc; append_to_reply("X-Rc: $var(rc)\\r\\n");'
)
SHOW = '$var(out) = "$ru|$du|$(branch(uri)[*])|$(branch(q)[*])|$(branch(dst_uri)[*])";'
LOOKUP = f'lookup("location"); $var(rc) = $rc; {SHOW}'
BOB = "INVITE sip:bob@example.org SIP/2.0"


def register(name: str, *headers: str, flags: int = 2, user: str = "bob") -> Case:
    """A REGISTER that is saved without an answer, then answered with what save returned."""
    script = SAVE.format(flags=flags) + " reg_send_reply(); exit;"
    return Case(name, script, Packet("REGISTER sip:example.org SIP/2.0", headers, user=user))


def contacts(*texts: str) -> str:
    """One Contact header."""
    return "Contact: " + ", ".join(texts)


A, B, C = (f"<sip:{name}@192.0.2.1>" for name in "abc")
GRUU = '<sip:g@192.0.2.9>;+sip.instance="<urn:uuid:1>"'

PLAIN = (
    register("none-yet"),
    register("one", contacts(f"{A};q=1.0")),
    register("two", contacts(f"{B};q=0.5")),
    register("three", contacts(f"{C};q=0.3;expires=700")),
    register("raised", contacts(f"{C};q=0.7")),
    register("both", contacts(f"{A};q=0.1;expires=300", f"{B};q=0.9")),
    register("lower", contacts(f"{B};q=0.05")),
    Case("looked-up", LOOKUP, Packet(BOB)),
    Case("to-dset", f'lookup_to_dset("location"); $var(rc) = $rc; {SHOW}', Packet(BOB)),
    Case("by-uri", f'lookup("location", "sip:bob@x"); $var(rc) = $rc; {SHOW}', Packet(BOB)),
    Case("nobody", LOOKUP, Packet("INVITE sip:nobody@example.org SIP/2.0")),
    Case("no-aor", LOOKUP, Packet("INVITE tel:+1 SIP/2.0")),
    Case("upper", LOOKUP, Packet("INVITE sip:BOB@example.org SIP/2.0")),
    Case("is-registered", 'registered("location"); $var(rc) = $rc;', Packet(BOB)),
    Case(
        "is-not",
        'registered("location", "sip:nobody@x"); $var(rc) = $rc;',
        Packet(BOB),
    ),
    Case(
        "fetched",
        'reg_fetch_contacts("location", "$ru", "p"); $var(rc) = $rc; $var(out) = "$ulc(p=>aor)'
        "|$ulc(p=>domain)|$ulc(p=>count)|$ulc(p=>addr)|$(ulc(p=>addr)[1])|$(ulc(p=>addr)[9])"
        '|$ulc(p=>q)|$ulc(p=>received)|$ulc(p=>cseq)|$ulc(p=>flags)|$ulc(p=>cflags)|$ulc(p=>regid)"'
        ' + "|$ulc(p=>user_agent)|$ulc(p=>methods)|$ulc(p=>aorhash)|$ulc(p=>instance)'
        '|$ulc(p=>conid)|$ulc(p=>path)|$ulc(p=>server_id)|$ulc(q=>addr)";',
        Packet(BOB),
    ),
    Case(
        "freed",
        'reg_free_contacts("p"); $var(rc) = $rc; $var(out) = "$ulc(p=>count)|$ulc(p=>aor)";',
        Packet(BOB),
    ),
    Case(
        "fetched-none",
        'reg_fetch_contacts("location", "sip:none@x", "p"); $var(rc) = $rc;'
        '$var(out) = "$ulc(p=>aor)";',
        Packet(BOB),
    ),
    Case(
        "branches",
        'append_branch("sip:carol@example.org"); append_branch("sip:bob@example.org");'
        f'lookup_branches("location"); $var(rc) = $rc; {SHOW}',
        Packet("INVITE sip:dave@example.org SIP/2.0"),
    ),
    Case("socket", 'add_sock_hdr("X-Socket"); $var(rc) = $rc;', Packet(BOB)),
    register("replaced", contacts(f"{A};q=0.4"), flags=6),
    register("replaced-by-new", contacts("<sip:n@192.0.2.7>", A), flags=6),
    register("in-memory", contacts(A), flags=3),
    register("outbound", "Require: outbound", contacts(A)),
    register("instance", contacts(GRUU), "Supported: gruu"),
    register("same-instance", contacts(GRUU.replace("g@", "h@")), "Supported: path, GRUU"),
    register("reg-id", contacts(f"{GRUU};reg-id=1", C)),
    register("methods", contacts('<sip:m@192.0.2.1>;methods="INVITE,BYE"')),
    register("received", contacts("<sip:r@192.0.2.1>;received=sip:1.2.3.4:9")),
    register("unregister-one", contacts(f"{C};expires=0")),
    Case("asked", SAVE.format(flags=0) + " exit;", Packet("REGISTER sip:example.org SIP/2.0")),
    Case(
        "unregistered",
        'unregister("location", "sip:bob@example.org"); $var(rc) = $rc;',
        Packet(BOB),
    ),
    Case("gone", LOOKUP, Packet(BOB)),
    Case(
        "no-such-ruid",
        'unregister("location", "sip:bob@example.org", "uloc-1-1-1"); $var(rc) = $rc;',
        Packet(BOB),
    ),
    Case("ruid-alone", 'unregister("location", "", "uloc-1-1-1"); $var(rc) = $rc;', Packet(BOB)),
    register("bad-q", contacts(f"{A};q=2")),
    register("star", "Contact: *", "Expires: 0"),
    register("star-wrong", "Contact: *"),
)
LIMITS = (
    register("first", contacts(A, B)),
    register("one-more", contacts(C)),
    register("swapped", contacts(f"{A};expires=0", C)),
    register("new-user", contacts(A, B, C), user="eve"),
    register("short", contacts(f"{A};expires=20")),
    register("short-new", contacts(f"{A};expires=20"), user="eve"),
    register("long", contacts(f"{C};expires=99999")),
    Case("filtered", LOOKUP, Packet(BOB)),
    register("no-methods", contacts('<sip:m@192.0.2.1>;methods="BYE"'), user="fay"),
    Case("not-allowed", LOOKUP, Packet("INVITE sip:fay@example.org SIP/2.0")),
    Case(
        "answered",
        SAVE.format(flags=0) + " exit;",
        Packet("REGISTER sip:example.org SIP/2.0", (contacts(A, B, C)), user="gus"),
    ),
)
LIMIT_PARAMS = (
    'modparam("registrar", "max_contacts", 2)',
    'modparam("registrar", "min_expires", 60)',
    'modparam("registrar", "min_expires_mode", 1)',
    'modparam("registrar", "max_expires", 1200)',
    'modparam("registrar", "retry_after", 30)',
    'modparam("registrar", "method_filtering", 1)',
    'modparam("registrar", "default_q", 250)',
    'modparam("usrloc", "desc_time_order", 1)',
)
PATHS = (
    register("no-path", contacts(A)),
    register("unsupported", contacts(A), "Path: <sip:p1@192.0.2.3;lr>"),
    register("path", contacts(A), "Path: <sip:p1@192.0.2.3;lr>", "Supported: path"),
    register(
        "paths",
        contacts(B),
        "Path: <sip:192.0.2.3;lr;received=sip:198.51.100.1%3A5070>, <sip:192.0.2.4;lr>",
        "Path: <sip:192.0.2.5;lr>",
        "Supported: timer, path",
        "X-Id: 4",
    ),
    Case("by-path", LOOKUP, Packet(BOB)),
    register("strict", contacts(A), "Path: <sip:192.0.2.3>", "Supported: path"),
    register("broken", contacts(A), "Path: <sip:", "Supported: path"),
    register("long-path", contacts(A), f"Path: <sip:{'p' * 250}@h;lr>"),
    register("outbound", contacts(f"{GRUU};reg-id=2"), "Supported: outbound, path"),
    register("outbound-required", contacts(A), "Require: outbound"),
)
PATH_PARAMS = (
    'modparam("registrar", "use_path", 1)',
    'modparam("registrar", "path_use_received", 1)',
    'modparam("registrar", "outbound_mode", 1)',
    'modparam("registrar", "flow_timer", 25)',
    'modparam("usrloc", "nat_bflag", 6)',
    'modparam("usrloc", "use_domain", 1)',
)
X = "$xavp(c=>expires) = 500; $xavp(c[0]=>q) = 300; $xavp(c[0]=>max_contacts) = 1;"
OVERRIDES = (
    Case(
        "overridden",
        X + SAVE.format(flags=2) + " reg_send_reply(); exit;",
        Packet("REGISTER sip:example.org SIP/2.0", (contacts(f"{A};q=0.9"),), user="bob"),
    ),
    Case(
        "too-many",
        X + SAVE.format(flags=2) + " reg_send_reply(); exit;",
        Packet("REGISTER sip:example.org SIP/2.0", (contacts(B)), user="bob"),
    ),
    register("not-overridden", contacts(B)),
    Case(
        "recorded",
        'lookup("location"); $var(rc) = $rc;'
        '$var(out) = "$xavp(r=>contact)|$xavp(r=>received)|$xavp(r[0]=>path)";',
        Packet(BOB),
    ),
    Case(
        "matching",
        '$xavp(c=>match_contact) = "sip:b@192.0.2.1";'
        'registered("location", "$ru", "4"); $var(rc) = $rc; $var(out) = "$xavp(r=>contact)";',
        Packet(BOB),
    ),
    Case(
        "not-matching",
        '$xavp(c=>match_callid) = "x"; registered("location", "$ru", "1", "2"); $var(rc) = $rc;',
        Packet(BOB),
    ),
)
OVERRIDE_PARAMS = (
    'modparam("registrar", "xavp_cfg", "c")',
    'modparam("registrar", "xavp_rcd", "r")',
    'modparam("usrloc", "matching_mode", 1)',
)
WORLDS = {
    "plain": (PLAIN, ()),
    "limits": (LIMITS, LIMIT_PARAMS),
    "paths": (PATHS, PATH_PARAMS),
    "overrides": (OVERRIDES, OVERRIDE_PARAMS),
}


def normal(text: str) -> str:
    """Without what differs from run to run: ids, seconds that passed."""
    text = re.sub(r"sip:ulo[a-z]+-[0-9a-f-]+@", "sip:<ruid>@", text)
    return re.sub(r"(?<=expires=)\d+", lambda m: str(-(-int(m[0]) // 10) * 10), text)


def found(program: tuple[str, ...], world: str, directory: Path) -> str:
    cases, params = WORLDS[world]
    return normal(outcomes(program, cases, directory / "run", params=params, modules=MODULES))


@pytest.mark.parametrize("world", WORLDS)
def test_as_kamailio(world: str, tmp_path: Path) -> None:
    check(f"registrar_{world}.txt", found(OURS, world, tmp_path))


@pytest.mark.parametrize("world", WORLDS)
def test_recording_is_what_kamailio_does(
    world: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    need_kamailio()
    check_or_record(f"registrar_{world}.txt", found(KAMAILIO, world, tmp_path), request)


def test_a_bad_reg_id_is_refused(tmp_path: Path) -> None:
    case = register("bad", contacts(f"{GRUU};reg-id=x"))
    text = outcomes(OURS, (case,), tmp_path / "run", modules=MODULES)
    assert "SIP/2.0 400 Bad Request" in text
    assert "P-Registrar-Error: Invalid Reg-Id number" in text
