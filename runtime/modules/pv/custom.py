"""``$ccp(group.name)``: the settings of the run-time configuration (``pv_core.c``).

A message sees the settings as they were when it came: what it sets is seen by those after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.script.values import Value, plain

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.cfg_framework import CfgFramework

_BEFORE: Final = "pv:ccp"


def read(settings: CfgFramework, msg: SipMsg, name: bytes) -> Value:
    """The value of ``group.name``, None where there is none such."""
    group, _, variable = name.decode("latin-1").rpartition(".")
    before: dict[bytes, Value] = (msg.extra or {}).get(_BEFORE, {})
    if name in before:
        return before[name]
    return None if settings.find(group, variable) is None else settings.get(group, variable)


def write(settings: CfgFramework, msg: SipMsg, name: bytes, value: Value) -> None:
    """Set it; a value of the wrong kind changes nothing."""
    group, _, variable = name.decode("latin-1").rpartition(".")
    content = plain(value)
    if content is None or settings.find(group, variable) is None:
        return
    if msg.extra is None:
        msg.extra = {}
    msg.extra.setdefault(_BEFORE, {}).setdefault(name, settings.get(group, variable))
    try:
        settings.set(group, variable, content)
    except (TypeError, ValueError, KeyError, OverflowError):
        return
