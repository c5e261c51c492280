/* The limit: an echo with epoll in C, nothing but read and write on one thread. Arguments: port, host, and "64k" for one that
 * reads as most programs do, at most 64 KiB and to no particular address, or "udp" for one of datagrams. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* With 64 KiB streams are half as fast, and with one that begins elsewhere in its page a quarter slower. */
static char pages[256 * 1024] __attribute__((aligned(4096)));
static char *buffer = pages;
static size_t most = sizeof pages;

struct connection {
    int fd;
    char *rest; /* read, and not yet taken by the kernel */
    size_t size, sent;
};

static int flush_rest(struct connection *c) {
    while (c->sent < c->size) {
        ssize_t n = write(c->fd, c->rest + c->sent, c->size - c->sent);
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        c->sent += n;
    }
    free(c->rest);
    c->rest = NULL;
    return 1;
}

static int echo(int loop, struct connection *c) {
    ssize_t n = read(c->fd, buffer, most);
    if (n <= 0) return n < 0 && errno == EAGAIN ? 0 : -1;
    ssize_t w = write(c->fd, buffer, n);
    if (w < 0 && errno != EAGAIN) return -1;
    if (w < 0) w = 0;
    if (w < n) {
        c->size = n - w;
        c->sent = 0;
        c->rest = malloc(c->size);
        memcpy(c->rest, buffer + w, c->size);
        struct epoll_event e = {.events = EPOLLOUT, .data.ptr = c};
        epoll_ctl(loop, EPOLL_CTL_MOD, c->fd, &e);
    }
    return 0;
}

static int echo_datagrams(struct sockaddr_in where) {
    int port = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), loop = epoll_create1(0);
    if (bind(port, (void *)&where, sizeof where)) {
        perror("bind");
        return 1;
    }
    struct epoll_event e = {.events = EPOLLIN};
    epoll_ctl(loop, EPOLL_CTL_ADD, port, &e);
    printf("listening on %d\n", ntohs(where.sin_port));
    fflush(stdout);
    for (;;) {
        epoll_wait(loop, &e, 1, -1);
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t n;
        while ((n = recvfrom(port, buffer, most, 0, (void *)&from, &size)) >= 0) sendto(port, buffer, n, 0, (void *)&from, size);
    }
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a peer may be gone */
    if (argc > 3 && !strcmp(argv[3], "64k")) {
        buffer = pages + 32;
        most = 64 * 1024;
    }
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    inet_pton(AF_INET, argc > 2 ? argv[2] : "127.0.0.1", &where.sin_addr);
    if (argc > 3 && !strcmp(argv[3], "udp")) return echo_datagrams(where);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&where, sizeof where) || listen(listener, 4096)) {
        perror("listen");
        return 1;
    }
    int loop = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &e);
    printf("listening on %s\n", argv[1]);
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(loop, events, 256, -1);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == NULL) {
                int fd;
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    c = calloc(1, sizeof *c);
                    c->fd = fd;
                    struct epoll_event in = {.events = EPOLLIN, .data.ptr = c};
                    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &in);
                }
                continue;
            }
            int result;
            if (c->rest != NULL) {
                result = flush_rest(c);
                if (result == 1) {
                    struct epoll_event in = {.events = EPOLLIN, .data.ptr = c};
                    epoll_ctl(loop, EPOLL_CTL_MOD, c->fd, &in);
                }
            } else {
                result = echo(loop, c);
            }
            if (result < 0) {
                close(c->fd);
                free(c->rest);
                free(c);
            }
        }
    }
}
