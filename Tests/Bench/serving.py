"""Rows of the queue's daemon."""
import json, os, pathlib, re, signal, socket, statistics, subprocess, sys, threading, time

from common import *

queue = binaries / "smelt-queue"


class Daemon:
    """A daemon of a store of its own, which is ready when this is made."""

    def __init__(self, home, name, most=2):
        self.state = home / name
        self.state.mkdir()
        self.environment = {**os.environ, "SMELT_STATE_DIR": str(self.state)}
        self.environment["NOTIFY_SOCKET"] = str(self.state / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.environment["NOTIFY_SOCKET"])
        self.most = most

    def start(self):
        self.process = subprocess.Popen([queue, "serve", "-j", str(self.most)], env=self.environment, cwd="/",
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket.recv(4096)
        return self

    def call(self, *words, **more):
        return subprocess.run([queue, *words], env=self.environment, check=True, capture_output=True, text=True, cwd="/", **more).stdout

    def add(self, argv, count):
        return self.call("add", "-", input=count * (json.dumps({"argv": argv}) + "\n")).split()

    def number(self, name, file="status"):
        text = pathlib.Path(f"/proc/{self.process.pid}/{file}").read_text()
        return int(re.search(rf"^{name}:\s+(\d+)", text, re.M).group(1))

    def end(self):
        self.process.terminate()
        self.process.wait()


def daemon(home):
    """As many sandboxed `true` as SMELT_BENCH_JOBS says, two at once, and task-spooler with bubblewrap beside it."""
    count = int(os.environ.get("SMELT_BENCH_JOBS", "10000"))
    one = Daemon(home, "daemon")
    jobs = one.add(["true"], count)
    begun = time.perf_counter()
    one.start()
    one.call("wait", *jobs[-1:])
    while any(json.loads(line)["states"].keys() - {"succeeded"} for line in one.call("stats", "--json").splitlines()):
        one.call("wait", *jobs[-100:])
    ours = time.perf_counter() - begun
    one.end()
    fact(f"the daemon: {count:,} sandboxed `true`, 2 at once", f"{count / ours:,.0f} a second", "≥ 150")
    # Its list makes it slower the longer it is, so it is measured with a short one, too.
    few = max(1, count // 10)
    try:
        theirs, short = spooled(home, count), spooled(home, few) * count / few
    except OSError as reason:
        return missing("the same, and `tsp -S 2` with bubblewrap", reason)
    row("the same, and `tsp -S 2` with `bwrap --unshare-all --ro-bind / /`", [ours], [theirs], "≤ 1.0 ×")
    row(f"the same, and {count // few} times {few:,} of `tsp`, whose list is shorter then", [ours], [short], "")


def spooled(home, count):
    """Seconds until task-spooler has run so many."""
    spooler = {**os.environ, "TS_SOCKET": str(home / "tsp"), "TS_MAXFINISHED": "10", "TS_SLOTS": "2", "TMPDIR": str(home)}
    words = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    begun = time.perf_counter()
    for _ in range(count):
        subprocess.run(["tsp", "-n", *words], env=spooler, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["tsp", "-w"], env=spooler, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    subprocess.run(["tsp", "-K"], env=spooler)
    return seconds


def follower(home):
    """From the line that a job prints to who follows its log."""
    one = Daemon(home, "follower").start()
    late = []
    try:
        job = one.add(["sh", "-c", "for i in $(seq 200); do date +%s.%N; sleep 0.02; done"], 1)[0]
        follow = subprocess.Popen([queue, "events", "-f", job], env=one.environment, stdout=subprocess.PIPE)
        for line in follow.stdout:
            now, record = time.time(), json.loads(line)["record"]
            if record["type"] == "output":
                late.append(now - float(record["text"].split()[-1]))
        follow.wait()
    finally:
        one.end()
    late.sort()
    fact("from a printed line to who follows the job's log: median, the slowest of 200",
         f"{statistics.median(late) * 1000:.1f} ms, {late[-1] * 1000:.1f} ms", "≤ 20 ms")


def idle(home):
    """100,000 jobs in the queue, and nothing to do."""
    seconds = int(os.environ.get("SMELT_BENCH_IDLE", "60"))
    one = Daemon(home, "idle")
    one.add(["true"], 1)
    one.call("pause", "default")
    one.add(["true"], 100_000)
    one.start()
    try:
        # It has come to rest: it waits in a poll.
        while re.search(r"^State:\s+(\w)", pathlib.Path(f"/proc/{one.process.pid}/status").read_text(), re.M).group(1) != "S":
            pass
        before = one.number("voluntary_ctxt_switches")
        time.sleep(seconds)
        times = one.number("voluntary_ctxt_switches") - before
        memory = one.number("VmHWM") / 1024
    finally:
        one.end()
    fact("the daemon with 100,000 queued and paused: memory", f"{memory:.1f} MiB", "< 25 MB")
    fact(f"the same: wake-ups in {seconds} s", times, "0")
