"""A digit tree in shared memory: longest prefix match (``lib/trie/dtrie.c``).

A node is linked when it is complete and freed when nothing leads to it, so that a process which
dies in the middle harms nothing. Keys have at most MAX_KEY octets, which bounds the recursion.
"""

from libc.stdint cimport uint32_t, uint64_t
from runtime.native.fault cimport fault_id, fault_point
from runtime.native.lock cimport gen_lock_t, lock_get, lock_init, lock_release
from runtime.native.shm cimport shm_free, shm_mallocxz, shm_publish

from runtime.native.lock import name_site

cdef enum:
    SITE_DTRIE = 92
    MAX_KEY = 255

name_site(SITE_DTRIE, "digit tree")
cdef int F_INSERT = fault_id("dtrie.insert")

cdef struct dtrie_node:
    uint64_t data               # 0: none
    dtrie_node *child[1]        # as many as the tree has branches


cdef struct dtrie_head:
    gen_lock_t lock
    dtrie_node *root


cdef inline int digit_of(unsigned char octet, int branches) noexcept nogil:
    """The branch of an octet, -1 where there is none."""
    cdef int digit = octet - <int>c'0' if branches == 10 else octet
    return digit if 0 <= digit < branches else -1


cdef dtrie_node *new_node(int branches) noexcept nogil:
    return <dtrie_node *>shm_mallocxz(sizeof(dtrie_node) + sizeof(void *) * <size_t>(branches - 1))


cdef void drop(dtrie_node *node, int branches) noexcept nogil:
    cdef int n
    if node is NULL:
        return
    for n in range(branches):
        drop(node.child[n], branches)
    shm_free(node)


cdef uint32_t count(dtrie_node *node, int branches, int what) noexcept nogil:
    """Nodes (0), nodes with data (1) or nodes without children (2)."""
    cdef uint32_t sum = 0
    cdef bint leaf = True
    cdef int n
    if node is NULL:
        return 0
    for n in range(branches):
        if node.child[n] is not NULL:
            leaf = False
            sum += count(node.child[n], branches, what)
    return sum + (1 if what == 0 or (what == 1 and node.data) or (what == 2 and leaf) else 0)


cdef class DTrie:
    """One tree of all processes, made before the fork. Numbers are its data; 0 means none."""

    cdef dtrie_head *h
    cdef readonly int branches

    def __cinit__(self, int branches=10):
        if not 1 <= branches <= 256:
            raise ValueError(f"a tree has 1 to 256 branches, not {branches}")
        self.branches = branches
        self.h = <dtrie_head *>shm_mallocxz(sizeof(dtrie_head))
        if self.h is NULL:
            raise MemoryError("no shared memory left for a digit tree")
        lock_init(&self.h.lock)
        self.h.root = new_node(branches)
        if self.h.root is NULL:
            shm_free(self.h)
            self.h = NULL
            raise MemoryError("no shared memory left for a digit tree")
        shm_publish(self.h.root)
        shm_publish(self.h)

    cdef int check(self) except -1:
        if self.h is NULL:
            raise ValueError("this digit tree was destroyed")
        return 0

    def insert(self, bytes number not None, uint64_t data):
        """Whether it was stored: not where an octet has no branch, or the key is too long.

        Raises MemoryError; what was made of the path stays and does no harm.
        """
        cdef dtrie_node *node
        cdef dtrie_node *made
        cdef const unsigned char *text = number
        cdef Py_ssize_t i, length = len(number)
        cdef int digit
        cdef bint full = False
        self.check()
        if length > MAX_KEY:
            return False
        for i in range(length):
            if digit_of(text[i], self.branches) < 0:
                return False
        lock_get(&self.h.lock, SITE_DTRIE)
        node = self.h.root
        for i in range(length):
            digit = digit_of(text[i], self.branches)
            if node.child[digit] is NULL:
                made = new_node(self.branches)
                if made is NULL:
                    full = True
                    break
                node.child[digit] = made
                fault_point(F_INSERT)
                shm_publish(made)
            node = node.child[digit]
        if not full:
            node.data = data
        lock_release(&self.h.lock)
        if full:
            raise MemoryError("no shared memory left for a digit tree")
        return True

    def longest_match(self, bytes number not None):
        """(data, how many octets matched) of the longest prefix that has data; None."""
        cdef dtrie_node *node
        cdef const unsigned char *text = number
        cdef Py_ssize_t i = 0, length = len(number), matched = -1
        cdef uint64_t data = 0
        cdef int digit
        self.check()
        lock_get(&self.h.lock, SITE_DTRIE)
        node = self.h.root
        while node is not NULL:
            if node.data:
                matched, data = i, node.data
            if i == length:
                break
            digit = digit_of(text[i], self.branches)
            node = node.child[digit] if digit >= 0 else NULL
            i += 1
        lock_release(&self.h.lock)
        return None if matched < 0 else (data, matched)

    def nodes(self):
        """How many nodes there are, at least 1."""
        return self._count(0)

    def loaded_nodes(self):
        """How many have data."""
        return self._count(1)

    def leaves(self):
        """How many have no children."""
        return self._count(2)

    cdef uint32_t _count(self, int what) except? 0xffffffff:
        cdef uint32_t found
        self.check()
        lock_get(&self.h.lock, SITE_DTRIE)
        found = count(self.h.root, self.branches, what)
        lock_release(&self.h.lock)
        return found

    def clear(self):
        """Everything but the root, and its data too. Raises MemoryError, and leaves it as it is."""
        cdef dtrie_node *old
        cdef dtrie_node *fresh
        self.check()
        fresh = new_node(self.branches)
        if fresh is NULL:
            raise MemoryError("no shared memory left for a digit tree")
        lock_get(&self.h.lock, SITE_DTRIE)
        old = self.h.root
        self.h.root = fresh
        shm_publish(fresh)
        lock_release(&self.h.lock)
        drop(old, self.branches)

    def destroy(self):
        """Give the memory back; in one process, when no other uses it any more."""
        if self.h is not NULL:
            drop(self.h.root, self.branches)
            shm_free(self.h)
            self.h = NULL
