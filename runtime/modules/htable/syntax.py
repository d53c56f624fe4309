"""The tables that a configuration declares: ``name=>size=8;autoexpire=30;`` (``ht_table_spec``)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runtime.declare.cint import wrap
from runtime.declare.record import Record
from runtime.sip.params import split_params

_SPEC = re.compile(rb"[ \t\r\n]*([^= \t\r\n]*)[ \t\r\n]*=>[ \t\r\n]*(.*)", re.DOTALL)
_UNSIGNED = re.compile(rb"\+?[0-9]*")
_SIGNED = re.compile(rb"[+-]?[0-9]*")
_NUMBERS = ("autoexpire", "size", "dbmode", "updateexpire", "dmqreplicate")
MOST_COLUMNS = 8
DEFAULT_BITS = 4
MOST_BITS = 31


class TableSpec(Record):
    """What one ``modparam("htable", "htable", …)`` asks for. ``columns`` are those of ``cols``."""

    name: bytes
    bits: int = DEFAULT_BITS
    autoexpire: int = 0
    dbmode: int = 0
    updateexpire: int = 1
    dmqreplicate: int = 0
    initval: int | None = None
    dbtable: bytes = b""
    columns: tuple[bytes, ...] = ()

    @property
    def slots(self) -> int:
        """How many slots: 2 to the power ``bits``, within Kamailio's bounds."""
        bits = wrap(self.bits)
        if bits <= 1:
            return 8
        return 1 << (14 if bits > MOST_BITS else bits)


def parse_spec(text: bytes, ignored: Sequence[str] = ()) -> TableSpec:
    """Read one declaration; attributes of other versions are ``ignored``. Raises ValueError that
    says what is wrong."""
    found = _SPEC.fullmatch(text)
    if found is None:
        raise ValueError(f"this reads name=>size=8;…, not {text!r}")
    name, rest = found.groups()
    params = split_params(rest.removesuffix(b";"))
    if params is None:
        raise ValueError(f"the attributes are written a=b;c=d, not {rest!r}")
    numbers: dict[str, int] = {}
    initval: int | None = None
    dbtable = b""
    columns: tuple[bytes, ...] = ()
    for key, value in reversed(params):  # as parse_params lists them: the first one counts
        attribute = key.decode("latin-1")
        if not value and not re.search(rb"(?:^|;)\s*" + re.escape(key) + rb"\s*=", rest):
            raise ValueError(f"{attribute!r} has no value")
        if attribute in _NUMBERS:
            numbers[attribute] = _number(attribute, value, _UNSIGNED, 0, 2**32 - 1)
        elif attribute == "initval":
            initval = _number(attribute, value, _SIGNED, -(2**31), 2**31 - 1)
        elif attribute == "dbtable":
            dbtable = value
        elif attribute == "cols":
            columns = tuple(value.split(b",")) if value else ()
        elif attribute not in ignored:
            raise ValueError(f"a hash table has no attribute {attribute!r}")
    if len(columns) == 1 or len(columns) > MOST_COLUMNS:
        raise ValueError(f"cols of table {name.decode('latin-1')} are 2 to {MOST_COLUMNS} columns")
    return TableSpec(
        name=name,
        bits=numbers.get("size", DEFAULT_BITS),
        autoexpire=numbers.get("autoexpire", 0),
        dbmode=wrap(numbers.get("dbmode", 0)),
        updateexpire=wrap(numbers.get("updateexpire", 1)),
        dmqreplicate=wrap(numbers.get("dmqreplicate", 0)),
        initval=initval,
        dbtable=dbtable,
        columns=columns,
    )


def _number(name: str, text: bytes, form: re.Pattern[bytes], least: int, most: int) -> int:
    if form.fullmatch(text) is None:
        raise ValueError(f"{name} is a number, not {text!r}")
    number = int(text) if text.strip(b"+-") else 0
    if not least <= number <= most:
        raise ValueError(f"{name} is a number from {least} to {most}, not {number}")
    return number
