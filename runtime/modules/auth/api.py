"""What other auth modules use of ``auth`` (Kamailio's ``auth_api_s_t``)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from runtime.native.digest import Credentials
    from runtime.native.sipmsg import SipMsg


class AuthResult(IntEnum):
    """Return codes that scripts see of every authentication function (``auth/api.h``)."""

    USER_MISMATCH = -8
    NONCE_REUSED = -6
    NO_CREDENTIALS = -5
    STALE_NONCE = -4
    USER_UNKNOWN = -3
    INVALID_PASSWORD = -2
    ERROR = -1
    OK = 1


@runtime_checkable
class AuthApi(Protocol):
    """The module ``auth``, as ``auth_db`` sees it."""

    def pre_auth(
        self, msg: SipMsg, realm: bytes, proxy: bool
    ) -> tuple[AuthResult, Credentials | None]:
        """Find and vet credentials: OK with None needs no check (ACK, CANCEL, PRACK)."""

    def hash_ha1(self, username: bytes, realm: bytes, password: bytes) -> bytes:
        """H(A1) in hexadecimal by the configured algorithm."""

    def check_response(
        self, msg: SipMsg, credentials: Credentials, method: bytes, ha1: bytes
    ) -> AuthResult:
        """OK, INVALID_PASSWORD, or ERROR for a response of the wrong length."""

    def post_auth(self, msg: SipMsg, credentials: Credentials, ha1: bytes) -> None:
        """What follows success: Authentication-Info, where it is configured."""

    def check_identity(
        self, msg: SipMsg, credentials: Credentials, *, use_domain: bool, skip_forwarded: bool
    ) -> AuthResult:
        """Is the authenticated user the one of From (of To, for REGISTER and PUBLISH)?"""
