#define _GNU_SOURCE
#include "look.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Directories that are open, the one that is read on top. Each is opened the moment it is seen, so that nobody moves it
   out of the way first, and a few names at a time are taken from it, so that they are not many. */
struct directory {
    int number;
    size_t length; /* of its path beneath the place */
};
static struct directory *stack;
static size_t depth, room;

/* What is read of a directory at once: some dozens of names. */
enum { BATCH = 2048, MOST = BATCH / 24, ROUNDS = 64, BREATH = 1024 };

static void push(int number, size_t length) {
    if (depth == room) {
        room = room ? room * 2 : 256;
        stack = realloc(stack, room * sizeof *stack);
        if (!stack) give_up("look at so many directories", ENOMEM);
    }
    stack[depth++] = (struct directory){number, length};
}

static int open_beneath(int directory, const char *name) {
    struct open_how how = {
        .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
    };
    return (int)syscall(SYS_openat2, directory, name, &how, sizeof how);
}

/* False: it is not there by this name any more. */
static bool take_entry(struct look *look, struct directory directory, const char *name) {
    struct stat facts;
    if (fstatat(directory.number, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return false;
        give_up("look at a file", errno);
    }
    if (!S_ISDIR(facts.st_mode)) {
        look_count(look, &facts);
        return true;
    }
    int child = open_beneath(directory.number, name);
    if (child < 0) {
        /* What is mounted there is not the session's. */
        if (errno == EXDEV) return true;
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EAGAIN) return false;
        give_up("look into a directory", errno);
    }
    look_count(look, &facts);
    size_t length = directory.length + (directory.length > 0) + strlen(name);
    if (length < PATH_MAX) {
        push(child, length);
    } else {
        look->flags |= LOOK_TOO_DEEP;
        close(child);
    }
    return true;
}

static bool is_one(const ino_t *numbers, size_t count, ino_t number, size_t *at) {
    for (*at = 0; *at < count; ++*at)
        if (numbers[*at] == number) return true;
    return false;
}

/* What was seen and then not found may only have another name by now, and so again and again: that is looked for until
   it is found or gone. */
static void seek(struct look *look, struct directory directory, ino_t *numbers, size_t count) {
    char batch[BATCH];
    for (int round = 0; count > 0; round++) {
        if (round == ROUNDS) {
            look->flags |= LOOK_EVADED;
            return;
        }
        int again = openat(directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (again < 0) {
            if (errno == ENOENT) break;
            give_up("look into a directory", errno);
        }
        bool is_there[MOST] = {false};
        ssize_t size;
        while ((size = getdents64(again, batch, sizeof batch)) > 0) {
            for (ssize_t at = 0; at < size;) {
                struct dirent64 *entry = (void *)(batch + at);
                at += entry->d_reclen;
                if (++look->entries % BREATH == 0) look->breathe();
                size_t which;
                if (!is_one(numbers, count, entry->d_ino, &which)) continue;
                if (take_entry(look, directory, entry->d_name)) numbers[which] = 0;
                else is_there[which] = true;
            }
        }
        close(again);
        size_t left = 0;
        for (size_t i = 0; i < count; i++)
            if (numbers[i] && is_there[i]) numbers[left++] = numbers[i];
        count = left;
    }
}

static void read_on(struct look *look, struct directory directory) {
    static char batch[BATCH];
    ssize_t size = getdents64(directory.number, batch, sizeof batch);
    if (size < 0 && errno != ENOENT) give_up("look into a directory", errno);
    if (size <= 0) {
        close(directory.number);
        depth--;
        return;
    }
    ino_t gone[MOST];
    size_t count = 0;
    for (ssize_t at = 0; at < size;) {
        struct dirent64 *entry = (void *)(batch + at);
        at += entry->d_reclen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (++look->entries % BREATH == 0) look->breathe();
        if (take_entry(look, directory, entry->d_name)) continue;
        if (entry->d_type != DT_REG && entry->d_type != DT_LNK) look->flags |= LOOK_MISSED;
        if (count < MOST) gone[count++] = entry->d_ino;
    }
    if (count > 0) seek(look, directory, gone, count);
}

void look_at(struct look *look, const char *place) {
    struct stat facts;
    int number = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0 || fstat(number, &facts) != 0) give_up("look at", errno);
    look_count(look, &facts);
    push(number, 0);
    while (depth > 0) {
        if (look->bytes > look->enough) {
            close(stack[--depth].number);
            continue;
        }
        read_on(look, stack[depth - 1]);
    }
}
