"""Questions about the SDP of a message and queued edits of it, for the sdpops module.

Sessions that cannot be parsed make a function false (-1). Lists of codecs are separated by commas.
"""

from libc.stdlib cimport atoi
from libc.string cimport memcmp
from runtime.native.cstr cimport str_caseeq, str_eq, str_t
from runtime.native.klog cimport say
from runtime.native.lump cimport del_lump
from runtime.native.msg cimport HDR_EOH_F, parse_headers, sip_msg
from runtime.native.sdp cimport (
    FL_SDP_PARSED,
    MIME_MIXED,
    MIME_SDP,
    SDP_BAD,
    SDP_NONE,
    SDP_OK,
    content_mime,
    find_next_sdp_line,
    find_sdp_line,
    sdp_free,
    sdp_info,
    sdp_parse,
    sdp_session,
    sdp_stream,
)
from runtime.native.sipmsg cimport SipMsg

cdef enum:
    IDS_SIZE = 128          # octets of a list of payload numbers (sdpops_build_ids_list)
    IDS_OF_NAME = 16        # payloads of one codec
    AF_INET = 2
    AF_INET6 = 10

cdef int L_ERR = -1

# Static payload types (RFC 3551). CN has the octets that follow its number in Kamailio's table.
cdef dict STATIC = {
    b"pcmu": b"0", b"gsm": b"3", b"g723": b"4", b"dvi4": b"5,6,16,17", b"lpc": b"7", b"pcma": b"8",
    b"g722": b"9", b"l16": b"10,11", b"qcelp": b"12", b"cn": b"13\0\0\0", b"mpa": b"14",
    b"g728": b"15", b"g729": b"18",
}


cdef int parsed(sip_msg *m, sdp_info *sdp) noexcept:
    """`sdp_parse`, with a line in the log where it fails."""
    cdef int state = sdp_parse(m, sdp)
    if state == SDP_BAD:
        say(L_ERR, "sdpops", "unable to parse sdp")
    return state


cdef str_t view(bytes text) noexcept:
    cdef str_t s
    s.s = NULL if text is None else <char *>text
    s.len = 0 if text is None else <int>len(text)
    return s


# --- lists of codecs -------------------------------------------------------------------------------


cdef bint next_token(str_t *text, str_t *token, char delimiter) noexcept nogil:
    """The next entry of a list, and the rest (str_find_token): an empty one ends the list."""
    cdef char c
    if text.len > 0 and text.s[0] == delimiter:
        text.s += 1
        text.len -= 1
    while text.len > 0 and (text.s[0] == b' ' or text.s[0] == b'\t' or text.s[0] == b'\r'
                            or text.s[0] == b'\n'):
        text.s += 1
        text.len -= 1
    token.s = text.s
    token.len = 0
    while token.len < text.len:
        c = token.s[token.len]
        if c == delimiter or c == 0 or c == b'\r' or c == b'\n':
            break
        token.len += 1
    text.s += token.len
    text.len -= token.len
    return token.len > 0


cdef int codec_place(str_t *list, str_t *codec, char delimiter) noexcept nogil:
    """Where a codec stands in a list, -1: nowhere."""
    cdef int i
    cdef bint start = True
    if codec.len <= 0:
        return -1
    for i in range(list.len):
        if (start and codec.len <= list.len - i and memcmp(list.s + i, codec.s, codec.len) == 0
                and (i + codec.len == list.len or list.s[i + codec.len] == delimiter)):
            return i
        start = list.s[i] == delimiter
    return -1


cdef bytes ids_of(sdp_info *sdp, bytes names):
    """Payload numbers of codecs by name: static ones, else those of a=rtpmap. None: there are none,
    or too many."""
    cdef str_t rest = view(names), name
    cdef int session, i, k
    cdef list found
    ids = []
    size = 0
    while next_token(&rest, &name, b','):
        text = name.s[:name.len].lower()
        if text in STATIC:
            found = [STATIC[text]]
        else:
            found = []
            for i in range(sdp.n_streams):
                for k in range(sdp.streams[i].n_payloads - 1, -1, -1):
                    payload = &sdp.payloads[sdp.streams[i].first_payload + k]
                    if str_caseeq(payload.codec.s, payload.codec.len, name.s, name.len):
                        found.append(payload.id.s[:payload.id.len])
            if len(found) > IDS_OF_NAME:
                found = []
        for one in found:
            if size + len(one) >= IDS_SIZE:
                say(L_ERR, "sdpops", "the list with codecs ids is too big")
                return None
            size += len(one) + 1
            ids.append(one)
    return b",".join(ids) if ids else None


# --- lines -----------------------------------------------------------------------------------------


cdef str_t line_at(sip_msg *m, char *p) noexcept nogil:
    """The line of the message around p, with its end (sdp_locate_line)."""
    cdef char *end = m.buf + m.len
    cdef str_t line
    line.s = p
    while line.s[0] != b'\n':
        line.s -= 1
    line.s += 1
    while p < end and p[0] != b'\n':
        p += 1
    line.len = <int>(p - line.s) + (1 if p < end else 0)
    return line


cdef void remove_codec(sip_msg *m, sdp_stream *stream, str_t *codec) noexcept nogil:
    """Take a payload number out of m=, with the blank before it, and its attributes."""
    cdef int i = codec_place(&stream.payloads, codec, b' ')
    cdef str_t rest = stream.raw, line
    if i >= 0:
        del_lump(m, <int>(stream.payloads.s + i - 1 - m.buf), codec.len + 1, 0)
    while rest.len > 5 and rest.s < m.buf + m.len:
        line = line_at(m, rest.s)
        if attribute_of(&line, b"a=rtpmap:", 9, codec) or attribute_of(&line, b"a=fmtp:", 7, codec) or (
            attribute_of(&line, b"a=rtcp-fb:", 10, codec)
        ):
            del_lump(m, <int>(line.s - m.buf), line.len, 0)
        rest.s = line.s + line.len
        rest.len -= line.len


cdef bint attribute_of(str_t *line, const char *name, int len, str_t *codec) noexcept nogil:
    return (
        line.len > len + codec.len and str_caseeq(line.s, len, name, len)
        and memcmp(line.s + len, codec.s, codec.len) == 0 and line.s[len + codec.len] == b' '
    )


cdef bint is_media(sdp_stream *stream, str_t *media) noexcept nogil:
    return str_caseeq(stream.media.s, stream.media.len, media.s, media.len)


cdef int remove_ids(sip_msg *m, sdp_info *sdp, str_t ids, str_t media) noexcept nogil:
    cdef str_t rest, codec
    cdef int i
    for i in range(sdp.n_streams):
        if media.len and not is_media(&sdp.streams[i], &media):
            continue
        rest = ids
        while next_token(&rest, &codec, b','):
            remove_codec(m, &sdp.streams[i], &codec)
    return 1


cdef int keep_ids(sip_msg *m, sdp_info *sdp, str_t ids, str_t media) noexcept nogil:
    cdef str_t rest, codec
    cdef int i
    for i in range(sdp.n_streams):
        if media.len and not is_media(&sdp.streams[i], &media):
            continue
        rest = sdp.streams[i].payloads
        while next_token(&rest, &codec, b' '):
            if codec_place(&ids, &codec, b',') < 0:
                remove_codec(m, &sdp.streams[i], &codec)
    return 1


cdef int has_ids(sdp_info *sdp, str_t ids) noexcept nogil:
    """1 all codecs are there, 2 some, 0 none (in every stream)."""
    cdef str_t rest, codec
    cdef bint found = False, missing = False
    cdef int i
    for i in range(sdp.n_streams):
        rest = ids
        while next_token(&rest, &codec, b','):
            if codec_place(&sdp.streams[i].payloads, &codec, b' ') < 0:
                missing = True
            else:
                found = True
    return (2 if missing else 1) if found else 0


def remove_codecs_by_id(SipMsg msg, bytes codecs, bytes media=None) -> int:
    """Queue the removal of payloads by number: 1, -1 without SDP."""
    return _edit_codecs(msg, codecs, media, False, False)


def remove_codecs_by_name(SipMsg msg, bytes codecs, bytes media=None) -> int:
    """Queue the removal of payloads by name: 1, -1 without SDP or where no name is known."""
    return _edit_codecs(msg, codecs, media, False, True)


def keep_codecs_by_id(SipMsg msg, bytes codecs, bytes media=None) -> int:
    """Queue the removal of all other payloads: 1, -1 without SDP."""
    return _edit_codecs(msg, codecs, media, True, False)


def keep_codecs_by_name(SipMsg msg, bytes codecs, bytes media=None) -> int:
    """The same by name; -1 also where no name is known."""
    return _edit_codecs(msg, codecs, media, True, True)


cdef int _edit_codecs(SipMsg msg, bytes codecs, bytes media, bint keep, bint by_name) except 0:
    cdef sdp_info sdp
    cdef int result = -1
    cdef bytes ids = codecs
    cdef sip_msg *m = msg.ptr()
    try:
        if parsed(m, &sdp) != SDP_OK:
            return -1
        if by_name:
            ids = ids_of(&sdp, codecs)
        if ids is not None:
            result = (keep_ids if keep else remove_ids)(m, &sdp, view(ids), view(media))
        return result
    finally:
        sdp_free(&sdp)


def with_codecs_by_id(SipMsg msg, bytes codecs) -> int:
    """Are these payloads there, in every stream? 1 all, 2 some, -1 none, -2 no SDP."""
    cdef sdp_info sdp
    cdef int found = -2
    if parsed(msg.ptr(), &sdp) == SDP_OK:
        found = has_ids(&sdp, view(codecs)) or -1
    sdp_free(&sdp)
    return found


def with_codecs_by_name(SipMsg msg, bytes codecs) -> int:
    """The same by name; -1 also without SDP or where no name is known."""
    cdef sdp_info sdp
    cdef sip_msg *m = msg.ptr()
    cdef int found = -1
    try:
        if parsed(m, &sdp) == SDP_OK:
            ids = ids_of(&sdp, codecs)
            if ids is not None:
                found = has_ids(&sdp, view(ids)) or -1
        return found
    finally:
        sdp_free(&sdp)


# --- streams ---------------------------------------------------------------------------------------


cdef bint is_transport(sdp_stream *stream, str_t *transport) noexcept nogil:
    return str_caseeq(stream.transport.s, stream.transport.len, transport.s, transport.len)


cdef bint is_active(sdp_stream *stream, str_t *media) noexcept nogil:
    return is_media(stream, media) and atoi(stream.port.s) != 0 and not (
        str_caseeq(stream.mode.s, stream.mode.len, b"inactive", 8)
    )


cdef bint holds(sdp_stream *stream, str_t *part) noexcept nogil:
    """Is it in the transport, with regard to case?"""
    cdef int i
    for i in range(stream.transport.len - part.len + 1 if part.len else 0):
        if memcmp(stream.transport.s + i, part.s, part.len) == 0:
            return True
    return False


cdef int any_stream(sip_msg *m, bint (*test)(sdp_stream *, str_t *) noexcept nogil, str_t wanted) noexcept:
    cdef sdp_info sdp
    cdef int i, found = -1
    if parsed(m, &sdp) == SDP_OK:
        for i in range(sdp.n_streams):
            if test(&sdp.streams[i], &wanted):
                found = 1
                break
    sdp_free(&sdp)
    return found


cdef int remove_streams(sip_msg *m, bint (*test)(sdp_stream *, str_t *) noexcept nogil, str_t wanted) noexcept:
    """Queue the removal of streams, each up to the next one of its session or the last SDP's end."""
    cdef sdp_info sdp
    cdef sdp_stream *stream
    cdef int i, found = -1
    cdef char *start
    cdef char *end
    if parsed(m, &sdp) == SDP_OK:
        for i in range(sdp.n_streams):
            stream = &sdp.streams[i]
            if not test(stream, &wanted):
                continue
            start = stream.media.s - 2
            if i + 1 < sdp.n_streams and sdp.streams[i + 1].session == stream.session:
                end = sdp.streams[i + 1].media.s - 2
            else:
                end = sdp.raw.s + sdp.raw.len
            if end < start or del_lump(m, <int>(start - m.buf), <int>(end - start), 0) is NULL:
                found = -1
                break
            found = 1
    sdp_free(&sdp)
    return found


def with_media(SipMsg msg, bytes media) -> int:
    """Is there a stream of this media? 1 or -1."""
    return any_stream(msg.ptr(), is_media, view(media))


def with_active_media(SipMsg msg, bytes media) -> int:
    """Is there one with a port that is not inactive? 1 or -1."""
    return any_stream(msg.ptr(), is_active, view(media))


def with_transport(SipMsg msg, bytes transport) -> int:
    """Is there a stream of this transport? 1 or -1."""
    return any_stream(msg.ptr(), is_transport, view(transport))


def with_transport_like(SipMsg msg, bytes transport) -> int:
    """Is there one whose transport holds this text, with regard to case? 1 or -1."""
    return any_stream(msg.ptr(), holds, view(transport))


def remove_media(SipMsg msg, bytes media) -> int:
    """Queue the removal of the streams of this media: 1, -1 there are none."""
    return remove_streams(msg.ptr(), is_media, view(media))


def remove_transport(SipMsg msg, bytes transport) -> int:
    """Queue the removal of the streams of this transport: 1, -1 there are none."""
    return remove_streams(msg.ptr(), is_transport, view(transport))


def transport(SipMsg msg):
    """The transport that all streams have, b"" without streams; -1 no SDP, -2 they differ."""
    cdef sdp_info sdp
    cdef sip_msg *m = msg.ptr()
    cdef str_t *first
    cdef int i
    try:
        if parsed(m, &sdp) == SDP_BAD:
            return -1
        for i in range(1, sdp.n_streams):
            if not is_transport(&sdp.streams[i], &sdp.streams[0].transport):
                return -2
        if sdp.n_streams == 0:
            return b""
        first = &sdp.streams[0].transport
        return first.s[:first.len]
    finally:
        sdp_free(&sdp)


def address_family(SipMsg msg) -> int:
    """4 or 6, by c= before the first stream of the last session; -1 without."""
    cdef sdp_info sdp
    cdef int family = 0
    if parsed(msg.ptr(), &sdp) == SDP_OK and sdp.n_sessions:
        family = sdp.sessions[sdp.n_sessions - 1].family
    sdp_free(&sdp)
    return 4 if family == AF_INET else 6 if family == AF_INET6 else -1


# --- the whole -------------------------------------------------------------------------------------


def body(SipMsg msg):
    """The SDP, the last one of several; -1 malformed, -2 the message has no body."""
    cdef sdp_info sdp
    cdef sip_msg *m = msg.ptr()
    cdef int state
    try:
        state = sdp_parse(m, &sdp)
        if state != SDP_OK:
            return -1 if state == SDP_BAD else -2
        return sdp.raw.s[:sdp.raw.len] if sdp.raw.len > 0 else b""
    finally:
        sdp_free(&sdp)


def content(SipMsg msg) -> int:
    """Is there an SDP that can be parsed? 1 or -1."""
    cdef sdp_info sdp
    cdef int state = parsed(msg.ptr(), &sdp)
    sdp_free(&sdp)
    return 1 if state == SDP_OK else -1


def content_sloppy(SipMsg msg) -> int:
    """Does Content-Type, or a part of a multipart body, speak of SDP? 1 or -1."""
    cdef sip_msg *m = msg.ptr()
    cdef int mime
    if not m.headers_done and parse_headers(m, HDR_EOH_F) < 0:
        return -1
    if m.body_off == 0 or m.body_off >= m.len:
        return -1
    mime = content_mime(m)
    if mime == MIME_MIXED:
        return 1 if b"application/sdp" in m.buf[m.body_off:m.len].lower() else -1
    return 1 if mime == 0 or mime == MIME_SDP else -1


def with_ice(SipMsg msg) -> int:
    """Is a=candidate in the body? 1 or -1."""
    cdef sip_msg *m = msg.ptr()
    if not m.headers_done and parse_headers(m, HDR_EOH_F) < 0:
        return -1
    return 1 if m.body_off and b"a=candidate" in m.buf[m.body_off:m.len] else -1


def get_line(SipMsg msg, bytes prefix):
    """The first line that begins with this, without its CRLF; -1 none, -2 the message has no body."""
    cdef sdp_info sdp
    cdef str_t start = view(prefix), line
    cdef sip_msg *m = msg.ptr()
    cdef char *end = m.buf + m.len
    cdef char *p
    cdef int state
    if start.len == 0:
        return -1
    try:
        state = parsed(m, &sdp)
        if state != SDP_OK or sdp.raw.s is NULL:
            return -2 if state == SDP_NONE else -1
        p = find_sdp_line(sdp.raw.s, end, start.s[0])
        while p is not NULL:
            line = line_at(m, p)
            if start.len <= end - line.s and memcmp(line.s, start.s, start.len) == 0:
                if line.len >= 2 and line.s[line.len - 2] == b'\r' and line.s[line.len - 1] == b'\n':
                    line.len -= 2
                return line.s[:line.len]
            p = find_sdp_line(line.s + line.len, end, start.s[0])
        return -1
    finally:
        sdp_free(&sdp)


cdef int remove_lines(sip_msg *m, str_t text, str_t *prefix) noexcept nogil:
    """Queue the removal of lines, adjacent ones together: how many, -1 no memory."""
    cdef char *end = text.s + text.len
    cdef char *p = find_sdp_line(text.s, end, prefix.s[0])
    cdef str_t line, gone
    cdef int found = 0
    while p is not NULL:
        line = line_at(m, p)
        if end < line.s + prefix.len:
            break
        if memcmp(line.s, prefix.s, prefix.len) == 0:
            if found and gone.s + gone.len == line.s:
                gone.len += line.len
            else:
                if found and del_lump(m, <int>(gone.s - m.buf), gone.len, 0) is NULL:
                    return -1
                gone = line
            found += 1
        p = find_next_sdp_line(p, end, prefix.s[0], NULL)
    if found and del_lump(m, <int>(gone.s - m.buf), gone.len, 0) is NULL:
        return -1
    return found


def remove_line_by_prefix(SipMsg msg, bytes prefix, bytes media=None) -> int:
    """Queue the removal of lines, of the streams of a media or of all: 1, -1 without SDP."""
    cdef sdp_info sdp
    cdef str_t start = view(prefix), wanted = view(media)
    cdef int i, found = -1
    if parsed(msg.ptr(), &sdp) == SDP_OK and sdp.raw.len > 0:
        if wanted.len == 0:
            found = remove_lines(msg.m, sdp.raw, &start)
        else:
            found = 0
            for i in range(sdp.n_streams):
                if is_media(&sdp.streams[i], &wanted):
                    found += remove_lines(msg.m, sdp.streams[i].raw, &start)
    sdp_free(&sdp)
    return 1 if found >= 0 else -1


def was_parsed(SipMsg msg) -> bool:
    """Has the SDP been looked at, since the message arrived or its edits were applied?"""
    return msg.ptr().msg_flags & FL_SDP_PARSED != 0


def session_version(SipMsg msg):
    """(offset, text) of the last session's version in o=; None without."""
    cdef sdp_info sdp
    cdef sip_msg *m = msg.ptr()
    cdef str_t *version
    try:
        if sdp_parse(m, &sdp) != SDP_OK or sdp.n_sessions == 0:
            return None
        version = &sdp.sessions[sdp.n_sessions - 1].version
        if version.s is NULL:
            return None
        return version.s - m.buf, version.s[:version.len]
    finally:
        sdp_free(&sdp)
