"""JSON-RPC without a transport."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.modules.jsonrpcs.jsonrpc import Answer, complete, handle
from runtime.server.rpc import RpcContext, RpcRegistry


def registry() -> RpcRegistry:
    found = RpcRegistry()

    def echo(ctx: RpcContext) -> None:
        ctx.add(*ctx.rest(".S"))

    def struct(ctx: RpcContext) -> None:
        number = ctx.scan("d")
        if not number:
            ctx.fault(400, "Number expected")
        answer = ctx.add_struct()
        answer.add("n", number[0])
        answer.add_array("list").add("a", 2)

    def broken(_ctx: RpcContext) -> None:
        raise KeyError("a bug")

    found.register("x.echo", echo, returns_array=True)
    found.register("x.struct", struct)
    found.register("x.broken", broken)
    return found


def call(request: object) -> dict[str, object]:
    text = json.dumps(request).encode()
    answer = handle(text, registry(), pretty=False)
    assert answer is not None
    reply: dict[str, object] = json.loads(answer.body)
    assert reply["jsonrpc"] == "2.0"
    return reply


def test_results_and_ids() -> None:
    request = {"jsonrpc": "2.0", "method": "x.echo", "params": ["a", 1], "id": 5}
    assert call(request) == {"jsonrpc": "2.0", "result": ["a", "1"], "id": 5}
    request = {"jsonrpc": "2.0", "method": "x.struct", "params": {"n": 16.9}, "id": "s"}
    assert call(request) == {"jsonrpc": "2.0", "result": {"n": 16, "list": ["a", 2]}, "id": "s"}


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"jsonrpc": "2.0", "method": "no.such"}, 500, "Method Not Found"),
        ({"jsonrpc": "2.0", "method": "x.struct"}, 400, "Number expected"),
        ({"jsonrpc": "2.0", "method": "x.broken"}, 500, "internal server error"),
    ],
)
def test_refusals(request_: object, code: int, message: str) -> None:
    assert call(request_)["error"] == {"code": code, "message": message}


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        ({"method": "x.struct"}, {}),
        ({"jsonrpc": "2.0", "method": 3}, {}),
        ({"jsonrpc": "2.0"}, {}),
        ({"jsonrpc": "2.0", "method": "x.echo", "params": "x"}, []),
        ({"jsonrpc": "2.0", "method": "x.struct", "params": 7}, {}),
        ({"jsonrpc": "2.0", "method": "x.struct", "params": ["q"]}, {"n": 0, "list": ["a", 2]}),
        ({"jsonrpc": "2.0", "method": "x.echo", "params": [[1]]}, []),
        ([{"jsonrpc": "2.0", "method": "x.struct", "params": [1]}], {}),
    ],
)
def test_a_request_that_is_none_has_an_empty_result(request_: object, result: object) -> None:
    """As in Kamailio, which runs nothing and sends what it has prepared."""
    assert call(request_)["result"] == result


def test_pretty_text_is_json_with_tabs() -> None:
    text = b'{"jsonrpc":"2.0","method":"x.echo","id":1}'
    answer = handle(text, registry(), pretty=True)
    assert answer == Answer(200, "OK", b'{\n\t"jsonrpc":\t"2.0",\n\t"result":\t[],\n\t"id":\t1\n}')


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("0.5", b"0.500000"),
        ("-1.25", b"-1.250000"),
        ("2.0", b"2"),
        ("-0.0", b"0"),
        ("3e9", b"3000000000"),
        ("1.5e9", b"1500000000"),
        ("1e-7", b"1.000000e-07"),
        ("1000000000.5", b"1.000000e+09"),
        ("1e999", b"null"),
    ],
)
def test_fractions_are_written_as_kamailio_does(given: str, written: bytes) -> None:
    text = b'{"jsonrpc":"2.0","method":"x.echo","id":%s}' % given.encode()
    for pretty, before in ((False, b'"id":'), (True, b'"id":\t')):
        answer = handle(text, registry(), pretty=pretty)
        assert answer is not None
        assert answer.body.rpartition(before)[2].strip(b"\n}") == written


def test_requests_in_a_stream_are_cut_by_braces() -> None:
    one = b'{"a":"}{\\"","b":{"c":1}}'
    for cut in range(len(one)):
        assert complete(one[:cut]) == 0
    assert complete(b"\n" + one + b"{") == len(one) + 1


@given(st.binary(max_size=80))
def test_any_bytes_are_answered_or_dropped(data: bytes) -> None:
    handle(data, registry(), pretty=False)
    complete(data)


def test_deep_nesting_is_dropped() -> None:
    assert handle(b"[" * 100000, registry(), pretty=False) is None
