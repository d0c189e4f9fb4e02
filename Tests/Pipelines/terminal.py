#!/usr/bin/env python3
"""terminal.py: a command with a terminal of its own (`smelt-exec --tty`) in a terminal of a user's."""
import fcntl, os, pty, select, struct, subprocess, sys, termios
from pipeline import binaries, check


class User:
    """Sits at a terminal of so many rows and columns, in which a program runs."""

    def __init__(self, *words, rows=33, columns=77):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execv(binaries / "smelt-exec", ["smelt-exec", *words])
        self.seen = b""
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read(self):
        assert select.select([self.terminal], [], [], 60)[0], f"nothing more came than {self.seen}"
        try:
            piece = os.read(self.terminal, 4096)
        except OSError:
            piece = b""
        self.seen += piece
        return piece

    def wait_for(self, text):
        while text.encode() not in self.seen:
            assert self.read(), f"the end came before {text!r}: {self.seen}"
        self.seen = self.seen[self.seen.index(text.encode()) + len(text):]

    def leave(self):
        """The status, once everything was read."""
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def shell(*options, **more):
    user = User("--tty", *options, "--", "sh", "-c", "PS1='> '; export PS1; echo ready; exec sh -i", **more)
    user.wait_for("ready")
    return user


def it_is_a_terminal_of_its_own_name():
    user = shell()
    user.type("tty; ls /dev/pts | wc -l; exec 3</dev/tty && echo opened\r")
    user.wait_for("/dev/pts/0")
    user.wait_for("2\r\n")
    user.wait_for("opened")
    user.type("exit 7\r")
    assert user.leave() == 7


def its_size_follows():
    user = shell()
    user.type("stty size\r")
    user.wait_for("33 77")
    user.type("exec python3 -c 'import os, signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH]);"
              " print(\"wait\" + \"ing\"); signal.sigwait([signal.SIGWINCH]); print(*os.get_terminal_size())'\r")
    user.wait_for("waiting")
    user.resize(44, 88)
    user.wait_for("88 44")
    assert user.leave() == 0


def keys_go_inside():
    """Ctrl-C ends the program in the foreground there, not smelt-exec; Ctrl-D is the end of what is typed."""
    user = shell()
    user.type("sh -c 'echo run''ning; exec tail -f /dev/null'\r")
    user.wait_for("running")
    user.type("\x03")
    user.wait_for("> ")
    user.type("echo still''here\r")
    user.wait_for("stillhere")
    user.type("\x04")
    assert user.leave() == 0


def the_users_settings_come_back():
    outer, inner = pty.openpty()
    before = termios.tcgetattr(inner)
    for words, status in ((["sh", "-c", "exit 3"], 3), (["no-such-program"], 127)):
        done = subprocess.run([binaries / "smelt-exec", "--tty", "--", *words], stdin=inner, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert done.returncode == status, done.returncode
        assert termios.tcgetattr(inner) == before
    os.close(outer)
    os.close(inner)


def without_a_terminal_outside_there_is_one_inside():
    def run(script, fed):
        return subprocess.run([binaries / "smelt-exec", "--tty", "--", "sh", "-c", script], input=fed, capture_output=True, timeout=60)
    done = run("test -t 0 && test -t 1 && test -t 2 && stty -echo && echo all; cat", b"one\ntwo")
    assert done.stdout.endswith(b"two") and b"all\r\n" in done.stdout and b"one\r\n" in done.stdout, done
    assert done.returncode == 0


def limits_hold():
    user = User("--tty", "--limit", "output=100K", "--", "yes")
    assert user.leave() == 137
    user = User("--tty", "--idle", "300ms", "--grace", "0", "--", "tail", "-f", "/dev/null")
    assert user.leave() == 124


def the_users_terminal_is_not_inside():
    """Nothing that is open there, by whatever name, is it, and nothing typed there with TIOCSTI reaches it."""
    inside = """
import fcntl, os
typed = []
for name in ("/dev/tty", "/dev/pts/0", "/proc/self/fd/0"):
    try:
        fcntl.ioctl(os.open(name, os.O_RDWR | os.O_NOCTTY), 0x5412, b"!")
        typed.append(name)
    except OSError:
        pass
print("devices", sorted({os.fstat(n).st_dev for n in range(3)}), os.stat("/dev/pts").st_dev)
print("own", all(os.fstat(n).st_dev == os.stat("/dev/pts").st_dev for n in range(3)))
"""
    user = User("--tty", "--", "python3", "-c", inside)
    user.wait_for("own True")
    assert user.leave() == 0


check([f for f in (it_is_a_terminal_of_its_own_name, its_size_follows, keys_go_inside, the_users_settings_come_back,
                   without_a_terminal_outside_there_is_one_inside, limits_hold, the_users_terminal_is_not_inside)
       if not sys.argv[1:] or f.__name__ in sys.argv[1:]])
