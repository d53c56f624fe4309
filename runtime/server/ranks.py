"""Ranks of processes, with Kamailio's numbers (``sr_module.h``)."""

from typing import Final

PROC_MAIN: Final = 0
PROC_TIMER: Final = -1
PROC_RPC: Final = -2
PROC_TCP_MAIN: Final = -4
PROC_UNIXSOCK: Final = -5
PROC_ATTENDANT: Final = -10
PROC_POSTCHILDINIT: Final = -126
PROC_INIT: Final = -127
PROC_NOCHLDINIT: Final = -128
PROC_SIPINIT: Final = 1
PROC_SIPRPC: Final = 127
PROC_XWORKER: Final = 127
