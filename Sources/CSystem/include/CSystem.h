/* Calls of the C library that its Swift module leaves out because they are GNU extensions. Each
 * has the arguments, the result and the errno of the call that it is named after. */
#pragma once

#include <getopt.h>
#include <spawn.h>
#include <sys/types.h>

/* A word of this process's command line, 0 being its name; NULL behind the last. */
const char *_Nullable system_argument(int index);
int system_pipe2(int *_Nonnull ends, int flags);
int system_spawn_chdir(posix_spawn_file_actions_t *_Nonnull actions, const char *_Nonnull path);
/* fcntl(F_SETPIPE_SZ): the size that the pipe has then, or -1. */
int system_pipe_size(int number, int bytes);
/* memfd_create: a file in memory that can be sealed. */
int system_memory_file(const char *_Nonnull name);
/* fcntl(F_ADD_SEALS) with all of them: nobody can change the file any more. */
int system_seal(int number);
/* syncfs: everything of the file system that the descriptor is on is on the disk then. */
int system_sync_all(int number);
/* Moves a secret to where no copy of this process's memory has it: into a file without a name, readable by whoever
 * gets the descriptor. From `variable`, whose value is wiped out of the environment; or else all of `source`, at most
 * `most` bytes. -1 and errno when that cannot be; ENODATA when there is nothing. */
int system_keep_secret(const char *_Nullable variable, int source, size_t most);
/* The name of an errno, such as "EPERM"; NULL when there is none. */
const char *_Nullable system_error_name(int number);
/* statfs: whether the file is on a file system of that type, by its magic number. */
int system_is_on(const char *_Nonnull path, long type);
/* getxattr */
ssize_t system_attribute(const char *_Nonnull path, const char *_Nonnull name, void *_Nonnull value, size_t size);
