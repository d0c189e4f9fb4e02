#!/bin/sh
# Whom the kernel lets trace: with Yama's first two restrictions a sandbox's maker still may, and the last one is told by
# name. It cannot be taken back while the machine runs, so this comes last.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

scope=/proc/sys/kernel/yama/ptrace_scope
[ -e $scope ] || { fails "this kernel has no Yama"; finish; }
told='smelt-exec: refused once: mkdir /usr/new, Read-only file system'
for number in 0 1 2; do
    echo $number >$scope
    for prefix in "" "setpriv --reuid=65534 --regid=65534 --clear-groups"; do
        # shellcheck disable=SC2086 # a command and its options, or nothing
        (cd / && $prefix "$BIN/smelt-exec" --trace-denials -- mkdir /usr/new) >"$HOME/said" 2>&1 && fails "with $number it could"
        grep -qx "$told" "$HOME/said" || fails "with $number '$prefix': $(cat "$HOME/said")"
    done
done
echo 3 >$scope
smelt-exec --trace-denials -- true 2>"$HOME/said"
is "the status with 3" $? 125
grep -q "^smelt-exec: could not trace 'true': Operation not permitted; the sysctl kernel.yama.ptrace_scope must be below 3" "$HOME/said" || fails "with 3: $(cat "$HOME/said")"
smelt-exec --doctor | grep -A 1 "^no   tracing  *could not trace 'true': Operation not permitted" | grep -q 'ptrace_scope must be below 3' ||
    fails "it says $(smelt-exec --doctor | grep -A 1 tracing)"
smelt-exec -- true || fails "nothing runs without a trace"
finish
