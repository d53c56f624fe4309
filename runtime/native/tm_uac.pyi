from collections.abc import Callable
from typing import Final

from runtime.native.sipmsg import SipMsg

DROPPED: Final[int]

def set_local_request(function: Callable[[SipMsg], int] | None) -> None: ...
def find_socket(text: bytes) -> bool: ...
def send(
    method: bytes,
    line: bytes,
    headers: bytes,
    next_hop: bytes,
    callid: bytes,
    cseq: bytes,
    socket: bytes,
    callback: int,
    types: int,
    param: int,
) -> tuple[int, int] | int: ...
def hold(data: bytes) -> int: ...
def held(handle: int) -> bytes: ...
def fill(handle: int, data: bytes) -> None: ...
def release(handle: int) -> None: ...
