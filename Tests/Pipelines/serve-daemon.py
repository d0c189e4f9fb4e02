#!/usr/bin/env python3
"""The queue's daemon stopped, killed, suspended and started again: each job is one's, and its log has everything once."""
import contextlib, fcntl, os, pathlib, shutil, signal, sqlite3, subprocess, time
from pipeline import appears
from serving import Daemon, main, manifest

# Prints numbers, each when somebody writes a line into the pipe, and how often it was begun.
COUNTER = "echo begun >> {0}/begun; i=0; echo ready; while read -r line; do i=$((i+1)); echo $line; done < {0}/feed; exit 0"
# Waits for one byte, which no other gets.
BYTE = "dd bs=1 count=1 if={0}/feed of=/dev/null 2>/dev/null"


def counter(queue):
    feed = queue.fifo("feed")
    job = queue.shell(COUNTER.format(queue.work))
    queue.printed(job, "ready")
    return job, feed


def begun(queue):
    return len((queue.work / "begun").read_text().splitlines())


def adopted(queue):
    """A run outlives its daemon; the next one reads on where the log ends, nothing twice and nothing missing."""
    first = Daemon(queue)
    job, feed = counter(queue)
    for number in range(0, 50):
        os.write(feed, b"%d\n" % number)
    queue.printed(job, "49")
    first.end(signal.SIGKILL)
    for number in range(50, 100):
        os.write(feed, b"%d\n" % number)
    second = Daemon(queue)
    queue.printed(job, "99")
    os.write(feed, b"last\n")
    queue.printed(job, "last")
    os.close(feed)
    assert queue.wait(job) == 0
    assert queue.output(job) == "ready\n" + "".join(f"{n}\n" for n in range(100)) + "last\n"
    assert begun(queue) == 1
    assert queue.states(job) == ["queued", "running", "lost", "running", "succeeded"], queue.states(job)
    assert queue.show(job)["attempt"] == 1
    assert second.end() == 0 and not queue.files()


def ended_alone(queue):
    """A run that ended while there was no daemon is finished from its file."""
    first = Daemon(queue)
    job, feed = counter(queue)
    first.end(signal.SIGKILL)
    run = queue.processes()
    os.write(feed, b"alone\n")
    os.close(feed)
    queue.settle()
    Daemon(queue)
    assert queue.wait(job) == 0
    assert queue.output(job) == "ready\nalone\n" and begun(queue) == 1
    assert queue.events(job)[-2]["type"] == "run.finished"


def died_alone(queue):
    """A run that was killed while there was no daemon is lost, and begun again."""
    first = Daemon(queue)
    job, feed = counter(queue)
    first.end(signal.SIGKILL)
    for pid, words in queue.processes().items():
        if words.split(" ")[0].endswith("/smelt-exec"):
            os.kill(pid, signal.SIGKILL)
    queue.settle()
    Daemon(queue)
    queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running" and r["attempt"] == 2)
    os.write(feed, b"again\n")
    queue.printed(job, "again")
    os.close(feed)
    assert queue.wait(job) == 0
    assert begun(queue) == 2
    # Taken over, to read what it left, and then given up.
    assert queue.states(job) == ["queued", "running", "lost", "running", "lost", "queued", "running", "succeeded"], \
        queue.states(job)


def stopped(queue):
    """TERM: what runs is stopped and given back, and spends nothing."""
    first = Daemon(queue)
    job, feed = counter(queue)
    waiting = queue.shell("true", "--after", job)
    first.tell(signal.SIGTERM)
    first.heard("STOPPING=1")
    assert first.wait() == 0
    assert queue.show(job)["state"] == "queued", queue.show(job)
    assert queue.events(job)[-1]["reason"] == "the daemon was stopped"
    assert not queue.files()
    Daemon(queue)
    queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running" and r["attempt"] == 2)
    os.write(feed, b"end\n")
    queue.printed(job, "end")
    os.close(feed)
    assert queue.wait(job, waiting) == 0 and begun(queue) == 2


def hurried(queue):
    """A second TERM does not wait for what does not want to stop."""
    pipeline = queue.home / "stubborn"
    pipeline.write_text("#!/bin/sh\ntrap '' TERM\necho begun >&2\nwhile :; do sleep 60; done\n")
    pipeline.chmod(0o755)
    queue.configure(f'grace_secs = 1000\n[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    first = Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    queue.printed(job, "begun")
    first.tell(signal.SIGTERM)
    first.heard("STOPPING=1")
    first.tell(signal.SIGTERM)
    assert first.wait() == 0
    assert queue.show(job)["state"] == "queued"


def drained(queue):
    """With --drain, by the file's key and by the command: what runs is waited for, nothing else begins."""
    for way in ["option", "key", "command"]:
        for path in queue.work.iterdir():
            path.unlink()
        queue.configure("drain = true" if way == "key" else "")
        daemon = Daemon(queue, *(["--drain"] if way == "option" else []))
        job, feed = counter(queue)
        later = queue.shell("true", "--after", job)
        if way == "command":
            drain = subprocess.Popen(["smelt-queue", "drain"], env=queue.environment)
        else:
            daemon.tell(signal.SIGTERM)
        daemon.heard("STOPPING=1")
        os.write(feed, b"end\n")
        queue.printed(job, "end")
        os.close(feed)
        assert daemon.wait() == 0
        if way == "command":
            assert drain.wait() == 0
        assert queue.show(job)["state"] == "succeeded" and queue.show(later)["state"] == "queued", way
        queue.call("cancel", later)
    queue.call("drain", check=1)


def alone(queue):
    """One daemon works with a store, unless it is told otherwise."""
    Daemon(queue)
    status, _, errors = queue.call("serve", check=None)
    assert status == 75 and "a daemon works with" in errors, (status, errors)


def suspended(queue):
    """A stopped daemon's job is taken over after the lease, once; when it goes on it leaves it alone."""
    queue.configure("lease_secs = 3")
    first = Daemon(queue)
    job, feed = counter(queue)
    first.suspend()
    second = Daemon(queue, "--beside")
    queue.until(job, lambda r: r["type"] == "job.changed" and r.get("from") == "lost")
    os.write(feed, b"taken over\n")
    queue.printed(job, "taken over")
    first.tell(signal.SIGCONT)
    # It is back when it does something.
    other = queue.shell("true")
    assert queue.wait(other) == 0
    os.write(feed, b"end\n")
    queue.printed(job, "end")
    os.close(feed)
    assert queue.wait(job) == 0
    assert begun(queue) == 1 and queue.output(job) == "ready\ntaken over\nend\n", queue.output(job)
    assert queue.states(job) == ["queued", "running", "lost", "running", "succeeded"], \
        [r for r in queue.events(job) if r["type"] == "job.changed"]
    first.complained(f"the lease of {job} is gone")
    # It was its child, and of that nothing is left either: there is no event for that.
    deadline = time.monotonic() + 60
    while children(first.process.pid):
        assert time.monotonic() < deadline, "a process waits to be taken leave of"
    assert first.end() == 0 and second.end() == 0


def children(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def of_another_history(queue):
    """A file that came to its version in another way is not worked with."""
    job = queue.add("true")
    queue.call("list")
    with contextlib.closing(sqlite3.connect(queue.state / "smelt.db", isolation_level=None)) as store:
        [[digest]] = store.execute("SELECT digest FROM migrations WHERE version = 2")
        store.execute("UPDATE migrations SET digest = '00' WHERE version = 2")
        daemon = Daemon(queue, ready=False)
        assert daemon.wait() == 78 and "in another way" in daemon.complaints(), daemon.complaints()
        assert queue.show(job)["state"] == "queued"
        store.execute("UPDATE migrations SET digest = ? WHERE version = 2", [digest])


def suspended_before_it_begins(queue):
    """A daemon that is stopped when the store knows of a run, and before it lets it begin: who takes it over does."""
    queue.configure("lease_secs = 1")
    job = queue.shell("echo begun")
    # The last that it does before.
    first = Daemon(queue, ready=False, before=[
        "strace", "-D", "-qqq", "-o", "/dev/null", "-P", str(queue.state / "queue" / job), "-e", "signal=none",
        "-e", "trace=inotify_add_watch", "-e", "inject=inotify_add_watch:signal=STOP:when=1"])
    queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running")
    second = Daemon(queue, "--beside")
    assert queue.wait(job) == 0
    assert queue.output(job) == "begun\n" and queue.states(job) == ["queued", "running", "lost", "running", "succeeded"], queue.states(job)
    first.tell(signal.SIGCONT)
    first.complained(f"the lease of {job} is gone")
    assert first.end() == 0 and second.end() == 0


def suspended_for_too_long(queue):
    """Who finds that his job was given up, and begun again, ends what he has of it, however much of it he has not read."""
    queue.configure("lease_secs = 1")
    first = Daemon(queue)
    feed = queue.fifo("feed")
    job = queue.shell(f"echo ready; {BYTE.format(queue.work)}; test $SMELT_ATTEMPT = 2 || head -c 3000000 /dev/zero; "
                      f": > {queue.work}/$SMELT_ATTEMPT; {BYTE.format(queue.work)}")
    queue.printed(job, "ready")
    first.suspend()
    os.write(feed, b"x")
    appears(queue.work, "1")
    shutil.rmtree(queue.state / "queue" / job)
    second = Daemon(queue, "--beside")
    queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running" and r["attempt"] == 2)
    os.write(feed, b"x")
    appears(queue.work, "2")
    first.tell(signal.SIGCONT)
    first.complained(f"the lease of {job} is gone")
    assert first.end() == 0
    os.write(feed, b"x")
    assert queue.wait(job) == 0
    os.close(feed)
    assert queue.show(job)["attempt"] == 2 and second.end() == 0


def in_another_container(queue):
    """Of a run whose numbers of processes mean nothing any more nobody is taken for it, and its files go."""
    # Not that of the jobs, whose owner means nothing there.
    there = queue.home / "there"
    there.mkdir()
    pipeline = queue.home / "numbered"
    # The first attempt tells its number, the second one that it is there.
    pipeline.write_text(f"#!/bin/sh\necho $$ > {there}/$SMELT_ATTEMPT\necho begun >&2\nread -r line < {there}/never\n")
    pipeline.chmod(0o755)
    os.mkfifo(there / "never")
    queue.configure(f'grace_secs = 0.1\n[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    container = ["unshare", "-rpf", "--mount-proc", "--kill-child"]
    if subprocess.run([*container, "true"], capture_output=True).returncode:
        raise AssertionError("no user namespaces here")
    first = Daemon(queue, before=container)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    queue.printed(job, "begun")
    first.end(signal.SIGKILL)
    queue.settle()
    number = int((there / "1").read_text())
    # A stranger that leads a session has that number in the next one, and a daemon comes beside it.
    stranger = f"echo {number - 1} > /proc/sys/kernel/ns_last_pid; setsid sh -c 'echo $$; sleep 1000' > {there}/stranger & " \
        'while ! test -s ' + str(there / "stranger") + '; do :; done; exec "$@"'
    second = Daemon(queue, before=[*container, "sh", "-c", stranger, "sh"])
    assert (there / "stranger").read_text() == f"{number}\n"
    queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running" and r["attempt"] == 2)
    appears(there, "2")
    assert any(words.startswith("sleep 1000") for words in queue.processes().values()), "the stranger was ended"
    assert not list((queue.state / "queue" / job).glob("1.*")), queue.files()
    second.end(signal.SIGKILL)
    queue.settle()


def of_another_name(queue):
    """`drain` tells nobody who is not the daemon, whatever number is in the lock."""
    queue.state.mkdir(mode=0o700)
    queue.call("list")
    stranger = subprocess.Popen(["sleep", "1000"])
    namespace = "".join(filter(str.isdigit, os.readlink("/proc/self/ns/pid")))
    try:
        with open(queue.state / "smelt.db.daemon", "w+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for text, word in [(f"{stranger.pid}", "another version"), (f"{stranger.pid}.7.1", "another container")]:
                lock.truncate(0)
                lock.seek(0)
                lock.write(text + "\n")
                lock.flush()
                status, _, errors = queue.call("drain", check=None)
                assert status == 69 and word in errors, (status, errors)
            lock.truncate(0)
            lock.seek(0)
            lock.write(f"{stranger.pid}.7.{namespace}\n")
            lock.flush()
            drain = subprocess.Popen(["smelt-queue", "drain"], env=queue.environment)
            # It waits for the lock: there is no event for that.
            inode = f":{os.fstat(lock.fileno()).st_ino} "
            while not any("->" in line and inode in line for line in open("/proc/locks")):
                assert drain.poll() is None
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert drain.wait(timeout=60) == 0
        assert stranger.poll() is None, "drain has told a stranger"
    finally:
        stranger.kill()
        stranger.wait()


def draining_at_rest(queue):
    """A daemon that waits for the last run has nothing to do meanwhile, whatever else there is in the queue."""
    pipeline = queue.home / "slow"
    pipeline.write_text(f"#!/bin/sh\necho begun >&2\nread -r line < {queue.work}/go\nsleep 3\n{END}")
    pipeline.chmod(0o755)
    feed = queue.fifo("go")
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    queue.call("pause", "default")
    other = queue.shell("true", "--priority", "10")
    # Both with one lock, and neither has it yet.
    jobs = [queue.call("add", str(queue.manifest(MANIFEST))).strip() for _ in range(2)]
    daemon = Daemon(queue)
    queue.call("resume", "default")
    queue.printed(jobs[0], "begun")
    assert queue.wait(other) == 0
    queue.until(jobs[1], lambda r: r["type"] == "job.changed" and r["to"] == "blocked")
    drain = subprocess.Popen(["smelt-queue", "drain"], env=queue.environment)
    daemon.heard("STOPPING=1")
    os.write(feed, b"go\n")
    used = os.wait4(daemon.process.pid, 0)[2]
    os.close(feed)
    daemon.process.returncode = 0
    assert drain.wait() == 0 and queue.show(jobs[0])["state"] == "succeeded"
    assert used.ru_utime + used.ru_stime < 1, f"it worked for {used.ru_utime + used.ru_stime} s"


def read_anew(queue):
    """HUP: a good file is taken, of a bad one is told and the old one stays."""
    queue.configure(most=1)
    daemon = Daemon(queue)
    feed = queue.fifo("feed")
    jobs = [queue.shell(f"echo ready; {BYTE.format(queue.work)}") for _ in range(2)]
    queue.printed(jobs[0], "ready")
    queue.server.write_text("max_concurrent = 0\nnothing = 1\n")
    daemon.tell(signal.SIGHUP)
    daemon.heard("READY=1")
    assert "server.toml:1:18: " in daemon.complaints() and "server.toml:2:1: " in daemon.complaints(), daemon.complaints()
    assert queue.show(jobs[1])["state"] == "queued"
    queue.configure(most=2)
    daemon.tell(signal.SIGHUP)
    queue.printed(jobs[1], "ready")
    os.write(feed, b"xx")
    assert queue.wait(*jobs) == 0
    os.close(feed)


def full(queue):
    """As many as the file says, and no more, are run at once."""
    queue.configure(most=3)
    Daemon(queue)
    feed = queue.fifo("feed")
    script = (f"mkdir {queue.work}/$SMELT_JOB; ls {queue.work} | grep -c ^0; {BYTE.format(queue.work)}; "
              f"rmdir {queue.work}/$SMELT_JOB")
    jobs = [queue.shell(script) for _ in range(12)]
    for job in jobs[:3]:
        queue.printed(job, "\n")
    assert [queue.show(job)["state"] for job in jobs] == 3 * ["running"] + 9 * ["queued"]
    os.write(feed, b"x" * len(jobs))
    assert queue.wait(*jobs) == 0
    os.close(feed)
    assert max(int(queue.output(job)) for job in jobs) == 3


def adopted_with_nonsense(queue):
    """What a daemon said of a run's lines is not the run's own word, for who adopts it neither."""
    pipeline = queue.home / "odd"
    head = '"time":"2026-01-01T00:00:00.000Z","run":"\'$SMELT_RUN\'"'
    pipeline.write_text(f"""#!/bin/sh
echo no record
echo begun >&2
read -r line < {queue.work}/go
echo '{{"v":1,"type":"failed",{head},"code":"mine","message":"","stage":"mine","status":77}}'
echo '{{"v":1,"type":"run.finished",{head},"seconds":1,"status":77}}'
""")
    pipeline.chmod(0o755)
    feed = queue.fifo("go")
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    first = Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    queue.printed(job, "begun")
    queue.until(job, lambda r: r["type"] == "failed" and r["code"] == "bad_line")
    first.end(signal.SIGKILL)
    Daemon(queue)
    queue.until(job, lambda r: r["type"] == "job.changed" and r.get("from") == "lost")
    os.write(feed, b"go\n")
    assert queue.wait(job) == 77
    os.close(feed)
    assert queue.show(job)["reason"] == "mine", queue.show(job)


def spoilt_spool(queue):
    """What lies in the spool and is no job is told, once, and keeps no other job from running."""
    queue.configure()
    job = queue.add("true")
    queue.call("list")
    spool = queue.state / "smelt.db-spool"
    text, total = b'{"id":"nobody"}', 0xCBF29CE484222325
    entry = spool.read_bytes()[16:24] + len(text).to_bytes(8, "big")
    for byte in entry + text:
        total = (total ^ byte) * 0x100000001B3 % (1 << 64)
    with open(spool, "r+b") as file:
        file.seek(24)
        file.write(entry + total.to_bytes(8, "big") + text)
    daemon = Daemon(queue)
    assert queue.wait(job) == 0
    status, _, said = queue.call("hold", job, check=None)
    assert status == 74 and "no job of this smelt's" in said, (status, said)
    spool.unlink()
    assert queue.wait(queue.add("true")) == 0
    assert daemon.end() == 0 and daemon.complaints().count("no job of this smelt's") == 1, daemon.complaints()


END = ("""printf '{"v":1,"type":"run.finished","time":"2026-01-01T00:00:00.000Z","run":"%s","seconds":1,"status":0}\\n' """
       "$SMELT_RUN\n")

MANIFEST = manifest("queued")

main([adopted, adopted_with_nonsense, ended_alone, died_alone, stopped, hurried, drained, draining_at_rest, alone, suspended,
      suspended_before_it_begins, suspended_for_too_long, of_another_history, in_another_container, of_another_name, read_anew, full, spoilt_spool])
