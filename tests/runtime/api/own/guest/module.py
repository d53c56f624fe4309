"""Binds to the API of module guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.server.errors import StartError
from runtime.server.module import Module as BaseModule
from tests.runtime.api.own.guest.exports import EXPORTS
from tests.runtime.api.own.guide.api import GuideApi

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg


class Module(BaseModule):
    """``$chance`` is what the other module says."""

    EXPORTS = EXPORTS

    def mod_init(self) -> None:
        found = self.server.api(GuideApi)
        if found is None:
            raise StartError("module guide is not loaded")
        self._guide = found

    def pv_chance(self, msg: SipMsg) -> int:
        return self._guide.probability()
