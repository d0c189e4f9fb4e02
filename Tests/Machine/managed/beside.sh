#!/bin/sh
# Root's sandboxes are beside the unit that they were begun in, and systemd, which shares the place, takes none of
# their limits away, whatever its own units come to use and cease to use.
# shellcheck source=Tests/Machine/managed/common
. "$TOP/Tests/Machine/managed/common"

# Its own units must use the processor for the place to have it.
held --unit=neighbour -p CPUWeight=50 tail -f /dev/null
held --unit=held "$exec_" --limit cpu=0.5 --limit memory=64M --read-write "$place" -- sh -c "$hold"
ready "what is held"
is "where it is" "$(dirname "$(group .)")" /sys/fs/cgroup/./system.slice
held --unit=far "$exec_" --limit io_read=1M --limit cpus=0 --read-write "$place" -- sh -c "$hold"
ready "what is held far up"
limits() { for file in cpu.max memory.max io.max cpuset.cpus; do cat "/sys/fs/cgroup/smelt-"*"/$file" "/sys/fs/cgroup/system.slice/smelt-"*"/$file" | xargs; done; }
before=$(limits)
is "the limits" "$before" "max 100000 50000 100000
max 67108864
254:0 rbps=1048576 wbps=max riops=max wiops=max
0"
systemctl stop neighbour
unit -p CPUWeight=50 -p IOWeight=50 -p AllowedCPUs=0 true
unit -p Delegate=yes true
systemctl daemon-reload
unit true
systemctl set-property --runtime system.slice CPUWeight=50
systemctl set-property --runtime system.slice CPUWeight=
is "the limits once systemd's own units are gone" "$(limits)" "$before"
systemctl stop held far
[ -z "$(group .)" ] || fails "left: $(group .)"
finish
