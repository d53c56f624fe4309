"""The catalogs of other versions: what is there is the version's, how far it is built is ours."""

from __future__ import annotations

import pytest

from kcc.catalog.catalog import Catalog, CatalogError
from kcc.grammar.keywords import keywords
from runtime.declare.exports import Fixup, Routes, Status, Takes

VERSIONS = {"3.2": "3.2.4", "4.4": "4.4.7", "5.6": "5.6.3", "6.0": "6.0.7"}
TABLES = ("functions", "params", "pvs", "transformations", "rpc", "mi", "event_routes", "selects")
# modules, then the rows of TABLES in all of them; the core's rows of CORE below
COUNTS = {
    "3.2": (158, 748, 1337, 206, 53, 114, 116, 6, 153),
    "4.4": (210, 1060, 1795, 293, 83, 205, 148, 31, 143),
    "5.6": (248, 1445, 2304, 448, 117, 370, 0, 66, 221),
    "6.0": (252, 1530, 2437, 532, 127, 386, 0, 70, 294),
}
CORE = ("params", "functions", "keywords", "pvs", "rpc", "event_routes", "selects")
CORE_COUNTS = {
    "3.2": (157, 48, 338, 4, 44, 0, 184),
    "4.4": (160, 45, 344, 4, 45, 2, 184),
    "5.6": (194, 47, 399, 8, 50, 4, 184),
    "6.0": (213, 49, 426, 8, 51, 5, 184),
}


@pytest.fixture(scope="module")
def catalogs() -> dict[str, Catalog]:
    return {target: Catalog(target) for target in VERSIONS}


@pytest.mark.parametrize("target", VERSIONS)
def test_counts(catalogs: dict[str, Catalog], target: str) -> None:
    facts = catalogs[target].facts
    modules = facts["modules"].values()
    rows = [sum(len(module.get(table, ())) for module in modules) for table in TABLES]
    assert facts["version"] == VERSIONS[target]
    assert (len(modules), *rows) == COUNTS[target]
    assert tuple(len(facts["core"][table]) for table in CORE) == CORE_COUNTS[target]


def test_full_versions_name_their_minor_version() -> None:
    assert Catalog("5.6.3").target == "5.6"
    assert Catalog("3.2.4").target == "3.2"


@pytest.mark.parametrize("target", ["2.1", "5.6.x", "history", "../5", "5", "", "5.6.3.1"])
def test_an_unknown_target_names_the_known_ones(target: str) -> None:
    with pytest.raises(CatalogError, match=r"known: 3\.2, 4\.4, 5\.6, 6\.0$"):
        Catalog(target)


@pytest.mark.parametrize(
    ("module", "targets"),
    [
        ("mi_fifo", ["3.2", "4.4"]),
        ("userblacklist", ["3.2", "4.4"]),
        ("userblocklist", ["5.6", "6.0"]),
        ("jsonrpc-s", ["4.4"]),
        ("jsonrpcs", ["5.6", "6.0"]),
        ("tls_wolfssl", ["6.0"]),
        ("textops", list(VERSIONS)),
        ("nosuch", []),
    ],
)
def test_modules_that_came_and_went(
    catalogs: dict[str, Catalog], module: str, targets: list[str]
) -> None:
    assert [t for t in VERSIONS if catalogs[t].module(module) is not None] == targets
    assert [t for t in VERSIONS if module in catalogs[t].module_names] == targets


@pytest.mark.parametrize("target", VERSIONS)
def test_what_we_built_stays_built(catalogs: dict[str, Catalog], target: str) -> None:
    (found, *_) = catalogs[target].function("t_reply", ["tm"])
    assert found.function.status is Status.BUILT
    assert [arg.fixup for arg in found.function.args] == [Fixup.INT_PV, Fixup.STR_VAR]
    assert found.function.takes is Takes.CONSTANT
    assert catalogs[target].module("tm") is catalogs[target].module("tm")


def test_arities_are_the_version_s(catalogs: dict[str, Catalog]) -> None:
    def arities(target: str) -> set[tuple[int, int]]:
        rows = catalogs[target].function("sl_reply_error", ["sl"])
        return {(row.function.required, len(row.function.args)) for row in rows}

    assert arities("3.2") == {(0, 0)}
    newer = {t: catalogs[t].function("lookup_xavp", ["registrar"]) for t in VERSIONS}
    assert [t for t, rows in newer.items() if rows] == ["6.0"]
    moved = {t: catalogs[t].find_function_anywhere("append_hf_value") for t in VERSIONS}
    assert moved == {
        "3.2": ["textops"],
        "4.4": ["textopsx"],
        "5.6": ["textopsx"],
        "6.0": ["textopsx"],
    }


def test_routes_are_the_version_s(catalogs: dict[str, Catalog]) -> None:
    for target in VERSIONS:
        (found, *_) = catalogs[target].function("t_relay", ["tm"])
        assert Routes.REQUEST in found.function.routes
        assert Routes.ONSEND not in found.function.routes


def test_the_core_s_words_are_the_version_s(catalogs: dict[str, Catalog]) -> None:
    def have(name: str) -> list[str]:
        return [target for target in VERSIONS if name in catalogs[target].core_params]

    assert have("dst_blacklist_mem") == ["3.2", "4.4"]
    assert have("dst_blocklist_mem") == ["5.6", "6.0"]
    assert have("return_mode") == ["6.0"]
    assert have("children") == list(VERSIONS)
    assert have("mpath") == list(VERSIONS)
    assert catalogs["3.2"].core_params["children"].status is Status.BUILT
    sends = {target: catalogs[target].function("send_tcp", []) for target in VERSIONS}
    assert [target for target, rows in sends.items() if rows] == ["3.2"]
    assert {row.function.status for row in sends["3.2"]} == {Status.PARSED_ONLY}


def test_variables_are_the_version_s(catalogs: dict[str, Catalog]) -> None:
    old = catalogs["3.2"].pseudo_vars(["pv"])
    assert "ru" in old
    assert "def" not in old
    assert "def" in catalogs["5.6"].pseudo_vars(["pv"])
    assert ("val", "json") in catalogs["6.0"].transformations(["pv"])
    assert ("val", "json") not in catalogs["5.6"].transformations(["pv"])


@pytest.mark.parametrize("target", VERSIONS)
def test_the_extracted_keywords_are_those_that_the_lexer_reserves(
    catalogs: dict[str, Catalog], target: str
) -> None:
    """Words with a colon and the include directives are matched by other rules of our lexer."""
    theirs = set(catalogs[target].facts["core"]["keywords"])
    ours = set(keywords(target))
    others = {"uri:host", "uri:port", "msg:len", "include_file", "import_file"}
    assert theirs - ours == others & theirs
    assert ours <= theirs


def test_event_routes_whose_names_are_composed(catalogs: dict[str, Catalog]) -> None:
    name = "tm:branch-failure:rtpengine"
    assert [t for t in VERSIONS if catalogs[t].event_route_modules(name)] == ["4.4", "5.6", "6.0"]
    flush = "kazoo:consumer-event-directory-reg-flush"
    assert catalogs["5.6"].event_route_modules(flush) == ["kazoo"]


@pytest.mark.parametrize("target", VERSIONS)
def test_every_module_can_be_read(catalogs: dict[str, Catalog], target: str) -> None:
    everything = catalogs[target].to_json()["modules"]
    assert isinstance(everything, dict)
    assert set(everything) >= {"core", *catalogs[target].module_names}
