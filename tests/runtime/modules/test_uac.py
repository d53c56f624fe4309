"""Module uac: what it keeps of URIs, and its answers to challenges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.modules.tm.local import bracketed, crc, raw_uri
from runtime.modules.uac import codes, digest

URIS = st.binary(min_size=1, max_size=60).map(lambda text: bytes(33 + c % 94 for c in text))


@given(old=URIS, new=URIS, password=st.binary(max_size=20))
def test_either_side_recovers_the_uri_of_the_other(old: bytes, new: bytes, password: bytes) -> None:
    value = codes.encode(codes.veil(codes.xor(old, new), password))
    kept = codes.decode(value)
    assert kept is not None
    kept = codes.veil(kept, password)
    assert codes.recover(kept, new) == old
    assert codes.recover(kept, old) == new


@given(st.binary(max_size=80))
def test_any_value_is_decoded_or_refused(value: bytes) -> None:
    found = codes.decode(value)
    assert found is None or len(found) <= codes.MAX_URI_SIZE


@given(st.binary(max_size=120))
def test_any_challenge_is_read_or_refused(text: bytes) -> None:
    found = digest.challenge(b"Digest " + text)
    assert found is None or {b"realm", b"nonce"} <= found.keys()


def test_h_a1_is_for_one_call() -> None:
    found = {b"realm": b"r", b"nonce": b"n"}
    short = digest.Credential(b"r", b"u", b"abc", True)
    plain = digest.Credential(b"r", b"u", b"abc")
    first = digest.header(found, 401, b"REGISTER", b"sip:x", short)
    assert first == digest.header(found, 401, b"REGISTER", b"sip:x", short)
    assert first != digest.header(found, 401, b"REGISTER", b"sip:x", plain)


def test_credentials_have_three_parts() -> None:
    assert digest.credential(b" u : r : p ") == digest.Credential(b"r", b"u", b"p")
    for bad in (b"", b"u:r", b"u:r:", b":r:p", b"u u:r:p", b"u:r:p q"):
        with pytest.raises(ValueError, match="user:realm:password"):
            digest.credential(bad)


def test_addresses_in_local_requests() -> None:
    assert bracketed(b"sip:a@b") == b"<sip:a@b>"
    assert bracketed(b'"A" <sip:a@b>;x=y') == b'"A" <sip:a@b>;x=y'
    assert raw_uri(b'"A" <sip:a@b>') == b"sip:a@b"
    assert crc(b"123456789") == b"e609"
