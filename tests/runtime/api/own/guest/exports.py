"""What module guest offers."""

from __future__ import annotations

from runtime.declare.exports import Exports, PseudoVar, PvType

API_VERSION = 1
EXPORTS = Exports(name="guest", pvs=(PseudoVar("chance", PvType.INT),), requires=("guide",))
