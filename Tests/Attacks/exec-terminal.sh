#!/bin/sh
# The caller's terminal cannot be typed into (CVE-2017-5226), taken over or opened by name.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    python3 - "$place/bin/smelt-exec" $prefix <<'P' || harm "the terminal was reached"
import os, pty, select, sys
program, prefix = sys.argv[1], sys.argv[2:]
inside = """
import fcntl, os, struct, sys
done = []
for name, request, argument in (("TIOCSTI", 0x5412, b"x"), ("TIOCLINUX", 0x541C, bytes([3])), ("TIOCSCTTY", 0x540E, 1),
                                ("TIOCSPGRP", 0x5410, struct.pack("i", os.getpgrp())), ("TIOCCONS", 0x541D, 0)):
    try:
        fcntl.ioctl(0, request, argument)
        done.append(name)
    except OSError:
        pass
try:
    os.open("/dev/tty", os.O_RDWR)
    done.append("/dev/tty")
except OSError:
    pass
if os.getsid(0) == 0: done.append("session")
print("DONE", done)
"""
pid, terminal = pty.fork()
if pid == 0:
    os.chdir("/")
    os.execvp((prefix + [program])[0], prefix + [program, "--", "python3", "-c", inside])
said = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece: break
    said += piece
os.waitpid(pid, 0)
if b"DONE []" not in said:
    print(said.decode())
    sys.exit(1)
P
}
attempt attack
