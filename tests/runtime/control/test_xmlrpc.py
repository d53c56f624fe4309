"""``xmlrpc``: commands, wrong documents and wrong arguments against Kamailio."""

from __future__ import annotations

import re
import xmlrpc.client
from collections.abc import Iterator

import pytest

from tests.runtime.control.commands import cases, value
from tests.runtime.control.masks import MASKS
from tests.runtime.control.pair import MODULES, Pair, Side, running
from tests.runtime.control.test_commands import methods

EXTRA = """
modparam("xhttp", "url_skip", "^/XML")
modparam("xmlrpc", "url_match", "^/XML")
modparam("xmlrpc", "route", "XMLRPC")
route[XMLRPC] {
  if ($hdr(X-Reply) != $null) { xmlrpc_reply("200", "fine"); exit; }
  dispatch_rpc();
}
"""
CALL = (
    "<?xml version='1.0'?><methodCall><methodName>%s</methodName><params>%s</params></methodCall>"
)
# A bare text where a number is wanted makes 5.6.3 free it twice.
DOCUMENTS = (
    "",
    "x",
    "<a/>",
    "<methodCall/>",
    "<methodCall></methodCall>",
    "<methodCall><methodName/></methodCall>",
    "<methodCall><methodName>core.echo</methodName></methodCall>",
    "<methodCall><params/><methodName>core.echo</methodName></methodCall>",
    "<methodCall><methodName>no.such</methodName></methodCall>",
    "<methodCall><methodName>core.echo</methodName><params>",
    CALL % ("core.echo", "<param/>"),
    CALL % ("core.echo", "<param><value/></param>"),
    CALL % ("core.echo", "<param><value>bare</value></param>"),
    CALL % ("core.echo", "<param><value> <string>x</string> </value></param>"),
    CALL % ("core.echo", "<param><value><string/></value></param>"),
    CALL % ("core.echo", "<param><value><string>a&lt;b&amp;c&gt;&#13;d</string></value></param>"),
    CALL % ("core.echo", "<param><value><i4>007</i4></value></param>"),
    CALL % ("core.echo", "<param><value><int/></value></param>"),
    CALL % ("core.echo", "<param><value><boolean>1</boolean></value></param>"),
    CALL % ("core.echo", "<param><value><double>1.50</double></value></param>"),
    CALL % ("core.echo", "<param><value><nil/></value></param>"),
    CALL % ("core.echo", "<param><value><array><data/></array></value></param>"),
    CALL % ("core.printi", "<param><value><int>5x</int></value></param>"),
    CALL % ("core.printi", "<param><value><string>5</string></value></param>"),
    CALL % ("core.printi", "<param><value><boolean>1</boolean></value></param>"),
    CALL % ("cfg.set_now_int", "<param><value>site</value></param>"),
    CALL
    % (
        "htable.seti",
        "<param><value>a</value></param>" * 2 + "<param><value><string>7</string></value></param>",
    ),
    CALL % ("htable.seti", "<param><value>a</value></param>" * 2),
    CALL % ("htable.get", "<param><value><int>1</int></value></param>" * 2),
)


@pytest.fixture(name="xml", scope="module")
def _xml(oracle: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("xmlrpc")
    with running(folder, (*MODULES, "xmlrpc"), EXTRA) as pair:
        yield pair


def post(side: Side, text: str, headers: str = "", wait: float = 10.0) -> str:
    """Status line, names of the headers, and body of the answer."""
    body = text.encode()
    request = f"POST /XML HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    head, _, answer = side.http(request.encode() + body, wait).partition("\r\n\r\n")
    lines = head.split("\r\n")
    return "\n".join([lines[0], *(line.split(":")[0] for line in lines[1:]), answer])


@pytest.mark.parametrize("text", DOCUMENTS)
def test_documents(xml: Pair, text: str) -> None:
    assert post(xml.ours, text) == post(xml.theirs, text)


def test_the_script_s_own_answer(xml: Pair) -> None:
    call = CALL % ("core.echo", "")
    assert post(xml.ours, call, "X-Reply: 1\r\n") == post(xml.theirs, call, "X-Reply: 1\r\n")


def test_commands(xml: Pair) -> None:
    found = []
    for method, words in cases(methods(xml.theirs), 2, 3):
        params = tuple(value(word) for word in words)
        if any(isinstance(param, int) and abs(param) >= 2**31 for param in params):
            continue
        answers = [
            post(side, xmlrpc.client.dumps(params, method)) for side in (xml.theirs, xml.ours)
        ]
        if method in MASKS:
            answers = [re.sub(r">[^<]*<", "><", text.split("<", 1)[0]) for text in answers]
        if answers[0] != answers[1]:
            found.append(f"{method} {words}\n  {answers[0]!r}\n  {answers[1]!r}")
    assert not found, "\n".join(found)


def test_python_s_client(xml: Pair) -> None:
    url = f"http://127.0.0.1:{xml.ours.server.port}/XML"
    with xmlrpc.client.ServerProxy(url) as proxy:
        assert proxy.core.echo("a", 5) == ["a", "5"]
        shared = proxy.core.shmmem()
        assert isinstance(shared, dict) and "fragments" in shared
        with pytest.raises(xmlrpc.client.Fault, match="Method Not Found") as fault:
            proxy.no.such()
        assert fault.value.faultCode == 500
