#define _GNU_SOURCE
#include "CSystem.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int system_pipe2(int *ends, int flags) { return pipe2(ends, flags); }

int system_spawn_chdir(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int system_pipe_size(int number, int bytes) { return fcntl(number, F_SETPIPE_SZ, bytes); }

int system_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int system_sync_all(int number) { return syncfs(number); }
