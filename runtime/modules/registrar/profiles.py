"""``$ulc(profile=>attribute)``: contacts that were fetched, or that expired (``regpv.c``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runtime.native.location import Contact, hash_of
from runtime.script.values import Value, unsigned

EXPIRED = b"exp"
"""The profile of ``event_route[usrloc:contact-expired]``."""

STREAMS = (b"tcp:", b"tls:", b"ws:", b"wss:")


@dataclass(frozen=True, slots=True)
class Profile:
    """Contacts of one AOR."""

    aor: bytes
    domain: bytes
    contacts: tuple[Contact, ...]


def _connection(contact: Contact) -> Value:
    over_stream = contact.socket is not None and contact.socket.startswith(STREAMS)
    return contact.connection_id if over_stream else None


_OF_CONTACT: dict[bytes, Callable[[Contact], Value]] = {
    b"addr": lambda c: c.contact,
    b"path": lambda c: c.path or b"",
    b"received": lambda c: c.received or b"",
    b"expires": lambda c: unsigned(c.expires),
    b"callid": lambda c: c.callid,
    b"q": lambda c: c.q,
    b"cseq": lambda c: c.cseq,
    b"flags": lambda c: c.flags,
    b"cflags": lambda c: unsigned(c.cflags),
    b"user_agent": lambda c: c.user_agent,
    b"socket": lambda c: c.socket,
    b"modified": lambda c: unsigned(c.last_modified),
    b"methods": lambda c: unsigned(c.methods),
    b"ruid": lambda c: c.ruid,
    b"regid": lambda c: c.reg_id,
    b"instance": lambda c: c.instance,
    b"conid": _connection,
    b"server_id": lambda c: unsigned(c.server_id),
}


class Profiles:
    """The profiles of one process."""

    def __init__(self) -> None:
        self._by_name: dict[bytes, Profile] = {}

    def set(self, name: bytes, profile: Profile) -> None:
        """Fill a profile."""
        self._by_name[name] = profile

    def free(self, name: bytes) -> None:
        """Empty a profile."""
        self._by_name.pop(name, None)

    def read(self, name: bytes, index: int) -> Value:
        """``name`` is ``profile=>attribute``; no such contact gives null."""
        profile_name, _, attribute = name.partition(b"=>")
        profile = self._by_name.get(profile_name)
        if profile is None or not profile.contacts:
            return None
        index = max(index, 0)
        if index >= len(profile.contacts):
            return None
        if attribute == b"aor":
            return profile.aor
        if attribute == b"domain":
            return profile.domain
        if attribute == b"aorhash":
            return unsigned(hash_of(profile.aor))
        if attribute == b"count":
            return len(profile.contacts)
        read = _OF_CONTACT.get(attribute)
        return None if read is None else read(profile.contacts[index])
