"""The regex module: Perl-compatible regular expressions (``regex_mod.c``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runtime.modules.regex.exports import EXPORTS
from runtime.modules.regex.groups import GroupsError, read_groups
from runtime.native import pcre
from runtime.server.errors import StartError
from runtime.server.log import LM_ERR, LM_INFO, LM_NOTICE
from runtime.server.module import Module as BaseModule

if TYPE_CHECKING:
    from runtime.native.sipmsg import SipMsg
    from runtime.server.rpc import RpcContext
    from runtime.server.server import Server

KEPT = 256
"""Computed patterns that a process keeps compiled."""


class Module(BaseModule):
    """Groups of patterns are shared as text; each process compiles them when they have changed."""

    EXPORTS = EXPORTS

    file: bytes | None
    max_groups: int
    group_max_size: int
    pcre_caseless: int
    pcre_multiline: int
    pcre_dotall: int
    pcre_extended: int

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._options = 0
        self._groups: pcre.SharedTexts | None = None
        self._seen = 0
        self._compiled: list[pcre.Pcre] = []
        self._kept: dict[bytes, pcre.Pcre] = {}

    def mod_init(self) -> None:
        """Load the library and the file. Raises StartError."""
        try:
            pcre.load()
        except OSError as error:
            raise StartError(f"regex: {error}") from None
        if self.file is None:
            LM_NOTICE("'file' parameter is not set, group matching disabled")
            return
        for on, option in (
            (self.pcre_caseless, pcre.CASELESS),
            (self.pcre_multiline, pcre.MULTILINE),
            (self.pcre_dotall, pcre.DOTALL),
            (self.pcre_extended, pcre.EXTENDED),
        ):
            self._options |= option if on else 0
        self._groups = pcre.SharedTexts()
        try:
            self._load(self._groups)
        except (GroupsError, ValueError) as error:
            raise StartError(f"regex: {error}") from None

    def _load(self, groups: pcre.SharedTexts) -> None:
        """Read the file anew. Raises GroupsError, and ValueError for a pattern that is none."""
        assert self.file is not None
        path = Path(self.file.decode(errors="surrogateescape"))
        patterns = read_groups(path, self.max_groups, self.group_max_size)
        for pattern in patterns:
            pcre.Pcre(pattern, self._options)
        groups.store(patterns)

    def _group(self, groups: pcre.SharedTexts, number: int) -> pcre.Pcre | None:
        if groups.generation != self._seen:
            self._seen, texts = groups.read()
            self._compiled = [pcre.Pcre(text, self._options) for text in texts]
        return self._compiled[number] if 0 <= number < len(self._compiled) else None

    # -- functions

    def pcre_match(self, msg: SipMsg, string: bytes, pcre_regex: bytes) -> int:
        """1 matches, -1 does not, -4 is no regular expression. It ends at a NUL."""
        pattern = self._kept.get(pcre_regex)
        if pattern is None:
            try:
                pattern = pcre.Pcre(pcre_regex.partition(b"\0")[0], self._options)
            except ValueError as error:
                LM_ERR("%s", error)
                return -4
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[pcre_regex] = pattern
        return 1 if pattern.match(string) else -1

    def pcre_match_group(self, msg: SipMsg, string: bytes, group: bytes = b"0") -> int:
        """1 matches that group, -1 does not, -2 there is no file, -4 no such group."""
        if self._groups is None:
            LM_ERR("group matching is disabled")
            return -2
        number = _number(group)
        pattern = self._group(self._groups, number)
        if pattern is None:
            LM_ERR("invalid pcre index '%d', there are %d pcres", number, len(self._compiled))
            return -4
        return 1 if pattern.match(string) else -1

    def rpc_reload(self, ctx: RpcContext) -> None:
        """``regex.reload``: read the file again; it stays as it was where that fails."""
        if self._groups is None:
            ctx.fault(500, "Group matching not enabled")
        try:
            self._load(self._groups)
        except (GroupsError, ValueError, MemoryError) as error:
            LM_ERR("failed to reload pcres: %s", error)
            ctx.fault(500, "Failed to reload")
        LM_INFO("reload success")


def _number(text: bytes) -> int:
    """What ``str2int`` leaves: the digits up to what is none; -1 where they are too many."""
    digits = text.removeprefix(b"+")
    digits = digits[: len(digits) - len(digits.lstrip(b"0123456789"))]
    number = int(digits or b"0")
    return number if number < 1 << 31 else -1
