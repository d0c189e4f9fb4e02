#!/bin/sh
# In Docker's containers: as they are, limits are refused with what would change it, and with groups that may be
# written they hold, for root and for a user whom they were given.
# shellcheck disable=SC2016
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

place=/scratch/docker
# It has no groups of its own and no /usr.
mkdir -p "$place" image/bin image/etc image/tmp
chmod 1777 image/tmp
cp /bin/busybox image/bin && cp "$BIN/smelt-exec" image/bin
for name in cat chown ls sh start-stop-daemon tail; do ln -s busybox "image/bin/$name"; done
printf 'root:x:0:0::/:/bin/sh\nworker:x:4711:4711::/tmp:/bin/sh\n' >image/etc/passwd
mkfifo started
dockerd --data-root "$place" --exec-root /run/docker-exec --pidfile "$HOME/pid" --bridge none --iptables=false --ip6tables=false \
    >"$HOME/log" 2>&1 &
engine=$!
# Its sockets are there before it answers; the command waits for the answer.
timeout 120 sh -c 'until docker version >/dev/null 2>&1; do kill -0 "$1" || exit; done' sh $engine || fails "no engine: $(tail -n 5 "$HOME/log")"
tar -C image -c . | docker import - box >/dev/null || fails "no image"
contain() { docker run --rm --network none --security-opt apparmor=unconfined --workdir /tmp "$@" >"$HOME/said" 2>&1; }
said() { grep -qF -- "$1" "$HOME/said" || fails "$2: it said $(cat "$HOME/said")"; }
limits='smelt-exec --limit memory=32M -- tail /dev/zero; echo "status $?"
smelt-exec --limit processes=3 --limit cpu=1 --limit cpu_weight=7 -- cat /proc/self/cgroup; echo "status $?"
cat /proc/self/cgroup; ls -d /sys/fs/cgroup/smelt-*'
held() {
    is "how the runs of $1 ended" "$(grep '^status' "$HOME/said" | xargs)" "status 137 status 0"
    said "more memory, the limit memory is 33554432 bytes" "$1's memory"
    is "where $1 was, and went" "$(grep ^0:: "$HOME/said" | xargs)" "0::/ 0::/smelt"
    said "ls: /sys/fs/cgroup/smelt-*: No such file or directory" "what $1 left"
}

for user in 0 4711; do
    contain --user $user box smelt-exec --limit memory=32M -- true
    is "the status of $user where the groups are read-only" $? 125
    said "could not enforce the limits 'memory' here: '/sys/fs/cgroup' is mounted read-only; run the container with a control group file system that it may write, or leave them out, or accept what is not enforced with --best-effort (not_enforceable, 69)" "$user, read-only"
done
contain --privileged box sh -c "$limits"
held root
contain --privileged --user 4711 box smelt-exec --limit memory=32M -- true
is "the status of a user who was given nothing" $? 125
said "as root: chown USER '/sys/fs/cgroup' and in it cgroup.procs, cgroup.subtree_control and cgroup.threads" "nothing was given"
contain --privileged box sh -c 'cd /sys/fs/cgroup && chown 4711 . cgroup.procs cgroup.subtree_control cgroup.threads && cd /tmp && HOME=/tmp exec start-stop-daemon -S -c 4711:4711 -x /bin/sh -- -c "$0"' "$limits"
held "a user"
kill $engine
wait $engine
# The parent of its containers' groups, which it leaves, and nothing of ours.
find /sys/fs/cgroup/docker -depth -type d -exec rmdir {} + 2>/dev/null
rm -rf "$place"
finish
