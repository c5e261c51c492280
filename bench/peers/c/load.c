/* The load, one thread with epoll:
 *
 *   load PORT flow CONNECTIONS DEPTH SIZE WARM SECONDS   keeps DEPTH messages of SIZE bytes under way on each connection;
 *                                                        prints messages per second, and how many there were with those
                                                        of the WARM seconds
 *   load PORT churn CONNECTIONS SIZE WARM SECONDS        connect, one message, its echo, close, again; prints connections per
 *                                                        second
 *   load PORT udp CLIENTS SIZE WARM SECONDS              keeps a datagram of SIZE bytes under way from each client; prints
 *                                                        datagrams echoed a second; fails if one is lost
 *   load PORT idle CONNECTIONS                           opens them, one message and its echo on each, prints "idle", holds
 *                                                        them until its input ends
 *
 * Connections go to 127.0.0.1 to 127.0.0.200 in turn, so that a machine's ports suffice; datagrams to 127.0.0.1. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (256 * 1024)

struct connection {
    int fd;
    int connecting;
    long to_send; /* bytes that may be sent now */
    long echoed;  /* bytes of the message that is coming back */
    int waits_out;
};

static char out[CHUNK], in[CHUNK];
static int port, loop, churning, udp, ending;
static long depth = 1, size = 64, done;
static unsigned turn;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct connection *c, int op, int events) {
    struct epoll_event e = {.events = events, .data.ptr = c};
    if (epoll_ctl(loop, op, c->fd, &e)) die("epoll_ctl");
}

static void open_connection(struct connection *c) {
    int on = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(0x7f000001 + (udp ? 0 : turn++ % 200));
    c->fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die("socket");
    if (!udp) setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->connecting = connect(c->fd, (void *)&to, sizeof to) != 0;
    if (c->connecting && errno != EINPROGRESS) die("connect");
    c->to_send = depth * size;
    c->echoed = 0;
    c->waits_out = 1;
    watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static void send_some(struct connection *c) {
    while (c->to_send > 0) {
        ssize_t n = write(c->fd, out, c->to_send < CHUNK ? c->to_send : CHUNK);
        if (n < 0) {
            if (errno != EAGAIN) die("write");
            if (!c->waits_out) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            c->waits_out = 1;
            return;
        }
        c->to_send -= n;
    }
    if (c->waits_out) watch(c, EPOLL_CTL_MOD, EPOLLIN);
    c->waits_out = 0;
}

static void receive(struct connection *c) {
    ssize_t n = read(c->fd, in, CHUNK);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die(n == 0 ? "the server closed" : "read");
    c->echoed += n;
    long messages = c->echoed / size;
    c->echoed -= messages * size;
    done += messages;
    if (churning && messages > 0) {
        close(c->fd);
        open_connection(c);
        return;
    }
    c->to_send += churning || ending ? 0 : messages * size;
    send_some(c);
}

static void turn_once(int idle, long *answered) {
    struct epoll_event events[512];
    int n = epoll_wait(loop, events, 512, 10000);
    if (n == 0) {
        fprintf(stderr, "nothing came for ten seconds\n");
        exit(1);
    }
    for (int i = 0; i < n; i++) {
        struct connection *c = events[i].data.ptr;
        if (events[i].events & EPOLLIN) {
            if (idle) {
                ssize_t got = read(c->fd, in, CHUNK);
                if (got > 0) (*answered)++;
            } else {
                receive(c);
                continue;
            }
        }
        if (events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) send_some(c);
    }
}

int main(int argc, char **argv) {
    struct rlimit files = {0};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    port = atoi(argv[1]);
    int idle = !strcmp(argv[2], "idle");
    churning = !strcmp(argv[2], "churn");
    udp = !strcmp(argv[2], "udp");
    int connections = atoi(argv[3]), at = 4;
    if (!idle && !churning && !udp) depth = atol(argv[at++]);
    if (!idle) size = atol(argv[at++]);
    double warm = idle ? 0 : atof(argv[at++]), seconds = idle ? 0 : atof(argv[at++]);
    loop = epoll_create1(0);
    struct connection *all = calloc(connections, sizeof *all);
    long answered = 0;
    for (int i = 0; i < connections; i++) {
        open_connection(&all[i]);
        if (idle) while (answered < i - 100) turn_once(1, &answered);
    }
    if (idle) {
        while (answered < connections) turn_once(1, &answered);
        printf("idle\n");
        fflush(stdout);
        while (read(0, in, CHUNK) > 0) {}
        return 0;
    }
    double start = now();
    while (now() - start < warm) turn_once(0, NULL);
    long warmed = done;
    start = now();
    double end;
    while ((end = now()) - start < seconds) turn_once(0, NULL);
    long echoed = done;
    ending = 1; /* of datagrams the last of every client must come back too */
    while (udp && done < echoed + connections) turn_once(0, NULL);
    printf("%.0f %ld\n", (echoed - warmed) / (end - start), echoed);
    return 0;
}
