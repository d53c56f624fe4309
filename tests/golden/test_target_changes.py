"""``--target``: what a version lacks is an error there, with what became of it and what to use."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kcc.catalog.catalog import Catalog
from kcc.catalog.changes import Changes
from kcc.driver import Request, check

DATA = Path(__file__).parents[2] / "kcc/catalog/data"


def found(tmp_path: Path, text: str, target: str = "5.6") -> list[tuple[str, int, str | None]]:
    """Code, line and help of every error."""
    path = tmp_path / "x.cfg"
    path.write_text(text, "utf-8")
    return [
        (d.code, d.span.line if d.span is not None else 0, d.help)
        for d in check(Request(str(path), target=target)).diagnostics
        if d.severity == "error"
    ]


FIFO = (
    'loadmodule "mi_fifo.so"\nmodparam("mi_fifo", "fifo_name", "/tmp/f")\nrequest_route { exit; }\n'
)


def test_mi_fifo_is_one_located_error_under_5_6_and_fine_under_4_4(tmp_path: Path) -> None:
    removed = "it was removed in 5.0: use `jsonrpcs` (its `transport` may be a FIFO) or `ctl`"
    assert found(tmp_path, FIFO) == [("K0210", 1, removed)]
    assert found(tmp_path, FIFO, "5.6.3") == [("K0210", 1, removed)]
    assert found(tmp_path, FIFO, "6.0") == [("K0210", 1, removed)]
    assert found(tmp_path, FIFO, "4.4") == []
    assert found(tmp_path, FIFO, "3.2") == []


@pytest.mark.parametrize(
    ("target", "modules", "statement", "expected"),
    [
        ("5.6", "kex", "km_append_branch();", "`kex` had it until 4.0: use `append_branch` of"),
        ("5.6", "textops", 'append_hf_value("a","b");', "module `textops` had it until 4.0"),
        ("5.6", "tm", "t_reply_error();", "module `tm` has it since 5.8"),
        ("6.0", "tm", "t_reply_error();", None),
        ("5.6", "tm", "t_relay();", None),
        ("5.6", "utils", 'http_query("a","$var(x)");', "use `http_client_query` of `http_client`"),
        ("5.6", "rtpproxy", "force_rtp_proxy();", "use `rtpproxy_offer`"),
        ("4.4", "corex", 'set_send_socket("a");', "module `corex` has it since 5.2"),
        ("5.6", "pv", "$var(x) = $(ru{val.json});", "module `pv` has it since 5.7"),
        ("3.2", "pv", "$var(x) = $def(A);", "module `pv` has it since 5"),
    ],
)
def test_functions_variables_transformations(
    tmp_path: Path, target: str, modules: str, statement: str, expected: str | None
) -> None:
    loads = "".join(f'loadmodule "{name}.so"\n' for name in {"pv": 0, modules: 0})
    errors = found(tmp_path, f"{loads}request_route {{ {statement} exit; }}\n", target)
    if expected is None:
        assert errors == []
    else:
        assert len(errors) == 1
        assert re.search(expected, errors[0][2] or "")


def test_core_words_that_were_renamed(tmp_path: Path) -> None:
    old = "dst_blacklist_mem=10\nrequest_route { exit; }\n"
    assert found(tmp_path, old) == [("K0119", 1, "use `dst_blocklist_mem`")]
    assert found(tmp_path, old, "4.4") == []
    new = old.replace("blacklist", "blocklist")
    assert found(tmp_path, new, "4.4") == [("K0119", 1, "use `dst_blacklist_mem`")]
    assert found(tmp_path, "syn_branch=1\nrequest_route { exit; }\n") == [("K0119", 1, None)]


def test_parameters(tmp_path: Path) -> None:
    text = 'loadmodule "dispatcher.so"\nmodparam("dispatcher", "dst_avp", "$avp(d)")\n'
    text += "request_route { exit; }\n"
    assert found(tmp_path, text) == [("K0211", 2, "it was removed in 5.2: use `xavp_dst`")]
    assert found(tmp_path, text, "4.4") == []
    newer = text.replace("dst_avp", "reload_delta").replace('"$avp(d)"', "5")
    assert found(tmp_path, newer) == []
    assert found(tmp_path, newer, "4.4")[0][2] == "it is there since 5.3"


def test_core_parameters_and_modules() -> None:
    changes = Changes("5.6")
    assert changes.core_parameter("dst_blacklist_mem") == (
        "it was removed in 5.5: use `dst_blocklist_mem`"
    )
    assert changes.core_parameter("return_mode") == "it is there since 5.7"
    assert changes.core_parameter("children") is None
    assert changes.module("mysql") == "use `db_mysql`"
    assert changes.module("nosuch") is None
    assert Changes("4.4").module("userblacklist") is None
    assert Changes("4.4").module("jsonrpcs") == "it is there since 5.0"


def test_replacements_exist() -> None:
    """Every name that is recommended is one of 5.6 or 6.0, every replaced one is gone in 6.0."""
    newest, ours = Catalog("6.0"), Catalog("5.6")
    replacements = json.loads((DATA / "replacements.json").read_text("utf-8"))
    known: set[str] = {"KSR"}
    for catalog in (newest, ours):
        known.update(catalog.module_names, catalog.core_params)
        for facts in catalog.facts["modules"].values():
            for table in ("functions", "params"):
                known.update(row[0] for row in facts.get(table, ()))
    for table in replacements.values():
        for name, use in table.items():
            for word in re.findall(r"`([^`]+)`", use):
                assert word in known or word.startswith("$http_req("), (name, word)
    for name in replacements["modules"]:
        assert newest.module(name) is None
    for table in ("functions", "params"):
        for key in replacements[table]:
            module, _, name = key.partition(".")
            facts = newest.facts["core"] if module == "core" else newest.facts["modules"]
            facts = facts if module == "core" else facts.get(module, {})
            assert name not in {row[0] for row in facts.get(table, ())}, key
