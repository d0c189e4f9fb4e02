"""What the tests of the queue's daemon have in common: a world with a store, daemons in it that can be stopped and killed,
and jobs that write into files of their own."""
import contextlib, ctypes, itertools, json, os, pathlib, select, signal, socket, sqlite3, subprocess, sys, time
from pipeline import World, top

__all__ = ["Queue", "Daemon", "Watch", "ended", "main", "manifest"]


def manifest(name, repository="project"):
    """Of a job with one session, which leaves a file."""
    return f"""
[job]
name = "{name}"
repo = "{repository}"
base_ref = "main"
[[session]]
name = "one"
spec = ""
harness = "echo dropped > one"
timeout = 60
[merge]
target = "result"
"""


class Watch:
    """Waits for what changes at a path (inotify(7))."""

    def __init__(self, path, attributes=False):
        self.path, libc = pathlib.Path(path), ctypes.CDLL(None, use_errno=True)
        self.events = libc.inotify_init1(os.O_CLOEXEC)
        # IN_MODIFY, IN_MOVED_TO and IN_CREATE; or IN_ATTRIB.
        wanted = 0x4 if attributes else 0x2 | 0x80 | 0x100
        assert libc.inotify_add_watch(self.events, str(path).encode(), wanted) >= 0, f"no watch on {path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.events)

    def holds(self, condition, what):
        """What `condition` answers as soon as that is true."""
        deadline = time.monotonic() + 60
        while True:
            if answer := condition():
                return answer
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.events], [], [], left)[0], f"{what} at {self.path}"
            os.read(self.events, 65536)

    def until(self, wanted):
        """The first name in the directory for which `wanted` holds."""
        return self.holds(lambda: next((p for p in self.path.iterdir() if wanted(p.name)), None), "nothing comes")


def ended(pid, timeout=60):
    """Whether a process that may be anybody's ends within so many seconds."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], timeout)[0])
    finally:
        os.close(process)


class Daemon:
    """A daemon that is ready when this is made; `before` are words of a command that becomes it."""

    def __init__(self, queue, *options, config=None, ready=True, before=(), passing=()):
        self.queue = queue
        name = str(queue.home / f"notify-{next(queue.names)}")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(60)
        self.errors = open(queue.home / "daemon-errors", "ab+")
        words = [*before, "smelt-queue", "serve", "-c", str(config or queue.server), *options]
        self.process = subprocess.Popen(words, env={**queue.environment, "NOTIFY_SOCKET": name}, cwd=queue.home,
                                        stdin=subprocess.DEVNULL, stderr=self.errors, pass_fds=passing)
        queue.daemons.append(self)
        if ready:
            self.heard("READY=1")

    def heard(self, word):
        """Waits for a word to the service manager; nothing else comes instead."""
        while True:
            try:
                got = self.socket.recv(4096).decode()
            except TimeoutError:
                raise AssertionError(f"the daemon does not say {word}: {self.complaints()}") from None
            if word in got:
                return

    def complaints(self):
        return (self.queue.home / "daemon-errors").read_text()

    def complained(self, word):
        """Waits until it has said that on its standard error."""
        with Watch(self.queue.home / "daemon-errors") as watch:
            watch.holds(lambda: word in self.complaints(), f"the daemon does not say '{word}'")

    def tell(self, number):
        self.process.send_signal(number)

    def suspend(self):
        """Stops it while it writes nothing: who is stopped within a transaction keeps everybody else from writing, too."""
        with contextlib.closing(sqlite3.connect(self.queue.state / "smelt.db", isolation_level=None, timeout=60)) as store:
            store.execute("BEGIN IMMEDIATE")
            self.tell(signal.SIGSTOP)
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
            store.execute("ROLLBACK")

    def end(self, number=signal.SIGTERM):
        """Its status after a signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self):
        try:
            return self.process.wait(timeout=60)
        finally:
            self.socket.close()
            self.errors.close()


class Queue(World):
    def __init__(self):
        super().__init__()
        self.work = self.home / "work"
        self.work.mkdir()
        if os.getuid() == 0:
            # Nothing in a sandbox runs as root.
            os.chown(self.work, 1000, 1000)
        self.server = self.home / "server.toml"
        self.daemons = []
        self.names = itertools.count()
        self.configure()

    def configure(self, text="", most=2, exec=True):
        """`text` is of the root table, or ends with tables."""
        options = f'[exec]\noptions = ["--read-write", "{self.work}"]\n' if exec else ""
        self.server.write_text(f'queue_dir = "{self.home}/drop"\nmax_concurrent = {most}\n{text}\n{options}')

    def __exit__(self, *_):
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                daemon.process.kill()
                daemon.process.wait()
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        super().__exit__()

    def fifo(self, name):
        """A pipe in the directory of the jobs, open for both here, so that no side sees an end."""
        os.mkfifo(self.work / name)
        os.chmod(self.work / name, 0o666)
        return os.open(self.work / name, os.O_RDWR)

    def call(self, *words, check=0, input=None, timeout=120):
        done = subprocess.run(["smelt-queue", *words], env=self.environment, cwd=self.home, capture_output=True, text=True,
                              input=input, timeout=timeout)
        assert check is None or done.returncode == check, \
            f"smelt-queue {' '.join(words)}: {done.returncode}, not {check}: {done.stderr}"
        return done.stdout if check is not None else (done.returncode, done.stdout, done.stderr)

    def add(self, *words, options=()):
        return self.call("add", *options, "--", *words).strip()

    def shell(self, script, *options):
        return self.add("sh", "-c", script, options=options)

    def show(self, job):
        return json.loads(self.call("show", "--json", job).splitlines()[0])

    def wait(self, *jobs, timeout=120):
        return self.call("wait", "--status", *jobs, check=None, timeout=timeout)[0]

    def events(self, job):
        """The records of a job's log, whose numbers have no holes."""
        lines = [json.loads(line) for line in self.call("events", job).splitlines()]
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1)), f"the log of {job} has holes"
        return [line["record"] for line in lines]

    def until(self, job, wanted):
        """The first record of the job's log, from its beginning, for which `wanted` holds."""
        follow = subprocess.Popen(["smelt-queue", "events", "-f", job], env=self.environment, cwd=self.home,
                                  stdout=subprocess.PIPE, text=True)
        try:
            for line in follow.stdout:
                record = json.loads(line)["record"]
                if wanted(record):
                    return record
            raise AssertionError(f"{job} is over, and that did not come: {self.show(job)}")
        finally:
            follow.kill()
            follow.wait()
            follow.stdout.close()

    def printed(self, job, wanted):
        return self.until(job, lambda r: r["type"] == "output" and wanted in r.get("text", ""))

    def states(self, job):
        return [r["to"] for r in self.events(job) if r["type"] == "job.changed"]

    def output(self, job):
        return self.call("logs", job)

    def sh_bytes(self, *words):
        return subprocess.run(["smelt-queue", *words], env=self.environment, check=True, capture_output=True).stdout

    def files(self):
        """What is left of runs."""
        return sorted(p for p in (self.state / "queue").rglob("*"))

    def verify(self):
        self.call("verify")


def main(tests):
    """Runs functions that take a world, each in a new one, or those that are named; a failure does not stop the others."""
    failed = 0
    tests = [t for t in tests if not sys.argv[1:] or t.__name__ in sys.argv[1:]]
    for test in tests:
        try:
            with Queue() as queue:
                test(queue)
                if (queue.state / "smelt.db").exists():
                    queue.verify()
                for daemon in queue.daemons:
                    if daemon.process.poll() is None:
                        daemon.end()
                assert not queue.processes(), f"processes are left: {queue.processes()}"
        except Exception as fault:
            failed += 1
            import traceback
            print(f"FAILED {test.__name__}: {fault}", flush=True)
            traceback.print_exc()
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
