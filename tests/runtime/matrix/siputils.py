"""Every function and variable of siputils on many URIs and headers, malformed ones included."""

from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.harness import Case
from tests.runtime.matrix.wire import Setup, WireCase

WIRE = Setup()

URIS = (
    "sip:bob@example.com", "sip:bob@example.com:5060", "sip:bob@example.com:5061",
    "sip:example.com",
    "sips:bob@example.com", "sip:BOB@Example.COM", "sip:bob:pw@example.com",
    "sip:bob@example.com;lr",
    "sip:bob@example.com;transport=tcp;lr;x=1;Y=2?Subject=hi&a=b", "sip:bob@example.com;x=2",
    "sip:bob@example.com;X=1", "sip:bob@example.com;ttl=3", "sip:bob@example.com;maddr=1.2.3.4",
    "sip:+4930123@example.com;user=phone;x=1", "sip:+49-30;ext=7@example.com;user=phone",
    "sip:bob;a=b@example.com;c=d", "sip:bob@example.com;gr=urn:x", "sip:bob@example.com;gr",
    "sip:bob@example.com;gr=;x", "sip:bob@example.com;x=", "sip:bob@example.com;x=;y=1",
    "sip:bob@example.com;x='1;2';y", "sip:bob@example.com;=1", "sip:bob@example.com;;lr",
    "sip:bob@[::1]:5060", "tel:+49-30-(123);Ext=7", "tel:112", "tel:", "tel:+1.2",
    "urn:service:sos",
    "sip:", "sip:@example.com", "sip:bob@", "bob", "", "sip:bob@example.com:99999", "sip:a b@c",
    "sip:p*bob**10.0.0.9*5070*tcp@1.2.3.4", "sip:p*bob*pw*10.0.0.9**@1.2.3.4;x=1",
    "sip:p***10.0.0.9**@h", "sip:p*bob***@h", "sip:p*a*b*c@h", "sip:p*a*b*c*d*e*f@h",
    "sip:p**pw*ip**@h",
    "sip:gw@1.2.3.4;line=c2lwOmJvYkBleGFtcGxlLmNvbQ",
    "sip:gw@1.2.3.4;line=c2lwOmJvYkBleGFtcGxlLmNvbQ==",
    "sip:gw@1.2.3.4;line=!!", "sip:gw@1.2.3.4;line=", "sip:gw@1.2.3.4;line",
    "sip:gw@1.2.3.4;LINE=c2lw",
    "sip:gw@1.2.3.4;line=a", "sip:gw@1.2.3.4;line=c2lwOmE;line=c2lwOmI", "sip:gw@1.2.3.4;line=====",
    'sip:gw@1.2.3.4;line="c2lwOmE";z', "sip:gw@1.2.3.4;a=1;line=c2lwOmE;z=1?h=1",
)  # fmt: skip
CONTACTS: dict[str, str] = {
    "none": "",
    "plain": "Contact: <sip:bob@10.0.0.9:5070;transport=tcp>;expires=60\r\n",
    "bare": "Contact: sip:bob@10.0.0.9\r\n",
    "display": 'm: "Bob B" <sip:bob:pw@10.0.0.9;x=1>;q=0.5\r\n',
    "spaces": "Contact:   Bob <  sip:bob@10.0.0.9 >\r\n",
    "two": "Contact: <sip:a@10.0.0.1>, <sip:b@10.0.0.2:5080>;q=1\r\n",
    "headers": "Contact: <sip:a@10.0.0.1>\r\nContact: sip:b@10.0.0.2;expires=3\r\n",
    "star": "Contact: *\r\n",
    "empty": "Contact: \r\n",
    "bad": "Contact: <sip:a@10.0.0.1\r\n",
    "nouri": "Contact: <bob>\r\n",
    "tel": "Contact: <tel:+4930>\r\n",
    "sips": "Contact: <sips:a@10.0.0.1>\r\n",
    "short": "Contact: <sip>\r\n",
    "coded": "Contact: <sip:p*bob**10.0.0.9*5070*tcp@1.2.3.4;y=1>;q=1\r\n",
    "codedtwo": "Contact: <sip:p*a**h**@g>, <sip:b@c>\r\n",
    "line": "Contact: <sip:gw@1.2.3.4;line=c2lwOmJvYkBleGFtcGxlLmNvbQ>;q=1\r\n",
    "linetwo": "Contact: <sip:gw@h;line=c2lwOmE>, <sip:gw@h;a;line=c2lwOmI;z>\r\n"
    "Contact: <sip:gw@h;x=1>\r\n",
    "linebad": "Contact: <sip:gw@h;line=!>\r\n",
    "lineempty": "Contact: <sip:gw@h;line=>, <sip:gw@h;line>\r\n",
    "linequoted": 'Contact: <sip:gw@h;line="c2lwOmE";z=1>\r\n',
    "long": f"Contact: <sip:{'a' * 700}@h>\r\n",
    "longer": f"Contact: <sip:{'a' * 800}@h>\r\n",
    "phone": "Contact: <sip:+49;ext=1@h;user=phone;line=c2lwOmE>\r\n",
    "six": "Contact: <sip:a@[::1]:5070>\r\n",
}
CODE = '$var(out) = "" + $rc;'
RURI = f'{CODE} $var(out) = $var(out) + "|" + $ru + "|" + $rU + "|" + $rd;'
AFTER = f'{CODE} msg_apply_changes(); $var(out) = $var(out) + "|" + $(hdr(Contact)[0]) + "|" + '
AFTER += "$(hdr(Contact)[1]);"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ruri_cases() -> Iterator[str]:
    for name in ("lr", "LR", "x", "y", "user", "ext", "c", "a", "", "line", "gr", "nosuch"):
        yield f'uri_param("{name}"); {CODE}'
        yield f'uri_param("{name}", "1"); {CODE}'
        yield f'uri_param("{name}", ""); {CODE}'
        yield f'uri_param_any("{name}"); {CODE}'
        yield f'uri_param_rm("{name}"); {RURI}'
        got = '$var(out) = $var(out) + "|" + $var(x);'
        yield f'$var(x) = 0; get_uri_param("{name}", "$var(x)"); {CODE} {got}'
        yield f'contact_param_decode_ruri("{name}"); {RURI}'
    for text in ("a", "a=b", "", "lr;x", "=", "a?b"):  # with headers: docs/deviations.md
        yield f'if (!($ru =~ "[?]")) add_uri_param("{text}"); {RURI}'
    yield f'uri_param("$var(x)", "$rU"); {CODE}'
    yield f'uri_param_rm("x"); uri_param_rm("lr"); uri_param_any("z"); {RURI}'
    yield f'get_uri_param("x", "$avp(y)"); {CODE} $var(out) = $var(out) + "|" + $avp(y);'
    yield f"decode_contact(); {RURI}"
    yield f"options_reply(); {CODE} drop;"
    yield f"is_gruu(); {CODE}"
    yield f"is_first_hop(); {CODE}"
    yield f'is_uri("$ru"); {CODE}'
    yield f'is_uri_user_e164("$ru"); {CODE}'
    for host in ("gw.example.net", "", "$rd", "$var(x)"):
        got = '$var(out) = $var(out) + "|" + $var(y);'
        yield f'$var(y) = 0; tel2sip("$ru", "{host}", "$var(y)"); {CODE} {got}'
    yield f'tel2sip("$ru", "h", "$ru"); {RURI}'
    for other in ("sip:bob@example.com", "sip:bob@example.com;x=1", "sip:bob@EXAMPLE.com:5060"):
        yield f'cmp_uri("$ru", "{other}"); {CODE}'
        yield f'cmp_aor("{other}", "$ru"); {CODE}'


def _text_cases() -> Iterator[str]:
    shown = "$var(out) = $var(out) + $var(y) + $avp(y);"
    for one in URIS:
        quoted = _quoted(one)
        for call in ("is_uri({})", "is_gruu({})"):
            yield f"{call.format(quoted)}; {CODE}"
        for call in (
            'is_e164("$var(x)")', 'is_uri_user_e164("$var(x)")', 'is_uri("$var(x)")',
            'tel2sip("$var(x)", "host", "$var(y)")', 'tel2sip("$var(x)", "", "$avp(y)")',
        ):  # fmt: skip
            yield f"$var(x) = {quoted}; $var(y) = 0; {call}; {CODE} {shown}"
        for user in ('"carol"', '""', "5", "$null", '"a b"'):
            yield (
                f'$var(x) = {quoted}; $var(u) = {user}; set_uri_user("$var(x)", "$var(u)"); {CODE}'
                ' $var(out) = $var(out) + "|" + $var(x);'
            )
            yield (
                f'$avp(x) = {quoted}; $avp(u) = {user}; set_uri_host("$avp(x)", "$avp(u)"); {CODE}'
                ' $var(out) = $var(out) + "|" + $(avp(x)[0]) + "|" + $(avp(x)[1]);'
            )
    for one in URIS[:36]:
        for other in URIS[:36]:
            yield f"cmp_uri({_quoted(one)}, {_quoted(other)}); {CODE}"
            yield f"cmp_aor({_quoted(one)}, {_quoted(other)}); {CODE}"
    numbers = (
        "", "+", "+1", "+12", "+49301234567", "+123456789012345", "+1234567890123456", "+0123",
        "0123",
        "12a", "a", "-5", "5", "1 2", " 12", "\u00e9", "abcXYZ09", "a-b", "a.b", "$", "%41",
        "+49-30",
    )  # fmt: skip
    for text in numbers:
        for call in ("is_tel_number", "is_numeric", "is_alphanum"):
            yield f'$var(x) = {_quoted(text)}; {call}("$var(x)"); {CODE}'
        yield f'$var(x) = {_quoted(text)}; is_e164("$var(x)"); {CODE}'
        for extra in ("", "-", "-.+", " ", "a"):
            yield f'$var(x) = {_quoted(text)}; is_alphanumex("$var(x)", {_quoted(extra)}); {CODE}'
    for call in ("is_tel_number", "is_numeric", "is_alphanum", "is_uri", "is_gruu"):
        for arg in ("$null", "$avp(none)", "$var(n)", "$hdr(none)", "$ci", "x$avp(none)"):
            yield f'{call}("{arg}"); {CODE}'
    for arg in ("$null", "$avp(none)", "$var(n)", "$hdr(none)"):
        yield f'is_e164("{arg}"); {CODE}'
        yield f'is_uri_user_e164("{arg}"); {CODE}'
        yield f'cmp_uri("{arg}", "sip:a@b"); {CODE}'
        yield f'cmp_aor("sip:a@b", "{arg}"); {CODE}'
        yield f'cmp_hdr_name("{arg}", "From"); {CODE}'
        yield f'uri_param("{arg}"); {CODE}'
        yield f'is_alphanumex("{arg}", "{arg}"); {CODE}'
    names = (
        "From", "f", "F", "from", "To", "t", "Via", "v", "X-A", "x-a", "X-B", "", "Fro", "Contact",
        "m",
        "Call-ID", "i", "From ", "Subject", "s", "\u00e9",
    )  # fmt: skip
    for first in names:
        for second in names:
            yield f"cmp_hdr_name({_quoted(first)}, {_quoted(second)}); {CODE}"


def _contact_cases() -> Iterator[str]:
    for prefix, host in (("p", "1.2.3.4"), ("", "h"), ("enc_", "h:5060"), ("p", ""), ("*", "h")):
        yield f'encode_contact("{prefix}", "{host}"); {AFTER}'
    yield f"decode_contact_header(); {AFTER}"
    yield f'encode_contact("p", "g"); msg_apply_changes(); decode_contact_header(); {AFTER}'
    for name in ("line", "LINE", "x", "", "z"):
        yield f'contact_param_decode("{name}"); {AFTER}'
        yield f'contact_param_rm("{name}"); {AFTER}'
        for address in ("sip:gw@1.2.3.4", "", "$ru"):
            yield f'contact_param_encode("{name}", "{address}"); {AFTER}'
    yield (
        f'contact_param_encode("line", "sip:gw@h"); msg_apply_changes(); '
        f'contact_param_decode("line"); {AFTER}'
    )
    yield f'encode_contact("p", "g"); contact_param_rm("x"); {AFTER}'
    yield f'contact_param_rm("x"); contact_param_rm("x"); {AFTER}'
    yield f'remove_hf("Contact"); encode_contact("p", "g"); {AFTER}'
    yield f'$var(x) = "p"; encode_contact("$var(x)", "$var(x)"); {AFTER}'
    yield f'$var(x) = "p"; encode_contact($var(x), $var(x)); {AFTER}'
    yield f'contact_param_encode("$avp(none)", "x"); {AFTER}'


HEADERS = (
    "", "Supported: path\r\n", "Supported: 100rel, timer\r\n", "k: gruu,Outbound ,  eventlist\r\n",
    "Supported: path timer\r\n", "Supported: xpath, pathx\r\n", "Supported:\r\n",
    "Supported: ,,\r\n",
    "Supported: x\r\nSupported: PATH\r\n", "Supported: 100rel;x\r\n", "Supported: path;timer\r\n",
)  # fmt: skip
DATES = (
    "", "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n", "Date: Sat, 13 Nov 2037 23:29:00 GMT\r\n",
    "Date: sat, 13 Nov 2037 23:29:00 GMT\r\n", "Date: Sat, 13 nov 2037 23:29:00 GMT\r\n",
    "Date: Sun, 31 Feb 2037 23:29:00 gmt\r\n", "Date: Sun, 00 Jan 2037 00:00:00 GMT\r\n",
    "Date: Sun, 01 Jan 1900 00:00:00 GMT\r\n", "Date: Sun, 01 Jan 2037 24:00:00 GMT\r\n",
    "Date: Sun, 01 Jan 2037 00:00:60 GMT\r\n", "Date: Sun, 01 Jan 2037 00:00:00 UTC\r\n",
    "Date: Sun, 01 Jan 2037 00:00:00 GMTxyz\r\n", "Date: Sun, 1 Jan 2037 00:00:00 GMT\r\n",
    "Date: \r\n", "Date: now\r\n", "Date: Sun,  01 Jan 2037 00:00:00 GMT\r\n",
    "Date: Sun, 01 Jan 2037 00:00:00\r\n", "Date: Sun, 32 Jan 2037 00:00:00 GMT\r\n",
    "Date: Sun, 01 Jan 9999 00:00:00 GMT\r\n", "Date: Sun, 01 Jan 0000 00:00:00 GMT\r\n",
)  # fmt: skip
VECTORS = (
    "", "P-Charging-Vector: icid-value=abc;icid-generated-at=1.2.3.4;orig-ioi=a;term-ioi=b\r\n",
    'P-Charging-Vector: icid-value="a b";orig-ioi=x\r\n', "P-Charging-Vector: icid-value=\r\n",
    "P-Charging-Vector: orig-ioi=x\r\n", "P-Charging-Vector: \r\n",
    "p-charging-vector: icid-value=1\r\n",
    "P-CHARGING-VECTOR: icid-value=1,icid-generated-at=2\r\n",
    "P-Charging-Vector: \r\nP-Charging-Vector: icid-value=2; term-ioi=t\r\n",
    "P-Charging-Vector: icid-value=1\r\nP-Charging-Vector: icid-value=2\r\n",
    "P-Charging-Vector: xicid-value=1 ;ORIG-IOI=x\r\n",
)  # fmt: skip
PCV = '$pcv(all) + "|" + $pcv(value) + "|" + $pcv(genaddr) + "|" + $pcv(orig) + "|" + $pcv(term)'
RPIDS = (
    "", "sip:+4930@example.com", "<sip:+4930@example.com>", '"A <b" <sip:+4930@h>;x=1', "sip:bob@h",
    "<sip:+1@h", "+4930", "tel:+4930", '"a\\\\"<x" <sip:+4930@h>', "<>", "Bob <sip:+4930@h>",
)  # fmt: skip


def _header_cases() -> Iterator[tuple[str, str]]:
    for header in HEADERS:
        for option in (
            "path",
            "gruu",
            "timer",
            "100rel",
            "outbound",
            "eventlist",
            "PATH",
            "nosuch",
        ):
            yield header, f'is_supported("{option}"); {CODE}'
    for header in DATES:
        for seconds in ("0", "10", "2000000000", "-5", "$var(n)"):
            yield header, f'hdr_date_check("{seconds}"); {CODE}'
    for header in VECTORS:
        for flags in ("", "r", "R", "x"):
            yield header, f'sip_p_charging_vector("{flags}"); {CODE} $var(out) = $var(out) + {PCV};'
        after = "msg_apply_changes(); $var(out) = $hdr(P-Charging-Vector);"
        yield header, f'sip_p_charging_vector("r"); {CODE} {after}'
        yield header, 'sip_p_charging_vector(""); $var(out) = "<$pcv(all)|$pcv(orig)>";'
    for rpid in RPIDS:
        set_rpid = f"$avp(s:rpid) = {_quoted(rpid)};"
        yield "", f"{set_rpid} is_rpid_user_e164(); {CODE}"
        shown = f'{CODE} msg_apply_changes(); $var(out) = $var(out) + "|" + $hdr(Remote-Party-ID);'
        yield "", f"{set_rpid} append_rpid_hf(); {shown}"
        yield "", f'{set_rpid} append_rpid_hf("<", ">;y=1"); {shown}'
        yield "", f'{set_rpid} append_rpid_hf("", ""); {shown}'
    yield "", f"$avp(s:rpid) = 5; append_rpid_hf(); {CODE}"
    yield "", f"append_rpid_hf(); {CODE}"
    yield "", f"is_rpid_user_e164(); {CODE}"
    for header in ("", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\r\n", "Via: bad\r\n"):
        for call in ("is_first_hop()", 'is_first_hop("1")', 'is_first_hop("0")', "is_request()",
                     "is_reply()", "has_totag()"):  # fmt: skip
            yield header, f"{call}; {CODE}"
    authorization = (
        'Authorization: Digest username="bob",realm="r",nonce="n",uri="u",response="0"\r\n'
    )
    for header in ("", authorization):
        for user in ("bob", "", "$rU"):
            yield header, f'is_user("{user}"); {CODE}'
    for script in (
        'is_uri();', 'is_supported("$var(x)");', "is_supported($var(x));",
        'set_uri_user("x", "y");',
        'set_uri_user("$ci", "$var(x)");', 'set_uri_host("$var(x)", "y");', 'is_e164("x");',
        'is_e164("x$rU");', 'get_uri_param("x", "y");', 'get_uri_param("x", "$ci");',
        'tel2sip("$ru", "h", "x");', 'tel2sip("$ru", "h", "$ci");', 'tel2sip($ru, "h", "$var(x)");',
        'add_uri_param($var(x));', 'hdr_date_check("x");', "hdr_date_check();",
        'is_first_hop("x");',
        'sip_p_charging_vector();', '$var(out) = $pcv(nosuch);', '$pcv(all) = "x";',
        'append_rpid_hf("a");', "encode_contact();", 'encode_contact("a");', 'is_gruu("a", "b");',
        'contact_param_rm();', 'is_user();', 'is_user($rU);', 'uri_param_any("");',
        'uri_param("");',
    ):  # fmt: skip
        yield "", f"{script} {CODE}"


def all_cases() -> Iterator[Case]:
    """Each call on each URI, Contact, header or text."""
    for number, script in enumerate(_ruri_cases()):
        for which, uri in enumerate(URIS):
            if uri and " " not in uri:
                yield Case(f"ruri{number}x{which}", script, uri=uri)
    for number, script in enumerate(_text_cases()):
        yield Case(f"text{number}", script)
    for number, script in enumerate(_contact_cases()):
        for name, header in CONTACTS.items():
            yield Case(f"contact{number}x{name}", script, extra=header)
    for number, (header, script) in enumerate(_header_cases()):
        yield Case(f"header{number}", script, extra=header)


REPLY_CALLS = (
    "is_first_hop()", 'is_first_hop("1")', "is_reply()", "is_request()", "has_totag()",
    'encode_contact("p", "g")', "decode_contact_header()", 'contact_param_encode("l", "sip:g")',
    'contact_param_decode("line")', 'contact_param_rm("x")', 'is_supported("path")',
    'is_gruu("sip:a@b;gr")',
    "is_gruu()", 'hdr_date_check("5")', 'sip_p_charging_vector("")', 'is_uri("$ct")',
    'cmp_uri("$fu", "$tu")',
    'tel2sip("tel:+49", "$rd", "$var(x)")', 'tel2sip("tel:+49", "h", "$var(x)")',
    'is_numeric("$rs")',
)  # fmt: skip
ANSWERS = (
    "200 OK\nContact: <sip:b@10.0.0.9:5070;x=1>, sip:c@d",
    "200 OK\nRecord-Route: <sip:127.0.0.1:@SERVER@;lr>\nSupported: path\nContact: *",
    "180 Ringing\nRecord-Route: <sip:127.0.0.1:@SINK@;lr>\nContact: <sip:gw@h;line=c2lwOmE>",
    "302 Moved\nRecord-Route: <sip:example.org;lr>\nDate: Sat, 13 Nov 2010 23:29:00 GMT",
    "404 Gone\nRecord-Route: bad\nP-Charging-Vector: icid-value=1\nContact: <sip:p*a**h**@g",
)


def wire_cases() -> Iterator[WireCase]:
    """The functions on replies, of a transaction and of none."""
    for number, call in enumerate(REPLY_CALLS):
        for which, answer in enumerate(ANSWERS):
            for mode in ("tm", "stateless"):
                script = rf'$var(x) = 0; {call}; append_hf("R: $rc|$var(x)\r\n");'
                name = f"Reply{number}x{which}{mode}"
                yield WireCase(name, "", reply_script=script, mode=mode, answers=(answer,))
