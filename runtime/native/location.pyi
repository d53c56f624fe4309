from typing import NamedTuple

class Contact(NamedTuple):
    aor: bytes
    contact: bytes
    received: bytes | None
    path: bytes | None
    callid: bytes
    user_agent: bytes
    instance: bytes | None
    ruid: bytes
    expires: int
    last_modified: int
    q: int
    cseq: int
    reg_id: int
    connection_id: int
    server_id: int
    cflags: int
    methods: int
    socket: bytes | None
    flags: int
    state: int
    keepalive: int = 0
    last_keepalive: int = 0
    version: int = 0

class Domain:
    def __init__(
        self, name: bytes, size: int, *, write_back: bool = ..., by_process: bool = ...
    ) -> None: ...
    @property
    def name(self) -> bytes: ...
    @property
    def size(self) -> int: ...
    matching_mode: int
    cseq_delay: int
    desc_time_order: bool
    handle_lost_tcp: bool
    nat_flag: int
    def counts(self) -> tuple[int, int, int]: ...
    def put(self, row: Contact, state: int = ...) -> bool: ...
    def add(self, row: Contact) -> Contact | None: ...
    def record(self, aor: bytes) -> list[Contact]: ...
    def bucket(self, index: int) -> list[list[Contact]]: ...
    def remove(self, aor: bytes, *, ruid: bytes | None = ...) -> list[Contact]: ...
    def remove_match(self, row: Contact) -> Contact | None: ...
    def clear(self) -> None: ...

def hash_of(aor: bytes) -> int: ...
