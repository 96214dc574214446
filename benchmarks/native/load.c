/* Far phones by the hundred: each sends 50 packets a second of A-law and measures what comes back.
 *
 * Speaks as benchmarks/load.py does, which is taken where there is no compiler:
 *   <- COUNT                        -> RTCP_PORT PORT PORT ...
 *   <- WARM SECONDS TO TO ...       -> go, done, and one line of names and values
 *   <- INDEX TO                     meanwhile: this phone is in another call now
 *
 * A packet carries the time of its sending in the first eight octets of its payload. Times of
 * arrival are the kernel's (SO_TIMESTAMPNS), so that this program's own lateness is not in them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SLICES = 20, PACKET = 172, MAX_READY = 4096, EVERY = 3 };
static const double PERIOD = 0.02;

struct phone {
    int fd, has_first;
    uint32_t ssrc;
    uint16_t first;
    int highest;
    double last, heard, silence; /* silence: the longest between two packets, over streams */
};

static struct phone *phones;
static int count, is_measuring;
static long received, expected, in_time; /* in_time: received until "done" */
static double *delays, *jitters;
static size_t delay_count, jitter_count, room;

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int udp(int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), on = 1;
    if (fd < 0 || bind(fd, (void *)&at, size) < 0) {
        perror("udp");
        exit(1);
    }
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    getsockname(fd, (void *)&at, &size);
    *port = ntohs(at.sin_port);
    return fd;
}

static void aim(struct phone *phone, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons(port)};
    connect(phone->fd, (void *)&to, sizeof to);
}

static void send_slice(int first, unsigned step)
{
    static unsigned char packet[PACKET];
    memset(packet, 0xd5, sizeof packet);
    packet[0] = 0x80;
    packet[1] = 8;
    for (int i = first; i < count; i += SLICES) {
        uint16_t sequence = htons(step);
        uint32_t stamp = htonl(step * 160), ssrc = htonl(1000 + i);
        double at = now(CLOCK_REALTIME);
        memcpy(packet + 2, &sequence, 2);
        memcpy(packet + 4, &stamp, 4);
        memcpy(packet + 8, &ssrc, 4);
        memcpy(packet + 12, &at, 8);
        send(phones[i].fd, packet, PACKET, 0);
    }
}

/* How many packets its stream had, by its sequence numbers. */
static void settle(struct phone *phone)
{
    expected += phone->has_first ? phone->highest + 1 : 0;
    phone->has_first = phone->highest = 0;
    phone->last = 0;
}

static double arrival(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            return t.tv_sec + t.tv_nsec / 1e9;
        }
    return now(CLOCK_REALTIME);
}

static void take_one(struct phone *phone)
{
    unsigned char packet[2048], control[128];
    struct iovec part = {packet, sizeof packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t size = recvmsg(phone->fd, &message, 0);
    if (size < 20 || !is_measuring)
        return;
    received++;
    uint16_t sequence = (uint16_t)(packet[2] << 8 | packet[3]);
    uint32_t ssrc;
    memcpy(&ssrc, packet + 8, 4);
    if (!phone->has_first || phone->ssrc != ssrc) {
        settle(phone); /* another stream begins: another call, or another worker */
        phone->has_first = 1;
        phone->ssrc = ssrc;
        phone->first = sequence;
    }
    /* By how much it is ahead of the highest: streams are longer than half of all numbers. */
    int16_t ahead = (int16_t)(sequence - (uint16_t)(phone->first + phone->highest));
    if (ahead > 0)
        phone->highest += ahead;
    double at = arrival(&message), sent;
    memcpy(&sent, packet + 12, 8);
    if (phone->last > 0 && received % EVERY == 0 && jitter_count < room) {
        double off = at - phone->last - PERIOD;
        jitters[jitter_count++] = off < 0 ? -off : off;
        if (at - sent >= 0 && at - sent < 10)
            delays[delay_count++] = at - sent;
    }
    phone->last = at;
    if (phone->heard > 0 && at - phone->heard > phone->silence)
        phone->silence = at - phone->heard;
    phone->heard = at;
}

static void take(int epoll)
{
    static struct epoll_event ready[MAX_READY];
    int n = epoll_wait(epoll, ready, MAX_READY, 0);
    for (int i = 0; i < n; i++)
        take_one(&phones[ready[i].data.u32]);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double *values, size_t n, double part)
{
    if (!n)
        return 0;
    qsort(values, n, sizeof *values, by_value);
    return values[(size_t)(part * (n - 1))] * 1000;
}

/* Whole lines only are there: the writer flushes line by line. */
static void obey(void)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    static char line[64];
    static int size;
    while (poll(&input, 1, 0) == 1 && read(0, line + size, 1) == 1) {
        int index, port;
        if (line[size] != '\n' && ++size < (int)sizeof line - 1)
            continue;
        line[size] = 0;
        size = 0;
        if (sscanf(line, "%d %d", &index, &port) != 2 || index < 0 || index >= count)
            continue;
        settle(&phones[index]);
        aim(&phones[index], port);
    }
}

static void run(double warm, double seconds)
{
    int epoll = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        epoll_ctl(epoll, EPOLL_CTL_ADD, phones[i].fd, &event);
    }
    double start = now(CLOCK_MONOTONIC);
    long slices = (warm + seconds) / PERIOD * SLICES;
    for (long number = 0; number < slices; number++) {
        double wait = start + number * PERIOD / SLICES - now(CLOCK_MONOTONIC);
        if (wait > 0) {
            struct timespec t = {0, wait * 1e9};
            nanosleep(&t, NULL);
        }
        if (!is_measuring && number >= warm / PERIOD * SLICES) {
            is_measuring = 1;
            puts("go");
            fflush(stdout);
        }
        send_slice(number % SLICES, number / SLICES);
        take(epoll);
        obey();
    }
    in_time = received;
    puts("done");
    fflush(stdout);
    for (int quiet = 0, i = 0; i < 600 && quiet < 20; i++) { /* what is still on its way */
        struct timespec t = {0, 5000000};
        long before = received;
        nanosleep(&t, NULL);
        take(epoll);
        quiet = received == before ? quiet + 1 : 0;
    }
}

int main(void)
{
    struct rlimit limit;
    int port, sink;
    double warm, seconds;
    setvbuf(stdin, NULL, _IONBF, 0); /* it is polled as well */
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (scanf("%d", &count) != 1 || count < 1)
        return 1;
    phones = calloc(count, sizeof *phones);
    udp(&sink);
    printf("%d", sink);
    for (int i = 0; i < count; i++) {
        phones[i].fd = udp(&port);
        printf(" %d", port);
    }
    puts("");
    fflush(stdout);
    if (scanf("%lf %lf", &warm, &seconds) != 2)
        return 1;
    for (int i = 0; i < count; i++) {
        if (scanf("%d", &port) != 1)
            return 1;
        aim(&phones[i], port);
    }
    room = (size_t)(count * 60.0 * (seconds < 60 ? seconds : 60));
    delays = calloc(room, sizeof *delays);
    jitters = calloc(room, sizeof *jitters);
    run(warm, seconds);
    for (int i = 0; i < count; i++)
        settle(&phones[i]);
    printf("sent %ld received %ld handled %ld due %.0f", expected, received, in_time,
           count * seconds / PERIOD);
    printf(" delay50 %.3f delay99 %.3f", percentile(delays, delay_count, .5),
           percentile(delays, delay_count, .99));
    double *silences = calloc(count, sizeof *silences), end = now(CLOCK_REALTIME);
    int mute = 0;
    for (int i = 0; i < count; i++) {
        silences[i] = phones[i].silence;
        mute += end - phones[i].heard > 1;
    }
    printf(" silence50 %.1f silence100 %.1f mute %d", percentile(silences, count, .5),
           percentile(silences, count, 1), mute);
    printf(" jitter50 %.3f jitter99 %.3f\n", percentile(jitters, jitter_count, .5),
           percentile(jitters, jitter_count, .99));
    return 0;
}
