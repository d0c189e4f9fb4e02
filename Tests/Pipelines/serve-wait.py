#!/usr/bin/env python3
"""serve-wait.py: who adds jobs and waits for them ends as they do, and takes none of them along when he goes."""
import json, os, pathlib, signal, subprocess, time
from serving import Daemon, main


def ends(queue):
    """With the job's status; of several with that of the first that did not succeed; and not before the last is over."""
    Daemon(queue)
    for status in [0, 1, 3, 77, 124]:
        got, out, said = queue.call("add", "--wait", "--", "sh", "-c", f"exit {status}", check=None)
        assert got == status and not said and len(out) == 27, (status, got, out, said)
    lines = "".join(json.dumps({"argv": ["sh", "-c", f"exit {n}"]}) + "\n" for n in [0, 5, 0, 4])
    got, out, _ = queue.call("add", "--wait", "--json", "-", input=lines, check=None)
    records = [json.loads(line) for line in out.splitlines()]
    assert got == 5 and [r["type"] for r in records] == 4 * ["job.admitted"], (got, records)
    assert all(queue.show(r["run"])["state"] in ("succeeded", "failed") for r in records)
    got, _, said = queue.call("add", "--wait", "--timeout", "0.2s", "--", "sleep", "1000", check=None)
    assert got == 124, (got, said)


def existing(queue):
    """A job that is there with the key is waited for, too."""
    Daemon(queue)
    feed = queue.fifo("feed")
    job = queue.shell(f"echo ready; read -r status < {queue.work}/feed; exit $status", "--unique", "key")
    waiter = subprocess.Popen(["smelt-queue", "add", "--wait", "--unique", "key", "--", "true"], env=queue.environment,
                              cwd=queue.home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert waiter.stdout.readline() == f"{job}\n"
    os.write(feed, b"7\n")
    assert waiter.wait(timeout=60) == 7
    os.close(feed)
    waiter.stdout.close()


def left(queue):
    """Whoever is interrupted, or killed, ends nothing but his waiting."""
    Daemon(queue)
    feed = queue.fifo("feed")
    for number, status in [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]:
        script = f"echo ready; read -r line < {queue.work}/feed"
        waiter = subprocess.Popen(["smelt-queue", "add", "--wait", "--", "sh", "-c", script], env=queue.environment,
                                  cwd=queue.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        job = waiter.stdout.readline().strip()
        queue.printed(job, "ready")
        waiter.send_signal(number)
        _, said = waiter.communicate(timeout=60)
        assert waiter.returncode == status, (number, waiter.returncode)
        assert number == signal.SIGKILL or said == f"smelt-queue: waited no longer; job '{job}' goes on\n", said
        assert queue.show(job)["state"] == "running"
        os.write(feed, b"end\n")
        assert queue.wait(job) == 0
    os.close(feed)


def asleep(process):
    """Waits until a process has done what it was woken up for."""
    deadline = time.monotonic() + 60
    while pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "S":
        assert time.monotonic() < deadline, "it does not come to rest"


def pruned(queue):
    """One that is over, and removed, before the others are, ended as it did."""
    Daemon(queue)
    feed = queue.fifo("feed")
    for status, order, interrupt in [(0, 1, False), (3, -1, False), (0, 1, True)]:
        scripts = [f"exit {status}", f"read -r line < {queue.work}/feed"][::order]
        waiter = subprocess.Popen(["smelt-queue", "add", "--wait", "-"], env=queue.environment, cwd=queue.home,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        waiter.stdin.write("".join(json.dumps({"argv": ["sh", "-c", script]}) + "\n" for script in scripts))
        waiter.stdin.close()
        short, long = [waiter.stdout.readline().strip() for _ in range(2)][::order]
        assert queue.wait(short) == status
        # It was told of that end before the daemon came to anything else.
        assert queue.wait(queue.shell("true")) == 0
        asleep(waiter)
        queue.call("prune", "--older-than", "0s")
        if interrupt:
            waiter.send_signal(signal.SIGINT)
            said = waiter.stderr.read()
            assert waiter.wait(timeout=60) == 130, (waiter.returncode, said)
            assert said == f"smelt-queue: waited no longer; job '{long}' goes on\n", said
        os.write(feed, b"end\n")
        assert queue.wait(long) == 0
        assert interrupt or waiter.wait(timeout=60) == status, (waiter.returncode, waiter.stderr.read())
        waiter.stdout.close()
        waiter.stderr.close()
    os.close(feed)


main([ends, existing, left, pruned])
