#define _GNU_SOURCE
#include "inside.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The inode of the socket at `own` that is connected to `other`, as the kernel knows this one: what it takes does not grow
 * with the neighbours. 0 where there is none, or nobody has it open any more; -1 where such questions are not answered. */
static long inode_asked(const struct sockaddr_in *own, const struct sockaddr_in *other) {
    static int link = -2;
    static uint32_t asked;
    if (link == -2) link = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (link < 0) return -1;
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } question = {
        {.nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = ++asked},
        {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_states = UINT32_MAX,
         .id = {.idiag_sport = own->sin_port, .idiag_dport = other->sin_port, .idiag_src = {own->sin_addr.s_addr},
                .idiag_dst = {other->sin_addr.s_addr}, .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
    if (send(link, &question, sizeof question, 0) != sizeof question) return -1;
    union {
        struct nlmsghdr head;
        unsigned char bytes[4096];
    } answer;
    /* It is there when `send` returns. */
    ssize_t count;
    do count = recv(link, &answer, sizeof answer, MSG_DONTWAIT);
    while (count >= (ssize_t)sizeof answer.head && answer.head.nlmsg_seq != asked);
    if (count < (ssize_t)sizeof answer.head) return -1;
    if (answer.head.nlmsg_type == NLMSG_ERROR && count >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)))
        return ((struct nlmsgerr *)NLMSG_DATA(&answer.head))->error == -ENOENT ? 0 : -1;
    if (answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY || count < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg))) return -1;
    return ((struct inet_diag_msg *)NLMSG_DATA(&answer.head))->idiag_inode;
}

/* As /proc/net/tcp has it: the address as a number of this machine, the port as one. */
static void shown(char text[14], const struct sockaddr_in *place) {
    snprintf(text, 14, "%08X:%04X", place->sin_addr.s_addr, ntohs(place->sin_port));
}

/* The same by one of the kernel's tables. `before` stands before an address of four bytes. */
static unsigned long inode_of(const char *table, const char *before, const char *own, const char *other) {
    char from[64], to[64], line[512];
    snprintf(from, sizeof from, "%s%s", before, own);
    snprintf(to, sizeof to, "%s%s", before, other);
    FILE *file = fopen(table, "re");
    if (!file) return 0;
    unsigned long inode = 0;
    while (inode == 0 && fgets(line, sizeof line, file)) {
        char here[64], there[64];
        unsigned long number;
        /* sl, local, remote, state, queues, timer, retransmissions, user, timeout, inode */
        if (sscanf(line, " %*d: %63s %63s %*s %*s %*s %*s %*s %*s %lu", here, there, &number) == 3 &&
            strcmp(here, from) == 0 && strcmp(there, to) == 0)
            inode = number;
    }
    fclose(file);
    return inode;
}

static unsigned long inode_of_either(const struct sockaddr_in *own, const struct sockaddr_in *other) {
    long asked = inode_asked(own, other);
    if (asked >= 0) return (unsigned long)asked;
    char here[14], there[14];
    shown(here, own);
    shown(there, other);
    unsigned long inode = inode_of("/proc/net/tcp", "", here, there);
    /* A program may call us by a socket of IPv6, too. */
    return inode ? inode : inode_of("/proc/net/tcp6", "0000000000000000FFFF0000", here, there);
}

static bool has(const char *process, const char *wanted) {
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%.20s/fd", process);
    DIR *files = opendir(path);
    if (!files) return false;
    struct dirent *entry;
    bool found = false;
    while (!found && (entry = readdir(files))) {
        ssize_t count = readlinkat(dirfd(files), entry->d_name, target, sizeof target - 1);
        if (count <= 0) continue;
        target[count] = 0;
        found = strcmp(target, wanted) == 0;
    }
    closedir(files);
    return found;
}

static bool is_open_here(unsigned long inode) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *processes = opendir("/proc");
    if (!processes) return false;
    struct dirent *entry;
    bool found = false;
    while (!found && (entry = readdir(processes))) found = isdigit((unsigned char)*entry->d_name) && has(entry->d_name, wanted);
    closedir(processes);
    return found;
}

/* Whether the other end of a connection over the loopback is a process of this container. The addresses of all containers
 * that share it are alike, and so are their users; but each sees its own processes alone. */
bool is_of_ours(int number) {
    struct sockaddr_in here, there;
    socklen_t size = sizeof here, other = sizeof there;
    if (getsockname(number, (struct sockaddr *)&here, &size) != 0 || getpeername(number, (struct sockaddr *)&there, &other) != 0)
        return false;
    unsigned long inode = inode_of_either(&there, &here);
    /* Twice: what is handed from a process to another meanwhile may be missed once. */
    return inode && (is_open_here(inode) || is_open_here(inode));
}
