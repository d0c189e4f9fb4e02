/* The confinement of smelt-egress, before it reads a byte of anybody inside: an empty read-only root in namespaces of its
 * own, nobody's rights, no capability and no way to a new one, bounds on what it may hold, few system calls. The network stays
 * the host's: to use that is its purpose. */

#define _GNU_SOURCE
#include "CEgress.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool put_text(const char *path, const char *text) {
    int number = open(path, O_WRONLY | O_CLOEXEC);
    if (number < 0) return false;
    bool done = write(number, text, strlen(text)) == (ssize_t)strlen(text);
    int saved = errno;
    close(number);
    errno = saved;
    return done;
}

/* Who is not root may have namespaces in a user namespace where he is himself. */
static bool map_self(uid_t user, gid_t group) {
    char users[64], groups[64];
    snprintf(users, sizeof users, "%u %u 1\n", user, user);
    snprintf(groups, sizeof groups, "%u %u 1\n", group, group);
    return put_text("/proc/self/setgroups", "deny") && put_text("/proc/self/uid_map", users) &&
           put_text("/proc/self/gid_map", groups);
}

/* An empty file system in memory, which nobody can write to, in place of the host's. */
static bool empty_root(void) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return false;
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    // Any directory serves that every host has.
    if (mount("smelt", "/usr", "tmpfs", flags, "size=4096,mode=0555") != 0) return false;
    if (mount(NULL, "/usr", NULL, flags | MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) return false;
    return chdir("/usr") == 0 && syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
           chdir("/") == 0;
}

static bool no_privileges(void) {
    unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                         SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                         SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) != 0) return false;
    // The kernel knows the last capability; beyond it, EINVAL.
    for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) continue;
    if (errno != EINVAL) return false;
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0;
}

static bool last_privileges(void) {
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { 0 };
    // Not to be traced or looked into by others of the same user, either.
    return syscall(SYS_capset, &header, none) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool bound(__rlimit_resource_t resource, uint64_t most) {
    struct rlimit now, wanted = { .rlim_cur = most, .rlim_max = most };
    if (getrlimit(resource, &now) != 0) return false;
    if (now.rlim_max < most) wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
    return setrlimit(resource, &wanted) == 0;
}

enum egress_step egress_confine(const struct egress_confinement *wanted) {
    bool root = geteuid() == 0;
    uid_t user = root ? wanted->user : geteuid();
    gid_t group = root ? wanted->group : getegid();
    int spaces = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

    if (unshare(spaces | (root ? 0 : CLONE_NEWUSER)) != 0) return EGRESS_STEP_NAMESPACES;
    if (!root && !map_self(user, group)) return EGRESS_STEP_MAP;
    if (!empty_root()) return EGRESS_STEP_ROOT;
    if (!no_privileges()) return EGRESS_STEP_PRIVILEGES;
    // The capabilities outlast the change of the user (SECBIT_NO_SETUID_FIXUP) and are given up last.
    bool changed = !root || (syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setresgid, group, group, group) == 0 &&
                             syscall(SYS_setresuid, user, user, user) == 0);
    if (!changed) return EGRESS_STEP_USER;
    if (!last_privileges()) return EGRESS_STEP_PRIVILEGES;
    // No program can be started, no core file be left; memory that is held for others has an end.
    if (!bound(RLIMIT_NPROC, 0) || !bound(RLIMIT_CORE, 0) || !bound(RLIMIT_NOFILE, wanted->descriptors) ||
        !bound(RLIMIT_AS, wanted->memory)) {
        return EGRESS_STEP_LIMITS;
    }
    if (!egress_landlock()) return EGRESS_STEP_LANDLOCK;
    // Last: the steps before it need calls that it refuses.
    if (!egress_filter()) return EGRESS_STEP_FILTER;
    return EGRESS_STEP_NONE;
}
