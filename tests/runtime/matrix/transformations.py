"""Every transformation on many inputs: empty, malformed, long, and octets that are no text."""

from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.harness import Case

LONG = 1000
TEXTS = (
    "", "a", "abc", "  padded \t", "one,two,three", "a;b=c;d", "12345", "-17", "0x1F", "4294967299",
    '"quoted"', "'single'", "(brackets)", "[2001:db8::1]", "a b+c%20d%zz", "MiXeD", "a\\'b\\\"c",
    "Zm9vYmFy", "Zm9v-_8", "68656c6c6f", "zz", "caf\u00e9 \u4e2d", "\udcff\udc80x", "x" * 4000,
    "a::b::c", "{curly}", "$ru", "<tag>", "line1 line2", "foo@bar", "%41%42", "=====", "2JxZ",
    "nul\0in\0side", "one\ntwo\r\nthree\n", "\n\n", "a\n\nb", "2147483647", "-2147483648", "+5",
    "007", "2147483648", "=", "ab=c", "Zm9vYg==", "Zm9vYmE=", "%", "%4", "%00%1f%7f", "%%41", "++",
    "\\n\\\\\\0\\x", "11Ab1", "C8329BFD06", "C8329BFD0", "gg", "\t\r\n ", "}", "a}b", "0", "-",
    '"', "()", "<>x", "1700000000", "\u202eabc", "b" * 30, "xy" * 2000,
)  # fmt: skip
URIS = (
    "", "sip:a@b", "sip:alice:secret@example.com:5070;transport=tcp;lr?Subject=x&a=b",
    "sips:example.com", "tel:+12345", "sip:", "bob", "sip:a@b:99999", "sip:@x", "sip:a@[::1]:5060",
    "sip:u;p=1@h;maddr=1.2.3.4;ttl=3;method=INVITE", "sip:a@b;r2=on;lr=on", "SIP:A@B",
    "sip:a%40b@c;transport=TLS", "urn:service:sos", "sip:x@y;gr=urn", "http://a.b/c", "sip:a@b?x",
    "sip:a@b:05070", "sip:a@b;", "sip:a@b;=x", "sip:a@b;x=\"y;z\"", "sip:\udcff@\udc80", "42",
    "sips:a@b:5061;transport=ws", "sip:a@b;transport=sctp", "sip:a@b;transport=none",
    "tel:+1-2;phone-context=x", "sip:" + "u" * 3900 + "@h",
)  # fmt: skip
BODIES = (
    "", '"Alice A" <sip:alice@example.com:5070>;tag=abc;x=1', "<sip:b@c>", "sip:b@c;tag=q",
    "Bob <sip:bob@c;lr>", '"unclosed <sip:x@y>', "<sip:x@y", "garbage here", "*", "sip:b@c",
    '"a\\"b" <sip:a@b>;tag=', "<sip:@>;tag=z", "Alice <tel:+1>;tag=1;y", "<>",
    "<sip:x@y>;tag=x;z=\"q\"", '"x<y" <sip:q@r>', "\u00e9 <sip:a@b>", "\udcff<sip:a@b>;t",
    "<sip:a@b>;tag=x, <sip:c@d>", '"' + "n" * 3900 + '" <sip:a@b>', "sip:a@b>", "  <sip:a@b>  ;a",
)  # fmt: skip
PARAMS = (
    "", "a=1;b=2;c", "a=1;b=\"x;y\";c='z'", ";;", "a", "a=;b", "=x", "a = 1 ; b = 2", "a=1,b=2",
    "a=1;a=2", "x=%20;y=\u00e9", "name=v;" * 300, "a=1;b", "lr;ob;x=<y>", "a=1;", "A=5;a=6",
    'a="x\\\\"y";b=2', "a=\"unclosed;b=1", "a='x\\'y';b", "a=1;;b=2", "\udcff=\udcfe;a=1",
    "a=1:b=2", "a b c",
)  # fmt: skip
ALIASES = (
    "", "1.2.3.4~5060~1", "h~5061~3", "h~1~6", "h~1~5", "h~1~4", "h~1~2", "h~1~0", "h~1~9", "h~1~",
    "sip:h:5060", "sip:a@h;transport=tls", "sips:h", "sip:h;transport=ws", "bob", "[::1]~5060~2",
)  # fmt: skip
S_PLAIN = (
    "len", "int", "numeric", "md5", "sha256", "sha384", "sha512", "tolower", "toupper", "trim",
    "ltrim", "rtrim", "rmws", "unbracket", "unquote", "encode.hexa", "decode.hexa",
    "encode.7bit", "decode.7bit", "encode.base58", "decode.base58", "corehash",
    "encode.base64", "decode.base64", "encode.base64t", "decode.base64t", "encode.base64url",
    "decode.base64url", "encode.base64urlt", "decode.base64urlt", "escape.common",
    "unescape.common", "escape.user", "unescape.user", "escape.param", "unescape.param",
    "escape.csv", "urlencode.param", "urldecode.param", "prefixes", "prefixes.quoted",
)  # fmt: skip
S_WITH = (
    "substr,0,2", "substr,-3,0", "substr,1,100", "substr,0,0", "substr,9999,1", "substr,-2,1",
    "substr,+1,1", "substr, 1 , 2 ", "substr,1,2147483647", "substr,99999999999,0", "substr,-,0",
    "strip,1", "strip,0", "strip,99", "strip,-1", "striptail,2", "striptail,9999", "striptail,-5",
    "stripto,b", "stripto,;", "stripto,", "select,0,;", "select,1,:", "select,-1,,", "select,9,a",
    "select,-9,a", "select,1,\\n", "select,1,\\\\", "select,0,}", "select,1, ", "select,0,$",
    "replace,a,XY", "replace,bb,", "replace,x,xx", "replace,ab,a", "replace,$var(name),[]",
    "rm,a", "rm,one", "rm,\\n", "rm,\\\\", "rm,\\x", "rm,$var(back)", "rm,x", "before,:",
    "before,,", "before,", "after,=", "after,,", "after,", "before,zz", "after,a", "count,a",
    "count,:", "count,,", "count,", "corehash,16", "corehash,0", "corehash,-1", "corehash,1",
    "ftime,%Y", "ftime,%Y-%m-%d %H:%M", "ftime,", "ftime,%%", "ftime,$var(form)",
    "prefixes,3", "prefixes.quoted,2", "prefixes,0", "prefixes,-4", "prefixes,$var(two)",
    "fmtlines,2,1", "fmtlines,40,0", "fmtlinet,3,2", "fmtlines,0,0", "fmtlinet,5,99",
    "substr,$var(one),$var(two)", "select,$var(one),:", "strip,$var(two)", "striptail,$ml",
    "substr,$var(name),1", "substr,1,$null", "strip,$var(empty)", "count,$null", "count,$var(two)",
    "replace,$null,x", "replace,x,$var(empty)", "before,$var(empty)", "corehash,$var(name)",
    "stripto,$(var(name){s.toupper})", "substr,$(var(in){s.len}),0", "rm,$(var(in){s.substr,0,1})",
    "strip,$(var(in){s.count,a})", "corehash,$(var(one){s.len})", "fmtlines,$var(two),$var(one)",
    "replace,$var(in),<$ru>", "replace,a,$rU", "rm,$(hdr(X-Two)[1]{s.substr,0,1})",
)  # fmt: skip
URI = (
    "user", "host", "domain", "passwd", "port", "params", "param,lr", "param,transport", "param,x",
    "headers", "transport", "ttl", "uparam", "maddr", "method", "lr", "r2", "scheme", "tosocket",
    "param,", "param,$var(name)", "param,$null", "param,$var(empty)", "param,LR",
)  # fmt: skip
PARAM = (
    "value,a", "value,b", "value,zz", "valueat,0", "valueat,-1", "valueat,7", "valueat,$var(one)",
    "name,0", "name,1", "name,-1", "name,9", "name,$var(name)", "count", "in,a", "in,c", "in,q",
    "value,$var(name)", "value,", "value,a,:", "in,b,:", "valueat,1,:", "name,1,:", "count,:",
    "count,,", "count,$var(name)", "count,$null", "value,$null", "in,$var(empty)", "value,a, ",
    "valueat,-2147483648", "name,-7",
)  # fmt: skip
NAMEADDR = ("uri", "len", "name")
TOBODY = ("uri", "tag", "display", "params", "user", "host")
LINE = (
    "count", "at,0", "at,1", "at,-1", "at,-2", "at,-3", "at,9", "at,-9", "sw,line", "sw,x", "sw,",
    "sw,t", "at,$var(one)", "at,$var(name)", "sw,$var(name)", "sw,$var(empty)", "at,2", "at,3",
)  # fmt: skip
RE = (
    "/a/b/g", "/^(.)(.*)$/\\\\2\\\\1/", "/[0-9]+/<\\\\0>/g", "/A/x/gi", "/z*/x/", "/./$var(name)/g",
    "/a/$null/", "/b|c/\\\\$/g", "/(a)|(b)/[\\\\1\\\\2]/g", "/^./X/gs", "$var(subst)", "$null",
    "$var(name)", "|/|\\\\||", "/$/x/", "/a/$(var(in){s.len})/", "/o{1,2}/0/", "/\\\\n/N/g",
    "/(x+)/\\\\1\\\\1/", "/e/$ru/i", "/^(.)(.*)$/\\2\\1/", "/[0-9]+/<\\0>/g",
    "/(a)|(b)/[\\1\\2\\9]/g",
    "/./\\u/", "/a/\\$ru/", "/,/\\n\\t\\q/g", "/a\\/b/x/", "/\\./x/",
)  # fmt: skip
CHAINS = (
    "{s.tolower}{s.len}", "{s.select,0,;}{s.trim}", "{uri.user}{s.substr,0,1}", "{s.len}{s.int}",
    "{nameaddr.uri}{uri.host}", "{tobody.uri}{uri.user}{s.toupper}", "{s.md5}{s.substr,0,6}",
    "{param.value,a}{s.len}", "{s.encode.base64}{s.decode.base64}", "{s.escape.user}{s.md5}",
    "{s.len}{s.tolower}{s.strip,0}", "{uri.port}{s.len}", "{s.int}{s.len}", "{s.LEN} {S.TRIM}",
    "{s.Trim}  {s.ToUpper} ", "{s.len}{s.unquote}", "{s.len}{param.count}", "{s.len}{line.count}",
    "{s.len}{nameaddr.uri}", "{s.int}{s.prefixes}", "{s.len}{re.subst,/1/2/}", "{s.trim}{uri.host}",
    "{s.encode.hexa}{s.encode.hexa}{s.encode.hexa}{s.len}", "{ s.len}", "{s. len }", "{s.len\t}",
    "{s.encode.hexa}{s.encode.hexa}{s.encode.hexa}{s.encode.hexa}{s.len}", "{uri.port}{s.int}",
)  # fmt: skip
REFUSED = (
    "{s}", "{s.}", "{.len}", "{s.nothing}", "{nothing.len}", "{S.len}", "{s.len,}", "{s.len,1}",
    "{s.substr}", "{s.substr,1}", "{s.substr,,2}", "{s.substr,a,2}", "{s.substr,1,a}",
    "{s.substr,1a,2}", "{s.substr,1,2,3}", "{s.substr,1,-2}", "{s.substr,1,2}x", "{s.len}x",
    "{s.select}", "{s.select,1}", "{s.select,1,}", "{s.select,1,ab}", "{s.select,1,\\x}",
    "{s.select,0,}}", "{s.strip}", "{s.strip,}", "{s.strip,x}", "{s.striptail}", "{s.stripto}",
    "{s.stripto,,}", "{s.stripto,a,}", "{s.ftime}", "{s.replace}", "{s.replace,a}",
    "{s.replace,a,b,c}", "{s.rm}", "{s.rm,,}", "{s.rm,{}", "{s.count}", "{s.count,{}}",
    "{s.count,a,b}", "{s.before}", "{s.after}", "{s.prefixes,}", "{s.prefixes,x}", "{s.corehash,}",
    "{s.corehash,a}", "{s.fmtlines}", "{s.fmtlines,1}", "{s.fmtlines,-1,1}", "{s.fmtlinet,1,-1}",
    "{uri.param}", "{uri.nothing}", "{uri.user,x}", "{uri}", "{param.value}", "{param.value,a,}",
    "{param.value,a,bc}", "{param.value,a,$var(x)}", "{param.value,a,,}", "{param.valueat}",
    "{param.valueat,x}", "{param.count,}", "{param.count,ab}", "{param.count, ;}",
    "{param.nothing}",
    "{nameaddr.x}", "{nameaddr.uri,1}", "{tobody.x}", "{line.at}", "{line.at,a}", "{line.sw}",
    "{line.count,1}", "{urialias.x}", "{val.n0}", "{val.json}", "{re.subst}", "{re.subst,}",
    "{re.subst,/a/b}", "{re.subst,/(/b/}", "{re.subst,/a/b/q}", "{re.subst,/a/$/}", "{re.nothing}",
    "{re.subst,/a/$nothing/}", "{re.subst,\\\\a\\\\b\\\\}", "{s.substr,$var(,1}",
    "{s.strip,$nothing}",
    "{s.strip,$var(x){s.len}}", "{s.len}{", "{s.len}}", "{s.len}{}", "{s.len}{s}", "{s.len",
    "{s.int 1}", "{s.rm, }", "{s.rm,\\}", "{s.count,a,}", "{s.rm,)}", "{s.select,0,)}",
    "{s.substr,+ 1,- 0}", "{s.strip,--1}", "{s.rm,'}",
    "{param.count, }", "{s.rm,(}", "{s.select,0,(}", "{s.replace,a}{s.len}",
    "{s.prefixes.quoted}", "{s.corehash}", "{re.subst,a}",
    "{re.subst,/a/\\\\}", "{re.subst,//b/}", "{re.subst, /a/b/}", "{re.subst,/a/b/ }",
)  # fmt: skip
VALUES = (
    "$null", "$var(num)", "$ml", "$rm", "$rU", "$avp(none)", "$avp(n)", "$xavp(x=>y)",
    "$hdr(X-Two)",
    "$rP", "$rp", "$si", "$proto", "$cs", "$mf", "$ct", "$tt", "$fd", "$du", "$ci", "$rz",
)  # fmt: skip
ON_VALUES = (
    "{s.len}", "{s.int}", "{s.numeric}", "{s.tolower}", "{s.unquote}", "{s.substr,0,1}", "{s.trim}",
    "{s.md5}", "{s.prefixes}", "{s.strip,0}", "{uri.host}", "{param.count}", "{line.at,0}",
    "{s.ftime,%Y}", "{nameaddr.uri}", "{tobody.uri}", "{re.subst,/1/2/}", "{urialias.encode}",
    "{s.corehash}", "{s.encode.hexa}", "{s.count,1}", "{s.substr,0,1}{s.int}",
)  # fmt: skip
HEADERS = (
    "$(hdr(X-Two)[0]{s.len})", "$(hdr(X-Two)[-1]{s.toupper})", "$(hdr(X-Two)[9]{s.len})",
    "$(hdr(X-Two)[$var(one)]{s.substr,$var(one),0})", "$(hdr(X-None){s.len})",
    "$(avp(l)[1]{s.len})",
    "$(hdr($(var(x){s.select,0,;})){s.len})", "$(avp(l){s.int})",
    "$(rb{line.at,0}{s.len})", "$(ct{nameaddr.uri}{uri.user})", "$(fu{uri.user}{s.md5})",
    "$(var($(var(name){s.tolower})){s.len})", "$(ru{s.replace,$(ru{uri.host}),$fd})",
    "$(ru{s.replace,$(ru{uri.user}{s.substr,0,$(var(one){s.int})}),$var(two)})",
)  # fmt: skip
SETUP = {
    "$var(one)": "= 1", "$var(two)": "= 2", "$var(name)": '= "a"', "$var(empty)": '= ""',
    "$var(back)": '= "\\\\n"', "$var(subst)": '= "/[a-c]/-$$/g"', "$var(form)": '= "%d"',
    "$var(num)": "= 42", "$avp(n)": "= 7", "$var(x)": '= "X-Two"', "$xavp(x=>y)": '= "z1"',
    "$avp(l)": '= "first"; $avp(l) = 22',
}  # fmt: skip
SHORT = (
    '$var(a) = "unset"; $var(out) = "?"; $var(out) = "[" + {0} + "]"; $var(a) = {0};\n'
    'if ({0} == $null) $var(out) = $var(out) + "null"; $var(b) = {0} + 1;\n'
    'set_reply_body("$var(out)<$var(a)>+$var(b)#{1}#", "text/plain");\n'
    'sl_send_reply("200", "OK"); exit;\n'
)
HASHED = (
    '$var(a) = {0}; $var(out) = $(var(a){{s.len}}) + "/" + $(var(a){{s.md5}}) + "/";\n'
    '$var(a) = "x" + {0}; $var(out) = $var(out) + $(var(a){{s.len}}) + $(var(a){{s.md5}});\n'
)
EXTRA = "X-Two: first;value\r\nX-Two: second\r\nContact: <sip:me@there>\r\n"


def functions() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Chains of transformations, and what each is tried on."""
    for name in (*S_PLAIN, *S_WITH):
        yield f"{{s.{name}}}", TEXTS
    for name in URI:
        yield f"{{uri.{name}}}", (*URIS, *TEXTS[:6])
    for name in PARAM:
        yield f"{{param.{name}}}", (*PARAMS, *TEXTS[:6])
    for name in NAMEADDR:
        yield f"{{nameaddr.{name}}}", (*BODIES, *TEXTS[:6])
    for name in TOBODY:
        yield f"{{tobody.{name}}}", (*BODIES, *TEXTS[:6])
    for name in ("encode", "decode"):
        yield f"{{urialias.{name}}}", (*ALIASES, *URIS)
    for name in LINE:
        yield f"{{line.{name}}}", TEXTS
    for name in RE:
        yield f"{{re.subst,{name}}}", TEXTS
    for chain in CHAINS:
        yield chain, (*TEXTS, *URIS, *BODIES, *PARAMS)


def known_to_differ(chain: str, text: str) -> bool:
    """Where Kamailio reads or writes memory that is not the value's; see the deviations."""
    if chain in ("{s.rm,}", "{s.replace,,x}"):
        return True
    if chain == "{urialias.decode}":
        return text.count("~") < 2
    return False


def script(expression: str, hashed: bool = False) -> str:
    """What is done with an expression over ``$var(in)``."""
    used = [
        name
        for name in SETUP
        if name in expression or f"({name[1:]}" in expression or f"$({name[1:-1]}" in expression
    ]
    start = '$var(in) = ""; if ($rb != $null) $var(in) = $rb; '
    setup = "".join(f"{name} {SETUP[name]}; " for name in used)
    form = HASHED if hashed else SHORT
    return f"{start}{setup}\n" + form.format(expression, expression.replace("\\", "\\\\"))


def all_cases() -> Iterator[Case]:
    """Each function on each of its inputs: as operand, assigned, in a string, tested, added to."""
    number = 0
    for at, (chain, inputs) in enumerate(functions()):
        expression = f"$(var(in){chain})"
        routes = (script(expression), f"C{at}"), (script(expression, True), f"C{at}hashed")
        for text in inputs:
            number += 1
            if not known_to_differ(chain, text):
                body, route = routes[len(text) > LONG]
                yield Case(f"T{number}", body, extra=EXTRA, body=text, route=route)
    for value in VALUES:
        for chain in ON_VALUES:
            number += 1
            yield Case(f"V{number}", script(f"$({value[1:]}{chain})"), extra=EXTRA, body="1")
    for value in HEADERS:
        number += 1
        yield Case(f"H{number}", script(value), extra=EXTRA, body="abc")


def refused_cases() -> Iterator[Case]:
    """What is no transformation, or looks as if it were none: outside of strings and inside."""
    for number, chain in enumerate(REFUSED):
        if "(" not in chain or ")" in chain:
            yield Case(f"R{number}bare", f'$var(in) = "a,b"; $var(out) = "[" + $(var(in){chain});')
        text = chain.replace('"', '\\"')
        reply = 'sl_send_reply("200", "OK"); exit;'
        yield Case(
            f"R{number}text",
            f'$var(in) = "a,b"; set_reply_body("[$(var(in){text})]", "text/plain"); {reply}',
        )
