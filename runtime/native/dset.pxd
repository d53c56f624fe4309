# Destination set and r-URI edits (dset.c; SET_*, PREFIX, STRIP actions of action.c).
from libc.stdint cimport uint32_t
from runtime.native.cstr cimport str_t
from runtime.native.msg cimport branch_t, sip_msg
from runtime.native.net cimport socket_info

cdef enum:                  # what part of the r-URI edit_ruri sets
    SET_HOST_T = 1          # port and parameters stay
    SET_HOSTPORT_T = 2      # the port goes
    SET_USER_T = 3
    SET_USERPASS_T = 4
    SET_PORT_T = 5
    SET_URI_T = 6
    SET_HOSTPORTTRANS_T = 7
    SET_HOSTALL_T = 8
    SET_USERPHONE_T = 9
    PREFIX_T = 10
    STRIP_T = 11            # takes number
    STRIP_TAIL_T = 12

cdef int edit_ruri(sip_msg *msg, int what, const char *s, int len, int number) noexcept nogil   # 1, -1
cdef int rewrite_uri(sip_msg *msg, const char *s, int len) noexcept nogil                        # 1, -1
# A new branch with the current r-URI (uri NULL or empty) or another; NULL: too many, or no memory.
# The caller fills in what else it knows; strings are copied with arena_str.
cdef branch_t *append_branch(sip_msg *msg, const char *uri, int len) noexcept nogil
cdef void clear_branches(sip_msg *msg) noexcept nogil
cdef void drop_branch(sip_msg *msg, int index) noexcept nogil                                    # negative: from the end
cdef int max_branches       # core parameter, with the r-URI's own
