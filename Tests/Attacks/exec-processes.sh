#!/bin/sh
# Processes of the host can be neither seen nor signalled nor traced.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    mkfifo -m 666 "$here/ready"
    $prefix sh -c 'echo $$ >"$1/ready"; exec tail -f /dev/null' sh "$here" &

    victim=$(cat "$here/ready")
    refused -- kill -0 "$victim"
    refused -- kill -9 "$victim"
    allowed -- sh -c 'test ! -e "/proc/$1"' sh "$victim"
    # All that one may signal is inside; this ends the shell as well.
    sandbox -- sh -c 'kill -9 -1; true' 2>/dev/null
    sandbox -- sh -c 'kill -9 0' 2>/dev/null
    allowed -- sh -c 'test "$(ls /proc | grep -c "^[0-9]*$")" -lt 8'
    kill -0 "$victim" || harm "a process of the host was killed"
    kill "$victim"
    wait
}

attempt attack
