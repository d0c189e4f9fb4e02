#!/bin/sh
# A command that is traced is refused what it is refused otherwise, whatever it does to its tracer; and the trace has it,
# as often as it was, unless the command lies about names, which threads can.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    file=$here/kept/file
    mkdir -p "$here/kept" "$here/open"
    if [ "$(id -u)" = 0 ]; then chown -R 65534:65534 "$here"; fi
    programs="--read-only $place/bin"
    # In an emulated machine, where each takes seconds, the profile that everybody has.
    profiles="default strict none"
    if [ -n "${SMELT_EMULATED-}" ] && [ -z "${SMELT_SOAK-}" ]; then profiles=default; fi
    for seccomp in $profiles; do
        options="--trace-denials --seccomp $seccomp $programs"
        allowed --timeout "${slow}30s" $options --read-write "$here/open" -- "$place/bin/traced" storm "$here/open/file"
        for way in plainly blind mute allow trace kill vfork untraced thread execute race storm; do
            refused $options --read-only "$here/kept" -- "$place/bin/traced" $way "$file"
            [ ! -e "$file" ] || harm "$way made it"
            case $way in
            plainly | blind | mute | allow | trace | vfork | thread | execute) want=once ;;
            storm) want="120 times" ;;
            # What is not traced cannot make a call that is; what is killed makes none; a race may give any name.
            *) continue ;;
            esac
            grep -q "^smelt-exec: refused $want: openat $file, Read-only file system\$" "$place/said" || harm "$seccomp, $way: $(cat "$place/said")"
        done
    done
    # The tracer takes everything with it, and a tracer's tracee has no other.
    python3 - "$place/bin/smelt-exec" $prefix <<'P' >"$place/said" 2>&1 || harm "the tracer's end: $(cat "$place/said")"
import os, select, signal, subprocess, sys
program, prefix = sys.argv[1], sys.argv[2:]
def children(above):
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
            if parent == above: found[int(pid)] = open(f"/proc/{pid}/cmdline").read().split("\0")
        except OSError: continue
    return found
child = subprocess.Popen(prefix + [program, "--timeout", "30s", "--grace", "0", "--trace-denials", "--", "sh", "-c", "echo up; exec tail -f /dev/null"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", text=True)
assert child.stdout.readline() == "up\n"
tracers = [pid for pid, words in children(child.pid).items() if words[1:2] == ["--tracer"]]
assert len(tracers) == 1, tracers
os.kill(tracers[0], signal.SIGKILL)
said = child.communicate()[1]
assert child.returncode == 137, child.returncode
assert "the tracer was ended from outside" in said, said

# And who kills smelt-exec leaves neither.
child = subprocess.Popen(prefix + [program, "--timeout", "30s", "--grace", "0", "--trace-denials", "--", "sh", "-c", "echo up; exec tail -f /dev/null"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", text=True)
assert child.stdout.readline() == "up\n"
made = [os.pidfd_open(pid) for pid in children(child.pid)]
assert len(made) == 2, made
child.kill()
for one in made: assert select.select([one], [], [], 20)[0], "something is left"
P
    # Nobody inside can trace, or see who does.
    refused --trace-denials -- python3 -c 'import ctypes, os, sys
lib = ctypes.CDLL(None)
child = os.fork()
if child == 0: os.read(os.pipe()[0], 1)
sys.exit(0 if lib.ptrace(16, child, 0, 0) == 0 or lib.ptrace(0, 0, 0, 0) == 0 else 1)'
    refused --trace-denials -- sh -c '! grep -q "^TracerPid:.0$" /proc/self/status'
    refused --trace-denials -- sh -c 'exec 9<"/proc/1/mem"'
}

prepare() {
    gcc -O1 -pthread -o "$place/bin/traced" "$TOP/Tests/Attacks/traced.c" || exit 1
    attack
}
attempt prepare
