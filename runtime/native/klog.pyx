"""Log lines from native code, handed to the sink that ``runtime.server.log`` sets."""

import sys

cdef object sink = None


cpdef say(int level, str place, str text):
    """Log ``text`` of native topic ``place`` at Kamailio's ``level``; stderr before there is a sink."""
    if sink is None:
        print(f"{place}: {text}", file=sys.stderr)
    else:
        sink(level, place, text)


def set_sink(function) -> None:
    """``function(level, place, text)`` gets every line of this process."""
    global sink
    sink = function
