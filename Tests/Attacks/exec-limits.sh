#!/bin/sh
# A command cannot make more processes than it may, nor raise its limits; others are not touched by that.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    said=$(sandbox --limit processes=12 -- python3 -c '
import os, signal
count = 1
try:
    while count < 1000:
        if os.fork() == 0: signal.pause()
        count += 1
except BlockingIOError:
    pass
print(count)')
    [ "$said" = 12 ] || harm "12 processes were allowed, there were $said"
    # Two at a time, each with its own count.
    allowed --limit processes=3 -- sh -c 'sleep 0 & sleep 0 & wait'
    refused --limit processes=5 -- sh -c 'ulimit -u 100'
    refused --limit processes=5 -- prlimit --nproc=100 true
    sandbox --limit processes=30 --timeout 2s --grace 0 -- sh -c 'b() { b | b & }; b; tail -f /dev/null' >/dev/null 2>&1
    [ $? = 124 ] || harm "a fork bomb did not end in time"
    sandbox --best-effort --limit memory=256M -- python3 -c 'x = b"x" * (1 << 30)' 2>/dev/null && harm "1 GiB with 256 MiB"
    # Enforced where control groups can be had, else refused by name.
    for name in memory=1G memory_high=1G swap=1G cpu=1 cpu_weight=1 cpus=0 io_read=1G io_write=1G io_read_ops=9 \
        io_write_ops=9 io_weight=9; do
        sandbox --limit $name -- true 2>"$place/said" && continue
        grep -q "could not enforce the limits '${name%=*}' here: .*not_enforceable, 69" "$place/said" ||
            harm "$name was silently dropped: $(cat "$place/said")"
    done
}
attempt attack
