"""What module ``acc`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import Accepts, Arg, Exports, Fixup, Function, Param, ParamKind, Status

PARSED = Status.PARSED_ONLY
INT = Fixup.INT
STR = Fixup.STR
STR_PV = Fixup.STR_PV

EXPORTS = Exports(
    name="acc",
    functions=(
        Function("acc_log_request", (Arg("comment", STR_PV, accepts=Accepts.FORMAT_NONEMPTY),)),
        Function(
            "acc_db_request",
            (
                Arg("comment", STR_PV, accepts=Accepts.FORMAT_NONEMPTY),
                Arg("table", STR_PV, accepts=Accepts.FORMAT_AVP_NONEMPTY),
            ),
        ),
        Function("acc_request", (Arg("comment", STR_PV), Arg("table", STR_PV))),
    ),
    params=(
        Param("early_media", ParamKind.INT, 0),
        Param("failed_transaction_flag", ParamKind.INT, -1),
        Param("failed_filter", ParamKind.STR),
        Param("report_ack", ParamKind.INT, 0),
        Param("report_cancels", ParamKind.INT, 0),
        Param("multi_leg_info", ParamKind.STR),
        Param("detect_direction", ParamKind.INT, 0),
        Param("acc_prepare_flag", ParamKind.INT, -1),
        Param("acc_prepare_always", ParamKind.INT, 0),
        Param("reason_from_hf", ParamKind.INT, 0),
        Param("acc_extra_nullable", ParamKind.INT, 0),
        Param("log_flag", ParamKind.INT, -1),
        Param("log_missed_flag", ParamKind.INT, -1),
        Param("log_level", ParamKind.INT, 1),
        Param("log_facility", ParamKind.STR),
        Param("log_extra", ParamKind.STR),
        Param("cdr_enable", ParamKind.INT, 0, status=PARSED),
        Param("cdr_skip", ParamKind.STR, status=PARSED),
        Param("cdr_log_enable", ParamKind.INT, 1, status=PARSED),
        Param("cdr_start_on_confirmed", ParamKind.INT, 0, status=PARSED),
        Param("cdr_facility", ParamKind.STR, status=PARSED),
        Param("cdr_extra", ParamKind.STR, status=PARSED),
        Param("cdr_extra_nullable", ParamKind.INT, 0, status=PARSED),
        Param("cdr_start_id", ParamKind.STR, "start_time", status=PARSED),
        Param("cdr_end_id", ParamKind.STR, "end_time", status=PARSED),
        Param("cdr_duration_id", ParamKind.STR, "duration", status=PARSED),
        Param("cdr_expired_dlg_enable", ParamKind.INT, 0, status=PARSED),
        Param("db_flag", ParamKind.INT, -1),
        Param("db_missed_flag", ParamKind.INT, -1),
        Param("db_extra", ParamKind.STR),
        Param("db_url", ParamKind.STR),
        Param("db_table_acc", ParamKind.STR, "acc"),
        Param("db_table_missed_calls", ParamKind.STR, "missed_calls"),
        Param("acc_method_column", ParamKind.STR, "method"),
        Param("acc_from_tag_column", ParamKind.STR, "from_tag"),
        Param("acc_to_tag_column", ParamKind.STR, "to_tag"),
        Param("acc_callid_column", ParamKind.STR, "callid"),
        Param("acc_sip_code_column", ParamKind.STR, "sip_code"),
        Param("acc_sip_reason_column", ParamKind.STR, "sip_reason"),
        Param("acc_time_column", ParamKind.STR, "time"),
        Param("db_insert_mode", ParamKind.INT, 0, status=PARSED),
        Param("time_mode", ParamKind.INT, 0),
        Param("time_attr", ParamKind.STR, "time_attr"),
        Param("time_exten", ParamKind.STR, "time_exten"),
        Param("cdrs_table", ParamKind.STR, "", status=PARSED),
        Param("time_format", ParamKind.STR, "%Y-%m-%d %H:%M:%S"),
        Param("clone_msg", ParamKind.INT, 1),
        Param("cdr_on_failed", ParamKind.INT, 1, status=PARSED),
        Param("acc_extra_size", ParamKind.INT, 64),
        Param("cdr_extra_size", ParamKind.INT, 64, status=PARSED),
    ),
    requires=("tm",),
)
