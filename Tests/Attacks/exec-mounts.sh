#!/bin/sh
# Mounts cannot be made, taken away or changed from inside, and no new user namespace gives the right to.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    refused -- mount -t tmpfs none /tmp
    refused -- mount --bind /tmp /run
    refused -- mount -o remount,rw /usr
    refused -- mount -o remount,bind,rw /
    refused -- umount /etc/shadow
    refused -- umount -l /proc
    refused -- unshare --user true
    refused -- unshare --user --map-root-user --mount true
    refused -- unshare --mount true
    refused -- unshare --net true
    refused -- chroot / true
    refused -- mknod /tmp/disk b 8 0
    refused -- mknod /tmp/kmsg c 1 11
    refused -- sh -c 'echo 1000 >/proc/sys/user/max_user_namespaces'
    refused -- nsenter --target 1 --mount true
    # By bare calls: clone, unshare, fsopen, open_tree of a copy, mount_setattr, pivot_root, open_by_handle_at.
    for call in '272, 0x10000000' '272, 0x20000' '430, b"tmpfs", 0' '428, -100, b"/", 0x80001' \
        '442, -100, b"/usr", 0, b"\0" * 8 + b"\1" + b"\0" * 23, 32' '155, b".", b"."' \
        '304, -100, b"\0" * 8, 0' '161, b"/"' '169, 0xfee1dead, 672274793, 0'; do
        refused -- python3 -c "
import ctypes, sys
sys.exit(0 if ctypes.CDLL(None, use_errno=True).syscall($call) >= 0 else 1)"
    done
}
attempt attack
