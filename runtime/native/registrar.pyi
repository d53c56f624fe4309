from runtime.native.location import Contact, Domain
from runtime.native.registrar_reply import Answer
from runtime.native.sipmsg import SipMsg

class Registrar:
    min_expires_mode: int
    contact_max_size: int
    server_id: int
    use_path: bool
    path_mode: int
    path_use_received: bool
    regid_mode: int
    reported: list[Contact] | None
    x_expires: int
    x_q: int
    x_max_contacts: int
    x_socket: int
    @property
    def error(self) -> int: ...
    def __init__(
        self,
        *,
        handles: tuple[int, int, int, int, int, int, int, int],
        answer: Answer,
        realm_prefix: bytes,
        use_domain: bool,
    ) -> None: ...
    def reset_overrides(self) -> None: ...
    def save(
        self,
        msg: SipMsg,
        domain: Domain,
        flags: int,
        uri: bytes | None,
        received: bytes | None,
        changes: list[tuple[str, Contact]] | None,
    ) -> int: ...
