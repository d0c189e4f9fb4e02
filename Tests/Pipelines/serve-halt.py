#!/usr/bin/env python3
"""serve-halt.py: groups that pause themselves while daemons work, are killed, and work beside each other."""
import json, os, signal
from serving import Daemon, Watch, main

# Waits for a line that says how to end.
TOLD = 'read -r status < {0}/{1}; exit "$status"'


def entries(queue, action):
    lines = [json.loads(line) for line in queue.call("audit").splitlines()]
    return [line for line in lines if line["action"] == action]


def group(queue, name):
    lines = [json.loads(line) for line in queue.call("stats").splitlines()]
    return next(line for line in lines if line["group"] == name)


def soon(queue):
    """What runs goes on; nothing else begins, until the group is resumed; other groups go on."""
    queue.configure(most=3)
    queue.call("group", "set", "some", "--halt", "soon,fail=2")
    feed = queue.fifo("feed")
    slow = queue.shell(f"echo ready; {TOLD.format(queue.work, 'feed')}", "-g", "some", "-p", "100")
    Daemon(queue)
    queue.printed(slow, "ready")
    failing = [queue.shell("exit 1", "-g", "some") for _ in range(2)]
    assert queue.wait(*failing) == 1
    later = queue.shell("true", "-g", "some")
    assert queue.wait(queue.shell("true")) == 0
    shown = group(queue, "some")
    assert shown["paused"] and shown["reason"] == "2 jobs failed (soon,fail=2)" and shown["halt"] == "soon,fail=2", shown
    assert queue.show(later)["state"] == "queued" and queue.show(later)["groupPaused"], queue.show(later)
    assert queue.show(slow)["state"] == "running"
    os.write(feed, b"0\n")
    assert queue.wait(slow) == 0
    os.close(feed)
    halts = [r for job in failing for r in queue.events(job) if r["type"] == "group.halted"]
    assert [h["cancelled"] for h in halts] == [0] and len(entries(queue, "halt")) == 1, halts
    queue.call("resume", "some")
    assert queue.wait(later) == 0


def now(queue):
    """The first that succeeds ends the race."""
    queue.configure(most=3)
    queue.call("group", "set", "race", "--halt", "now,success=1")
    feeds = [queue.fifo(f"feed{n}") for n in range(3)]
    racers = [queue.shell(f"echo ready; {TOLD.format(queue.work, f'feed{n}')}", "-g", "race") for n in range(3)]
    waiting = queue.shell("true", "-g", "race")
    Daemon(queue)
    for racer in racers:
        queue.printed(racer, "ready")
    os.write(feeds[1], b"0\n")
    assert queue.wait(racers[1]) == 0
    assert queue.wait(racers[0], racers[2]) == 143
    for loser in [racers[0], racers[2]]:
        shown = queue.show(loser)
        assert shown["state"] == "cancelled", shown
        asked = [r for r in queue.events(loser) if r.get("cancelRequested")]
        assert asked and asked[0]["reason"] == "1 job succeeded (now,success=1)", asked
    assert queue.show(waiting)["state"] == "queued"
    assert [r["cancelled"] for r in queue.events(racers[1]) if r["type"] == "group.halted"] == [2]
    for feed in feeds:
        os.close(feed)


def killed(queue):
    """A failure that no daemon saw counts when the next one reads of it, and once."""
    queue.call("group", "set", "some", "--halt", "now,fail=2")
    feeds = [queue.fifo(f"feed{n}") for n in range(2)]
    jobs = [queue.shell(f"echo ready; {TOLD.format(queue.work, f'feed{n}')}", "-g", "some") for n in range(2)]
    other = queue.shell("true", "-g", "some")
    first = Daemon(queue)
    for job in jobs:
        queue.printed(job, "ready")
    first.end(signal.SIGKILL)
    for feed in feeds:
        os.write(feed, b"1\n")
    queue.settle()
    for feed in feeds:
        os.close(feed)
    second = Daemon(queue)
    assert queue.wait(*jobs) == 1
    assert group(queue, "some")["paused"] and queue.show(other)["state"] == "queued"
    assert len(entries(queue, "halt")) == 1
    second.end(signal.SIGKILL)
    Daemon(queue)
    assert queue.wait(queue.shell("true")) == 0
    assert len(entries(queue, "halt")) == 1 and queue.show(other)["state"] == "queued"


def beside(queue):
    """Of two daemons one makes the end that is enough."""
    queue.configure(most=2)
    queue.call("group", "set", "some", "--halt", "soon,done=20")
    queue.call("pause", "some")
    lines = "".join(json.dumps({"argv": ["sh", "-c", f"exit {n % 2}"]}) + "\n" for n in range(40))
    queue.call("add", "-g", "some", "-", input=lines)
    for daemon in [Daemon(queue), Daemon(queue, "--beside")]:
        assert daemon.process.poll() is None
    queue.call("resume", "some")
    # Each change of the store sets its file's times.
    with Watch(queue.state / "smelt.db", attributes=True) as watch:
        watch.holds(lambda: group(queue, "some")["paused"], "the group is not paused")
    for daemon in queue.daemons:
        daemon.tell(signal.SIGUSR1)
    for daemon in queue.daemons:
        assert daemon.wait() == 0
    over = sum(count for state, count in group(queue, "some")["states"].items() if state in ("succeeded", "failed"))
    # Three may have run beside the twentieth.
    assert 20 <= over <= 23, group(queue, "some")
    assert len(entries(queue, "halt")) == 1


main([soon, now, killed, beside])
