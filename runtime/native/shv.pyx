"""``$shv``: variables of all processes, in shared memory (``pv_shv.c``)."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy
from runtime.native.cstr cimport str_eq
from runtime.native.lock cimport gen_lock_t, lock_get, lock_init, lock_release
from runtime.native.shm cimport shm_free, shm_malloc, shm_mallocxz, shm_publish

from runtime.native.lock import name_site

cdef enum:
    SITE_SHV = 70
    KIND_NULL = 0
    KIND_INT = 1
    KIND_STR = 2

name_site(SITE_SHV, "shared variables")

cdef struct shared_var:     # never freed; linked in front when complete: a dead writer harms nothing
    shared_var *next
    int kind
    int number
    char *text              # replaced, never changed in place
    uint32_t length
    uint32_t name_length
    char name[1]

cdef struct var_table:
    gen_lock_t lock
    shared_var *first


cdef class SharedVars:
    """Named values of the whole server; a name that nobody set is 0."""

    cdef var_table *_table
    cdef dict _known        # addresses this process has seen

    def __cinit__(self):
        """Make the table, before the fork. Raises MemoryError where shared memory is full."""
        self._known = {}
        self._table = <var_table *>shm_mallocxz(sizeof(var_table))
        if self._table is NULL:
            raise MemoryError("no shared memory left for $shv")
        shm_publish(self._table)
        lock_init(&self._table.lock)

    cdef shared_var *_find(self, bytes name):
        """The variable, the lock being held; NULL where there is none yet."""
        cdef size_t address = self._known.get(name, 0)
        cdef shared_var *var = <shared_var *>address
        if var is not NULL:
            return var
        var = self._table.first
        while var is not NULL:
            if str_eq(var.name, <int>var.name_length, name, <int>len(name)):
                self._known[name] = <size_t>var
                return var
            var = var.next
        return NULL

    cdef shared_var *_make(self, bytes name):
        cdef uint32_t length = <uint32_t>len(name)
        cdef shared_var *var = <shared_var *>shm_mallocxz(sizeof(shared_var) + length)
        if var is NULL:
            return NULL
        var.name_length = length
        memcpy(var.name, <char *>name, length)
        var.next = self._table.first
        self._table.first = var
        shm_publish(var)
        return var

    def get(self, bytes name):
        """The value: octets, an int, or None."""
        cdef shared_var *var
        lock_get(&self._table.lock, SITE_SHV)
        var = self._find(name)
        if var is NULL:
            value = 0
        elif var.kind == KIND_INT:
            value = var.number
        elif var.kind == KIND_STR:
            value = var.text[:var.length]
        else:
            value = None
        lock_release(&self._table.lock)
        return value

    def set(self, bytes name, value) -> bool:
        """Assign; False where shared memory is full."""
        cdef shared_var *var
        cdef char *text = NULL
        cdef char *old
        cdef uint32_t length = 0
        cdef int number = 0
        if isinstance(value, bytes):
            length = <uint32_t>len(<bytes>value)
            text = <char *>shm_malloc(length + 1)
            if text is NULL:
                return False
            memcpy(text, <char *><bytes>value, length + 1)
        elif value is not None:
            number = value
        lock_get(&self._table.lock, SITE_SHV)
        var = self._find(name)
        if var is NULL:
            var = self._make(name)
        if var is NULL:
            lock_release(&self._table.lock)
            shm_free(text)
            return False
        old = var.text
        var.text = text
        var.length = length
        var.number = number
        if text is not NULL:
            shm_publish(text)
            var.kind = KIND_STR
        else:
            var.kind = KIND_NULL if value is None else KIND_INT
        lock_release(&self._table.lock)
        shm_free(old)
        return True

    def names(self):
        """Every name that has been set, sorted."""
        cdef shared_var *var
        found = []
        lock_get(&self._table.lock, SITE_SHV)
        var = self._table.first
        while var is not NULL:
            found.append(var.name[:var.name_length])
            var = var.next
        lock_release(&self._table.lock)
        return sorted(found)
