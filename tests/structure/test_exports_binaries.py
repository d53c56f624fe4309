"""The catalog's facts against the tables inside the installed, compiled modules of 5.6.3.

Reads the ELF files only; nothing of them is executed. Skipped where Kamailio is not installed,
which `KCC_REQUIRE_ORACLE=1` makes a failure.
"""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MODULES = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
FACTS: dict[str, Any] = json.loads((ROOT / "kcc/catalog/data/5.6.json").read_text(encoding="utf-8"))

Pointer = int | str | None
"""An address inside the file, the name of an undefined symbol, or NULL."""


class SharedObject:
    """What is needed of an x86-64 ELF file: memory by address, relocated pointers, symbols."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        (table,) = struct.unpack_from("<Q", self.data, 0x28)
        size, count = struct.unpack_from("<HH", self.data, 0x3A)
        self.sections = [
            struct.unpack_from("<IIQQQQIIQQ", self.data, table + at * size) for at in range(count)
        ]
        self.symbols: dict[str, int] = {}
        self.relocated: dict[int, Pointer] = {}
        listed: list[tuple[str, int, bool]] = []
        dynamic = next(s for s in self.sections if s[1] == 11)
        names = self.sections[dynamic[6]][4]
        for at in range(dynamic[4], dynamic[4] + dynamic[5], 24):
            name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", self.data, at)
            text = self._text(names + name)
            listed.append((text, value, bool(section)))
            if section:
                self.symbols[text] = value
        for section in (s for s in self.sections if s[1] == 4):
            for at in range(section[4], section[4] + section[5], 24):
                place, info, addend = struct.unpack_from("<QQq", self.data, at)
                if info & 0xFFFFFFFF == 8:  # R_X86_64_RELATIVE
                    self.relocated[place] = addend
                elif info & 0xFFFFFFFF in (1, 6, 7):  # 64, GLOB_DAT, JUMP_SLOT
                    text, value, defined = listed[info >> 32]
                    self.relocated[place] = value + addend if defined else text

    def _text(self, offset: int) -> str:
        return self.data[offset : self.data.index(0, offset)].decode("latin-1")

    def _offset(self, address: int) -> int | None:
        for section in self.sections:
            if section[3] and section[3] <= address < section[3] + section[5] and section[1] != 8:
                return int(section[4] + address - section[3])
        return None

    def pointer(self, address: int) -> Pointer:
        if address in self.relocated:
            return self.relocated[address]
        return self.number(address, "<Q") or None

    def number(self, address: int, form: str) -> int:
        offset = self._offset(address)
        return 0 if offset is None else int(struct.unpack_from(form, self.data, offset)[0])

    def string(self, pointer: Pointer) -> str | None:
        offset = self._offset(pointer) if isinstance(pointer, int) else None
        return None if offset is None else self._text(offset)

    def rows(self, pointer: Pointer, size: int) -> list[int]:
        """The addresses of the rows of a table that ends with a NULL name."""
        found = []
        address = pointer if isinstance(pointer, int) else 0
        while address and self.pointer(address) is not None:
            found.append(address)
            address += size
        return found


def exports_address(module: SharedObject) -> int | None:
    for name in ("exports", *sorted(module.symbols)):
        if name in module.symbols and (name == "exports" or name.endswith("_exports")):
            return module.symbols[name]
    return None


def tables_of(path: Path) -> dict[str, Any] | None:
    """Functions, parameters and pseudo-variables of a compiled module (``sr_module.h``)."""
    module = SharedObject(path)
    exports = exports_address(module)
    if exports is None:
        return None
    functions = []
    for row in module.rows(module.pointer(exports + 16), 48):
        arity = module.number(row + 16, "<i")
        mask = module.number(row + 40, "<I") & 1023
        if arity != -1 and mask:
            functions.append((module.string(module.pointer(row)), arity, mask))
    params = []
    for row in module.rows(module.pointer(exports + 24), 24):
        bits = module.number(row + 8, "<I")
        kind = "int" if bits & 2 else "string" if bits & 1 else "str" if bits & 4 else "var"
        params.append((module.string(module.pointer(row)), kind, bits >> 31))
    pvs = []
    for row in module.rows(module.pointer(exports + 40), 72):
        given = [int(module.pointer(row + at) is not None) for at in (40, 48, 32)]
        pvs.append((module.string(module.pointer(row)), *given))
    return {
        "name": module.string(module.pointer(exports)),
        "functions": sorted(functions),
        "params": sorted(params),
        "pvs": sorted(pvs),
    }


def test_the_extracted_tables_are_those_of_the_compiled_modules() -> None:
    if not MODULES.is_dir():
        if os.environ.get("KCC_REQUIRE_ORACLE") == "1":
            pytest.fail(f"Kamailio's modules are not installed in {MODULES}")
        pytest.skip("Kamailio is not installed")
    compared = 0
    for path in sorted(MODULES.glob("*.so")):
        tables = tables_of(path)
        facts = FACTS["modules"].get(path.stem)
        if tables is None or facts is None:
            continue
        compared += 1
        assert tables == {
            "name": facts.get("name", path.stem),
            "functions": sorted((row[0], row[1], row[3]) for row in facts.get("functions", ())),
            "params": sorted((row[0], row[1], row[2]) for row in facts.get("params", ())),
            "pvs": sorted((row[0], *row[2:5]) for row in facts.get("pvs", ())),
        }, path.stem
    assert compared > 20
