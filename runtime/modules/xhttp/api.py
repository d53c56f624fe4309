"""What other modules use of ``xhttp`` (Kamailio's ``xhttp_api_t``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg


@runtime_checkable
class XhttpApi(Protocol):
    """The module ``xhttp``, as modules see it that answer HTTP requests."""

    def http_reply(self, msg: SipMsg, code: int, reason: bytes, ctype: bytes, body: bytes) -> int:
        """Answer the request: 1, or -1 where that cannot be done."""
