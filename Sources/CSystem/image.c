// File systems in files: loop(4), and mounts that only the caller's own mount namespace has.
#define _GNU_SOURCE
#include "CSystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int give_up(int number) {
    int saved = errno;
    close(number);
    errno = saved;
    return -1;
}

int system_own_mounts(void) {
    if (unshare(CLONE_NEWNS) != 0) return -1;
    // What the host mounts later still comes here; what is mounted here never goes there.
    return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
}

/// As the kernel writes it for programs (huge_encode_dev).
static uint64_t device_of(const struct stat *facts) {
    uint64_t high = major(facts->st_dev), low = minor(facts->st_dev);
    return (low & 0xff) | high << 8 | (low & ~(uint64_t)0xff) << 12;
}

/// 1 or 0; -1 and errno when it cannot be told.
static int shows(int device, const struct stat *image) {
    struct loop_info64 info;
    if (ioctl(device, LOOP_GET_STATUS64, &info) != 0) return errno == ENXIO ? 0 : -1;
    return info.lo_device == device_of(image) && info.lo_inode == image->st_ino;
}

static int open_device(const char *name, char path[32], int flags) {
    if ((size_t)snprintf(path, 32, "/dev/%s", name) >= 32) return -1;
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW);
}

/// A device that has the image already: a sandbox that was ended may hold it for a moment longer, and two devices of one
/// image would be two file systems that overwrite each other. So one that cannot be looked at is a failure. -1 and errno,
/// which is 0 when there is none.
static int device_in_use(const struct stat *image, char path[32]) {
    DIR *devices = opendir("/dev");
    if (devices == NULL) return -1;
    int found = -1, failure = 0;
    for (struct dirent *entry; found < 0 && failure == 0 && (entry = readdir(devices)) != NULL;) {
        if (strncmp(entry->d_name, "loop", 4) != 0 || entry->d_name[4] < '0' || entry->d_name[4] > '9') continue;
        int device = open_device(entry->d_name, path, O_RDONLY);
        // Nobody has one that is gone, or on its way out.
        if (device < 0 && (errno == ENXIO || errno == ENOENT || errno == ENODEV)) continue;
        int answer = device < 0 ? -1 : shows(device, image);
        failure = answer < 0 ? errno : 0;
        if (answer == 1) {
            found = device;
        } else if (device >= 0) {
            close(device);
        }
    }
    closedir(devices);
    errno = failure;
    return found;
}

int system_image_device(int image, char path[32]) {
    struct stat facts;
    if (fstat(image, &facts) != 0) return -1;
    int device = device_in_use(&facts, path);
    if (device >= 0 || errno != 0) return device;

    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0) return -1;
    // Somebody else may take a free one first.
    for (int attempt = 0; attempt < 64; attempt++) {
        int free_one = ioctl(control, LOOP_CTL_GET_FREE);
        if (free_one < 0) return give_up(control);
        char name[16];
        snprintf(name, sizeof name, "loop%d", free_one);
        // One that is open for reading only would be one for reading only.
        device = open_device(name, path, O_RDWR);
        if (device < 0) return give_up(control);
        struct loop_config wanted = { .fd = (uint32_t)image, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
        if (ioctl(device, LOOP_CONFIGURE, &wanted) == 0) {
            close(control);
            return device;
        }
        give_up(device);
        if (errno != EBUSY) return give_up(control);
    }
    return give_up(control);
}

int system_mount_image(const char *device, const char *place) {
    // Tables that were never written are holes, which read as what would be written.
    return mount(device, place, "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME, "errors=remount-ro,noinit_itable");
}

int system_unmount(const char *place) { return umount2(place, MNT_DETACH | UMOUNT_NOFOLLOW); }
