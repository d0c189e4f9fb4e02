#!/bin/sh
# A symbolic link never redirects what is mounted or where: not a source that was swapped after the plan was made
# (CVE-2024-42472), not a place in a tree that somebody else wrote (CVE-2025-31133).
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

plan() {
    cat >"$here/plan" <<P
{"command": ["cat", "$3"], "environment": {"PATH": "/usr/bin"}, "directory": "/", "network": "none", "limits": {},
 "files": [{"readOnly": {"source": "$1", "target": "$2"}}], "stopSignal": 15, "graceSeconds": 1, "hostname": "x",
 $([ "$who" = root ] && echo '"hostUser": 65534,') "bestEffort": false}
P
    sandbox --plan 7 7<"$here/plan" >"$place/said" 2>&1
}

attack() {
    mkdir -p "$here/real/deep" "$here/secret/deep" "$here/tree"
    echo fine >"$here/real/deep/file"
    echo stolen >"$here/secret/deep/file"
    plan "$here/real/deep" /data /data/file || harm "the plan itself: $(cat "$place/said")"

    mv "$here/real" "$here/gone"
    ln -s secret "$here/real"
    plan "$here/real/deep" /data /data/file && harm "a link in a source was followed"
    grep -q 'symbolic link' "$place/said" || harm "no reason: $(cat "$place/said")"
    rm "$here/gone/deep/file"
    ln -s "$here/secret/deep/file" "$here/gone/deep/file"
    plan "$here/gone/deep/file" /data /data && harm "a link as a source was followed"

    # The tree has a link where a mount is to go.
    for goal in /etc ../../../../etc /proc/self/root /dev; do
        ln -sfn "$goal" "$here/tree/evil"
        sandbox --read-write "$here/tree" --bind "$here/secret:$here/tree/evil/x:ro" -- true >"$place/said" 2>&1
        [ $? = 125 ] || harm "mounted through a link to $goal: $(cat "$place/said")"
        sandbox --read-write "$here/tree" --bind "$here/secret:$here/tree/evil:ro" -- true >"$place/said" 2>&1
        [ $? = 125 ] || harm "mounted on a link to $goal: $(cat "$place/said")"
    done
    # Whoever may write where no link is followed cannot lead another there; what is mounted in it is no way around.
    mkdir -p "$here/shared/inner"
    chown -R --reference="$here" "$here/shared"
    for way in /etc/passwd ../secret/deep/file inner /proc/self/root/etc/passwd /proc/self/fd/0; do
        ln -sfn "$way" "$here/shared/led"
        ln -sfn "$way" "$here/shared/inner/led"
        for link in led inner/led led/x; do
            refused --read-write "$here" --no-links "$here" --directory / -- sh -c "cat '$here/shared/$link' || ls '$here/shared/$link/'"
            refused --read-write "$here" --no-links "$here" --directory / -- sh -c "echo x >'$here/shared/$link'"
        done
    done
    refused --read-write "$here" --no-links "$here" --directory / -- sh -c "ln -s /etc '$here/shared/new'; cat '$here/shared/new/passwd'"
    allowed --read-write "$here" --no-links "$here" --directory / -- sh -c "exec 3<'$here/secret/deep/file'; cat /proc/self/fd/3"
    # Where programs only share memory, or have secrets or terminals, that is so by itself.
    echo key >"$here/key"
    chown --reference="$here" "$here/key"
    for where in /dev/shm /run/secrets /dev/pts; do
        allowed --secret "key=file:$here/key" -- grep -q "^[^ ]* [^ ]* [^ ]* [^ ]* $where [^-]*nosymfollow" /proc/self/mountinfo
    done
    refused -- sh -c 'ln -s /etc/passwd /dev/shm/led && cat /dev/shm/led'
    refused -- sh -c 'ln -s /tmp/new /dev/shm/led && echo x >/dev/shm/led'
    refused -- sh -c 'mkdir /dev/shm/d && ln -s /etc /dev/shm/d/led && cat /dev/shm/d/led/passwd'
    allowed -- python3 -c 'from multiprocessing import Lock, shared_memory; shared_memory.SharedMemory(create=True, size=9).unlink(); Lock()'
    allowed -- sh -c 'echo text >/dev/shm/file && ln /dev/shm/file /dev/shm/other && ln -s file /dev/shm/link && readlink /dev/shm/link && cat /dev/shm/other'

    for target in /proc /proc/self /dev/null /dev relative / /a/../b /a//b /a/./b; do
        sandbox --bind "$here/secret:$target:ro" -- true >"$place/said" 2>&1
        [ $? = 125 ] || harm "mounted at $target"
    done
}
attempt attack
