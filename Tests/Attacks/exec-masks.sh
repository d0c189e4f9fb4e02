#!/bin/sh
# What is masked cannot be read, made, or brought to its name by moving what is around it (runc's masked paths:
# CVE-2025-31133; files created during the session); links in its place lead nowhere.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    mkdir -p "$here/work/.git/info" "$here/work/a/b/c" "$here/elsewhere"
    echo private >"$here/work/.git/config" && chmod 644 "$here/work/.git/config"
    ln -s "$here/elsewhere" "$here/work/link"
    if [ "$who" = root ]; then chown -Rh 65534:65534 "$here"; elif [ "$who" = nobody ]; then chown -Rh 65534:65534 "$here"; fi
    w=$here/work
    masked="--read-write $w --mask $w/.git/config --mask $w/.git/hooks --mask $w/a/b/c/new --mask $w/.mcp.json"
    refused $masked -- cat "$w/.git/config"
    refused $masked -- sh -c 'echo x >"$1"' sh "$w/.mcp.json"
    refused $masked -- mkdir -p "$w/.git/hooks/x"
    for script in 'mv .git .other' 'mv a x' 'mv a/b x' 'mv a/b/c x' 'mv .mcp.json x' 'rm -rf .git; mkdir .git/hooks' \
        'ln .git/config copy && cat copy' 'cp -r .git x && cat x/config' 'python3 -c "import os; os.rename(\".git\", \"x\")"' \
        'mkdir n && mv n .mcp.json' 'echo x >n && ln -f n .mcp.json' 'mv -T a/b/c/new x' 'chmod 644 .git/config && cat .git/config' \
        'python3 -c "
import ctypes, os
os.mkdir(\"n\")
exit(ctypes.CDLL(None).renameat2(-100, b\"n\", -100, b\"a\", 2) != 0)"'; do
        refused $masked -C "$w" -- sh -c "$script"
    done
    for gone in "$w/.mcp.json" "$w/.git/hooks" "$w/a/b/c/new"; do
        [ ! -e "$gone" ] || harm "a placeholder stayed: $gone"
    done
    [ "$(cat "$w/.git/config")" = private ] || harm "what was masked was changed"
    # A link on the way is followed when the options are read, and then no more.
    refused --read-write "$w" --mask "$w/link/new" --read-write "$here/elsewhere" -- sh -c 'echo x >"$1/new"' sh "$here/elsewhere"
    # What the kernel tells of the host, and takes orders by.
    for name in kcore keys key-users sysrq-trigger timer_list; do
        [ ! -e "/proc/$name" ] || refused -- head -c 1 "/proc/$name"
    done
    refused -- sh -c 'echo h >/proc/sysrq-trigger'
    refused -- sh -c 'echo core >/proc/sys/kernel/core_pattern'
    refused -- sh -c 'echo 1 >/proc/sys/kernel/sysrq'
    # Another root has nothing of the host's, by any way up or around.
    mkdir "$here/tree" "$here/tree/bin" && cp /bin/busybox "$here/tree/bin/" && ln -s /etc "$here/tree/host"
    refused --root "$here/tree" -- /bin/busybox cat /host/hostname
    refused --root "$here/tree" -- /bin/busybox cat /etc/hostname
    refused --root "$here/tree" -- /bin/busybox cat /../../etc/hostname
    refused --root "$here/tree" -- /bin/busybox cat /proc/1/root/etc/hostname
    refused --root "$here/tree" -- /bin/busybox touch /bin/made
    allowed --root "$here/tree" -- /bin/busybox true
}
attempt attack
