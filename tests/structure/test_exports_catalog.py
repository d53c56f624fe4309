"""The catalog answers what the compiler and its diagnostics ask about modules."""

from __future__ import annotations

import json

import pytest

from kcc.catalog.catalog import Catalog, CatalogError, route_names, suggest
from runtime.declare.exports import Fixup, Routes, Status, Takes


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog("5.6")


def test_an_unknown_target_names_the_known_ones() -> None:
    with pytest.raises(CatalogError, match=r"no data for Kamailio 9\.9; known: .*5\.6"):
        Catalog("9.9")


def test_own_modules_come_from_their_exports(catalog: Catalog) -> None:
    tm = catalog.module("tm")
    assert tm is not None
    reply = next(row for row in tm.functions if row.name == "t_reply")
    assert [arg.fixup for arg in reply.args] == [Fixup.INT_PV, Fixup.STR_VAR]
    assert reply.takes is Takes.CONSTANT
    assert reply.routes == Routes.REQUEST | Routes.FAILURE | Routes.ONREPLY
    assert catalog.module("tm") is tm


def test_other_modules_come_from_the_data_and_are_parsed_only(catalog: Catalog) -> None:
    dispatcher = catalog.module("dispatcher")
    assert dispatcher is not None
    assert dispatcher.status is Status.PARSED_ONLY
    select = [row for row in dispatcher.functions if row.name == "ds_select_dst"]
    assert {len(row.args) for row in select} == {2, 3}
    assert all(row.status is Status.PARSED_ONLY for row in dispatcher.functions)


@pytest.mark.parametrize("name", ["nosuch", "../tm", "tm.exports", "", "TM", "a b", "__init__"])
def test_what_is_no_module_is_none(catalog: Catalog, name: str) -> None:
    assert catalog.module(name) is None


def test_modparam_matches_the_exported_name(catalog: Catalog) -> None:
    assert catalog.matching_modules("ss7", ["tm", "ss7ops"]) == ["ss7ops"]
    assert catalog.matching_modules("ss7ops", ["tm", "ss7ops"]) == []
    assert catalog.matching_modules("print_stdout", ["print"]) == ["print"]


def test_the_core_then_the_last_loaded_module_answers_first(catalog: Catalog) -> None:
    found = catalog.function("save", ["registrar", "ims_registrar_scscf"])
    assert found[0].module == "ims_registrar_scscf"
    assert {entry.module for entry in found} == {"registrar", "ims_registrar_scscf"}
    assert catalog.function("setflag", ["kex"])[0].module == "core"
    assert catalog.function("is_method", ["tm", "sl"]) == ()


def test_modules_that_would_have_it(catalog: Catalog) -> None:
    assert catalog.find_function_anywhere("is_method") == ["textops"]
    assert catalog.find_function_anywhere("nosuch_function") == []
    assert catalog.find_pv_anywhere("sht") == ["htable"]
    assert catalog.find_transformation_anywhere("json") == ["json"]
    assert "textopsx" in catalog.find_function_anywhere("msg_apply_changes")


def test_what_no_script_can_call_is_not_there(catalog: Catalog) -> None:
    assert catalog.find_function_anywhere("load_tm") == []


def test_a_transformation_that_can_never_match_is_not_there(catalog: Catalog) -> None:
    json_module = catalog.module("json")
    assert json_module is not None
    assert {row.name for row in json_module.transformations} == {"parse"}


def test_pseudo_variables_of_the_loaded_modules(catalog: Catalog) -> None:
    without = catalog.pseudo_vars([])
    assert without["rc"][0] == "core"
    assert "ru" not in without
    loaded = catalog.pseudo_vars(["pv", "tmx"])
    assert loaded["ru"][1].writable
    assert loaded["T_branch_idx"][0] == "tmx"
    assert ("s", "substr") in catalog.transformations(["pv"])


def test_a_parameter_may_exist_twice_with_both_types(catalog: Catalog) -> None:
    assert {row.kind.value for row in catalog.params("jsonrpcs", "fifo_user")} == {"int", "str"}
    assert catalog.params("tm", "nosuch") == ()
    assert catalog.params("nosuch", "x") == ()


def test_core_parameters_include_aliases(catalog: Catalog) -> None:
    params = catalog.core_params
    assert params["dns_srv_loadbalancing"].attr == "dns_srv_lb"
    assert params["mpath"].attr == "loadpath"
    assert params["children"].default == 8
    assert "if" not in params


def test_event_routes(catalog: Catalog) -> None:
    assert catalog.event_route_modules("xhttp:request") == ["xhttp"]
    assert catalog.event_route_modules("htable:expired:ipban") == ["htable"]
    assert catalog.event_route_modules("htable:expired:") == []
    assert catalog.event_route_modules("core:worker-one-init") == ["core"]
    assert catalog.event_route_modules("xhttp:requets") == []


def test_did_you_mean() -> None:
    assert suggest("is_metod", ["is_method", "is_request"]) == "is_method"
    assert suggest("zzz", ["is_method"]) is None


def test_route_names_are_kamailio_s() -> None:
    assert route_names(Routes.REQUEST | Routes.FAILURE) == ["REQUEST_ROUTE", "FAILURE_ROUTE"]
    assert route_names(Routes.ANY) == ["ANY_ROUTE"]


def test_json_has_the_shape_of_the_command(catalog: Catalog) -> None:
    one = json.loads(json.dumps(catalog.to_json("sl")))
    assert one["version"] == "5.6.3"
    assert list(one["modules"]) == ["sl"]
    row = next(f for f in one["modules"]["sl"]["functions"] if f["name"] == "sl_send_reply")
    assert (row["min"], row["max"]) == (2, 2)
    assert [arg["type"] for arg in row["args"]] == ["int_pv", "str_pv"]
    everything = catalog.to_json()["modules"]
    assert isinstance(everything, dict)
    assert len(everything) == 249
    assert catalog.to_json("nosuch")["modules"] == {}


def test_the_data_hold_the_known_totals(catalog: Catalog) -> None:
    """Totals counted independently, over the tables of every module and the core."""
    modules = catalog.facts["modules"].values()
    totals = {
        table: sum(len(facts.get(table, ())) for facts in modules)
        for table in ("functions", "params", "pvs", "rpc")
    }
    core_rpc = len(catalog.facts["core"]["rpc"])
    assert len(modules) == 248
    assert totals["functions"] == 1445
    assert totals["params"] == 2304
    assert totals["pvs"] == 448
    assert totals["rpc"] + core_rpc == 420
