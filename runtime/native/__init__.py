"""The hot path: Cython, one topic a file, C structs in shared memory.

Order of dependence (a file cimports only from those before it):
``cstr``, ``shm``, ``proc``, ``lock``, ``fault``, ``stats``, ``timer``, ``net``, ``uri``, ``msg``,
``hdrs``, ``lump``, ``build``, ``clone``, ``sipmsg``, ``udp``, ``tcp``, ``send``, ``tm_*``, ``location``.
"""
