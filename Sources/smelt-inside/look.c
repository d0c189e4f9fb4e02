#define _GNU_SOURCE
#include "look.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Bytes of the smallest thing that is counted; as in Sandbox/DiskLook.swift. */
#define BLOCK 4096

/* Files that may be met again, in a table with room for twice as many. */
struct identity {
    dev_t device;
    ino_t number;
};
static struct identity *known;
static size_t known_count, known_room;

static bool insert(struct identity one) {
    size_t at = (size_t)((one.number * UINT64_C(0x9e3779b97f4a7c15)) >> 20) % known_room;
    while (known[at].number) {
        if (known[at].number == one.number && known[at].device == one.device) return false;
        at = (at + 1) % known_room;
    }
    known[at] = one;
    known_count++;
    return true;
}

/* False: it was there. */
static bool is_new(const struct stat *facts) {
    if (known_count * 2 >= known_room) {
        struct identity *old = known;
        size_t count = known_room;
        known_room = count ? count * 2 : 1024;
        known = calloc(known_room, sizeof *known);
        if (!known) give_up("look at so many files", ENOMEM);
        known_count = 0;
        for (size_t i = 0; i < count; i++)
            if (old[i].number) insert(old[i]);
        free(old);
    }
    return insert((struct identity){facts->st_dev, facts->st_ino});
}

void look_forget(void) {
    free(known);
    known = NULL;
    known_count = known_room = 0;
}

void look_count(struct look *look, const struct stat *facts) {
    if (!S_ISDIR(facts->st_mode) && facts->st_nlink != 1 && !is_new(facts)) return;
    uint64_t bytes = (uint64_t)facts->st_blocks * 512;
    look->bytes += bytes > BLOCK ? bytes : BLOCK;
}

/* Bounds of one look. Who has more of either cannot be looked at. */
enum { MOST_THREADS = 65536, MOST_DESCRIPTORS = 1 << 20 };
struct left {
    int threads, descriptors;
};

/* Private memory is bounded by itself. */
static bool is_memory(int directory, const char *name) {
    char path[64];
    struct statfs system;
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", directory, name);
    return statfs(path, &system) == 0 && (system.f_type == TMPFS_MAGIC || system.f_type == HUGETLBFS_MAGIC);
}

static void look_at_thread(struct look *look, const char *process, int thread, struct left *left) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/task/%d/fd", process, thread);
    DIR *descriptors = opendir(path);
    if (!descriptors) {
        /* It has ended. */
        if (errno == ENOENT || errno == ESRCH) return;
        give_up("look at the open files of a process", errno);
    }
    struct dirent *entry;
    while ((entry = readdir(descriptors))) {
        struct stat facts;
        if (entry->d_name[0] == '.') continue;
        if (left->descriptors == 0) {
            look->flags |= LOOK_EVADED;
            break;
        }
        left->descriptors--;
        if (++look->entries % 1024 == 0) look->breathe();
        if (fstatat(dirfd(descriptors), entry->d_name, &facts, 0) != 0) continue;
        if (facts.st_nlink > 0 || !S_ISREG(facts.st_mode) || is_memory(dirfd(descriptors), entry->d_name)) continue;
        look_count(look, &facts);
    }
    closedir(descriptors);
}

/* Where a filter does not let us ask, they are looked at twice, and counted once. */
static bool share_descriptors(int one, int other) { return syscall(SYS_kcmp, one, other, KCMP_FILES, 0, 0) == 0; }

/* A thread may have descriptors of its own, and those of all are still there when the first has ended. */
static void look_at_process(struct look *look, const char *process, struct left *left) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/task", process);
    DIR *threads = opendir(path);
    if (!threads) {
        if (errno == ENOENT || errno == ESRCH) return;
        give_up("look at the threads of a process", errno);
    }
    int first = 0, last = 0;
    struct dirent *entry;
    while ((entry = readdir(threads))) {
        int thread = atoi(entry->d_name);
        if (thread <= 0) continue;
        if (left->threads == 0) {
            look->flags |= LOOK_EVADED;
            break;
        }
        left->threads--;
        if (++look->entries % 1024 == 0) look->breathe();
        if (first && (share_descriptors(first, thread) || share_descriptors(last, thread))) continue;
        look_at_thread(look, process, thread, left);
        if (!first) first = thread;
        last = thread;
    }
    closedir(threads);
}

void look_at_deleted(struct look *look) {
    DIR *processes = opendir("/proc");
    if (!processes) give_up("look at", errno);
    struct left left = {MOST_THREADS, MOST_DESCRIPTORS};
    struct dirent *entry;
    while ((entry = readdir(processes)) && !(look->flags & LOOK_EVADED)) {
        int process = atoi(entry->d_name);
        if (process > 0 && process != getpid()) look_at_process(look, entry->d_name, &left);
    }
    closedir(processes);
}
