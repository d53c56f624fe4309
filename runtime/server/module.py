"""The base class of every module: typed parameters from its exports, and its life cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from runtime.declare.exports import Exports, Param, ParamKind, Status
from runtime.server.errors import PlaceLike, StartError

if TYPE_CHECKING:
    from runtime.server.server import Server


def fit_param(
    param: Param, module: str, value: int | bytes, place: PlaceLike | None
) -> int | bytes:
    """Convert a modparam's value to its parameter's kind, as ``fix_param`` (``mod_fix.c``) does."""
    wants_int = param.kind in (ParamKind.INT, ParamKind.FUNC_INT)
    if wants_int and isinstance(value, bytes):
        try:
            return int(value.decode("ascii"), 10)
        except ValueError:
            text = value.decode("utf-8", "replace")
            raise StartError(
                f"modparam {module}:{param.name} takes a number, not {text!r}", place
            ) from None
    if not wants_int and isinstance(value, int):
        return b"%d" % value
    return value


class Module:
    """A loaded module.

    Life: ``__init__`` (attributes from ``EXPORTS``), ``set_param`` for each modparam,
    ``mod_init`` in the arbiter before the fork, ``child_init(rank)`` in each process,
    ``destroy`` in the arbiter at the end. ``mod_init`` and ``child_init`` raise to refuse.
    """

    EXPORTS: ClassVar[Exports]

    def __init__(self, server: Server) -> None:
        self.server = server
        for param in self.EXPORTS.params:
            if param.kind in (ParamKind.FUNC_STR, ParamKind.FUNC_INT):
                continue
            default = param.default
            value = default.encode() if isinstance(default, str) else default
            if value is None and param.kind is ParamKind.INT:
                value = 0
            setattr(self, param.attr or param.name, value)

    @property
    def name(self) -> str:
        """The module's name, as loadmodule has it."""
        return self.EXPORTS.name

    def set_param(self, name: str, value: int | bytes, place: PlaceLike | None = None) -> None:
        """Set one parameter.

        INT, STR and PV parameters set the attribute ``Param.attr`` (name by default; ``bytes`` or
        ``int``); FUNC kinds call the method ``param_<attr>(value, place)``, maybe many times.
        Raises StartError: unknown, not built, or of the wrong type.
        """
        param = next((p for p in self.EXPORTS.params if p.name == name), None)
        if param is None:
            raise StartError(f"module {self.name} has no parameter {name!r}", place)
        if param.status is Status.PARSED_ONLY:
            raise StartError(f"parameter {name!r} of module {self.name} is not built", place)
        fitted = fit_param(param, self.name, value, place)
        attr = param.attr or param.name
        if param.kind in (ParamKind.FUNC_STR, ParamKind.FUNC_INT):
            getattr(self, f"param_{attr}")(fitted, place)
        else:
            setattr(self, attr, fitted)

    def mod_init(self) -> None:
        """Check parameters, make shared state, ask for timers and processes (before the fork)."""

    def child_init(self, rank: int) -> None:
        """Set up what belongs to one process: connections, hooks (``ranks.py`` has the numbers)."""

    def destroy(self) -> None:
        """The server ends: write back what must outlive it (in the arbiter, workers are gone)."""
