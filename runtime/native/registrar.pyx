"""save() of the registrar, from the parsed REGISTER to the Contact header of its answer.

Behaviour: ``save.c``, ``sip_msg.c``, ``reply.c``, ``common.c`` of Kamailio's registrar module.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport rand, realloc
from libc.string cimport memcpy, memset
from posix.time cimport CLOCK_REALTIME, clock_gettime, timespec
from posix.unistd cimport getpid
from runtime.native.cfgvar cimport cfg_slot
from runtime.native.cstr cimport span_t, str_caseeq, str_t
from runtime.native.hdrs cimport (
    contact_iter,
    contact_t,
    get_cseq,
    get_to,
    get_to_uri,
    next_contact,
)
from runtime.native.location cimport (
    Domain,
    aor_hash,
    contact_row,
    delete_ucontact,
    find_ucontact,
    get_urecord,
    insert_ucontact,
    insert_urecord,
    lock_bucket,
    release_urecord,
    ubucket,
    ucontact,
    ucontact_info,
    unlock_bucket,
    update_ucontact,
    urecord,
    valid_contact,
)
from runtime.native.lump cimport LUMP_RPL_HDR, add_lump_rpl
from runtime.native.msg cimport (
    HDR_ALLOW,
    HDR_CALLID,
    HDR_CONTACT,
    HDR_EOH_F,
    HDR_EXPIRES,
    HDR_SUPPORTED,
    HDR_USERAGENT,
    get_hdr,
    hdr_field,
    method_of,
    next_hdr,
    parse_headers,
    sip_msg,
)
from runtime.native.net cimport PROTO_TCP, PROTO_TLS, PROTO_WS, PROTO_WSS
from runtime.native.registrar_aor cimport AOR_SIZE, aor_config, extract_aor
from runtime.native.sipmsg cimport SipMsg
from runtime.native.uri cimport sip_uri

cdef enum:                      # rerrno (registrar: rerrno.h)
    R_FINE = 0
    R_UL_NEW_R = 3
    R_INV_CSEQ = 4
    R_UL_INS_C = 5
    R_UL_UPD_C = 8
    R_AOR_PARSE = 11
    R_INV_Q = 13
    R_PARSE = 14
    R_TO_MISS = 15
    R_CID_MISS = 16
    R_CS_MISS = 17
    R_PARSE_CONT = 19
    R_STAR_EXP = 20
    R_STAR_CONT = 21
    R_TOO_MANY = 25
    R_CONTACT_LEN = 26
    R_CALLID_LEN = 27
    R_INV_REGID = 33
    R_LOW_EXP = 34

cdef enum:                      # flags of save()
    SAVE_MEM = 1
    SAVE_REPLACE = 4
    SAVE_NO_VARIATION = 8
    CALLID_MAX = 255
    RECEIVED_MAX = 255
    UA_MAX = 255

cdef struct outbuf:             # grows; one a process, reused
    char *s
    uint32_t len
    uint32_t size
    bint failed

cdef struct contact_list:       # grows; one a process, reused
    contact_t *at
    uint32_t count
    uint32_t size

cdef outbuf out
cdef contact_list asked         # contacts of the REGISTER at work, see `collect`
cdef char ruid_text[64]
cdef int ruid_head = 0          # octets before the counter
cdef int ruid_pid = 0
cdef uint32_t ruid_counter = 0


# ---- text out

cdef void add(const char *s, uint32_t n) noexcept nogil:
    cdef char *bigger
    if out.len + n > out.size:
        bigger = <char *>realloc(out.s, (out.len + n) * 2 + 4096)
        if bigger is NULL:
            out.failed = True
            return
        out.s = bigger
        out.size = (out.len + n) * 2 + 4096
    memcpy(out.s + out.len, s, n)
    out.len += n


cdef void add_number(int64_t value) noexcept nogil:
    cdef char digits[24]
    cdef int at = 24
    cdef uint64_t rest = <uint64_t>(-value if value < 0 else value)
    while at == 24 or rest:
        at -= 1
        digits[at] = <char>(48 + rest % 10)
        rest //= 10
    if value < 0:
        at -= 1
        digits[at] = b'-'
    add(digits + at, 24 - at)


cdef void add_q(int q) noexcept nogil:
    """``1``, ``0``, ``0.5``: thousandths without their last zeros."""
    cdef char digits[5]
    cdef int n = 5
    if q >= 1000 or q == 0:
        add(b"1" if q else b"0", 1)
        return
    digits[0] = b'0'
    digits[1] = b'.'
    digits[2] = <char>(48 + q // 100)
    digits[3] = <char>(48 + q // 10 % 10)
    digits[4] = <char>(48 + q % 10)
    while digits[n - 1] == b'0':
        n -= 1
    add(digits, n)


# ---- numbers in

cdef int64_t number_of(const char *s, uint32_t len) noexcept nogil:
    """Digits alone as a number of 32 bits, -1 where it is none."""
    cdef uint32_t i
    cdef int64_t value = 0
    if len == 0 or len > 10:
        return -1
    for i in range(len):
        if not 48 <= s[i] <= 57:
            return -1
        value = value * 10 + s[i] - 48
    return value if value <= <int64_t>4294967295 else -1


cdef int q_of(const char *s, uint32_t len) noexcept nogil:
    """A q value in thousandths, -1 where it is none (``str2q``)."""
    cdef uint32_t i = 0
    cdef int q = 0, order = 100
    cdef bint digits = False, one = False
    while i < len and (s[i] == b' ' or s[i] == b'\t'):
        i += 1
    while i < len and s[i] == b'0':
        digits = True
        i += 1
    if i < len and s[i] == b'1':
        digits = one = True
        i += 1
    if i < len:
        if s[i] != b'.':
            return -1
        i += 1
        while i < len:
            if not 48 <= s[i] <= 57 or (one and s[i] != b'0'):
                return -1
            digits = True
            q += (s[i] - 48) * order
            order //= 10
            i += 1
    if not digits:
        return -1
    return 1000 if one else q


cdef uint32_t methods_of(const char *s, uint32_t len) noexcept nogil:
    """Mask of a list of methods."""
    cdef uint32_t mask = 0, start, i = 0
    while i < len:
        while i < len and (s[i] == b' ' or s[i] == b',' or s[i] == b'\t' or s[i] == b'"'):
            i += 1
        start = i
        while i < len and not (s[i] == b' ' or s[i] == b',' or s[i] == b'\t' or s[i] == b'"'):
            i += 1
        if i > start:
            mask |= method_of(s + start, <int>(i - start))
    return mask


cdef str_t next_ruid() noexcept nogil:
    """``uloc-<time>-<pid>-<counter>`` in hexadecimal (``utils/sruid.c``)."""
    global ruid_head, ruid_counter, ruid_pid
    cdef timespec now
    cdef str_t result
    cdef uint32_t rest
    cdef int at
    if ruid_pid != getpid():
        ruid_pid = getpid()
        ruid_counter = 0
        clock_gettime(CLOCK_REALTIME, &now)
        memcpy(ruid_text, b"uloc-", 5)
        ruid_head = 5 + hex_into(ruid_text + 5, <uint32_t>now.tv_sec)
        ruid_text[ruid_head] = b'-'
        ruid_head += 1
        ruid_head += hex_into(ruid_text + ruid_head, <uint32_t>ruid_pid)
        ruid_text[ruid_head] = b'-'
        ruid_head += 1
    ruid_counter += 1
    result.s = ruid_text
    at = ruid_head
    rest = ruid_counter
    while rest:                     # lowest digit first, as there
        ruid_text[at] = b"0123456789abcdef"[rest & 15]
        rest >>= 4
        at += 1
    result.len = at
    return result


cdef int hex_into(char *at, uint32_t value) noexcept nogil:
    cdef int n = 1, i
    while n < 8 and value >> (4 * n):
        n += 1
    for i in range(n):
        at[i] = b"0123456789abcdef"[(value >> (4 * (n - 1 - i))) & 15]
    return n


cdef inline str_t text(sip_msg *m, span_t s) noexcept nogil:
    cdef str_t result
    result.s = m.buf + s.off
    result.len = <int>s.len if s.off else 0
    return result


cdef bint has_option(sip_msg *m, const char *option, int length) noexcept nogil:
    """Does Supported list this option?"""
    cdef hdr_field *h = get_hdr(m, HDR_SUPPORTED)
    cdef uint32_t i, start, end
    while h is not NULL:
        i = h.body_off
        end = h.body_off + h.body_len
        while i < end:
            while i < end and (m.buf[i] in (b' ', b',', b'\t', b'\r', b'\n')):
                i += 1
            start = i
            while i < end and not (m.buf[i] in (b' ', b',', b'\t', b'\r', b'\n')):
                i += 1
            if str_caseeq(m.buf + start, <int>(i - start), option, length):
                return True
        h = next_hdr(m, h)
    return False


cdef class Registrar:
    """The registrar's parameters, and the one REGISTER at work in this process."""

    cdef aor_config aor
    cdef int h_default_expires, h_default_range, h_range, h_min, h_max, h_max_contacts, h_default_q
    cdef public int min_expires_mode
    cdef public int contact_max_size
    cdef public bint gruu_enabled
    cdef public int server_id
    cdef bytes received_param
    cdef readonly int error         # rerrno of the last save
    # of the REGISTER at work
    cdef sip_msg *m
    cdef Domain domain
    cdef int64_t now
    cdef int flags
    cdef list changes
    cdef ucontact_info info         # what all its contacts share
    cdef bytes received

    def __init__(self, *, handles, bytes received_param not None, bytes realm_prefix not None,
                 bint use_domain, int case_sensitive):
        """`handles` are those of the cfg variables default_expires, default_expires_range,
        expires_range, min_expires, max_expires, max_contacts, default_q."""
        (self.h_default_expires, self.h_default_range, self.h_range, self.h_min, self.h_max,
         self.h_max_contacts, self.h_default_q) = handles
        self.received_param = received_param
        self.contact_max_size = 512
        self.aor.use_domain = use_domain
        self.aor.case_sensitive = case_sensitive
        if len(realm_prefix) >= sizeof(self.aor.prefix):
            raise ValueError("realm_prefix is too long")
        self.aor.prefix_len = <int>len(realm_prefix)
        memcpy(self.aor.prefix, <char *>realm_prefix, len(realm_prefix))

    cdef int fail(self, int error) noexcept nogil:
        self.error = error
        return -1

    def save(self, SipMsg msg not None, Domain domain not None, int flags, bytes uri,
             bytes received, bytes path, list changes):
        """Do what the REGISTER says: 1 added, 2 updated, 3 removed, 4 only asked; -1: see `error`.

        The Contact header of the answer is queued. `uri` names the AOR in place of To; `received`
        and `path` go with every contact. With `changes`, (``"put"`` or ``"gone"``, Contact) is
        appended for the database.
        """
        cdef int result
        self.m = msg.ptr()
        self.domain = domain
        self.flags = flags
        self.changes = changes
        self.received = received
        out.len = 0
        out.failed = False
        try:
            result = self.work(uri, path)
        finally:
            self.m = NULL
            self.domain = None
            self.changes = None
        return result

    cdef int work(self, bytes uri, bytes path) except -2:
        cdef sip_msg *m
        cdef contact_iter it
        cdef contact_t first
        cdef char aor[AOR_SIZE]
        cdef int length, found, result
        cdef bint star = False
        cdef sip_uri to_uri, parsed
        cdef timespec clock
        m = self.m
        self.error = R_FINE
        if parse_headers(m, HDR_EOH_F) < 0:
            return self.fail(R_PARSE)
        if get_to(m) is NULL or get_to_uri(m, &to_uri) < 0:
            return self.fail(R_TO_MISS)
        if get_hdr(m, HDR_CALLID) is NULL:
            return self.fail(R_CID_MISS)
        if get_cseq(m) is NULL:
            return self.fail(R_CS_MISS)
        if self.check_contacts(&star) < 0:
            return -1
        clock_gettime(CLOCK_REALTIME, &clock)
        self.now = clock.tv_sec
        if uri is not None:
            length = extract_aor(uri, <int>len(uri), &self.aor, aor, &parsed)
        else:
            length = extract_aor(
                m.buf + get_to(m).uri.off, <int>get_to(m).uri.len, &self.aor, aor, &parsed
            )
        if length < 0:
            return self.fail(-length)
        memset(&it, 0, sizeof(it))
        found = next_contact(m, HDR_CONTACT, &it, &first)
        if found == 1 and not star:
            result = self.add_contacts(aor, length, &to_uri, path)
        elif star:
            result = self.remove_all(aor, length)
        else:
            result = self.ask(aor, length, &to_uri)
        if out.len and not out.failed:
            add_lump_rpl(m, out.s, out.len, LUMP_RPL_HDR)
        return result

    cdef int check_contacts(self, bint *star) noexcept nogil:
        """A star stands alone and with Expires: 0; lengths are bounded."""
        cdef contact_iter it
        cdef contact_t c
        cdef int result, count = 0
        memset(&it, 0, sizeof(it))
        while True:
            result = next_contact(self.m, HDR_CONTACT, &it, &c)
            if result < 0:
                return self.fail(R_PARSE_CONT)
            if result == 0:
                return 0
            count += 1
            if c.star:
                if count == 1 and self.header_expires() != 0:
                    return self.fail(R_STAR_EXP)
                if count > 1:
                    return self.fail(R_STAR_CONT)
                star[0] = True
            elif star[0]:
                return self.fail(R_STAR_CONT)
            elif <int>c.addr.uri.len > self.contact_max_size or c.received.len > RECEIVED_MAX:
                return self.fail(R_CONTACT_LEN)

    cdef int collect(self) noexcept nogil:
        """Put the contacts in the order they are worked on: the last of each header first."""
        cdef contact_iter it
        cdef contact_t c
        cdef contact_t *more
        cdef uint32_t start = 0, i
        cdef int header = -1
        asked.count = 0
        memset(&it, 0, sizeof(it))
        while next_contact(self.m, HDR_CONTACT, &it, &c) == 1:
            if asked.count == asked.size:
                more = <contact_t *>realloc(asked.at, (asked.size * 2 + 16) * sizeof(contact_t))
                if more is NULL:
                    return self.fail(R_UL_INS_C)
                asked.at = more
                asked.size = asked.size * 2 + 16
            if it.hdr != header:
                header = it.hdr
                start = asked.count
            for i in range(asked.count, start, -1):
                asked.at[i] = asked.at[i - 1]
            asked.at[start] = c
            asked.count += 1
        return 0

    cdef int64_t header_expires(self) noexcept nogil:
        """Value of Expires, -1 where there is none or it is no number."""
        cdef hdr_field *h = get_hdr(self.m, HDR_EXPIRES)
        cdef uint32_t n = 0
        if h is NULL:
            return -1
        while n < h.body_len and not (self.m.buf[h.body_off + n] in (b' ', b'\t', b'\r', b'\n')):
            n += 1
        return number_of(self.m.buf + h.body_off, n)

    cdef int64_t expires_of(self, contact_t *c) noexcept nogil:
        """When a contact expires, 0: now; -1 with `error` set where that is too soon."""
        cdef int64_t seconds = -1
        cdef int64_t least = cfg_slot(self.h_min)[0]
        cdef int64_t most = cfg_slot(self.h_max)[0]
        cdef int64_t spread
        if c.expires.len:
            seconds = number_of(self.m.buf + c.expires.off, c.expires.len)
        else:
            seconds = self.header_expires()
        spread = cfg_slot(self.h_range)[0]
        if seconds < 0:
            seconds = cfg_slot(self.h_default_expires)[0]
            spread = cfg_slot(self.h_default_range)[0]
        seconds = <int64_t><int32_t>seconds
        if seconds == 0:
            return 0
        if seconds < least:
            if self.min_expires_mode:
                self.error = R_LOW_EXP
                return -1
            seconds = least
        if spread > 0 and not self.flags & SAVE_NO_VARIATION:
            seconds += seconds * (rand() % (2 * spread + 1) - spread) // 100
            if seconds < least:
                seconds = least
        if most and seconds > most:
            seconds = most
        return seconds + self.now

    cdef int share(self, bytes path) noexcept:
        """Fill in what all contacts of the message have in common."""
        cdef hdr_field *h
        cdef ucontact_info *i = &self.info
        cdef sip_msg *m = self.m
        cdef int64_t cseq
        cdef int proto = m.rcv.proto
        memset(i, 0, sizeof(ucontact_info))
        h = get_hdr(m, HDR_CALLID)
        if h.body_len > CALLID_MAX:
            return self.fail(R_CALLID_LEN)
        i.callid.s = m.buf + h.body_off
        i.callid.len = <int>h.body_len
        cseq = number_of(m.buf + get_cseq(m).number.off, get_cseq(m).number.len)
        if cseq < 0:
            return self.fail(R_INV_CSEQ)
        i.cseq = <int32_t>cseq
        i.sock = -1 if m.rcv.bind_address is NULL else m.rcv.bind_address.index
        i.tcpconn_id = -1
        if proto == PROTO_TCP or proto == PROTO_TLS or proto == PROTO_WS or proto == PROTO_WSS:
            i.tcpconn_id = m.rcv.proto_reserved1
        h = get_hdr(m, HDR_USERAGENT)
        if h is not NULL and 0 < h.body_len < UA_MAX:
            i.user_agent.s = m.buf + h.body_off
            i.user_agent.len = <int>h.body_len
        else:
            i.user_agent.s = <char *>b"n/a"
            i.user_agent.len = 3
        if path is not None:
            i.path.s = <char *>path
            i.path.len = <int>len(path)
        i.last_modified = self.now
        i.flags = self.flags & SAVE_MEM
        i.cflags = m.bflags
        i.server_id = self.server_id
        i.methods = 0xffffffff
        h = get_hdr(m, HDR_ALLOW)
        if h is not NULL:
            i.methods = 0
        while h is not NULL:
            i.methods |= methods_of(m.buf + h.body_off, h.body_len)
            h = next_hdr(m, h)
        return 0

    cdef int describe(self, contact_t *c, int64_t expires, ucontact_info *i) noexcept:
        """What is known of one contact."""
        cdef sip_msg *m = self.m
        cdef int64_t reg_id
        i[0] = self.info
        i.c = text(m, c.addr.uri)
        i.expires = expires
        i.q = <int>cfg_slot(self.h_default_q)[0]
        if c.q.len:
            i.q = q_of(m.buf + c.q.off, c.q.len)
            if i.q < 0:
                return self.fail(R_INV_Q)
        if c.methods.off:
            i.methods = methods_of(m.buf + c.methods.off, c.methods.len)
        if c.received.off:
            i.received = text(m, c.received)
        elif self.received is not None:
            if len(self.received) > RECEIVED_MAX:
                return self.fail(R_CONTACT_LEN)
            i.received.s = <char *>self.received
            i.received.len = <int>len(self.received)
        if c.instance.len:
            i.instance = text(m, c.instance)
            if c.reg_id.len:
                reg_id = number_of(m.buf + c.reg_id.off, c.reg_id.len)
                if reg_id <= 0:
                    return self.fail(R_INV_REGID)
                i.reg_id = <int32_t>reg_id
        i.ruid = next_ruid()
        return 0

    cdef int add_contacts(self, const char *aor, int length, sip_uri *to_uri, bytes path) except -2:
        cdef uint32_t hash = aor_hash(aor, length)
        cdef ubucket *b
        cdef urecord *r
        cdef int result
        cdef bint known
        if self.share(path) < 0:
            return -1
        b = lock_bucket(self.domain.d, hash)
        try:
            r = get_urecord(b, hash, aor, length)
            known = r is not NULL
            if not known:
                r = insert_urecord(b, hash, aor, length)
                if r is NULL:
                    return self.fail(R_UL_NEW_R)
            result = self.put_contacts(b, r, known)
            if result < 0 and not known:
                while r.contacts is not NULL:
                    delete_ucontact(self.domain, b, r, r.contacts)
            else:
                self.build(r, to_uri)
            release_urecord(b, r)
        finally:
            unlock_bucket(b)
        if result < 0 and not known and self.changes is not None:
            self.changes.clear()
        return result if known or result < 0 else 1

    cdef int put_contacts(self, ubucket *b, urecord *r, bint known) except -2:
        cdef contact_t *c
        cdef ucontact_info i
        cdef ucontact *old
        cdef ucontact *fresh
        cdef int64_t expires
        cdef uint32_t n
        cdef int found, result = 1, stored = 0
        cdef int64_t most = cfg_slot(self.h_max_contacts)[0]
        cdef bint replacing = (self.flags & SAVE_REPLACE) != 0
        cdef bint last = False
        if self.collect() < 0:
            return -1
        if known and most > 0 and not replacing and self.too_many(r, most):
            return -1
        for n in range(asked.count):
            if last:
                break
            c = &asked.at[n]
            expires = self.expires_of(c)
            if expires < 0:
                return -1
            if not known and expires == 0:
                continue
            if self.describe(c, expires, &i) < 0:
                return -1
            if not known:
                if most > 0 and stored >= most:
                    return self.fail(R_TOO_MANY)
                stored += 1
                i.cseq += 1             # the same address twice in one message: an update
            found = find_ucontact(self.domain, r, &i, self.now, &old)
            if not known:
                i.cseq -= 1
            if found == -1:
                return self.fail(R_INV_CSEQ)
            if found == -2:
                if expires and replacing:
                    break
                continue
            if found == 1:
                if expires == 0:
                    continue
                fresh = insert_ucontact(self.domain, b, r, &i)
                if fresh is NULL:
                    return self.fail(R_UL_INS_C)
                self.note("put", r, fresh)
                result = 1
                last = replacing and known
            elif expires == 0:
                self.note("gone", r, old)
                delete_ucontact(self.domain, b, r, old)
                result = 3
                continue
            else:
                if known and i.instance.len and not same(&i.callid, &old.i.callid):
                    self.drop_others(b, r, old, True)
                    last = True
                fresh = update_ucontact(self.domain, b, r, old, &i)
                if fresh is NULL:
                    return self.fail(R_UL_UPD_C)
                self.note("put", r, fresh)
                result = 2
                last = last or (replacing and known)
            if replacing and known:
                self.drop_others(b, r, fresh, False)
        return result

    cdef bint too_many(self, urecord *r, int64_t most) noexcept:
        """Would there be more contacts than allowed? Sets `error`."""
        cdef contact_t *c
        cdef ucontact_info i
        cdef ucontact *known = r.contacts
        cdef int64_t count = 0, expires
        cdef uint32_t n
        cdef int found
        while known is not NULL:
            count += valid_contact(known, self.now)
            known = known.next
        for n in range(asked.count):
            c = &asked.at[n]
            expires = self.expires_of(c)
            if expires < 0 or self.describe(c, expires, &i) < 0:
                return True
            found = find_ucontact(self.domain, r, &i, self.now, &known)
            if found == -1:
                self.error = R_INV_CSEQ
                return True
            if found == 1 and expires:
                count += 1
            elif found == 0 and expires == 0:
                count -= 1
        if count > most:
            self.error = R_TOO_MANY
            return True
        return False

    cdef int drop_others(self, ubucket *b, urecord *r, ucontact *kept, bint same_instance) except -2:
        cdef ucontact *c = r.contacts
        cdef ucontact *following
        while c is not NULL:
            following = c.next
            if c != kept and (not same_instance or same(&c.i.instance, &kept.i.instance)):
                self.note("gone", r, c)
                delete_ucontact(self.domain, b, r, c)
            c = following
        return 0

    cdef int note(self, str what, urecord *r, ucontact *c) except -2:
        if self.changes is not None and not self.flags & SAVE_MEM:
            self.changes.append((what, contact_row(r, c)))
        return 0

    cdef int remove_all(self, const char *aor, int length) except -2:
        cdef uint32_t hash = aor_hash(aor, length)
        cdef ubucket *b = lock_bucket(self.domain.d, hash)
        cdef urecord *r
        try:
            r = get_urecord(b, hash, aor, length)
            if r is not NULL:
                while r.contacts is not NULL:
                    self.note("gone", r, r.contacts)
                    delete_ucontact(self.domain, b, r, r.contacts)
                release_urecord(b, r)
        finally:
            unlock_bucket(b)
        return 3

    cdef int ask(self, const char *aor, int length, sip_uri *to_uri) noexcept:
        cdef uint32_t hash = aor_hash(aor, length)
        cdef ubucket *b = lock_bucket(self.domain.d, hash)
        cdef urecord *r = get_urecord(b, hash, aor, length)
        if r is not NULL:
            self.build(r, to_uri)
        unlock_bucket(b)
        return 4

    cdef void build(self, urecord *r, sip_uri *to_uri) noexcept:
        """The Contact header with every valid contact of a record."""
        cdef ucontact *c = r.contacts
        cdef bint gruu = self.gruu_enabled and has_option(self.m, b"gruu", 4)
        cdef bint first = True
        cdef str_t inst
        while c is not NULL:
            if not valid_contact(c, self.now):
                c = c.next
                continue
            if first:
                add(b"Contact: <", 10)
            else:
                add(b", <", 3)
            first = False
            add(c.i.c.s, c.i.c.len)
            add(b">", 1)
            if c.i.q >= 0:
                add(b";q=", 3)
                add_q(c.i.q)
            add(b";expires=", 9)
            add_number(c.i.expires - self.now)
            if len(self.received_param) and c.i.received.len:
                add(b";", 1)
                add(<char *>self.received_param, <uint32_t>len(self.received_param))
                add(b"=\"", 2)
                add(c.i.received.s, c.i.received.len)
                add(b"\"", 1)
            if gruu and c.i.instance.len:
                self.add_gruus(r, c, to_uri)
            if c.i.instance.len:
                inst = c.i.instance
                add(b";+sip.instance=\"", 16)
                add(inst.s, inst.len)
                add(b"\"", 1)
            if c.i.reg_id > 0:
                add(b";reg-id=", 8)
                add_number(c.i.reg_id)
            c = c.next
        if not first:
            add(b"\r\n", 2)

    cdef void add_gruus(self, urecord *r, ucontact *c, sip_uri *to_uri) noexcept nogil:
        cdef str_t inst = c.i.instance
        cdef uint32_t hash = r.hash
        cdef int at = 0
        cdef char digit
        while at < r.aor.len and r.aor.s[at] != b'@':
            at += 1
        add(b";pub-gruu=\"sip:", 15)
        add(r.aor.s, r.aor.len)
        if at == r.aor.len:
            add(b"@", 1)
            add(to_uri.host.s, to_uri.host.len)
        add(b";gr=", 4)
        if inst.len > 1 and inst.s[0] == b'<' and inst.s[inst.len - 1] == b'>':
            inst.s += 1
            inst.len -= 2
        add(inst.s, inst.len)
        add(b"\";temp-gruu=\"sip:", 17)
        add(c.i.ruid.s, c.i.ruid.len)
        add(b"-", 1)
        while hash:
            digit = b"0123456789abcdef"[hash & 15]
            add(&digit, 1)
            hash >>= 4
        add(b"@", 1)
        add(to_uri.host.s, to_uri.host.len)
        add(b";gr\"", 4)


cdef inline bint same(str_t *a, str_t *b) noexcept nogil:
    cdef int i
    if a.len != b.len:
        return False
    for i in range(a.len):
        if a.s[i] != b.s[i]:
            return False
    return True


def make_ruid():
    """A new unique id of a contact."""
    cdef str_t ruid = next_ruid()
    return ruid.s[:ruid.len]
