"""What other modules may use of module guide."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class GuideApi(Protocol):
    """They ask for it by ``server.api(GuideApi)``."""

    def probability(self) -> int:
        """Percent."""
