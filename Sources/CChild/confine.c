// What the process inside may be and use: its ids, its network, its privileges, its limits.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/// Becomes the one user that is mapped. By bare system calls: glibc's would look for other threads.
void confine_identity(struct stage *stage) {
    const struct child *child = stage->child;
    bool done = (!child->privileged || syscall(SYS_setgroups, 0, NULL) == 0) &&
                syscall(SYS_setresgid, child->group, child->group, child->group) == 0 &&
                syscall(SYS_setresuid, child->user, child->user, child->user) == 0;
    // A change of ids forgets the death signal, so it is asked for after it; and as long as this process runs from our
    // caller's memory, nobody inside may trace it or read what its /proc entries name.
    if (!done || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        stage_fail(stage, CHILD_STEP_IDENTITY);
    }
}

/// Names the host and, in a network of its own, turns the loopback on.
void confine_network(struct stage *stage) {
    const struct child *child = stage->child;
    if (sethostname(child->hostname, strlen(child->hostname)) != 0) stage_fail(stage, CHILD_STEP_HOSTNAME);
    if (child->network) return;

    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int link = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (link < 0 || ioctl(link, SIOCSIFFLAGS, &request) != 0) stage_fail(stage, CHILD_STEP_LOOPBACK);
    close(link);
    open_listeners(stage);
}

/// The capabilities of this process: permitted and effective, and what a program executed inherits.
static void hold(struct stage *stage, uint64_t held, uint64_t inherited) {
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    for (int half = 0; half < 2; half++) {
        data[half].permitted = data[half].effective = (uint32_t)(held >> 32 * half);
        data[half].inheritable = (uint32_t)(inherited >> 32 * half);
    }
    if (syscall(SYS_capset, &header, data) != 0) stage_fail(stage, CHILD_STEP_PRIVILEGES);
}

/// No capability can be gained later beyond those that were asked for.
void confine_bounds(struct stage *stage) {
    // The kernel knows the last capability; beyond it, EINVAL.
    for (unsigned long capability = 0;; capability++) {
        if (capability < 64 && stage->child->capabilities >> capability & 1) continue;
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
        if (errno != EINVAL) stage_fail(stage, CHILD_STEP_PRIVILEGES);
        break;
    }
}

/// Gives up every privilege for good but the capabilities that were asked for, which are good for the namespaces of
/// the sandbox alone: no other can be held, inherited, gained by a file or by an id.
void confine_privileges(struct stage *stage) {
    // A keyring of its own; a kernel without keyrings has nothing to leak.
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM) {
        stage_fail(stage, CHILD_STEP_PRIVILEGES);
    }
    uint64_t kept = stage->child->capabilities;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) stage_fail(stage, CHILD_STEP_PRIVILEGES);
    // Whoever is not root keeps a capability over an exec only as an ambient one, for which it must be inheritable;
    // and the bits below need one that is not kept.
    if (kept != 0) hold(stage, kept | 1ULL << CAP_SETPCAP, kept);
    for (unsigned long capability = 0; capability < 64; capability++) {
        if (!(kept >> capability & 1)) continue;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) stage_fail(stage, CHILD_STEP_PRIVILEGES);
    }
    unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                         SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                         SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) != 0) stage_fail(stage, CHILD_STEP_PRIVILEGES);
    hold(stage, kept, kept);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) stage_fail(stage, CHILD_STEP_PRIVILEGES);
}

void confine_limits(struct stage *stage) {
    const struct child *child = stage->child;
    for (size_t index = 0; index < child->limit_count; index++) {
        stage->where = (int)index;
        if (setrlimit((__rlimit_resource_t)child->limits[index].resource, &child->limits[index].value) != 0) {
            stage_fail(stage, CHILD_STEP_LIMIT);
        }
    }
    stage->where = -1;
}
