"""``$ccp(group.name)``: the settings of the run-time configuration (``pv_core.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.script.values import Value

if TYPE_CHECKING:
    from runtime.server.cfg_framework import CfgFramework


def _path(name: bytes) -> tuple[str, str]:
    group, _, variable = name.decode("latin-1").rpartition(".")
    return group, variable


def read(settings: CfgFramework, name: bytes) -> Value:
    """The value of ``group.name``, None where there is none such."""
    group, variable = _path(name)
    return None if settings.find(group, variable) is None else settings.get(group, variable)


def write(settings: CfgFramework, name: bytes, value: Value) -> None:
    """Set it; the value is converted to its kind (``cfg_set_now_int``, ``cfg_set_now_str``)."""
    group, variable = _path(name)
    if value is None or settings.find(group, variable) is None:
        return
    try:
        settings.set(group, variable, value)
    except (TypeError, ValueError, KeyError, OverflowError):
        return
