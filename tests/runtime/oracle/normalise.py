"""What two correct runs may differ in, and nothing else.

Tokens that a server invents (never sent by a phone before) become numbered labels, the same
label for the same token, so that a CANCEL must still carry the branch of its INVITE:

  branch     `branch=z9hG4bK...` without the branch index at its end       <branch-N>.0
  tag        `tag=...`                                                     <tag-N>
  nonce      `nonce="..."` in a challenge                                  <nonce-N>
  GRUU       `gr=...`, `sip:tgruu...@`                                     <gruu-N>
  connection `;i=...` in a Via of a TCP connection                         <conn-N>

And the rest:

  ports      of the scenario's sockets, after ":" or "rport=" or "received=...:"   <alice>, <server>
  Server, User-Agent   values that the server puts in itself               <server-name>
  response   in credentials: follows from the nonce                        <response>
  expires    of a Contact in a reply to REGISTER: seconds that passed meanwhile; rounded up to ten

Order and spelling of header fields, spaces, bodies, Content-Length: equal byte for byte.
"""

import re
from collections.abc import Mapping

from tests.runtime.oracle.transcript import Entry

TOKENS = (
    ("branch", re.compile(rb"branch=(z9hG4bK[^;,\s]*?)(?=\.\d+(?:[;,\s]|$)|[;,\s]|$)")),
    ("tag", re.compile(rb"tag=([^;,\s>]+)")),
    ("nonce", re.compile(rb'nonce="([^"]+)"')),
    ("gruu", re.compile(rb"(?:gr=|sip:)(tgruu\.[^@;>\"]+|urn:[^;>\"\s]+)")),
    ("conn", re.compile(rb"Via:[^\r]*;i=([0-9a-f]+)")),
)
SOFTWARE = re.compile(rb"(?im)^((?:Server|User-Agent): )([^\r\n]+)")
RESPONSE = re.compile(rb'(?<=response=")[0-9a-f]{32}(?=")')
CONTACT_EXPIRES = re.compile(rb"(?im)^Contact:[^\r\n]+")
EXPIRES = re.compile(rb"(?<=;expires=)\d+")


def normalise(entries: list[Entry], ports: Mapping[str, int]) -> list[Entry]:
    """The same entries with the above replaced; `ports` are the sockets' names."""
    labels: dict[bytes, bytes] = {}
    counts: dict[str, int] = {}
    sent = b""
    result = []
    for entry in entries:
        if entry.direction == ">":
            sent += entry.data
        else:
            for kind, pattern in TOKENS:
                for token in pattern.findall(entry.data):
                    if token not in labels and token not in sent:
                        counts[kind] = counts.get(kind, 0) + 1
                        labels[token] = f"<{kind}-{counts[kind]}>".encode()
        data = entry.data
        for token in sorted(labels, key=len, reverse=True):
            data = data.replace(token, labels[token])
        data = RESPONSE.sub(b"<response>", data)
        if entry.direction == "<":
            data = SOFTWARE.sub(lambda m: m[0] if m[2] in sent else m[1] + b"<server-name>", data)
            data = CONTACT_EXPIRES.sub(lambda m: EXPIRES.sub(_round_up, m[0]), data)
        for name, port in ports.items():
            data = re.sub(rb"(?<=[:=])%d(?!\d)" % port, f"<{name}>".encode(), data)
        result.append(Entry(entry.who, entry.direction, data))
    return result


def _round_up(match: re.Match[bytes]) -> bytes:
    return b"%d" % (-(-int(match[0]) // 10) * 10)
