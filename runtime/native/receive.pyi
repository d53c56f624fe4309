from collections.abc import Callable

from runtime.native.sipmsg import SipMsg

METHODS: tuple[str, ...]
SENT: tuple[str, ...]
CODES: tuple[str, ...]
SPECIAL: tuple[int, ...]

def init(*, via_check: bool, aliases: bool, parser_log_level: int) -> None: ...
def set_routes(
    request: Callable[[SipMsg], int],
    reply: Callable[[SipMsg], int] | None,
    error: Callable[[BaseException], None],
    *,
    exit_value: int,
    drop_value: int,
) -> None: ...
def current_msg() -> SipMsg | None: ...
def inject(data: bytes, src_ip: bytes, src_port: int, index: int) -> int: ...
