"""What other modules may use of ``pv``."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from runtime.script.avp import AvpName


@runtime_checkable
class AvpNames(Protocol):
    """Who knows the aliases of AVPs."""

    def avp_name_of(self, text: bytes) -> AvpName:
        """The AVP that is written so: an alias, ``name``, ``s:name`` or ``i:number``."""
