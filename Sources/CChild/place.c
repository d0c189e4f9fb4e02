// Places in a tree that is being built: found without following a link, and made where they are missing.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site.h"

int parents(int directory, const char *path, const char **last) {
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

bool is_directory(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}
