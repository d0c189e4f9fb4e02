#!/usr/bin/env python3
"""The queue directory: what counts as dropped, where it goes, and what a daemon that is killed in between leaves."""
import json, os, pathlib, resource, shutil, signal
from datetime import datetime
from pipeline import appears
from serving import Daemon, Watch, main, manifest

MANIFEST = manifest("dropped", "../project")


def watched(directory):
    directory.mkdir(parents=True, exist_ok=True)
    return Watch(directory)


def jobs(queue):
    return [json.loads(line) for line in queue.call("list", "--json").splitlines()]


def prepare(queue):
    queue.configure("retry_attempts = 0")
    queue.repository()
    drop = queue.home / "drop"
    drop.mkdir()
    return drop


def dropped(queue):
    """A file that is moved in, or closed after writing, becomes a job, and goes to dispatched/ with the job's id."""
    drop = prepare(queue)
    Daemon(queue)
    watch = watched(drop / "dispatched")
    (queue.home / "a.toml").write_text(MANIFEST)
    (queue.home / "a.toml").rename(drop / "moved.toml")
    moved = watch.until(lambda n: n.endswith("-moved.toml"))
    job = moved.name[:26]
    assert queue.wait(job) == 0, queue.output(job)
    assert queue.show(job)["labels"]["file"].endswith("-moved.toml")
    # Open for long: it counts when it is closed, not before.
    with open(drop / "written.toml", "w") as file:
        file.write(MANIFEST[:40])
        file.flush()
        (drop / "other.toml").write_text(MANIFEST)
        watch.until(lambda n: n.endswith("-other.toml"))
        assert (drop / "written.toml").exists()
        file.write(MANIFEST[40:])
    watch.until(lambda n: n.endswith("-written.toml"))
    os.close(watch.events)
    assert len(jobs(queue)) == 3
    assert queue.wait(*[j["id"] for j in jobs(queue)]) == 0


def tried_again(queue):
    """A job that was dropped is tried again as often as the file says, after pauses of which the first is as long as it says."""
    drop = prepare(queue)
    queue.configure("retry_attempts = 2\nretry_backoff_secs = 1")
    Daemon(queue)
    watch = watched(drop / "dispatched")
    (queue.home / "a.toml").write_text(MANIFEST.replace("echo dropped > one", "exit 1"))
    (queue.home / "a.toml").rename(drop / "failing.toml")
    job = watch.until(lambda n: n.endswith("-failing.toml")).name[:26]
    os.close(watch.events)
    assert queue.wait(job) == 1 and queue.show(job)["attempt"] == 3
    waits = [r for r in queue.events(job) if r["type"] == "job.changed" and r["to"] == "retrying"]
    pauses = [(datetime.fromisoformat(r["due"][:-1]) - datetime.fromisoformat(r["time"][:-1])).total_seconds() for r in waits]
    assert len(pauses) == 2 and 0 < pauses[0] <= 1 and 0 < pauses[1] <= 2, pauses


def rejected(queue):
    """What is wrong goes to rejected/ with the reason beside it, and runs never; what is no manifest's name stays."""
    drop = prepare(queue)
    Daemon(queue)
    watch = watched(drop / "rejected")
    (drop / "README").write_text("nothing\n")
    (drop / ".hidden.toml").write_text(MANIFEST)
    (drop / "wrong.toml").write_text(MANIFEST.replace("harness", "harnes"))
    os.symlink("/etc/passwd", queue.home / "link")
    (queue.home / "link").rename(drop / "link.toml")
    (queue.home / "big").write_bytes(b"#" * (1 << 21))
    (queue.home / "big").rename(drop / "big.toml")
    for name, reason in [("wrong", "wrong.toml:9:1: "), ("link", "no plain file"), ("big", "longer than 1048576 bytes")]:
        path = watch.until(lambda n: n.endswith(f"-{name}.toml"))
        assert reason in pathlib.Path(f"{path}.reason").read_text(), pathlib.Path(f"{path}.reason").read_text()
    os.close(watch.events)
    assert jobs(queue) == [] and (drop / "README").exists() and (drop / ".hidden.toml").exists()


def there_already(queue):
    """What is there at the start counts when it has not changed for a moment."""
    drop = prepare(queue)
    (drop / "old.toml").write_text(MANIFEST)
    os.utime(drop / "old.toml", (1, 1))
    (drop / "new.toml").write_text(MANIFEST)
    watch = watched(drop / "dispatched")
    Daemon(queue)
    watch.until(lambda n: n.endswith("-old.toml"))
    watch.until(lambda n: n.endswith("-new.toml"))
    os.close(watch.events)
    assert len(jobs(queue)) == 2
    assert queue.wait(*[j["id"] for j in jobs(queue)]) == 0


def linked(queue):
    """What was linked there is never closed by anybody: it counts when it has not changed for a moment, and who writes longer is
    waited for all the same."""
    drop = prepare(queue)
    Daemon(queue)
    (queue.home / "a.toml").write_text(MANIFEST)
    slow = open(drop / "slow.toml", "w")
    slow.write(MANIFEST[:50])
    slow.flush()
    watch, refused = watched(drop / "dispatched"), watched(drop / "rejected")
    os.symlink("/etc/passwd", drop / "link.toml")
    os.link(queue.home / "a.toml", drop / "hard.toml")
    os.unlink(queue.home / "a.toml")
    job = watch.until(lambda n: n.endswith("-hard.toml")).name[:26]
    refused.until(lambda n: n.endswith("-link.toml"))
    assert queue.wait(job) == 0
    slow.write(MANIFEST[50:])
    slow.close()
    job = watch.until(lambda n: n.endswith("-slow.toml")).name[:26]
    for one in watch, refused:
        os.close(one.events)
    assert queue.wait(job) == 0


def killed_between(queue):
    """A file that was taken becomes one job, whether its daemon was killed before or after it was added."""
    drop = prepare(queue)
    daemon = Daemon(queue)
    watch = watched(drop / "dispatched")
    (drop / "one.toml").write_text(MANIFEST)
    path = watch.until(lambda n: n.endswith("-one.toml"))
    job = path.name[:26]
    assert queue.wait(job) == 0
    daemon.end(signal.SIGKILL)
    # As if it had been killed after the add, and another before it.
    path.rename(drop / ".taken" / queue.show(job)["labels"]["file"])
    (drop / ".taken" / f"{'0' * 26}-two.toml").write_text(MANIFEST)
    Daemon(queue)
    watch.until(lambda n: n == f"{job}-one.toml")
    other = watch.until(lambda n: n.endswith("-two.toml")).name[:26]
    os.close(watch.events)
    assert {j["id"] for j in jobs(queue)} == {job, other}
    assert queue.wait(other) == 0 and queue.show(job)["attempt"] == 1


def many_at_once(queue):
    """Hundreds of files in one go, and two daemons: each becomes one job."""
    drop = prepare(queue)
    queue.configure(most=1)
    Daemon(queue)
    Daemon(queue, "--beside")
    queue.call("pause", "default")
    watch = watched(drop / "dispatched")
    for number in range(300):
        (drop / f"m{number}.toml").write_text(MANIFEST)
    for number in range(300):
        watch.until(lambda n: n.endswith(f"-m{number}.toml"))
    os.close(watch.events)
    found = [json.loads(line) for line in queue.call("list", "--json", "--limit", "1000").splitlines()]
    assert len(found) == 300 and len({j["labels"]["file"][27:] for j in found}) == 300, len(found)


def in_order(queue):
    """What comes together is added in the order in which it came."""
    drop = prepare(queue)
    daemon = Daemon(queue)
    queue.call("pause", "default")
    watch = watched(drop / "dispatched")
    daemon.tell(signal.SIGSTOP)
    names = [f"{number * 7 % 20}.toml" for number in range(20)]
    for name in names:
        (drop / name).write_text(MANIFEST)
    daemon.tell(signal.SIGCONT)
    watch.until(lambda n: n.endswith(f"-{names[-1]}"))
    os.close(watch.events)
    added = [job["labels"]["file"][27:] for job in jobs(queue)][::-1]
    assert added == names, added


def unwritable(daemon, is_it):
    """From now on nothing of the store can be written, or it can again; small files can all the time."""
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4000 if is_it else resource.RLIM_INFINITY, resource.RLIM_INFINITY))


# A write beyond the limit is a fault then, and no end.
PATIENT = ["sh", "-c", 'trap "" XFSZ; exec "$@"', "sh"]


def hindered_by_the_store(queue):
    """A file that was taken while nothing could be written becomes a job when it can."""
    drop = prepare(queue)
    daemon = Daemon(queue, before=PATIENT)
    watch = watched(drop / "dispatched")
    unwritable(daemon, True)
    (drop / "early.toml").write_text(MANIFEST)
    daemon.complained("smelt.db")
    (drop / "late.toml").write_text(MANIFEST)
    unwritable(daemon, False)
    for name in ["early", "late"]:
        watch.until(lambda n: n.endswith(f"-{name}.toml"))
    os.close(watch.events)
    assert len(jobs(queue)) == 2
    assert queue.wait(*[j["id"] for j in jobs(queue)]) == 0


def hindered_by_places(queue):
    """Where a file cannot go to its place, it goes there when it can, and makes no second job."""
    drop = prepare(queue)
    daemon = Daemon(queue)
    queue.call("pause", "default")
    for place, text in [("dispatched", MANIFEST), ("rejected", "wrong = 1\n"), (".taken", MANIFEST)]:
        (drop / place).rmdir() if not any((drop / place).iterdir()) else shutil.rmtree(drop / place)
        (drop / place).write_text("in the way\n")
        with Watch(drop) as watch:
            (drop / f"to{place}.toml").write_text(text)
            daemon.complained("take" if place == ".taken" else f"to {place}" if place == "dispatched" else "torejected")
            (drop / place).unlink()
            watch.until(lambda n: n == place)
        with Watch(drop / place) as watch:
            if place != ".taken":
                watch.until(lambda n: n.endswith(f"-to{place}.toml"))
    with Watch(drop / "dispatched") as watch:
        watch.until(lambda n: n.endswith("-to.taken.toml"))
    assert len(jobs(queue)) == 2, jobs(queue)


def removed(queue):
    """A queue directory that is removed, or moved away, is made and watched anew; or the one that somebody made meanwhile."""
    drop = prepare(queue)
    Daemon(queue)
    queue.call("pause", "default")
    shutil.rmtree(drop)
    appears(queue.home, "drop")
    appears(drop, "dispatched")
    (drop / "first.toml").write_text(MANIFEST)
    with Watch(drop / "dispatched") as watch:
        watch.until(lambda n: n.endswith("-first.toml"))
    drop.rename(queue.home / "old")
    drop.mkdir()
    (drop / "second.toml").write_text(MANIFEST)
    (queue.home / "old" / "other.toml").write_text(MANIFEST)
    appears(drop, "dispatched")
    with Watch(drop / "dispatched") as watch:
        watch.until(lambda n: n.endswith("-second.toml"))
    assert len(jobs(queue)) == 2 and (queue.home / "old" / "other.toml").exists()


def no_text(queue):
    """A name that cannot be told of in a record is told of on standard error, and the file stays."""
    drop = prepare(queue)
    daemon = Daemon(queue)
    path = os.fsencode(drop) + b"/\xff.toml"
    with open(path, "w") as file:
        file.write(MANIFEST)
    daemon.complained("its name is not in UTF-8")
    assert os.path.exists(path) and jobs(queue) == []


def open_to_others(queue):
    """A directory into which everybody can write is refused."""
    drop = prepare(queue)
    drop.chmod(0o777)
    status, _, errors = queue.call("serve", "-c", str(queue.server), check=None)
    assert status == 78 and "chmod o-w" in errors, (status, errors)


def of_the_earlier_smelt(queue):
    """The file that its README shows, as it stands there: what is dropped runs, and that nobody listens is told."""
    place = pathlib.Path("/tmp/smelt-queue")
    assert not place.exists(), f"somebody uses {place}"
    queue.server.write_text("""\
# Queue directory — smelt watches for .toml manifests dropped here
queue_dir = "/tmp/smelt-queue"
# Maximum parallel jobs
max_concurrent = 2
# Retry policy
retry_attempts = 3
retry_backoff_secs = 5
# HTTP API
[server]
host = "127.0.0.1"
port = 8765
# Optional: SSH worker pool for remote dispatch
# [[workers]]
# host = "worker1.example.com"
# user = "smelt"
# key_env = "WORKER_SSH_KEY"
# port = 22
""")
    queue.repository()
    try:
        daemon = Daemon(queue)
        watch = watched(place / "dispatched")
        (queue.home / "a.toml").write_text(manifest("dropped", str(queue.home / "project")))
        # Without its mode, for it may be taken as soon as it is closed.
        shutil.copyfile(queue.home / "a.toml", place / "a.toml")
        job = watch.until(lambda n: n.endswith("-a.toml")).name[:26]
        assert queue.wait(job) == 0, queue.output(job)
        assert daemon.end() == 0
        assert "[server]: nothing listens there" in daemon.complaints(), daemon.complaints()
    finally:
        shutil.rmtree(place, ignore_errors=True)


main([dropped, tried_again, rejected, there_already, linked, killed_between, many_at_once, in_order,
      hindered_by_the_store, hindered_by_places, removed, no_text, open_to_others,
      of_the_earlier_smelt])
