#!/bin/sh
# The users that --map-users brings are nobody on the host, and being one of them gives no privilege.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

# For nobody and root there are ids that nobody has; newuidmap sees them in a file of this mount namespace alone.
if [ "$(id -u)" = 0 ] && [ -z "${SMELT_SUBUIDS-}" ]; then
    SMELT_SUBUIDS=1950000000-1950065535
    export SMELT_SUBUIDS
    command -v newuidmap >/dev/null || { echo "there is no newuidmap: run bin-scripts/setup --test"; exit 77; }
    for file in /etc/subuid /etc/subgid; do [ -e $file ] || { echo "there is no $file"; exit 77; }; done
    exec unshare --mount --propagation private sh -c '
        mount -t tmpfs tmpfs /mnt && echo 65534:1950000000:65536 >/mnt/ids &&
        mount --bind /mnt/ids /etc/subuid && mount --bind /mnt/ids /etc/subgid && exec "$@"' sh "$0"
fi

as() {
    mapped --keep-capability setuid --keep-capability setgid "$@"
}
mapped() { sandbox --map-users --read-only "$place/become" "$@"; }

attack() {
    # As su(1) and daemons do it: become UID GID COMMAND.
    cat >"$place/become" <<'B'
import os, sys
user, group = int(sys.argv[1]), int(sys.argv[2])
os.setgroups([])
os.setresgid(group, group, group)
os.setresuid(user, user, user)
os.execvp(sys.argv[3], sys.argv[3:])
B
    if ! mapped -- true 2>"$place/said"; then
        if [ "$(id -u)" != 0 ] && grep -q 'could not map more users: .*(no_subordinate_ids, 69)' "$place/said"; then
            cat "$place/said"
            exit 77
        fi
        harm "there are no users: $(cat "$place/said")"
    fi
    become="python3 $place/become 5 7"
    root="python3 $place/become 0 0"
    [ "$(as -- $become sh -c 'id -u; id -g')" = "5
7" ] || harm "another user could not be had"
    [ "$(as -- python3 -c 'import os; os.setresuid(0, 0, 0); os.setuid(3); print(os.getuid())')" = 3 ] || harm "not from 0"
    [ "$(mapped -- sh -c 'id -u; id -un')" = "1000
smelt" ] || harm "the command is another user"
    # What it makes belongs to an id that nobody has.
    mkdir -m 777 "$here/shared"
    as --read-write "$here/shared" -- $become touch "$here/shared/file" || harm "it could not write"
    if [ "$(id -u)" = 0 ]; then
        [ "$(stat -c %u:%g "$here/shared/file")" = 1950000005:1950000007 ] || harm "it belongs to $(stat -c %u:%g "$here/shared/file")"
    fi

    # Without the right to change, and with it no other right.
    refused --map-users --read-only "$place/become" -- $become true
    refused --map-users -- python3 -c 'import os; os.setuid(0)'
    refused --map-users -- python3 -c 'import os; os.setgroups([5])'
    [ "$(as -- $root sh -c 'grep -h ^Cap /proc/self/status | sort -u')" = "$(as -- sh -c 'grep -h ^Cap /proc/self/status | sort -u')" ] ||
        harm "user 0 has other capabilities"
    for attempt in "mount -t tmpfs none /mnt" "touch /etc/made" "cat /etc/shadow" "chown 5 /tmp" "ls /home/smelt" "unshare --user true" "hostname x" \
        "sh -c 'kill -9 1'" "sh -c 'echo 1 >/proc/sys/kernel/sysrq'" "sh -c 'echo 9 >/proc/sys/user/max_user_namespaces'" \
        "setpriv --bounding-set +all true" "dmesg" "ls /proc/1/fd/"; do
        eval "refused --map-users --keep-capability setuid --keep-capability setgid --read-only '$place/become' -- $root $attempt"
    done
    # Not even a set-user-id file of user 0.
    as --keep-capability chown --keep-capability fowner --read-write "$here/shared" -- sh -c '
        cp /usr/bin/id "$0/id" && chown 0:0 "$0/id" && chmod 6755 "$0/id" && test "$("$0/id" -u)" = 1000' "$here/shared" ||
        harm "a set-user-id file of user 0 worked"
    # An id that is not mapped cannot be had, and the host's files belong to nobody inside.
    refused --map-users --keep-capability setuid -- python3 -c 'import os; os.setuid(90000)'
    refused --map-users --keep-capability chown --keep-capability fowner --read-only "$place/bin" -- chown 5 "$place/bin/smelt-exec"
    [ "$(as -- stat -c %u /usr)" = 65534 ] || harm "the host's root is user $(as -- stat -c %u /usr) inside"

    # Each user has a number of processes of his own, which must not be a way around.
    said=$(as --limit processes=9 -- python3 -c '
import os, signal
count = 1
try:
    while count < 60:
        if os.fork() == 0:
            try: os.setuid(count)
            finally: signal.pause()
        count += 1
except BlockingIOError:
    pass
print(count)' 2>"$place/said") && [ "$said" -le 9 ] ||
        grep -q "could not enforce the limits 'processes' here: .*not_enforceable, 69" "$place/said" ||
        harm "processes: $said $(cat "$place/said")"
    if [ "$who" != root ]; then
        mapped --limit disk=1G -- true 2>"$place/said"
        grep -q "could not enforce the limits 'disk' here" "$place/said" || harm "disk: $(cat "$place/said")"
    fi
    as --keep-capability chown --keep-capability dac_override --read-write "$here/shared" -- rm -rf "$here/shared/file" "$here/shared/id"
    rm -rf "$here/shared"
}
attempt attack
