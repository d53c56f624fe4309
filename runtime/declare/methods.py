"""SIP methods and their bits, Kamailio's (``parser/msg_parser.h``): masks of them are arguments."""

from __future__ import annotations

from typing import Final

METHODS: Final = {
    name: 1 << bit
    for bit, name in enumerate(
        (
            *("INVITE", "CANCEL", "ACK", "BYE", "INFO", "REGISTER", "SUBSCRIBE", "NOTIFY"),
            *("MESSAGE", "OPTIONS", "PRACK", "UPDATE", "REFER", "PUBLISH", "KDMQ", "GET"),
            *("POST", "PUT", "DELETE"),
        )
    )
}
