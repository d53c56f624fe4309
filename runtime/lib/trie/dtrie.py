"""Digit trees with the names of ``lib/trie/dtrie.h``: the longest prefix of a number that has data.

Made before the fork, in shared memory, for all processes; safe against readers and writers in
others. Data are numbers above 0, such as an index into a table of the module.
"""

from __future__ import annotations

from runtime.native.dtrie import DTrie

__all__ = [
    "DTrie",
    "dtrie_clear",
    "dtrie_contains",
    "dtrie_destroy",
    "dtrie_init",
    "dtrie_insert",
    "dtrie_leaves",
    "dtrie_loaded_nodes",
    "dtrie_longest_match",
    "dtrie_size",
]


def dtrie_init(branches: int) -> DTrie:
    """An empty tree: 10 branches for digits, 128 for ASCII. Raises MemoryError, ValueError."""
    return DTrie(branches)


def dtrie_insert(root: DTrie, number: bytes, data: int) -> int:
    """0, or -1: an octet that has no branch, or more than 255 of them. Raises MemoryError."""
    if data <= 0:
        raise ValueError(f"the data of a node are a number above 0, not {data}")
    return 0 if root.insert(number, data) else -1


def dtrie_longest_match(root: DTrie, number: bytes) -> tuple[int, int] | None:
    """(data, octets matched) of the longest prefix of `number` that was inserted, or None."""
    return root.longest_match(number)


def dtrie_contains(root: DTrie, number: bytes) -> int | None:
    """The data of exactly this number, or None."""
    found = root.longest_match(number)
    return found[0] if found is not None and found[1] == len(number) else None


def dtrie_size(root: DTrie) -> int:
    """Nodes, at least 1."""
    return root.nodes()


def dtrie_loaded_nodes(root: DTrie) -> int:
    """Nodes that have data."""
    return root.loaded_nodes()


def dtrie_leaves(root: DTrie) -> int:
    """Nodes without children."""
    return root.leaves()


def dtrie_clear(root: DTrie) -> None:
    """Everything but the root. Raises MemoryError, and leaves the tree as it is."""
    root.clear()


def dtrie_destroy(root: DTrie) -> None:
    """Give its memory back; using it later raises ValueError."""
    root.destroy()
