"""The acc module: accounting of transactions to the log and to a database.

Behaviour: ``acc_mod.c``, ``acc_logic.c`` and ``acc.c`` of Kamailio 5.6.3. When there is something
to record is decided in ``runtime.native.acc``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from runtime.db.api import Connection, Driver, Value, find_driver, identifier, utc
from runtime.db.errors import DbError, DbUnavailable
from runtime.db.url import DbUrl
from runtime.modules.acc.exports import EXPORTS
from runtime.modules.acc.line import (
    MICROSECONDS,
    UTC_TEXT,
    TimeFormat,
    acc_log_request,
    microseconds,
    record_line,
)
from runtime.modules.acc.record import (
    AttributeSyntaxError,
    Extra,
    Leg,
    Record,
    legs_of,
    parse_comment,
    parse_extras,
    parse_legs,
)
from runtime.modules.rr.api import RrApi
from runtime.modules.tm.api import TmApi
from runtime.native import acc
from runtime.script.pv import Format, PvError, compile_format
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR, LM_WARN, LOG
from runtime.server.module import Module as BaseModule
from runtime.server.ranks import PROC_INIT, PROC_MAIN, PROC_TCP_MAIN
from runtime.server.syslog_setup import facility_of

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg

REQUEST_TEXT: Final = "ACC: request accounted: "
EVENT_TEXT: Final = {
    acc.ANSWERED: "ACC: transaction answered: ",
    acc.MISSED: "ACC: call missed: ",
    acc.ACKED: "ACC: request acknowledged: ",
}
MAX_TABLE_NAME: Final = 63
MAX_FLAG: Final = 31
MAX_FAILED_FILTER: Final = 15


class Module(BaseModule):
    """Writes records; one database connection a process."""

    EXPORTS = EXPORTS

    log_flag: int
    log_missed_flag: int
    log_level: int
    log_facility: bytes | None
    log_extra: bytes | None
    db_flag: int
    db_missed_flag: int
    db_extra: bytes | None
    db_url: bytes | None
    db_table_acc: bytes
    db_table_missed_calls: bytes
    acc_method_column: bytes
    acc_from_tag_column: bytes
    acc_to_tag_column: bytes
    acc_callid_column: bytes
    acc_sip_code_column: bytes
    acc_sip_reason_column: bytes
    acc_time_column: bytes
    failed_transaction_flag: int
    failed_filter: bytes | None
    report_cancels: int
    report_ack: int
    early_media: int
    detect_direction: int
    reason_from_hf: int
    multi_leg_info: bytes | None
    acc_prepare_flag: int
    acc_prepare_always: int
    acc_extra_nullable: int
    acc_extra_size: int
    time_mode: int
    time_attr: bytes
    time_exten: bytes
    time_format: bytes

    _facility: int | None = None
    _times: TimeFormat
    _log_extra: tuple[Extra, ...] = ()
    _db_extra: tuple[Extra, ...] = ()
    _legs: tuple[Leg, ...] = ()
    _columns: tuple[str, ...] = ()
    _driver: Driver | None = None
    _url: DbUrl
    _connection: Connection | None = None
    _table_acc: Format
    _table_missed: Format

    def mod_init(self) -> None:
        """Check parameters and the database, hook into tm."""
        if self.server.api(TmApi) is None:  # type: ignore[type-abstract]
            raise StartError('acc needs the tm module: add loadmodule "tm.so" before it')
        if self.log_facility is not None:
            try:
                self._facility = facility_of(self.log_facility.decode(errors="replace").upper())
            except ValueError as error:
                raise StartError(f"acc: log_facility: {error}") from None
        self._times = self._time_format()
        registry = self.server.pv
        try:
            name, text = "log_extra", self.log_extra or b""
            self._log_extra = parse_extras(text, registry, self.acc_extra_size)
            name, text = "multi_leg_info", self.multi_leg_info or b""
            self._legs = parse_legs(text, registry, self.acc_extra_size)
            name, text = "db_extra", (self.db_url and self.db_extra) or b""
            self._db_extra = parse_extras(text, registry, self.acc_extra_size)
        except AttributeSyntaxError as error:
            raise StartError(f"acc: {name}: {error}") from None
        if self.db_url:
            self._bind_database(self.db_url)
        else:
            self.db_flag = self.db_missed_flag = -1
        self._register()

    def child_init(self, rank: int) -> None:
        """Connect. A database that is away for now does not stop the process."""
        if self._driver is not None and rank not in (PROC_INIT, PROC_MAIN, PROC_TCP_MAIN):
            self._reconnect()

    # script functions

    def acc_log_request(self, msg: SipMsg, comment: bytes) -> int:
        """Record the request in the log, with ``code reason``."""
        self._write_log(REQUEST_TEXT, self._record(msg, *parse_comment(comment), _to_tag(msg)), msg)
        return 1

    def acc_db_request(self, msg: SipMsg, comment: bytes, table: bytes) -> int:
        """Record the request in a table of the database, with ``code reason``."""
        if self._driver is None:
            LM_ERR("db support not configured (parameter db_url of acc)")
            return -1
        record = self._record(msg, *parse_comment(comment), _to_tag(msg))
        return 1 if self._write_row(table, record, msg) else -1

    def acc_request(self, msg: SipMsg, comment: bytes, table: bytes) -> int:
        """Record the request in the log and, where there is one, in the database."""
        if not comment or b"$" in comment:
            LM_ERR("acc_request takes a comment without variables in it, not %r", comment)
            return -1
        record = self._record(msg, *parse_comment(comment), _to_tag(msg))
        self._write_log(REQUEST_TEXT, record, msg)
        if self._driver is None:
            return 1
        return 1 if self._write_row(table, record, msg) else -1

    # records of transactions

    def _on_event(
        self,
        event: int,
        msg: SipMsg,
        reply: SipMsg | None,
        flags: int,
        code: int,
        reason: bytes,
        to_tag: bytes,
    ) -> None:
        """Write the record of an event (``runtime.native.acc``); ``flags`` are those that ask."""
        if reply is not None:
            code = reply.status or code
            reason = reply.reason or b""
            if self.reason_from_hf:
                given = reply.hdr(b"Reason")
                reason = reason if given is None else given
        record = self._record(msg, b"%d" % code, reason, to_tag)
        missed = event == acc.MISSED
        if _is_set(flags, self.log_missed_flag if missed else self.log_flag):
            self._write_log(EVENT_TEXT[event], record, msg)
        if _is_set(flags, self.db_missed_flag if missed else self.db_flag):
            table = self._table_missed if missed else self._table_acc
            self._write_row(table.eval(msg), record, msg)

    def _record(self, msg: SipMsg, code: bytes, reason: bytes, to_tag: bytes) -> Record:
        from_tag = msg.from_tag or b""
        if self.detect_direction and acc.is_upstream(msg):
            from_tag, to_tag = to_tag, from_tag
        return Record(
            method=msg.cseq_method or b"",
            from_tag=from_tag,
            to_tag=to_tag,
            call_id=msg.call_id or b"",
            code=code,
            reason=reason,
            time=time.time(),
        )

    # log

    def _write_log(self, text: str, record: Record, msg: SipMsg) -> None:
        if LOG.enabled(self.log_level, "acc"):
            extra = [(entry.name, entry.value(msg)) for entry in self._log_extra]
            for leg in legs_of(self._legs, msg) if self._legs else ():
                extra += leg
            line = record_line(text, record, self._times, extra)
            acc_log_request(line, self.log_level, self._facility)

    # database

    def _write_row(self, table: bytes, record: Record, msg: SipMsg) -> bool:
        """Add the record to `table`; one that cannot be added is logged as an error, whole."""
        if len(table) > MAX_TABLE_NAME:
            LM_ERR("acc db table name too big [%s]", table.decode(errors="replace"))
            return False
        row = self._row(record)
        extra = [(entry.name, entry.value(msg)) for entry in self._db_extra]
        written = True
        for leg in legs_of(self._legs, msg) if self._legs else [()]:
            whole = row | {name: self._cell(value) for name, value in (*extra, *leg)}
            try:
                self._insert(identifier(table.decode(errors="replace")), whole)
            except DbError as error:
                lost = record_line("", record, self._times, [*extra, *leg])
                LM_ERR("not in table %s: %s: %s", table.decode(errors="replace"), error, lost)
                written = False
        return written

    def _row(self, record: Record) -> dict[str, Value]:
        values: list[Value] = [
            record.method,
            record.from_tag,
            record.to_tag,
            record.call_id,
            record.code,
            record.reason,
            utc(int(record.time)),
        ]
        match self.time_mode:
            case 1:
                values += [int(record.time), microseconds(record.time)]
            case 2:
                values.append(record.time)
            case 3 | 4:
                values.append(self._times.text(record.time).encode())
        return dict(zip(self._columns, values, strict=True))

    def _cell(self, value: bytes | None) -> bytes | None:
        return b"" if value is None and not self.acc_extra_nullable else value

    def _insert(self, table: str, row: dict[str, Value]) -> None:
        """Insert, with one new connection where the old one is gone."""
        if self._connection is not None:
            try:
                self._connection.insert(table, row)
                return
            except DbUnavailable as error:
                LM_WARN("%s", error)
                self._connection.close()
                self._connection = None
        if not self._reconnect():
            raise DbUnavailable(f"no connection to {self._url}")
        assert self._connection is not None
        self._connection.insert(table, row)

    def _reconnect(self) -> bool:
        assert self._driver is not None
        try:
            self._connection = self._driver.connect(self._url)
        except DbError as error:
            LM_ERR("%s", error)
            return False
        return True

    # start

    def _time_format(self) -> TimeFormat:
        try:
            times = TimeFormat(
                self.time_mode,
                self.time_attr.decode(),
                self.time_exten.decode(),
                self.time_format.decode(),
            )
            times.text(0.0)
        except ValueError as error:
            raise StartError(f"acc: time_format {self.time_format!r}: {error}") from None
        return times

    def _bind_database(self, url: bytes) -> None:
        columns = [
            self.acc_method_column,
            self.acc_from_tag_column,
            self.acc_to_tag_column,
            self.acc_callid_column,
            self.acc_sip_code_column,
            self.acc_sip_reason_column,
            self.acc_time_column,
        ]
        if MICROSECONDS <= self.time_mode <= UTC_TEXT:
            columns.append(self.time_attr)
        if self.time_mode == MICROSECONDS:
            columns.append(self.time_exten)
        try:
            self._url = DbUrl.parse(url.decode(errors="surrogateescape"))
            self._driver = find_driver(self.server.modules, self._url)
            self._columns = tuple(identifier(column.decode(errors="replace")) for column in columns)
            for name in [e.name for e in self._db_extra] + [leg.name for leg in self._legs]:
                identifier(name)
            self._table_acc = self._table(self.db_table_acc)
            self._table_missed = self._table(self.db_table_missed_calls)
        except DbError as error:
            raise StartError(f"acc: {error}") from None

    def _table(self, text: bytes) -> Format:
        """A table's name, maybe with variables in it. Raises DbError, StartError."""
        try:
            table = compile_format(text, self.server.pv)
        except PvError as error:
            raise StartError(f"acc: table name: {error}") from None
        if table.constant is not None:
            identifier(table.constant.decode(errors="replace"))
        return table

    def _register(self) -> None:
        upstream = None
        if self.detect_direction:
            rr = self.server.api(RrApi)  # type: ignore[type-abstract]
            if rr is None:
                raise StartError('acc: detect_direction needs the rr module: loadmodule "rr.so"')
            if not rr.append_fromtag:
                raise StartError("acc: detect_direction needs append_fromtag of module rr")
            upstream = rr.is_upstream
        varying = self.db_url and not (self._table_acc.constant and self._table_missed.constant)
        acc.register(
            self._on_event,
            upstream,
            acc_flags=self._mask("log_flag") | self._mask("db_flag"),
            missed_flags=self._mask("log_missed_flag") | self._mask("db_missed_flag"),
            failed_flags=self._mask("failed_transaction_flag"),
            prepare_flags=self._mask("acc_prepare_flag"),
            always=bool(self.acc_prepare_always),
            cancels=bool(self.report_cancels),
            ack=bool(self.report_ack),
            media=bool(self.early_media),
            avps=bool(self._log_extra or self._db_extra or self._legs or varying),
            skip_codes=_failed_filter(self.failed_filter),
        )

    def _mask(self, parameter: str) -> int:
        """The bit of a flag parameter; -1 is no flag."""
        flag: int = getattr(self, parameter)
        if not -1 <= flag <= MAX_FLAG:
            raise StartError(f"acc: {parameter} is a flag, 0..{MAX_FLAG}, not {flag}")
        return 0 if flag == -1 else 1 << flag


def _is_set(flags: int, flag: int) -> bool:
    return flag >= 0 and flags >> flag & 1 == 1


def _to_tag(msg: SipMsg) -> bytes:
    return msg.to_tag or b""


def _failed_filter(text: bytes | None) -> tuple[int, ...]:
    """``404,407``: final codes that are not recorded as failed (``parse_failed_filter``)."""
    if text is None:
        return ()
    codes = text.split(b",")
    if len(codes) > MAX_FAILED_FILTER:
        raise StartError(f"acc: failed_filter: more than {MAX_FAILED_FILTER} codes")
    for code in codes:
        if len(code) != 3 or not code.isdigit() or code < b"300":
            raise StartError(f"acc: failed_filter: {code!r} is no code of 300 and more")
    return tuple(map(int, codes))
