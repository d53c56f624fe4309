"""Write the catalog of a Kamailio version from its source: ``extract_catalog.py CHECKOUT OUT``.

The output is one JSON object whose modules stand on one line each, so that two versions can be
compared with ``diff``. Facts come from the C tables, never from the documentation; what no table
holds is in ``catalog_hints.py``. Row layouts are described in ``kcc/catalog/data/README.md``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import core_facts
from catalog_hints import EXTRA, NOT_REQUIRED, REQUIRES
from checkout import Checkout
from csource import header_macros
from module_facts import module_facts
from pv_names import PV_NAMES

# What an ordinary build defines (Makefile.defs); everything else is undefined.
BUILD = dict.fromkeys(
    (
        *("USE_TCP", "USE_TLS", "USE_SCTP", "TLS_HOOKS", "USE_DNS_CACHE", "USE_DNS_FAILOVER"),
        *("USE_DST_BLOCKLIST", "USE_DST_BLACKLIST", "USE_NAPTR", "WITH_XAVP", "STATISTICS"),
        *("USE_CORE_STATS", "MALLOC_STATS", "HAVE_RESOLV_RES", "USE_MCAST", "DISABLE_NAGLE"),
        *("PKG_MALLOC", "SHM_MMAP", "SHM_MEM", "F_MALLOC", "Q_MALLOC", "TLSF_MALLOC"),
        *("DBG_SR_MEMORY", "MEM_JOIN_FREE", "USE_FUTEX", "FAST_LOCK", "USE_RAW_SOCKS"),
        *("DNS_IP_HACK", "HAVE_SCTP", "KSR_PTHREAD_MUTEX_SHARED", "__OS_linux", "__CPU_x86_64"),
    ),
    "1",
)
FLAVOUR = {"NAME": '"kamailio"'}


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    text = as_text(extract(Checkout(Path(sys.argv[1]))))
    Path(sys.argv[2]).write_text(text, encoding="utf-8")


def extract(checkout: Checkout) -> dict[str, Any]:
    """All facts of a checkout: ``version``, ``core`` and ``modules`` by name."""
    version = checkout.version
    common = FLAVOUR | header_macros(iter(sorted(checkout.core.glob("*.h"))))
    common.update(header_macros(iter(sorted(checkout.lib.glob("*/*.h")))))
    folders = checkout.modules
    loaders = _api_loaders(folders)
    extra: dict[str, Any] = {}
    for name, table, rows, since in EXTRA:
        if _minor(version) >= since:
            extra.setdefault(name, {}).setdefault(table, []).extend(rows)
    modules: dict[str, Any] = {}
    for name, places in folders.items():
        found = [module_facts(place, common, BUILD, loaders) for place in places]
        facts = _merged([one for one in found if one is not None])
        if facts is not None:
            for table, rows in extra.get(name, {}).items():
                facts.setdefault(table, []).extend(rows)
            for row in facts.get("pvs", ()) if _minor(version) == (5, 6) else ():
                row += [names.split("|")] if (names := PV_NAMES.get((name, row[0]))) else []
            _correct_requires(name, facts, _minor(version))
            modules[name] = facts
    core = core_facts.read(checkout.core, common, BUILD)
    return {"version": version, "core": core, "modules": modules}


def as_text(facts: dict[str, Any]) -> str:
    """The catalog as the text of its file."""
    lines = [f"{json.dumps(name)}:{_compact(rows)}" for name, rows in facts["modules"].items()]
    text = f'{{"version":{json.dumps(facts["version"])},\n"core":{_compact(facts["core"])},\n'
    return text + '"modules":{\n' + ",\n".join(lines) + "\n}}\n"


def _correct_requires(name: str, facts: dict[str, Any], version: tuple[int, ...]) -> None:
    """What starts of 5.6.3 showed of the modules that one needs."""
    needed = set(facts.get("requires", ())) - {b for a, b in NOT_REQUIRED if a == name}
    needed.update(REQUIRES.get(name, ()) if version == (5, 6) else ())
    for key, rows in (("requires", needed), ("uses", set(facts.get("uses", ())) - needed)):
        facts.pop(key, None)
        if rows:
            facts[key] = sorted(rows)


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part)


def _merged(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The facts of one name in several folders: the first's, and what only the others have."""
    if not found:
        return None
    facts = found[0]
    for other in found[1:]:
        for table, rows in other.items():
            if isinstance(rows, list):
                mine = facts.setdefault(table, [])
                known = {_key(table, row) for row in mine}
                mine.extend(row for row in rows if _key(table, row) not in known)
    if len(found) > 1:
        facts.pop("requires", None)  # which of them is loaded, the path decides
    return facts


def _key(table: str, row: Any) -> Any:
    if table in ("functions", "transformations", "selects", "params"):
        return tuple(row[:2])
    return row[0] if isinstance(row, list) else row


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _api_loaders(folders: dict[str, list[Path]]) -> dict[str, str]:
    """API loader functions and export names to the one module that answers them."""
    owners: dict[str, set[str]] = {}
    loaders: dict[str, str] = {}
    places = [(name, place) for name, found in folders.items() for place in found]
    for module, place in places:
        for path in sorted(place.rglob("*.c")):
            text = path.read_text(errors="replace")
            for name in re.findall(r'\{\s*"(\w+)"\s*,[^{}]*?(?:-\s*1|NO_SCRIPT)\s*,', text):
                owners.setdefault(name, set()).add(module)
            for name in re.findall(r'\{\s*"((?:bind|load)_\w+|\w+_(?:bind|load)\w*)"', text):
                owners.setdefault(name, set()).add(module)
    exported = {name: names.pop() for name, names in owners.items() if len(names) == 1}
    for path in sorted(path for _, place in places for path in place.rglob("*.h")):
        text = path.read_text(errors="replace")
        for match in re.finditer(
            r"\b(\w*(?:load|bind)\w*)\s*\([^;{}]*\)\s*\{(.*?)\n\}", text, re.S
        ):
            wanted = re.search(r'find_export\(\s*"(\w+)"', match.group(2))
            if wanted is not None and wanted.group(1) in exported:
                loaders[match.group(1)] = exported[wanted.group(1)]
    loaders.update({f'"{name}"': module for name, module in exported.items()})
    return loaders


if __name__ == "__main__":
    main()
