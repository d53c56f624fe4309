"""SIP messages as test agents need them: build one, and parse enough of one to answer it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

COMPACT = {
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "v": "via",
}

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message. Text is latin-1, so that every octet survives; folded lines are joined."""

    raw: bytes
    start: str
    headers: tuple[Header, ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Values of every header field `name`, in order; short names count as their long ones."""
        wanted = _canonical(name)
        return [value for key, value in self.headers if _canonical(key) == wanted]

    def one(self, name: str) -> str:
        """Value of the first header field `name`; KeyError when there is none."""
        values = self.all(name)
        if not values:
            raise KeyError(name)
        return values[0]

    @property
    def is_reply(self) -> bool:
        return self.start.startswith("SIP/2.0 ")

    @property
    def status(self) -> int:
        """Status code of a reply, 0 of a request."""
        code = self.start[8:11]
        return int(code) if self.is_reply and code.isdigit() else 0

    @property
    def method(self) -> str:
        """Method of a request; of a reply, the one that its CSeq names."""
        return self.one("CSeq").split()[1] if self.is_reply else self.start.partition(" ")[0]

    @property
    def uri(self) -> str:
        """Request-URI."""
        return self.start.split()[1]

    @property
    def what(self) -> str:
        """`"INVITE"` or `"180"`: what a test expects a message to be."""
        return self.start[8:11] if self.is_reply else self.method


def _canonical(name: str) -> str:
    lower = name.strip().lower()
    return COMPACT.get(lower, lower)


def parse(raw: bytes) -> Message:
    """Lenient: a line without a colon becomes a header field with an empty value."""
    head, _, body = raw.partition(b"\r\n\r\n")
    text = re.sub(r"\r\n[ \t]+", " ", head.decode("latin-1"))
    start, *lines = text.split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    return Message(raw, start, tuple(headers), body)


def build(start: str, headers: Iterable[Header], body: str = "") -> bytes:
    """A message with these header fields as they stand; nothing is added."""
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def addr_uri(value: str) -> str:
    """The URI inside a name-addr or addr-spec header value."""
    match = re.search(r"<([^>]*)>", value)
    return match.group(1) if match else value.split(";")[0].strip()


def split_list(value: str) -> list[str]:
    """A comma-separated header value in its parts (commas in <> and quotes kept)."""
    return [p.strip() for p in re.findall(r'(?:"(?:\\.|[^"])*"|<[^>]*>|[^,<"])+', value)]
