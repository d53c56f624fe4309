"""What module ``db_sqlite`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Exports, Param, ParamKind

EXPORTS = Exports(
    name="db_sqlite",
    params=(
        Param("db_set_readonly", ParamKind.FUNC_STR),
        Param("db_set_journal_mode", ParamKind.FUNC_STR),
    ),
)
