"""Whether the request has a transaction."""

from __future__ import annotations

from typing import Final, NamedTuple

from kcc.checks import functions
from kcc.checks.context import Context
from kcc.checks.paths import Move, Step, Track
from kcc.syntax import ast

_MAKERS: Final[functions.Table] = {
    "tm": "t_newtran t_check_trans t_lookup_request t_lookup_cancel t_retransmit_reply",
    "tmx": "t_suspend t_precheck_trans t_continue",
    "dialog": "dlg_bridge dlg_refer",
    "async": "async_route async_ms_route async_task_route async_task_group_route async_sleep "
    "async_ms_sleep",
    "http_async_client": "http_async_query",
    "presence": "handle_publish handle_subscribe",
    "rls": "rls_handle_subscribe",
    "osp": "requestosprouting",
    "ims_icscf": "I_perform_user_authorization_request I_perform_location_information_request",
    "ims_registrar_scscf": "save assign_server_unreg",
    "ims_auth": "ims_www_challenge ims_proxy_challenge",
    "ims_qos": "Rx_AAR Rx_AAR_Register",
    "ims_charging": "Ro_CCR",
    "rtp_media_server": "rms_answer rms_sdp_offer rms_sdp_answer rms_sip_request",
}


class Replied(NamedTuple):
    """``t_reply`` is called (its id), with a transaction or without."""

    call: int
    exists: bool


class Transactions(Track):
    """The value is whether there is one."""

    start = False

    def __init__(self, context: Context) -> None:
        self._makers: Final = frozenset().union(
            *(
                functions.loaded(table, context)
                for table in (_MAKERS, functions.RELAYS, functions.SCRIPTS, functions.OTHERS)
            )
        )
        self._replies: Final = functions.loaded({"tm": "t_reply"}, context)
        self.names = self._makers | self._replies
        self.calls: Final[dict[int, ast.Call]] = {}

    def call(self, node: ast.Call) -> Step | None:
        if node.name in self._makers:
            return _made
        if node.name not in self._replies:
            return None
        self.calls[id(node)] = node

        def step(value: bool) -> Move:
            return Move((value,), (value,), (Replied(id(node), value),))

        return step


def _made(value: bool) -> Move:
    """What fails may have made one as well."""
    return Move((True,), (True,))
