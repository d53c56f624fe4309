"""``db_scheme`` of ``avpops``: another table of AVPs (``parse_avp_db_scheme``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"\s*([^:\s]+)\s*:\s*(?=\S)")
_FIELD: Final = re.compile(r"([^=\s]+)\s*=\s*([^;\s]+)\s*(?:;\s*|$)")
_COLUMNS: Final = ("uuid_col", "username_col", "domain_col", "value_col", "table")


@dataclass(frozen=True, slots=True)
class Scheme:
    """Where and how the values of a scheme are stored; None is what the parameters say."""

    name: str
    uuid_col: str | None = None
    username_col: str | None = None
    domain_col: str | None = None
    value_col: str | None = None
    table: str | None = None
    integer: bool = False


def parse_scheme(text: str) -> Scheme:
    """``name: uuid_col=…;username_col=…;domain_col=…;value_col=…;value_type=integer;table=…``.

    Raises ValueError with what is wrong.
    """
    head = _NAME.match(text)
    if head is None:
        raise ValueError("a scheme is written name:field=value;…")
    fields: dict[str, str] = {}
    integer = False
    at = head.end()
    while at < len(text):
        found = _FIELD.match(text, at)
        if found is None:
            raise ValueError("the fields of a scheme are written field=value;…")
        at = found.end()
        name, value = found[1].lower(), found[2]
        if name == "value_type":
            if value.lower() not in ("integer", "string"):
                raise ValueError(f"value_type is integer or string, not {value!r}")
            integer = value.lower() == "integer"
        elif name not in _COLUMNS:
            raise ValueError(f"a scheme has no field {found[1]!r}")
        elif name in fields:
            raise ValueError(f"the field {name!r} stands twice")
        else:
            fields[name] = value
    return Scheme(head[1], **fields, integer=integer)
