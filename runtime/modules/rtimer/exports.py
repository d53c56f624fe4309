"""What module ``rtimer`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Exports, Param, ParamKind, PseudoVar, PvType

EXPORTS = Exports(
    name="rtimer",
    params=(
        Param("default_interval", ParamKind.INT, 120),
        Param("timer", ParamKind.FUNC_STR),
        Param("exec", ParamKind.FUNC_STR),
    ),
    pvs=(PseudoVar("rtimer_worker", PvType.INT),),
)
