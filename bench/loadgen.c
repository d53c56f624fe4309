/* A lean closed-loop SIP load generator: keeps a number of units in flight over loopback UDP.
 *
 *   loadgen WORKLOAD SERVER-PORT UAC-PORT UAS-PORT IN-FLIGHT UNITS WARM-UP
 *
 * WORKLOAD: options, message, call, register. The program is both ends: requests leave the UAC
 * socket, and what the server relays arrives at the UAS socket and is answered there. After
 * WARM-UP units it prints "warm" and waits for a line on standard input, then does UNITS units and
 * prints one line:  units N lost N retransmitted N seconds S
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FLIGHT = 1024, PACKET = 4096, BATCH = 64, RETRANSMIT_MS = 500, GIVE_UP_MS = 8000 };
enum kind { OPTIONS, MESSAGE, CALL, REGISTER };

struct unit {
    uint64_t number;      /* which unit fills this slot */
    uint64_t sent_ms;     /* when the current request was sent last */
    uint64_t started_ms;
    int stage;            /* CALL: 0 INVITE, 1 BYE */
    int length;
    char request[PACKET]; /* the current request, for retransmission */
};

static struct unit units[MAX_FLIGHT];
static enum kind kind;
static int uac, uas, in_flight, server_port, uac_port, uas_port;
static uint64_t started, finished, lost, retransmitted, target;
static const uint64_t users = 10000;

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int udp_socket(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int size = 8 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0) die("bind");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    a.sin_port = htons((uint16_t)server_port);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0) die("connect");
    return fd;
}

/* Outgoing packets leave in batches. */
static struct { int fd, count; char data[BATCH][PACKET]; int length[BATCH]; } out[2];

static void flush_out(int which)
{
    struct mmsghdr m[BATCH];
    struct iovec v[BATCH];
    int n = out[which].count, done = 0;
    memset(m, 0, sizeof m[0] * (size_t)n);
    for (int i = 0; i < n; i++) {
        v[i].iov_base = out[which].data[i];
        v[i].iov_len = (size_t)out[which].length[i];
        m[i].msg_hdr.msg_iov = &v[i];
        m[i].msg_hdr.msg_iovlen = 1;
    }
    while (done < n) {
        int r = sendmmsg(out[which].fd, m + done, (unsigned)(n - done), 0);
        if (r < 0 && errno != EINTR && errno != ECONNREFUSED && errno != EAGAIN) die("sendmmsg");
        if (r > 0) done += r;
    }
    out[which].count = 0;
}

static void queue(int which, const char *data, int length)
{
    int n = out[which].count++;
    memcpy(out[which].data[n], data, (size_t)length);
    out[which].length[n] = length;
    if (out[which].count == BATCH) flush_out(which);
}

static void transmit(struct unit *u)
{
    u->sent_ms = now_ms();
    queue(0, u->request, u->length);
}

static void start_unit(int slot)
{
    static const char *method[] = {"OPTIONS", "MESSAGE", "INVITE", "REGISTER"};
    struct unit *u = &units[slot];
    char user[32], contact[96] = "", uri[64];
    const char *body = "", *type = "";
    if (started == target) {
        u->length = 0;
        return;
    }
    u->number = started++;
    u->stage = 0;
    u->started_ms = now_ms();
    snprintf(user, sizeof user, "u%05llu", (unsigned long long)(u->number % users));
    snprintf(uri, sizeof uri, "sip:127.0.0.1:%d", server_port);
    if (kind == MESSAGE || kind == CALL)
        snprintf(uri, sizeof uri, "sip:%s@127.0.0.1:%d", user, uas_port);
    if (kind == CALL || kind == REGISTER)
        snprintf(contact, sizeof contact, "Contact: <sip:%s@127.0.0.1:%d>\r\n", user, uac_port);
    if (kind == MESSAGE) type = "Content-Type: text/plain\r\n", body = "hello";
    if (kind == CALL)
        type = "Content-Type: application/sdp\r\n",
        body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
               "m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n";
    u->length = snprintf(
        u->request, PACKET,
        "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK-%d-%llu-0\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:%s@127.0.0.1>;tag=f%llu\r\nTo: <sip:%s@127.0.0.1>\r\n"
        "Call-ID: %d-%llu@bench\r\nCSeq: 1 %s\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
        method[kind], uri, uac_port, slot, (unsigned long long)u->number, user,
        (unsigned long long)u->number, user, slot, (unsigned long long)u->number, method[kind],
        contact, kind == REGISTER ? "Expires: 3600\r\n" : "User-Agent: loadgen\r\n", type,
        strlen(body), body);
    transmit(u);
}

/* The first header called `name` (with its colon): start of the whole line, its length. */
static char *header(char *message, const char *name, int *length)
{
    char key[64], *line, *end;
    snprintf(key, sizeof key, "\r\n%s ", name);
    line = strstr(message, key);
    if (!line) return NULL;
    line += 2;
    end = strstr(line, "\r\n");
    if (!end) return NULL;
    *length = (int)(end + 2 - line);
    return line;
}

static int append_header(char *to, char *message, const char *name, const char *as)
{
    int length;
    char *line = header(message, name, &length);
    if (!line) return 0;
    if (!as) {
        memcpy(to, line, (size_t)length);
        return length;
    }
    length -= (int)strlen(name);
    int n = sprintf(to, "%s", as);
    memcpy(to + n, line + strlen(name), (size_t)length);
    return n + length;
}

/* The request `method` inside the call that the 200 `reply` made. */
static int in_dialog(char *to, struct unit *u, char *reply, int slot, const char *method, int cseq)
{
    int n = sprintf(to,
                    "%s sip:u%05llu@127.0.0.1:%d SIP/2.0\r\n"
                    "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK-%d-%llu-%d\r\n"
                    "Max-Forwards: 70\r\n",
                    method, (unsigned long long)(u->number % users), uas_port, uac_port, slot,
                    (unsigned long long)u->number, cseq + (*method == 'A' ? 7 : 0));
    n += append_header(to + n, reply, "Record-Route:", "Route:");
    n += append_header(to + n, reply, "From:", NULL);
    n += append_header(to + n, reply, "To:", NULL);
    n += append_header(to + n, reply, "Call-ID:", NULL);
    return n + sprintf(to + n, "CSeq: %d %s\r\nContent-Length: 0\r\n\r\n", cseq, method);
}

static void on_reply(char *m)
{
    int slot, length;
    unsigned long long number;
    char *id = header(m, "Call-ID:", &length);
    if (!id || sscanf(id, "Call-ID: %d-%llu@", &slot, &number) != 2) return;
    if (slot < 0 || slot >= in_flight) return;
    struct unit *u = &units[slot];
    if (u->number != number || !u->length) return;
    int code = atoi(m + 8);
    if (code < 200) {
        if (kind == CALL) u->sent_ms = now_ms() + GIVE_UP_MS; /* no retransmission after 100 */
        return;
    }
    if (code >= 300) {
        lost++;
        finished++;
        start_unit(slot);
        return;
    }
    if (kind == CALL && u->stage == 0) {
        char ack[PACKET];
        int line;
        char *cseq = header(m, "CSeq:", &line);
        if (!cseq || !strstr(cseq, "1 INVITE")) return;
        queue(0, ack, in_dialog(ack, u, m, slot, "ACK", 1));
        u->stage = 1;
        u->length = in_dialog(u->request, u, m, slot, "BYE", 2);
        transmit(u);
        return;
    }
    if (kind == CALL) {
        int line;
        char *cseq = header(m, "CSeq:", &line);
        if (!cseq || !strstr(cseq, "2 BYE")) return;
    }
    finished++;
    start_unit(slot);
}

static void on_request(char *m)
{
    char reply[PACKET], *via = m;
    int n, length;
    if (!strncmp(m, "ACK ", 4)) return;
    n = sprintf(reply, "SIP/2.0 200 OK\r\n");
    while ((via = header(via, "Via:", &length))) {
        memcpy(reply + n, via, (size_t)length);
        n += length;
        via += length - 2;
    }
    n += append_header(reply + n, m, "Record-Route:", NULL);
    n += append_header(reply + n, m, "From:", NULL);
    length = append_header(reply + n, m, "To:", NULL);
    n += length;
    if (length && !memmem(reply + n - length, (size_t)length, ";tag=", 5))
        n += sprintf(reply + n - 2, ";tag=uas\r\n") - 2;
    n += append_header(reply + n, m, "Call-ID:", NULL);
    n += append_header(reply + n, m, "CSeq:", NULL);
    n += sprintf(reply + n, "Contact: <sip:127.0.0.1:%d>\r\nContent-Length: 0\r\n\r\n", uas_port);
    queue(1, reply, n);
}

static void receive(int fd, void (*handle)(char *))
{
    static char data[BATCH][PACKET * 2];
    struct mmsghdr m[BATCH];
    struct iovec v[BATCH];
    memset(m, 0, sizeof m);
    for (int i = 0; i < BATCH; i++) {
        v[i].iov_base = data[i];
        v[i].iov_len = sizeof data[i] - 1;
        m[i].msg_hdr.msg_iov = &v[i];
        m[i].msg_hdr.msg_iovlen = 1;
    }
    int n = recvmmsg(fd, m, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
        data[i][m[i].msg_len] = 0;
        handle(data[i]);
    }
}

static void check_timers(void)
{
    uint64_t now = now_ms();
    for (int i = 0; i < in_flight; i++) {
        struct unit *u = &units[i];
        if (!u->length) continue;
        if (now > u->started_ms + GIVE_UP_MS) {
            lost++;
            finished++;
            start_unit(i);
        } else if (now > u->sent_ms + RETRANSMIT_MS) {
            retransmitted++;
            transmit(u);
        }
    }
}

static void run(uint64_t count)
{
    uint64_t next_check = now_ms() + 100;
    target = started + count;
    uint64_t end = finished + count;
    for (int i = 0; i < in_flight; i++) start_unit(i);
    while (finished < end) {
        struct pollfd p[2] = {{.fd = uac, .events = POLLIN}, {.fd = uas, .events = POLLIN}};
        flush_out(0);
        flush_out(1);
        if (poll(p, 2, 50) < 0 && errno != EINTR) die("poll");
        if (p[1].revents) receive(uas, on_request);
        if (p[0].revents) receive(uac, on_reply);
        if (now_ms() > next_check) {
            check_timers();
            next_check = now_ms() + 100;
        }
    }
}

int main(int argc, char **argv)
{
    static const char *names[] = {"options", "message", "call", "register"};
    struct timespec a, b;
    char line[16];
    if (argc != 8) {
        fprintf(stderr, "usage: loadgen WORKLOAD SERVER UAC UAS IN-FLIGHT UNITS WARM-UP\n");
        return 2;
    }
    for (int i = 0; i < 4; i++)
        if (!strcmp(argv[1], names[i])) kind = (enum kind)i;
    server_port = atoi(argv[2]);
    uac_port = atoi(argv[3]);
    uas_port = atoi(argv[4]);
    in_flight = atoi(argv[5]);
    if (in_flight < 1 || in_flight > MAX_FLIGHT) return 2;
    out[0].fd = uac = udp_socket(uac_port);
    out[1].fd = uas = udp_socket(uas_port);
    run(strtoull(argv[7], NULL, 10));
    printf("warm\n");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) return 1;
    lost = retransmitted = 0;
    clock_gettime(CLOCK_MONOTONIC, &a);
    run(strtoull(argv[6], NULL, 10));
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("units %s lost %llu retransmitted %llu seconds %.3f\n", argv[6],
           (unsigned long long)lost, (unsigned long long)retransmitted,
           (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
    return 0;
}
