"""The command line: every option of ``kamailio -h``, after the compiled module's path."""

from __future__ import annotations

import getopt
import os
import re
from dataclasses import dataclass, field
from typing import Final, NoReturn

SHORT: Final = "f:cm:M:dVIhEeb:l:L:n:vKrRDTN:W:w:t:u:g:P:G:SQ:O:a:A:x:X:Y:"
LONG: Final = (
    "help",
    "version",
    "alias=",
    "subst=",
    "substdef=",
    "substdefs=",
    "server-id=",
    "loadmodule=",
    "modparam=",
    "log-engine=",
    "debug=",
    "cfg-print",
    "atexit=",
)

_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,18}")
UNUSED: Final = {
    "-L": "modules are part of this program",
    "-O": "scripts are compiled already",
    "-Q": "SCTP is not built",
    "-S": "SCTP is not built",
    "-W": "epoll is always used",
    "-X": "private memory has one allocator",
    "--atexit": "there are no such callbacks",
}
"""Options that are accepted and do nothing here, each with its reason."""

COMPILE_TIME: Final = ("-f", "-A", "--subst", "--substdef", "--substdefs", "--cfg-print")
"""Options of the compiler; `kcc run` has used them already."""

USAGE: Final = """\
usage: python -m runtime MODULE.py|DIRECTORY [options of kamailio]
  -a mode       auto aliases: yes, on, no, off      --alias=[proto:]host[:port]
  -b nr         largest socket receive buffer       -c  load and check only
  -d            raise the debug level (repeat)      --debug=level
  -D            stay in one terminal: -D, -DD do not daemonise; -DDD does
  -e            colours on the terminal             -E  log to stderr
  -g gid -u uid run as                              -G file  process group id
  -K            check our Via in replies            -l [proto:]address[:port][/advertised[:port]]
  --loadmodule=name  --modparam=module:name:s|i:value  --server-id=number
  --log-engine=json[:flags]  log lines as JSON objects
  -m nr         shared memory, megabytes            -M nr  private memory, megabytes
  -n nr         UDP receivers per socket            -N nr  TCP readers
  -P file       pid file                            -r -R  received= by (reverse) DNS
  -t dir        chroot                              -T  no TCP
  -w dir        working directory                   -Y dir  run directory
  -x qm         guards around shared memory, and who made each block
  -h -v -V -I   help, version"""


class UsageError(Exception):
    """The command line is wrong."""


@dataclass(slots=True)
class Options:
    """What the command line said; None where it did not."""

    module: str = ""
    check: bool = False
    help: bool = False
    version: bool = False
    internals: bool = False
    shm_mb: int | None = None
    shm_manager: str = ""
    pkg_mb: int | None = None
    debug: int | None = None
    no_fork: int = 0
    log_stderr: bool = False
    color: bool = False
    max_buffer: int | None = None
    listen: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    auto_aliases: bool | None = None
    children: int | None = None
    tcp_children: int | None = None
    check_via: bool = False
    no_tcp: bool = False
    received_dns: int = 0
    user: str | None = None
    group: str | None = None
    chroot: str | None = None
    workdir: str | None = None
    rundir: str | None = None
    log_engine: str = ""
    pid_file: str | None = None
    pgid_file: str | None = None
    server_id: int | None = None
    load_modules: list[str] = field(default_factory=list)
    modparams: list[tuple[str, str, int | bytes]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _wrong(text: str) -> NoReturn:
    raise UsageError(text)


def _number(option: str, text: str, low: int = -(2**31)) -> int:
    """A decimal number, as ``strtol`` reads it."""
    if not text:
        return 0
    if _NUMBER.fullmatch(text) is None or not low <= int(text) < 2**31:
        least = f" of at least {low}" if low > -(2**31) else ""
        _wrong(f"{option} takes a number{least}, not {text!r}")
    return int(text)


def _modparam(text: str) -> tuple[str, str, int | bytes]:
    parts = text.split(":", 3)
    if len(parts) != 4 or parts[2] not in ("s", "i"):
        _wrong(f"--modparam takes module:name:s|i:value, not {text!r}")
    module, name, kind, value = parts
    return module, name, _number("--modparam", value) if kind == "i" else value.encode()


def parse(argv: list[str]) -> Options:
    """Read a command line (without the program's name). Raises UsageError."""
    options = Options()
    try:
        pairs, rest = getopt.gnu_getopt(argv, SHORT, list(LONG))
    except getopt.GetoptError as error:
        _wrong(str(error))
    for option, value in pairs:
        _take(options, option, value)
    if options.help or options.version or options.internals:
        return options
    if len(rest) != 1:
        _wrong("give one compiled module (a .py file or a directory)")
    options.module = rest[0]
    return options


_FLAGS: Final = {
    "-c": "check",
    "-h": "help",
    "--help": "help",
    "-v": "version",
    "-V": "version",
    "--version": "version",
    "-I": "internals",
    "-E": "log_stderr",
    "-e": "color",
    "-K": "check_via",
    "-T": "no_tcp",
}
_TEXTS: Final = {
    "-u": "user",
    "-g": "group",
    "-t": "chroot",
    "-w": "workdir",
    "-Y": "rundir",
    "-x": "shm_manager",
    "--log-engine": "log_engine",
    "-P": "pid_file",
    "-G": "pgid_file",
}
_NUMBERS: Final = {
    "-m": ("shm_mb", 0),
    "-M": ("pkg_mb", 0),
    "--debug": ("debug", -(2**31)),
    "-b": ("max_buffer", -(2**31)),
    "-n": ("children", -(2**31)),
    "-N": ("tcp_children", -(2**31)),
    "--server-id": ("server_id", -(2**31)),
}
_NO_DEFAULT: Final = frozenset({"--debug", "--server-id"})
"""Of the others a number that is not above 0 means the default, as in Kamailio."""
_CHECKED: Final = {
    "-O": ("a number", _NUMBER.fullmatch),
    "-Q": ("a number", _NUMBER.fullmatch),
    "-W": ("a poll method", re.compile("poll|epoll_[le]t|sigio_rt|select").fullmatch),
    "-x": ("a memory manager (fm, qm, tlsf)", re.compile("fm|qm|tlsf").fullmatch),
    "-X": ("a memory manager (fm, qm, tlsf)", re.compile("fm|qm|tlsf").fullmatch),
    "-a": ("yes, on, no or off", re.compile("yes|on|no|off").fullmatch),
    "--atexit": ("yes or no", re.compile("[y1n0].*").fullmatch),
}


def _take(options: Options, option: str, value: str) -> None:
    wanted, fits = _CHECKED.get(option, ("", None))
    if fits is not None and fits(value) is None:
        _wrong(f"{option} takes {wanted}, not {value!r}")
    if option in _FLAGS:
        setattr(options, _FLAGS[option], True)
    elif option in _TEXTS:
        setattr(options, _TEXTS[option], value)
    elif option in _NUMBERS:
        name, low = _NUMBERS[option]
        number = _number(option, value, low)
        setattr(options, name, number if number > 0 or option in _NO_DEFAULT else None)
    elif option == "-d":
        options.debug = (options.debug or 0) + 1
    elif option == "-D":
        options.no_fork += 1
    elif option == "-l":
        options.listen.append(value)
    elif option == "--alias":
        options.aliases.append(value)
    elif option == "-a":
        options.auto_aliases = value in ("yes", "on")
    elif option in ("-r", "-R"):
        options.received_dns |= 1 if option == "-r" else 2
    elif option == "--loadmodule":
        options.load_modules.append(os.path.basename(value).removesuffix(".so"))
    elif option == "--modparam":
        options.modparams.append(_modparam(value))
    elif option in UNUSED:
        options.notes.append(f"option {option} has no meaning here: {UNUSED[option]}")
    elif option in COMPILE_TIME:
        options.notes.append(f"option {option} belongs to the compiler: use `kcc run`")
