"""Selects: what Kamailio 5.6.3 resolves at its start with tm and textopsx loaded, tried on it."""

from __future__ import annotations

from pathlib import Path

from kcc.driver import Request, check

RESOLVED = r"""
@from.uri.user @from @f.tag @from.uri @from.params.x @to.name @contact.q @ruri.user
@ruri.params.x @ruri.params @hf_value["x"] @hf_value.from @hf_value.x[2].uri.user
@hf_value.x.params.y @hf_value_exists["a"].b @via[1].host @via.branch @via[2].params.x @msg
@msg.first_line @msg.header["x"] @msg.h.x @tm.uac[0].status @tm.uas.response
@cfg_get.core.debug @sys.pid @sys.now @sys.now.local @sys.now.gmt @method @Method @status
@rpid.tag @record_route.uri @cseq @cseq.num @authorization["x"].nonce
@proxy_authorization.realm.username @proxy_authorization.realm.username.user @branch.uri
@branch.count @date @src.ip @src.port @dst.ip_port @received.proto @to.uri.params.tag
@to.uri.params @next_hop.src_ip @next_hop.user @dst_uri.host @event @refer_to.uri.host
@request_uri.hostport @expires @max_forwards
"""
UNRESOLVED = r"""
@from.params @contact[1].uri.host @contact[-1].expires @contact.foo @ruri.foo @hf_value
@hf_value.x.uri.foo @hf_value2.x.uri @hf_value_exists.a @v.foo @msg["x"] @msg.foo @tm.uac
@tm.uac[0] @tm.foo @cfg_get @cfg_get.core @sys.now.foo @sys @ip_port @route.uri @cseq.foo @auth
@auth["x"] @branch[1].uri @identity.foo @src @src.ip.foo @rcv.ip @nosuch @refer_to.foo
@from.uri.host.user @contact.uri.params.x.y @from.nameaddr.uri.user @from[1] @timer @tls.peer
@tls.peer.subject.cn
"""


def found(tmp_path: Path, select: str) -> list[str]:
    """The codes that concern selects."""
    path = tmp_path / "select.cfg"
    path.write_text(
        'loadmodule "tm.so"\nloadmodule "textopsx.so"\n'
        f'request_route {{ if ({select} == "x") exit; exit; }}\n',
        "utf-8",
    )
    return [d.code for d in check(Request(str(path))).diagnostics if d.code == "K0231"]


def test_selects_that_kamailio_resolves(tmp_path: Path) -> None:
    assert [select for select in RESOLVED.split() if found(tmp_path, select)] == []


def test_selects_that_it_does_not(tmp_path: Path) -> None:
    wrong = [s for s in UNRESOLVED.split() if found(tmp_path, s) != ["K0231"]]
    assert wrong == []
