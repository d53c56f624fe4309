"""What the stock file does with a database or voicemail: accounting, stored locations, RPC."""

from tests.runtime.agents.phone import Phone
from tests.runtime.oracle.config import ACCDB, DOMAIN, PLAIN, SHORT, USRLOCDB, VOICEMAIL
from tests.runtime.oracle.play import Play
from tests.runtime.oracle.scenario import scenario
from tests.runtime.oracle.scenarios.calls import ring, talk

ACC = (
    "method, from_tag, to_tag, callid, sip_code, sip_reason,"
    " src_user, src_domain, src_ip, dst_ouser, dst_user, dst_domain"
)


def accounted(p: Play) -> None:
    p.settle()
    for table in ("acc", "missed_calls"):
        p.rows(f"SELECT {ACC} FROM {table} WHERE callid LIKE '{p.label}-%' ORDER BY id")


@scenario(ACCDB)
def accounting_of_answered_call(p: Play) -> None:
    alice, bob, dialog, _ = talk(p)
    alice.within(dialog, "BYE")
    bob.reply(bob.expect("BYE"), 200)
    alice.expect(200)
    accounted(p)


@scenario(ACCDB)
def accounting_of_busy_call(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(486))
    accounted(p)


@scenario(ACCDB)
def accounting_of_cancelled_call(p: Play) -> None:
    alice, bob, invite, incoming = ring(p)
    alice.cancel(invite)
    alice.expect(200)
    bob.reply(bob.expect("CANCEL"), 200)
    bob.reply(incoming, 487)
    bob.expect("ACK")
    alice.ack(invite, alice.expect(487))
    accounted(p)


@scenario(ACCDB)
def accounting_of_failed_bye(p: Play) -> None:
    alice, bob, dialog, _ = talk(p)
    alice.within(dialog, "BYE")
    bob.reply(bob.expect("BYE"), 500)
    alice.expect(500)
    accounted(p)


@scenario(ACCDB)
def accounting_of_message_and_unknown_user(p: Play) -> None:
    alice = p.udp("alice")
    alice.request("MESSAGE", f"sip:nobody@{DOMAIN}")
    alice.expect(404)
    invite = alice.invite(f"sip:nobody@{DOMAIN}")
    alice.ack(invite, alice.expect(404))
    accounted(p)


@scenario(USRLOCDB)
def locations_survive_a_restart(p: Play) -> None:
    alice, bob, edge = p.udp("alice"), p.udp("bob"), p.udp("edge")
    instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e130>"'
    bob.register(
        f"<{bob.contact}>;q=0.5;{instance};expires=600",
        [("User-Agent", "Phone 1"), ("Path", f"<sip:{edge.here};lr>"), ("Supported", "path")],
    )
    bob.expect(200)
    alice.register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>", [("Expires", "600")])
    alice.expect(200)
    alice.register("<sip:a@192.0.2.1>;expires=0")
    alice.expect(200)
    p.restart()
    p.rows(
        "SELECT username, domain, q, callid, cseq, flags, cflags, user_agent, methods, instance,"
        f" reg_id FROM location WHERE username LIKE '%{p.label}' ORDER BY username"
    )
    for phone in (alice, bob):
        phone.register("")
        phone.expect(200)
    alice.request("MESSAGE", bob.aor)
    edge.reply(edge.expect("MESSAGE"), 200)
    alice.expect(200)
    alice.register("*", [("Expires", "0")])
    alice.expect(200)
    p.restart()
    alice.register("")
    alice.expect(200)


@scenario(USRLOCDB)
def call_id_and_cseq_survive_a_restart(p: Play) -> None:
    alice = p.udp("alice")
    alice.register("<sip:a@192.0.2.1>;expires=600", call_id="kept-over-restart", cseq=7)
    alice.expect(200)
    p.restart()
    alice.register("<sip:a@192.0.2.1>;expires=600", call_id="kept-over-restart", cseq=6)
    p.settle()
    alice.register("<sip:a@192.0.2.1>;expires=300", call_id="kept-over-restart", cseq=8)
    alice.expect(200)


def mailbox(p: Play) -> Phone:
    """A phone that the server knows as its voicemail."""
    mail = p.udp("mailbox")
    p.rpc("cfg.sets", "voicemail", "srv_ip", "127.0.0.1")
    p.rpc("cfg.sets", "voicemail", "srv_port", str(mail.wire.port))
    return mail


@scenario(VOICEMAIL)
def voicemail_on_busy(p: Play) -> None:
    mail = mailbox(p)
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    mail.reply(mail.expect("INVITE"), 200)
    taken = alice.expect(200)
    alice.ack(invite, taken)
    mail.expect("ACK")


@scenario(VOICEMAIL)
def voicemail_on_no_answer(p: Play) -> None:
    mail = mailbox(p)
    alice, bob, invite, incoming = ring(p)
    redirected = mail.expect("INVITE")
    bob.reply(bob.expect("CANCEL"), 200)
    bob.reply(incoming, 487)
    bob.expect("ACK")
    mail.reply(redirected, 200)
    alice.ack(invite, alice.expect(200))
    mail.expect("ACK")


@scenario(VOICEMAIL)
def voicemail_when_not_registered(p: Play) -> None:
    mail, alice = mailbox(p), p.udp("alice")
    invite = alice.invite(f"sip:nobody@{DOMAIN}")
    alice.expect(100)
    mail.reply(mail.expect("INVITE"), 404)
    mail.expect("ACK")
    alice.ack(invite, alice.expect(404))


@scenario(VOICEMAIL)
def voicemail_cancelled_there(p: Play) -> None:
    mail = mailbox(p)
    alice, bob, invite, incoming = ring(p)
    bob.reply(incoming, 486)
    bob.expect("ACK")
    redirected = mail.expect("INVITE")
    mail.reply(redirected, 180)
    alice.expect(180)
    alice.cancel(invite)
    alice.expect(200)
    mail.reply(mail.expect("CANCEL"), 200)
    mail.reply(redirected, 487)
    mail.expect("ACK")
    alice.ack(invite, alice.expect(487))


@scenario(SHORT)
def rpc_commands(p: Play) -> None:
    p.rpc("core.echo", "one", 2)
    p.rpc("no.such")
    p.rpc("cfg.set_now_int", "tm", "fr_timer", 1500)
    p.rpc("cfg.get", "core", "debug")
    p.rpc("cfg.get", "no", "such")
    p.rpc("cfg.get")


@scenario(PLAIN)
def rpc_location(p: Play) -> None:
    p.rpc("ul.lookup", "location", "nobody")
    p.rpc("ul.lookup", "nowhere", "nobody")
    p.rpc("ul.rm", "location", "nobody")
    p.rpc("ul.lookup")
