"""No octet of a configuration can become code: it only ever is the value of a constant."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kcc.driver import Request, compile_file

_PIECES = st.sampled_from(
    [b"'''", b'"""', b"\\", b"\n", b"\r", b"{{", b"}}", b"{%", b"#}", b"\x00", b"%s", b"\xff",
     b"import os", b"\xc2\xa0", b"\xe2\x80\xa8", b"\x0c", b"#", b"'", b"b'", b"\\N{DIGIT ONE}"]
)  # fmt: skip
_TEXTS = st.lists(st.one_of(_PIECES, st.binary(max_size=4)), max_size=12).map(b"".join)


_PLACES = {
    "log": b'xlog("L_INFO", %b);',
    "header": b"append_hf(%b);",
    "case": b'switch($var(x)) { case %b: exit; case "plain2": $var(x) = 2; }',
    "body": b"set_reply_body(%b, %b);",
    "reply": b'sl_send_reply("200", %b);',
    "avp": b"$avp(a) = %b; $xavp(b=>c) = %b;",
    "key": b'$sht(t=>k) = %b; sht_rm_name_re("t=>x");',
    "argument": b"is_present_hf(%b);",
    "file": b'file_read(%b, "$var(x)");',
    "sql": b'sql_query("c", %b, "r");',
    "query": b'avp_db_query(%b, "$avp(q)");',
    "operator": b"if ($var(x) + %b == %b) exit;",
    "return": b"if (strlen(%b) > 3) exit;",
}
_MODULES = (
    *("pv", "sl", "xlog", "textops", "textopsx", "htable", "corex", "db_sqlite", "sqlops"),
    "avpops",
)


def _quoted(text: bytes) -> bytes:
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _placed(path: Path, statement: bytes, text: bytes) -> str | None:
    modules = b"".join(b'loadmodule "%b.so"\n' % name.encode() for name in _MODULES)
    filled = statement % ((_quoted(text),) * statement.count(b"%b"))
    path.write_bytes(
        modules
        + b'modparam("htable", "htable", "t=>size=4;")\n'
        + b'modparam("sqlops", "sqlcon", "c=>sqlite:///x.db")\n'
        + b'modparam("avpops", "db_url", "sqlite:///x.db")\n'
        + b"request_route {\n%b\n}\n" % filled
    )
    return compile_file(Request(str(path))).python


def _shape(python: str) -> list[str]:
    """The program without its constants, its formats' pieces and its lines."""
    tree = ast.parse(python)
    body = [n for n in tree.body if getattr(getattr(n, "target", None), "id", "") != "LINES"]
    calls = [n for b in body for n in ast.walk(b) if isinstance(n, ast.Attribute | ast.Name)]
    kinds = [type(n).__name__ for b in body for n in ast.walk(b) if isinstance(n, ast.stmt)]
    return [ast.dump(n) for n in calls] + kinds


@pytest.mark.parametrize("place", _PLACES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(_TEXTS)
def test_texts_stay_constants_everywhere(tmp_path: Path, place: str, text: bytes) -> None:
    """In every kind of argument; ``$`` begins a variable, so it is left out here."""
    assume(text and b"$" not in text)
    path = tmp_path / "x.cfg"
    plain = _placed(path, _PLACES[place], b"plain")
    assert plain is not None, place
    python = _placed(path, _PLACES[place], text)
    assume(python is not None)
    assert python is not None and python.isascii()
    assert _shape(python) == _shape(plain)


def _compiled(path: Path, text: bytes) -> str | None:
    quoted = _quoted(text)
    path.write_bytes(
        b'loadmodule "pv.so"\nloadmodule "sl.so"\nmodparam("sl", "default_reason", %b)\n'
        b"site.text = %b\nrequest_route {\n\t$var(x) = %b;\n\t"
        b"if ($var(x) == %b) exit;\n}\n" % ((quoted,) * 4)
    )
    return compile_file(Request(str(path))).python


@pytest.fixture(autouse=True)
def recursion_limit(tmp_path: Path) -> None:
    """The parser raises the limit: once, before hypothesis looks at it."""
    _compiled(tmp_path / "first.cfg", b"")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(_TEXTS)
def test_texts_stay_constants(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "x.cfg"
    python, plain = _compiled(path, text), _compiled(path, b"plain")
    assert plain is not None
    assume(text and python is not None)
    assert python is not None and python.isascii()
    tree, model = ast.parse(python), ast.parse(plain)
    found = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    expected = [n.value for n in ast.walk(model) if isinstance(n, ast.Constant)]
    kept = [n for n in expected if n == b"plain"]
    assert len(kept) >= 3 and sum(n == text for n in found) >= len(kept)
    for node in (*ast.walk(tree), *ast.walk(model)):
        if isinstance(node, ast.Constant):
            node.value = None
    # the digest, the constants and the lines may differ; names, calls and statements may not
    body = [n for n in tree.body if getattr(getattr(n, "target", None), "id", "") != "LINES"]
    other = [n for n in model.body if getattr(getattr(n, "target", None), "id", "") != "LINES"]
    assert [ast.dump(n) for n in body] == [ast.dump(n) for n in other]
