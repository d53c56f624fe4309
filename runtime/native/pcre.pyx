"""Perl-compatible regular expressions, by libpcre2; texts that processes share.

The library is loaded when it is asked for: every Debian has it, few have its headers. Its ABI is
that of libpcre2-8.so.0 (``pcre2.h``). Kamailio 5.6 uses the first PCRE; what the second one reads
otherwise is set back (``BAD_ESCAPE_IS_LITERAL``) or refused here.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy
from runtime.native.lock cimport LOCK_DIED, gen_lock_t, lock_get, lock_init, lock_release
from runtime.native.shm cimport shm_free, shm_malloc, shm_mallocxz, shm_publish

import re

cdef extern from "<dlfcn.h>" nogil:
    int RTLD_NOW, RTLD_LOCAL
    void *dlopen(const char *name, int flags)
    void *dlsym(void *library, const char *name)

CASELESS = 0x8
MULTILINE = 0x400
DOTALL = 0x20
EXTENDED = 0x80

LIBRARY = b"libpcre2-8.so.0"
NAMES = (
    b"pcre2_compile_8", b"pcre2_match_8", b"pcre2_code_free_8",
    b"pcre2_match_data_create_from_pattern_8", b"pcre2_match_data_free_8",
    b"pcre2_compile_context_create_8", b"pcre2_set_compile_extra_options_8",
    b"pcre2_get_error_message_8",
)

cdef enum:
    BAD_ESCAPE_IS_LITERAL = 2
    N_NAMES = 8
    SITE_PCRE = 92

ctypedef void *(*compile_f)(const char *, size_t, uint32_t, int *, size_t *, void *) noexcept nogil
ctypedef int (*match_f)(void *, const char *, size_t, size_t, uint32_t, void *, void *) noexcept nogil
ctypedef void (*free_f)(void *) noexcept nogil
ctypedef void *(*from_pattern_f)(void *, void *) noexcept nogil
ctypedef void *(*create_f)(void *) noexcept nogil
ctypedef int (*extra_f)(void *, uint32_t) noexcept nogil
ctypedef int (*message_f)(int, char *, size_t) noexcept nogil

cdef void *functions[N_NAMES]
cdef void *context = NULL       # how all patterns are compiled

NOT_THERE = re.compile(rb"(?s)\\Q.*?(?:\\E|\Z)|\\([LlUu]|N\{)|\\.|\\")
"""What the first PCRE refuses: case conversions and named characters, outside of ``\\Q…\\E``."""


def load() -> None:
    """Make the library ready, once. Raises OSError."""
    global context
    cdef void *library
    cdef void *found[N_NAMES]
    cdef int i
    if context is not NULL:
        return
    library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL)
    if library is NULL:
        raise OSError(f"the library {LIBRARY.decode()} is not there (Debian: libpcre2-8-0)")
    for i, name in enumerate(NAMES):
        found[i] = dlsym(library, name)
        if found[i] is NULL:
            raise OSError(f"the library {LIBRARY.decode()} has no {name.decode()}")
    for i in range(N_NAMES):
        functions[i] = found[i]
    context = (<create_f>functions[5])(NULL)
    if context is NULL:
        raise MemoryError
    (<extra_f>functions[6])(context, BAD_ESCAPE_IS_LITERAL)


cdef class Pcre:
    """A compiled expression; ``load`` comes first."""

    cdef void *code
    cdef void *data             # where the library notes what it found

    def __init__(self, bytes pattern not None, uint32_t options=0):
        """Raises ValueError with the library's message and the place in the pattern."""
        cdef int error = 0
        cdef size_t at = 0
        cdef char message[256]
        for found in NOT_THERE.finditer(pattern):
            if found[1]:
                raise ValueError(
                    f"pcre compilation of {pattern!r} failed at offset {found.end()}: "
                    "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u"
                )
        self.code = (<compile_f>functions[0])(
            pattern, len(pattern), options, &error, &at, context
        )
        if self.code is NULL:
            (<message_f>functions[7])(error, message, sizeof(message))
            raise ValueError(
                f"pcre compilation of {pattern!r} failed at offset {at}: "
                f"{(<bytes>message).decode(errors='replace')}"
            )
        self.data = (<from_pattern_f>functions[3])(self.code, NULL)
        if self.data is NULL:
            raise MemoryError

    def __dealloc__(self):
        if self.data is not NULL:
            (<free_f>functions[4])(self.data)
        if self.code is not NULL:
            (<free_f>functions[2])(self.code)

    def match(self, bytes subject not None) -> bool:
        """Does it match anywhere in the subject? What goes beyond the library's limits does not."""
        return (<match_f>functions[1])(
            self.code, subject, len(subject), 0, 0, self.data, NULL
        ) >= 0


cdef struct texts_t:
    gen_lock_t lock
    uint64_t generation         # of what is stored
    char *s                     # the texts, a NUL after each
    uint32_t len


cdef class SharedTexts:
    """Texts without NUL that every process sees; made before the fork."""

    cdef texts_t *t

    def __init__(self):
        self.t = <texts_t *>shm_mallocxz(sizeof(texts_t))
        if self.t is NULL:
            raise MemoryError("no shared memory for texts")
        lock_init(&self.t.lock)
        shm_publish(self.t)

    cdef void _lock(self) noexcept nogil:
        if lock_get(&self.t.lock, SITE_PCRE) == LOCK_DIED and self.t.s is not NULL:
            shm_publish(self.t.s)

    @property
    def generation(self) -> int:
        """It grows when others are stored."""
        return self.t.generation

    def store(self, list texts not None) -> None:
        """Replace them all. Raises MemoryError."""
        cdef bytes joined = b"".join(text + b"\0" for text in texts)
        cdef uint32_t len_ = <uint32_t>len(joined)
        cdef char *s = <char *>shm_malloc(len_ + 1)
        cdef char *before
        if s is NULL:
            raise MemoryError("no shared memory for texts")
        memcpy(s, <const char *>joined, len_)
        self._lock()
        before = self.t.s
        self.t.len = 0          # should this process end here, there are none
        self.t.s = s
        shm_publish(s)
        self.t.len = len_
        self.t.generation += 1
        shm_free(before)
        lock_release(&self.t.lock)

    def read(self) -> tuple:
        """(generation, texts)."""
        cdef bytes joined
        cdef list texts
        self._lock()
        generation = self.t.generation
        joined = self.t.s[:self.t.len] if self.t.len else b""
        lock_release(&self.t.lock)
        texts = joined.split(b"\0")
        texts.pop()
        return generation, texts
