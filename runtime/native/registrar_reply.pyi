from runtime.native.sipmsg import SipMsg

class Answer:
    gruu_enabled: bool
    path_mode: int
    outbound_mode: int
    flow_timer: int
    def __init__(self, *, handles: tuple[int, int], received_param: bytes) -> None: ...
    def prepare(self, msg: SipMsg, error: int) -> int: ...
    def explain(self, msg: SipMsg, code: int, text: bytes) -> None: ...
