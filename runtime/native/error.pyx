"""The last internal error of a process (Kamailio's ``ser_error``), for ``sl_reply_error``."""

cdef int ser_error = E_UNSPEC


cdef int get_ser_error() noexcept nogil:
    return ser_error


cdef void set_ser_error(int code) noexcept nogil:
    global ser_error
    ser_error = code


def forget_error() -> None:
    """A statement begins: what failed before it is no longer known (``do_action``)."""
    set_ser_error(E_UNSPEC)
