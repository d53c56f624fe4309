from runtime.native.location import Contact, Domain
from runtime.native.sipmsg import SipMsg

class Lookup:
    method_filtering: bool
    path_check_local: bool
    def __init__(
        self,
        *,
        handles: tuple[int, int],
        realm_prefix: bytes,
        use_domain: bool,
        case_sensitive: int,
    ) -> None: ...
    def lookup(self, msg: SipMsg, domain: Domain, uri: bytes | None) -> int: ...
    def contacts(self, msg: SipMsg, domain: Domain, uri: bytes | None) -> list[Contact] | None: ...
