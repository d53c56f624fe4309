"""What other modules use of ``tm``: callbacks on transactions (Kamailio's ``t_hooks.h``), replies.

A callback is registered in ``mod_init``; a transaction then holds its id and one number, so that
any process may call it. One with ``TmCb.REQUEST_IN`` is called for each new transaction, where it
asks for more events with ``t.add_callback(types, id, param)``.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntFlag
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.native.tm_hooks import Transaction


class TmCb(IntFlag):
    """Events. ``req`` and ``rpl`` are what the callback gets; a made-up reply is None."""

    REQUEST_IN = 1 << 0
    """A transaction was made for ``req``."""
    RESPONSE_IN = 1 << 1
    """A reply came in on a branch, before anything is decided."""
    E2EACK_IN = 1 << 2
    """The first ACK of a 2xx that was relayed."""
    REQUEST_PENDING = 1 << 3
    """100 was sent."""
    REQUEST_FWDED = 1 << 4
    """A branch is about to be built: edits of ``req`` go into it."""
    RESPONSE_FWDED = 1 << 5
    """A reply below 300 is about to be built."""
    ON_FAILURE = 1 << 7
    """All branches failed; ``code`` is the best answer's. Branches may be added."""
    REQUEST_OUT = 1 << 8
    """A branch was sent."""
    RESPONSE_OUT = 1 << 9
    """A reply was sent upstream; ``code`` tells which."""
    LOCAL_COMPLETED = 1 << 10
    """A transaction of our own got its final answer."""
    LOCAL_RESPONSE_OUT = 1 << 11
    """A provisional answer to a transaction of our own."""
    ACK_NEG_IN = 1 << 12
    """The ACK of a negative answer."""
    REQ_RETR_IN = 1 << 13
    """The request came again."""
    LOCAL_RESPONSE_IN = 1 << 14
    """A reply came in for a transaction of our own."""
    DESTROY = 1 << 17
    """The transaction is about to be freed; ``param`` may be given back."""
    E2ECANCEL_IN = 1 << 18
    """``req`` is a CANCEL that came for the transaction."""
    E2EACK_RETR_IN = 1 << 19
    """A further ACK of a 2xx."""
    RESPONSE_READY = 1 << 20
    """A reply is sent upstream."""
    REQUEST_SENT = 1 << 22
    """Any request was sent on a branch, retransmissions included."""
    RESPONSE_SENT = 1 << 23
    """Any reply was sent upstream, retransmissions included."""
    ON_BRANCH_FAILURE = 1 << 25
    """One branch failed."""


RETRANSMISSION, LOCAL = 1, 2
"""Bits of ``flags``: sent again; made here."""

TmCallback: TypeAlias = (
    "Callable[[Transaction, int, SipMsg | None, SipMsg | None, int, int, int], None]"
)
"""``fn(t, type, req, rpl, code, flags, param)``. ``code`` is a status, or a method's number.
Everything handed over is valid during the call only."""


@runtime_checkable
class TmApi(Protocol):
    """The module ``tm``, as acc, dialog, siptrace… see it."""

    def register_tmcb(self, types: int, fn: TmCallback) -> int:
        """Register a callback (``mod_init``); gives its id. Raises RuntimeError: too many."""

    def has_transaction(self) -> bool:
        """Has the message that this process works on a transaction?"""

    def reply(self, msg: SipMsg, code: int, reason: bytes) -> int:
        """Answer in the transaction of ``msg``: 1, or -1."""

    def newtran(self, msg: SipMsg) -> int:
        """Give ``msg`` a transaction: 1 made, 0 a retransmission, -10 there is one."""

    def relay(self, msg: SipMsg) -> int:
        """Relay ``msg`` to its destination set: > 0 done."""
