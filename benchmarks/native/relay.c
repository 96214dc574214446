/* The reference: a bare relay. Receives a packet of one socket of a pair, sends it by the other;
 * no header is looked at, nothing is counted. Connected sockets, and the media worker's own naps
 * (milliseconds in the first argument), so that what differs is only what the worker does more.
 *
 *   <- PAIRS FAR FAR ...       -> LOCAL LOCAL ...
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { MAX_READY = 4096, MAX_FD = 1 << 20 };
static int other[MAX_FD];

static int udp(int far, int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || fd >= MAX_FD || bind(fd, (void *)&at, size) < 0) {
        perror("udp");
        exit(1);
    }
    getsockname(fd, (void *)&at, &size);
    *port = ntohs(at.sin_port);
    at.sin_port = htons(far);
    connect(fd, (void *)&at, sizeof at);
    return fd;
}

int main(int argc, char **argv)
{
    static struct epoll_event ready[MAX_READY];
    static char buffer[2048];
    struct timespec nap = {0, (argc > 1 ? atof(argv[1]) : 4) * 1e6};
    struct rlimit limit;
    int pairs, far[2], port[2], fd[2], poll = epoll_create1(0);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (scanf("%d", &pairs) != 1)
        return 1;
    for (int i = 0; i < pairs; i++) {
        if (scanf("%d %d", &far[0], &far[1]) != 2)
            return 1;
        for (int k = 0; k < 2; k++) {
            fd[k] = udp(far[k], &port[k]);
            struct epoll_event event = {.events = EPOLLIN, .data.fd = fd[k]};
            epoll_ctl(poll, EPOLL_CTL_ADD, fd[k], &event);
        }
        other[fd[0]] = fd[1];
        other[fd[1]] = fd[0];
        printf("%d %d ", port[0], port[1]);
    }
    puts("");
    fflush(stdout);
    for (;;) {
        nanosleep(&nap, NULL);
        int n = epoll_wait(poll, ready, MAX_READY, 0);
        for (int i = 0; i < n; i++) {
            ssize_t size = recv(ready[i].data.fd, buffer, sizeof buffer, 0);
            if (size > 0)
                send(other[ready[i].data.fd], buffer, size, 0);
        }
    }
}
