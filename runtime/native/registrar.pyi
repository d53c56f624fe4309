from runtime.native.location import Contact, Domain
from runtime.native.sipmsg import SipMsg

class Registrar:
    min_expires_mode: int
    contact_max_size: int
    gruu_enabled: bool
    server_id: int
    @property
    def error(self) -> int: ...
    def __init__(
        self,
        *,
        handles: tuple[int, int, int, int, int, int, int],
        received_param: bytes,
        realm_prefix: bytes,
        use_domain: bool,
        case_sensitive: int,
    ) -> None: ...
    def save(
        self,
        msg: SipMsg,
        domain: Domain,
        flags: int,
        uri: bytes | None,
        received: bytes | None,
        path: bytes | None,
        changes: list[tuple[str, Contact]] | None,
    ) -> int: ...

def make_ruid() -> bytes: ...
