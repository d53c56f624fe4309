"""What no table under this build shows: read by hand, with the first version it holds for."""

from __future__ import annotations

from typing import Any

_QUIRKS: list[Any] = [["provider_quirks_config", "str", 0, None], ["provider_quirks", "int", 0, 0]]
_CHAIN: list[Any] = [["cert", "verified_cert_chain", "ssl_verified_cert_chain", "I"]]

EXTRA: tuple[tuple[str, str, list[Any], tuple[int, int]], ...] = (
    # where OpenSSL is new enough: neither the engine's parameters nor the provider's are wrong
    ("tls", "params", _QUIRKS, (5, 7)),
    ("tlsa", "params", _QUIRKS, (5, 7)),
    ("tls", "selects", _CHAIN, (5, 4)),
    ("tlsa", "selects", _CHAIN, (5, 4)),
    # event routes whose names are put together at run time
    ("tm", "event_routes", ["tm:branch-failure:*"], (4, 1)),
    ("kazoo", "event_routes", ["kazoo:consumer-event-*"], (4, 0)),
    ("nsq", "event_routes", ["nsq:consumer-event-*"], (5, 0)),
    ("erlang", "event_routes", ["erlang:*"], (4, 0)),
    ("nats", "event_routes", ["nats:*"], (5, 0)),
    ("evrexec", "event_routes", ["evrexec:*"], (5, 0)),
)
"""Module, table of the catalog, rows, first version."""

REQUIRES: dict[str, tuple[str, ...]] = {
    "cdp_avp": ("cdp",),
    "cplc": ("tm",),
    "dialog": ("pv",),
    "dialplan": ("pv",),
    "ims_charging": ("cdp_avp",),
    "ims_dialog": ("pv",),
    "ims_diameter_server": ("cdp_avp",),
    "ims_icscf": ("cdp_avp",),
    "ims_ipsec_pcscf": ("ims_usrloc_pcscf",),
    "ims_isc": ("ims_usrloc_scscf",),
    "ims_ocs": ("cdp_avp",),
    "ims_qos": ("cdp_avp", "ims_usrloc_pcscf"),
    "ims_registrar_pcscf": ("ims_ipsec_pcscf", "ims_usrloc_pcscf"),
    "ims_registrar_scscf": ("cdp_avp", "ims_usrloc_scscf"),
    "ims_usrloc_scscf": ("presence",),
    "janssonrpcc": ("jansson",),
    "jsonrpcc": ("tm",),
    "kazoo": ("tm",),
    "mohqueue": ("rr", "rtpproxy", "sl", "tm"),
    "mtree": ("pv",),
}
"""Modules without which 5.6.3 does not start with a module: found by leaving each out."""

NOT_REQUIRED: frozenset[tuple[str, str]] = frozenset(
    (("mediaproxy", "dialog"), ("nat_traversal", "dialog"))
)
"""Interfaces that are bound in ``mod_init``, and that a module starts without."""
