"""Words of the core that its exports declare and no Kamailio has (chapter 8 of the guide).

The declaration alone makes them: a parameter takes what its kind says, a function is called with
what its fixups say, and a flag of it must be declared like that of ``setflag``.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cache
from typing import Final, Literal

from runtime.declare.exports import Fixup, Function, Param, ParamKind
from runtime.modules.core.exports import EXPORTS

_FORMS: Final = {Fixup.INT: "i", Fixup.STR: "s", Fixup.FLAG: "f"}


@cache
def declared_params() -> dict[str, Param]:
    """The parameters of the core by name."""
    return {param.name: param for param in EXPORTS.params}


@cache
def _functions() -> dict[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for function in EXPORTS.functions:
        found.setdefault(function.name, []).append(function)
    return found


def own_params(known: Container[str]) -> dict[str, tuple[str, Literal["integer", "string"]]]:
    """Spelling -> the parameter that it names, and what that takes."""
    return {
        name: (param.attr or name, "integer" if param.kind is ParamKind.INT else "string")
        for name, param in declared_params().items()
        if name not in known
    }


def own_functions(known: Container[str]) -> list[str]:
    """Names of the functions that are no words of Kamailio."""
    return [name for name in _functions() if name not in known]


def forms(name: str) -> tuple[str, ...]:
    """What such a function takes, as ``core_functions`` writes it."""
    found = []
    for function in _functions()[name]:
        letters = "".join(_FORMS.get(arg.fixup, "e") for arg in function.args)
        found += [letters[:count] for count in range(function.required, len(letters) + 1)]
    return tuple(found)


def flag_at(name: str) -> int | None:
    """Which argument of such a function is a flag, None where none is."""
    for function in _functions().get(name, ()):
        for at, arg in enumerate(function.args):
            if arg.fixup is Fixup.FLAG:
                return at
    return None
