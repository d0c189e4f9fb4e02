// ptrace(2) for a tracer that only looks on: it starts and stops processes and reads, it writes nothing. And the number,
// in our own namespace, of a process that speaks over a socket.
#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int system_trace_confine(void) {
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0 } };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return (int)syscall(SYS_capset, &header, none);
}

int system_trace_seize(pid_t process) {
    unsigned long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEEXEC |
                            PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    return (int)ptrace(PTRACE_SEIZE, process, NULL, (void *)options);
}

int system_trace_call(pid_t thread, struct system_trace_call *call) {
    struct ptrace_syscall_info info;
    memset(&info, 0, sizeof info);
    if (ptrace((enum __ptrace_request)PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof info, &info) < 0) return -1;
    switch (info.op) {
    case PTRACE_SYSCALL_INFO_SECCOMP:
        call->number = info.seccomp.nr;
        memcpy(call->arguments, info.seccomp.args, sizeof call->arguments);
        return 1;
    case PTRACE_SYSCALL_INFO_EXIT:
        call->result = info.exit.rval;
        return 2;
    default: return 0;
    }
}

int system_trace_go(pid_t thread, int until_it_returns, int signal) {
    enum __ptrace_request how = until_it_returns ? PTRACE_SYSCALL : PTRACE_CONT;
    return (int)ptrace(how, thread, NULL, (void *)(long)signal);
}

int system_trace_is_kernels(pid_t thread) {
    siginfo_t facts;
    if (ptrace(PTRACE_GETSIGINFO, thread, NULL, &facts) < 0) return -1;
    return facts.si_code == SI_KERNEL;
}

int system_trace_leave_stopped(pid_t thread) { return (int)ptrace(PTRACE_LISTEN, thread, NULL, NULL); }

long system_trace_message(pid_t thread) {
    unsigned long message = 0;
    return ptrace(PTRACE_GETEVENTMSG, thread, NULL, &message) < 0 ? -1 : (long)message;
}

ssize_t system_trace_read(pid_t thread, uint64_t at, void *bytes, size_t size) {
    struct iovec here = { .iov_base = bytes, .iov_len = size };
    struct iovec there = { .iov_base = (void *)(uintptr_t)at, .iov_len = size };
    return process_vm_readv(thread, &here, 1, &there, 1, 0);
}

pid_t system_sender(int socket) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } envelope = { 0 };
    char byte;
    struct iovec room = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &room, .msg_iovlen = 1, .msg_control = &envelope, .msg_controllen = sizeof envelope.bytes,
    };
    ssize_t count;
    while ((count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) continue;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (count != 1 || header == NULL || header->cmsg_type != SCM_CREDENTIALS) return -1;
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(header), sizeof sender);
    return sender.pid;
}

int system_ask_senders(int socket) {
    int on = 1;
    return setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
}
