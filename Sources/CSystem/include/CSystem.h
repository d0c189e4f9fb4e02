/* Calls of the C library that its Swift module leaves out because they are GNU extensions. Each
 * has the arguments, the result and the errno of the call that it is named after. */
#pragma once

#include <getopt.h>
#include <spawn.h>
#include <stdint.h>
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
/* fcntl(F_SETLEASE): whether somebody has the file open for writing, by whether it can be had as a lease for a moment; -1 where
 * that cannot be known, such as of another user's file. */
int system_is_written(int number);
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
/* kcmp: 1 where two threads have the same table of descriptors, 0 where they have not, -1 and errno. */
int system_share_descriptors(pid_t one, pid_t other);
/* getxattr */
ssize_t system_attribute(const char *_Nonnull path, const char *_Nonnull name, void *_Nonnull value, size_t size);

/* Gives up every capability of this process. Whoever made a user namespace may trace in it without any. */
int system_trace_confine(void);
/* ptrace(2) for a tracer that only looks on. PTRACE_SEIZE, with all that the process makes; when the caller ends, they
 * are killed. */
int system_trace_seize(pid_t process);
struct system_trace_call {
    uint64_t number;
    uint64_t arguments[6];
    int64_t result;
};
/* PTRACE_GET_SYSCALL_INFO of a stopped thread: 1 when a filter stopped it at a call, and all but the result is filled in; 2
 * at the call's return, with the result alone; 0 elsewhere; -1 and errno. */
int system_trace_call(pid_t thread, struct system_trace_call *_Nonnull call);
/* PTRACE_SYSCALL or PTRACE_CONT, with a signal or 0. */
int system_trace_go(pid_t thread, int until_it_returns, int signal);
/* PTRACE_GETSIGINFO: whether the signal that stopped the thread is the kernel's own (SI_KERNEL), and nobody's; -1 and errno. */
int system_trace_is_kernels(pid_t thread);
/* PTRACE_LISTEN */
int system_trace_leave_stopped(pid_t thread);
/* PTRACE_GETEVENTMSG; -1 and errno. */
long system_trace_message(pid_t thread);
/* process_vm_readv of one piece. */
ssize_t system_trace_read(pid_t thread, uint64_t at, void *_Nonnull bytes, size_t size);
/* SO_PASSCRED; then the number of the process that sends the next message, of one byte, or -1. */
int system_ask_senders(int socket);
pid_t system_sender(int socket);
/* One message with `wanted` descriptors (SCM_RIGHTS) from one socket to the other: 0; -1 and errno, EBADMSG when there came
 * another number of them, which are closed and go nowhere. */
int system_pass_on(int from, int to, int wanted);
/* Such a message with these descriptors, at most 253; 0, or -1 and errno. */
int system_hand_over(int to, const int *_Nonnull numbers, size_t count);
/* openat2 beneath a directory: no link is followed and nothing outside is reached. Linux 5.6. */
int system_open_beneath(int directory, const char *_Nonnull path, int flags);

/* What a project may hold, and holds, on one file system. */
struct system_quota {
    uint64_t bytes, files, most_bytes, most_files;
};
/* The project of a file or directory, 0 for none (ioctl_fsgetxattr); ENOTTY where the file system knows of no such thing. */
int system_project(int number, uint32_t *_Nonnull project);
/* Gives a directory, and all that is made in it from then on, to a project. */
int system_set_project(int directory, uint32_t project);
/* quotactl_fd(Q_GETQUOTA) and (Q_SETQUOTA) of projects, on the file system that the descriptor is on; 0 in the limits is
 * none. Linux 5.14. */
int system_get_quota(int number, uint32_t project, struct system_quota *_Nonnull quota);
/* quotactl_fd(Q_GETNEXTQUOTA): the first project from `project` on that is on the account, and what it holds; -1 and ENOENT
 * behind the last. */
int system_next_quota(int number, uint32_t *_Nonnull project, struct system_quota *_Nonnull quota);
int system_set_quota(int number, uint32_t project, uint64_t most_bytes, uint64_t most_files);
/* Whether that file system holds projects to their limits: 1 or 0, or -1 and errno where it has no quotas at all. */
int system_enforces_quotas(int number);

/* Gives this process a mount namespace of its own, for good: what it mounts is seen by what it starts, and not by the host. */
int system_own_mounts(void);
/* An open loop device of the image, its name in `path`: the one that has it already, else a free one, which lets go of it when
 * it is mounted and open nowhere any more. The caller sees to it that nobody else asks meanwhile. LOOP_CONFIGURE, Linux 5.8. */
int system_image_device(int image, char path[_Nonnull 32]);
/* mount(2) of ext4. */
int system_mount_image(const char *_Nonnull device, const char *_Nonnull place);
/* umount2(2), also where something is still open. */
int system_unmount(const char *_Nonnull place);

/* pidfd_open: a descriptor that is readable when the process has ended, whoever started it, and that never comes to mean
 * another one. Linux 5.3. */
int system_process_handle(pid_t process);
/* pidfd_send_signal */
int system_process_signal(int handle, int number);
/* Blocks the signals; they are read from the descriptor then, which does not wait (signalfd). */
int system_signals(const int *_Nonnull numbers, int count);
/* The next signal from there, 0 when there is none. */
int system_next_signal(int descriptor);
/* A descriptor that is readable when the clock of this machine was set (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET); and whether
 * it was since it was asked last. */
int system_clock_watch(void);
int system_clock_was_set(int watch);
/* POSIX_SPAWN_SETSID */
static const short system_spawn_session = 0x80;
