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


LEXER = r"""
CHILDREN children
DNS "dns"|"resolve"
STRIP "strip"
LOADPATH loadpath|mpath
SSLv3 "sslv3"|"SSLv3"
IFDEF ifdef
/* NOTHING nothing */
%%
<INITIAL>{CHILDREN} { return CHILDREN; }
<INITIAL,OTHER>{DNS} { count();
 return DNS; }
<INITIAL>{STRIP} { count(); yylval.strval="}"; return STRIP; }
<INITIAL>{LOADPATH} { return LOADPATH; }
<SSL>{SSLv3} { return SSLv3; }
<INITIAL>{PREP_START}{IFDEF}{EAT_ABLE}+ { count(); }
"""
GRAMMAR = r"""
%token CHILDREN
%%
assign_stm:
	CHILDREN EQUAL NUMBER { n=$3; if (n) { yyerror("|"); } }
	| CHILDREN EQUAL error { yyerror(); }
	| DNS EQUAL NUMBER { }
#ifdef NO_SUCH
	| DNS EQUAL STRING { }
#endif
	;
module_stm: LOADPATH STRING | LOADPATH EQUAL STRING { x(); } ;
cmd: STRIP LPAREN NUMBER RPAREN { a(); }
	| STRIP LPAREN NUMBER COMMA NUMBER RPAREN { b(); }
	| STRIP LPAREN error RPAREN { c(); }
	;
%%
"""
SELECTS = r"""
static select_row_t select_core[] = {
	{ NULL, SEL_PARAM_STR, STR_STATIC_INIT("from"), select_from, 0},
	{ select_from, SEL_PARAM_STR, STR_NULL, select_any_uri, NESTED | CONSUME_NEXT_STR},
	{ select_from, SEL_PARAM_INT, STR_NULL, select_nth, OPTIONAL},
	{ NULL, SEL_PARAM_INT, STR_NULL, NULL, 0}
};
"""
MAKEFILE = "VERSION = 9\nPATCHLEVEL = 9\nSUBLEVEL =  1\n"


def write_core(core: Path) -> None:
    core.mkdir(exist_ok=True)
    (core / "sr_module.h").write_text("#define NO_SCRIPT -1\n#define VAR_PARAM_NO -128\n")
    (core / "select_core.h").write_text(SELECTS)
    (core / "cfg.lex").write_text(LEXER)
    (core / "cfg.y").write_text(GRAMMAR)


def extracted(source: Path) -> dict[str, Any]:
    out = source / "out.json"
    subprocess.run(
        [sys.executable, str(ROOT / "tools/extract_catalog.py"), str(source), str(out)],
        check=True,
        timeout=60,
    )
    loaded: dict[str, Any] = json.loads(out.read_text())
    return loaded


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    source = tmp_path_factory.mktemp("checkout")
    (source / "src").mkdir()
    (source / "src/Makefile.defs").write_text(MAKEFILE)
    write_core(source / "src/core")
    demo = source / "src/modules/demo"
    demo.mkdir(parents=True)
    (demo / "demo.c").write_text(MODULE_C)
    (demo / "demo.h").write_text(MODULE_H)
    (source / "src/modules/empty").mkdir()
    return extracted(source)


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


def test_core_words_come_from_lexer_and_grammar(facts: dict[str, Any]) -> None:
    core = facts["core"]
    assert core["params"] == [
        ["children", ["number"], []],
        ["dns", ["number"], ["resolve"]],
        ["loadpath", ["string"], ["mpath"]],
    ]
    assert core["functions"] == [["strip", [1, 2], []]]
    assert core["keywords"] == ["children", "dns", "loadpath", "mpath", "resolve", "strip"]
    assert core["directives"] == ["ifdef"]


def test_selects_are_a_table_of_nodes(facts: dict[str, Any]) -> None:
    assert facts["core"]["selects"] == [
        ["", "from", "from", ""],
        ["from", None, "any_uri", "NS"],
        ["from", None, "nth", "O#"],
    ]


KAM_C = r"""
static cmd_export_t cmds[] = {
	{"twice", (cmd_function)f, 1, fixup_spve_null, fixup_free_spve_null, REQUEST_ROUTE},
	{0, 0, 0, 0, 0, 0}
};
static param_export_t params[] = { {"x", INT_PARAM, &x}, {0, 0, 0} };
static mi_export_t mi_cmds[] = { { "old_reload", mi_reload, 0, 0, 0 }, { 0, 0, 0, 0, 0 } };
static pv_export_t items[] = {
	{ {"old", sizeof("old")-1}, 1000, get_old, 0, 0, 0, 0, 0 }, { {0, 0}, 0, 0, 0, 0, 0, 0, 0 }
};
struct module_exports exports = {
	"old", DEFAULT_DLFLAGS, cmds, params, 0, mi_cmds, items, 0, mod_init, 0, 0, 0
};
"""
SER_C = r"""
static cmd_export_t cmds[] = {
	{"twice", f, 1, 0, REQUEST_ROUTE | FAILURE_ROUTE},
	{"only_ser", f, 2, own_fixup, REQUEST_ROUTE},
	{0, 0, 0, 0, 0}
};
static rpc_export_t rpc[] = { {"old.reload", rpc_reload, doc, 0}, {0, 0, 0, 0} };
static param_export_t params[] = { {"x", PARAM_INT, &x}, {"y", PARAM_STR, &y}, {0, 0, 0} };
struct module_exports exports = { "old", cmds, rpc, params, mod_init, 0, 0, 0, child_init };
"""


def test_the_layout_and_interfaces_before_5_0(tmp_path: Path) -> None:
    (tmp_path / "Makefile.defs").write_text("VERSION = 3\nPATCHLEVEL = 2\nSUBLEVEL = 4\n")
    write_core(tmp_path)
    for kind, code, define in (("k", KAM_C, "KAMAILIO"), ("s", SER_C, "SER")):
        folder = tmp_path / f"modules_{kind}/old"
        folder.mkdir(parents=True)
        (folder / "old.c").write_text(code)
        (folder / "Makefile").write_text(f"DEFS+=-D{define}_MOD_INTERFACE\n")
    facts = extracted(tmp_path)
    assert facts["version"] == "3.2.4"
    old = facts["modules"]["old"]
    assert old["functions"] == [
        ["twice", 1, "fixup_spve_null", 1, "refix", ["str_pv"]],
        ["only_ser", 2, "own_fixup", 1, "constant", ["str", "str"]],
    ]
    assert [row[0] for row in old["params"]] == ["x", "y"]
    assert old["mi"] == ["old_reload"]
    assert old["rpc"] == [["old.reload", 0]]
    assert [row[0] for row in old["pvs"]] == ["old"]


def test_what_is_no_checkout_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/extract_catalog.py"), str(tmp_path), "out.json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "no Kamailio source checkout" in done.stderr
