"""Rows of what lives long or is done often: nothing may grow."""
import json, os, pathlib, re, subprocess, sys, time

from common import *


def supervisor(home):
    """What a supervisor with one task needs and how often it is woken, while its command sleeps for a minute."""
    seconds = int(os.environ.get("SMELT_BENCH_IDLE", "60"))
    task = home / "task.json"
    work = {"mode": {"command": {"command": "sh", "args": ["-c", "echo up; exec tail -f /dev/null"]}}}
    task.write_text(json.dumps({
        "slot": "idle", "kind": {"subprocess": work}, "timeout": 86_400_000, "restart": {"type": "always"}, "admission": "queue",
        "backoff": {"jitter": "full", "firstMs": 1000, "maxMs": 60_000, "factor": 2}}))
    child = subprocess.Popen([binaries / "smelt-exec", "--task", task], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        first = pathlib.Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()[0]
        status = lambda pid: pathlib.Path(f"/proc/{pid}/status").read_text()
        number = lambda pid, name: int(re.search(rf"^{name}:\s+(\d+)", status(pid), re.M).group(1))
        woken = lambda: sum(number(pid, f"{kind}voluntary_ctxt_switches") for pid in (child.pid, first) for kind in ("", "non"))
        # Both have come to rest: a poll, and a wait for signals.
        while any(re.search(r"^State:\s+(\w)", status(pid), re.M).group(1) != "S" for pid in (child.pid, first)):
            pass
        before = woken()
        time.sleep(seconds)
        times = woken() - before
        memory = sum(number(pid, "VmHWM") for pid in (child.pid, first)) / 1024
    finally:
        child.terminate()
        child.wait()
    fact("a supervisor with one idle task: memory, its first process inside included", f"{memory:.1f} MiB", "< 12 MB")
    fact(f"the same: wake-ups of both in {seconds} s", times, "0")


def grown():
    """What a start that is not cleaned up would leave on the host: mounts, control groups, network namespaces' devices
    and open files."""
    lines = lambda path: len(pathlib.Path(path).read_text().splitlines())
    groups = sum(int(line.split()[2]) for line in pathlib.Path("/proc/cgroups").read_text().splitlines()[1:])
    files = int(pathlib.Path("/proc/sys/fs/file-nr").read_text().split()[0])
    return {"mounts": lines("/proc/self/mountinfo"), "groups": groups, "files": files}


def many(home):
    """10,000 starts one after another, and a supervisor whose task is started 1,000 times, ten a second at the most."""
    count = int(os.environ.get("SMELT_BENCH_MANY", "10000"))
    words = [tool, "--", "true"]
    timed(words)
    before = grown()
    seconds = [timed(words) for _ in range(count)]
    after = grown()
    tenth = count // 10
    row(f"`smelt-exec -- true` {count:,} times: the last tenth / the first", seconds[-tenth:], seconds[:tenth], "≤ 1.05 ×")
    fact("the same: mounts, control groups and open files of the host, before → after",
         ", ".join(f"{before[name]} → {after[name]}" for name in before), "no growth")

    count //= 10
    tenth = count // 10
    task = home / "often.json"
    work = {"mode": {"command": {"command": "true", "args": []}}}
    task.write_text(json.dumps({
        "slot": "often", "kind": {"subprocess": work}, "timeout": 60_000, "restart": {"type": "always"}, "admission": "queue",
        "backoff": {"jitter": "none", "firstMs": 1, "maxMs": 1, "factor": 1}}))
    reading, writing = os.pipe()
    child = subprocess.Popen([tool, "--task", task, "--events", str(writing)], stdin=subprocess.DEVNULL, pass_fds=[writing])
    os.close(writing)
    status = lambda: pathlib.Path(f"/proc/{child.pid}/status").read_text()
    memory = lambda: int(re.search(r"^VmRSS:\s+(\d+)", status(), re.M).group(1))
    descriptors = lambda: len(os.listdir(f"/proc/{child.pid}/fd"))
    ends, early = [], None
    with open(reading) as events:
        for line in events:
            if json.loads(line)["type"] != "session.finished":
                continue
            ends.append(time.perf_counter())
            if len(ends) == tenth:
                early = memory(), descriptors()
            if len(ends) == count:
                late = memory(), descriptors()
                child.terminate()
                break
        for _ in events:
            pass
    child.wait()
    lasted = [b - a for a, b in zip(ends, ends[1:])]
    row(f"{count:,} attempts of one task: the last tenth / the first", lasted[-tenth:], lasted[:tenth], "≤ 1.05 ×")
    fact(f"the same: memory and descriptors of the supervisor after {tenth:,} → {count:,}",
         f"{early[0]} → {late[0]} KiB, {early[1]} → {late[1]}", "no growth")
