#!/bin/sh
# Everything inside dies with smelt-exec, however it is killed and whenever, and with the command, whatever it left
# running. The proof is the end of a pipe that everybody inside holds.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    python3 - "$place/bin/smelt-exec" $prefix <<'P' || harm "something outlived smelt-exec"
import os, random, select, signal, subprocess, sys, time
program, prefix = sys.argv[1], sys.argv[2:]
# Whoever started us may ignore it (nohup does), and what is ignored kills nobody.
for number in (signal.SIGHUP, signal.SIGUSR1): signal.signal(number, signal.SIG_DFL)
stubborn = "trap '' HUP INT TERM; (setsid sh -c 'trap \"\" HUP INT TERM; echo up; exec tail -f /dev/null' &) ; exec tail -f /dev/null"
def ended(pipe):
    """Reads to the end, for half a minute at most."""
    while True:
        if not select.select([pipe], [], [], 30)[0]: return False
        if not os.read(pipe, 4096): return True
def start(command, *options):
    child = subprocess.Popen(prefix + [program, *options, "--", "sh", "-c", command], stdout=subprocess.PIPE, cwd="/")
    return child, child.stdout.fileno()
# Killed in the middle of work.
for number in (signal.SIGKILL, signal.SIGHUP, signal.SIGUSR1):
    child, pipe = start(stubborn)
    os.read(pipe, 3)
    child.send_signal(number)
    child.wait()
    if not ended(pipe): sys.exit(f"alive after signal {number}")
# Killed at random moments while it starts.
seed = random.randrange(1 << 32)
random.seed(seed)
for _ in range(60):
    child, pipe = start(stubborn)
    until = time.monotonic() + random.random() * 0.008
    while time.monotonic() < until: pass
    child.kill()
    child.wait()
    if not ended(pipe): sys.exit(f"alive after a kill while starting, seed {seed}")
# The command itself ends and leaves something behind.
child, pipe = start("(setsid sh -c 'trap \"\" HUP; exec tail -f /dev/null' &); exit 3")
if not ended(pipe) or child.wait() != 3: sys.exit("alive after the command's end")
# Two polite requests; the second does not wait for the end of the grace.
child, pipe = start(stubborn, "--grace", "1h")
os.read(pipe, 3)
child.send_signal(signal.SIGTERM)
child.send_signal(signal.SIGINT)
if child.wait() not in (130, 143) or not ended(pipe): sys.exit("alive after two requests")
P
}
attempt attack
