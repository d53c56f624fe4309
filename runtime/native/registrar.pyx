"""save() of the registrar: from the parsed REGISTER to the location table.

Behaviour: ``save.c``, ``sip_msg.c`` of Kamailio's registrar module. The answer's headers are made
in `registrar_reply`.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport rand, realloc
from libc.string cimport memcpy, memset
from runtime.native.cfgvar cimport cfg_slot
from runtime.native.cstr cimport str_eq, str_t
from runtime.native.hdrs cimport (
    contact_iter,
    contact_t,
    get_cseq,
    get_to,
    get_to_uri,
    next_contact,
)
from runtime.native.location cimport (
    FL_MEM,
    Domain,
    contact_row,
    delete_ucontact,
    find_ucontact,
    get_urecord,
    insert_ucontact,
    insert_urecord,
    release_urecord,
    seconds,
    update_ucontact,
    valid_contact,
)
from runtime.native.location_bucket cimport (
    aor_hash,
    lock_bucket,
    ubucket,
    ucontact,
    ucontact_info,
    unlock_bucket,
    urecord,
)
from runtime.native.msg cimport (
    HDR_ALLOW,
    HDR_CALLID,
    HDR_CONTACT,
    HDR_EOH_F,
    HDR_PATH,
    HDR_REQUIRE,
    HDR_SUPPORTED,
    HDR_USERAGENT,
    get_hdr,
    hdr_field,
    next_hdr,
    parse_headers,
    set_path_vec,
    sip_msg,
)
from runtime.native.hdrs cimport get_via2
from runtime.native.registrar_aor cimport AOR_SIZE, aor_config, extract_aor
from runtime.native.registrar_parse cimport (
    first_hop,
    has_option,
    header_expires,
    methods_of,
    next_ruid,
    number_of,
    path_vector,
    q_of,
    text_at,
)
from runtime.native.registrar_reply cimport Answer
from runtime.native.sipmsg cimport SipMsg
from runtime.native.tcpconn cimport tcp_is_stream
from runtime.native.uri cimport find_param, parse_uri, sip_uri

cdef enum:                      # rerrno (registrar: rerrno.h)
    R_FINE = 0
    R_UL_NEW_R = 3
    R_INV_CSEQ = 4
    R_UL_INS_C = 5
    R_UL_UPD_C = 8
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
    R_PARSE_PATH = 28
    R_OB_UNSUP = 30
    R_OB_REQD = 31
    R_OB_UNSUP_EDGE = 32
    R_INV_REGID = 33
    R_LOW_EXP = 34

cdef enum:                      # flags of save()
    SAVE_MEM = 1
    SAVE_REPLACE = 4
    SAVE_NO_VARIATION = 8
    CALLID_MAX = 255
    RECEIVED_MAX = 255
    UA_MAX = 255

cdef enum:                      # of what is written in the configuration
    UNSET = -1                  # an override
    ANY_SOCKET = -2
    OUTBOUND_NONE = 0           # outbound_mode
    OUTBOUND_REQUIRED = 2
    REGID_OUTBOUND = 0          # regid_mode

cdef struct contact_list:       # grows; one a process, reused
    contact_t *at
    uint32_t count
    uint32_t size

cdef contact_list asked         # contacts of the REGISTER at work, see `collect`


cdef class Registrar:
    """The registrar's parameters, and the one REGISTER at work in this process."""

    cdef aor_config aor
    cdef int h_default_expires, h_default_range, h_range, h_min, h_max, h_max_contacts, h_default_q
    cdef int h_case_sensitive
    cdef Answer answer
    cdef public int min_expires_mode
    cdef public int contact_max_size
    cdef public int server_id
    cdef public bint use_path
    cdef public int path_mode
    cdef public bint path_use_received
    cdef public int regid_mode
    cdef public list reported       # Contacts of the answer are appended, where it is a list
    # what the script overrides for the next REGISTER; see `reset_overrides`
    cdef public int x_expires
    cdef public int x_q
    cdef public int x_max_contacts
    cdef public int x_socket
    cdef readonly int error         # rerrno of the last save
    # of the REGISTER at work
    cdef sip_msg *m
    cdef Domain domain
    cdef int64_t now
    cdef int flags
    cdef bint use_regid
    cdef list changes
    cdef bint shared                # info is filled in
    cdef ucontact_info info         # what all its contacts share
    cdef bytes received

    def __init__(self, *, handles, Answer answer not None, bytes realm_prefix not None,
                 bint use_domain):
        """`handles` are those of the cfg variables default_expires, default_expires_range,
        expires_range, min_expires, max_expires, max_contacts, default_q, case_sensitive."""
        (self.h_default_expires, self.h_default_range, self.h_range, self.h_min, self.h_max,
         self.h_max_contacts, self.h_default_q, self.h_case_sensitive) = handles
        self.answer = answer
        self.contact_max_size = 512
        self.reset_overrides()
        self.aor.use_domain = use_domain
        if len(realm_prefix) >= sizeof(self.aor.prefix):
            raise ValueError("realm_prefix is too long")
        self.aor.prefix_len = <int>len(realm_prefix)
        memcpy(self.aor.prefix, <char *>realm_prefix, len(realm_prefix))

    cpdef void reset_overrides(self):
        """Expires, q, max_contacts and the socket are those of the message again."""
        self.x_expires = self.x_q = self.x_max_contacts = UNSET
        self.x_socket = ANY_SOCKET

    cdef int fail(self, int error) noexcept nogil:
        self.error = error
        return -1

    def save(self, SipMsg msg not None, Domain domain not None, int flags, bytes uri,
             bytes received, list changes):
        """Do what the REGISTER says: 1 added, 2 updated, 3 removed, 4 only asked; -1: see `error`.

        `uri` names the AOR in place of To; `received` goes with every contact. With `changes`,
        (``"put"`` or ``"gone"``, Contact) is appended for the database.
        """
        cdef int result
        self.m = msg.ptr()
        self.domain = domain
        self.flags = flags
        self.changes = changes
        self.received = received
        self.error = R_FINE
        self.shared = False
        self.answer.forget()
        try:
            result = self.work(uri)
        finally:
            self.m = NULL
            self.domain = None
            self.changes = None
        return result

    cdef int work(self, bytes uri) except -2:
        cdef sip_msg *m = self.m
        cdef char aor[AOR_SIZE]
        cdef int length
        cdef bint star = False
        cdef sip_uri to_uri, parsed
        if parse_headers(m, HDR_EOH_F) < 0:
            return self.fail(R_PARSE)
        if get_to(m) is NULL or get_to_uri(m, &to_uri) < 0:
            return self.fail(R_TO_MISS)
        if get_hdr(m, HDR_CALLID) is NULL:
            return self.fail(R_CID_MISS)
        if get_cseq(m) is NULL:
            return self.fail(R_CS_MISS)
        if self.check_contacts(&star) < 0 or self.collect() < 0 or self.check_outbound() < 0:
            return -1
        self.now = seconds()
        self.aor.case_sensitive = cfg_slot(self.h_case_sensitive)[0] != 0
        if uri is not None:
            length = extract_aor(uri, <int>len(uri), &self.aor, aor, &parsed)
        else:
            length = extract_aor(
                m.buf + get_to(m).uri.off, <int>get_to(m).uri.len, &self.aor, aor, &parsed
            )
        if length < 0:
            return self.fail(-length)
        if star:
            return self.remove_all(aor, length)
        if asked.count:
            return self.add_contacts(aor, length, &to_uri)
        return self.ask(aor, length, &to_uri)

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
                if count == 1 and header_expires(self.m) != 0:
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
        while next_contact(self.m, HDR_CONTACT, &it, &c) == 1 and not c.star:
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

    cdef bint edge_lacks_outbound(self) noexcept nogil:
        """Did the request come over a hop whose Path has no ``;ob``?"""
        cdef hdr_field *h
        cdef str_t path, uri, value
        cdef sip_uri parsed
        if get_via2(self.m) is NULL:
            return False
        h = get_hdr(self.m, HDR_PATH)
        if h is NULL:
            return True
        path.s = self.m.buf + h.body_off
        path.len = <int>h.body_len
        if first_hop(path, &uri) < 0 or parse_uri(uri.s, uri.len, &parsed) < 0:
            return True
        return find_param(parsed.params.s, parsed.params.len, b"ob", 2, &value) != 1

    cdef int check_outbound(self) noexcept nogil:
        """RFC 5626: what is asked for, what is there; may reg-id be used?"""
        cdef sip_msg *m = self.m
        cdef int mode = self.answer.outbound_mode
        cdef bint supported
        self.use_regid = True
        if mode == OUTBOUND_NONE:
            if get_hdr(m, HDR_REQUIRE) is not NULL and has_option(m, HDR_REQUIRE, b"outbound", 8):
                return self.fail(R_OB_REQD)
            return 0
        supported = has_option(m, HDR_SUPPORTED, b"outbound", 8)
        if mode == OUTBOUND_REQUIRED and get_hdr(m, HDR_SUPPORTED) is not NULL and not supported:
            return self.fail(R_OB_UNSUP)
        if asked.count and self.regid_mode == REGID_OUTBOUND and self.edge_lacks_outbound():
            if supported and asked.at[0].reg_id.off:
                return self.fail(R_OB_UNSUP_EDGE)
            self.use_regid = False
        return 0

    cdef int64_t expires_of(self, contact_t *c, bint vary) noexcept nogil:
        """When a contact expires, 0: now; sets `error` where that is too soon."""
        cdef int64_t wanted = -1, lowest
        cdef int64_t least = cfg_slot(self.h_min)[0]
        cdef int64_t most = cfg_slot(self.h_max)[0]
        cdef int64_t spread = 0
        if self.x_expires >= 0:
            wanted = self.x_expires
        else:
            if c.expires.len:
                wanted = number_of(self.m.buf + c.expires.off, c.expires.len)
            else:
                wanted = header_expires(self.m)
            spread = cfg_slot(self.h_range)[0]
            if wanted < 0:
                wanted = cfg_slot(self.h_default_expires)[0]
                spread = cfg_slot(self.h_default_range)[0]
            wanted = <int64_t><int32_t>wanted
        if wanted == 0:
            return 0
        if wanted < least:
            if self.min_expires_mode:
                self.error = R_LOW_EXP
                return self.now + least
            wanted = least
        if vary and spread > 0:
            lowest = <int64_t>(wanted - spread / 100.0 * wanted)
            wanted = <int64_t>(lowest + (rand() % 100) / 100.0 * (wanted - lowest))
            if wanted < least:
                wanted = least
        if most and wanted > most:
            wanted = most
        return wanted + self.now

    cdef int share(self) noexcept:
        """Fill in what all contacts of the message have in common, once."""
        cdef hdr_field *h
        cdef ucontact_info *i = &self.info
        cdef sip_msg *m = self.m
        cdef int64_t cseq
        if self.shared:
            return 0
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
        if self.x_socket != ANY_SOCKET:
            i.sock = self.x_socket
        i.tcpconn_id = m.rcv.proto_reserved1 if tcp_is_stream(m.rcv.proto) else -1
        h = get_hdr(m, HDR_USERAGENT)
        if h is not NULL and 0 < h.body_len < UA_MAX:
            i.user_agent.s = m.buf + h.body_off
            i.user_agent.len = <int>h.body_len
        else:
            i.user_agent.s = <char *>b"n/a"
            i.user_agent.len = 3
        i.last_modified = self.now
        i.flags = FL_MEM if self.flags & SAVE_MEM else 0
        i.cflags = m.bflags
        i.server_id = self.server_id
        i.methods = 0xffffffff
        h = get_hdr(m, HDR_ALLOW)
        if h is not NULL:
            i.methods = 0
        while h is not NULL:
            i.methods |= methods_of(m.buf + h.body_off, h.body_len)
            h = next_hdr(m, h)
        if self.use_path and self.share_path() < 0:
            return self.fail(R_PARSE_PATH)
        self.shared = True
        return 0

    cdef int share_path(self) noexcept nogil:
        cdef ucontact_info *i = &self.info
        cdef str_t received
        if path_vector(self.m, self.path_use_received, &i.path, &received) < 0:
            return -1
        if i.path.len == 0:
            i.path.s = NULL
        elif self.path_mode and set_path_vec(self.m, i.path.s, i.path.len) < 0:
            return -1
        if received.len:
            i.received = received
            i.cflags |= self.domain.nat_flag
        return 0

    cdef int describe(self, contact_t *c, int64_t expires, ucontact_info *i) noexcept:
        """What is known of one contact. received and reg-id hold for those after it too."""
        cdef sip_msg *m = self.m
        cdef int64_t reg_id
        if self.share() < 0:
            return -1
        i[0] = self.info
        i.c = text_at(m, c.addr.uri)
        i.expires = expires
        i.q = <int>cfg_slot(self.h_default_q)[0]
        if self.x_q != UNSET:
            i.q = self.x_q
            if not 0 <= i.q <= 1000:
                return self.fail(R_INV_Q)
        elif c.q.len:
            i.q = q_of(m.buf + c.q.off, c.q.len)
            if i.q < 0:
                return self.fail(R_INV_Q)
        if c.methods.off:
            i.methods = methods_of(m.buf + c.methods.off, c.methods.len)
        if i.received.len == 0:
            if c.received.off:
                i.received = text_at(m, c.received)
            elif self.received is not None:
                if len(self.received) > RECEIVED_MAX:
                    return self.fail(R_CONTACT_LEN)
                i.received.s = <char *>self.received
                i.received.len = <int>len(self.received)
            self.info.received = i.received
        if c.instance.len:
            i.instance = text_at(m, c.instance)
            if self.use_regid and c.reg_id.len:
                reg_id = number_of(m.buf + c.reg_id.off, c.reg_id.len)
                if reg_id <= 0:
                    return self.fail(R_INV_REGID)
                i.reg_id = self.info.reg_id = <int32_t>reg_id
        i.ruid = next_ruid(b"uloc")
        return 0

    cdef int add_contacts(self, const char *aor, int length, sip_uri *to_uri) except -2:
        cdef uint32_t hash = aor_hash(aor, length)
        cdef ubucket *b = lock_bucket(self.domain.d, hash)
        cdef urecord *r
        cdef int result
        try:
            r = get_urecord(self.domain, b, hash, aor, length)
            if r is NULL:
                result = self.first_contacts(b, hash, aor, length, to_uri)
            else:
                result = self.more_contacts(b, r)
                self.answer.contacts(self.m, r, to_uri, self.now, self.reported)
                release_urecord(b, r)
        finally:
            unlock_bucket(b)
        return result

    cdef int first_contacts(
        self, ubucket *b, uint32_t hash, const char *aor, int length, sip_uri *to_uri
    ) except -2:
        """All contacts of the message in a new record, or none."""
        cdef urecord *r = insert_urecord(b, hash, aor, length)
        cdef int result
        if r is NULL:
            return self.fail(R_UL_NEW_R)
        result = self.fill_record(b, r)
        if result < 0:
            while r.contacts is not NULL:
                delete_ucontact(self.domain, b, r, r.contacts)  # new: goes at once
            if self.changes is not None:
                self.changes.clear()
        else:
            self.answer.contacts(self.m, r, to_uri, self.now, self.reported)
        release_urecord(b, r)
        return result

    cdef int fill_record(self, ubucket *b, urecord *r) except -2:
        cdef contact_t *c
        cdef ucontact_info i
        cdef ucontact *known
        cdef ucontact *fresh
        cdef int64_t expires, most = self.max_contacts()
        cdef uint32_t n
        cdef int stored = 0
        for n in range(asked.count):
            c = &asked.at[n]
            expires = self.expires_of(c, not self.flags & SAVE_NO_VARIATION)
            if self.error == R_LOW_EXP:
                return -1
            if expires == 0:
                continue
            if most > 0 and stored >= most:
                return self.fail(R_TOO_MANY)
            stored += 1
            if self.describe(c, expires, &i) < 0:
                return -1
            i.cseq += 1                 # the same address twice in one message: an update
            known = NULL
            find_ucontact(self.domain, r, &i, self.now, &known)
            i.cseq -= 1
            if known is NULL:
                fresh = insert_ucontact(self.domain, b, r, &i)
            else:
                fresh = update_ucontact(self.domain, b, r, known, &i)
            if fresh is NULL:
                return self.fail(R_UL_INS_C)
            self.note("put", r, fresh)
        return 1

    cdef int64_t max_contacts(self) noexcept nogil:
        return self.x_max_contacts if self.x_max_contacts != UNSET else (
            cfg_slot(self.h_max_contacts)[0]
        )

    cdef int more_contacts(self, ubucket *b, urecord *r) except -2:
        """Add to a record, update or remove what it has: the last thing done (1, 2, 3)."""
        cdef contact_t *c
        cdef ucontact_info i
        cdef ucontact *old
        cdef ucontact *fresh
        cdef int64_t expires, most = self.max_contacts()
        cdef uint32_t n
        cdef int found, result = 1
        cdef bint replacing = (self.flags & SAVE_REPLACE) != 0
        if self.describe(&asked.at[0], 0, &i) < 0:
            return -1
        if most > 0 and not replacing and self.too_many(r, &i, most):
            return -1
        for n in range(asked.count):
            c = &asked.at[n]
            expires = self.expires_of(c, not self.flags & SAVE_NO_VARIATION)
            if self.error == R_LOW_EXP or self.describe(c, expires, &i) < 0:
                return -1
            found = find_ucontact(self.domain, r, &i, self.now, &old)
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
                if replacing:
                    self.drop_others(b, r, fresh, NULL)
                    break
                continue
            if expires == 0:
                old.i.flags = old.i.flags & ~FL_MEM | self.info.flags
                self.note("gone", r, old)
                delete_ucontact(self.domain, b, r, old)
                result = 3
                continue
            found = self.update(b, r, old, &i, replacing)
            if found < 0:
                return -1
            result = 2
            if found:
                break
        return result

    cdef int update(
        self, ubucket *b, urecord *r, ucontact *old, ucontact_info *i, bint replacing
    ) except -2:
        """1: the message's other contacts do not matter any more, 0, -1."""
        cdef ucontact *fresh
        cdef bint last = replacing
        if replacing:
            self.drop_others(b, r, old, NULL)
        if i.instance.len and not same(&i.callid, &old.i.callid):
            self.drop_others(b, r, old, &old.i.instance)
            last = True
        fresh = update_ucontact(self.domain, b, r, old, i)
        if fresh is NULL:
            return self.fail(R_UL_UPD_C)
        self.note("put", r, fresh)
        return last

    cdef bint too_many(self, urecord *r, ucontact_info *i, int64_t most) noexcept nogil:
        """Would there be more contacts than allowed? Sets `error`. `i` is of the first contact."""
        cdef ucontact *known = r.contacts
        cdef int64_t count = 0, expires
        cdef uint32_t n
        cdef int found
        while known is not NULL:
            count += valid_contact(known, self.now)
            known = known.next
        for n in range(asked.count):
            expires = self.expires_of(&asked.at[n], True)
            i.c = text_at(self.m, asked.at[n].addr.uri)
            found = find_ucontact(self.domain, r, i, self.now, &known)
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

    cdef int drop_others(
        self, ubucket *b, urecord *r, ucontact *kept, str_t *instance
    ) except -2:
        """Delete all but one contact, or all others of an instance."""
        cdef ucontact *c = r.contacts
        cdef ucontact *following
        while c is not NULL:
            following = c.next
            if c != kept and (instance is NULL or same(&c.i.instance, instance)):
                self.note("gone", r, c)
                delete_ucontact(self.domain, b, r, c)
            c = following
        return 0

    cdef int note(self, str what, urecord *r, ucontact *c) except -2:
        if self.changes is not None and not c.i.flags & FL_MEM:
            self.changes.append((what, contact_row(r, c)))
        return 0

    cdef int remove_all(self, const char *aor, int length) except -2:
        cdef uint32_t hash = aor_hash(aor, length)
        cdef ubucket *b = lock_bucket(self.domain.d, hash)
        cdef urecord *r
        try:
            r = get_urecord(self.domain, b, hash, aor, length)
            if r is not NULL:
                self.drop_others(b, r, NULL, NULL)
                release_urecord(b, r)
        finally:
            unlock_bucket(b)
        return 3

    cdef int ask(self, const char *aor, int length, sip_uri *to_uri) except -2:
        cdef uint32_t hash = aor_hash(aor, length)
        cdef ubucket *b = lock_bucket(self.domain.d, hash)
        cdef urecord *r
        try:
            r = get_urecord(self.domain, b, hash, aor, length)
            if r is not NULL:
                self.answer.contacts(self.m, r, to_uri, self.now, self.reported)
        finally:
            unlock_bucket(b)
        return 4


cdef inline bint same(str_t *a, str_t *b) noexcept nogil:
    return str_eq(a.s, a.len, b.s, b.len)
