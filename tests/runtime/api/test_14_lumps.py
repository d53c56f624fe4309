"""Chapter 14 of the guide: data lumps of a message and of its reply."""

from __future__ import annotations

from runtime.api.lumps import (
    add_lump_rpl,
    add_lump_rpl_body,
    buffer,
    del_lump,
    insert_new_lump_after,
    insert_new_lump_before,
    replace_lump,
)
from runtime.native import sipmsg
from tests.runtime.sip.conftest import listening  # noqa: F401
from tests.runtime.sip.samples import invite
from tests.runtime.sip.test_build import parsed, sent


def at(msg: sipmsg.SipMsg, text: bytes) -> int:
    return buffer(msg).index(text)


def test_14_what_is_queued_is_not_seen_before_it_is_sent() -> None:
    msg = parsed(invite())
    before = buffer(msg)
    assert before == invite()
    line = b"X-Do: "
    assert insert_new_lump_before(msg, at(msg, line), b"X-New: 1\r\n")
    assert buffer(msg) == before
    assert b"\r\nX-New: 1\r\nX-Do: " in sent(msg)


def test_14_content_is_added_and_removed() -> None:
    msg = parsed(invite())
    assert del_lump(msg, at(msg, b"Contact:"), len(b"Contact: <sip:alice@pc33.atlanta.com>\r\n"))
    assert replace_lump(msg, at(msg, b"a84b@x"), 6, b"other@y")
    assert insert_new_lump_after(msg, at(msg, b"Record-Route:"), b"X-A: 1\r\n")
    assert insert_new_lump_after(msg, at(msg, b"Record-Route:"), b"X-B: 2\r\n")
    out = sent(msg)
    assert b"Contact:" not in out
    assert b"Call-ID: other@y\r\n" in out
    assert b"X-A: 1\r\nX-B: 2\r\nRecord-Route:" in out


def test_14_what_is_outside_of_the_message_is_refused() -> None:
    msg = parsed(invite())
    size = len(buffer(msg))
    assert not insert_new_lump_before(msg, -1, b"x")
    assert not insert_new_lump_before(msg, size + 1, b"x")
    assert not del_lump(msg, size - 1, 2)
    assert not del_lump(msg, 10, 0)
    assert not del_lump(msg, 10, -5)
    assert not replace_lump(msg, size, 1, b"x")
    assert sent(msg).endswith(b"\r\n\r\nabcd")


def test_14_reply_lumps() -> None:
    msg = parsed(invite())
    assert add_lump_rpl(msg, b"X-Reason: test\r\n")
    assert add_lump_rpl_body(msg, b"why")
    out = sipmsg.build_reply(msg, 480, b"Away", b"tag")
    assert out is not None
    assert out.startswith(b"SIP/2.0 480 Away\r\n")
    assert b"\r\nX-Reason: test\r\n" in out
    assert out.endswith(b"Content-Length: 3\r\n\r\nwhy")
    assert b"X-Reason" not in sent(msg)
