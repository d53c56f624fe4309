"""path: what is no address of a sender."""

from __future__ import annotations

import pytest

from runtime.modules.path.module import address_of


@pytest.mark.parametrize(
    ("value", "uri"),
    [
        (b"192.0.2.1~5062~1", b"sip:192.0.2.1:5062"),
        (b"[2001:db8::1]~5062~2", b"sip:[2001:db8::1]:5062;transport=tcp"),
        (b"192.0.2.1~5062~6", b"sip:192.0.2.1:5062;transport=ws"),
        (b"192.0.2.1~5062~9", None),
        (b"192.0.2.1~5062~", None),
        (b"192.0.2.1~5062", None),
        (b"192.0.2.1", None),
    ],
)
def test_a_sender_without_port_or_protocol_is_none(value: bytes, uri: bytes | None) -> None:
    assert address_of(value) == uri
