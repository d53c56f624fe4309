"""Module ``xhttp_prom``: statistics and metrics of the script for Prometheus (``xhttp_prom.c``)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from runtime.declare.exports import Exports
from runtime.modules.xhttp.api import XhttpApi
from runtime.modules.xhttp_prom import metrics
from runtime.modules.xhttp_prom.exports import EXPORTS
from runtime.modules.xhttp_prom.metrics import COUNTER, GAUGE, HISTOGRAM, BadMetric, Metric
from runtime.native import edit
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule
from runtime.server.rpc import bytes_of, number_of, text_of

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

URI: Final = b"/metrics"
TYPE: Final = b"text/plain; version=0.0.4"


class Module(BaseModule):
    """Metrics are declared by parameters, and changed by functions and RPC commands."""

    EXPORTS: ClassVar[Exports] = EXPORTS
    xhttp_prom_buf_size: int
    xhttp_prom_stats: bytes
    xhttp_prom_beginning: bytes
    xhttp_prom_timeout: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._declared: list[tuple[str, bytes, PlaceLike | None]] = []
        self._metrics: dict[bytes, Metric] = {}

    def param_prom_counter(self, value: bytes, place: PlaceLike | None) -> None:
        """Declare a counter."""
        self._declared.append((COUNTER, value, place))

    def param_prom_gauge(self, value: bytes, place: PlaceLike | None) -> None:
        """Declare a gauge."""
        self._declared.append((GAUGE, value, place))

    def param_prom_histogram(self, value: bytes, place: PlaceLike | None) -> None:
        """Declare a histogram."""
        self._declared.append((HISTOGRAM, value, place))

    def mod_init(self) -> None:
        """Make the tables; find ``xhttp``."""
        http = self.server.api(XhttpApi)  # type: ignore[type-abstract]
        if http is None:
            raise StartError("xhttp_prom needs module xhttp")
        self._http = http
        if self.xhttp_prom_timeout < 0:
            raise StartError(f"modparam xhttp_prom_timeout: {self.xhttp_prom_timeout} is no time")
        for kind, spec, place in self._declared:
            try:
                metric = metrics.declared(kind, spec)
            except BadMetric as error:
                raise StartError(f"xhttp_prom: {error}", place) from None
            self._metrics.setdefault(metric.name, metric)
        self.server.on_death(self._process_died)

    def _process_died(self, slot: int) -> None:
        for metric in self._metrics.values():
            metric.table.process_died()

    # -- the page

    def prom_check_uri(self, msg: SipMsg) -> int:
        """Is it the URL of the metrics?"""
        return 1 if edit.buffer(msg, 0, edit.length(msg)).split(b" ", 2)[1] == URI else -1

    def prom_dispatch(self, msg: SipMsg) -> int:
        """Answer with all metrics, and end the route; 1 where the message is no HTTP."""
        if not msg.version.upper().startswith(b"HTTP/"):
            return 1
        body = self._page()
        if body is None or (0 < self.xhttp_prom_buf_size <= len(body)):
            reason = b"Internal Server Error"
            self._http.http_reply(msg, 500, reason, TYPE, reason)
        else:
            self._http.http_reply(msg, 200, b"OK", TYPE, body)
        return 0

    def _page(self) -> bytes | None:
        lines = self._user_lines()
        wanted = self.xhttp_prom_stats.decode("utf-8", "replace")
        stats = self.server.stats
        if wanted == "all":
            lines += ["", "# Kamailio whole internal statistics"]
            for group in stats.groups():
                lines += [self._statistic(group, name) for name in stats.names(group)]
        elif wanted.endswith(":"):
            if wanted == ":":
                LM_ERR("xhttp_prom: the group of statistics has no name")
                return None
            lines += ["", f"# Kamailio statistics for group: {wanted}"]
            lines += [self._statistic(wanted[:-1], name) for name in stats.names(wanted[:-1])]
        elif wanted:
            found = stats.find(wanted)
            if not found:
                LM_ERR("xhttp_prom: there is no statistic %r", wanted)
                return None
            lines += ["", f"# Kamailio statistics for: {wanted}", self._statistic(*found[0])]
        return "".join(line + "\n" for line in lines).encode("utf-8", "replace")

    def _statistic(self, group: str, name: str) -> str:
        shown = f"{self.xhttp_prom_beginning.decode('utf-8', 'replace')}{group}_{name}"
        value = (self.server.stats.get(group, name) or 0) & 0xFFFFFFFFFFFFFFFF
        return f"{shown.replace('-', '_')} {value} {time.time_ns() // 1_000_000}"

    def _user_lines(self) -> list[str]:
        lines = ["# User defined metrics" if self._metrics else "# NO User defined metrics"]
        for metric in self._metrics.values():
            lines += metric.lines(self.xhttp_prom_beginning)
        return lines

    # -- changes

    def _change(
        self, kind: str, name: bytes, by: int | float | None, labels: tuple[bytes, ...]
    ) -> bool:
        if self.xhttp_prom_timeout:
            oldest = time.time_ns() // 1_000_000 - self.xhttp_prom_timeout * 60_000
            for metric in self._metrics.values():
                metric.drop_older(oldest)
        found = self._metrics.get(name)
        try:
            if found is None or found.kind != kind:
                raise BadMetric(f"there is no {kind} {name!r}")
            found.change(labels, by)
        except BadMetric as error:
            LM_ERR("xhttp_prom: %s", error)
            return False
        return True

    def _called(
        self, kind: str, name: bytes, by: int | float | None, *labels: bytes | None
    ) -> int:  # fmt: skip
        given = tuple(label for label in labels if label is not None)
        if not name or b"" in given or (kind == COUNTER and by is not None and by < 0):
            LM_ERR("xhttp_prom: an empty text or a number below 0 for a %s", kind)
            return -1
        return 1 if self._change(kind, name, by, given) else -1

    def prom_counter_reset(
        self,
        msg: SipMsg,
        name: bytes,
        l0: bytes | None = None,
        l1: bytes | None = None,
        l2: bytes | None = None,
    ) -> int:
        """Set a counter to 0."""
        return self._called(COUNTER, name, None, l0, l1, l2)

    def prom_gauge_reset(
        self,
        msg: SipMsg,
        name: bytes,
        l0: bytes | None = None,
        l1: bytes | None = None,
        l2: bytes | None = None,
    ) -> int:
        """Set a gauge to 0."""
        return self._called(GAUGE, name, None, l0, l1, l2)

    def prom_counter_inc(
        self,
        msg: SipMsg,
        name: bytes,
        number: int,
        l0: bytes | None = None,
        l1: bytes | None = None,
        l2: bytes | None = None,
    ) -> int:
        """Add to a counter."""
        return self._called(COUNTER, name, number, l0, l1, l2)

    def prom_gauge_set(
        self,
        msg: SipMsg,
        name: bytes,
        number: bytes,
        l0: bytes | None = None,
        l1: bytes | None = None,
        l2: bytes | None = None,
    ) -> int:
        """Set a gauge."""
        value = metrics.number(number)
        return self._called(GAUGE, name, value, l0, l1, l2) if number else -1

    def prom_histogram_observe(
        self,
        msg: SipMsg,
        name: bytes,
        number: bytes,
        l0: bytes | None = None,
        l1: bytes | None = None,
        l2: bytes | None = None,
    ) -> int:
        """Count a value in a histogram."""
        value = metrics.number(number)
        return self._called(HISTOGRAM, name, value, l0, l1, l2) if number else -1

    # -- RPC

    def _rpc(self, ctx: RpcContext, kind: str, form: str, failed: str) -> None:
        name = ctx.scan("S")
        if not name:
            ctx.fault(400, f"required {kind} identifier")
        if not name[0]:
            ctx.fault(400, f"invalid {kind} identifier")
        by: int | float | None = None
        shown = ""
        if form:
            number = ctx.scan(form)
            if not number:
                ctx.fault(400, "required number argument")
            by = number_of(number[0]) if form == "d" else float(number[0])
            shown = f"{by:d}" if form == "d" else f"{by:f}"
        labels = ctx.scan("*SSS")
        if labels.number < 0:
            ctx.fault(500, f"Strange return value: {labels.number}")
        if kind == COUNTER and by is not None and by < 0:
            LM_ERR("xhttp_prom: %d is below 0", by)
            return
        given = tuple(bytes_of(label) for label in labels)
        if not self._change(kind, bytes_of(name[0]), by, given):
            what = text_of(name[0])
            if given:
                what += f" ({', '.join(text_of(label) for label in labels)})"
            elif kind == GAUGE and form:
                failed = failed.replace(" to gauge", " gauge")
            ctx.fault(500, f"{failed.format(shown)}: {what}")

    def rpc_counter_reset(self, ctx: RpcContext) -> None:
        """``xhttp_prom.counter_reset name [labels]``"""
        self._rpc(ctx, COUNTER, "", "Failed to reset counter")

    def rpc_counter_inc(self, ctx: RpcContext) -> None:
        """``xhttp_prom.counter_inc name number [labels]``"""
        self._rpc(ctx, COUNTER, "d", "Failed to add {} to counter")

    def rpc_gauge_reset(self, ctx: RpcContext) -> None:
        """``xhttp_prom.gauge_reset name [labels]``"""
        self._rpc(ctx, GAUGE, "", "Failed to reset gauge")

    def rpc_gauge_set(self, ctx: RpcContext) -> None:
        """``xhttp_prom.gauge_set name fraction [labels]``"""
        self._rpc(ctx, GAUGE, "f", "Failed to assign {} to gauge")

    def rpc_histogram_observe(self, ctx: RpcContext) -> None:
        """``xhttp_prom.histogram_observe name fraction [labels]``"""
        self._rpc(ctx, HISTOGRAM, "f", "Failed to observe {} in histogram")

    def rpc_metric_list_print(self, ctx: RpcContext) -> None:
        """``xhttp_prom.metric_list_print``: the metrics as text."""
        ctx.add("".join(line + "\n" for line in self._user_lines()))
