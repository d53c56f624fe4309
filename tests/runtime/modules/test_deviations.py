"""Where we differ from Kamailio 5.6.3 on purpose (docs/deviations.md)."""

from __future__ import annotations

from hashlib import md5

import pytest

from runtime.modules.auth.digest import Algorithm
from runtime.modules.auth.nonce import NonceMaker, Verdict
from runtime.modules.pv import addresses, strings


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (b"a.b.c", b"a.b", b"c"),
        (b".x", b"", b"x"),
        (b"x.", b"x", b""),
        (b"none", b"none", b""),
        (b"", b"", b""),
    ],
)
def test_the_last_mark_is_found(text: bytes, before: bytes, after: bytes) -> None:
    assert strings.rbefore(text, b".") == before
    assert strings.rafter(text, b".") == after


def test_short_uris_hold_what_the_uri_holds() -> None:
    uri = b"sip:bob@example.com:5070;transport=tcp;lr"
    assert addresses.saor(uri) == b"sip:bob@example.com"
    assert addresses.suri(uri) == b"sip:bob@example.com:5070;transport=tcp"
    assert addresses.duri(uri) == b"sip:example.com:5070;transport=tcp"


def test_transformations_end() -> None:
    assert strings.rm(b"a}b", b"") == b"a}b"
    assert strings.replace(b"a,b", b"", b"x") is None
    assert addresses.alias_decode(b"host~5060") == b""


def test_auth_int_hashes_the_body() -> None:
    def h(text: bytes) -> bytes:
        return md5(text, usedforsecurity=False).hexdigest().encode()

    ha1 = h(b"bob:x:secret")
    a2 = b"INVITE:sip:x:" + h(b"the body")
    response = Algorithm("MD5").response(
        ha1,
        nonce=b"n",
        nc=b"00000001",
        cnonce=b"c",
        qop=b"auth-int",
        method=b"INVITE",
        uri=b"sip:x",
        body=b"the body",
    )
    assert response == h(ha1 + b":n:00000001:c:auth-int:" + h(a2))


def test_a_nonce_outlives_the_process_that_made_it() -> None:
    nonce = NonceMaker(b"secret", 300, 3).make(1000, None)
    another = NonceMaker(b"secret", 300, 3)
    assert another.check(nonce, 1299, None) is Verdict.GOOD
    assert another.check(nonce, 1299, None) is Verdict.GOOD  # there is no table of used ones
    assert another.check(nonce, 1301, None) is Verdict.STALE
    assert NonceMaker(b"other", 300, 3).check(nonce, 1000, None) is Verdict.BAD
