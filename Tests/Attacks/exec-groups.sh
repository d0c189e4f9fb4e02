#!/bin/sh
# A command cannot see its control groups, leave its own, or give itself more; where there are none, its limits are refused.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    allowed -- sh -c 'test -z "$(ls -A /sys 2>/dev/null)"'
    refused -- mount -t cgroup2 cgroup2 /tmp
    refused -- unshare --cgroup true
    refused -- sh -c 'mkdir /tmp/g && mount -t cgroup -o memory none /tmp/g'
    said=$(sandbox --limit memory=64M -- sh -c 'cat /proc/self/cgroup; cat /proc/1/cgroup' 2>"$place/said")
    if [ $? = 125 ]; then
        grep -q 'not_enforceable, 69' "$place/said" || harm "no limit and no reason: $(cat "$place/said")"
        return
    fi
    [ "$said" = "0::/
0::/" ] || harm "it sees the groups of the host: $said"
    # Also with the file system at hand, which nobody should show.
    sandbox --limit memory=64M --read-only /sys/fs/cgroup -- sh -c '
        for group in /sys/fs/cgroup /sys/fs/cgroup/smelt-*; do
            test -e $group/cgroup.procs || exit 1
            for file in memory.max memory.high cgroup.procs cgroup.kill cgroup.subtree_control; do
                test ! -e $group/$file || test ! -w $group/$file || exit 1
            done
            ! mkdir $group/more || exit 1
        done' >"$place/said" 2>&1 || harm "it could write in its group: $(cat "$place/said")"
    refused --limit memory=64M -- python3 -c 'import ctypes
x = bytearray(200 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
    # A process of a session of its own, or one whose parent is gone, is in the group as well.
    refused --limit memory=64M -- sh -c 'setsid -f python3 -c "
x = bytearray(200 << 20)
for i in range(0, len(x), 4096): x[i] = 1"; exec tail -f /dev/null'
}
attempt attack
