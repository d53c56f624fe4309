"""The uac module: From and To with another URI or name, and back again (``uac.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Routes
from runtime.modules.rr.api import RrApi
from runtime.modules.tm.module import Module as Tm
from runtime.modules.uac import codes, digest
from runtime.modules.uac.exports import EXPORTS
from runtime.modules.uac.send import Requests
from runtime.native import tm_pv, tm_uac, uac
from runtime.script.avp import AvpList, AvpName, avp_name
from runtime.script.pv import PvError, PvRef
from runtime.script.values import to_str
from runtime.server.errors import PlaceLike, StartError
from runtime.server.log import LM_ERR, LM_WARN
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.script.values import Value
    from runtime.server.server import Server

FROM, TO = False, True
NONE, MANUAL, AUTO = range(3)
HA1: Final = 1
MODES: Final = {b"": AUTO, b"none": NONE, b"manual": MANUAL, b"auto": AUTO}


def _avp(text: bytes | None, what: str) -> AvpName | None:
    """The name in ``$avp(name)``. Raises StartError."""
    if text is None:
        return None
    if text[:5] != b"$avp(" or text[-1:] != b")":
        raise StartError(f"{what} is an AVP, $avp(name), not {text.decode('utf-8', 'replace')}")
    try:
        return avp_name(text[5:-1])
    except ValueError as error:
        raise StartError(f"{what}: {error}") from None


class Module(BaseModule):
    """Replacing and restoring of From and To."""

    EXPORTS = EXPORTS

    rr_from_store_param: bytes
    rr_to_store_param: bytes
    restore_mode: bytes
    restore_passwd: bytes
    restore_from_avp: bytes | None
    restore_to_avp: bytes | None
    auth_username_avp: bytes | None
    auth_realm_avp: bytes | None
    auth_password_avp: bytes | None
    default_socket: bytes | None

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._mode = AUTO
        self._rr: RrApi | None = None
        self._avps: tuple[AvpName | None, AvpName | None] = (None, None)
        self._credentials: list[digest.Credential] = []
        self._auth: tuple[PvRef, ...] = ()
        self._requests: Requests

    def param_credential(self, value: bytes, place: PlaceLike) -> None:
        """``user:realm:password``; may be given several times, the last counts first."""
        try:
            self._credentials.insert(0, digest.credential(value))
        except ValueError as error:
            raise StartError(f"credential: {error}", place) from None

    def mod_init(self) -> None:
        """Check the parameters, hear of Route parameters and of replies."""
        mode = MODES.get(self.restore_mode.lower())
        if mode is None:
            shown = self.restore_mode.decode("utf-8", "replace")
            raise StartError(f"restore_mode is none, manual or auto, not '{shown}'")
        self._mode = mode
        if mode != NONE:
            self._use_rr()
        uac.init(self._stored if self._avps != (None, None) else None)
        self._read_auth()
        socket = self.default_socket or b""
        if socket and not tm_uac.find_socket(socket):
            raise StartError(f"default_socket: not listening on {socket.decode()}")
        self._requests = Requests(self.server.module(Tm).local, socket)
        self._requests.mod_init()

    def child_init(self, rank: int) -> None:
        """event_route[uac:reply], where there is one."""
        index = self.server.event_route("uac:reply")
        run = self.server.run_route

        def on_reply(msg: SipMsg) -> int:
            return run("event", index, msg, Routes.REQUEST.value)

        self._requests.child_init(on_reply if index else None)

    def _read_auth(self) -> None:
        """The variables that hold user, password and realm."""
        texts = (self.auth_realm_avp, self.auth_username_avp, self.auth_password_avp)
        if not any(texts):
            return
        try:
            self._auth = tuple(PvRef(self.server.pv, text) for text in texts if text)
        except PvError as error:
            raise StartError(f"auth_*_avp: {error}") from None
        if len(self._auth) != len(texts):
            raise StartError("auth_username_avp, auth_realm_avp and auth_password_avp go together")

    def _use_rr(self) -> None:
        if not self.rr_from_store_param or not self.rr_to_store_param:
            raise StartError("rr_from_store_param and rr_to_store_param may not be empty")
        rr = self.server.api(RrApi)  # type: ignore[type-abstract]
        if rr is None:
            raise StartError("restore_mode other than none needs module rr")
        self._rr = rr
        self._avps = (
            _avp(self.restore_from_avp, "restore_from_avp"),
            _avp(self.restore_to_avp, "restore_to_avp"),
        )
        if self._mode == AUTO:
            if not rr.append_fromtag:
                raise StartError("restore_mode auto needs append_fromtag of module rr")
            rr.register_rr_callback(self._routed)

    # -- script

    def uac_replace_from(self, msg: SipMsg, display: bytes, uri: bytes) -> int:
        """Another name and URI in From; an empty name removes it, an empty URI keeps the old."""
        return self._replace(msg, FROM, display, uri)

    def uac_replace_from_1(self, msg: SipMsg, uri: bytes) -> int:
        """Another URI in From."""
        return self._replace(msg, FROM, None, uri)

    def uac_replace_to(self, msg: SipMsg, display: bytes, uri: bytes) -> int:
        """Another name and URI in To."""
        return self._replace(msg, TO, display, uri)

    def uac_replace_to_1(self, msg: SipMsg, uri: bytes) -> int:
        """Another URI in To."""
        return self._replace(msg, TO, None, uri)

    def uac_restore_from(self, msg: SipMsg) -> int:
        """The From of the other side, from the Route parameter."""
        return 1 if self._restore(msg, FROM) else -1

    def uac_restore_to(self, msg: SipMsg) -> int:
        """The To of the other side, from the Route parameter."""
        return 1 if self._restore(msg, TO) else -1

    def uac_auth(self, msg: SipMsg, mode: int | None = None) -> int:
        """Answer the challenge of the picked branch, in a failure_route: the next branch has the
        credentials. Mode bit 1: the password is H(A1)."""
        code = tm_pv.reply_code(msg) or 0
        found = tm_pv.with_reply(msg, lambda reply: digest.of_reply(reply, code))
        uri = tm_pv.branch_value(msg, "uri")
        if found is None or not isinstance(uri, bytes):
            return -1
        who = self._who(msg, found[b"realm"])
        if who is None:
            LM_ERR("uac: no credential for realm %s", found[b"realm"].decode("utf-8", "replace"))
            return -1
        if mode is not None and mode & HA1:
            who = digest.Credential(who.realm, who.user, who.password, True)
        msg.ruri = uri
        msg.append_hf(digest.header(found, code, msg.method or b"", uri, who))
        return 1

    def uac_auth_mode(self, msg: SipMsg, vmode: int) -> int:
        """``uac_auth`` with a mode."""
        return self.uac_auth(msg, vmode)

    def _who(self, msg: SipMsg, realm: bytes) -> digest.Credential | None:
        if self._auth:
            wanted, user, password = (to_str(ref.get(msg)) for ref in self._auth)
            if (not wanted or wanted == realm) and user and password:
                return digest.Credential(realm, user, password)
        return next((who for who in self._credentials if who.realm == realm), None)

    def uac_req_send(self, msg: SipMsg) -> int:
        """Send the request in ``$uac_req``."""
        return self._requests.send()

    def pv_uac_req(self, msg: SipMsg, name: bytes) -> Value:
        """A part of the request that ``uac_req_send`` sends."""
        return self._requests.get(name)

    def set_pv_uac_req(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """Set it."""
        self._requests.set(name, value)

    # -- both headers

    def _replace(self, msg: SipMsg, to: bool, display: bytes | None, uri: bytes) -> int:
        what = "To" if to else "From"
        old = uac.uri_of(msg, to)
        if old is None:
            LM_ERR("uac: the message has no good %s header", what)
            return -1
        if msg.route_type == Routes.REQUEST.value and uac.is_replaced(msg, to):
            LM_ERR("uac: %s was replaced in this message already", what)
            return -1
        if self._mode == AUTO and uri and msg.to_tag:
            LM_ERR("uac: no replacing in a request within a dialog in restore_mode auto")
            return -1
        self._store(msg, to)
        if display is not None and not uac.set_display(msg, to, display):
            return -1
        if not uri:
            return 1
        if not uac.set_uri(msg, to, uri):
            return -1
        return 1 if self._mode == NONE or self._remember(msg, to, old, uri) else -1

    def _remember(self, msg: SipMsg, to: bool, old: bytes, new: bytes) -> bool:
        """Keep the old URI in a Route parameter, and for the replies of this request."""
        if self._rr is None or not self._rr.append_fromtag:
            LM_ERR("uac: the old URI is kept only with append_fromtag of module rr")
            return False
        if max(len(old), len(new)) > codes.MAX_URI_SIZE:
            LM_ERR("uac: a URI is too long to be kept")
            return False
        kept = codes.veil(codes.xor(old, new), self.restore_passwd)
        if self._rr.add_rr_param(msg, b";%s=%s" % (self._name(to), codes.encode(kept))) < 0:
            LM_ERR("uac: no Route parameter can be added")
            return False
        heard = uac.is_replaced(msg, FROM) or uac.is_replaced(msg, TO)
        if not heard and not uac.restore_replies(msg):
            return False
        uac.mark(msg, to, True)
        return True

    def _restore(self, msg: SipMsg, to: bool) -> bool:
        if self._rr is None or msg.is_reply:
            return False
        value = self._rr.get_route_param(msg, self._name(to))
        if value is None:
            return False
        kept = codes.decode(value)
        if kept is None:
            LM_ERR("uac: the Route parameter %s was not written by this module", self._name(to))
            return False
        if self._rr.add_rr_param(msg, b";%s=%s" % (self._name(to), value)) < 0:
            return False
        target = to != self._rr.is_upstream(msg)
        self._store(msg, target)
        present = uac.uri_of(msg, target)
        if present is None:
            return False
        found = codes.recover(codes.veil(kept, self.restore_passwd), present)
        if found is None:
            LM_WARN("uac: the URI in the request is not the one that was replaced: it stays")
            return False
        if not uac.set_uri(msg, target, found):
            return False
        uac.mark(msg, target, False)
        return True

    def _routed(self, msg: SipMsg, params: bytes) -> None:
        """loose_route met our parameters: restore, and hear of the replies."""
        done = self._restore(msg, FROM)
        if self._restore(msg, TO) or done:
            uac.restore_replies(msg)

    def _name(self, to: bool) -> bytes:
        return self.rr_to_store_param if to else self.rr_from_store_param

    # -- what AVPs keep of the headers

    def _store(self, msg: SipMsg, to: bool) -> None:
        name = self._avps[to]
        if name is None:
            return
        avps: AvpList | None = msg.avps
        if avps is None:
            msg.avps = avps = AvpList()
        avps.add(name, uac.stored_text(msg, to))

    def _stored(self, reply: SipMsg, to: bool) -> bytes | None:
        """What the AVP of the reply's transaction keeps."""
        name = self._avps[to]
        avps: AvpList | None = reply.avps
        if name is None or avps is None:
            return None
        value = avps.get(name)
        return value if isinstance(value, bytes) else None
