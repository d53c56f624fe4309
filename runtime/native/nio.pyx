"""What comes from and goes to the network, seen and changed by a hook (``corex/corex_nio.c``).

The hook gets each message before anything is parsed of it, with the AVPs of the script that it
arrives before, or that sends it.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from runtime.native.msg cimport arena_alloc, arena_free, arena_new, arena_t, msg_bare, sip_msg
from runtime.native.net cimport dest_info
from runtime.native.receive cimport carry_lists, next_lists, set_data_in, top_msg
from runtime.native.send cimport set_data_out
from runtime.native.sipmsg cimport SipMsg, wrap
from runtime.native.tm cimport get_t
from runtime.native.tm_hooks cimport get_route_msg, save_avps, swap_route_msg

from runtime.server.log import LM_ERR

cdef enum:
    BUF_SIZE = 65536

cdef object hook = None             # (SipMsg, incoming) -> bytes or None
cdef uint32_t least = 0             # octets of the shortest message that it sees
cdef bint busy = False              # the hook sends something itself: nobody sees that
cdef bytes sent = None              # what goes out instead, until it is queued


cdef bytes _seen(char *buf, uint32_t len, bint incoming, SipMsg lists):
    """What the hook makes of it, None: nothing. ``lists`` has the AVPs, None: there are none."""
    cdef arena_t *arena = arena_new()
    cdef sip_msg m
    cdef SipMsg msg
    if arena is NULL:
        return None
    msg_bare(&m, arena, buf, len)
    msg = wrap(&m)
    try:
        if lists is not None:
            msg.avps, msg.xavps, msg.xavis = lists.avps, lists.xavps, lists.xavis
        else:
            msg.avps, msg.xavps, msg.xavis = next_lists()
        other = hook(msg, incoming)
        if lists is not None:
            lists.avps, lists.xavps, lists.xavis = msg.avps, msg.xavps, msg.xavis
        else:
            carry_lists(msg)
        return other
    finally:
        msg.invalidate()
        arena_free(arena)


cdef int _data_in(arena_t *arena, char **buf, uint32_t *len) noexcept with gil:
    cdef bytes other
    cdef char *room
    cdef uint32_t size
    carry_lists(None)
    if len[0] < least:
        return 0
    try:
        other = _seen(buf[0], len[0], True, None)
    except Exception as error:
        LM_ERR("event_route[network:msg]: %r", error)
        return 0
    if other is None:
        return 0
    size = <uint32_t>PyBytes_GET_SIZE(other)
    if size >= BUF_SIZE:
        LM_ERR("event_route[network:msg]: %d octets are too many", size)
        return 0
    room = <char *>arena_alloc(arena, size + 1)
    if room is NULL:
        return 0
    memcpy(room, PyBytes_AS_STRING(other), size)
    room[size] = 0
    buf[0] = room
    len[0] = size
    return 0


cdef int _data_out(dest_info *dst, const char **buf, uint32_t *len) noexcept with gil:
    global busy, sent
    cdef SipMsg lists = get_route_msg()
    cdef bytearray room
    if busy or len[0] < least:
        return 0
    if lists is None:
        lists = top_msg()
    busy = True
    try:
        room = bytearray(buf[0][:len[0]] + b"\0")
        sent = _seen(room, len[0], False, lists)
        if lists is not None and lists is get_route_msg() and get_t() is not NULL:
            swap_route_msg(lists)       # it has lists now
            save_avps(get_t())
        if sent is not None:
            buf[0] = PyBytes_AS_STRING(sent)
            len[0] = <uint32_t>PyBytes_GET_SIZE(sent)
    except Exception as error:
        LM_ERR("event_route[network:msg]: %r", error)
    finally:
        busy = False
    return 0


def intercept(function, uint32_t at_least) -> None:
    """``function(msg, incoming)`` sees each message of so many octets or more, and may return
    others to go on in its place; before the fork."""
    global hook, least
    hook = function
    least = at_least
    set_data_in(_data_in)
    set_data_out(_data_out)
