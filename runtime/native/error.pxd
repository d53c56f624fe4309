# The last internal error (error.c): one a process, forgotten by each statement that begins.
cdef enum:                      # core/error.h
    E_OK = 0
    E_UNSPEC = -1
    E_OUT_OF_MEM = -2
    E_BUG = -5
    E_CFG = -6
    E_NO_SOCKET = -7
    E_BAD_VIA = -8
    E_BAD_TUPEL = -9
    E_SCRIPT = -10
    E_TOO_MANY_BRANCHES = -12
    E_BAD_REQ = -400
    E_SEND = -477
    E_BAD_ADDRESS = -478
    E_BAD_URI = -479
    E_CANCELED = -487

cdef int get_ser_error() noexcept nogil                 # E_* of the last thing that failed
cdef void set_ser_error(int code) noexcept nogil
