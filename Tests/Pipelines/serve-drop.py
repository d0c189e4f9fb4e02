#!/usr/bin/env python3
"""The queue directory: what counts as dropped, where it goes, and what a daemon that is killed in between leaves."""
import ctypes, json, os, pathlib, select, signal, struct, subprocess
from serving import Daemon, main, manifest

MANIFEST = manifest("dropped", "../project")


class Watch:
    """Waits until a name is in a directory."""

    def __init__(self, directory):
        self.directory, libc = pathlib.Path(directory), ctypes.CDLL(None, use_errno=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.events = libc.inotify_init1(os.O_CLOEXEC)
        assert libc.inotify_add_watch(self.events, str(directory).encode(), 0x80 | 0x100) >= 0

    def until(self, wanted):
        while True:
            found = [p for p in self.directory.iterdir() if wanted(p.name)]
            if found:
                return found[0]
            assert select.select([self.events], [], [], 60)[0], f"nothing comes to {self.directory}"
            os.read(self.events, 65536)

    def close(self):
        os.close(self.events)


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
    watch = Watch(drop / "dispatched")
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
    watch.close()
    assert len(jobs(queue)) == 3
    assert queue.wait(*[j["id"] for j in jobs(queue)]) == 0


def rejected(queue):
    """What is wrong goes to rejected/ with the reason beside it, and runs never; what is no manifest's name stays."""
    drop = prepare(queue)
    Daemon(queue)
    watch = Watch(drop / "rejected")
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
    watch.close()
    assert jobs(queue) == [] and (drop / "README").exists() and (drop / ".hidden.toml").exists()


def there_already(queue):
    """What is there at the start counts when it has not changed for a moment."""
    drop = prepare(queue)
    (drop / "old.toml").write_text(MANIFEST)
    os.utime(drop / "old.toml", (1, 1))
    (drop / "new.toml").write_text(MANIFEST)
    watch = Watch(drop / "dispatched")
    Daemon(queue)
    watch.until(lambda n: n.endswith("-old.toml"))
    watch.until(lambda n: n.endswith("-new.toml"))
    watch.close()
    assert len(jobs(queue)) == 2
    assert queue.wait(*[j["id"] for j in jobs(queue)]) == 0


def killed_between(queue):
    """A file that was taken becomes one job, whether its daemon was killed before or after it was added."""
    drop = prepare(queue)
    daemon = Daemon(queue)
    watch = Watch(drop / "dispatched")
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
    watch.close()
    assert {j["id"] for j in jobs(queue)} == {job, other}
    assert queue.wait(other) == 0 and queue.show(job)["attempt"] == 1


def many_at_once(queue):
    """A thousand files in one go, and two daemons: each becomes one job."""
    drop = prepare(queue)
    queue.configure(most=1)
    Daemon(queue)
    Daemon(queue, "--beside")
    queue.call("pause", "default")
    watch = Watch(drop / "dispatched")
    for number in range(300):
        (drop / f"m{number}.toml").write_text(MANIFEST)
    for number in range(300):
        watch.until(lambda n: n.endswith(f"-m{number}.toml"))
    watch.close()
    found = [json.loads(line) for line in queue.call("list", "--json", "--limit", "1000").splitlines()]
    assert len(found) == 300 and len({j["labels"]["file"][27:] for j in found}) == 300, len(found)


def open_to_others(queue):
    """A directory into which everybody can write is refused."""
    drop = prepare(queue)
    drop.chmod(0o777)
    status, _, errors = queue.call("serve", "-c", str(queue.server), check=None)
    assert status == 78 and "chmod o-w" in errors, (status, errors)


main([dropped, rejected, there_already, killed_between, many_at_once, open_to_others])
