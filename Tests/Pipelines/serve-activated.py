#!/usr/bin/env python3
"""serve-activated.py: a daemon that a service manager starts, and what it is handed over."""
import fcntl, os, select, shutil, signal, socket, time
from serving import Daemon, Watch, main


def started(queue, numbers, names=None, ready=True, **variables):
    """A daemon that is handed over these descriptors."""
    # In a row from 3 on, by way of numbers that are none of those.
    high = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in numbers]
    moves = "".join(f"exec {3 + i}<&{n} {n}<&-; " for i, n in enumerate(high))
    environment = {"LISTEN_FDS": str(len(numbers)), **({"LISTEN_FDNAMES": names} if names else {}), **variables}
    words = ["env", *(f"{k}={v}" for k, v in environment.items()), "bash", "-c", f'{moves}LISTEN_PID=$$ exec "$@"', "bash"]
    try:
        return Daemon(queue, before=words, ready=ready, passing=high)
    finally:
        for number in high:
            os.close(number)


def taken(bell):
    """Waits until somebody has read what is in there: there is no event for that."""
    deadline = time.monotonic() + 60
    while select.select([bell], [], [], 0)[0]:
        assert time.monotonic() < deadline, "nobody reads from the bell"


def bells(queue):
    """A pipe and a datagram socket are bells; whoever lets go of a pipe is not waited for again and again."""
    os.mkfifo(queue.home / "bell")
    pipe = os.open(queue.home / "bell", os.O_RDWR | os.O_NONBLOCK)
    theirs, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    reading, writing = os.pipe()
    daemon = started(queue, [pipe, theirs.fileno(), reading], "bell:datagrams:pipe")
    os.write(pipe, b"ring\n")
    taken(pipe)
    ours.send(b"")
    ours.send(b"ring")
    taken(theirs)
    os.close(writing)
    os.close(reading)
    job = queue.shell('for n in 3 4 5 6; do readlink /proc/self/fd/$n; done; env | grep LISTEN || echo none')
    assert queue.wait(job) == 0
    assert queue.output(job) == "none\n", queue.output(job)
    daemon.tell(signal.SIGTERM)
    used = os.wait4(daemon.process.pid, 0)[2]
    daemon.process.returncode = 0
    assert used.ru_utime + used.ru_stime < 1, f"it worked for {used.ru_utime + used.ru_stime} s"


def refused(queue):
    """What can be no bell is refused by its name; what is for another process is not ours."""
    with socket.socket(socket.AF_UNIX) as stream, open(queue.server) as file:
        stream.bind(str(queue.home / "stream"))
        stream.listen()
        reading, writing = os.pipe()
        for number, what in [(stream.fileno(), "a socket of connections"), (file.fileno(), "no pipe or socket"),
                             (writing, "a pipe's other end")]:
            daemon = started(queue, [number], "http", ready=False)
            assert daemon.process.wait(timeout=60) == 78
            assert f"the descriptor 'http' that was handed over in LISTEN_FDS: it is {what}" in daemon.complaints()
        unnamed = started(queue, [stream.fileno()], ready=False)
        assert unnamed.process.wait(timeout=60) == 78 and "the descriptor '3'" in unnamed.complaints()
        for wrong in ["many", "-1", "1025", ""]:
            daemon = started(queue, [], ready=False, LISTEN_FDS=wrong)
            assert daemon.process.wait(timeout=60) == 78, wrong
            assert f"LISTEN_FDS is no number of descriptors, but '{wrong}'" in daemon.complaints()
    assert not (queue.state / "smelt.db").exists(), "something was made"
    other = Daemon(queue, before=["env", "LISTEN_PID=1", "LISTEN_FDS=1", "LISTEN_FDNAMES=http"])
    assert queue.wait(queue.shell("true")) == 0 and other.end() == 0
    # Nothing was handed over, as sd_listen_fds(3) has it.
    alone = Daemon(queue, before=["bash", "-c", 'LISTEN_PID=$$ exec "$@"', "bash"])
    assert alone.end() == 0


def by_systemd(queue):
    """As systemd's own tool hands them over: the first message starts the daemon."""
    if not shutil.which("systemd-socket-activate"):
        raise AssertionError("systemd-socket-activate is missing: install systemd")
    path = queue.home / "socket"
    words = ["systemd-socket-activate", "--datagram", "--fdname=bell", "-l", str(path),
             *(word for name in ("SMELT_STATE_DIR", "SMELT_RUNTIME_DIR", "NOTIFY_SOCKET") for word in ("-E", name))]
    job = queue.shell("true")
    with Watch(queue.home) as watch:
        daemon = Daemon(queue, before=words, ready=False)
        watch.holds(path.exists, "no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.connect(str(path))
        bell.send(b"ring")
    daemon.heard("READY=1")
    assert queue.wait(job) == 0 and daemon.end() == 0


def by_its_file(queue):
    """What a path unit waits for comes with each change of the queue: its times."""
    queue.call("list")
    with Watch(queue.state / "smelt.db", attributes=True) as watch:
        before = os.stat(queue.state / "smelt.db").st_mtime_ns
        queue.call("add", "--", "true")
        watch.holds(lambda: os.stat(queue.state / "smelt.db").st_mtime_ns > before, "no change")


main([bells, refused, by_systemd, by_its_file])
