"""The fixed part of To-tags (``core/tags.h``): one for each signature and first socket."""

from __future__ import annotations

import hashlib

from runtime.native.net import socket_list


def tag_base(signature: bytes) -> bytes:
    """32 hex digits, the same after a restart on the same socket."""
    sockets = socket_list()
    where = b"%s%d" % (sockets[0][2], sockets[0][3]) if sockets else b""
    return hashlib.md5(signature + where, usedforsecurity=False).hexdigest().encode()
