#!/bin/sh
# Where a group is found: delegated to a user, in a unit with processes in it, beside those of a manager, by
# name; and what is said where none is. Each is what systemd, or a container, makes of the groups.
# shellcheck disable=SC2016
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

cp "$BIN/smelt-exec" /tmp/smelt-exec
all="+cpu +cpuset +io +memory +pids"
echo "$all" >/sys/fs/cgroup/cgroup.subtree_control
# own GROUP COMMAND...: as user 65534, with that group as its own.
own() {
    group=$1
    shift
    sh -c 'cd /; echo $$ >"$1/cgroup.procs"; shift; exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' sh "/sys/fs/cgroup/$group" "$@"
}
make() { mkdir -p "/sys/fs/cgroup/$1" && echo "$all" >"/sys/fs/cgroup/$1/cgroup.subtree_control"; }
give() { chown 65534:65534 "/sys/fs/cgroup/$1" "/sys/fs/cgroup/$1/cgroup.procs" "/sys/fs/cgroup/$1/cgroup.subtree_control" "/sys/fs/cgroup/$1/cgroup.threads"; }
said() { grep -qF -- "$1" "$HOME/said" || fails "$2: it said $(cat "$HOME/said")"; }

# A user's manager: processes are in leaves, groups of theirs can be made above.
make user
give user
mkdir /sys/fs/cgroup/user/shell
give user/shell
own user/shell /tmp/smelt-exec --limit memory=64M -- head -c 200M /dev/zero >/dev/null 2>"$HOME/said" || fails "in a user's group: $(cat "$HOME/said")"
own user/shell /tmp/smelt-exec --limit memory=64M -- python3 -c 'x = bytearray(200 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
is "the status in a user's group" $? 137
[ -z "$(ls -d /sys/fs/cgroup/user/smelt-* 2>/dev/null)" ] || fails "a user's group was left"

# A user who logged in elsewhere has nothing to make groups in.
make login
mkdir /sys/fs/cgroup/login/session
own login/session /tmp/smelt-exec --limit memory=64M -- true 2>"$HOME/said"
is "the status without a group" $? 125
said "could not enforce the limits 'memory' here: this user may not make groups in '/sys/fs/cgroup/login/session'; begin with 'systemd-run --user --scope -p Delegate=yes'" "without a group"
said "(not_enforceable, 69)" "without a group"
own login/session /tmp/smelt-exec --best-effort --limit memory=64M -- true 2>"$HOME/said" || fails "best effort without a group"
said "going on although these limits are not enforced for the whole: 'memory': this user may not" "best effort"

# A unit with Delegate=yes has processes in its own group: they move into a leaf. Others' do not.
make system
mkdir /sys/fs/cgroup/system/unit
give system/unit
sh -c "echo \$\$ >/sys/fs/cgroup/system/unit/cgroup.procs; exec tail -f /dev/null" &
beside=$!
own system/unit /tmp/smelt-exec --limit memory=64M -- true 2>"$HOME/said"
is "the status in a unit that is not delegated" $? 125
said "could not enforce the limits 'memory' here: the control group '/sys/fs/cgroup/system/unit' has processes of its own" "in a busy unit"
python3 -c 'import os; os.setxattr("/sys/fs/cgroup/system/unit", "user.delegate", b"1")'
own system/unit /tmp/smelt-exec --limit memory=64M -- cat /proc/self/cgroup >"$HOME/said" 2>&1 || fails "in a delegated unit: $(cat "$HOME/said")"
said "0::/" "in a delegated unit"
is "where the other process of the unit went" "$(cat /proc/$beside/cgroup)" "0::/system/unit/smelt"
kill $beside
wait $beside

# A controller that does not arrive: named with the file and the line that brings it.
mkdir /sys/fs/cgroup/poor
echo "+memory" >/sys/fs/cgroup/poor/cgroup.subtree_control
mkdir /sys/fs/cgroup/poor/user /sys/fs/cgroup/poor/user/shell
give poor/user
give poor/user/shell
own poor/user/shell /tmp/smelt-exec --limit memory=64M -- true 2>"$HOME/said" || fails "with the controller that there is: $(cat "$HOME/said")"
own poor/user/shell /tmp/smelt-exec --limit memory=64M --limit cpu=1 -- true 2>"$HOME/said"
is "the status without a controller" $? 125
said "could not enforce the limits 'cpu' here: there is no 'cpu' in '/sys/fs/cgroup/poor/user/cgroup.controllers'; as root: echo +cpu >'/sys/fs/cgroup/poor/cgroup.subtree_control', or leave them out" "without a controller"
own poor/user/shell /tmp/smelt-exec --best-effort --limit memory=64M --limit cpu=1 -- python3 -c 'x = bytearray(200 << 20)
for i in range(0, len(x), 4096): x[i] = 1' 2>"$HOME/said"
is "the status with the one that there is" $? 137
said "not enforced for the whole: 'cpu': there is no 'cpu' in" "with the one that there is"

# By name.
SMELT_CGROUP=/sys/fs/cgroup/user own login/session /tmp/smelt-exec --limit memory=64M -- true 2>"$HOME/said"
is "the status in a group that cannot be entered from here" $? 125
said "could not enter the control group of 'true': Permission denied; name a group that may be used in SMELT_CGROUP" "from elsewhere"
SMELT_CGROUP=/sys/fs/cgroup/user "$BIN/smelt-exec" --limit memory=64M -- true || fails "root cannot name a group"
SMELT_CGROUP=/tmp "$BIN/smelt-exec" --limit memory=64M -- true 2>"$HOME/said"
is "the status of a wrong name" $? 125
said "SMELT_CGROUP must be the directory of a control group of version 2, not '/tmp' (control_group, 78)" "a wrong name"

# Beside another manager's groups, which may take a controller back that only leaves use: it cannot from these.
make other
mkdir /sys/fs/cgroup/other/mine
mkdir -p /run/systemd/system
mkfifo "$HOME/ready"
sh -c "echo \$\$ >/sys/fs/cgroup/other/mine/cgroup.procs; exec '$BIN/smelt-exec' --limit memory=64M -- sh -c 'echo; exec tail -f /dev/null >/dev/null'" >"$HOME/ready" &
held=$!
read -r _ <"$HOME/ready"
echo -memory >/sys/fs/cgroup/other/cgroup.subtree_control 2>/dev/null && fails "a manager could take the controller away"
is "the limit" "$(cat /sys/fs/cgroup/other/smelt-*/memory.max)" 67108864
kill $held
wait $held
rmdir /run/systemd/system
[ -z "$(ls -d /sys/fs/cgroup/other/smelt-* 2>/dev/null)" ] || fails "a group with a leaf was left"

find /sys/fs/cgroup -mindepth 1 -depth -type d -exec rmdir {} +
finish
