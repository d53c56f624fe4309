"""What other modules use of ``usrloc`` (Kamailio's ``usrloc_api_t``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from runtime.native.location import Contact, Domain

DB_NONE, WRITE_THROUGH, WRITE_BACK, DB_ONLY, DB_READONLY = range(5)
"""``db_mode``"""

Changes = list[tuple[str, "Contact"]]
"""(``"put"`` or ``"gone"``, contact) in the order in which it happened."""


@runtime_checkable
class UsrlocApi(Protocol):
    """The module ``usrloc``, as ``registrar`` sees it."""

    use_domain: int
    db_mode: int

    def domain(self, name: bytes) -> Domain:
        """The location table of this name, made where it is new (before the fork)."""

    def wants_changes(self) -> bool:
        """Must `changed` be told of every change?"""

    def changed(self, domain: Domain, changes: Changes) -> None:
        """Write changes through to the database."""

    def refresh(self, domain: Domain, aor: bytes) -> None:
        """Read a record anew from the database, where that alone holds it (DB_ONLY)."""
