#!/usr/bin/env python3
"""Runs on workers whose supervisor there is killed, or stopped: what it ran ends before anything else of the job begins, whoever comes for it."""
import json, os, pathlib, select, shutil, signal, subprocess
from serving import ended
from workers import job, main

# Leaves a commit, says that it is there, and waits for one line.
WAITS = "echo kept > kept; git add kept; git commit -qm kept; echo started; read -r line < /work/feed; echo $line > made"


class Orphans:
    """What runs on a worker below the supervisor of its only run; that is killed, or gets another signal, when this is made, and what
    watches it is killed before."""

    def __init__(self, worker, watched=False, number=signal.SIGKILL):
        [self.run] = [p.name for p in (worker.state / "work").glob("[!.]*")]
        there = worker.processes()
        [leader] = [pid for pid, words in there.items() if words.strip().endswith(f" work {self.run}") and "sshd" not in words]
        [watcher] = [pid for pid, words in there.items() if words.strip().endswith(f" --watch {self.run}")]
        if not watched:
            os.kill(watcher, signal.SIGKILL)
            assert ended(watcher)
        self.handles = {pid: os.pidfd_open(pid) for pid in below(leader) if pid != watcher}
        self.stages = {pid: words for pid, words in there.items() if pid in self.handles}
        os.kill(leader, number)
        assert number != signal.SIGKILL or ended(leader)

    def left(self):
        """Those that have not ended."""
        return [pid for pid, handle in self.handles.items() if not select.select([handle], [], [], 0)[0]]

    def end(self, within=60):
        """Waits for their ends."""
        for pid, handle in self.handles.items():
            assert select.select([handle], [], [], within)[0], f"still runs: {self.stages.get(pid, pid)}"
        self.close()

    def close(self):
        for handle in self.handles.values():
            os.close(handle)
        self.handles = {}


def below(leader):
    """The processes that one began, and those began, in whatever session."""
    children = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = pathlib.Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        children.setdefault(int(parent), []).append(int(pid))
    found = [leader]
    for pid in found:
        found += children.get(pid, [])
    return found[1:]


def succeeds_behind(world, job, orphans, feed):
    """The next attempt begins when nothing is left of the one before, and gets its line."""
    world.until(job, lambda r: r["type"] == "environment.ready" and r["run"] != orphans.run)
    assert not orphans.left(), f"beside the next attempt: {orphans.left()}"
    orphans.close()
    os.write(feed, b"again\n")
    assert world.wait(job) == 0, world.events(job)
    os.close(feed)


def begun_again(world):
    """What is left of the run is ended and told of, and what it had committed is kept here, before the job is begun again."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section())
    job = world.job("orphan", WAITS, "--backoff", "10ms")
    world.printed(job, "started")
    orphans = Orphans(worker)
    assert len(orphans.stages) >= 4, orphans.stages
    succeeds_behind(world, job, orphans, feed)
    assert world.show(job)["attempt"] == 2
    records = [r for r in world.events(job) if r["run"] == orphans.run]
    assert any(r["type"] == "failed" and r["code"] == "worker_broken" for r in records), records
    assert any("what looked after the run" in r.get("text", "") for r in records if r["type"] == "output"), records
    assert world.rescued(orphans.run) == ["kept"]


def stopped(world):
    """One that is stopped for longer than a line may be dead does not look after the run any more: the job is begun again, once."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section(grace_secs=5))
    job = world.job("orphan", WAITS, "--backoff", "10ms")
    world.printed(job, "started")
    orphans = Orphans(worker, number=signal.SIGSTOP)
    succeeds_behind(world, job, orphans, feed)
    assert world.show(job)["attempt"] == 2
    assert world.rescued(orphans.run) == ["kept"]


def stopped_and_nobody_there(world):
    """Nor does it keep the next attempt waiting when nobody saw that it was stopped."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section(grace_secs=600))
    job = world.job("orphan", WAITS, "--backoff", "10ms")
    world.printed(job, "started")
    orphans = Orphans(worker, number=signal.SIGSTOP)
    world.call("cancel", job)
    for pid, words in world.processes().items():
        if "smelt-queue carry" in words:
            os.kill(pid, signal.SIGKILL)
    world.wait(job)
    world.call("retry", job)
    succeeds_behind(world, job, orphans, feed)
    assert worker.references() == [f"refs/smelt/rescued/{orphans.run}/one"], worker.references()
    worker.forget(f"refs/smelt/rescued/{orphans.run}/one")


def cancelled(world):
    """A job that is cancelled stops there all the same."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section())
    job = world.job("orphan", WAITS)
    world.printed(job, "started")
    orphans = Orphans(worker, watched=True)
    world.call("cancel", job)
    world.wait(job)
    # What told of the end first, the run or whoever cancelled it, is chance.
    assert (world.show(job)["state"], world.show(job)["attempt"]) == ("cancelled", 1), world.events(job)
    assert not orphans.left(), f"goes on: {orphans.left()}"
    orphans.close()
    os.close(feed)
    assert world.rescued(orphans.run) == ["kept"]


def killed(world):
    """What does not stop when it is asked to is killed, at once when that is asked for, too."""
    worker = world.worker()
    feed = world.fifo("feed")
    planned = world.home / "planned"
    planned.write_bytes(world.planned(world.manifest(job("orphan", WAITS))))
    carry = subprocess.Popen(["smelt-queue", "carry"], env={**world.environment, "SMELT_WORKER": json.dumps(worker.target)},
                             text=True, stdin=planned.open(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert any('"type":"output"' in line and "started" in line for line in carry.stdout)
    # Nobody of it can act on a signal.
    for pid, words in worker.processes().items():
        if "smelt-exec" in words:
            os.kill(pid, signal.SIGSTOP)
    orphans = Orphans(worker)
    carry.send_signal(signal.SIGINT)
    assert any("what looked after the run" in line for line in carry.stderr), "nobody ends it"
    carry.send_signal(signal.SIGINT)
    # Well before it would be killed unasked.
    orphans.end(within=20)
    carry.communicate(timeout=60)
    assert carry.returncode == 130
    os.close(feed)
    # Its environment is the next one's to clear away.
    worker.settled()
    clear = {**world.environment, "SMELT_STATE_DIR": str(worker.state), "SMELT_RUNTIME_DIR": str(worker.home / "runtime")}
    subprocess.run(["smelt-provision", "gc"], env=clear, check=True, capture_output=True)
    worker.forget(f"refs/smelt/rescued/{orphans.run}/one")
    shutil.rmtree(world.state / "arrivals")


def nobody_there(world):
    """When nobody was there to end it, the next attempt does so first."""
    worker = world.worker()
    feed = world.fifo("feed")
    first = world.serve(worker.section(grace_secs=600))
    job = world.job("orphan", WAITS)
    world.printed(job, "started")
    first.end(signal.SIGKILL)
    there = worker.processes()
    here = [pid for pid, words in world.processes().items() if pid not in there and words and "sshd" not in words]
    doors = [pid for pid, words in there.items() if words.strip().endswith("smelt-queue work")]
    # All at once: none of them is to see another one's end.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in here + doors:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
    for pid in doors:
        assert ended(pid)
    orphans = Orphans(worker)
    assert len(orphans.left()) >= 4, "it ends by itself"
    world.serve(worker.section(grace_secs=600))
    succeeds_behind(world, job, orphans, feed)
    assert worker.references() == [f"refs/smelt/rescued/{orphans.run}/one"], worker.references()
    worker.forget(f"refs/smelt/rescued/{orphans.run}/one")


def alone(world):
    """It ends there at once although nobody can come, so that what is believed of a dead line holds."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section(grace_secs=600))
    job = world.job("orphan", WAITS, "--backoff", "10ms")
    world.printed(job, "started")
    worker.cut()
    orphans = Orphans(worker, watched=True)
    orphans.end()
    worker.settled(lambda words: "--watch" in words)
    worker.mend()
    world.until(job, lambda r: r["type"] == "environment.ready" and r["run"] != orphans.run)
    os.write(feed, b"again\n")
    assert world.wait(job) == 0, world.events(job)
    os.close(feed)
    assert world.rescued(orphans.run) == ["kept"]


main([begun_again, stopped, stopped_and_nobody_there, cancelled, killed, nobody_there, alone])
