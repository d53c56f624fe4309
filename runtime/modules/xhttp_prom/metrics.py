"""Counters, gauges and histograms in shared memory (``prom_metric.c``).

A metric is a table whose keys are the values of its labels. A value begins with when it was made
(for the order of the output) and last changed, in milliseconds.
"""

from __future__ import annotations

import re
import struct
import time
from dataclasses import dataclass, field
from typing import Final

from runtime.native.htable import HTable

COUNTER: Final = "counter"
GAUGE: Final = "gauge"
HISTOGRAM: Final = "histogram"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MOST_LABELS: Final = 3

_HEAD: Final = struct.Struct("=QQ")
_FLOAT: Final = re.compile(
    rb"\s*[+-]?(?:inf(?:inity)?|nan|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)", re.I
)


class BadMetric(Exception):
    """A declaration or a use that cannot be; the text says why."""


def number(text: bytes) -> float:
    """The number that a text begins with, as ``atof``; 0 where there is none."""
    found = _FLOAT.match(text)
    return float(found[0]) if found else 0.0


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; ``table`` holds a value for each set of values of its labels."""

    kind: str
    name: bytes
    labels: tuple[bytes, ...]
    bounds: tuple[float, ...]
    table: HTable
    layout: struct.Struct = field(repr=False)

    def change(self, labels: tuple[bytes, ...], by: int | float | None) -> None:
        """Add to a counter, set a gauge, observe in a histogram; None sets to 0.

        Raises BadMetric: another number of labels, or no memory.
        """
        if len(labels) != len(self.labels):
            raise BadMetric(f"{self.name!r} has {len(self.labels)} labels")
        key = b"\0".join(labels)
        now = time.time_ns()
        self.table.lock(key)
        try:
            held = self.table.get(key)
            if isinstance(held, bytes):
                made, _ = _HEAD.unpack_from(held)
                values = self.layout.unpack_from(held, _HEAD.size)
            else:
                made, values = now, self.layout.unpack(bytes(self.layout.size))
            packed = self.layout.pack(*self._changed(values, by))
            if not self.table.set(key, _HEAD.pack(made, now // 1_000_000) + packed):
                raise BadMetric("no shared memory")
        finally:
            self.table.unlock(key)

    def _changed(
        self, values: tuple[int | float, ...], by: int | float | None
    ) -> tuple[int | float, ...]:  # fmt: skip
        if by is None:
            return tuple(type(value)(0) for value in values)
        if self.kind == COUNTER:
            return ((int(values[0]) + int(by)) & 0xFFFFFFFFFFFFFFFF,)
        if self.kind == GAUGE:
            return (float(by),)
        count, total, *buckets = values
        reached = (
            int(bucket) + (by <= bound) for bucket, bound in zip(buckets, self.bounds, strict=True)
        )
        return (int(count) + 1, total + by, *reached)

    def drop_older(self, moment: int) -> None:
        """Forget what was last changed before this moment."""
        self.table.remove_where(
            lambda key, value: isinstance(value, bytes) and _HEAD.unpack_from(value)[1] < moment
        )

    def lines(self, prefix: bytes) -> list[str]:
        """The text format of Prometheus, 0.0.4."""
        rows = [
            (_HEAD.unpack_from(value)[0], key, self.layout.unpack_from(value, _HEAD.size))
            for index in range(self.table.size)
            for key, value, _ in self.table.slot(index)
            if isinstance(value, bytes)
        ]
        found = []
        for _, key, values in sorted(rows):
            found += self._row(_text(prefix + self.name), key, values)
        return found

    def _row(self, name: str, key: bytes, values: tuple[int | float, ...]) -> list[str]:
        pairs = zip(self.labels, key.split(b"\0"), strict=False)
        labels = ", ".join(f'{_text(label)}="{_escaped(value)}"' for label, value in pairs)
        shown = "{" + labels + "}" if labels else ""
        now = time.time_ns() // 1_000_000
        if self.kind == COUNTER:
            return [f"{name}{shown} {values[0]} {now}"]
        if self.kind == GAUGE:
            return [f"{name}{shown} {values[0]:f} {now}"]
        count, total, *buckets = values
        before = f"{labels}, " if labels else ""
        bounds = [f"{bound:f}" for bound in self.bounds] + ["+Inf"]
        return [
            *(
                f'{name}_bucket{{{before}le="{bound}"}} {value} {now}'
                for bound, value in zip(bounds, [*buckets, count], strict=True)
            ),
            f"{name}_sum{shown} {total:f} {now}",
            f"{name}_count{shown} {count} {now}",
        ]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _escaped(value: bytes) -> str:
    return _text(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def declared(kind: str, spec: bytes) -> Metric:
    """A metric of ``name=...; label=a:b:c; buckets=0.1:1``. Raises BadMetric."""
    name = b""
    labels: tuple[bytes, ...] = ()
    bounds: tuple[float, ...] = BUCKETS
    for part in spec.rstrip(b"; ").split(b";"):
        what, _, value = (piece.strip() for piece in part.partition(b"="))
        value = value.strip(b"\"'")
        if what == b"name":
            name = value
        elif what == b"label" and not labels:
            labels = tuple(value.removesuffix(b":").split(b":"))
            if not all(labels) or len(labels) > MOST_LABELS:
                raise BadMetric(f"{value!r} is no list of one to {MOST_LABELS} labels")
        elif what == b"buckets" and kind == HISTOGRAM:
            bounds = tuple(number(bound) for bound in value.split(b":"))
            if not value or b"" in value.split(b":") or list(bounds) != sorted(bounds):
                raise BadMetric(f"{value!r} is no list of buckets that increase")
        else:
            raise BadMetric(f"there is no field {what!r}")
    if not name:
        raise BadMetric("the metric has no name")
    form = {COUNTER: "=Q", GAUGE: "=d"}.get(kind, f"=Qd{len(bounds)}Q")
    return Metric(kind, name, labels, bounds, HTable(name, 16), struct.Struct(form))
