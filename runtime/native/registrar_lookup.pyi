from runtime.native.location import Contact, Domain
from runtime.native.sipmsg import SipMsg

class Lookup:
    method_filtering: bool
    path_check_local: bool
    filter_mode: int
    filter_bflags: int
    reported: list[Contact] | None
    def __init__(
        self,
        *,
        handles: tuple[int, int, int],
        realm_prefix: bytes,
        use_domain: bool,
    ) -> None: ...
    def lookup(
        self, msg: SipMsg, domain: Domain, uri: bytes | None, rewrite: bool = ...
    ) -> int: ...
    def lookup_branches(self, msg: SipMsg, domain: Domain) -> int: ...
