# Log lines from native code; the server's logger is the sink. With the GIL.
cpdef say(int level, str place, str text)
