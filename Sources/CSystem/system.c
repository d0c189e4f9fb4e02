#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

int system_pipe2(int *ends, int flags) { return pipe2(ends, flags); }

int system_spawn_chdir(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int system_is_written(int number) {
    /* Who wants to write meanwhile waits for us, and tells us so by a signal: by one that does nothing. */
    if (fcntl(number, F_SETSIG, SIGURG) != 0) return -1;
    if (fcntl(number, F_SETLEASE, F_RDLCK) == 0) return fcntl(number, F_SETLEASE, F_UNLCK) == 0 ? 0 : -1;
    return errno == EAGAIN ? 1 : -1;
}

int system_pipe_size(int number, int bytes) { return fcntl(number, F_SETPIPE_SZ, bytes); }

int system_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }

int system_seal(int number) {
    return fcntl(number, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

int system_sync_all(int number) { return syncfs(number); }

static bool put_all(int number, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t done = write(number, bytes, count);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes += done;
        count -= (size_t)done;
    }
    return true;
}

int system_keep_secret(const char *variable, int source, size_t most) {
    int kept = memfd_create("smelt-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (kept < 0) return -1;
    size_t total = 0;
    bool done = true;
    if (variable) {
        char *value = getenv(variable);
        total = value ? strlen(value) : 0;
        done = put_all(kept, value, total);
        if (value) explicit_bzero(value, total);
        unsetenv(variable);
    } else {
        char part[4096];
        ssize_t count;
        while (done && (count = read(source, part, sizeof part)) != 0) {
            if (count < 0 && errno == EINTR) continue;
            total += count > 0 ? (size_t)count : 0;
            if (total > most) errno = EFBIG;
            done = count > 0 && total <= most && put_all(kept, part, (size_t)count);
        }
        explicit_bzero(part, sizeof part);
    }
    if (done && total == 0) {
        errno = ENODATA;
        done = false;
    }
    if (done && fcntl(kept, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0) {
        return kept;
    }
    int saved = errno;
    close(kept);
    errno = saved;
    return -1;
}

const char *system_error_name(int number) { return strerrorname_np(number); }

int system_is_on(const char *path, long type) {
    struct statfs facts;
    return statfs(path, &facts) == 0 && facts.f_type == type;
}

int system_share_descriptors(pid_t one, pid_t other) {
    long order = syscall(SYS_kcmp, one, other, KCMP_FILES, 0, 0);
    return order < 0 ? -1 : order == 0;
}

ssize_t system_attribute(const char *path, const char *name, void *value, size_t size) {
    return getxattr(path, name, value, size);
}
