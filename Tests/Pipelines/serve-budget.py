#!/usr/bin/env python3
"""serve-budget.py: a job's budget is of the time in which it ran, whatever was off, or gone, meanwhile."""
import os, signal, sqlite3
from serving import Daemon, ended, main

HOUR = 3_600_000


def changed(queue, change, *values):
    database = sqlite3.connect(queue.state / "smelt.db")
    with database:
        database.execute(change, values)
    database.close()


def process(queue):
    database = sqlite3.connect(queue.state / "smelt.db")
    (text,), = database.execute("SELECT process FROM jobs WHERE process IS NOT NULL").fetchall()
    database.close()
    return text.split()


def rebooted(queue):
    """While the machine is off a job spends nothing: it is begun again."""
    first = Daemon(queue)
    feed = queue.fifo("feed")
    job = queue.shell(f"echo ready; read -r line < {queue.work}/feed", "--budget", "1h", "--retries", "3")
    queue.printed(job, "ready")
    first.end(signal.SIGKILL)
    # As if ten hours had gone by, and the machine was another start's.
    words = process(queue)
    os.kill(int(words[0]), signal.SIGKILL)
    assert ended(int(words[0]))
    words[2] = "another"
    changed(queue, "UPDATE jobs SET boot = 'another', process = ?, started = started - ?", " ".join(words), 10 * HOUR)
    Daemon(queue)
    queue.until(job, lambda r: r["type"] == "job.changed" and r.get("from") == "lost")
    assert queue.show(job)["state"] != "failed", queue.show(job)
    queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running" and r.get("attempt") == 2)
    os.write(feed, b"end\n")
    assert queue.wait(job) == 0
    os.close(feed)


def unwatched(queue):
    """A run that ended while nobody looked took as long as it ran, not until somebody looked."""
    first = Daemon(queue)
    feed = queue.fifo("feed")
    job = queue.shell(f"echo ready; read -r line < {queue.work}/feed; exit 1", "--budget", "10m", "--retries", "1",
                      "--backoff", "1000h")
    queue.printed(job, "ready")
    first.end(signal.SIGKILL)
    words = process(queue)
    os.write(feed, b"end\n")
    assert ended(int(words[0]))
    os.close(feed)
    # As if the next daemon came an hour later: everything else is an hour older.
    words[4], words[5] = (str(int(word) - HOUR) for word in words[4:6])
    changed(queue, "UPDATE jobs SET process = ?, started = started - ?", " ".join(words), HOUR)
    for file in queue.files():
        time = file.stat().st_mtime - HOUR / 1000
        os.utime(file, (time, time))
    Daemon(queue)
    finished = queue.until(job, lambda r: r["type"] == "run.finished")
    assert finished["seconds"] < 600, finished
    queue.until(job, lambda r: r["type"] == "job.changed" and r.get("from") == "running")
    assert queue.show(job)["state"] == "retrying", queue.show(job)
    queue.call("cancel", job)


main([rebooted, unwatched])
