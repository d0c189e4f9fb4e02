// Quotas of projects, the kind that holds a directory rather than an owner, and opening beneath a directory.

#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int system_open_beneath(int directory, const char *path, int flags) {
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int system_project(int number, uint32_t *project) {
    struct fsxattr attributes;
    if (ioctl(number, FS_IOC_FSGETXATTR, &attributes) != 0) return -1;
    *project = attributes.fsx_projid;
    return 0;
}

int system_set_project(int directory, uint32_t project) {
    struct fsxattr attributes;
    if (ioctl(directory, FS_IOC_FSGETXATTR, &attributes) != 0) return -1;
    attributes.fsx_projid = project;
    attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
    return ioctl(directory, FS_IOC_FSSETXATTR, &attributes);
}

int system_get_quota(int number, uint32_t project, struct system_quota *quota) {
    struct if_dqblk block = { 0 };
    if (syscall(SYS_quotactl_fd, number, QCMD(Q_GETQUOTA, PRJQUOTA), project, &block) != 0) return -1;
    quota->bytes = block.dqb_curspace;
    quota->files = block.dqb_curinodes;
    quota->most_bytes = block.dqb_bhardlimit * 1024;
    quota->most_files = block.dqb_ihardlimit;
    return 0;
}

int system_next_quota(int number, uint32_t *project, struct system_quota *quota) {
    struct if_nextdqblk block = { 0 };
    if (syscall(SYS_quotactl_fd, number, QCMD(Q_GETNEXTQUOTA, PRJQUOTA), *project, &block) != 0) return -1;
    *project = block.dqb_id;
    *quota = (struct system_quota){
        .bytes = block.dqb_curspace,
        .files = block.dqb_curinodes,
        .most_bytes = block.dqb_bhardlimit * 1024,
        .most_files = block.dqb_ihardlimit,
    };
    return 0;
}

int system_set_quota(int number, uint32_t project, uint64_t most_bytes, uint64_t most_files) {
    struct if_dqblk block = {
        // In KiB, up to the next, since none at all would be no limit.
        .dqb_bhardlimit = most_bytes / 1024 + (most_bytes % 1024 != 0),
        .dqb_ihardlimit = most_files,
        .dqb_valid = QIF_LIMITS,
    };
    return (int)syscall(SYS_quotactl_fd, number, QCMD(Q_SETQUOTA, PRJQUOTA), project, &block);
}

int system_enforces_quotas(int number) {
    struct fs_quota_statv state = { .qs_version = FS_QSTATV_VERSION1 };
    if (syscall(SYS_quotactl_fd, number, QCMD(Q_XGETQSTATV, PRJQUOTA), 0, &state) != 0) return -1;
    return (state.qs_flags & FS_QUOTA_PDQ_ENFD) != 0;
}
