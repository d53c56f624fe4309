"""Messages kept in shared memory and brought back for a route (sip_msg_clone.c)."""

import pytest

from runtime.native import clone, rr_record, shm, sipmsg
from tests.runtime.sip.samples import TORTURE, invite


@pytest.fixture(autouse=True, scope="module")
def memory() -> None:
    """Shared memory, made once a process."""
    if not shm.created():
        shm.create(96 << 20)


def kept(msg: sipmsg.SipMsg) -> sipmsg.SipMsg:
    copy = clone.round_trip(msg)
    assert copy is not None
    return copy


def test_everything_comes_along() -> None:
    msg = sipmsg.parse(invite(more=b"X-A: 1\r\n"), src=(b"10.9.9.9", 777))
    assert msg is not None
    msg.ruri_user = b"carol"
    msg.dst_uri = b"sip:1.2.3.4"
    msg.path = b"<sip:5.6.7.8;lr>"
    msg.flags = 6
    msg.append_hf(b"X-End: 1\r\n")
    msg.from_user = b"neu"
    rr_record.add_record_route(msg, b"", True, False, b"", True)
    msg.append_to_reply(b"X-R: 1\r\n")
    copy = kept(msg)
    names = [n for n in dir(sipmsg.SipMsg) if not n.startswith("_")]
    values = {n: getattr(msg, n) for n in names if not callable(getattr(msg, n))}
    assert {n: getattr(copy, n) for n in values} == values
    request, reply = sipmsg.build_request(msg), sipmsg.build_reply(msg, 200, b"OK", b"t")
    del msg
    assert sipmsg.build_request(copy) == request
    assert sipmsg.build_reply(copy, 200, b"OK", b"t") == reply


def test_edits_of_the_copy_stay_with_it() -> None:
    msg = sipmsg.parse(invite())
    assert msg is not None
    copy = kept(msg)
    copy.append_hf(b"X-Copy: 1\r\n")
    copy.ruri = b"sip:other@x"
    assert copy.append_branch() == 1
    assert msg.ruri == b"sip:bob@example.com"
    assert b"X-Copy" not in (sipmsg.build_request(msg) or b"")
    assert b"X-Copy" in (sipmsg.build_request(copy) or b"")


def test_torture_messages() -> None:
    for path in TORTURE:
        msg = sipmsg.parse(path.read_bytes())
        if msg is None or not msg.parse_to_end():
            continue
        again = kept(kept(msg))
        assert again.message == msg.message
        assert sipmsg.build_request(again) == sipmsg.build_request(msg)


def test_broken_headers_cannot_be_kept() -> None:
    msg = sipmsg.parse(invite(more=b"Bad\r\n"))
    assert msg is not None
    assert clone.round_trip(msg) is None


def test_memory_is_given_back() -> None:
    msg = sipmsg.parse(invite())
    assert msg is not None
    kept(msg)
    used = shm.status().used
    for _ in range(500):
        kept(msg)
    assert shm.status().used <= used + 65536
