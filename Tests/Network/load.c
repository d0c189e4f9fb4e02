/* Load for a proxy, and the server behind it: load PROXY_PORT SERVER_PORT plain|connect|kept CONNECTIONS REQUESTS
 * prints the seconds. The server is a process of its own; every answer is 1 KiB. "plain" makes a connection for each request,
 * "kept" asks again on the same, "connect" makes a tunnel for each. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BODY = 1024, MOST = 4096 };

static void need(int done, const char *what) {
    if (done < 0) {
        perror(what);
        exit(1);
    }
}

static struct sockaddr_in here(int port) {
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static struct asked {
    size_t count;
    char bytes[2048];
} asked[MOST];

/* Answers whatever ends with an empty line; closes when it was asked to. */
static void serve(int listener) {
    static char answer[2][BODY + 256];
    size_t sizes[2];
    for (int keep = 0; keep < 2; keep++) {
        sizes[keep] = (size_t)sprintf(answer[keep], "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n", BODY,
                                      keep ? "keep-alive" : "close");
        memset(answer[keep] + sizes[keep], 'x', BODY);
        sizes[keep] += BODY;
    }
    int poll = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, found[64];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, found, 64, -1);
        for (int index = 0; index < count; index++) {
            int number = found[index].data.fd;
            if (number == listener) {
                number = accept(listener, NULL, NULL);
                event = (struct epoll_event){ .events = EPOLLIN, .data.fd = number };
                epoll_ctl(poll, EPOLL_CTL_ADD, number, &event);
                continue;
            }
            // Requests come in pieces.
            struct asked *one = &asked[number % MOST];
            ssize_t size = recv(number, one->bytes + one->count, sizeof one->bytes - 1 - one->count, 0);
            if (size <= 0) {
                close(number);
                one->count = 0;
                continue;
            }
            one->count += (size_t)size;
            one->bytes[one->count] = '\0';
            if (!strstr(one->bytes, "\r\n\r\n")) continue;
            int keep = strcasestr(one->bytes, "connection: close") == NULL;
            one->count = 0;
            if (send(number, answer[keep], sizes[keep], MSG_NOSIGNAL) < 0 || !keep) close(number);
        }
    }
}

struct client {
    int number, got;
    int tunnelled;
};

static int proxy, origin, tunnels, kept, poller;

static void ask(struct client *client, int opening) {
    char text[512];
    const char *end = kept ? "" : "Connection: close\r\n";
    int size = opening ? sprintf(text, "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", origin, origin)
               : tunnels ? sprintf(text, "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", origin, end)
                         : sprintf(text, "GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", origin, origin, end);
    need(send(client->number, text, (size_t)size, MSG_NOSIGNAL) == size ? 0 : -1, "send");
    client->got = 0;
}

static void begin(struct client *client) {
    struct sockaddr_in place = here(proxy);
    client->number = socket(AF_INET, SOCK_STREAM, 0);
    need(connect(client->number, (struct sockaddr *)&place, sizeof place), "connect");
    client->tunnelled = 0;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
    epoll_ctl(poller, EPOLL_CTL_ADD, client->number, &event);
    ask(client, tunnels);
}

int main(int count, char **words) {
    if (count != 6) return 64;
    proxy = atoi(words[1]);
    origin = atoi(words[2]);
    tunnels = !strcmp(words[3], "connect");
    kept = !strcmp(words[3], "kept");
    int connections = atoi(words[4]), wanted = atoi(words[5]), begun = 0, done = 0;

    struct sockaddr_in place = here(origin);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    need(bind(listener, (struct sockaddr *)&place, sizeof place), "bind");
    need(listen(listener, 4096), "listen");
    pid_t parent = getpid(), server = fork();
    need(server, "fork");
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) serve(listener);
        return 0;
    }
    close(listener);

    static struct client clients[MOST];
    struct timespec start, end;
    poller = epoll_create1(0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (; begun < connections && begun < wanted && begun < MOST; begun++) begin(&clients[begun]);
    while (done < wanted) {
        struct epoll_event found[64];
        int ready = epoll_wait(poller, found, 64, 10000);
        need(ready == 0 ? -1 : ready, "nothing comes");
        for (int index = 0; index < ready; index++) {
            struct client *client = found[index].data.ptr;
            char bytes[8192];
            ssize_t read = recv(client->number, bytes, sizeof bytes, 0);
            if (tunnels && !client->tunnelled && read > 0) {
                need(!strncmp(bytes + 8, " 200", 4) ? 0 : -1, "refused");
                client->tunnelled = 1;
                ask(client, 0);
                continue;
            }
            if (read > 0) client->got += (int)read;
            int isWhole = client->got > BODY && (!kept || client->got >= BODY + 40);
            if (read > 0 && !(kept && isWhole && bytes[read - 1] == 'x')) continue;
            if (!isWhole) {
                fprintf(stderr, "load: %d bytes of an answer: %s\n", client->got, read < 0 ? strerror(errno) : "closed");
                return 1;
            }
            done++;
            if (kept && read > 0) {
                if (begun++ < wanted) ask(client, 0);
                continue;
            }
            close(client->number);
            if (begun++ < wanted) begin(client);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}
