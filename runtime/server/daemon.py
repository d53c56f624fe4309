"""Leaving the terminal, identity and pid files (``daemonize.c``)."""

from __future__ import annotations

import grp
import os
import pwd
import resource
import stat

from runtime.server.errors import StartError
from runtime.server.log import LM_WARN


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


def write_pid_file(path: str, pid: int) -> None:
    """Write ``pid``; StartError where a live process has its number in the file already."""
    try:
        with open(path, encoding="ascii") as file:
            old = int(file.read().strip() or 0)
    except (OSError, ValueError):
        old = 0
    if old and old != os.getpid():
        try:
            os.kill(old, 0)
            raise StartError(f"running process {old} found in the pid file {path}")
        except ProcessLookupError:
            pass
        except PermissionError:
            raise StartError(f"running process {old} found in the pid file {path}") from None
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{pid}\n")
    except OSError as error:
        raise StartError(f"cannot write the pid file {path}: {error.strerror}") from None


def remove_pid_file(path: str) -> None:
    """Remove a file that ``write_pid_file`` made; a device or link in its place stays."""
    try:
        if stat.S_ISREG(os.lstat(path).st_mode):
            os.unlink(path)
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


def raise_file_limit(wanted: int) -> None:
    """``open_files_limit``: as far as this user may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and os.geteuid() != 0:
        wanted = min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (OSError, ValueError) as error:
        raise StartError(f"open_files_limit {wanted}: {error}") from None
