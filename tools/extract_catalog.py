"""Write the catalog of a Kamailio version from its source: ``extract_catalog.py SRC VERSION OUT``.

SRC is the ``src`` folder of a source checkout. The output is one JSON object whose modules stand
on one line each, so that two versions can be compared with ``diff``. Facts come from the C tables,
never from the documentation. Row layouts are described in ``kcc/catalog/data/README.md``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import core_facts
from csource import header_macros
from module_facts import module_facts

# What an ordinary build defines (Makefile.defs); everything else is undefined.
BUILD = dict.fromkeys(
    (
        *("USE_TCP", "USE_TLS", "USE_SCTP", "TLS_HOOKS", "USE_DNS_CACHE", "USE_DNS_FAILOVER"),
        *("USE_DST_BLOCKLIST", "USE_NAPTR", "WITH_XAVP", "STATISTICS", "USE_CORE_STATS"),
        *("MALLOC_STATS", "HAVE_RESOLV_RES", "USE_MCAST", "DISABLE_NAGLE", "PKG_MALLOC"),
        *("SHM_MMAP", "F_MALLOC", "Q_MALLOC", "TLSF_MALLOC", "DBG_SR_MEMORY", "MEM_JOIN_FREE"),
        *("USE_FUTEX", "FAST_LOCK", "USE_RAW_SOCKS", "DNS_IP_HACK", "HAVE_SCTP"),
        *("KSR_PTHREAD_MUTEX_SHARED", "__OS_linux", "__CPU_x86_64"),
    ),
    "1",
)


def main() -> None:
    source, version, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    common = header_macros(iter(sorted((source / "core").glob("*.h"))))
    common.update(header_macros(iter(sorted((source / "lib").glob("*/*.h")))))
    common["NAME"] = '"kamailio"'  # Makefile.defs: the name of the program
    loaders = _api_loaders(source)
    modules: dict[str, Any] = {}
    for folder in sorted(p for p in (source / "modules").iterdir() if p.is_dir()):
        facts = module_facts(folder, common, BUILD, loaders)
        if facts is not None:
            modules[folder.name] = facts
    core = core_facts.read(source / "core", common, BUILD)
    lines = [f"{json.dumps(name)}:{_compact(facts)}" for name, facts in modules.items()]
    text = f'{{"version":{json.dumps(version)},\n"core":{_compact(core)},\n"modules":{{\n'
    out.write_text(text + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _api_loaders(source: Path) -> dict[str, str]:
    """API loader functions and export names to the one module folder that answers them."""
    owners: dict[str, set[str]] = {}
    loaders: dict[str, str] = {}
    for folder in sorted(p for p in (source / "modules").iterdir() if p.is_dir()):
        for path in folder.rglob("*.c"):
            text = path.read_text(errors="replace")
            for name in re.findall(r'\{\s*"(\w+)"\s*,[^{}]*?(?:-\s*1|NO_SCRIPT)\s*,', text):
                owners.setdefault(name, set()).add(folder.name)
            for name in re.findall(r'\{\s*"((?:bind|load)_\w+|\w+_(?:bind|load)\w*)"', text):
                owners.setdefault(name, set()).add(folder.name)
    exported = {name: folders.pop() for name, folders in owners.items() if len(folders) == 1}
    for path in sorted((source / "modules").rglob("*.h")):
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
