"""The hot path: Cython, one topic a file, C structs in shared memory.

Order of dependence (a file cimports only from those before it):
``cstr``, ``shm``, ``proc``, ``lock``, ``fault``, ``stats``, ``timer``, ``net``, ``uri``,
``scan``, ``msg``, ``hdrs``, ``lump``, ``render``, ``via_text``, ``build``, ``dset``,
``sipmsg_line``, ``sipmsg_hdrs``, ``sipmsg``, ``clone``, ``rr_record``, ``rr``, ``udp``, ``tcp``,
``send``, ``tm_*``, ``location``.
"""
