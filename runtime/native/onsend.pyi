from collections.abc import Callable

from runtime.native.sipmsg import SipMsg

def set_route(
    function: Callable[[SipMsg], int],
    error: Callable[[BaseException], None],
    current: Callable[[], SipMsg | None],
    *,
    drop_value: int,
    on_replies: bool,
) -> None: ...
def destination() -> tuple[bytes, int] | None: ...
def source() -> tuple[bytes, int, int, int, bytes] | None: ...
def octets() -> bytes | None: ...
