"""Every editing function in several uses, alone, in pairs and longer, on many messages."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from tests.runtime.matrix.messages import MESSAGES
from tests.runtime.matrix.wire import WireCase

HEADERS = (
    r'append_hf("X-New: 1\r\n")',
    r'append_hf("X-New: $rU and $fU\r\n", "X-A")',
    r'append_hf("X-New: 1\r\n", "Subject")',
    r'append_hf("X-New: 1\r\n", "s")',
    r'append_hf("X-New: 1\r\n", "Nowhere")',
    r'append_hf("X-New: 1\r\nX-More: 2\r\n", "Via")',
    'append_hf("no line end")',
    r'append_hf("X-Null: $au\r\n")',
    r'append_hf("X-New: 1\r\n", "Content-Length")',
    r'append_hf("X-New: 1\r\n", "Call-ID")',
    r'append_hf("$var(none)")',
    r'insert_hf("X-New: 1\r\n")',
    r'insert_hf("X-New: $rU\r\n", "X-A")',
    r'insert_hf("X-New: 1\r\n", "Nowhere")',
    r'insert_hf("X-New: 1\r\n", "m")',
    r'insert_hf("X-New: 1\r\n", "Via")',
    r'insert_hf("X-New: 1\r\n", "Content-Length")',
    r'append_urihf("X-Uri: <", ">\r\n")',
    r'append_urihf("P-Uri: ", "\r\n")',
    "append_time_to_request()",
    'remove_hf("X-A")',
    'remove_hf("Subject")',
    'remove_hf("s")',
    'remove_hf("Max-Forwards")',
    'remove_hf("Contact")',
    'remove_hf("Supported")',
    'remove_hf("Content-Type")',
    'remove_hf("Content-Length")',
    'remove_hf("l")',
    'remove_hf("Route")',
    'remove_hf("Record-Route")',
    'remove_hf("Nowhere")',
    'remove_hf("Call-ID")',
    'remove_hf("CSeq")',
    'remove_hf("To")',
    'remove_hf("Via")',
    'remove_hf_idx("X-A", 0)',
    'remove_hf_idx("X-A", 1)',
    'remove_hf_idx("X-A", -1)',
    'remove_hf_idx("X-A", 9)',
    'remove_hf_idx("Subject", "0")',
    'remove_hf_idx("Via", 1)',
    'remove_hf_re("^X-")',
    'remove_hf_re("^[Ss]")',
    'remove_hf_re("nothing")',
    'remove_hf_re("^Content")',
    'remove_hf_exp("^X-", "^X-B")',
    'remove_hf_exp("^Su", "ject$")',
    'remove_hf_pv("X-A")',
    'remove_hf_pv("$var(none)")',
    '$var(h) = "Subject"; remove_hf_pv("$var(h)")',
    'remove_hf_re_pv("^X-[AB]$")',
    '$var(h) = "^s"; remove_hf_re_pv("$var(h)")',
    'remove_hf_exp_pv("^X-", "A$")',
    'remove_hf_match("X-A", "eq", "one")',
    'remove_hf_match("X-A", "ne", "one")',
    'remove_hf_match("X-A", "in", "w")',
    'remove_hf_match("X-A", "re", "^t.*")',
    'remove_hf_match("Supported", "sw", "tim")',
    'remove_hf_match("X-A", "xx", "one")',
    'remove_hf_match("Subject", "in", "s")',
    'is_present_hf("X-A")',
    'is_present_hf("s")',
    'is_present_hf("Nowhere")',
    'is_present_hf_re("^x-b")',
    'is_present_hf_pv("Subject")',
    'is_present_hf_re_pv("^Supp")',
)
BODIES = (
    'search("Alice")',
    'search("^X-A: o")',
    'search_body("audio")',
    'search_body("b=")',
    'search_hf("X-A", "tw", "a")',
    'search_hf("X-A", "one", "f")',
    'search_hf("X-A", "one", "l")',
    'search_hf("Subject", "^se", "a")',
    r'search_append("Max-Forwards: [0-9]+", "7")',
    'search_append("nothing", "x")',
    'search_append("Alice", "X")',
    'search_append("sip:", "x")',
    r'search_append("$", "x")',
    'search_append_body("one", "+")',
    'search_append_body("v=0", "x")',
    'search_append_body("a=", "12345")',
    'replace("sip", "SIPS")',
    'replace("Alice", "Al")',
    'replace("one", "")',
    'replace("^X-A", "X-C")',
    'replace("example", "longer.example")',
    'replace("nothing", "x")',
    'replace_all("example", "e")',
    'replace_all("one", "two")',
    'replace_all("^", ">")',
    'replace_all("o", "O_")',
    'replace_all("X-[AB]", "Y")',
    'replace_body("one", "1")',
    'replace_body("v=0", "v=1")',
    'replace_body("audio", "video call")',
    'replace_body_all("one", "1")',
    'replace_body_all("a=", "b=")',
    'replace_body_all("^", "#")',
    'replace_body_atonce("o.e", "1")',
    'replace_body_atonce("^a=.*$", "a=x")',
    'replace_hdrs("one", "1")',
    'replace_hdrs("^X-A", "X-Z")',
    'replace_hdrs("Alice", "A $rU")',
    'replace_str("one", "1", "a")',
    'replace_str("one", "1", "f")',
    'replace_str("Alice", "$rU", "f")',
    'replace_str("ALICE", "x", "i")',
    'replace_str("", "x", "a")',
    'replace_hdrs_str("one", "1", "a")',
    'replace_hdrs_str("X-", "Y-", "a")',
    'replace_hdrs_str("zzz", "Y-", "f")',
    'replace_body_str("one", "11", "a")',
    'replace_body_str("a=", "", "f")',
    'replace_body_str("o", "0", "a")',
    'subst("/Alice/Bob/")',
    'subst("/example/ex/g")',
    'subst("/(one)/<\\1>/g")',
    'subst("/^X-A:(.*)$/X-A: $rU\\1/")',
    'subst("/^x-a:/X-Q:/ig")',
    'subst("/^CSeq: ([0-9]+)/CSeq: 8/")',
    'subst("/nothing/x/")',
    'subst("/^To:(.*)$/To:\\1;x=y/")',
    'subst("/^Max-Forwards:.*$/Max-Forwards: 3/")',
    'subst_body("/one/1/g")',
    'subst_body("/a=(.*)$/b=\\1/")',
    'subst_body("/^/>/g")',
    'subst_body("/$/</g")',
    'subst_body("/IN IP4 ([0-9.]+)/IN IP4 203.0.113.7/g")',
    'subst_hf("X-A", "/one/1/", "a")',
    'subst_hf("X-A", "/t/T/g", "a")',
    'subst_hf("X-A", "/o/0/", "f")',
    'subst_hf("X-A", "/o/0/", "l")',
    'subst_hf("Subject", "/^/Re: /", "a")',
    'subst_hf("Contact", "/192.0.2.1/$rd/", "f")',
    'subst_hf("Nowhere", "/a/b/", "a")',
    'set_body("new text", "text/plain")',
    r'set_body("v=0\r\n", "application/sdp")',
    'set_body("$rU", "$var(none)")',
    'set_body("", "text/plain")',
    'set_body("again", "application/sdp")',
    'filter_body("text/plain")',
    'filter_body("application/sdp")',
    'filter_body("text/html")',
    "remove_body()",
    "has_body()",
    'has_body("application/sdp")',
    'has_body("text/plain")',
    "is_audio_on_hold()",
    'is_privacy("id")',
    'get_body_part("application/sdp", "$var(p)"); append_hf("X-P: $(var(p){s.md5})\\r\\n")',
    'get_body_part_raw("text/plain", "$var(p)"); append_hf("X-P: $(var(p){s.md5})\\r\\n")',
    'get_body_part_raw("application/sdp", "$var(p)"); append_hf("X-P: $(var(p){s.md5})\\r\\n")',
)
PARTS = (
    "set_body_multipart()",
    'set_body_multipart("hello", "text/plain")',
    'set_body_multipart("hello", "text/plain", "delim")',
    r'set_body_multipart("v=0\r\n", "application/sdp", "$rU")',
    'append_body_part("more", "text/plain")',
    'append_body_part("more", "text/html", "render")',
    r'append_body_part("more\r\n", "application/x")',
    'append_body_part_hex("6d6f7265", "text/plain")',
    'append_body_part_hex("4d", "application/octets", "signal;handling=optional")',
    'append_body_part_hex("6g", "text/plain")',
    'append_body_part_hex("6d6", "text/plain")',
    'append_body_part("", "text/plain")',
    'remove_body_part("text/plain")',
    'remove_body_part("application/sdp")',
    'remove_body_part("text/none")',
    'set_body_multipart(); append_body_part("a b c", "text/plain")',
    'set_body_multipart("x", "text/plain", "q1"); append_body_part("y", "text/plain"); '
    'append_body_part("z", "text/plain", "render")',
)
X_BODIES = (
    'keep_hf("^X-")',
    'keep_hf("^Subject$")',
    'keep_hf("nothing")',
    "msg_apply_changes()",
    'msg_set_buffer("$mb")',
    'msg_set_buffer("$(mb{s.replace,example,ex})")',
    'msg_set_buffer("nonsense")',
    'fnmatch("$rU", "b*")',
    'fnmatch("$rd", "EXAMPLE.*", "i")',
    'append_hf_value("X-A", "last")',
    'append_hf_value("Supported", "x")',
    'append_hf_value("X-A[1]", "mid")',
    'append_hf_value("X-A[-1]", "mid")',
    'append_hf_value("X-A[9]", "mid")',
    'append_hf_value("X-A[2],X-B", "other")',
    'append_hf_value("Nowhere", "val")',
    'append_hf_value("Contact", "<sip:new@example.com>")',
    'append_hf_value("Contact", "<sip:$rU@example.com>;q=1")',
    'insert_hf_value("X-A", "first")',
    'insert_hf_value("X-A[1]", "mid")',
    'insert_hf_value("X-A[-2]", "mid")',
    'insert_hf_value("Nowhere", "val")',
    'insert_hf_value("Supported", "x")',
    'remove_hf_value("X-A")',
    'remove_hf_value("X-A[0]")',
    'remove_hf_value("X-A[1]")',
    'remove_hf_value("X-A[-1]")',
    'remove_hf_value("X-A[*]")',
    'remove_hf_value("Supported[0]")',
    'remove_hf_value("Supported[2]")',
    'remove_hf_value("Contact[1].q")',
    'remove_hf_value("Contact.expires")',
    'remove_hf_value("Nowhere")',
    'assign_hf_value("X-A", "new")',
    'assign_hf_value("X-A[0]", "new")',
    'assign_hf_value("X-A[*]", "new")',
    'assign_hf_value("Contact[0].q", "0.9")',
    'assign_hf_value("Contact.expires", "7")',
    'assign_hf_value("Nowhere", "new")',
    'assign_hf_value("Supported[1]", "$rU")',
    'include_hf_value("Supported", "timer")',
    'include_hf_value("Supported", "new")',
    'include_hf_value("X-A", "one")',
    'include_hf_value("X-A[9]", "two")',
    'include_hf_value("Nowhere", "x")',
    'exclude_hf_value("Supported", "timer")',
    'exclude_hf_value("Supported", "path")',
    'exclude_hf_value("X-A", "one")',
    'exclude_hf_value("X-A", "none")',
    'hf_value_exists("Supported", "timer")',
    'hf_value_exists("Supported", "TIMER")',
    'hf_value_exists("X-A", "nothing")',
    'hf_value_exists("Allow", "BYE")',
    'remove_hf_value2("X-A")',
    'remove_hf_value2("X-A[0]")',
    'remove_hf_value2("Authorization.realm")',
    'remove_hf_value2("Authorization[*].nonce")',
    'remove_hf_value2("Nowhere[*].nonce")',
    'remove_hf_value2("Authorization.none")',
    'assign_hf_value2("X-A", "new")',
    'assign_hf_value2("Authorization.realm", "new")',
    'assign_hf_value2("Authorization.response", "")',
    'assign_hf_value2("Authorization.opaque", "o")',
    'assign_hf_value2("X-A.q", "new")',
    'assign_hf_value2("Supported[*].q", "new")',
    'append_hf_value("X-A", "$avp(none)")',
    'include_hf_value("X-A", "")',
    'assign_hf_value("X-A[-1]", "")',
    'append_hf_value("X-A[*]", "no")',
    'insert_hf_value("X-A.p", "no")',
    'exclude_hf_value("X-A[1]", "no")',
    'remove_hf_value("X-A[-11]")',
    'assign_hf_value("From.tag", "other")',
    'assign_hf_value("Via.rport", "1")',
    'remove_hf_value("Via[2]")',
    'hf_iterator_start("i"); while (hf_iterator_next("i")) { if ($hfitname(i) == "X-A") '
    'hf_iterator_rm("i"); } hf_iterator_end("i")',
    'hf_iterator_start("i"); while (hf_iterator_next("i")) { if ($hfitname(i) =~ "^S") '
    r'hf_iterator_append("i", "X-N: $hfitbody(i)\r\n"); } hf_iterator_end("i")',
    'hf_iterator_start("i"); while (hf_iterator_next("i")) { if ($hfitname(i) =~ "^X") '
    r'hf_iterator_insert("i", "X-N: 1\r\n"); } hf_iterator_end("i")',
    'bl_iterator_start("b"); while (bl_iterator_next("b")) { if ($blitval(b) =~ "^a=") '
    'bl_iterator_rm("b"); } bl_iterator_end("b")',
    'bl_iterator_start("b"); while (bl_iterator_next("b")) { if ($blitval(b) =~ "one") '
    r'bl_iterator_append("b", "x\r\n"); } bl_iterator_end("b")',
    'bl_iterator_start("b"); while (bl_iterator_next("b")) { if ($blitval(b) =~ "e") '
    r'bl_iterator_insert("b", "x\r\n"); } bl_iterator_end("b")',
)
URIS = (
    'rewriteuri("sip:new@example.net:5090;x=y")',
    'rewriteuri("nonsense")',
    'rewriteuri("")',
    'sethost("other.example")',
    'rewritehost("10.0.0.1")',
    'rewritehostport("other.example:5099")',
    'sethostport("[2001:db8::2]:5066")',
    'sethostporttrans("other.example:5099;transport=tcp")',
    'sethostporttrans("other.example")',
    'setport("5555")',
    'rewriteport("0")',
    'rewriteport("")',
    'setuser("carol")',
    'rewriteuser("")',
    'rewriteuser("a b")',
    'setuserpass("carol:pw")',
    'rewriteuserpass("carol")',
    "strip(1)",
    "strip(2)",
    "strip(99)",
    "strip_tail(1)",
    "strip_tail(99)",
    'prefix("00")',
    'prefix("")',
    "userphone()",
    "revert_uri()",
    'setdsturi("sip:127.0.0.1:@SINK@;transport=udp")',
    "resetdsturi()",
    "force_rport()",
    "add_rport()",
    "add_local_rport()",
    'set_advertised_address("203.0.113.1")',
    'set_advertised_address("proxy.example.com")',
    "set_advertised_port(5070)",
    "setflag(3)",
    "set_forward_no_connect()",
    'subst_uri("/sip:(.*)@/sip:x\\1@/")',
    'subst_uri("/^.*$/sip:all@example.net/")',
    'subst_uri("/none/x/")',
    'subst_user("/(.)$/\\1\\1/")',
    'subst_user("/^/9/")',
    '$ru = "sip:assigned@example.net"',
    "$ru = $fu",
    '$ru = "broken"',
    '$rU = "user"',
    "$rU = $null",
    '$rU = ""',
    "$rU = 12",
    '$rd = "domain.example"',
    "$rd = $null",
    "$rp = 5061",
    '$rp = "5062"',
    "$rp = 0",
    "$rp = $null",
    '$rd = "d.example"; $rp = 5063; $rU = "u"',
    '$du = "sip:127.0.0.1:@SINK@"',
    "$du = $null",
    '$rb = "body text"',
    '$fu = "sip:from@example.net"',
    '$tu = "sip:to@example.net"',
    '$fU = "fuser"',
    '$tU = "tuser"',
    '$fd = "fdomain"',
    '$td = "tdomain"',
    '$fn = "F. Name"',
    '$tn = "T. Name"',
    "$fn = $null",
    "$fu = $null",
    '$hdr(X-A) = "set"',
    "$mf = 5",
    'mf_process_maxfwd_header("10")',
    'mf_process_maxfwd_header("70")',
    "mf_process_maxfwd_header(5)",
    'is_maxfwd_lt("10")',
    'append_branch("sip:branch@example.net")',
    'append_branch("sip:branch@example.net", "0.5")',
    "append_branch()",
    'append_branch("nonsense")',
    'append_branch("sip:b1@x"); append_branch("sip:b2@x"); remove_branch(0)',
    'append_branch("sip:b1@x"); clear_branches()',
    'append_branch("sip:b1@x"); $branch(uri) = "sip:changed@x"',
    'append_branch("sip:b1@x"); $(branch(uri)[0]) = "sip:c@x"',
    'append_branch("sip:b1@x"); $(branch(dst_uri)[0]) = "sip:127.0.0.1:@SINK@"',
    'append_branch("sip:b1@x"); $(branch(path)[0]) = "<sip:127.0.0.1:@SINK@;lr>"',
    'append_branch("sip:b1@x"); $(branch(q)[0]) = 500',
    'remove_uri_param("user")',
    'tel2sip("$ru", "$fd", "$ru")',
)
ROUTES = (
    "record_route()",
    'record_route(";x=y")',
    'record_route("x=y;z")',
    'record_route_preset("192.0.2.50:5066;x=1")',
    'record_route_preset("192.0.2.50", "192.0.2.51:5067")',
    'record_route_preset("sip.example.com;transport=tcp")',
    'record_route_advertised_address("203.0.113.5:5061")',
    'record_route_advertised_address("adv.example.com")',
    'add_rr_param(";p=1")',
    'record_route(); add_rr_param(";p=1")',
    'add_rr_param(";p=1"); record_route(); add_rr_param(";q=$rU")',
    "loose_route()",
    "loose_route(); record_route()",
    'loose_route_mode("1")',
    "loose_route_preloaded()",
    'check_route_param("ftag")',
    'is_direction("upstream")',
    "rr_next_hop_route()",
    "record_route(); record_route()",
    "record_route(); msg_apply_changes()",
    'remove_hf("Record-Route"); record_route()',
    'remove_hf("Route"); loose_route()',
    r'insert_hf("Route: <sip:127.0.0.1:@SINK@;lr>\r\n")',
    r'append_hf("Record-Route: <sip:192.0.2.55;lr>\r\n"); record_route()',
    r'insert_hf("Record-Route: <sip:192.0.2.55;lr>\r\n"); record_route()',
    'record_route(); insert_hf("X-New: 1\\r\\n")',
)
REPLIES = (
    'change_reply_status("488", "Other reason")',
    'change_reply_status(404, "$fU")',
    'change_reply_status(200, "OK")',
    'change_reply_status("183", "Progress")',
    'change_reply_status("99", "x")',
    'change_reply_status_code("486")',
    "change_reply_status_code(600)",
    'change_reply_status_code("202")',
    'remove_hf("Via")',
    'remove_hf("Contact")',
    r'append_hf("Server: here\r\n")',
    "drop()",
    'if ($rs == 200) append_hf("X-Ok: 1\\r\\n")',
    "setflag(3)",
)
SERIAL = (
    '$ru = "sip:next@example.net"; t_relay_to_udp("127.0.0.1", "@SINK@")',
    '$rU = "next"; $rd = "example.net"; t_relay_to_udp("127.0.0.1", "@SINK@")',
    'append_branch("sip:next@example.net"); t_relay_to_udp("127.0.0.1", "@SINK@")',
    'append_branch(); t_relay_to_udp("127.0.0.1", "@SINK@")',
    '$du = "sip:127.0.0.1:@SINK@"; t_relay()',
    't_reply("480", "Gone")',
    'append_to_reply("X-R: 1\\r\\n"); t_reply("480", "Gone")',
)
FORKS = (
    'append_branch("sip:b1@example.net"); append_branch("sip:b2@example.net")',
    'append_branch("sip:b1@example.net"); $(branch(path)[0]) = "<sip:127.0.0.1:@SINK@;lr>"',
    'append_branch("sip:b1@example.net"); $(branch(dst_uri)[0]) = "sip:127.0.0.1:@SINK@"',
    'append_branch("sip:b1@example.net"); $ru = "sip:first@example.net"',
    'append_branch("sip:b1@example.net"); append_hf("X-All: $rU\\r\\n"); remove_hf("X-A")',
    'append_branch("sip:b1@example.net"); record_route()',
    'append_branch("sip:b1@example.net"); msg_apply_changes()',
    'append_branch("sip:b1@example.net"); set_body("all", "text/plain")',
)
ANSWERS = (
    "200 OK\nContact: <sip:bob@192.0.2.2>;q=0.7\nX-A: one\nx-a: two, three\nSubject: z\n"
    "Supported: timer, path\nContent-Type: text/plain||one two one\r\na=1\r\n",
    "404 Not Found\nX-A: one\nServer: sink",
    "180 Ringing\nX-A:one\ns: compact\nRecord-Route: <sip:192.0.2.7;lr>",
)
FAMILIES = {
    "H": HEADERS,
    "B": BODIES,
    "P": PARTS,
    "X": X_BODIES,
    "U": URIS,
    "R": ROUTES,
}
EDITS = tuple(edit for family in FAMILIES.values() for edit in family)
MODES = ("stateless", "tm")
TYPED = tuple(label for label, message in MESSAGES.items() if message.has_type)
"""Messages with a Content-Type: Kamailio does not survive making parts of any other body."""


def statement(edit: str) -> str:
    """An edit as statements."""
    return edit if edit.endswith("}") else edit + ";"


def needs_type(edit: str) -> bool:
    """Does the edit look into Content-Type without asking whether there is one?"""
    return "body_part" in edit or "multipart" in edit


def told(edit: str) -> str:
    """An edit, then a header with what it returned."""
    return statement(edit) + r' $var(r) = $rc; append_hf("X-Rc: $var(r)\r\n");'


def alone() -> Iterator[WireCase]:
    """Each edit by itself on each message; what it returned is seen in one mode."""
    for family, edits in FAMILIES.items():
        for number, edit in enumerate(edits):
            for label, message in MESSAGES.items():
                if needs_type(edit) and label not in TYPED:
                    continue
                name = f"{family}{number}{label}"
                yield WireCase(f"{name}s", statement(edit), message)
                yield WireCase(f"{name}t", told(edit), message, mode="tm")


def in_replies() -> Iterator[WireCase]:
    """Edits of replies, with and without a transaction."""
    own = (edit for edit in X_BODIES if "nonsense" not in edit)
    edits = (*REPLIES, *HEADERS, *BODIES, *own)
    for number, edit in enumerate(edits):
        for at, answer in enumerate(ANSWERS):
            message = MESSAGES[("Plain", "Rich", "TwoVias")[(number + at) % 3]]
            name = f"Y{number}a{at}"
            answers = (answer,) if at != 2 else (answer, "200 OK")
            yield WireCase(f"{name}s", "", message, told(edit), answers=answers)
            yield WireCase(f"{name}t", "", message, statement(edit), mode="tm", answers=answers)


def in_branches() -> Iterator[WireCase]:
    """Edits in branch routes, one branch and several."""
    edits = (*HEADERS, *BODIES, *URIS, *ROUTES)
    for number, edit in enumerate(edits):
        for at in range(2):
            label = list(MESSAGES)[(number * 2 + at) % len(MESSAGES)]
            script = statement(FORKS[number % len(FORKS)]) if at else r'append_hf("X-0: 0\r\n");'
            yield WireCase(
                f"G{number}b{at}",
                script,
                MESSAGES[label],
                mode="tm",
                branch_script=statement(edit),
            )


def in_failures() -> Iterator[WireCase]:
    """Edits before the first try, and in the failure route before the next."""
    edits = (*HEADERS, *BODIES, *URIS, *ROUTES)
    for number, edit in enumerate(edits):
        for at in range(2):
            label = ("Rich", "Plain", "TwoVias", "Compact", "Folded")[(number + at) % 5]
            first = edits[(number * 7 + 3) % len(edits)] if at else "setflag(1)"
            yield WireCase(
                f"F{number}f{at}",
                statement(first),
                MESSAGES[label],
                mode="tm",
                failure_script=statement(edit) + " " + statement(SERIAL[number % len(SERIAL)]),
                answers=("486 Busy", "200 OK\nX-A: one"),
            )


def together(count: int, size: int, seed: int) -> Iterator[WireCase]:
    """Random edits in sequence on random messages, in either mode."""
    choice = random.Random(seed)
    labels = list(MESSAGES)
    for number in range(count):
        edits: Sequence[str] = choice.choices(EDITS, k=size)
        script = "\n".join(statement(edit) for edit in edits)
        label = choice.choice(TYPED if any(map(needs_type, edits)) else labels)
        mode = choice.choice(MODES)
        yield WireCase(f"C{size}n{number}{label}", script, MESSAGES[label], mode=mode)
