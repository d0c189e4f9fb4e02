#!/bin/sh
# cpu holds a command back, cpus says where it runs, cpu_weight is in its group.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

# It works until it has lived four times as long as it has worked: only a command that is held back ever has. What the
# machine itself waits for its host counts as work, and is held back afterwards, so a busy host changes nothing.
run --limit cpu=0.2 --timeout 120 -- python3 -c 'import time
began = time.monotonic()
while time.process_time() < 0.5 or time.monotonic() - began < 4 * time.process_time(): pass'
is "the status" $? 0
above "the time that it was held back" "$(member .usage.throttledSeconds)" 1
run -- python3 -c 'import time
end = time.monotonic() + 1
while time.monotonic() < end: pass'
is "the time that one without a limit was held back" "$(member .usage.throttledSeconds)" 0

is "where it may run" "$(run --limit cpus=1 -- python3 -c 'import os; print(*os.sched_getaffinity(0))')" 1
run --limit cpus=1 -- taskset -c 0 true 2>"$HOME/said" && fails "it could go elsewhere"
run --limit cpus=0-5 -- true 2>"$HOME/said"
is "the status with processors that are not there" $? 125
grep -q "could not limit 'cpus' to '0-5': this group has '0-1'" "$HOME/said" || fails "it said $(cat "$HOME/said")"

smelt-exec --limit cpu_weight=7 -- sh -c 'echo; exec tail -f /dev/null >/dev/null' | (
    read -r _
    is "the weight" "$(cat /sys/fs/cgroup/smelt-*/cpu.weight)" 7
    pkill -f 'smelt-exec --limit cpu_weight'
    exit "$broken"
) || broken=1
finish
