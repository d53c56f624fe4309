"""Global parameters: the table of ``modules/core/exports_params.py`` with the values of a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Exports, Param, ParamKind
from runtime.server.errors import PlaceLike, StartError
from runtime.server.module import fit_param

if TYPE_CHECKING:
    from runtime.declare.config import CoreSetting

DEFAULTS: Final[dict[str, int | bytes]] = {
    "tcp_conn_wq_max": 32768,
    "tcp_connect_timeout": 10,
    "tcp_send_timeout": 10,
    "rundir": b"/run/kamailio",
    "dns_retr_time": 5,
    "dns_retr_no": 3,
}
"""Values of parameters whose default Kamailio computes at start."""

ON_OFF: Final = {b"yes": 1, b"on": 1, b"true": 1, b"no": 0, b"off": 0, b"false": 0}


class CoreParams:
    """Values by name; aliases of a parameter (``log_stderror``...) set the same value."""

    def __init__(self, exports: Exports, settings: Iterable[CoreSetting]) -> None:
        self._params: dict[str, Param] = {param.name: param for param in exports.params}
        self._values: dict[str, int | bytes] = dict(DEFAULTS)
        self._given: dict[str, PlaceLike | None] = {}
        for param in exports.params:
            if param.default is not None and param.attr is None:
                default = param.default
                self._values[param.name] = default.encode() if isinstance(default, str) else default
        for setting in settings:
            self.set(setting.name, setting.value, setting.place)

    def set(self, name: str, value: int | bytes, place: PlaceLike | None = None) -> None:
        """Give a parameter its value. Raises StartError: unknown name or wrong type."""
        param = self._params.get(name)
        if param is None:
            raise StartError(f"unknown global parameter {name!r}", place)
        if param.kind is ParamKind.INT and isinstance(value, bytes):
            value = ON_OFF.get(value.lower(), value)
        own = param.attr or param.name
        self._values[own] = fit_param(param, "core", value, place)
        self._given[own] = place

    def given(self, name: str) -> bool:
        """Did the configuration or the command line set it?"""
        return name in self._given

    def place(self, name: str) -> PlaceLike | None:
        """Where it was set."""
        return self._given.get(name)

    def number(self, name: str, default: int = 0) -> int:
        """A number; ``default`` where there is none."""
        value = self._values.get(name, default)
        return value if isinstance(value, int) else default

    def text(self, name: str) -> bytes:
        """A text, empty where there is none."""
        value = self._values.get(name, b"")
        return value if isinstance(value, bytes) else b"%d" % value

    def get(self, name: str) -> int | bytes | None:
        """Number or text as it is, None where there is none."""
        return self._values.get(name)
