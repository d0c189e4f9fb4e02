/* c-ares: addresses of names from name servers alone. Its own files (hosts, nsswitch.conf) have no say, search lists
 * and aliases neither: what was allowed is what is asked for. */

#include "CEgress.h"

#include <ares.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>

struct egress_names {
    ares_channel channel;
    void *owner;
    egress_answer answer;
    egress_watch watch;
};

struct question {
    struct egress_names *names;
    uint64_t query;
};

static void watched(void *owner, ares_socket_t number, int readable, int writable) {
    struct egress_names *names = owner;
    names->watch(names->owner, number, (readable ? EGRESS_READ : 0) | (writable ? EGRESS_WRITE : 0));
}

struct egress_names *egress_names_make(const char *servers, void *owner, egress_answer answer, egress_watch watch) {
    struct egress_names *names = calloc(1, sizeof *names);
    if (!names) return NULL;
    *names = (struct egress_names){ .owner = owner, .answer = answer, .watch = watch };
    char lookups[] = "b";
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
        .timeout = 2000,
        .tries = 3,
        .lookups = lookups,
        .sock_state_cb = watched,
        .sock_state_cb_data = names,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
        ares_init_options(&names->channel, &options, mask) != ARES_SUCCESS) {
        free(names);
        return NULL;
    }
    if (servers && ares_set_servers_ports_csv(names->channel, servers) != ARES_SUCCESS) {
        ares_destroy(names->channel);
        free(names);
        return NULL;
    }
    return names;
}

static void answered(void *argument, int status, int timeouts, struct ares_addrinfo *result) {
    struct question *question = argument;
    struct egress_names *names = question->names;
    uint64_t query = question->query;
    (void)timeouts;
    free(question);
    if (status != ARES_SUCCESS) return names->answer(names->owner, query, NULL, ares_strerror(status));

    struct egress_place places[64];
    struct egress_found found = { .places = places, .seconds = 300 };
    for (struct ares_addrinfo_node *node = result->nodes; node && found.count < 64; node = node->ai_next) {
        struct egress_place *place = &places[found.count];
        memset(place, 0, sizeof *place);
        if (node->ai_family == AF_INET) {
            place->count = 4;
            memcpy(place->bytes, &((struct sockaddr_in *)node->ai_addr)->sin_addr, 4);
        } else if (node->ai_family == AF_INET6) {
            place->count = 16;
            memcpy(place->bytes, &((struct sockaddr_in6 *)node->ai_addr)->sin6_addr, 16);
        } else {
            continue;
        }
        if (node->ai_ttl < found.seconds) found.seconds = node->ai_ttl;
        found.count++;
    }
    ares_freeaddrinfo(result);
    names->answer(names->owner, query, &found, NULL);
}

void egress_names_ask(struct egress_names *names, const char *name, uint64_t query) {
    struct question *question = malloc(sizeof *question);
    if (!question) return names->answer(names->owner, query, NULL, "out of memory");
    *question = (struct question){ .names = names, .query = query };
    struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT, .ai_socktype = SOCK_STREAM };
    ares_getaddrinfo(names->channel, name, NULL, &hints, answered, question);
}

void egress_names_work(struct egress_names *names, int number, int ready) {
    ares_process_fd(names->channel, ready & EGRESS_READ ? number : ARES_SOCKET_BAD,
                    ready & EGRESS_WRITE ? number : ARES_SOCKET_BAD);
}

int egress_names_wait(struct egress_names *names) {
    struct timeval time;
    if (!ares_timeout(names->channel, NULL, &time)) return -1;
    return (int)(time.tv_sec * 1000 + time.tv_usec / 1000 + 1);
}
