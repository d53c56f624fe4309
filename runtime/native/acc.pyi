from collections.abc import Callable

from runtime.native.sipmsg import SipMsg

ANSWERED: int
MISSED: int
ACKED: int

def register(
    record: Callable[[int, SipMsg, SipMsg | None, int, int, bytes, bytes], None],
    upstream: Callable[[SipMsg], bool] | None,
    *,
    acc_flags: int,
    missed_flags: int,
    failed_flags: int,
    prepare_flags: int,
    always: bool,
    cancels: bool,
    ack: bool,
    media: bool,
    avps: bool,
    skip_codes: tuple[int, ...],
) -> None: ...
def is_upstream(msg: SipMsg) -> bool: ...
