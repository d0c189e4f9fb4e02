#!/bin/sh
# Whoever writes more than --limit disk allows is killed, however it is written and wherever it is hidden; what is no
# space on a disk does not count.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

# One attack in Python, in a fresh writable directory; `full(NAME)` makes a file of 1 MiB. With 8 MiB allowed.
within() {
    rm -rf "$here/w"
    mkdir "$here/w"
    chown --reference="$here" "$here/w"
    printf '%s\n' "$1" >"$here/program"
    sandbox --read-write "$here/w" --directory "$here/w" --limit disk=8M --timeout "${slow}60s" --grace 0 --report "$here/report" \
        --read-only "$here/program" -- python3 -c '
import os, sys, signal
def full(name):
    with open(name, "wb") as file: file.write(bytes(1 << 20))
exec(open(sys.argv[1]).read())' "$here/program" >"$place/said" 2>&1
}

caught() {
    within "$2"
    status=$?
    { [ $status = 137 ] && grep -q '"ending":"over_limit".*"reason":"disk"' "$here/report"; } ||
        harm "$1: status $status, $(cat "$place/said" "$here/report")"
    chmod -R u+rwx "$here/w"
}

fine() { within "$2" || harm "$1 should work: $(cat "$place/said" "$here/report")"; }

attack() {
    caught "many files" '
for number in range(100): full(str(number))
signal.pause()'
    caught "many files, and gone" 'for number in range(20): full(str(number))'
    caught "space that is only reserved" '
for number in range(4): os.posix_fallocate(os.open(str(number), os.O_WRONLY | os.O_CREAT), 0, 4 << 20)
signal.pause()'
    caught "empty files" '
for number in range(5000): os.close(os.open(str(number), os.O_CREAT))
signal.pause()'
    caught "links" '
for number in range(5000): os.symlink("x", str(number))
signal.pause()'
    caught "files without a name" '
held = [os.open(".", os.O_TMPFILE | os.O_WRONLY) for _ in range(4)]
for file in held: os.write(file, bytes(4 << 20))
signal.pause()'
    caught "files that another process holds" '
for number in range(4):
    file = os.open("x", os.O_WRONLY | os.O_CREAT)
    os.unlink("x")
    os.write(file, bytes(4 << 20))
    if os.fork() == 0: signal.pause()
    os.close(file)
signal.pause()'
    caught "files that a thread holds when the first has ended" '
import ctypes, threading
def hold():
    while open(f"/proc/{os.getpid()}/stat").read().rpartition(")")[2].split()[0] != "Z": pass
    held = [os.open(".", os.O_TMPFILE | os.O_WRONLY) for _ in range(4)]
    for file in held: os.write(file, bytes(4 << 20))
    threading.Event().wait()
threading.Thread(target=hold).start()
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)'
    caught "files of a thread with descriptors of its own" '
import ctypes, threading
def hold():
    if ctypes.CDLL(None).unshare(0x400) != 0: os._exit(9)
    held = [os.open(".", os.O_TMPFILE | os.O_WRONLY) for _ in range(4)]
    for file in held: os.write(file, bytes(4 << 20))
    threading.Event().wait()
threading.Thread(target=hold).start()
signal.pause()'
    caught "files behind very many descriptors" '
import resource
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
ready = os.pipe()
for _ in range(300000 // most + 1):
    if os.fork() == 0:
        try:
            while True: os.dup(0)
        except OSError: os.write(ready[1], b"x")
        signal.pause()
    os.read(ready[0], 1)
held = [os.open(".", os.O_TMPFILE | os.O_WRONLY) for _ in range(4)]
if os.fork() == 0:
    for file in held: os.write(file, bytes(4 << 20))
    signal.pause()
for file in held: os.close(file)
signal.pause()'
    caught "through a descriptor'\''s name" '
for number in range(20):
    file = os.open(str(number), os.O_CREAT)
    with open(f"/proc/self/fd/{file}", "wb") as other: other.write(bytes(1 << 20))
signal.pause()'
    caught "in closed directories" '
for number in range(20):
    os.makedirs(f"{number}/b")
    full(f"{number}/b/x")
    os.chmod(f"{number}/b", 0)
    os.chmod(f"{number}", 0)
signal.pause()'
    caught "in a directory that is never where it was" '
os.mkdir("0")
for number in range(20): full(f"0/{number}")
while True:
    os.rename("0", "1")
    os.rename("1", "0")'
    caught "deeper than a path is long" '
for _ in range(30):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
for number in range(20): full(str(number))
signal.pause()'
    within 'full("a"); full("b"); os.chdir("/tmp"); [full(f"/tmp/{number}") for number in range(9)]' &&
        harm "more than 8 MiB in memory"
    grep -q 'No space left' "$place/said" || harm "in memory: $(cat "$place/said")"
    within 'os.ftruncate(os.open("x", os.O_WRONLY | os.O_CREAT), 1 << 30)' && harm "a file of 1 GiB, if without space"

    fine "holes" '
for number in range(20): os.truncate(os.open(str(number), os.O_WRONLY | os.O_CREAT), 7 << 20)'
    fine "one file with many names" '
full("x")
for number in range(1000): os.link("x", str(number))'
    fine "the same space again and again" '
for number in range(20):
    full("x")
    os.unlink("x")'
    fine "a little in a closed directory, whose mode stays" '
os.mkdir("a")
full("a/x")
os.chmod("a", 0o100)'
    [ "$(stat -c %a "$here/w/a")" = 100 ] || harm "a mode was changed to $(stat -c %a "$here/w/a")"
    chmod -R u+rwx "$here/w"

    # What was there before is not counted.
    rm -rf "$here/w"
    mkdir -p "$here/w"
    head -c 20M /dev/zero >"$here/w/before"
    chown -R --reference="$here" "$here/w"
    allowed --read-write "$here/w" --limit disk=8M -- sh -c "head -c 4M /dev/zero >$here/w/x"
    rm -rf "$here/w"
}
attempt attack
