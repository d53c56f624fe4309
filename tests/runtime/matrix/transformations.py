"""Every transformation on many inputs: empty, malformed, long, and octets that are no text."""

from __future__ import annotations

from collections.abc import Iterator

from tests.runtime.matrix.harness import Case

TEXTS = (
    "", "a", "abc", "  padded \t", "one,two,three", "a;b=c;d", "12345", "-17", "0x1F", "4294967299",
    '"quoted"', "'single'", "(brackets)", "[2001:db8::1]", "a b+c%20d%zz", "MiXeD", "a\\'b\\\"c",
    "Zm9vYmFy", "Zm9v-_8", "68656c6c6f", "zz", "caf\u00e9 \u4e2d", "\udcff\udc80x", "x" * 4000,
    "a::b::c", "{curly}", "$ru", "<tag>", "line1 line2", "foo@bar", "%41%42", "=====", "2JxZ",
)  # fmt: skip
URIS = (
    "", "sip:a@b", "sip:alice:secret@example.com:5070;transport=tcp;lr?Subject=x&a=b",
    "sips:example.com", "tel:+12345", "sip:", "bob", "sip:a@b:99999", "sip:@x", "sip:a@[::1]:5060",
    "sip:u;p=1@h;maddr=1.2.3.4;ttl=3;method=INVITE", "sip:a@b;r2=on;lr=on", "SIP:A@B",
    "sip:a%40b@c;transport=TLS", "urn:service:sos", "sip:x@y;gr=urn", "http://a.b/c", "sip:a@b?x",
)  # fmt: skip
BODIES = (
    "", '"Alice A" <sip:alice@example.com:5070>;tag=abc;x=1', "<sip:b@c>", "sip:b@c;tag=q",
    "Bob <sip:bob@c;lr>", '"unclosed <sip:x@y>', "<sip:x@y", "garbage here", "*", "sip:b@c",
    '"a\\"b" <sip:a@b>;tag=', "<sip:@>;tag=z", "Alice <tel:+1>;tag=1;y", "<>",
    "<sip:a@b>;tag=x;z=\"q\"",
)  # fmt: skip
PARAMS = (
    "", "a=1;b=2;c", "a=1;b=\"x;y\";c='z'", ";;", "a", "a=;b", "=x", "a = 1 ; b = 2", "a=1,b=2",
    "a=1;a=2", "x=%20;y=\u00e9", "name=v;" * 300, "a=1;b", "lr;ob;x=<y>",
)  # fmt: skip
S_PLAIN = (
    "len", "int", "numeric", "md5", "sha256", "sha384", "sha512", "tolower", "toupper", "trim",
    "ltrim", "rtrim", "rmws", "unbracket", "unquote", "encode.hexa", "decode.hexa",
    "encode.base64", "decode.base64", "encode.base64t", "decode.base64t", "encode.base64url",
    "decode.base64url", "encode.base64urlt", "decode.base64urlt", "escape.common",
    "unescape.common", "escape.user", "unescape.user", "escape.param", "unescape.param",
    "escape.csv", "urlencode.param", "urldecode.param", "prefixes", "prefixes.quoted",
)  # fmt: skip
S_WITH = (
    "substr,0,2", "substr,-3,0", "substr,1,100", "substr,2,-1", "substr,0,0", "substr,9999,1",
    "strip,1", "strip,0", "strip,99", "striptail,2", "striptail,9999", "stripto,b", "stripto,;",
    "select,0,;", "select,1,:", "select,-1,,", "select,9,a", "replace,a,XY", "replace,bb,",
    "replace,x,xx",
    "rm,a", "rm,one", "before,:", "after,=", "rbefore,b", "rafter,;", "before,zz", "count,a",
    "count,:", "corehash,16", "corehash,0", "ftime,%Y", "prefixes,3", "prefixes.quoted,2",
    "substr,$var(one),$var(two)", "select,$var(one),:", "strip,$var(two)", "prefixes,$var(two)",
)  # fmt: skip
URI = (
    "user", "host", "domain", "passwd", "port", "params", "param,lr", "param,transport", "param,x",
    "headers", "transport", "ttl", "uparam", "maddr", "method", "lr", "r2", "scheme", "tosocket",
    "duri", "saor", "suri",
)  # fmt: skip
PARAM = (
    "value,a", "value,b", "value,zz", "value,a,,", "valueat,0", "valueat,-1", "valueat,7",
    "name,0", "name,1", "name,-1", "name,9", "count", "in,a", "in,c", "in,q", "value,$var(name)",
)  # fmt: skip
NAMEADDR = ("uri", "len", "name")
TOBODY = ("uri", "tag", "display", "params", "user", "host")
LINE = ("count", "at,0", "at,1", "at,-1", "at,9", "sw,line", "sw,x")
CHAINS = (
    "{s.tolower}{s.len}", "{s.select,0,;}{s.trim}", "{uri.user}{s.substr,0,1}", "{s.len}{s.int}",
    "{nameaddr.uri}{uri.host}", "{tobody.uri}{uri.user}{s.toupper}", "{s.md5}{s.substr,0,6}",
    "{param.value,a}{s.len}", "{s.encode.base64}{s.decode.base64}", "{re.subst,/a/b/g}",
    "{re.subst,/^(.)(.*)$/\\\\2\\\\1/}", "{s.escape.user}{s.unescape.user}",
)  # fmt: skip


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
    for name in LINE:
        yield f"{{line.{name}}}", TEXTS
    for chain in CHAINS:
        yield chain, (*TEXTS, *URIS, *BODIES, *PARAMS)


def all_cases() -> Iterator[Case]:
    """Each function on each of its inputs: its text, and whether it has a value at all."""
    number = 0
    for chain, inputs in functions():
        for text in inputs:
            number += 1
            script = (
                '$var(one) = 1; $var(two) = 2; $var(name) = "a"; $var(in) = $hdr(X-In);\n'
                f'$var(out) = "[" + $(var(in){chain}) + "]";\n'
                f'if ($(var(in){chain}) == $null) {{ $var(out) = $var(out) + "null"; }}'
            )
            yield Case(f"T{number}", script, extra=f"X-In: {text}\r\n")
