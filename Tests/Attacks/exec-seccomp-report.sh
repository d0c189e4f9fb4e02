#!/bin/sh
# What a command is refused never depends on who is told of it: with a report and without, with filters of its own,
# a tracer, a flood, a reporter that is stopped. The command may mount but for the filter.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

mounting="--keep-capability sys_admin --landlock none"

attack() {
    allowed $mounting --seccomp none --read-only "$place/bin" -- "$place/bin/overrule" plainly
    # More than are counted. Where those take minutes, in an emulated machine, all that are made.
    flood=100100 told=100000
    if [ -n "${SMELT_EMULATED-}" ]; then flood=1000 told=1000; fi
    for way in plainly blind allow silent traced zero permit trace "flood $flood"; do
        if [ "$way" = trace ] && [ "$(uname -m)" != x86_64 ]; then continue; fi
        refused $mounting --read-only "$place/bin" -- "$place/bin/overrule" $way
        refused $mounting --read-only "$place/bin" --report "$here/report" -- "$place/bin/overrule" $way
        # Whatever it does to itself, the report has it; only a filter of its own that answers first hides the call.
        case $way in
        plainly | blind | allow | permit | trace) grep -q '^smelt-exec: refused once: mount, by seccomp$' "$place/said" || harm "$way: $(cat "$place/said")" ;;
        flood*) grep -q "^smelt-exec: refused $told times: mount, by seccomp\$" "$place/said" || harm "$way: $(cat "$place/said")" ;;
        esac
    done
    # A reporter that does not answer holds the call up, and does not let it go.
    python3 - "$place/bin/smelt-exec" "$place/bin" $prefix <<'P' || harm "a stopped reporter lets calls go"
import os, signal, subprocess, sys
program, programs, prefix = sys.argv[1], sys.argv[2], sys.argv[3:]
inside = """
import select, subprocess, sys
print("ready", flush=True)
sys.stdin.readline()
child = subprocess.Popen([sys.argv[1] + "/overrule", "plainly"], stdout=subprocess.PIPE)
print("answered" if select.select([child.stdout], [], [], 1)[0] else "held", flush=True)
sys.stdin.readline()
print(child.communicate()[0].decode().strip(), child.returncode, flush=True)
"""
report = os.open("/dev/null", os.O_WRONLY)
child = subprocess.Popen(prefix + [program, "--keep-capability", "sys_admin", "--landlock", "none", "--read-only", programs,
                                   "--events", str(report), "--", "python3", "-c", inside, programs],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=[report], cwd="/", text=True)
def go_on():
    child.stdin.write("go on\n")
    child.stdin.flush()
def heard(wanted):
    said = child.stdout.readline().strip()
    if said != wanted: sys.exit(f"wanted '{wanted}', got '{said}'")
heard("ready")
child.send_signal(signal.SIGSTOP)
os.waitid(os.P_PID, child.pid, os.WSTOPPED)
go_on()
heard("held")
child.send_signal(signal.SIGCONT)
go_on()
heard("mount: Operation not permitted 1")
child.wait()
P
}

prepare() {
    gcc -O1 -o "$place/bin/overrule" "$TOP/Tests/Attacks/overrule.c" || exit 1
    attack
}
attempt prepare
