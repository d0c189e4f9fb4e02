#!/usr/bin/env python3
"""smelt-inside at the end of two pipes: what it answers, what it ends, and that nobody of its own user gets at it."""
import os, pathlib, shutil, signal, sys

sys.path.append(os.path.join(os.environ["TOP"], "Tests", "Pipelines"))
from pipeline import appears, check
from insider import Inside, listed, number, text


def alive(pid):
    try: return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError: return False


def endings_are_told_apart():
    with Inside() as inside:
        for script, how, value in (("exit 0", 0, 0), ("exit 137", 0, 137), ("kill -9 $$", 1, 9), ("kill -TERM $$", 1, 15)):
            inside.run(f"echo out; echo err >&2; {script}")
            assert inside.end() == (b"out\n", b"err\n", how, value), script


def what_cannot_be_started_says_why():
    with Inside() as inside:
        inside.ask(b"r", text("/") + text("") + listed(["no-such-program"]) + listed(["PATH=/usr/bin"]))
        assert inside.end()[2:] == (2, 2)
        inside.ask(b"r", text("/no/such/place") + text("") + listed(["true"]) + listed(["PATH=/usr/bin"]))
        assert inside.end()[2:] == (3, 2)


def who_is_left_running_ends():
    """In whatever group or session, with the command and not later."""
    with Inside() as inside:
        inside.run("setsid sh -c 'echo $$ > a; exec sleep 1000' & (sh -c 'echo $$ > b; trap \"\" TERM HUP; exec sleep 1000' &) ; "
                   "until [ -s a ] && [ -s b ]; do :; done")
        assert inside.end()[2:] == (0, 0)
        assert not any(alive(int((inside.place / name).read_text())) for name in "ab")


def a_signal_reaches_the_group_and_a_kill_ends_it():
    with Inside() as inside:
        inside.run("trap 'echo asked; exit 4' TERM; echo begun; while :; do sleep 0.05; done")
        assert inside.answer() == (b"o", b"begun\n")
        inside.ask(b"s", number(signal.SIGTERM))
        # What the shell says of its own child, which the signal met, too, is its business.
        output, _, how, value = inside.end()
        assert (output, how, value) == (b"asked\n", 0, 4)
        inside.run("trap '' TERM; echo begun; while :; do sleep 0.05; done")
        assert inside.answer() == (b"o", b"begun\n")
        inside.ask(b"k")
        assert inside.end()[2:] == (1, 9)


def the_end_of_its_input_is_the_end_of_all():
    inside = Inside().__enter__()
    inside.run("echo $$; exec sleep 1000")
    pid = int(inside.answer()[1])
    inside.process.stdin.close()
    assert inside.process.wait(timeout=30) == 0
    assert not alive(pid)
    shutil.rmtree(inside.place)


def files_come_whole_and_go():
    with Inside() as inside:
        path = str(inside.place / "secret")
        inside.ask(b"f", number(0o400) + text(path) + b"value")
        inside.run(f"ls -l {path} | cut -c 1-10; cat {path}")
        assert inside.end()[0] == b"-r--------\nvalue"
        inside.ask(b"u", path.encode())
        inside.run(f"test -e {path}")
        assert inside.end()[2:] == (0, 1)
        inside.ask(b"f", number(0o400) + text("/no/such/directory") + b"value")
        assert inside.answer()[0] == b"n"


def nobody_gets_at_it():
    """A command of the same user cannot trace it, read its memory, or write where it writes."""
    attack = r'''
parent=$PPID
cat /proc/$parent/mem >/dev/null 2>&1 && echo memory
cat /proc/$parent/environ >/dev/null 2>&1 && echo environment
( : >/proc/$parent/fd/1 ) 2>/dev/null && echo output
ls /proc/$parent/fd >/dev/null 2>&1 && echo descriptors
strace -o trace -p $parent & tracer=$!
wait $tracer 2>/dev/null && echo traced
echo over
'''
    with Inside() as inside:
        inside.run(f"exec 2>/dev/null; {attack}")
        assert inside.end()[0] == b"over\n"


def nonsense_is_the_end_of_it():
    for nonsense in (b"?" + number(0), b"r" + number(0xffffffff), b"r" + number(3) + b"abc"):
        with Inside() as inside:
            inside.process.stdin.write(nonsense)
            inside.process.stdin.flush()
            if nonsense[:1] == b"r" and len(nonsense) == 8:
                # A frame that says too little starts nothing.
                assert inside.end()[2] == 2
            else:
                try: assert inside.answer() is None
                except EOFError: assert inside.process.wait(timeout=30) == 76


def much_is_printed_to_a_slow_reader():
    """It is held up, not lost, and still hears what it is asked."""
    with Inside() as inside:
        inside.run("echo $$; yes | head -c 20000000; exec sleep 1000")
        pid = int(inside.answer()[1].split()[0])
        inside.ask(b"k")
        count = len(inside.end()[0])
        assert count <= 20000000 and not alive(pid)
        inside.run("trap ': >heard' USR1; (trap '' USR1; : >begun; yes | head -c 20000000; : >written) & until wait $!; do :; done")
        appears(inside.place, "begun")
        inside.fills(1 << 15)
        inside.ask(b"s", number(signal.SIGUSR1))
        appears(inside.place, "heard")
        assert not (inside.place / "written").exists(), "it is kept, and not held up"
        output, _, *ending = inside.end()
        assert (len(output), ending) == (20000000, [0, 0]), (len(output), ending)


tests = [endings_are_told_apart, what_cannot_be_started_says_why, who_is_left_running_ends, a_signal_reaches_the_group_and_a_kill_ends_it,
         the_end_of_its_input_is_the_end_of_all, files_come_whole_and_go, nobody_gets_at_it, nonsense_is_the_end_of_it,
         much_is_printed_to_a_slow_reader]
if not shutil.which("strace"):
    print("strace is not here: bin-scripts/setup --test installs it")
    sys.exit(77)
check(tests)
