"""The extraction reads C tables as a compiler would: macros, conditionals, what is callable."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

MODULE_C = r"""
#include "demo.h"
/* static cmd_export_t cmds[] = {{"commented", f, 0, 0, 0, ANY_ROUTE}, */
static cmd_export_t cmds[] = {
	{"plain", (cmd_function)f, 0, 0, 0, ANY_ROUTE},
	{NAMED, (cmd_function)f, 2, fixup_spve_spve, fixup_free_spve_spve,
		REQUEST_ROUTE|FAILURE_ROUTE}, // a comment with "quotes
#ifdef USE_TCP
	{"with" "_tcp", (cmd_function)f, 1, fixup_int_1, 0, REQUEST_ROUTE},
#else
	{"without_tcp", (cmd_function)f, 1, 0, 0, REQUEST_ROUTE},
#endif
#if 0
	{"disabled", (cmd_function)f, 1, 0, 0, REQUEST_ROUTE},
#elif defined(USE_TCP) && !defined(NO_SUCH)
	{"constant", (cmd_function)f, 1, own_fixup, 0, ONREPLY_ROUTE},
#endif
	{"any_number", (cmd_function)f, VAR_PARAM_NO, 0, 0, ANY_ROUTE},
	{"bind_demo", (cmd_function)f, NO_SCRIPT, 0, 0, 0},
	{"no_route", (cmd_function)f, 0, 0, 0, 0},
	{0, 0, 0, 0, 0, 0}
};
static int timer = 2 * 30;
static char *text = "a\"b";
str label = str_init("x");
static param_export_t params[] = {
	{"timer", INT_PARAM, &timer},
	{"text", PARAM_STRING, &text},
	{"label", PARAM_STR, &label},
	{"call", PARAM_STRING|USE_FUNC_PARAM, (void*)f},
	demo_DB_COLS
	{0, 0, 0}
};
static int get_a(struct sip_msg *m, pv_param_t *p, pv_value_t *r)
{ if (m) return pv_get_null(m, p, r); return pv_get_uintval(m, p, r, 1); }
static pv_export_t pvs[] = {
	{ {"a", sizeof("a")-1}, PVT_OTHER, get_a, 0, 0, 0, 0, 0 },
	{ STR_STATIC_INIT("b"), PVT_OTHER, get_a, set_b, parse_b, pv_parse_index, 0, 0 },
	{ {0, 0}, 0, 0, 0, 0, 0, 0, 0 }
};
struct module_exports exports = {
	"shown", DEFAULT_DLFLAGS, cmds, params, 0, pvs, 0, 0, 0, 0
};
"""
MODULE_H = r"""
#define NAMED "named"
#define demo_DB_COLS \
{ "id_col", PARAM_STR, &label }, \
{ "key_col", PARAM_STR, &label },
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    source = tmp_path_factory.mktemp("src")
    (source / "core").mkdir()
    (source / "core/sr_module.h").write_text("#define NO_SCRIPT -1\n#define VAR_PARAM_NO -128\n")
    (source / "core/cfg.lex").write_text(
        'CHILDREN children\nLISTEN "listen"\nDNS "dns"|"resolve"\n'
        "<INITIAL>{CHILDREN} { return CHILDREN; }\n<INITIAL>{DNS} { count();\n return DNS; }\n"
    )
    (source / "core/cfg.y").write_text(
        "\nassign_stm:\n\tCHILDREN EQUAL NUMBER { n=$3; }\n"
        "\t| CHILDREN EQUAL error { yyerror(); }\n"
        "\t| DNS EQUAL NUMBER { }\n\t;\n\nroute_name: X;\n"
    )
    demo = source / "modules/demo"
    demo.mkdir(parents=True)
    (demo / "demo.c").write_text(MODULE_C)
    (demo / "demo.h").write_text(MODULE_H)
    (source / "modules/empty").mkdir()
    out = source / "out.json"
    subprocess.run(
        [sys.executable, str(ROOT / "tools/extract_catalog.py"), str(source), "9.9.1", str(out)],
        check=True,
        timeout=60,
    )
    loaded: dict[str, Any] = json.loads(out.read_text())
    return loaded


def test_only_what_a_script_can_call_is_listed(facts: dict[str, Any]) -> None:
    assert facts["modules"]["demo"]["functions"] == [
        ["plain", 0, None, 1023, "value", []],
        ["named", 2, "fixup_spve_spve", 3, "refix", ["str_pv", "str_pv"]],
        ["with_tcp", 1, "fixup_int_1", 1, "value", ["int"]],
        ["constant", 1, "own_fixup", 132, "constant", ["str"]],
        ["any_number", -128, None, 1023, "value", ["str"] * 6],
    ]


def test_parameters_have_kind_and_start_value(facts: dict[str, Any]) -> None:
    assert facts["modules"]["demo"]["params"] == [
        ["timer", "int", 0, 60],
        ["text", "string", 0, 'a"b'],
        ["label", "str", 0, "x"],
        ["call", "string", 1, None],
        ["id_col", "str", 0, "x"],
        ["key_col", "str", 0, "x"],
    ]


def test_pseudo_variables_are_read_from_their_getters(facts: dict[str, Any]) -> None:
    assert facts["modules"]["demo"]["pvs"] == [["a", "int", 0, 0, 0], ["b", "int", 1, 1, 1]]


def test_names_and_folders(facts: dict[str, Any]) -> None:
    assert facts["version"] == "9.9.1"
    assert list(facts["modules"]) == ["demo"]
    assert facts["modules"]["demo"]["name"] == "shown"


def test_core_parameters_come_from_the_grammar(facts: dict[str, Any]) -> None:
    assert facts["core"]["params"] == [
        ["children", ["number"], []],
        ["dns", ["number"], ["resolve"]],
    ]
