// Places in a tree that is being built: found without following a link, and made where they are missing.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site.h"

/// Makes all directories above the last part of a path, each opened without following a link; returns the last of them.
static int parents(int directory, const char *path, const char **last) {
    int at = fcntl(directory, F_DUPFD_CLOEXEC, 3);
    while (at >= 0) {
        while (*path == '/') path++;
        const char *end = strchr(path, '/');
        if (end == NULL || end[1] == '\0') break;

        char part[NAME_MAX + 1];
        if ((size_t)(end - path) >= sizeof part) {
            errno = ENAMETOOLONG;
            close(at);
            return -1;
        }
        memcpy(part, path, (size_t)(end - path));
        part[end - path] = '\0';
        int next = open_beneath(at, part, O_PATH | O_DIRECTORY);
        if (next < 0 && errno == ENOENT && mkdirat(at, part, 0755) == 0) {
            next = open_beneath(at, part, O_PATH | O_DIRECTORY);
        }
        int saved = errno;
        close(at);
        errno = saved;
        at = next;
        path = end;
    }
    *last = path;
    return at;
}

int place(int directory, const char *path, bool is_directory, mode_t mode) {
    int found = open_beneath(directory, path, O_PATH);
    if (found >= 0 || errno != ENOENT) return found;

    const char *last;
    int above = parents(directory, path, &last);
    if (above < 0) return -1;

    bool made = is_directory ? mkdirat(above, last, mode) == 0
                             : mknodat(above, last, S_IFREG | mode, 0) == 0;
    if (made) found = open_beneath(above, last, O_PATH);
    int saved = errno;
    close(above);
    errno = saved;
    return found;
}

int above(struct site *site, const char *path, const char **last) {
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash != NULL) *last = slash + 1;
    if (slash == NULL || slash[1] == '\0' || length >= sizeof site->parent_path) {
        errno = EINVAL;
        return -1;
    }
    if (length == 0) return site->root;
    if (site->parent >= 0 && strncmp(site->parent_path, path, length) == 0 && site->parent_path[length] == '\0') {
        return site->parent;
    }
    char whole[PATH_MAX];
    memcpy(whole, path, length);
    whole[length] = '\0';
    int found = open_beneath(site->root, whole, O_PATH | O_DIRECTORY);
    if (found < 0 && errno == ENOENT) found = parents(site->root, path, last);
    if (found < 0) return -1;

    if (site->parent >= 0) close(site->parent);
    site->parent = found;
    memcpy(site->parent_path, whole, length + 1);
    return found;
}

bool attach_at(struct site *site, int tree, const char *path, bool is_directory, bool *placed) {
    const char *last;
    *placed = false;
    int directory = above(site, path, &last);
    if (directory < 0) return false;

    bool done;
    // What we have just made is no link; a move does not follow one in any case.
    if ((is_directory ? mkdirat(directory, last, 0755) : mknodat(directory, last, S_IFREG | 0755, 0)) == 0) {
        *placed = true;
        done = attach(tree, directory, last) == 0;
    } else {
        if (errno != EEXIST) return false;
        int at = open_beneath(directory, last, O_PATH);
        if (at < 0) return false;
        *placed = true;
        done = attach(tree, at, "") == 0;
        int saved = errno;
        close(at);
        errno = saved;
    }
    if (done) forget(site, path);
    return done;
}

void forget(struct site *site, const char *path) {
    size_t length = strlen(path);
    if (site->parent < 0 || strncmp(site->parent_path, path, length) != 0) return;
    if (site->parent_path[length] != '\0' && site->parent_path[length] != '/') return;
    close(site->parent);
    site->parent = -1;
}

bool is_directory(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}
