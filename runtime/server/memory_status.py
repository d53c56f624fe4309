"""What SIGUSR1 and the end of a process write about memory (``memlog``, ``mem_summary``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.native import pkg, shm
from runtime.server.log import LM_GEN, LOG

if TYPE_CHECKING:
    from runtime.server.server import Server

PKG_STATUS: Final = 1
SHM_STATUS: Final = 2
PKG_SUMS: Final = 4
SHM_SUMS: Final = 8


def log_memory(server: Server, *, main: bool) -> None:
    """At level ``memlog``, where ``debug`` prints that: private memory of this process, in the
    main process shared memory too."""
    level, wanted = (int(server.cfg.get("core", name)) for name in ("memlog", "mem_summary"))
    if not LOG.enabled(level):
        return
    if wanted & PKG_STATUS:
        LM_GEN(level, "Memory status (pkg): %s", pkg.status())
    if wanted & PKG_SUMS:
        LM_GEN(level, "Memory still-in-use summary (pkg):")
        _sums(level, "pkg", pkg.blocks())
    if main and wanted & SHM_STATUS:
        LM_GEN(level, "Memory status (shm): %s", shm.status())
    if main and wanted & SHM_SUMS:
        LM_GEN(level, "Memory still-in-use summary (shm):")
        _sums(level, "shm", shm.blocks())


def _sums(level: int, kind: str, rows: list[tuple[str, int, int]]) -> None:
    for site, octets, count in rows:
        LM_GEN(level, "%s: %d octets in %d blocks made by %s", kind, octets, count, site or "?")
