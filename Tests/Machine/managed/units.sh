#!/bin/sh
# In a unit of systemd's with Delegate=yes, root's and a user's, every limit holds and the unit outlives what meets
# one; a unit without it is told what to write, and what it is told helps.
# shellcheck disable=SC2016
# shellcheck source=Tests/Machine/managed/common
. "$TOP/Tests/Machine/managed/common"

# Only what the unit was given, and only as long as no neighbour has more, since groups side by side have the same.
unit -p User=worker -p Delegate=memory "$exec_" --limit memory=64M -- true 2>"$HOME/said" || fails "with the controller that was given: $(cat "$HOME/said")"
unit -p User=worker -p Delegate=memory --unit=part "$exec_" --limit cpu=1 -- true 2>"$HOME/said"
is "the status without the controller" $? 125
said "could not enforce the limits 'cpu' here: there is no 'cpu' in '/sys/fs/cgroup/system.slice/part.service/cgroup.controllers'; put 'Delegate=yes' into the unit 'part.service'" "without the controller"

unit -p User=worker --unit=bare "$exec_" --limit memory=64M -- true 2>"$HOME/said"
is "the status in a unit that is not delegated" $? 125
said "could not enforce the limits 'memory' here: this user may not make groups in '/sys/fs/cgroup/system.slice/bare.service'; put 'Delegate=yes' into the unit 'bare.service', or name a group that may be used in SMELT_CGROUP" "not delegated"
said "(not_enforceable, 69)" "not delegated"
unit -p User=worker --unit=bare "$exec_" --doctor --json >"$HOME/said" || fails "--doctor failed"
is "what --doctor says" "$(jq -r '.. | objects | select(.name == "control groups").remedy' "$HOME/said")" \
    "put 'Delegate=yes' into the unit 'bare.service', or name a group that may be used in SMELT_CGROUP"

for user in root worker; do
    delegated() { unit -p "User=$user" -p Delegate=yes --unit=own "$@"; }
    delegated sh -c "$exec_ --report $place/report --limit memory=64M -- python3 -c \"\$0\"; echo status \$?; cat /proc/self/cgroup" "$hog" >"$HOME/said" 2>&1 ||
        fails "$user: a hog ended its unit: $(cat "$HOME/said")"
    said "status 137" "$user: a hog"
    said "0::/system.slice/own.service/smelt" "$user: where the rest of the unit is"
    is "$user: its ending" "$(jq -r .ending "$place/report"), $(jq -r .reason "$place/report")" "out_of_memory, memory"
    above "$user: its kills" "$(jq -r .usage.oomKills "$place/report")" 0
    rm "$place/report"

    count=$(delegated "$exec_" --limit processes=20 --report "$place/report" -- python3 -c 'import os, signal
count = 1
try:
    while count < 100:
        if os.fork() == 0: signal.pause()
        count += 1
except BlockingIOError: pass
print(count)')
    is "$user: how many processes there could be" "$count" 20

    delegated "$exec_" --limit cpu=0.2 --report "$place/report" -- python3 -c 'import time
end = time.monotonic() + 2
while time.monotonic() < end: pass' || fails "$user: with a part of a processor it failed"
    above "$user: the time that it was held back" "$(jq -r .usage.throttledSeconds "$place/report")" 0.5
    is "$user: where it may run" "$(delegated "$exec_" --limit cpus=1 -- python3 -c 'import os; print(*os.sched_getaffinity(0))')" 1
    rm "$place/report"

    # Two at once in one unit, which can be seen, and which a stop of the unit ends.
    held --unit=two -p "User=$user" -p Delegate=yes sh -c \
        "$exec_ --limit cpu_weight=7 --limit io_weight=9 --best-effort -- true; for n in 1 2; do $exec_ --limit memory=64M --limit cpu_weight=7 --read-write $place -- sh -c '$hold' & done; wait"
    ready "$user: the first of two"
    ready "$user: the second of two"
    is "$user: the weights of two at once" "$(cat /sys/fs/cgroup/system.slice/two.service/smelt-*/cpu.weight | xargs)" "7 7"
    is "$user: their memory" "$(cat /sys/fs/cgroup/system.slice/two.service/smelt-*/memory.max | xargs)" "67108864 67108864"
    systemctl stop two
    [ ! -e /sys/fs/cgroup/system.slice/two.service ] || fails "$user: something was left of a unit: $(find /sys/fs/cgroup/system.slice/two.service)"

    # What the unit may use goes on to hold.
    delegated -p MemoryMax=64M -p MemorySwapMax=0 "$exec_" --limit memory=1G -- python3 -c "$hog" 2>/dev/null
    is "$user: the status beyond the limit of the unit" $? 137
done
finish
