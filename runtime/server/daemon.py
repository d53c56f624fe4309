"""Leaving the terminal, identity and pid files (``daemonize.c``)."""

from __future__ import annotations

import ctypes
import grp
import os
import pwd
import resource
import stat
from typing import Final

from runtime.server.errors import StartError
from runtime.server.log import LM_WARN

_PR_SET_DUMPABLE: Final = 4


def daemonize() -> int:
    """Leave the terminal; gives a descriptor for ``report``. The first process waits for it.

    That process exits 0 when ``report`` says good, 1 where it does not.
    """
    ready, tell = os.pipe()
    if os.fork():
        os.close(tell)
        good = os.read(ready, 1) == b"\1"
        os._exit(0 if good else 1)
    os.close(ready)
    os.setsid()
    if os.fork():
        os._exit(0)
    return tell


def report(tell: int) -> None:
    """The server runs: let the first process go."""
    os.write(tell, b"\1")
    os.close(tell)


def close_terminal() -> None:
    """Give up the terminal's files, before the children are forked."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)


def write_pid_file(
    path: str, pid: int, owner: tuple[int | None, int | None] = (None, None)
) -> None:
    """Write ``pid``, and give the file to user and group ``owner``.

    Raises StartError: a live process has its number in the file, what is there is no pid, or it
    cannot be written.
    """
    try:
        with open(path, encoding="latin-1") as file:
            _replaceable(path, file.read(64))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StartError(f"cannot read the pid file {path}: {error.strerror}") from None
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{pid}\n")
        os.chown(path, *(-1 if number is None else number for number in owner))
    except OSError as error:
        remove_pid_file(path)
        raise StartError(f"cannot write the pid file {path}: {error.strerror}") from None


def _replaceable(path: str, text: str) -> None:
    """Does a pid file hold the number of a process that is gone? StartError where it does not."""
    try:
        old = int(text)
    except ValueError:
        raise StartError(
            f"the pid file {path} exists and holds no process number: remove it"
        ) from None
    if old == os.getpid():
        return
    try:
        os.kill(old, 0)
    except (ProcessLookupError, OverflowError):
        LM_WARN("the pid file %s holds the number of a process that is gone: replaced", path)
    except PermissionError:
        raise StartError(f"running process {old} found in the pid file {path}") from None
    else:
        raise StartError(f"running process {old} found in the pid file {path}")


def remove_pid_file(path: str) -> None:
    """Remove a file that ``write_pid_file`` made; a device or link in its place stays."""
    try:
        if stat.S_ISREG(os.lstat(path).st_mode):
            os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        LM_WARN("cannot remove %s: %s", path, error.strerror)


def identity(user: str, group: str) -> tuple[int | None, int | None]:
    """Numbers of a user and a group given by name or number. Raises StartError."""
    uid = gid = None
    if user:
        try:
            entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
            uid, gid = entry.pw_uid, entry.pw_gid
        except KeyError:
            if not user.isdigit():
                raise StartError(f"there is no user {user!r}") from None
            uid = int(user)
    if group:
        try:
            gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
        except KeyError:
            raise StartError(f"there is no group {group!r}") from None
    return uid, gid


def become(uid: int | None, gid: int | None) -> None:
    """Give up root for a user and group. Raises StartError."""
    try:
        if gid is not None and gid != os.getegid():
            os.setgid(gid)
        if uid is not None and uid != os.geteuid():
            os.initgroups(pwd.getpwuid(uid).pw_name, gid if gid is not None else os.getgid())
            os.setuid(uid)
    except (OSError, KeyError) as error:
        raise StartError(f"cannot run as uid {uid}, gid {gid}: {error}") from None


def forbid_core_dumps() -> None:
    """``disable_core_dump``."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_core_dumps() -> None:
    """As large as this user may (``set_core_dump``)."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def stay_dumpable() -> None:
    """A change of user forbids core dumps: allow them again (``enable_dumpable``)."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def make_run_dir(path: str, owner: tuple[int | None, int | None]) -> None:
    """The folder of control sockets: made where it is missing, for user and group ``owner``.

    Raises StartError; the folder above it must be there.
    """
    try:
        if not os.path.lexists(path):
            os.mkdir(path, 0o700)
        if os.geteuid() == 0 and owner != (None, None):
            os.chown(path, *(-1 if number is None else number for number in owner))
    except OSError as error:
        raise StartError(f"cannot make the run directory {path}: {error.strerror}") from None


def raise_file_limit(wanted: int) -> None:
    """``open_files_limit``: as far as this user may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and os.geteuid() != 0:
        wanted = min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (OSError, ValueError) as error:
        raise StartError(f"open_files_limit {wanted}: {error}") from None
