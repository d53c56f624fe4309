"""``xhttp_prom``: the page of metrics, the functions and the RPC commands, against Kamailio."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.runtime.control.pair import MODULES, Pair, Side, running

EXTRA = """
modparam("ctl", "binrpc_buffer_size", 65536)
modparam("xhttp_prom", "xhttp_prom_stats", "all")
modparam("xhttp_prom", "prom_counter", "name=calls; label=method:code")
modparam("xhttp_prom", "prom_counter", "name=plain")
modparam("xhttp_prom", "prom_gauge", "name=load; label=host")
modparam("xhttp_prom", "prom_gauge", "name=level")
modparam("xhttp_prom", "prom_histogram", "name=delay")
modparam("xhttp_prom", "prom_histogram", "name=size; label=kind; buckets=1:5:10")
"""
HTTP = """
  if (prom_check_uri()) { prom_dispatch(); exit; }
  if ($hu == "/do") {
    $var(r) = "";
    prom_counter_inc("plain", "3"); $var(r) = $var(r) + $rc + " ";
    prom_counter_inc("plain", "-3"); $var(r) = $var(r) + $rc + " ";
    prom_counter_inc("calls", "1", "INVITE", "200"); $var(r) = $var(r) + $rc + " ";
    prom_counter_inc("calls", "2", "BYE", "4-4"); $var(r) = $var(r) + $rc + " ";
    prom_counter_inc("calls", "2", "BYE"); $var(r) = $var(r) + $rc + " ";
    prom_counter_inc("none", "2"); $var(r) = $var(r) + $rc + " ";
    prom_counter_reset("calls", "BYE", "4-4"); $var(r) = $var(r) + $rc + " ";
    prom_gauge_set("load", "-1.25", "a"); $var(r) = $var(r) + $rc + " ";
    prom_gauge_set("load", "x", "b"); $var(r) = $var(r) + $rc + " ";
    prom_gauge_set("load", "7e2z", "c"); $var(r) = $var(r) + $rc + " ";
    prom_gauge_set("level", "0.1"); $var(r) = $var(r) + $rc + " ";
    prom_gauge_reset("level"); $var(r) = $var(r) + $rc + " ";
    prom_gauge_reset("plain"); $var(r) = $var(r) + $rc + " ";
    prom_histogram_observe("delay", "0.3"); $var(r) = $var(r) + $rc + " ";
    prom_histogram_observe("delay", "30"); $var(r) = $var(r) + $rc + " ";
    prom_histogram_observe("size", "5", "big"); $var(r) = $var(r) + $rc + " ";
    prom_histogram_observe("size", "5"); $var(r) = $var(r) + $rc + " ";
    xhttp_reply("200", "OK", "text/plain", "$var(r)");
    exit;
  }
"""
COMMANDS = (
    ("counter_inc", "plain", "4"),
    ("counter_inc", "plain", "-4"),
    ("counter_inc", "plain"),
    ("counter_inc",),
    ("counter_inc", "s:", "1"),
    ("counter_inc", "plain", "s:4"),
    ("counter_inc", "calls", "1", "OPTIONS", "s:200"),
    ("counter_inc", "calls", "1", "OPTIONS"),
    ("counter_inc", "calls", "1", "OPTIONS", "200"),
    ("counter_inc", "none", "1", "a", "b", "c"),
    ("counter_inc", "load", "1", "a"),
    ("counter_reset", "plain"),
    ("counter_reset", "none"),
    ("gauge_set", "load", "f:2.5", "x"),
    ("gauge_set", "load", "2", "x"),
    ("gauge_set", "level", "f:-7"),
    ("gauge_set", "none", "f:1"),
    ("gauge_set", "none", "f:1", "a"),
    ("gauge_reset", "load", "x"),
    ("gauge_reset", "delay"),
    ("histogram_observe", "delay", "f:0.01"),
    ("histogram_observe", "size", "f:7", "small"),
    ("histogram_observe", "size", "f:7"),
    ("histogram_observe",),
    ("metric_list_print",),
)
LINE = re.compile(
    r'[a-zA-Z_:][\w:]*(\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"'
    r'(, ?[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*")*\})? [-+.\deE]+( -?\d+)?'
)


@pytest.fixture(name="prom", scope="module")
def _prom(oracle: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("prom")
    with running(folder, (*MODULES, "xhttp_prom"), EXTRA, HTTP) as pair:
        yield pair


def get(side: Side, path: str) -> tuple[str, str, str]:
    """Status line, Content-Type and body."""
    head, _, body = side.http(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).partition(
        "\r\n\r\n"
    )
    kind = re.search(r"^Content-Type: (.*?)\r?$", head, re.M)
    return head.split("\r\n")[0], kind[1] if kind else "", body


def without_times(body: str) -> str:
    """A page without its time stamps."""
    return re.sub(r" \d{13}$", " T", body, flags=re.M)


def test_the_script_s_functions_and_the_page(prom: Pair) -> None:
    assert get(prom.ours, "/do") == get(prom.theirs, "/do")
    pages = [get(side, "/metrics") for side in (prom.theirs, prom.ours)]
    assert pages[1][:2] == pages[0][:2] == ("HTTP/1.1 200 OK", "text/plain; version=0.0.4")
    for line in pages[1][2].splitlines():
        assert not line or line[0] == "#" or LINE.fullmatch(line), line
    user, statistics = [without_times(page[2]).split("\n\n") for page in pages], []
    assert user[0][0] == user[1][0]
    for page in user:
        statistics.append([line.split(" ")[0] for line in page[1].splitlines()])
    assert statistics[0] == statistics[1]


def test_commands(prom: Pair) -> None:
    for words in COMMANDS:
        method = f"xhttp_prom.{words[0]}"
        answers = [
            without_times(side.kamcmd([method, *words[1:]])) for side in (prom.theirs, prom.ours)
        ]
        assert answers[1] == answers[0], words
