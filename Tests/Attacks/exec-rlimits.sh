#!/bin/sh
# No limit of a process can be raised again; of processor time the signal comes first that a program can catch.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    for name in as=1G core=0 cpu=60 data=1G fsize=1M locks=5 memlock=64K msgqueue=1000 nice=1 nofile=64 nproc=50 \
        rss=1G rtprio=0 rttime=1s sigpending=10 stack=8M; do
        allowed --rlimit $name -- true
    done
    sandbox --rlimit as=1G --rlimit cpu=60 --rlimit fsize=1M --rlimit nofile=64 --rlimit stack=1M -- python3 -c '
import resource as r
for kind in r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_STACK:
    soft, hard = r.getrlimit(kind)
    print(soft, hard)
    for more in (hard + 1, r.RLIM_INFINITY):
        try:
            r.setrlimit(kind, (soft, more))
            print("raised", kind)
        except (ValueError, PermissionError):
            pass' >"$place/limits"
    wanted="1073741824 1073741824
60 61
1048576 1048576
64 64
1048576 1048576"
    [ "$(cat "$place/limits")" = "$wanted" ] || harm "limits: $(cat "$place/limits")"
    [ "$(sandbox --rlimit cpu=1 -- bash -c 'trap "echo caught; exit 3" XCPU; while :; do :; done')" = caught ] ||
        harm "SIGXCPU did not come first"
    sandbox --rlimit cpu=1 -- bash -c 'trap "" XCPU; while :; do :; done'
    [ $? = 137 ] || harm "who ignores SIGXCPU goes on"
    # The sandbox's own first process does not count, and of two limits the stricter holds.
    refused --rlimit nproc=3 -- sh -c 'true & true & true & true & wait'
    [ "$(sandbox --limit processes=5 --rlimit nproc=100 -- sh -c 'ulimit -u' 2>/dev/null || sandbox --limit processes=5 --rlimit nproc=100 -- bash -c 'ulimit -u')" = 6 ] ||
        harm "the laxer of two limits counts"
}
attempt attack
