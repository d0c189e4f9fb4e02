#!/bin/sh
# Open descriptors of the caller do not come along, and no way leads from the working directory to the host
# (CVE-2024-21626).
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    exec 4</ 5<"$TOP" 9>"$here/log"
    python3 - "$place/bin/smelt-exec" "$here/out" $prefix <<'P' || harm "descriptors: $(cat "$here/out")"
import os, subprocess, sys
program, out, prefix = sys.argv[1], sys.argv[2], sys.argv[3:]
for number in (37, 300, 1000):
    os.dup2(4, number)
    os.set_inheritable(number, True)
inside = "import os; print(sorted(n for n in map(int, os.listdir('/proc/self/fd')) if n > 2))"
said = subprocess.run(prefix + [program, "--", "python3", "-c", inside], close_fds=False, capture_output=True, text=True)
# The one left is the directory that listdir itself has open.
open(out, "w").write(said.stdout + said.stderr)
sys.exit(0 if said.stdout == "[3]\n" else 1)
P
    exec 4<&- 5<&- 9>&-
    # A directory that the caller hands over knowingly would lead everywhere.
    for number in 0 1 2; do
        # shellcheck disable=SC1090
        eval "sandbox -- true $number</" >"$place/said" 2>&1
        [ $? = 125 ] || harm "descriptor $number may be a directory"
    done
    for number in 4 5 7 8 9 10; do
        refused -C "/proc/self/fd/$number" -- true
        refused -C "/proc/1/fd/$number" -- true
    done 2>/dev/null
    allowed -- sh -c 'cd / && cd ../../../.. && test "$(pwd -P)" = / && test ! -e /root/. && test ! -e /sys/kernel'
    allowed -- sh -c 'test "$(readlink /proc/self/root)" = /'
}

# Not to be started there at all is as good as being refused: 125 counts here.
refused() { sandbox "$@" >"$place/said" 2>&1 && harm "this was possible: $*"; }
attempt attack
