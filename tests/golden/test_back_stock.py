"""The stock ``kamailio.cfg`` of Debian's package, under each of its ``WITH_*`` names.

The file is not ours to commit: it is taken from the installed package.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kcc.diagnostics.codes import CODES
from kcc.driver import Request, check, compile_file

_STOCK = Path("/etc/kamailio/kamailio.cfg")
_NAMES = (
    sorted(set(re.findall(r"ifdef (WITH_\w+)", _STOCK.read_text("utf-8"))))
    if _STOCK.exists()
    else []
)
# what `kamailio -c` 5.6.3 says for those that need WITH_MYSQL beside them: the line at fault
_REFUSED = {
    "WITH_ACCDB": 396,
    "WITH_ALIASDB": 430,
    "WITH_AUTH": 414,
    "WITH_MULTIDOMAIN": 442,
    "WITH_PRESENCE": 449,
    "WITH_SPEEDDIAL": 436,
    "WITH_USRLOCDB": 408,
}

if not _STOCK.exists() and os.environ.get("KCC_REQUIRE_ORACLE") == "1":
    raise RuntimeError("the kamailio package is not installed")
needs_stock = pytest.mark.skipif(not _STOCK.exists(), reason="no /etc/kamailio/kamailio.cfg")


@needs_stock
@pytest.mark.parametrize("names", [(), *((name,) for name in _NAMES), tuple(_NAMES)])
def test_stock_file(names: tuple[str, ...]) -> None:
    request = Request(str(_STOCK), dict.fromkeys(names))
    if len(names) == 1 and names[0] in _REFUSED:
        errors = [d for d in check(request).diagnostics if d.severity == "error"]
        lines = [d.span.line for d in errors if d.span is not None]
        assert lines[0] == _REFUSED[names[0]]
        return
    result = compile_file(request)
    assert [d for d in result.diagnostics if d.severity == "error"] == []
    # some of its routes go on after an exit, and some names leave a route without a use
    found = {d.code for d in result.diagnostics if CODES[d.code].default}
    assert found <= {"K0214", "K0222", "K0223"}
    assert result.python is not None
    compile(result.python, "kamailio.py", "exec")
