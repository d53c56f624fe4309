"""What two correct runs may differ in, and nothing else.

Tokens that a server invents (no phone sent them before) become numbered labels, the same label for
the same token, so that a CANCEL must still carry the branch of its INVITE:

  branch   `branch=z9hG4bK...` up to the branch index at its end     <branch-N>.0
  tag      `tag=...`                                                 <tag-N>
  ruid     `sip:uloc-...@` of a temporary GRUU                       <ruid-N>
  conn     `;i=...` in a Via: the TCP connection it came from        <conn-N>

And the rest:

  nonce    `nonce="..."` that the server made: it follows the clock  <nonce>
  ports    of the scenario's sockets, after ":" or "="               <alice>, <server>
  names    in Server and User-Agent fields that no phone sent        <server-name>
  response in credentials, since it follows from the nonce           <response>
  expires  of Contacts in what comes from the server: rounded up to ten, for seconds gone by

Order and spelling of header fields, spaces, bodies, Content-Length: equal byte for byte.
"""

import re
from collections.abc import Mapping

from tests.runtime.oracle.transcript import Entry

TOKENS = (
    ("branch", re.compile(rb"(branch=)(z9hG4bK[^;,\s]*?)(?=\.\d+(?:[;,\s]|$)|[;,\s]|$)")),
    ("tag", re.compile(rb"(tag=)([^;,\s>]+)")),
    ("nonce", re.compile(rb'(nonce=")([^"]+)')),
    ("ruid", re.compile(rb"(sip:)(uloc-[^@;>\"]+)")),
    ("conn", re.compile(rb"(?m)(^Via: [^\r\n]*;i=)([0-9a-f]+)")),
)
SOFTWARE = re.compile(rb"(?im)^((?:Server|User-Agent): )([^\r\n]+)")
RESPONSE = re.compile(rb'(?<=response=")[0-9a-f]{32}(?=")')
CONTACT = re.compile(rb"(?im)^Contact:[^\r\n]+")
EXPIRES = re.compile(rb"(?<=;expires=)\d+")


def normalise(entries: list[Entry], ports: Mapping[str, int]) -> list[Entry]:
    """The same entries with the above replaced; `ports` are the sockets' names."""
    labels: dict[tuple[str, bytes], bytes] = {}
    counts: dict[str, int] = {}
    sent = b""
    result = []
    for entry in entries:
        received = entry.direction == "<"
        data = entry.data
        for kind, pattern in TOKENS:
            for _, token in pattern.findall(entry.data):
                if (kind, token) not in labels:
                    counts[kind] = counts.get(kind, 0) + received
                    number = "" if kind == "nonce" else f"-{counts[kind]}"
                    labels[kind, token] = f"<{kind}{number}>".encode() if received else token
                data = _relabel(pattern, data, token, labels[kind, token])
        data = RESPONSE.sub(b"<response>", data)
        if received:
            for name in {match[2] for match in SOFTWARE.finditer(data)}:
                if name not in sent:
                    data = _relabel(SOFTWARE, data, name, b"<server-name>")
            data = CONTACT.sub(lambda m: EXPIRES.sub(_round_up, m[0]), data)
        else:
            sent += entry.data
        for socket, port in ports.items():
            data = re.sub(rb"(?<=[:=])%d(?!\d)" % port, f"<{socket}>".encode(), data)
        result.append(Entry(entry.who, entry.direction, data))
    return result


def _relabel(pattern: re.Pattern[bytes], data: bytes, token: bytes, label: bytes) -> bytes:
    return pattern.sub(lambda m: m[1] + label if m[2] == token else m[0], data)


def _round_up(match: re.Match[bytes]) -> bytes:
    return b"%d" % (-(-int(match[0]) // 10) * 10)
