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


def _compiled(path: Path, text: bytes) -> str | None:
    quoted = b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
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
