#!/bin/sh
# System calls that the profiles refuse are refused by the filter itself, which the report shows: for many of them the
# kernel has a second reason. The other doors of a 64-bit kernel kill whoever knocks.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

# answered PROFILE ERRNO REPORTED NAME...: each call gives that errno, and so many of them are told of.
answered() {
    profile=$1 errno=$2 reported=$3
    shift 3
    sandbox --seccomp "$profile" --read-only "$place/bin" --events 3 -- "$place/bin/calls" "$errno" "$@" 3>"$place/events" >"$place/said" 2>&1 ||
        harm "$profile: $(cat "$place/said")"
    told=$(jq -s 'map(select(.type == "denied" and .mechanism == "seccomp").count) | add // 0' "$place/events")
    [ "$told" = "$reported" ] || harm "$profile: $told calls were told of, not $reported: $(cat "$place/events")"
}

attack() {
    eperm="mount umount2 remount pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr setns
        add_key keyctl request_key bpf perf_event_open userfaultfd kexec_load kexec_file_load init_module finit_module
        delete_module swapon swapoff reboot quotactl quotactl_fd acct syslog vhangup settimeofday clock_settime
        clock_adjtime adjtimex fanotify_init fanotify_mark name_to_handle_at open_by_handle_at pidfd_getfd kcmp
        lookup_dcookie lease tiocsti tioclinux tiocsetd"
    count=$(echo $eperm | wc -w)
    stricter="ptrace process_madvise memfd_create memfd_secret vmsplice remap_file_pages mbind set_mempolicy migrate_pages
        move_pages setpriority sched_setscheduler sched_setparam sched_setattr ioprio_set execveat aslr"
    more=$(echo $stricter | wc -w)
    if [ "$(uname -m)" = x86_64 ]; then
        eperm="$eperm iopl ioperm uselib ustat sysfs" count=$((count + 5))
        stricter="$stricter modify_ldt" more=$((more + 1))
    fi
    for profile in default strict; do
        answered $profile 1 $((count + 10)) $eperm "unshare user" "unshare mounts" "unshare time" "clone user" "clone net" \
            "clone high bits" "personality null" "personality exec" "personality high" "tiocsti high"
        # 97: address family not supported, as programs expect it of a kernel without them.
        answered $profile 97 13 vsock alg packet bluetooth rds tipc can xdp "vsock high" "netlink audit" sctp mptcp "pair tipc"
        # 38: no such call; programs then take an older one, and nobody is told.
        answered $profile 38 0 io_uring_setup io_uring_enter io_uring_register clone3 process_vm_readv process_vm_writev \
            statmount open_tree_attr tomorrow
        allowed --seccomp $profile --read-only "$place/bin" -- "$place/bin/calls" works socket unix ping files
    done
    answered strict 1 $more $stricter
    answered strict 97 1 netlink
    allowed --read-only "$place/bin" -- "$place/bin/calls" works ptrace netlink aslr setpriority memfd_create
    if [ "$(uname -m)" = x86_64 ]; then
        for profile in default strict; do
            allowed --seccomp $profile --read-only "$place/bin" -- "$place/bin/calls" killed i386 x32
        done
    fi
    # With a capability that can mount, and nothing behind it, the filter alone keeps the command from it.
    allowed --keep-capability sys_admin --landlock none --seccomp none -- mount -t tmpfs none /tmp
    refused --keep-capability sys_admin --landlock none -- mount -t tmpfs none /tmp
    # Threads, children and other programs are filtered like the command, and nothing takes the filter away.
    allowed -- sh -c 'sh -c "grep -q \"Seccomp:.2\" /proc/self/status"'
    allowed -- python3 -c 'import threading; threading.Thread(target=print).start()'
    # A policy is a wall of its own: everything is refused but what it names.
    cat >"$here/policy.toml" <<'T'
base = "closed"
allow = ["execve", "exit_group", "brk", "mmap", "mprotect", "munmap", "read", "pread64", "openat", "close", "fstat",
    "newfstatat", "access", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrandom"]
T
    allowed --seccomp "$here/policy.toml" -- true
    refused --seccomp "$here/policy.toml" -- echo heard
    [ -z "$(sandbox --seccomp "$here/policy.toml" -- echo heard 2>/dev/null)" ] || harm "write was not allowed, and done"
}

prepare() {
    gcc -O1 -o "$place/bin/calls" "$TOP/Tests/Attacks/calls.c" || exit 1
    attack
}
attempt prepare
