#define _GNU_SOURCE
#include "inside.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As /proc/net/tcp has it: the address as a number of this machine, the port as one. */
static void shown(char text[14], const struct sockaddr_in *place) {
    snprintf(text, 14, "%08X:%04X", place->sin_addr.s_addr, ntohs(place->sin_port));
}

/* The inode of the socket at `own` that is connected to `other`, by one of the kernel's tables; 0 where there is none, or
 * nobody has it open any more. `before` stands before an address of four bytes. */
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
    char own[14], peer[14];
    shown(own, &here);
    shown(peer, &there);
    /* A program may call us by a socket of IPv6, too. */
    unsigned long inode = inode_of("/proc/net/tcp", "", peer, own);
    if (!inode) inode = inode_of("/proc/net/tcp6", "0000000000000000FFFF0000", peer, own);
    /* Twice: what is handed from a process to another meanwhile may be missed once. */
    return inode && (is_open_here(inode) || is_open_here(inode));
}
