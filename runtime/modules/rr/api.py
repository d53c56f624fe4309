"""What other modules use of rr: dialog-like modules ride on Route parameters (``rr/api.h``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg


@runtime_checkable
class RrApi(Protocol):
    """Implemented by the rr module."""

    append_fromtag: int
    """Does Record-Route tell the directions apart (``ftag``)?"""

    def add_rr_param(self, msg: SipMsg, msg_text: bytes) -> int:
        """Add ``;name=value`` to the Record-Route header: 1, -1."""

    def register_rr_callback(self, fn: Callable[[SipMsg, bytes], None]) -> None:
        """Call ``fn(msg, params)`` when loose_route met our Route entry with parameters."""

    def is_upstream(self, msg: SipMsg) -> bool:
        """Does the request go from callee to caller (by ftag)?"""

    def get_route_param(self, msg: SipMsg, name: bytes) -> bytes | None:
        """A parameter of our Route entry; None: absent."""
