"""Digest answers to a challenge (RFC 2617 3.2.2, MD5, with and without qop=auth)."""

import hashlib
import re

from tests.runtime.agents.message import Message

CNONCE, NONCE_COUNT = "0a4f113b", "00000001"


def challenge(reply: Message) -> dict[str, str]:
    """Parameters of the first WWW- or Proxy-Authenticate field of a 401 or 407."""
    name = "WWW-Authenticate" if reply.status == 401 else "Proxy-Authenticate"
    pairs = re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', reply.one(name))
    return {key.lower(): quoted or plain for key, quoted, plain in pairs}


def credentials(asked: dict[str, str], method: str, uri: str, user: str, password: str) -> str:
    """Value for an Authorization or Proxy-Authorization field."""
    ha1 = _md5(f"{user}:{asked['realm']}:{password}")
    ha2 = _md5(f"{method}:{uri}")
    fields = [
        f'username="{user}"',
        f'realm="{asked["realm"]}"',
        f'nonce="{asked["nonce"]}"',
        f'uri="{uri}"',
    ]
    if "qop" in asked:
        answer = _md5(f"{ha1}:{asked['nonce']}:{NONCE_COUNT}:{CNONCE}:auth:{ha2}")
        fields += ["qop=auth", f"nc={NONCE_COUNT}", f'cnonce="{CNONCE}"']
    else:
        answer = _md5(f"{ha1}:{asked['nonce']}:{ha2}")
    fields += [f'response="{answer}"', "algorithm=MD5"]
    return "Digest " + ", ".join(fields)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("latin-1")).hexdigest()
