"""Every function and variable of sdpops on many bodies: what it returns, and the body after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.runtime.matrix.harness import Case
from tests.runtime.matrix.wire import MODULES, PLAIN, Setup, WireCase

SDP = "Content-Type: application/sdp\r\n"
HEAD = (
    "v=0\r\no=alice 2890844526 2890842807 IN IP4 10.47.16.5\r\ns=-\r\n"
    "c=IN IP4 10.47.16.5\r\nt=0 0\r\n"
)
AUDIO = (
    "m=audio 49170 RTP/AVP 0 8 97 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\na=rtcp-fb:97 nack\r\na=ptime:20\r\na=sendrecv\r\n"
)
VIDEO = (
    "m=video 51372 RTP/SAVP 31 99 98\r\na=rtpmap:31 H261/90000\r\na=rtpmap:99 H264/90000\r\n"
    "a=fmtp:99 profile-level-id=42e01f\r\na=rtpmap:98 VP8/90000\r\na=inactive\r\n"
)
IMAGE = "m=image 0 udptl t38\r\na=T38FaxVersion:0\r\n"
MIXED = 'Content-Type: multipart/mixed;boundary="b1"\r\n'
PART = "--b1\r\nContent-Type: application/sdp\r\n\r\n"
TEXT_PART = "--b1\r\nContent-Type: text/plain\r\n\r\nm=audio v=0\r\n"

BODIES: dict[str, tuple[str, str]] = {
    "audio": (SDP, HEAD + AUDIO),
    "both": (SDP, HEAD + AUDIO + VIDEO),
    "three": (SDP, HEAD + VIDEO + AUDIO + IMAGE),
    "twice": (SDP, HEAD + AUDIO + AUDIO.replace("49170", "49172").replace("RTP/AVP", "rtp/avpf")),
    "static": (SDP, HEAD + "m=audio 4000 RTP/AVP 0 3 4 5 6 8 9 13 15 18\r\n"),
    "repeated": (
        SDP,
        HEAD + "m=audio 4000 RTP/AVP 8 0 8 101 101\r\na=rtpmap:8 PCMA/8000\r\n"
        "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n",
    ),
    "prefixes": (
        SDP,
        HEAD + "m=audio 4000 RTP/AVP 10 1 100 101 8\r\na=rtpmap:10 L16/44100/2\r\n"
        "a=rtpmap:100 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n",
    ),
    "blanks": (SDP, HEAD + "m=audio  4000   RTP/AVP  0  8\t101 \r\na=rtpmap:8  PCMA/8000 \r\n"),
    "lf": (SDP, (HEAD + AUDIO + VIDEO).replace("\r\n", "\n")),
    "cr": (SDP, (HEAD + AUDIO).replace("\r\n", "\r")),
    "unended": (SDP, (HEAD + AUDIO).rstrip("\r\n")),
    "cut": (SDP, HEAD + "m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:8 PCMA/8000\r\na="),
    "nopayload": (SDP, HEAD + "m=audio 4000 RTP/AVP\r\na=sendonly\r\na=rtpmap:0 PCMU/8000\r\n"),
    "nomedia": (SDP, HEAD),
    "noversion": (SDP, HEAD.replace("v=0\r\n", "") + AUDIO),
    "noorigin": (SDP, HEAD.replace("o=", "x=") + AUDIO),
    "shorto": (SDP, HEAD.replace("alice 2890844526 2890842807 IN IP4 ", "a IN IP4 ") + AUDIO),
    "oddo": (SDP, HEAD.replace("2890844526 2890842807", "x 00012") + AUDIO),
    "bigo": (SDP, HEAD.replace("2890842807", "2147483647") + AUDIO),
    "smallo": (SDP, HEAD.replace("2890842807", "7") + AUDIO),
    "nineo": (SDP, HEAD.replace("2890842807", "9") + VIDEO + AUDIO),
    "letters": (SDP, HEAD.replace("2890842807", "12a") + AUDIO),
    "noc": (SDP, HEAD.replace("c=", "x=") + AUDIO),
    "ownc": (SDP, HEAD.replace("c=", "x=") + AUDIO + "c=IN IP4 10.0.0.9\r\n"),
    "six": (SDP, HEAD.replace("IP4 10.47.16.5", "IP6 2001:db8::1") + AUDIO),
    "badc": (SDP, HEAD.replace("c=IN IP4", "c=IN IP5") + AUDIO),
    "emptyc": (SDP, HEAD.replace("c=IN IP4 10.47.16.5", "c=IN IP4 ") + AUDIO),
    "shortm": (SDP, HEAD + "m=audio 4000\r\na=rtpmap:0 PCMU/8000\r\n"),
    "emptym": (SDP, HEAD + "m=\r\n" + AUDIO),
    "caps": (SDP, HEAD + "M=audio 1 RTP/AVP 0\r\nm=AUDIO 4000 rtp/avp 0 8\r\nA=rtpmap:8 x/8\r\n"
             "a=RTPMAP:8 PCMA/8000\r\n"),
    "ice": (
        SDP,
        HEAD.replace("10.47.16.5\r\nt", "0.0.0.0\r\nt")
        + "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=ice-ufrag:x\r\na=ice-options:trickle\r\n"
        "a=candidate:1 1 UDP 1 10.0.0.1 9 typ host\r\na=rtpmap:111 opus/48000/2\r\n",
    ),
    "held": (SDP, HEAD + "a=sendonly\r\n" + AUDIO.replace("a=sendrecv", "a=inactive")),
    "huge": (
        SDP,
        HEAD + "m=audio 4000 RTP/AVP " + " ".join(map(str, range(96, 126))) + "\r\n"
        + "".join(
            f"a=rtpmap:{n} codec{n % 2}/8000\r\na=fmtp:{n} x={n}\r\n" for n in range(96, 126)
        ),
    ),
    "bandwidth": (SDP, HEAD + "b=AS:64\r\nk=clear:x\r\na=recvonly\r\n" + AUDIO + "b=TIAS:1\r\n"),
    "slashes": (SDP, HEAD + "m=audio 4000 RTP/AVP 0 8 96\r\na=rtpmap:0\r\na=rtpmap:8 PCMA\r\n"
                "a=rtpmap: 96 x/1/2/3\r\na=fmtp:\r\na=fmtp:96\r\na=rtpmap:96 g7/8000\r\n"),
    "blanklines": (SDP, HEAD + "\r\n" + AUDIO + "\r\n\r\n" + VIDEO + "\r\n\r\n"),
    "mixed": (MIXED, TEXT_PART + PART + HEAD + AUDIO + "--b1--\r\n"),
    "mixedtwo": (MIXED, PART + HEAD + AUDIO + PART + HEAD + VIDEO + "--b1--\r\n"),
    "mixedfirst": (MIXED, PART + HEAD + VIDEO + AUDIO + TEXT_PART + "--b1--\r\n"),
    "mixednone": (MIXED, TEXT_PART + "--b1--\r\n"),
    "mixedbad": (MIXED, PART + "v=0\r\nm=audio\r\n--b1--\r\n"),
    "mixedheaders": (
        MIXED,
        "--b1\r\nContent-Disposition: session;\r\n handling=optional\r\n"
        "c : APPLICATION/sdp ; x=y\r\n"
        "X-One: 1\r\n\r\n\r\n" + HEAD + AUDIO + "--b1--\r\n",
    ),
    "mixedodd": (MIXED, "--b1\r\nno header\r\n\r\n" + HEAD + AUDIO + "--b1--\r\n"),
    "mixedplain": (
        "Content-Type: multipart/mixed; boundary=b1\r\n", PART + HEAD + AUDIO + "--b1--",
    ),
    "mixedquote": (
        "Content-Type: multipart/mixed;boundary='b1'\r\n", PART + HEAD + AUDIO + "\r\n--b1--\r\n",
    ),
    "mixedlater": (
        'Content-Type: multipart/mixed;charset=x;boundary="b1"\r\n',
        PART + HEAD + AUDIO + "--b1--\r\n",
    ),
    "mixedmore": (
        'Content-Type: multipart/mixed;boundary="b1";x=y\r\n', PART + HEAD + AUDIO + "--b1--\r\n",
    ),
    "alternative": (
        'Content-Type: multipart/alternative;boundary="b1"\r\n',
        PART + HEAD + AUDIO + "--b1--\r\n",
    ),
    "none": ("", ""),
    "empty": (SDP, ""),
    "untyped": ("", HEAD + AUDIO),
    "text": ("Content-Type: text/plain\r\n", HEAD + AUDIO),
    "caseless": ("c: Application/SDP;charset=utf-8\r\n", HEAD + AUDIO),
    "twotypes": ("Content-Type: application/sdp, text/plain\r\n", HEAD + AUDIO),
    "star": ("Content-Type: application/*\r\n", HEAD + AUDIO),
    "bare": ("Content-Type: application\r\n", HEAD + AUDIO),
    "longer": ("Content-Type: application/sdpx\r\n", HEAD + AUDIO),
    "latin": (SDP, HEAD.replace("s=-", "s=caf\u00e9 \udcff") + AUDIO),
}  # fmt: skip

IDS = (
    "0", "8", "101", "97,101", "0,8,97,101", "99", "31,99,98", "0, 8", "0 ,8", "0,,8", ",8", "",
    "1", "10", "13", "0,8,101,97,3,18", " 8 ", "8\\r\\n,0", "96,97,98,99,100", "0;8", "111",
)  # fmt: skip
NAMES = (
    "PCMU", "pcma", "PCMU,PCMA", "iLBC", "ilbc,telephone-event", "telephone-event", "H264", "CN",
    "CN,PCMU", "PCMU,CN", "DVI4", "L16", "nosuch", "nosuch,PCMU", "PCMU,nosuch", "", ",",
    "PCMU,,PCMA",
    "PCMU, PCMA", "codec0", "codec1,codec0", "opus", "GSM,G723,G729,G722,QCELP,MPA,G728,LPC",
    "x", "g7",
)  # fmt: skip
MEDIA = ("audio", "video", "AUDIO", "image", "", "aud", "nosuch", "audio ")
TRANSPORTS = (
    "RTP/AVP", "rtp/avp", "RTP/SAVP", "udptl", "RTP", "rtp", "AVP", "", "UDP/TLS/RTP/SAVPF",
    "rtp/avpf", "/", "nosuch",
)  # fmt: skip
PREFIXES = (
    "a=", "a=rtpmap", "a=rtpmap:8", "m=", "m=audio", "c=", "v=", "a=fmtp:101 0-15", "x", "", "A=",
    "b=AS", "a=sendrecv", "a", "o=alice", "t=0 0", "s=", "=", "--b1", "a=nosuch", "z=0",
)  # fmt: skip
AVPS = ("$avp(x)", "$avp(s:x)", "$(avp(x)[0])", "x", "", "$var(x)", "$avp(x){s.len}", "$avp", "$ru")
BODY = '$var(out) = $var(out) + "|" + $rb;'
AFTER = f'msg_apply_changes(); {BODY} $var(out) = $var(out) + "|" + $hdr(Content-Length);'
CODE = '$var(out) = "" + $rc;'


def _calls() -> Iterator[tuple[str, str]]:
    """A kind, and statements that leave something in ``$var(out)``."""
    for kind in ("remove", "keep"):
        for ids in IDS:
            yield "edit", f'sdp_{kind}_codecs_by_id("{ids}"); {CODE} {AFTER}'
        for names in NAMES:
            yield "edit", f'sdp_{kind}_codecs_by_name("{names}"); {CODE} {AFTER}'
        for media in MEDIA:
            yield "edit", f'sdp_{kind}_codecs_by_id("8,97", "{media}"); {CODE} {AFTER}'
            yield "edit", f'sdp_{kind}_codecs_by_name("PCMA,H264", "{media}"); {CODE} {AFTER}'
    for prefix in PREFIXES:
        yield "edit", f'sdp_remove_line_by_prefix("{prefix}"); {CODE} {AFTER}'
        for media in ("audio", "video", "", "nosuch"):
            yield "edit", f'sdp_remove_line_by_prefix("{prefix}", "{media}"); {CODE} {AFTER}'
    for media in MEDIA:
        yield "edit", f'sdp_remove_media("{media}"); {CODE} {AFTER}'
        yield "ask", f'sdp_with_media("{media}"); {CODE}'
        yield "ask", f'sdp_with_active_media("{media}"); {CODE}'
    for transport in TRANSPORTS:
        yield "edit", f'sdp_remove_transport("{transport}"); {CODE} {AFTER}'
        yield "ask", f'sdp_with_transport("{transport}"); {CODE}'
        yield "ask", f'sdp_with_transport_like("{transport}"); {CODE}'
    for ids in IDS:
        yield "ask", f'sdp_with_codecs_by_id("{ids}"); {CODE}'
    for names in NAMES:
        yield "ask", f'sdp_with_codecs_by_name("{names}"); {CODE}'
    shown = (
        '$var(out) = $var(out) + "|" + $(avp(x)[0]) + "|" + $(avp(x)[1]) + "|" + $(avp(x){s.len});'
    )
    for avp in AVPS:
        yield "ask", f"sdp_get('{avp}'); {CODE} {shown}"
        yield "ask", f"sdp_transport('{avp}'); {CODE} {shown}"
        yield "ask", f"""sdp_get_line_startswith('{avp}', "a=rtpmap"); {CODE} {shown}"""
    yield "ask", f"""$avp(x) = "old"; sdp_get("$avp(x)"); {CODE} {shown}"""
    for prefix in PREFIXES:
        yield "ask", f'sdp_get_line_startswith("$avp(x)", "{prefix}"); {CODE} {shown}'
    for call in (
        "sdp_content()", 'sdp_content("1")', 'sdp_content("")', "sdp_content(0)", "sdp_with_ice()",
        "sdp_get_address_family()", "sdp_print(1)", 'sdp_print("9")', "is_audio_on_hold()",
    ):  # fmt: skip
        yield "ask", f"{call}; {CODE}"
    yield "ask", "$var(out) = $sdp(body);"
    yield "ask", '$var(out) = "<$sdp(body)|$sdp(sess_version)>";'
    yield "ask", '$var(out) = "x" + $sdp(sess_version);'
    yield "ask", '$var(x) = $sdp(sess_version); $var(out) = "" + ($var(x) + 1);'
    yield "ask", 'if ($sdp(sess_version) == $null) $var(out) = "null"; else $var(out) = "is";'
    yield "ask", 'if ($sdp(body) == $null) $var(out) = "null"; else $var(out) = "is";'
    yield "ask", '$var(out) = "" + $(sdp(body){s.len}) + $(sdp(body){line.sw,m=audio});'
    yield "ask", '$var(out) = "" + ($sdp(sess_version) > 5);'
    for value in (
        "-1",
        "0",
        "5",
        "2147483647",
        "-2",
        '"12"',
        "$null",
        "$var(n)",
        "$rU",
        "-2147483648",
    ):
        yield "edit", f"$var(n) = 77; $sdp(sess_version) = {value}; {CODE} {AFTER}"
    yield "edit", f"$sdp(sess_version) = -1; $sdp(sess_version) = -1; {CODE} {AFTER}"
    yield "edit", f'$sdp(body) = "x"; {CODE} {AFTER}'
    pairs = (
        'sdp_remove_codecs_by_id("8")', 'sdp_keep_codecs_by_name("PCMU")',
        'sdp_remove_media("video")',
        'sdp_remove_line_by_prefix("a=fmtp")', 'replace_body("PCMA", "XXXX")',
        'replace_body_all("a=", "b=")', 'subst_body("/8000/16000/g")', "$sdp(sess_version) = -1",
        'replace("audio", "image")', 'set_body("new", "text/plain")', "msg_apply_changes()",
        'sdp_remove_transport("RTP/AVP")', 'append_hf("X-A: b\\r\\n")', "remove_body()",
    )  # fmt: skip
    for first in pairs:
        for second in pairs:
            yield "edit", f"{first}; {second}; {CODE} {AFTER}"
    yield "edit", f'$var(p) = "8"; sdp_remove_codecs_by_id("$var(p)", "$null"); {CODE} {AFTER}'
    yield "ask", f'sdp_with_media("$null"); {CODE}'
    yield "ask", f'sdp_with_media("$var(nosuch)"); {CODE}'
    yield "ask", f'sdp_with_codecs_by_id("$avp(none)"); {CODE}'
    yield "ask", f"sdp_with_media($rU); {CODE}"
    yield "ask", "$var(out) = $sdp(nosuch);"
    yield "ask", "$var(out) = $sdp(bodx);"
    yield "ask", "$var(out) = $(sdp(body)[0]);"
    yield "ask", f"sdp_get(); {CODE}"
    yield "ask", f"sdp_get($avp(x)); {CODE}"
    yield "ask", f'$avp(n) = "$$avp(x)"; sdp_get($avp(n)); {CODE} {shown}'
    yield "ask", f'sdp_get_line_startswith($avp(x), "a="); {CODE}'
    yield "ask", f'sdp_print("x"); {CODE}'
    yield "ask", f"sdp_print($var(n)); {CODE}"


def all_cases() -> Iterator[Case]:
    """Each call on each body."""
    for number, (_, script) in enumerate(_calls()):
        for name, (header, body) in BODIES.items():
            yield Case(f"sdp{number}x{name}", script, "INVITE", extra=header, body=body)


WIRE = Setup(modules=(*MODULES, "sdpops"))
EDITS = (
    'sdp_remove_codecs_by_id("8")', 'sdp_remove_codecs_by_id("0,101", "audio")',
    'sdp_remove_codecs_by_name("PCMA,H264")',
    'sdp_remove_codecs_by_name("telephone-event", "audio")',
    'sdp_keep_codecs_by_id("0,31")', 'sdp_keep_codecs_by_id("8", "audio")',
    'sdp_keep_codecs_by_name("PCMU")', 'sdp_keep_codecs_by_name("iLBC,VP8", "video")',
    'sdp_keep_codecs_by_id("111")', 'sdp_remove_line_by_prefix("a=")',
    'sdp_remove_line_by_prefix("a=rtpmap", "audio")', 'sdp_remove_line_by_prefix("m=audio")',
    'sdp_remove_media("audio")', 'sdp_remove_media("video")', 'sdp_remove_transport("RTP/AVP")',
    'sdp_remove_transport("rtp/savp")', "sdp_content(); $sdp(sess_version) = -1",
    "sdp_content(); $sdp(sess_version) = 12345",
)  # fmt: skip
OTHERS = (
    'replace_body("PCMA", "XXXX")', 'replace_body_all("a=", "b=")', 'subst_body("/8000/16000/g")',
    "msg_apply_changes()", r'append_hf("X-A: b\r\n")', 'remove_hf("Content-Type")',
    'replace("m=audio", "m=image")', "remove_body()", 'set_body("v=0", "application/sdp")',
    r'insert_hf("X-B: c\r\n")', 'subst("/alice/carol/")', 'prefix("1")',
)  # fmt: skip
WIRED = (
    "audio", "both", "three", "repeated", "static", "lf", "unended", "smallo", "huge", "mixed",
    "mixedtwo", "prefixes", "blanks", "none", "untyped",
)  # fmt: skip


def wire_cases() -> Iterator[WireCase]:
    """Edits alone and in pairs; the packet goes on statelessly or by tm."""
    scripts = [f"{edit};" for edit in EDITS]
    scripts += [f"{one}; {two};" for one in EDITS for two in (*OTHERS, *EDITS[::4])]
    # replace() before the headers are parsed queues its edit of the body among those of the headers
    firsts = [other for other in OTHERS if not other.startswith("replace(")]
    scripts += [f"{two}; {one};" for one in EDITS for two in firsts]
    for number, script in enumerate(scripts):
        for name in WIRED:
            header, body = BODIES[name]
            headers = (*PLAIN.headers, *filter(None, [header.rstrip("\r\n")]))
            message = replace(PLAIN, method="INVITE", headers=headers, body=body)
            mode = "tm" if number % 2 else "stateless"
            yield WireCase(f"Sdp{number}{name}", script, message, mode=mode)
    for number, edit in enumerate(EDITS):
        answer = f"200 OK\nContact: <sip:b@c>\nContent-Type: application/sdp||{BODIES['both'][1]}"
        for mode in ("tm", "stateless"):
            yield WireCase(
                f"SdpReply{number}{mode}", "", PLAIN, f"{edit};", mode=mode, answers=(answer,)
            )
