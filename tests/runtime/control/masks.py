"""What two answers must have in common where they cannot be equal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

Mask = Callable[[str], str]

_SHMEM: Final = re.compile(r'((?:shmem[.:]\w+|tcp[.:]passive_open)"?(?: =|:)\s*"?)\d+(?: \(\d+\))?')
_FIELD: Final = re.compile(r"^(\s*)([^\s:{}][^:{}]*): .*$", re.M)


def equal(text: str) -> str:
    """Octet by octet, but for shared memory in use, and the connections of the start."""
    return _SHMEM.sub(r"\1N", text)


def fields(text: str) -> str:
    """Names and order of the fields, not their values."""
    if text.startswith("error: "):
        return text
    try:
        return json.dumps(_kinds(json.loads(text, object_pairs_hook=_pairs)))
    except ValueError:
        return _FIELD.sub(r"\1\2: *", text)


def numbers(text: str) -> str:
    """All but the digits of numbers."""
    return re.sub(r"\b-?\d+\b", "N", text)


def answered(text: str) -> str:
    """That there is an answer, or what the refusal says."""
    if text.startswith("error: ") or '"error"' in text:
        return text
    return "an answer"


def behind_first_line(text: str) -> str:
    """All but a text of the server's own."""
    return text if text.startswith("error: ") else text.partition("\n")[2]


def entries(text: str) -> str:
    """The fields of entries, whatever their number."""
    if text.startswith("error: ") or '"error"' in text:
        return text
    text = re.sub(r'^\s*(python|"python"):.*\n', "", text, flags=re.M)
    text = re.sub(r'("desc":\s*"[^"]*"),\n', r"\1\n", text)
    shown = fields(text)
    try:
        result = json.loads(shown)
    except ValueError:
        return "\n".join(sorted(set(re.findall(r"\{[^{}]*\}", shown))))
    return "\n".join(sorted({str(item) for item in result[1][1]}))


def _pairs(members: list[tuple[str, object]]) -> object:
    return {"object": members}


def _kinds(value: object) -> object:
    if isinstance(value, dict):
        return [[name, _kinds(of)] for name, of in value["object"]]
    if isinstance(value, list):
        return [_kinds(item) for item in value]
    return "number" if isinstance(value, (int, float)) else "text"


MASKS: Final[dict[str, Mask]] = {
    **dict.fromkeys(("core.version", "core.flags", "core.pwd", "core.arg"), answered),
    **dict.fromkeys(("core.info", "core.runinfo", "core.uptime", "core.shmmem"), fields),
    **dict.fromkeys(("core.psx", "core.psa", "pkg.stats"), entries),
    **dict.fromkeys(("shm.info", "shm.stats", "shm.report", "pkg.info"), fields),
    **dict.fromkeys(("system.methodHelp", "core.ps", "system.listMethods"), answered),
    "cfgutils.get_config_hash": numbers,
    "core.tcp_list": entries,
    "cfg.help": behind_first_line,
}


def mask(method: str) -> Mask:
    """How the answers of a method are compared."""
    return MASKS.get(method, equal)
