#!/bin/sh
# Nothing is left of many runs (SMELT_RUNS, 100); what is left of one whose smelt-exec was killed goes with the next.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

before=$(cat /sys/fs/cgroup/cgroup.stat)
count=0
while [ $count -lt "${SMELT_RUNS:-100}" ]; do
    smelt-exec --limit memory=100M -- true || { fails "run $count failed"; break; }
    count=$((count + 1))
done
is "the number of groups" "$(find /sys/fs/cgroup -mindepth 1 -type d | wc -l)" 0
is "their count" "$(echo "$before" | sed -n 's/^nr_descendants //p')" "$(sed -n 's/^nr_descendants //p' /sys/fs/cgroup/cgroup.stat)"

mkfifo "$HOME/ready"
"$BIN/smelt-exec" --limit memory=100M -- sh -c 'echo; exec tail -f /dev/null >/dev/null' >"$HOME/ready" &
killed=$!
read -r _ <"$HOME/ready"
kill -9 $killed
wait $killed
[ -n "$(find /sys/fs/cgroup -name 'smelt-*')" ] || fails "nothing was left by one who was killed"
# Of two others one lives, and keeps his.
"$BIN/smelt-exec" --limit memory=100M -- sh -c 'echo; exec tail -f /dev/null >/dev/null' >"$HOME/ready" &
living=$!
read -r _ <"$HOME/ready"
is "the groups while one lives" "$(find /sys/fs/cgroup -name 'smelt-*' | wc -l)" 1
smelt-exec --limit memory=100M -- true || fails "beside another it failed"
is "the groups while one lives" "$(find /sys/fs/cgroup -name 'smelt-*' | wc -l)" 1
kill $living
wait $living

left=smelt-01k00000000000000000000001
mkdir /sys/fs/cgroup/$left
smelt-provision gc
[ ! -d /sys/fs/cgroup/$left ] || fails "gc left it"
finish
