"""The arbiter: starts the server, forks its processes, replaces the dead, ends it.

Read ``Arbiter.run`` first. Signals are blocked and taken one by one, so none is lost.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from runtime.declare.config import ModParam, Place
from runtime.dns.hosts import Hosts, read_hosts
from runtime.native import pkg, proc, receive, send, shm, tcp, tcpconn, timer, udp
from runtime.server import daemon, loader, ranks, worker
from runtime.server.core_params import CoreParams
from runtime.server.core_rpc import CoreRpc
from runtime.server.errors import StartError
from runtime.server.log import LM_ALERT, LM_CRIT, LM_DBG, LM_ERR, LM_INFO, LM_NOTICE, LM_WARN, LOG
from runtime.server.memory_status import log_memory
from runtime.server.notify import Notifier
from runtime.server.options import Options
from runtime.server.server import ProcessSpec, Server
from runtime.server.syslog_setup import LogPrefix, open_log
from runtime.server.trace import Tracer
from runtime.server.worker import ProcessPlan
from runtime.transport import listen, tcp_main

SHM_MB: Final = 64
PKG_MB: Final = 8
QUICK_DEATHS: Final = 5
"""So many deaths of one slot within ``WINDOW`` seconds make its restart wait."""
WINDOW: Final = 10.0
PAUSE: Final = 5.0
_TAKEN: Final = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGCHLD,
    signal.SIGPIPE,
)


@dataclass(frozen=True, slots=True)
class Sockets:
    """What is bound: all sockets by index, and the channels to the TCP readers (here, there)."""

    all: list[socket.socket]
    udp: list[int]
    tcp: list[int]
    channels: list[tuple[socket.socket, socket.socket]]


class Arbiter:
    """One server from its command line to its end."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._plans: dict[int, ProcessPlan] = {}
        self._pids: dict[int, int] = {}
        self._deaths: dict[int, list[float]] = {}
        self._waiting: dict[int, float] = {}
        self._tell = -1
        self._ends: list[listen.Endpoint] = []
        self._server: Server
        self._hosts: Hosts
        self._core: CoreParams
        self._compiled: ModuleType
        self._owner: tuple[int | None, int | None] = (None, None)
        self._written: list[str] = []
        self._notifier = Notifier(os.environ)

    def run(self) -> int:
        """Start, serve, end: the exit status."""
        self._load()
        if self._options.check:
            self._memory()
            self._load_modules()
            self._compiled.Routes(self._server)
            LM_NOTICE("config file ok")
            return 0
        self._identity()
        sockets = self._prepare()
        self._plan(sockets)
        self._start()
        code = self._serve()
        self._end()
        return code

    # -- starting

    def _load(self) -> None:
        options = self._options
        self._compiled = loader.load_compiled(options.module)
        config = self._compiled.CONFIG
        self._core = CoreParams(loader.module_exports("core"), config.core)
        self._override()
        open_log(self._core, options, daemonised=self._daemonises())
        for note in options.notes:
            LM_NOTICE("%s", note)
        if options.no_fork == 1:
            LM_NOTICE("option -D: processes are forked all the same, as with -DD")
        loader.refuse_unbuilt(config)
        for name in config.modules:
            loader.module_exports(name)

    def _override(self) -> None:
        options, core = self._options, self._core
        place = Place("command line", 0)
        for name, value in (
            ("debug", options.debug),
            ("children", options.children),
            ("tcp_children", options.tcp_children),
            ("maxbuffer", options.max_buffer),
            ("server_id", options.server_id),
            ("user", options.user),
            ("group", options.group),
            ("chroot", options.chroot),
            ("workdir", options.workdir),
            ("rundir", options.rundir),
        ):
            if value is not None:
                core.set(name, value.encode() if isinstance(value, str) else value, place)
        if options.auto_aliases is not None:
            core.set("auto_aliases", int(options.auto_aliases), place)
        if options.no_tcp:
            core.set("disable_tcp", 1, place)
        if options.check_via:
            core.set("check_via", 1, place)

    def _daemonises(self) -> bool:
        if self._options.no_fork:
            return self._options.no_fork >= 3
        return bool(self._core.number("fork", 1))

    def _identity(self) -> None:
        """Folders, terminal, limits, pid files, in Kamailio's order (``daemonize.c``)."""
        core, options = self._core, self._options
        self._owner = daemon.identity(core.text("user").decode(), core.text("group").decode())
        run_dir = os.path.abspath(core.text("rundir").decode())
        core.set("rundir", run_dir.encode(), core.place("rundir"))
        daemon.make_run_dir(run_dir, self._owner)
        self._change_folder()
        if self._daemonises():
            self._tell = daemon.daemonize()
        if options.pid_file:
            self._write_pid(options.pid_file, os.getpid())
        if options.pgid_file and self._daemonises():
            self._write_pid(options.pgid_file, os.getpgid(0))
        elif options.pgid_file:
            LM_WARN("no process group of our own, so none is written to %s", options.pgid_file)
            daemon.remove_pid_file(options.pgid_file)
        if core.given("open_files_limit"):
            daemon.raise_file_limit(core.number("open_files_limit"))
        if core.number("disable_core_dump"):
            daemon.forbid_core_dumps()
        else:
            daemon.allow_core_dumps()

    def _change_folder(self) -> None:
        """``-t`` and ``-w``. All code is loaded while this system's files can be read."""
        core = self._core
        root = core.text("chroot").decode()
        workdir = core.text("workdir").decode() or "/"
        loader.import_modules((*self._options.load_modules, *self._compiled.CONFIG.modules))
        try:
            if root:
                os.chroot(root)
        except OSError as error:
            raise StartError(
                f"cannot change the root to {root}: {error.strerror}", core.place("chroot")
            ) from None
        try:
            os.chdir(workdir)
        except OSError as error:
            raise StartError(
                f"cannot change directory to {workdir}: {error.strerror}", core.place("workdir")
            ) from None

    def _write_pid(self, path: str, number: int) -> None:
        daemon.write_pid_file(path, number, self._owner)
        self._written.append(path)

    def _memory(self) -> None:
        megabytes = self._options.shm_mb or self._core.number("shm") or SHM_MB
        try:
            shm.create(megabytes << 20, debug=self._options.shm_manager == "qm")
        except (OSError, MemoryError) as error:
            raise StartError(f"cannot map {megabytes} MB of shared memory: {error}") from None
        if self._core.number("shm_force_alloc"):
            shm.populate(megabytes << 20)
        pkg.set_limit((self._options.pkg_mb or PKG_MB) << 20)
        proc.setup("main process - attendant")
        timer.create()

    def _prepare(self) -> Sockets:
        """Everything before the first fork: memory, sockets, modules, routes."""
        core = self._core
        self._memory()
        self._hosts = read_hosts()
        sockets = self._listen()
        daemon.become(*self._owner)
        if not core.number("disable_core_dump"):
            daemon.stay_dumpable()
        receive.init(
            via_check=bool(core.number("check_via")),
            aliases=bool(core.number("tcp_accept_aliases")),
            parser_log_level=core.number("sip_parser_log", -1),
            route_locks=core.number("route_locks_size"),
        )
        send.init()
        tcp.init()
        if sockets.channels:
            tcpconn.init(
                [here for here, _ in sockets.channels],
                core.number("tcp_max_connections", 2048),
                core.number("tcp_connection_lifetime", 120),
                never_connect=bool(core.number("tcp_no_connect")),
            )
        self._load_modules()
        self._server.tasks.configure(self._compiled.CONFIG.core)
        loader.init_modules(self._server)
        if core.text("log_prefix"):
            LOG.prefix_of = LogPrefix(self._server).text
        self._server.bind_routes(self._compiled.Routes(self._server))
        return sockets

    def _load_modules(self) -> None:
        """Make the module objects with their parameters; nothing is initialised yet."""
        options = self._options
        config = self._compiled.CONFIG
        tracer = Tracer(self._compiled)
        server = Server(config, self._core, options, tracer)
        self._server = server
        LOG.lines = tracer.lines
        exports = loader.module_exports("core")
        server.cfg.declare(exports, {p.name: self._core.get(p.name) for p in exports.params})
        for var in config.custom:
            server.cfg.custom(var.group, var.name, var.value, var.desc, var.place)
        debug = server.cfg.find("core", "debug")
        if debug is not None:
            LOG.level_of = lambda: int(server.cfg.get("core", "debug"))
        CoreRpc(server).register()
        server.stats.register_function("tcp", "current_opened_connections", tcpconn.count)
        server.stats.register_function("tcp", "current_write_queue_size", tcpconn.queued)
        loader.load_modules(server, (*options.load_modules, *config.modules))
        server.pv.add(exports, server.modules.get("core"))
        for module in server.modules.values():
            server.pv.add(module.EXPORTS, module)
        place = Place("--modparam", 0)
        loader.set_params(server, [ModParam(m, n, v, place) for m, n, v in options.modparams])
        loader.set_params(server, config.modparams)
        loader.declare_module_exports(server)

    def _listen(self) -> Sockets:
        core, options = self._core, self._options
        config = self._compiled.CONFIG
        notes: list[str] = []
        try:
            more = [item for text in options.listen for item in listen.parse_addresses(text)]
            names = [listen.parse_address(text, "--alias") for text in options.aliases]
        except ValueError as error:
            raise StartError(str(error)) from None
        with_tcp = not core.number("disable_tcp")
        if not with_tcp and any(item.proto == "tcp" for item in more):
            raise StartError("-l: TCP is off (disable_tcp or -T)")
        if options.tcp_children and core.number("disable_tcp") and not options.no_tcp:
            raise StartError("-N: TCP is off (disable_tcp)")
        try:
            ends = listen.endpoints(
                (*config.listens, *more),
                self._hosts,
                port=core.number("port", 5060) or 5060,
                tcp=with_tcp,
                ipv6=bool(core.number("auto_bind_ipv6")),
                notes=notes,
            )
            opened = listen.open_sockets(
                ends,
                self._hosts,
                aliases=bool(core.number("auto_aliases", 1)),
                options=listen.SocketOptions(
                    max_buffer=core.number("maxbuffer") or 262144,
                    tos=self._tos(),
                    reuse_port=bool(core.number("tcp_reuse_port")),
                    keepalive=bool(core.number("tcp_keepalive", 1)),
                    keepidle=core.number("tcp_keepidle"),
                    keepintvl=core.number("tcp_keepintvl"),
                    keepcnt=core.number("tcp_keepcnt"),
                    free_bind=bool(core.number("ip_free_bind")),
                    defer_accept=core.number("tcp_defer_accept"),
                    syncnt=core.number("tcp_syncnt"),
                    linger2=core.number("tcp_linger2"),
                    pmtu_discovery=core.number("pmtu_discovery"),
                ),
            )
        except listen.ListenError as error:
            raise StartError(error.text, error.place) from None
        for note in notes:
            LM_WARN("%s", note)
        listen.enter_aliases((*config.aliases, *names), mhomed=bool(core.number("mhomed")))
        self._ends = ends
        for end in ends:
            LM_INFO("listening on %s", end)
        udps = [n for n, end in enumerate(ends) if end.proto == listen.UDP]
        tcps = [n for n, end in enumerate(ends) if end.proto == listen.TCP]
        children = core.number("children", 8)
        readers = core.number("tcp_children", children) or children
        channels = [
            socket.socketpair(type=socket.SOCK_SEQPACKET) for _ in range(readers if tcps else 0)
        ]
        return Sockets(opened, udps, tcps, channels)

    def _tos(self) -> int:
        text = self._core.text("tos")
        named = {b"IPTOS_LOWDELAY": 16, b"IPTOS_THROUGHPUT": 8, b"IPTOS_RELIABILITY": 4}
        if not text or text in named:
            return named.get(text, 0)
        try:
            return int(text.decode("ascii"), 0)
        except ValueError:
            raise StartError(f"tos takes a number, not {text!r}", self._core.place("tos")) from None

    # -- processes

    def _add(self, rank: int, desc: str, fn: Callable[[], None], tcp_reader: int = -1) -> None:
        slot = len(self._plans) + 1
        self._plans[slot] = ProcessPlan(slot, rank, desc, fn, tcp_reader)

    def _plan(self, sockets: Sockets) -> None:
        server = self._server
        rank = 0
        table = listen.socket_names()
        for index in sockets.udp:
            for child in range(self._workers(index)):
                rank += 1
                desc = f"udp receiver child={child} sock={table[index]}"
                self._add(rank, desc, lambda index=index: udp.receive_loop(index))  # type: ignore[misc]
        self._add(ranks.PROC_TIMER, "slow timer", worker.slow_timer_process(server))
        self._add(ranks.PROC_TIMER, "timer", worker.timer_process)
        for spec in server.processes:
            self._add(spec.rank, spec.desc, spec.fn)
        for reader, (_, there) in enumerate(sockets.channels):
            rank += 1
            self._add(
                rank, f"tcp receiver (generic) child={reader}", self._reader(reader, there), reader
            )
        if sockets.tcp:
            listeners = [(n, sockets.all[n]) for n in sockets.tcp]
            self._add(ranks.PROC_TCP_MAIN, "tcp main process", lambda: tcp_main.serve(listeners))

    def _workers(self, index: int) -> int:
        """``socket_workers`` written before the socket's listen line, else ``children``."""
        place = self._ends[index].listen.place
        count = self._core.number("children", 8)
        config = self._compiled.CONFIG
        before = [item.place.line for item in config.listens if item.place.line < place.line]
        for setting in config.core:
            at = setting.place
            if setting.name != "socket_workers" or at.file != place.file:
                continue
            if max(before, default=0) < at.line < place.line:
                count = setting.value
        return max(count, 1)

    def _reader(self, reader: int, channel: socket.socket) -> Callable[[], None]:
        core = self._core
        return lambda: tcp.reader_loop(
            reader,
            channel,
            rd_buf=core.number("tcp_rd_buf_size", 16384),
            wq_max=core.number("tcp_conn_wq_max", 32768),
            connect_timeout=core.number("tcp_connect_timeout", 10),
            send_timeout=core.number("tcp_send_timeout", 10),
            lifetime=core.number("tcp_connection_lifetime", 120),
            accept_no_cl=bool(core.number("tcp_accept_no_cl")),
            crlf_ping=bool(core.number("tcp_crlf_ping", 1)),
        )

    def _start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _TAKEN)
        worker.prepare(self._server, self._hosts)
        worker.child_init(self._server, ranks.PROC_INIT)
        if self._tell >= 0:
            daemon.close_terminal()
        gc.collect()
        gc.freeze()
        for plan in self._plans.values():
            self._fork(plan, first=True)
        self._server.forker = self._fork_late
        worker.child_init(self._server, ranks.PROC_MAIN)
        self._server.forker = None
        worker.child_init(self._server, ranks.PROC_POSTCHILDINIT)
        if self._tell >= 0:
            daemon.report(self._tell)
        self._notifier.tell("READY=1", f"MAINPID={os.getpid()}")
        LM_INFO("started: %d processes", len(self._plans) + 1)

    def _fork_late(self, spec: ProcessSpec) -> int:
        """``fork_process`` of a module: a process that is replaced like the others."""
        self._add(spec.rank, spec.desc, spec.fn)
        plan = self._plans[len(self._plans)]
        self._fork(plan, first=True)
        return next(pid for pid, slot in self._pids.items() if slot == plan.slot)

    def _fork(self, plan: ProcessPlan, *, first: bool) -> None:
        parent = os.getpid()
        proc.assign(plan.slot, plan.rank, plan.desc)
        pid = os.fork()
        if pid == 0:
            worker.run(self._server, self._hosts, plan, parent, first)
        proc.set_pid(plan.slot, pid)
        self._pids[pid] = plan.slot

    # -- serving

    def _serve(self) -> int:
        while True:
            taken = signal.sigtimedwait(_TAKEN, self._wait())
            number = taken.si_signo if taken is not None else 0
            if number in (signal.SIGTERM, signal.SIGINT):
                LM_NOTICE("signal %s received: the server ends", signal.Signals(number).name)
                self._notifier.tell("STOPPING=1")
                return 0
            if number == signal.SIGUSR1:
                log_memory(self._server, main=True)
            elif number == signal.SIGHUP:
                LM_DBG("SIGHUP received, ignoring it")
            elif number == signal.SIGPIPE:
                LM_WARN("SIGPIPE received and ignored")
            elif number == signal.SIGUSR2:
                LM_CRIT("unhandled signal %d", number)
            elif number == signal.SIGCHLD:
                self._reap()
            self._restart()
            self._notifier.alive()

    def _wait(self) -> float:
        seconds = self._notifier.interval or 60.0
        if not self._waiting:
            return seconds
        return min(seconds, max(0.0, min(self._waiting.values()) - time.monotonic()))

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            slot = self._pids.pop(pid, None)
            if slot is not None:
                self._died(self._plans[slot], pid, status)

    def _died(self, plan: ProcessPlan, pid: int, status: int) -> None:
        if os.WIFSIGNALED(status):
            LM_ALERT("child process %d exited by a signal %d", pid, os.WTERMSIG(status))
            LM_ALERT("core was %sgenerated", "" if os.WCOREDUMP(status) else "not ")
            how = f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
        else:
            code = os.waitstatus_to_exitcode(status)
            LM_ALERT("child process %d exited normally, status=%d", pid, code)
            how = f"ended with status {code}"
        LM_ERR("process %d (%s, pid %d) %s", plan.slot, plan.desc, pid, how)
        proc.mark_dead(plan.slot)
        if plan.tcp_reader >= 0:
            tcpconn.reader_died(plan.tcp_reader)
        for hook in self._server.death_hooks:
            try:
                hook(plan.slot)
            except Exception as error:
                LM_CRIT("repair after the death of process %d: %r", plan.slot, error)
        freed = shm.reclaim(plan.slot)
        if freed:
            LM_INFO("%d bytes of process %d reclaimed", freed, plan.slot)
        now = time.monotonic()
        recent = [at for at in self._deaths.get(plan.slot, []) if at > now - WINDOW]
        recent.append(now)
        self._deaths[plan.slot] = recent
        self._waiting[plan.slot] = now + (PAUSE if len(recent) > QUICK_DEATHS else 0.0)

    def _restart(self) -> None:
        now = time.monotonic()
        for slot, at in list(self._waiting.items()):
            if at <= now:
                del self._waiting[slot]
                plan = self._plans[slot]
                self._fork(plan, first=False)
                LM_NOTICE("process %d (%s) runs again", slot, plan.desc)

    # -- ending

    def _end(self) -> None:
        self._stop_children()
        for module in reversed(list(self._server.modules.values())):
            try:
                module.destroy()
            except Exception as error:
                LM_ERR("destroy of module %s: %r", module.name, error)
        self._remove_pid_files()
        LM_NOTICE("the server ended")

    def _remove_pid_files(self) -> None:
        while self._written:
            daemon.remove_pid_file(self._written.pop())

    def _stop_children(self) -> None:
        end = time.monotonic() + self._core.number("exit_timeout", 60)
        for pid in self._pids:
            _kill(pid, signal.SIGTERM)
        while self._pids and time.monotonic() < end:
            self._collect()
            if self._pids:
                signal.sigtimedwait((signal.SIGCHLD,), 0.2)
        for pid in self._pids:
            LM_CRIT("process %d does not end, killing it", pid)
            _kill(pid, signal.SIGKILL)
        for pid in list(self._pids):
            os.waitpid(pid, 0)

    def _collect(self) -> None:
        for pid in list(self._pids):
            try:
                if os.waitpid(pid, os.WNOHANG)[0]:
                    del self._pids[pid]
            except ChildProcessError:
                del self._pids[pid]

    def abort(self) -> None:
        """The start failed after some forks: take the children down again."""
        for pid in self._pids:
            _kill(pid, signal.SIGKILL)
        for pid in list(self._pids):
            os.waitpid(pid, 0)
        self._remove_pid_files()


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
