"""The life of a child process, from the fork to its end."""

from __future__ import annotations

import ctypes
import heapq
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runtime.declare.exports import Routes
from runtime.dns.hosts import Hosts
from runtime.dns.resolver import DnsParams, SipResolver
from runtime.native import onsend, pkg, proc, receive, resolve, send, shm
from runtime.native import timer as native_timer
from runtime.script import flow
from runtime.server import ranks
from runtime.server.log import LM_CRIT, LM_ERR, LM_INFO, LOG
from runtime.server.memory_status import log_memory

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.server import Server

_PR_SET_PDEATHSIG: Final = 1
POPULATE: Final = 64 << 20
"""Bytes of shared memory whose pages a process maps at once, so that no message waits for them."""


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """A process as the arbiter starts it, and starts it again."""

    slot: int
    rank: int
    desc: str
    fn: Callable[[], None]
    tcp_reader: int = -1


def _terminate(_signum: int, _frame: object) -> None:
    receive.request_stop()
    raise SystemExit(0)


def _tell_memory(server: Server) -> None:
    LM_INFO("signal %d received", signal.SIGUSR1)
    log_memory(server, main=False)


def _signals(server: Server, parent: int) -> None:
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the arbiter decides
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGUSR1, lambda _signum, _frame: _tell_memory(server))
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(0)  # it died between fork and prctl


def dns_params(server: Server) -> DnsParams:
    """The DNS parameters of the core."""
    core = server.core
    names = ((1, "dns_udp_pref"), (2, "dns_tcp_pref"), (3, "dns_tls_pref"))
    given = tuple((n, core.number(name)) for n, name in names if core.given(name))
    retr_time, retr_no = core.number("dns_retr_time"), core.number("dns_retr_no")
    return DnsParams(
        retr_time=float(retr_time) if retr_time > 0 else 5.0,
        retr_no=retr_no if retr_no > 0 else 3,
        try_ipv6=bool(core.number("dns_try_ipv6", 1)),
        try_naptr=bool(core.number("dns_try_naptr")),
        use_cache=bool(core.number("use_dns_cache", 1)),
        srv_lb=bool(core.number("dns_srv_lb")),
        preference=given,
        min_ttl=float(core.number("dns_cache_min_ttl")),
        max_ttl=float(core.number("dns_cache_max_ttl") or 2**31),
        negative_ttl=float(core.number("dns_cache_negative_ttl", 60)),
        use_search_list=bool(core.number("dns_use_search_list", 1)),
    )


def prepare(server: Server, hosts: Hosts) -> None:
    """Give the native side of this process its hooks: routes and names."""
    server.resolver = SipResolver(dns_params(server), hosts)
    resolve.set_lookup(server.resolver.lookup)
    request = server.top_route("request")
    if request is not None:
        receive.set_routes(
            request,
            server.top_route("reply"),
            server.tracer.report,
            exit_value=flow.EXIT,
            drop_value=flow.DROP,
        )
    receive.set_event_routes(
        (
            _event_route(server, "core:msg-received")
            if server.core.number("received_route_mode")
            else None
        ),
        _event_route(server, "core:pre-routing"),
        _event_route(server, "core:receive-parse-error"),
    )
    sending = server.top_route("onsend")
    if sending is not None:
        onsend.set_route(
            sending,
            server.tracer.report,
            receive.current_msg,
            drop_value=flow.DROP,
            on_replies=bool(server.core.number("onsend_route_reply")),
        )


def _event_route(server: Server, name: str) -> Callable[[SipMsg], int] | None:
    """An event route as a function of the message, None where there is none."""
    index = server.event_route(name)
    if index == 0:
        return None
    return lambda msg: server.run_route("event", index, msg, Routes.REQUEST.value)


def child_init(server: Server, rank: int) -> None:
    """Run every module's ``child_init``; an exception ends the process."""
    for module in server.modules.values():
        try:
            module.child_init(rank)
        except Exception:
            LM_ERR("child_init of module %s failed (rank %d)", module.name, rank)
            raise


def run(server: Server, hosts: Hosts, plan: ProcessPlan, parent: int, first: bool) -> None:
    """Be the process ``plan``; never returns. ``first`` says that it is no restart."""
    code = 0
    try:
        _signals(server, parent)
        proc.become(plan.slot)
        pkg.announce()
        LOG.slot = plan.slot
        server.forker = None
        random.seed()
        shm.populate(POPULATE)
        prepare(server, hosts)
        if plan.rank != ranks.PROC_NOCHLDINIT:
            child_init(server, plan.rank)
        if first and plan.rank == ranks.PROC_SIPINIT:
            worker_one_init(server)
        plan.fn()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException as error:
        code = 1
        LM_CRIT("process %d (%s) ends: %r", plan.slot, plan.desc, error)
        server.tracer.report(error)
    finally:
        try:
            send.flush()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def worker_one_init(server: Server) -> None:
    """``event_route[core:worker-one-init]``, once in the life of the server."""
    index = server.event_route("core:worker-one-init")
    if index:
        server.run_event_route(index)


def timer_process() -> None:
    """Run the timer wheel for ever: its handlers' UDP goes out in one batch a round."""
    send.set_batching(True)
    while not receive.stop_requested():
        native_timer.run_once()
        send.flush()


def slow_timer_process(server: Server) -> Callable[[], None]:
    """The process that calls what ``register_timer`` asked for."""

    def loop() -> None:
        now = time.monotonic()
        due = [(now + spec.seconds, n, spec) for n, spec in enumerate(server.timers)]
        heapq.heapify(due)
        while True:
            now = time.monotonic()
            while due and due[0][0] <= now:
                at, n, spec = heapq.heappop(due)
                try:
                    spec.fn(now)
                except Exception as error:
                    LM_ERR("timer of process %d: %r", proc.own_slot(), error)
                    server.tracer.report(error)
                send.flush()
                heapq.heappush(due, (max(at + spec.seconds, now), n, spec))
            time.sleep(min(1.0, max(0.0, due[0][0] - time.monotonic()) if due else 1.0))

    return loop
