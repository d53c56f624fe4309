"""What module ``db_mysql`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Exports, Fixup, Param, ParamKind, Statistic, Status

PARSED = Status.PARSED_ONLY
INT = Fixup.INT

EXPORTS = Exports(
    name="db_mysql",
    params=(
        Param("ping_interval", ParamKind.INT, 300, status=PARSED),
        Param("connect_timeout", ParamKind.INT, 2, status=PARSED),
        Param("send_timeout", ParamKind.INT, 0, status=PARSED),
        Param("receive_timeout", ParamKind.INT, 0, status=PARSED),
        Param("retries", ParamKind.INT, 1, status=PARSED),
        Param("server_timezone", ParamKind.INT, 0, status=PARSED),
        Param("timeout_interval", ParamKind.INT, 2, status=PARSED),
        Param("auto_reconnect", ParamKind.INT, 1, status=PARSED),
        Param("insert_delayed", ParamKind.INT, 0, status=PARSED),
        Param("update_affected_found", ParamKind.INT, 0, status=PARSED),
        Param("unsigned_type", ParamKind.INT, 0, status=PARSED),
        Param("opt_ssl_mode", ParamKind.INT, 0, status=PARSED),
    ),
    statistics=(Statistic("mysql", "driver_errors"),),
    status=Status.PARSED_ONLY,
)
