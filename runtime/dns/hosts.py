"""The hosts file: names and addresses without any DNS server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hosts:
    """Both directions of a hosts file; names are lower case."""

    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_hosts(path: str = "/etc/hosts") -> Hosts:
    """Read a hosts file; lines that are none are skipped, a missing file is empty."""
    addresses: dict[str, tuple[str, ...]] = {}
    names: dict[str, tuple[str, ...]] = {}
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return Hosts()
    for line in lines:
        words = line.split("#", 1)[0].split()
        if len(words) < 2:
            continue
        try:
            address = str(ipaddress.ip_address(words[0]))
        except ValueError:
            continue
        for name in words[1:]:
            key = name.lower()
            addresses[key] = (*addresses.get(key, ()), address)
        names[address] = (*names.get(address, ()), *words[1:])
    return Hosts(addresses, names)
