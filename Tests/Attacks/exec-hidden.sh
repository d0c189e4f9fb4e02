#!/bin/sh
# Homes, secrets and the run-time state of the host are not there.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    cd /
    for path in /root /home /mnt /media /srv /boot /sys /var/lib/docker /var/lib/containerd /var/log \
        /var/mail /var/spool /run /tmp /var/tmp; do
        allowed -- sh -c 'test -z "$(ls -A "$1" 2>/dev/null | grep -vx smelt)"' sh "$path"
    done
    for path in /etc/shadow /etc/gshadow /etc/sudoers /etc/ssl/private/. /etc/ssh/ssh_host_*_key; do
        refused -- cat "$path"
    done
    allowed -- sh -c '! grep -v -e ^root: -e ^smelt: -e ^nobody: /etc/passwd'
    # What the caller has in its environment stays there.
    SECRET_TOKEN=hunter2 sandbox -- env >"$place/environment"
    if grep -q hunter2 "$place/environment"; then harm "the environment was inherited"; fi
    # A place that is made where the host has none of what could be shown brings nothing from above it.
    mkdir "$here/given"
    chmod go+rX "$here/given"
    for path in /var/lib/ghc/a/b /var/lib/texmf/a /gnu/a /nix/a; do
        allowed --bind "$here/given:$path:ro" -- ls "$path"
        allowed --bind "$here/given:$path:ro" -- sh -c '! ls -d /var/lib/private /var/lib/apt /root /boot 2>/dev/null | grep .'
    done
    # A home is not shown for standing in it.
    mkdir "$here/home"
    echo key >"$here/home/id_rsa"
    chmod -R go+rX "$here/home"
    (cd "$here/home" && HOME=$here/home refused -- cat "$here/home/id_rsa" && exit $broken) || broken=1
    # What is hidden by name stays so under a grant of what is around it.
    mkdir -p "$here/tree/.git"
    echo token >"$here/tree/.git/config"
    chmod -R go+rX "$here/tree"
    allowed --read-only "$here/tree" -- ls "$here/tree/.git/config"
    refused --read-only "$here/tree" --hide "$here/tree/.git" -- ls "$here/tree/.git/config"
}
attempt attack
