"""The auth module: ``auth_challenge``, ``pv_auth_check``, ``consume_credentials`` and the rest.

Behaviour: ``auth_mod.c``, ``api.c`` and ``challenge.c`` of Kamailio 5.6.3.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, cast

from runtime.modules.auth.api import AuthResult
from runtime.modules.auth.digest import Algorithm
from runtime.modules.auth.exports import EXPORTS
from runtime.modules.auth.nonce import NonceMaker, Verdict
from runtime.native.digest import find_credentials
from runtime.native.edit import add_reply_header, remove_header
from runtime.script.pv import compile_spec
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.modules.sl.module import Module as Sl
    from runtime.native.digest import Credentials
    from runtime.native.sipmsg import SipMsg
    from runtime.script.pv import PvRef
    from runtime.server.server import Server

UNCHALLENGED = frozenset((b"ACK", b"CANCEL", b"PRACK"))
"""Requests that no challenge can be sent for."""

CHECK_FULL_URI, CHECK_CALLID, CHECK_FROMTAG, CHECK_SRC_IP = 1, 2, 4, 8

CHALLENGE_QOP_AUTH, CHALLENGE_QOP_AUTH_INT, CHALLENGE_SILENT, CHALLENGE_STALE = 1, 2, 4, 16
PV_HA1, PV_CHALLENGE, PV_QOP_AUTH, PV_QOP_AUTH_INT = 1, 2, 4, 8
IDENTITY, SKIP_FORWARDED = 1, 2

_AUTHORIZED = "auth:authorized"


class Module(BaseModule):
    """Digest authentication of one server: one secret, one algorithm."""

    EXPORTS = EXPORTS

    secret: bytes | None
    nonce_expire: int
    nonce_auth_max_drift: int
    protect_contacts: int
    challenge_attr: bytes
    proxy_challenge_header: bytes
    www_challenge_header: bytes
    qop: bytes | None
    auth_checks_register: int
    auth_checks_no_dlg: int
    auth_checks_in_dlg: int
    force_stateless_reply: int
    realm_prefix: bytes | None
    use_domain: int
    algorithm: bytes
    add_authinfo_hdr: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._hash = Algorithm("MD5")
        self._nonces = NonceMaker(b"", 0, 0)

    def mod_init(self) -> None:
        """Settle secret and algorithm."""
        if self.algorithm not in (b"", b"MD5", b"SHA-256"):
            raise StartError(f'auth: algorithm is "", "MD5" or "SHA-256", not {self.algorithm!r}')
        if not self.challenge_attr.startswith(b"$") or len(self.challenge_attr) < 2:
            raise StartError(f"auth: challenge_attr names a variable, not {self.challenge_attr!r}")
        if self.algorithm == b"SHA-256":
            self._hash = Algorithm("SHA-256")
        secret = self.secret or os.urandom(32)
        self._nonces = NonceMaker(secret, self.nonce_expire, self.nonce_auth_max_drift)
        self._sl = cast("Sl", self.server.find_module("sl"))
        self._challenge_ref = compile_spec(b"$avp(%b)" % self.challenge_attr[1:], self.server.pv)

    # script functions

    def auth_challenge(self, msg: SipMsg, realm: bytes, flags: int) -> int:
        """Answer 401 to REGISTER and 407 to other requests, with a challenge."""
        if msg.method in (b"ACK", b"CANCEL"):
            return 1
        return self._challenge(msg, realm, flags, proxy=msg.method != b"REGISTER")

    def www_challenge(self, msg: SipMsg, realm: bytes, flags: int) -> int:
        """Answer 401 with a challenge."""
        return self._challenge(msg, realm, flags, proxy=False)

    def proxy_challenge(self, msg: SipMsg, realm: bytes, flags: int) -> int:
        """Answer 407 with a challenge."""
        return self._challenge(msg, realm, flags, proxy=True)

    def auth_get_www_authenticate(
        self, msg: SipMsg, realm: bytes, flags: int, pvdest: PvRef
    ) -> int:
        """Put the WWW-Authenticate header that www_challenge would send into a variable."""
        if not realm:
            return AuthResult.ERROR
        header = self._header(msg, realm, _qop(flags), bool(flags & CHALLENGE_STALE), proxy=False)
        pvdest.set(msg, header)
        return 1

    def consume_credentials(self, msg: SipMsg) -> int:
        """Remove the header whose credentials were checked last."""
        if msg.method in UNCHALLENGED:
            return -1
        header = self._authorized(msg)
        if header is None:
            LM_ERR("no authorized credentials found (error in scripts)")
            return -1
        return 1 if remove_header(msg, header) else -1

    def has_credentials(self, msg: SipMsg, realm: bytes) -> int:
        """Are there credentials of this realm in either header?"""
        try:
            found = find_credentials(msg, realm, True) or find_credentials(msg, realm, False)
        except ValueError:
            return -1
        return 1 if found is not None else -1

    def pv_www_authenticate(
        self, msg: SipMsg, realm: bytes, passwd: bytes, flags: int, method: bytes | None = None
    ) -> int:
        """Check an Authorization header against a password that the script has."""
        return self.pv_authenticate(msg, realm, passwd, flags, method, proxy=False)

    def pv_www_authorize(self, msg: SipMsg, realm: bytes, passwd: bytes, flags: int) -> int:
        """The old name of pv_www_authenticate."""
        return self.pv_authenticate(msg, realm, passwd, flags, None, proxy=False)

    def pv_proxy_authenticate(self, msg: SipMsg, realm: bytes, passwd: bytes, flags: int) -> int:
        """Check a Proxy-Authorization header against a password that the script has."""
        return self.pv_authenticate(msg, realm, passwd, flags, None, proxy=True)

    def pv_proxy_authorize(self, msg: SipMsg, realm: bytes, passwd: bytes, flags: int) -> int:
        """The old name of pv_proxy_authenticate."""
        return self.pv_authenticate(msg, realm, passwd, flags, None, proxy=True)

    def pv_auth_check(
        self, msg: SipMsg, realm: bytes, passwd: bytes, flags: int, checks: int
    ) -> int:
        """pv_www_authenticate for REGISTER, pv_proxy_authenticate otherwise, then who it is."""
        if msg.method in (b"ACK", b"CANCEL"):
            return AuthResult.OK
        proxy = msg.method != b"REGISTER"
        result = self.pv_authenticate(msg, realm, passwd, flags, None, proxy=proxy)
        if result != AuthResult.OK or not checks & IDENTITY:
            return result
        if msg.method in UNCHALLENGED:
            return AuthResult.OK
        credentials = find_credentials(msg, self._stripped(realm), proxy)
        if credentials is None:
            return AuthResult.ERROR
        return self.check_identity(
            msg, credentials, use_domain=bool(self.use_domain), skip_forwarded=False
        )

    # for other modules: runtime.modules.auth.api.AuthApi

    def pre_auth(
        self, msg: SipMsg, realm: bytes, proxy: bool
    ) -> tuple[AuthResult, Credentials | None]:
        """Find credentials of `realm` and vet their nonce."""
        if msg.method in UNCHALLENGED:
            return AuthResult.OK, None
        try:
            found = find_credentials(msg, self._stripped(realm), proxy)
        except ValueError as error:
            LM_ERR("%s", error)
            return AuthResult.ERROR, None
        if found is None:
            return AuthResult.NO_CREDENTIALS, None
        self._mark_authorized(msg, found.header, proxy)
        if not _complete(found):
            LM_ERR("credentials lack username, nonce, uri, response, or what their qop asks for")
            return AuthResult.ERROR, found
        nonce = found.nonce or b""
        verdict = self._nonces.check(nonce, int(time.time()), self._message_parts(msg))
        if verdict is Verdict.STALE:
            return AuthResult.STALE_NONCE, found
        if verdict is Verdict.BAD:
            return AuthResult.ERROR, found
        return AuthResult.OK, found

    def hash_ha1(self, username: bytes, realm: bytes, password: bytes) -> bytes:
        """H(A1) in hexadecimal."""
        return self._hash.ha1(username, realm, password)

    def check_response(
        self, msg: SipMsg, credentials: Credentials, method: bytes, ha1: bytes
    ) -> AuthResult:
        """Compare the response with ours."""
        given = credentials.response or b""
        if len(given) != self._hash.hex_len:
            return AuthResult.ERROR
        if given != self._response(msg, credentials, method, ha1):
            return AuthResult.INVALID_PASSWORD
        return AuthResult.OK

    def post_auth(self, msg: SipMsg, credentials: Credentials, ha1: bytes) -> None:
        """Add Authentication-Info to the answer, where ``add_authinfo_hdr`` is set."""
        if not self.add_authinfo_hdr:
            return
        proof = self._response(msg, credentials, b"", ha1)
        text = (
            b'Authentication-Info: nextnonce="%b", qop=%b, rspauth="%b", cnonce="%b", nc=%b\r\n'
        ) % (
            credentials.nonce or b"",
            credentials.qop or b"",
            proof,
            credentials.cnonce or b"",
            credentials.nc or b"",
        )
        add_reply_header(msg, text)

    def check_identity(
        self, msg: SipMsg, credentials: Credentials, *, use_domain: bool, skip_forwarded: bool
    ) -> AuthResult:
        """Compare the user with From; REGISTER and PUBLISH: with To, and From with To."""
        own = msg.method in (b"REGISTER", b"PUBLISH")
        forwarded = msg.method in (b"INVITE", b"BYE", b"PRACK", b"UPDATE", b"MESSAGE")
        user = (credentials.username or b"").partition(b"@")[0]
        expected = msg.to_user if own else msg.from_user
        if not (skip_forwarded and forwarded) and user != (expected or b""):
            return AuthResult.USER_MISMATCH
        if not own:
            return AuthResult.OK
        others = [(msg.to_user, msg.to_domain)]
        if msg.method == b"PUBLISH":
            others.append((msg.ruri_user, msg.ruri_domain))
        for other_user, other_domain in others:
            if (msg.from_user or b"") != (other_user or b""):
                return AuthResult.USER_MISMATCH
            if use_domain and msg.from_domain != other_domain:
                return AuthResult.USER_MISMATCH
        return AuthResult.OK

    def pv_authenticate(
        self,
        msg: SipMsg,
        realm: bytes,
        passwd: bytes,
        flags: int,
        method: bytes | None,
        *,
        proxy: bool,
    ) -> int:
        """Check credentials against `passwd` (HA1 with flag 1); flags 2, 4, 8 leave a challenge."""
        if not realm or not passwd or method == b"":
            LM_ERR("empty realm, password or method")
            return AuthResult.ERROR
        result, credentials = self.pre_auth(msg, realm, proxy)
        stale = result is AuthResult.STALE_NONCE
        if result is AuthResult.OK and credentials is not None:
            ha1 = passwd
            if not flags & PV_HA1:
                ha1 = self.hash_ha1(credentials.username or b"", self._stripped(realm), passwd)
            result = self.check_response(msg, credentials, method or msg.method or b"", ha1)
            if result is AuthResult.OK:
                self.post_auth(msg, credentials, ha1)
        if result < 0 and flags & (PV_CHALLENGE | PV_QOP_AUTH | PV_QOP_AUTH_INT):
            qop = (
                b"auth-int" if flags & PV_QOP_AUTH_INT else b"auth" if flags & PV_QOP_AUTH else b""
            )
            header = self._header(msg, realm, qop, stale, proxy=proxy)
            self._challenge_ref.set(msg, header)
        return result

    # inside

    def _challenge(self, msg: SipMsg, realm: bytes, flags: int, *, proxy: bool) -> int:
        if not realm:
            LM_ERR("invalid realm value - empty content")
            if not flags & CHALLENGE_SILENT and self._reply(msg, 500, b"Internal Server Error") < 0:
                return -4
            return -1
        header = self._header(msg, realm, _qop(flags), bool(flags & CHALLENGE_STALE), proxy=proxy)
        if not add_reply_header(msg, header):
            return -3
        code, reason = (407, b"Proxy Authentication Required") if proxy else (401, b"Unauthorized")
        return 1 if self._reply(msg, code, reason) >= 0 else -3

    def _reply(self, msg: SipMsg, code: int, reason: bytes) -> int:
        if self.force_stateless_reply:
            return self._sl.sl_send_reply(msg, code, reason)
        return self._sl.send_reply(msg, code, reason)

    def _header(self, msg: SipMsg, realm: bytes, qop: bytes, stale: bool, *, proxy: bool) -> bytes:
        name = self.proxy_challenge_header if proxy else self.www_challenge_header
        nonce = self._nonces.make(int(time.time()), self._message_parts(msg))
        text = b'%b: Digest realm="%b", nonce="%b"' % (name, self._stripped(realm), nonce)
        if qop:
            text += b', qop="%b"' % qop
        if stale:
            text += b", stale=true"
        if self.algorithm:
            text += b", algorithm=%b" % self.algorithm
        return text + b"\r\n"

    def _stripped(self, realm: bytes) -> bytes:
        return realm.removeprefix(self.realm_prefix or b"")

    def _message_parts(self, msg: SipMsg) -> bytes | None:
        """What ties a nonce to its message, by the ``auth_checks_*`` parameter that applies."""
        if msg.method == b"REGISTER":
            checks = self.auth_checks_register
        elif msg.to_tag:
            checks = self.auth_checks_in_dlg
        else:
            checks = self.auth_checks_no_dlg
        if not checks:
            return None
        parts: list[bytes] = []
        if checks & CHECK_FULL_URI:
            parts.append(msg.orig_uri or b"")
        if checks & CHECK_CALLID:
            parts.append(msg.call_id or b"")
        if checks & CHECK_FROMTAG:
            parts.append(msg.from_tag or b"")
        if checks & CHECK_SRC_IP:
            parts.append(msg.src_ip)
        if self.protect_contacts:
            parts.append(msg.contact or b"")
        return b"\0".join(parts)

    def _response(self, msg: SipMsg, credentials: Credentials, method: bytes, ha1: bytes) -> bytes:
        return self._hash.response(
            ha1,
            nonce=credentials.nonce or b"",
            nc=credentials.nc or b"",
            cnonce=credentials.cnonce or b"",
            qop=credentials.qop or b"",
            method=method,
            uri=credentials.uri or b"",
            body=msg.body or b"",
        )

    def _mark_authorized(self, msg: SipMsg, header: int, proxy: bool) -> None:
        if msg.extra is None:
            msg.extra = {}
        msg.extra.setdefault(_AUTHORIZED, {})[proxy] = header

    def _authorized(self, msg: SipMsg) -> int | None:
        """The Authorization header marked by pre_auth, else the Proxy-Authorization one."""
        marks = (msg.extra or {}).get(_AUTHORIZED, {})
        header: int | None = marks.get(False, marks.get(True))
        return header


def _qop(flags: int) -> bytes:
    if flags & CHALLENGE_QOP_AUTH_INT:
        return b"auth-int"
    return b"auth" if flags & CHALLENGE_QOP_AUTH else b""


def _complete(credentials: Credentials) -> bool:
    needed = [credentials.username, credentials.nonce, credentials.uri, credentials.response]
    if (credentials.qop or b"").lower() in (b"auth", b"auth-int"):
        needed += [credentials.cnonce, credentials.nc]
    return None not in needed
