"""The rr module: Record-Route and loose routing (``rr_mod.c``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runtime.declare.exports import Routes
from runtime.modules.rr.exports import EXPORTS
from runtime.native import rr, rr_record, uri
from runtime.script.pv import PvRef
from runtime.script.values import to_str
from runtime.server.log import LM_ERR
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.regex import Regex
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

RR_PRELOADED = -3
BRANCH = Routes.BRANCH.value


class Module(BaseModule):
    """Parameters are handed to the native code in ``mod_init``."""

    EXPORTS = EXPORTS

    append_fromtag: int
    enable_double_rr: int
    enable_full_lr: int
    add_username: int
    custom_user_avp: bytes | None
    force_send_socket: int
    ignore_sips: int
    sockname_mode: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._custom_user: PvRef | None = None
        self._callbacks: list[Callable[[SipMsg, bytes], None]] = []

    def mod_init(self) -> None:
        """Configure the native code."""
        rr.configure(
            enable_double_rr=bool(self.enable_double_rr),
            force_send_socket=bool(self.force_send_socket),
            sockname=bool(self.sockname_mode),
        )
        rr_record.configure(
            enable_double_rr=self.enable_double_rr,
            enable_full_lr=bool(self.enable_full_lr),
            ignore_sips_uris=bool(self.ignore_sips),
            sockname=bool(self.sockname_mode),
        )
        if self.custom_user_avp:
            self._custom_user = PvRef(self.server.pv, self.custom_user_avp)

    # script functions

    def loose_route(self, msg: SipMsg) -> int:
        """1 routed; -1 not; -3 a preloaded route set that ended here."""
        return self._follow(msg, 0)

    def loose_route_preloaded(self, msg: SipMsg) -> int:
        """1 where loose_route finds a preloaded route set."""
        return 1 if self._follow(msg, 0) == RR_PRELOADED else -1

    def loose_route_mode(self, msg: SipMsg, vmode: int) -> int:
        """Mode 1 never takes the previous hop for a strict router."""
        return self._follow(msg, vmode)

    def record_route(self, msg: SipMsg, sparams: bytes | None = None) -> int:
        """Add Record-Route header(s), with ``sparams`` as further parameters."""
        user = self._user(msg)
        if user is None:
            return -1
        upstream = bool(self.append_fromtag) and rr.upstream(msg)
        keep = msg.route_type != BRANCH
        done = rr_record.add_record_route(
            msg, user, bool(self.append_fromtag), upstream, sparams or b"", keep
        )
        if done < 0:
            LM_ERR("cannot record-route: done before, or no From or To")
        return done

    def record_route_preset(self, msg: SipMsg, string: bytes, string2: bytes | None = None) -> int:
        """Add Record-Route headers with given addresses."""
        user = self._user(msg)
        if user is None:
            return -1
        addresses = [string] if string2 is None else [string, string2]
        return rr_record.add_preset(msg, user, bool(self.append_fromtag), addresses)

    def record_route_advertised_address(self, msg: SipMsg, address: bytes) -> int:
        """Add Record-Route headers with a given address and the sockets' protocols."""
        user = self._user(msg)
        if user is None:
            return -1
        upstream = bool(self.append_fromtag) and rr.upstream(msg)
        return rr_record.add_advertised(msg, user, bool(self.append_fromtag), upstream, address)

    def add_rr_param(self, msg: SipMsg, msg_text: bytes) -> int:
        """Add a parameter to the Record-Route headers, present or to come."""
        return rr_record.add_param(msg, msg_text)

    def check_route_param(self, msg: SipMsg, msg_re: Regex) -> int:
        """Do the parameters of our Route entry match?"""
        params = rr.route_params(msg)
        return 1 if params is not None and msg_re.match(params) else -1

    def is_direction(self, msg: SipMsg, direction: bytes) -> int:
        """``downstream``: from caller to callee; ``upstream``: back."""
        upstream = direction.lower() == b"upstream"
        return 1 if rr.upstream(msg) == upstream else -1

    def remove_record_route(self, msg: SipMsg) -> int:
        """Take back Record-Route headers added to this message."""
        return rr_record.remove_record_route(msg)

    def rr_next_hop_route(self, msg: SipMsg) -> int:
        """Did loose_route find a further hop in the route set?"""
        return 1 if rr.next_hop_route(msg) else -1

    # pseudo-variables

    def pv_route_uri(self, msg: SipMsg) -> bytes | None:
        """URI of the first Route entry."""
        return rr.route_uri(msg)

    def pv_fti(self, msg: SipMsg) -> bytes | None:
        """From tag of the initial request."""
        return (msg.to_tag if rr.upstream(msg) else msg.from_tag) or None

    def pv_tti(self, msg: SipMsg) -> bytes | None:
        """To tag of the dialog, seen from the initial request."""
        return (msg.from_tag if rr.upstream(msg) else msg.to_tag) or None

    def pv_rdir(self, msg: SipMsg, name: bytes) -> bytes | int | None:
        """``name``: downstream or upstream; ``id``: 1 or 2."""
        upstream = rr.upstream(msg)
        if name == b"name":
            return b"upstream" if upstream else b"downstream"
        return 2 if upstream else 1

    # for other modules: runtime.modules.rr.api.RrApi

    def register_rr_callback(self, fn: Callable[[SipMsg, bytes], None]) -> None:
        """Call ``fn(msg, params)`` when loose_route met our Route entry with parameters."""
        self._callbacks.append(fn)

    def is_upstream(self, msg: SipMsg) -> bool:
        """Does the request go from callee to caller?"""
        return rr.upstream(msg)

    def get_route_param(self, msg: SipMsg, name: bytes) -> bytes | None:
        """A parameter of our Route entry; None: absent."""
        params = rr.route_params(msg)
        if params is None:
            return None
        try:
            return uri.param(params, name)
        except ValueError:
            return None

    def _follow(self, msg: SipMsg, mode: int) -> int:
        result, params = rr.follow(msg, mode)
        if params and result != -1:
            for fn in self._callbacks:
                fn(msg, params)
        return result

    def _user(self, msg: SipMsg) -> bytes | None:
        """What stands before the '@': empty for nothing, None for an error."""
        if not self.add_username:
            return b""
        if self._custom_user is not None:
            value = to_str(self._custom_user.get(msg))
            if value:
                return value
        return rr_record.ruri_user(msg)
