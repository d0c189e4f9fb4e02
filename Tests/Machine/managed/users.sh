#!/bin/sh
# Who logged in is told what to begin with, and that helps; the units of a user's manager have limits without
# asking for it. What the manager has not is named with the line that gives it, which also helps.
# shellcheck disable=SC2016
# shellcheck source=Tests/Machine/managed/common
. "$TOP/Tests/Machine/managed/common"
user=$(id -u worker) && manager="user.slice/user-$user.slice/user@$user.service"
hog="python3 -c '$hog'"
begin="systemd-run --user --scope -p Delegate=yes"
dropin="Delegate=cpu cpuset io memory pids"

session "$exec_ --limit memory=64M -- true" >"$HOME/said" 2>&1
is "the status in a session" $? 125
said "could not enforce the limits 'memory' here: this user may not make groups in '/sys/fs/cgroup/user.slice/user-$user.slice/session-" "in a session"
said "; begin with '$begin', or name a group" "in a session"
session "$exec_ --doctor --json" >"$HOME/said" || fails "--doctor failed"
is "what --doctor says" "$(jq -r '.. | objects | select(.name == "control groups").remedy' "$HOME/said")" \
    "begin with '$begin', or name a group that may be used in SMELT_CGROUP"

# What the manager lacks, while nobody in the system has it either.
for limit in io_read=1M cpus=0; do
    session "systemd-run --user --wait --pipe --quiet $exec_ --limit $limit -- true" >"$HOME/said" 2>&1
    is "the status with $limit" $? 125
    said "'/sys/fs/cgroup/$manager/cgroup.controllers'; in a drop-in of user@.service: '$dropin'" "with $limit"
done

for way in "$begin" "systemd-run --user --scope" "systemd-run --user --wait --pipe" "systemd-run --user --wait --pipe -p Delegate=yes"; do
    session "$way --quiet $exec_ --report $place/report --limit memory=64M -- $hog" >"$HOME/said" 2>&1
    is "the status of a hog by $way" $? 137
    is "its ending" "$(jq -r '"\(.ending), \(.reason)"' "$place/report")" "out_of_memory, memory"
    session "$way --quiet $exec_ --report $place/report --limit cpu=0.2 --limit processes=5 -- python3 -c 'import time
end = time.monotonic() + 1
while time.monotonic() < end: pass'" >"$HOME/said" 2>&1 || fails "by $way: $(cat "$HOME/said")"
    above "the time that it was held back by $way" "$(jq -r .usage.throttledSeconds "$place/report")" 0.2
    [ -z "$(group "$manager")" ] || fails "left by $way: $(group "$manager")"
done

# As the sentence has it, and with the manager begun anew.
mkdir -p /run/units/user@.service.d
printf '[Service]\n%s\n' "$dropin" >/run/units/user@.service.d/delegate.conf
systemctl daemon-reload
systemctl restart "user@$user.service"

# The manager turns off what its own units do not use any more. What is in use stays, also when nobody is logged in.
loginctl enable-linger worker
session "systemd-run --user --quiet --collect --unit=held -p StandardError=append:$place/said-inside $exec_ --limit cpu=0.5 --limit cpus=1 --limit io_read=1M --read-write $place -- sh -c '$hold'"
ready "what is held ($(cat $place/said-inside 2>/dev/null))"
is "where it is" "$(dirname "$(group "$manager")")" "/sys/fs/cgroup/$manager"
limits() { for file in cpu.max cpuset.cpus io.max; do cat "$(group "$manager")/$file"; done; }
before=$(limits)
is "the limits" "$before" "50000 100000
1
254:0 rbps=1048576 wbps=max riops=max wiops=max"
session "systemd-run --user --quiet --wait -p CPUWeight=50 -p IOWeight=50 -p AllowedCPUs=0 true; systemctl --user daemon-reload; systemd-run --user --quiet --wait true"
is "the limits once the manager's own unit is gone" "$(limits)" "$before"
session "systemctl --user stop held"
[ -z "$(group "$manager")" ] || fails "left by a unit that was stopped: $(group "$manager")"
session "systemd-run --user --wait --pipe --quiet $exec_ --limit cpus=1 --limit io_read=1M -- python3 -c 'import os; print(*os.sched_getaffinity(0))'" >"$HOME/said" 2>&1 ||
    fails "with the drop-in: $(cat "$HOME/said")"
is "where it may run" "$(cat "$HOME/said")" 1
finish
