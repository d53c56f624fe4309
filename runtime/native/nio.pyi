from collections.abc import Callable

from runtime.native.sipmsg import SipMsg

def intercept(function: Callable[[SipMsg, bool], bytes | None], at_least: int) -> None: ...
