"""The pv module: pseudo-variables and transformations, each a function of a file beside this one.

``SipMsg`` attributes serve the variables that exports mark ``native``.
"""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from runtime.declare.listnames import avp_ident
from runtime.modules.core import module as core
from runtime.modules.pv import (
    addresses,
    branches,
    clock,
    coding,
    custom,
    lists,
    message,
    parts,
    showing,
    strings,
)
from runtime.modules.pv.exports import EXPORTS
from runtime.modules.pv.listvalues import ListValues
from runtime.native.shv import SharedVars
from runtime.script.pv import PvRef
from runtime.script.values import Dual, Value, plain, to_int, unsigned
from runtime.server.errors import PlaceLike, StartError
from runtime.server.rpc import bytes_of, number_of

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.rpc import RpcContext, RpcStruct
    from runtime.server.server import Server

TRUE, FALSE = 1, -1
SHV_SET = "(Parameters: varname type value)"
_ALIAS = re.compile(rb"\s*([^;\s=]+)\s*=\s*([^;\s]+)\s*")


class Module(ListValues):
    """Variables and transformations of the core."""

    EXPORTS = EXPORTS

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._started = int(time.time())
        self._shared = SharedVars()
        self._static = branches.StaticBranch()
        self._flags = {name.encode("latin-1"): number for name, number in server.config.flags}
        self._null_vars: dict[bytes, Value] = {}
        self._nameaddr = addresses.NameAddresses()

    # transformations with a memory

    def tr_nameaddr_uri(self, value: Value) -> bytes | None:
        """``{nameaddr.uri}``"""
        return self._nameaddr.uri(value)

    def tr_nameaddr_name(self, value: Value) -> bytes | None:
        """``{nameaddr.name}``"""
        return self._nameaddr.name(value)

    def tr_nameaddr_len(self, value: Value) -> int | None:
        """``{nameaddr.len}``"""
        return self._nameaddr.length(value)

    # parameters

    def param_shvset(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("pv", "shvset", "name=s:text")`` or ``i:number``."""
        name, content = self._setting(value, place)
        self._shared.set(name, content)

    def param_varset(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("pv", "varset", "name=s:text")``: the first value of a ``$var``."""
        name, content = self._setting(value, place)
        slots = self.server.pv.vars
        slots.slots[slots.slot(name)] = content

    def param_avp_aliases(self, value: bytes, place: PlaceLike | None) -> None:
        """``modparam("pv", "avp_aliases", "alias=name;…")``."""
        for entry in value.split(b";") if value else ():
            found = _ALIAS.fullmatch(entry)
            if found is None:
                raise StartError(f"avp_aliases reads alias=name;…, not {entry!r}", place)
            try:
                ident = avp_ident(found[2])
            except ValueError as error:
                raise StartError(f"avp_aliases: {found[2]!r} is no AVP: {error}", place) from None
            alias = found[1].lower()
            if alias in self._aliases or ident in self._aliases.values():
                raise StartError(f"avp_aliases has {entry!r} twice", place)
            self._aliases[alias] = ident

    def _setting(self, value: bytes, place: PlaceLike | None) -> tuple[bytes, Value]:
        name, equals, typed = value.partition(b"=")
        kind, colon, text = typed.partition(b":")
        if not equals or not colon or kind not in (b"s", b"S", b"i", b"I"):
            raise StartError(f"this reads name=s:text or name=i:number, not {value!r}", place)
        if not name:
            raise StartError(f"a variable has a name: {value!r}", place)
        if kind in (b"s", b"S"):
            return name, text
        if re.fullmatch(rb"[+-]?[0-9]+", text) is None:
            raise StartError(f"this is no number: {value!r}", place)
        return name, to_int(text)

    # transformations

    tr_s_len = staticmethod(strings.length)
    tr_s_int = staticmethod(strings.integer)
    tr_s_md5 = staticmethod(strings.md5)
    tr_s_rmws = staticmethod(strings.rmws)
    tr_s_sha256 = staticmethod(strings.sha256)
    tr_s_sha384 = staticmethod(strings.sha384)
    tr_s_sha512 = staticmethod(strings.sha512)
    tr_s_tolower = staticmethod(strings.tolower)
    tr_s_toupper = staticmethod(strings.toupper)
    tr_s_numeric = staticmethod(strings.numeric)
    tr_s_encode_hexa = staticmethod(coding.encode_hexa)
    tr_s_decode_hexa = staticmethod(coding.decode_hexa)
    tr_s_encode_7bit = staticmethod(coding.encode_7bit)
    tr_s_decode_7bit = staticmethod(coding.decode_7bit)
    tr_s_encode_base58 = staticmethod(coding.encode_base58)
    tr_s_decode_base58 = staticmethod(coding.decode_base58)
    tr_s_encode_base64 = staticmethod(coding.encode_base64)
    tr_s_decode_base64 = staticmethod(coding.decode_base64)
    tr_s_encode_base64t = staticmethod(coding.encode_base64t)
    tr_s_decode_base64t = staticmethod(coding.decode_base64t)
    tr_s_encode_base64url = staticmethod(coding.encode_base64url)
    tr_s_decode_base64url = staticmethod(coding.decode_base64url)
    tr_s_encode_base64urlt = staticmethod(coding.encode_base64urlt)
    tr_s_decode_base64urlt = staticmethod(coding.decode_base64urlt)
    tr_s_escape_common = staticmethod(coding.escape_common)
    tr_s_unescape_common = staticmethod(coding.unescape_common)
    tr_s_escape_user = staticmethod(coding.escape_user)
    tr_s_unescape_user = staticmethod(coding.unescape_user)
    tr_s_escape_param = staticmethod(coding.escape_param)
    tr_s_unescape_param = staticmethod(coding.unescape_param)
    tr_s_escape_csv = staticmethod(coding.escape_csv)
    tr_s_prefixes = staticmethod(strings.prefixes)
    tr_s_prefixes_quoted = staticmethod(strings.prefixes_quoted)
    tr_s_substr = staticmethod(strings.substr)
    tr_s_select = staticmethod(strings.select)
    tr_s_strip = staticmethod(strings.strip)
    tr_s_striptail = staticmethod(strings.striptail)
    tr_s_stripto = staticmethod(strings.stripto)
    tr_s_ftime = staticmethod(strings.ftime)
    tr_s_replace = staticmethod(strings.replace)
    tr_s_corehash = staticmethod(strings.corehash)
    tr_s_trim = staticmethod(strings.trim)
    tr_s_rtrim = staticmethod(strings.rtrim)
    tr_s_ltrim = staticmethod(strings.ltrim)
    tr_s_rm = staticmethod(strings.rm)
    tr_s_urlencode_param = staticmethod(coding.urlencode_param)
    tr_s_urldecode_param = staticmethod(coding.urldecode_param)
    tr_s_unquote = staticmethod(strings.unquote)
    tr_s_unbracket = staticmethod(strings.unbracket)
    tr_s_count = staticmethod(strings.count)
    tr_s_before = staticmethod(strings.before)
    tr_s_after = staticmethod(strings.after)
    tr_s_rbefore = staticmethod(strings.rbefore)
    tr_s_rafter = staticmethod(strings.rafter)
    tr_s_fmtlines = staticmethod(strings.fmtlines)
    tr_s_fmtlinet = staticmethod(strings.fmtlinet)
    tr_urialias_encode = staticmethod(addresses.alias_encode)
    tr_urialias_decode = staticmethod(addresses.alias_decode)
    tr_uri_user = staticmethod(addresses.user)
    tr_uri_host = staticmethod(addresses.host)
    tr_uri_domain = staticmethod(addresses.host)
    tr_uri_passwd = staticmethod(addresses.passwd)
    tr_uri_port = staticmethod(addresses.port)
    tr_uri_saor = staticmethod(addresses.saor)
    tr_uri_suri = staticmethod(addresses.suri)
    tr_uri_duri = staticmethod(addresses.duri)
    tr_uri_params = staticmethod(addresses.params)
    tr_uri_headers = staticmethod(addresses.headers)
    tr_uri_param = staticmethod(addresses.param)
    tr_uri_transport = staticmethod(addresses.transport)
    tr_uri_ttl = staticmethod(addresses.ttl)
    tr_uri_uparam = staticmethod(addresses.uparam)
    tr_uri_maddr = staticmethod(addresses.maddr)
    tr_uri_method = staticmethod(addresses.method)
    tr_uri_lr = staticmethod(addresses.lr)
    tr_uri_r2 = staticmethod(addresses.r2)
    tr_uri_scheme = staticmethod(addresses.scheme)
    tr_uri_tosocket = staticmethod(addresses.tosocket)
    tr_param_value = staticmethod(lists.param_value)
    tr_param_in = staticmethod(lists.param_in)
    tr_param_valueat = staticmethod(lists.param_valueat)
    tr_param_name = staticmethod(lists.param_name)
    tr_param_count = staticmethod(lists.param_count)
    tr_tobody_uri = staticmethod(addresses.tobody_uri)
    tr_tobody_tag = staticmethod(addresses.tobody_tag)
    tr_tobody_user = staticmethod(addresses.tobody_user)
    tr_tobody_host = staticmethod(addresses.tobody_host)
    tr_tobody_params = staticmethod(addresses.tobody_params)
    tr_tobody_display = staticmethod(addresses.tobody_display)
    tr_line_at = staticmethod(lists.line_at)
    tr_line_sw = staticmethod(lists.line_sw)
    tr_line_count = staticmethod(lists.line_count)

    # variables of the message

    pv_hdr = staticmethod(message.hdr)
    show_hdr = staticmethod(showing.by_name(message.hdr))
    pv_hdrc = staticmethod(message.hdrc)
    pv_ai = staticmethod(message.ai)
    show_ai = staticmethod(showing.identity(message.ai, b"P-Asserted-Identity"))
    pv_adu = staticmethod(message.adu)
    pv_ad = staticmethod(message.ad)
    pv_aU = staticmethod(message.aU)
    pv_aa = staticmethod(message.credential(b"algorithm"))
    pv_adn = staticmethod(message.credential(b"nonce"))
    pv_adc = staticmethod(message.credential(b"cnonce"))
    pv_adr = staticmethod(message.credential(b"response"))
    pv_ado = staticmethod(message.credential(b"opaque"))
    pv_Au = staticmethod(message.Au)
    pv_AU = staticmethod(message.AU)
    pv_mf = staticmethod(message.mf)
    set_pv_mf = staticmethod(message.set_mf)
    pv_bf = staticmethod(message.bf)
    set_pv_bf = staticmethod(message.set_bf)
    pv_sf = staticmethod(message.sf)
    set_pv_sf = staticmethod(message.set_sf)
    pv_mF = staticmethod(message.mF)
    set_pv_mF = staticmethod(message.set_mf)
    pv_bF = staticmethod(message.bF)
    set_pv_bF = staticmethod(message.set_bf)
    pv_sF = staticmethod(message.sF)
    set_pv_sF = staticmethod(message.set_sf)
    pv_hfl = staticmethod(message.hfl)
    show_hfl = staticmethod(showing.by_name(message.hfl))
    pv_hflc = staticmethod(message.hflc)
    pv_pr = staticmethod(message.pr)
    pv_rP = staticmethod(message.rP)
    pv_dP = staticmethod(message.dP)
    pv_cl = staticmethod(message.cl)
    pv_rs = staticmethod(message.rs)
    pv_rsi = staticmethod(message.rsi)
    pv_ruid = staticmethod(message.ruid)
    pv_msg = staticmethod(parts.msg)
    pv_msgbuf = staticmethod(parts.msgbuf)
    set_pv_msgbuf = staticmethod(parts.set_msgbuf)
    pv_via0 = staticmethod(parts.via(0))
    pv_via1 = staticmethod(parts.via(1))
    pv_viaZ = staticmethod(parts.via(-1))
    pv_rpl = staticmethod(parts.rpl)
    pv_af = staticmethod(parts.af)
    pv_K = staticmethod(parts.constant)
    pv_ksr = staticmethod(parts.ksr)
    pv_Rn = staticmethod(parts.Rn)
    pv_RAi = staticmethod(parts.RAi)
    pv_RAp = staticmethod(parts.RAp)
    pv_RAu = staticmethod(parts.RAu)
    pv_RAut = staticmethod(parts.RAut)
    pv_fsn = staticmethod(parts.fsn)
    set_pv_fsn = staticmethod(parts.set_fsn)
    pv_fsp = staticmethod(parts.fsp)
    pv_err = staticmethod(parts.nothing)
    pv_location_ua = staticmethod(parts.location_ua)
    pv_rcv = staticmethod(parts.rcv)
    set_pv_rcv = staticmethod(parts.set_rcv)
    pv_snd = staticmethod(parts.sndto)
    pv_sndto = staticmethod(parts.sndto)
    pv_sndfrom = staticmethod(parts.sndfrom)
    pv_bs = staticmethod(message.bs)
    pv_br = staticmethod(message.br)
    set_pv_br = staticmethod(message.set_br)
    pv_bR = staticmethod(message.bR)
    pv_branch = staticmethod(branches.read)
    set_pv_branch = staticmethod(branches.write)
    pv_conid = staticmethod(message.conid)
    pv_csb = staticmethod(message.csb)
    pv_di = staticmethod(message.di)
    pv_dir = staticmethod(message.dir)
    pv_dip = staticmethod(message.dip)
    pv_dic = staticmethod(message.dic)
    pv_ds = staticmethod(message.ds)
    pv_fUl = staticmethod(message.fUl)
    set_pv_tUl = staticmethod(message.set_tUl)
    pv_tUl = staticmethod(message.tUl)
    pv_rUl = staticmethod(message.rUl)
    pv_mbu = staticmethod(message.mbu)
    pv_mt = staticmethod(message.mt)
    pv_mts = staticmethod(message.mts)
    pv_od = staticmethod(message.od)
    pv_op = staticmethod(message.op)
    pv_oP = staticmethod(message.oP)
    pv_oU = staticmethod(message.oU)
    pv_oUl = staticmethod(message.oUl)
    pv_pd = staticmethod(message.pd)
    show_pd = staticmethod(showing.identity(message.pd, b"P-Preferred-Identity"))
    pv_pn = staticmethod(message.pn)
    show_pn = staticmethod(showing.identity(message.pn, b"P-Preferred-Identity"))
    pv_pu = staticmethod(message.pu)
    show_pu = staticmethod(showing.identity(message.pu, b"P-Preferred-Identity"))
    pv_pU = staticmethod(message.pU)
    show_pU = staticmethod(showing.identity(message.pU, b"P-Preferred-Identity"))
    pv_prid = staticmethod(message.prid)
    pv_re = staticmethod(message.re)
    pv_rmid = staticmethod(message.rmid)
    pv_rt = staticmethod(message.rt)
    pv_rz = staticmethod(message.rz)
    pv_Ras = staticmethod(message.Ras)
    pv_Ru = staticmethod(message.Ru)
    pv_Rut = staticmethod(message.Rut)
    pv_sas = staticmethod(message.sas)
    pv_siz = staticmethod(message.siz)
    pv_expires = staticmethod(message.expires)
    pv_nh = staticmethod(message.next_hop)

    # variables of the clock

    pv_time = staticmethod(clock.local)
    pv_timef = staticmethod(clock.local_format)
    pv_utime = staticmethod(clock.universal)
    pv_utimef = staticmethod(clock.universal_format)
    pv_Ts = staticmethod(clock.Ts)
    pv_TS = staticmethod(clock.TS)
    pv_Tf = staticmethod(clock.Tf)
    pv_TF = staticmethod(clock.TF)
    pv_TV = staticmethod(clock.TV)

    # one flag by its number or name

    def _flag(self, name: bytes) -> int:
        return self._flags[name] if name in self._flags else to_int(name)

    def pv_Mf(self, msg: SipMsg, name: bytes) -> int:
        """``$Mf(flag)``: 1 where that message flag is set."""
        return message.Mf(msg, self._flag(name))

    def set_pv_Mf(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$Mf(flag) = 0 or 1``"""
        message.set_Mf(msg, value, self._flag(name))

    def pv_Bf(self, msg: SipMsg, name: bytes) -> int:
        """``$Bf(flag)``: 1 where that branch flag is set."""
        return message.Bf(msg, self._flag(name))

    def set_pv_Bf(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$Bf(flag) = 0 or 1``"""
        message.set_Bf(msg, value, self._flag(name))

    def pv_Sf(self, msg: SipMsg, name: bytes) -> int:
        """``$Sf(flag)``: 1 where that script flag is set."""
        return message.Sf(msg, self._flag(name))

    def set_pv_Sf(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$Sf(flag) = 0 or 1``"""
        message.set_Sf(msg, value, self._flag(name))

    def pv_Tb(self, msg: SipMsg) -> int:
        """``$Tb``: seconds since 1970 at which the server started."""
        return self._started

    def pv_true(self, msg: SipMsg) -> int:
        """``$true``"""
        return 1

    def pv_sel(self, msg: SipMsg, name: bytes) -> bytes | None:
        """``$sel(path)``: the select ``@path``."""
        return self.server.module(core.Module).selects.evaluate(msg, name)

    def pv__s(self, msg: SipMsg, name: bytes) -> bytes:
        """``$_s(format)``: the format itself, evaluated by the caller."""
        return name

    def pv_version(self, msg: SipMsg, name: bytes) -> bytes:
        """``$version(num|full|hash)``: of the Kamailio whose behaviour this is."""
        return parts.VERSIONS[name]

    def pv_pp(self, msg: SipMsg) -> int:
        """``$pp``: the process."""
        return os.getpid()

    def pv_sid(self, msg: SipMsg) -> int:
        """``$sid``: core parameter ``server_id``."""
        return to_int(self.server.core.get("server_id"))

    def pv_ccp(self, msg: SipMsg, name: bytes) -> Value:
        """``$ccp(group.name)``: a setting of the run-time configuration."""
        return custom.read(self.server.cfg, msg, name)

    def set_pv_ccp(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$ccp(group.name) = value``"""
        custom.write(self.server.cfg, msg, name, value)

    # the branch of this process that is no message's

    def pv_sbranch(self, msg: SipMsg, name: bytes) -> Value:
        """``$sbranch(part)``"""
        return self._static.read(msg, name)

    def set_pv_sbranch(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$sbranch(part) = value``"""
        self._static.write(msg, name, value)

    def sbranch_set_ruri(self, msg: SipMsg) -> int:
        """Make it the request URI and what goes with it."""
        return self._static.to_ruri(msg)

    def sbranch_append(self, msg: SipMsg) -> int:
        """Append it to the branches."""
        return self._static.append(msg)

    def sbranch_reset(self, msg: SipMsg) -> int:
        """Empty it."""
        self._static = branches.StaticBranch()
        return TRUE

    # one value a name

    def pv_vn(self, msg: SipMsg, name: bytes) -> Value:
        """``$vn(name)``: a variable of this process, ``$null`` at first."""
        return self._null_vars.get(name)

    def set_pv_vn(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$vn(name) = value``"""
        self._null_vars[name] = plain(value)

    def pv_stat(self, msg: SipMsg, name: bytes) -> int | None:
        """``$stat(name)``: of the first group that has it."""
        found = self.server.stats.find(name.decode("utf-8", "replace"))
        number = self.server.stats.get(*found[0]) if found else None
        return None if number is None else unsigned(number)

    def pv_cnt(self, msg: SipMsg, pvar: PvRef) -> int:
        """``$cnt($avp(x))``: how many values there are."""
        spec = pvar.spec
        if spec.name == "avp" and isinstance(spec.inner, str):
            track, name = self.avp_ident(spec.inner.encode("latin-1"))
            found = self.avp_values(msg, track, name)
            return 0 if found is None else len(found.all(name))
        if spec.name == "branch":
            return msg.branch_count
        return int(pvar.get(msg) is not None)

    def pv_shv(self, msg: SipMsg, name: bytes) -> Value:
        """``$shv(name)``: one value for all processes, at first 0."""
        return self._shared.get(name)

    def set_pv_shv(self, msg: SipMsg, value: Value, name: bytes) -> None:
        """``$shv(name) = value``; ``$null`` is an empty text there."""
        self._shared.set(name, b"" if value is None else plain(value))

    # RPC

    def rpc_shv_get(self, ctx: RpcContext) -> None:
        """``pv.shvGet name``, or all of them."""
        given = ctx.scan("S")
        if given:
            name = bytes_of(given[0])
            if name not in self._shared.names():
                ctx.fault(404, "Variable not found")
            self._shown(ctx.add_struct(), name)
            return
        items = ctx.add_struct().add_struct("items")
        for name in reversed(self._shared.names()):
            self._shown(items.add_struct("shv"), name)

    def _shown(self, to: RpcStruct, name: bytes) -> None:
        value = self._shared.get(name)
        to.add("name", name)
        to.add("type", "int" if isinstance(value, int) else "string")
        to.add("value", value if value is not None else "")

    def rpc_shv_set(self, ctx: RpcContext) -> None:
        """``pv.shvSet name int|str value``"""
        name = ctx.scan("S")
        if not name:
            ctx.fault(500, f"Missing parameter varname {SHV_SET}")
        given = ctx.scan("S")
        if not given:
            ctx.fault(500, f"Missing parameter type {SHV_SET}")
        kind = bytes_of(given[0]).lower()
        if kind not in (b"int", b"str"):
            ctx.fault(500, "Unknown parameter type (Types: int or str)")
        value = ctx.scan("d" if kind == b"int" else "S")
        if not value:
            what = "integer parameter" if kind == b"int" else "parameter"
            ctx.fault(500, f"Missing {what} value {SHV_SET}")
        if bytes_of(name[0]) not in self._shared.names():
            ctx.fault(404, "Variable not found")
        self._shared.set(
            bytes_of(name[0]), number_of(value[0]) if kind == b"int" else bytes_of(value[0])
        )
        ctx.add("Ok. Variable set to new value.")

    # functions

    def pv_isset(self, msg: SipMsg, pvar: PvRef) -> int:
        """Has the variable a value?"""
        return TRUE if pvar.get(msg) is not None else FALSE

    def pv_unset(self, msg: SipMsg, pvar: PvRef) -> int:
        """Take the value away; of ``$shv`` 0 is left."""
        if not pvar.writable:
            return FALSE
        pvar.set(msg, 0 if pvar.spec.name == "shv" else None)
        return TRUE

    def is_int(self, msg: SipMsg, pvar: PvRef) -> int:
        """Has its value a number, alone or beside a text?"""
        return TRUE if isinstance(pvar.get(msg), (int, Dual)) else FALSE

    def typeof(self, msg: SipMsg, pvar: PvRef, vtype: bytes) -> int:
        """Is its value ``int``, ``str`` or ``null``? The first letter is looked at."""
        value = pvar.get(msg)
        kind = b"n" if value is None else b"i" if isinstance(value, int) else b"s"
        return TRUE if kind == vtype[:1].lower() else FALSE

    def not_empty(self, msg: SipMsg, pvar: PvRef) -> int:
        """Is its value text with something in it?"""
        value = pvar.get(msg)
        return TRUE if isinstance(value, bytes) and value else FALSE
