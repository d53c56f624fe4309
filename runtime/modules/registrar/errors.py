"""Why a REGISTER is refused: ``rerrno`` to status and text (registrar: ``reply.c``)."""

from __future__ import annotations

R_FINE, R_UL_DEL_C, R_UL_UPD_C, R_UL_INS_C, R_TOO_MANY = 0, 7, 8, 5, 25

REASONS = {
    200: b"OK",
    400: b"Bad Request",
    420: b"Bad Extension",
    421: b"Extension Required",
    423: b"Interval Too Brief",
    439: b"First Hop Lacks Outbound Support",
    500: b"Server Internal Error",
    503: b"Service Unavailable",
}

ERRORS: dict[int, tuple[int, bytes]] = {
    0: (200, b"No problem"),
    1: (500, b"usrloc_record_delete failed"),
    2: (500, b"usrloc_record_get failed"),
    3: (500, b"usrloc_record_new failed"),
    4: (400, b"Invalid CSeq number"),
    5: (500, b"usrloc_contact_insert failed"),
    6: (500, b"usrloc_record_insert failed"),
    7: (500, b"usrloc_contact_delete failed"),
    8: (500, b"usrloc_contact_update failed"),
    9: (400, b"No username in To URI"),
    10: (500, b"Address Of Record too long"),
    11: (400, b"Error while parsing AOR"),
    12: (400, b"Invalid expires param in contact"),
    13: (400, b"Invalid q param in contact"),
    14: (400, b"Message parse error"),
    15: (400, b"To header not found"),
    16: (400, b"Call-ID header not found"),
    17: (400, b"CSeq header not found"),
    18: (400, b"Expires parse error"),
    19: (400, b"Contact parse error"),
    20: (400, b"* used in contact and expires is not zero"),
    21: (400, b"* used in contact and more than 1 contact"),
    22: (200, b"Out of order request"),
    23: (200, b"Retransmission"),
    24: (400, b"Error while unescaping username"),
    25: (503, b"Too many registered contacts"),
    26: (400, b"Contact/received too long"),
    27: (400, b"Callid too long"),
    28: (400, b"Path parse error"),
    29: (420, b"No support for found Path indicated"),
    30: (421, b"No support for Outbound indicated"),
    31: (420, b"No support for Outbound on server"),
    32: (439, b"No support for Outbound on edge proxy"),
    33: (400, b"Invalid Reg-Id number"),
    34: (423, b"Interval too brief"),
}
