"""Which selects of the core are built (``select_core.h``); read by the compiler."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
ruri request_uri dst_uri next_hop from f to t refer_to remote_party_id rpid contact m via
v event record_route rr cseq msg message method version status code reason
proxy_authorization authorization src dst received call_id expires max_forwards
content_type content_length subject organization priority session_expires min_se
user_agent sip_if_match sys branch date identity identity_info
"""
SELECTS: Final = frozenset(_NAMES.split())
"""The first name of each."""
