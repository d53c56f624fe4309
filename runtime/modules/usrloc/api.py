"""What other modules use of ``usrloc`` (Kamailio's ``usrloc_api_t``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from runtime.native.location import Contact, Domain

DB_NONE, WRITE_THROUGH, WRITE_BACK, DB_ONLY, DB_READONLY = range(5)
"""``db_mode``"""

Changes = list[tuple[str, "Contact"]]
"""(``"put"`` or ``"gone"``, contact) in the order in which it happened."""

Expired = Callable[[bytes, "Contact"], None]
"""Told the table and what has expired in it, in the process that found it."""


@runtime_checkable
class UsrlocApi(Protocol):
    """The module ``usrloc``, as ``registrar`` sees it."""

    use_domain: int
    db_mode: int
    nat_flag: int
    aor_case_sensitive: bool

    def domain(self, name: bytes) -> Domain:
        """The location table of this name, made where it is new (before the fork)."""

    def on_expired(self, told: Expired) -> None:
        """Tell of every contact that expires (before the fork)."""

    def wants_changes(self) -> bool:
        """Must `changed` be told of every change?"""

    def changed(self, domain: Domain, changes: Changes) -> bool:
        """Write changes through to the database; False where it alone holds them and did not."""

    def refresh(self, domain: Domain, *aors: bytes) -> None:
        """Read records anew from the database, where that alone holds them (DB_ONLY)."""

    def refresh_ruid(self, domain: Domain, ruid: bytes) -> bytes | None:
        """The same for the record of a contact: its AOR, None where there is no such contact."""
