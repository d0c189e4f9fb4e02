#!/bin/sh
# In a real container: where the groups are mounted read-only, limits are refused with what would change it; where
# they may be written, every limit holds, for its root and for a user whom it gives them.
# shellcheck disable=SC2016
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

box=/run/box
mkdir -p "$box/root" "$box/state" "$box/tmp"
chmod 1777 "$box/tmp"
cp "$BIN/smelt-exec" "$box/smelt-exec"
mount --bind / "$box/root"
cd "$box" || exit 1
runc spec
# contain FILTER WORD...: in a container of what runc makes by itself, with groups of its own, changed by a filter of jq.
contain() {
    filter=$1
    shift
    printf '%s\037' "$@" | jq -Rs --slurpfile spec "$box/config.json" 'split("\u001f")[:-1] as $words | $spec[0]
        | .root = {path: "/run/box/root", readonly: false}
        | .process.terminal = false
        | .process.args = $words
        | .linux.namespaces += [{type: "cgroup"}] | .linux.namespaces |= unique
        | .linux.cgroupsPath = "/box"
        | .mounts += [
            {destination: "/tmp", type: "bind", source: "/run/box/tmp", options: ["bind"]},
            {destination: "/tmp/smelt-exec", type: "bind", source: "/run/box/smelt-exec", options: ["bind", "ro"]}]
        | '"$filter" >"$box/tmp/config.json" || fails "no configuration"
    mkdir "$box/bundle" && mv "$box/tmp/config.json" "$box/bundle"
    runc --root "$box/state" run --bundle "$box/bundle" box >"$HOME/said" 2>&1
    status=$?
    rm -r "$box/bundle"
    [ ! -e /sys/fs/cgroup/box ] || fails "a container left its group"
    return $status
}
said() { grep -qF -- "$1" "$HOME/said" || fails "$2: it said $(cat "$HOME/said")"; }
writable='(.mounts[] | select(.type == "cgroup").options) -= ["ro"]'
# What our root needs to bring things into sandboxes, and what no user may have.
privileged="$writable"' | del(.linux.maskedPaths, .linux.readonlyPaths) | .process.capabilities |= with_entries(.value = ["SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "CHOWN", "FOWNER", "KILL", "DAC_OVERRIDE", "SYS_CHROOT", "SYS_PTRACE"] | .value[] |= "CAP_" + .)'
hog='x = bytearray(200 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
limits='cat /proc/self/cgroup
cd /
export SMELT_STATE_DIR=/tmp/state-$(id -u)
try() { /tmp/smelt-exec --report /tmp/report "$@"; echo "status $?"; jq -r "\"\(.ending), \(.reason), \(.usage.throttledSeconds > 0.5)\"" /tmp/report; rm -f /tmp/report; }
try --limit memory=64M -- python3 -c "$0"
try --limit processes=3 -- sh -c "sleep 9 & sleep 9 & sleep 9 & wait"
try --limit cpu=0.2 -- python3 -c "import time
end = time.monotonic() + 2
while time.monotonic() < end: pass"
for n in 1 2; do /tmp/smelt-exec --limit cpu_weight=7 -- true || echo "two at once failed"; done & /tmp/smelt-exec --limit cpu_weight=7 -- true || echo "two at once failed"
wait
cat /proc/self/cgroup
ls -d /sys/fs/cgroup/smelt-*'

contain . /tmp/smelt-exec --limit memory=64M -- true
is "the status where the groups are read-only" $? 125
said "could not enforce the limits 'memory' here: '/sys/fs/cgroup' is mounted read-only; run the container with a control group file system that it may write, or leave them out, or accept what is not enforced with --best-effort (not_enforceable, 69)" "read-only"
# Its root has no capability to bring anything into a sandbox.
contain . /tmp/smelt-exec --doctor --json
is "the status of --doctor" $? 69
is "what --doctor says" "$(jq -r '.. | objects | select(.name == "control groups").remedy' "$HOME/said")" "run the container with a control group file system that it may write"

for who in root user; do
    case $who in
    root) contain "$privileged" sh -c "$limits" "$hog" ;;
    user)
        # Nobody gave it to them yet.
        contain "$privileged"' | .process.user = {uid: 4711, gid: 4711}' /tmp/smelt-exec --limit memory=64M -- true
        is "the status of a user who was given nothing" $? 125
        said "this user may not make groups in '/sys/fs/cgroup'; as root: chown USER '/sys/fs/cgroup' and in it cgroup.procs, cgroup.subtree_control and cgroup.threads" "nothing was given"
        contain "$privileged" sh -c 'cd /sys/fs/cgroup && chown 4711 . cgroup.procs cgroup.subtree_control cgroup.threads && exec setpriv --reuid=4711 --regid=4711 --clear-groups --bounding-set=-all sh -c "$@"' sh "$limits" "$hog"
        ;;
    esac
    is "the last line of $who's" "$(tail -n 1 "$HOME/said")" "ls: cannot access '/sys/fs/cgroup/smelt-*': No such file or directory"
    is "where $who was, and went" "$(grep ^0:: "$HOME/said" | xargs)" "0::/ 0::/smelt"
    is "how the runs of $who ended" "$(grep -A 1 '^status' "$HOME/said" | grep -v ^-- | xargs -d '\n')" \
        "status 137 out_of_memory, memory, false status 2 failed, null, false status 0 succeeded, null, true"
    said "refused once: another process, the limit processes is 3" "the processes of $who"
    ! grep "at once" "$HOME/said" || fails "$who"
done
cd / && umount "$box/root" && rm -rf "$box"
finish
