#!/bin/sh
# Nothing of the host can be changed from inside: not its software, not what is granted to read.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    mkdir "$here/data"
    echo precious >"$here/data/file"
    chmod 777 "$here/data"
    chmod 666 "$here/data/file"
    for try in 'echo x >>file' 'rm file' 'mv file other' ': >file' 'chmod 600 file' 'touch file' \
        'ln file more' 'truncate -s 0 file' 'mkdir new' 'touch new' 'setfattr -n user.x -v y file' \
        'rm -rf .' 'python3 -c "import os; os.utime(\"file\", (0, 0))"'; do
        refused --read-only "$here/data" -C "$here/data" -- sh -c "$try"
    done
    for target in / /usr /usr/bin /etc /etc/passwd /opt /bin /dev /var /proc/sys/kernel/hostname; do
        [ -d "$target" ] && refused -- touch "$target/smelt-was-here"
        [ -f "$target" ] && refused -- sh -c "echo x >>$target"
    done
    # Also not the directory that the caller is in, unless it is granted.
    refused -- touch "$here/new"
    [ "$(cat "$here/data/file")" = precious ] || harm "the file was changed"
}
attempt attack
