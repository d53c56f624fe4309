from socket import socket

def reader_loop(
    reader: int,
    sockets: socket,
    *,
    rd_buf: int,
    wq_max: int,
    connect_timeout: float,
    send_timeout: float,
    lifetime: float,
    accept_no_cl: bool,
    crlf_ping: bool,
) -> None: ...
def init() -> None: ...
