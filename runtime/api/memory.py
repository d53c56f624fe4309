"""Private and shared memory, with the names of the development guide's chapter 4 (``mem.h``).

A block here knows its size and its life: reading or writing outside of it, or after it was given
back, raises. Private memory (pkg) is bounded by ``-M`` and has guards around each block; shared
memory (shm) is bounded by ``-m`` and has guards where the server runs with ``-x qm``. Where memory
is out, the answer is None, and nothing else happens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from types import CodeType

from runtime.native import lock, pkg, shm
from runtime.server.log import LM_NOTICE

Site = tuple[str, int, int]
"""A place in the code, the octets that it holds, in how many blocks."""


class Block:
    """``size`` octets at ``address``; ``address`` is None once they are given back."""

    __slots__ = ("_read", "_write", "address", "size")

    def __init__(
        self,
        address: int,
        size: int,
        read: Callable[[int, int], bytes],
        write: Callable[[int, bytes], None],
    ) -> None:
        self.address: int | None = address
        self.size = size
        self._read = read
        self._write = write

    def where(self) -> int:
        """The address. Raises ValueError where the block was given back."""
        if self.address is None:
            raise ValueError("this block was given back")
        return self.address

    def read(self, at: int = 0, size: int | None = None) -> bytes:
        """Octets from ``at`` on, to the end by default. Raises IndexError, ValueError."""
        length = self.size - at if size is None else size
        self._inside(at, length)
        return self._read(self.where() + at, length)

    def write(self, data: bytes, at: int = 0) -> None:
        """Put octets at ``at``. Raises IndexError where they do not fit, ValueError."""
        self._inside(at, len(data))
        self._write(self.where() + at, data)

    def _inside(self, at: int, size: int) -> None:
        if at < 0 or size < 0 or at + size > self.size:
            raise IndexError(f"octets {at} to {at + size} of a block of {self.size}")


def pkg_malloc(size: int) -> Block | None:
    """Private memory, uncleared (4.1.1)."""
    address = pkg.malloc_(size, _caller())
    return Block(address, size, pkg.read, pkg.write) if address else None


def pkg_free(p: Block | None) -> None:
    """Give it back; None is fine (4.1.2)."""
    if p is not None:
        pkg.free_(p.where())
        p.address = None


def pkg_realloc(p: Block | None, size: int) -> Block | None:
    """A block of ``size`` with what was in ``p``, which is given back (4.1.3).

    None where memory is out: then ``p`` stays as it was.
    """
    address = pkg.realloc_(p.where() if p is not None else 0, size, _caller())
    return _moved(p, address, size, pkg.read, pkg.write)


def shm_malloc(size: int) -> Block | None:
    """Shared memory, uncleared, there until ``shm_free`` whichever process dies (4.2.1)."""
    address = shm.malloc(size)
    return _shared(None, address, size)


def shm_free(p: Block | None) -> None:
    """Give it back; None is fine (4.2.2)."""
    if p is not None:
        shm.free(p.where())
        p.address = None


def shm_realloc(p: Block | None, size: int) -> Block | None:
    """A block of ``size`` with what was in ``p``, which is given back (4.2.3).

    None where memory is out: then ``p`` stays as it was.
    """
    address = shm.realloc(p.where() if p is not None else 0, size)
    return _shared(p, address, size)


pkg_status = pkg.status
"""(total, free, used, real_used, max_used, fragments) of this process or of a slot."""
shm_status = shm.status
"""(total, free, used, real_used, max_used, fragments)."""


def mem_dump_pkg() -> list[Site]:
    """Log what of private memory is in use, by place, and give it (4.3)."""
    return _dump("pkg", pkg.blocks())


def mem_dump_shm() -> list[Site]:
    """Log what of shared memory is in use; places are known with ``-x qm`` (4.3)."""
    return _dump("shm", shm.blocks())


def _dump(kind: str, rows: list[Site]) -> list[Site]:
    for site, octets, count in rows:
        LM_NOTICE("%s: %d octets in %d blocks made by %s", kind, octets, count, site or "unknown")
    return rows


def _shared(p: Block | None, address: int, size: int) -> Block | None:
    if address:
        shm.publish(address)
        shm.set_site(address, _caller(3))
    return _moved(p, address, size, shm.read, shm.write)


def _moved(
    p: Block | None,
    address: int,
    size: int,
    read: Callable[[int, int], bytes],
    write: Callable[[int, bytes], None],
) -> Block | None:
    if not address:
        return None
    if p is not None:
        p.address = None
    return Block(address, size, read, write)


def _caller(above: int = 2) -> int:
    """The number of the place that asks for memory."""
    frame = sys._getframe(above)
    return _site(frame.f_code, frame.f_lineno)


@cache
def _site(code: CodeType, line: int) -> int:
    return lock.site(f"{code.co_filename.rpartition('/')[2]}:{line} {code.co_name}")
