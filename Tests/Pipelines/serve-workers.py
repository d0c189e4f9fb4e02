#!/usr/bin/env python3
"""Manifests on workers, over real lines of ssh that are cut and mended: what comes back, what does not, and what is left there."""
import json, os, pathlib, signal, subprocess
from pipeline import binaries
from workers import main

# Says that it is there, waits for one line, and leaves a file.
WAITS = "echo started; read -r line < /work/feed; echo $line; echo $line > made"


def runs_there(world):
    """A job runs on the worker to its end: its records come as they are written, its result is a branch here, and there nothing
    is left."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section())
    job = world.job("there", WAITS)
    world.printed(job, "started")
    assert list((worker.state / "environments").glob("smelt-*")), "it does not run there"
    assert not (world.state / "environments").exists(), "it runs here"
    os.write(feed, b"made there\n")
    assert world.wait(job) == 0, world.events(job)
    os.close(feed)
    assert world.output(job).startswith("started\nmade there\n"), world.output(job)
    assert len(world.branch("there")) == 2
    assert world.sh("git", "show", "result-there:made", cwd=world.home / "project") == "made there\n"
    records = world.events(job)
    kinds = [r["type"] for r in records]
    assert kinds.index("environment.ready") < kinds.index("sessions.finished") < kinds.index("result.collected") \
        < kinds.index("branch.updated") < kinds.index("run.finished"), kinds
    assert "environment.released" in kinds
    shown = json.loads(world.call("show", "--json", job).splitlines()[0])
    assert worker.title in json.dumps(shown), shown
    # A command is about this machine's files.
    assert world.wait(world.shell("true")) == 0
    # The second time nothing but the job is sent; what fails ends as it does here.
    failing = world.job("fails", "exit 3")
    assert world.wait(failing) == 1
    assert any(r["type"] == "session.finished" and r["exitStatus"] == 3 for r in world.events(failing))


def stranger(world):
    """A worker whose host key nobody has looked at gets nothing, and the daemon says why; when it is known, it does."""
    worker = world.worker(known=False)
    daemon = world.serve(worker.section())
    job = world.job("later", "echo x > x")
    said = world.complained(daemon, "host key")
    assert "could not reach the worker" in said and worker.title in said, said
    assert world.show(job)["state"] == "queued"
    assert not worker.state.exists()
    world.know(worker)
    daemon.tell(signal.SIGHUP)
    assert world.wait(job) == 0


def shared(world):
    """A connection that the user's configuration shares is shared, and goes on when a run has ended."""
    worker = world.worker()
    with open(world.home / "ssh_config", "a") as file:
        file.write(f"ControlMaster auto\nControlPath {world.home}/shared\nControlPersist 600\n")
    world.serve(worker.section())
    for name in ["first", "second"]:
        job = world.job(name, "echo x > x")
        assert world.wait(job) == 0, world.events(job)
    check = ["/usr/bin/ssh", "-F", str(world.home / "ssh_config"), "-O"]
    assert "Master running" in subprocess.run([*check, "check", worker.host], capture_output=True, text=True).stderr
    assert (worker.home / "sshd.log").read_text().count("Accepted publickey") == 1
    subprocess.run([*check, "exit", worker.host], check=True, capture_output=True)


def room(world):
    """Each worker gets as many jobs at once as its capacity says, and a command has a place here all the same."""
    one, two = world.worker(), world.worker()
    feed = world.fifo("feed")
    world.serve(one.section(capacity=1), two.section(capacity=2))
    jobs = [world.job(f"job{n}", WAITS) for n in range(5)]
    for _ in range(3):
        running = world.running(jobs, 3)
    where = sorted(world.show(job)["worker"] for job in running)
    assert where == sorted([one.title, two.title, two.title]), where
    assert world.wait(world.shell("true")) == 0
    assert [world.show(job)["state"] for job in jobs].count("running") == 3
    os.write(feed, b"go\n" * 5)
    assert world.wait(*jobs) == 0
    os.close(feed)


def away(world):
    """A worker that does not answer is asked again after pauses that grow, and only while there is something to run; when it
    answers, it gets what waited."""
    worker = world.worker()
    worker.cut()
    daemon = world.serve(worker.section(), text='ssh_timeout_secs = 1')
    assert not (world.home / "calls").exists(), "asked without need"
    job = world.job("waits", "echo x > x")
    world.complained(daemon, "could not reach the worker")
    times = world.calls(4)
    pauses = [b - a for a, b in zip(times[1::2], times[2::2])]
    assert all(pause >= 0.5 * 2 ** n for n, pause in enumerate(pauses)), pauses
    assert world.show(job)["state"] == "queued" and world.show(job)["attempt"] == 0
    assert daemon.complaints().count("could not reach") == 1, daemon.complaints()
    worker.mend()
    daemon.tell(signal.SIGHUP)
    assert world.wait(job) == 0


def other(world):
    """A worker that cannot be reached, or that has not what a job needs, leaves it to another."""
    lame, sound = world.worker(command="bin"), world.worker()
    # It has everything but the means to prepare an environment.
    lame.command = lame.home / "bin" / "smelt-queue"
    lame.command.parent.mkdir()
    for path in binaries.glob("smelt-*"):
        os.link(path, lame.command.parent / path.name) if path.name == "smelt-queue" else \
            (lame.command.parent / path.name).symlink_to(path)
    (lame.command.parent / "smelt-provision").unlink()
    (lame.command.parent / "smelt-provision").write_text(LAME)
    (lame.command.parent / "smelt-provision").chmod(0o755)
    # Where there is no other, that is the end.
    daemon = world.serve(lame.section())
    job = world.job("nobody", "echo x > x")
    assert world.wait(job) == 69
    # This one has answered before, and the other has not.
    world.configure("\n" + lame.section() + sound.section(), most=8)
    daemon.tell(signal.SIGHUP)
    daemon.heard("READY=1")
    job = world.job("picky", "echo x > x", "--backoff", "10ms")
    assert world.wait(job) == 0, world.events(job)
    tried = [r["worker"] for r in world.events(job) if r["type"] == "job.changed" and r["to"] == "running"]
    assert tried == [lame.title, sound.title], tried


LAME = """#!/bin/sh
read -r planned
run=${planned#*'"run":"'} && run=${run%%'"'*}
printf '%s\\n' "$planned"
printf '{"v":1,"type":"failed","time":"2026-01-01T00:00:00.000Z","run":"%s","stage":"provision","code":"unenforceable",%s}\\n' \
    "$run" '"status":69,"message":"there is no room for it"'
cat
"""


def stopped(world):
    """A job that is cancelled, or whose time is over, stops there; what it had committed is kept here as rescued."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section())
    job = world.job("cancelled", "echo kept > kept; git add kept; git commit -qm kept; echo started; read -r line < /work/feed")
    world.printed(job, "started")
    world.call("cancel", job)
    assert world.wait(job) == 143, world.events(job)
    worker.settled()
    run = [r for r in world.events(job) if r["type"] == "run.planned"][0]["run"]
    assert world.rescued(run) == ["kept"], world.events(job)
    late = world.job("late", "echo started; read -r line < /work/feed", "--timeout", "2s")
    assert world.wait(late) == 124, world.events(late)
    worker.settled()
    os.close(feed)


def mended(world):
    """A line that is cut and mended within the grace: the run goes on meanwhile, and its log has everything once."""
    worker = world.worker()
    feed = world.fifo("feed")
    daemon = world.serve(worker.section(grace_secs=600))
    job = world.job("counts", "echo started; while read -r line; do echo $line; done < /work/feed; echo x > x")
    world.printed(job, "started")
    os.write(feed, b"".join(b"%d\n" % n for n in range(100)))
    world.printed(job, "99")
    # The carrier notices that its ssh is gone, and there it is a silent line.
    worker.cut()
    world.kill_lines()
    world.printed(job, "trying again")
    os.write(feed, b"".join(b"%d\n" % n for n in range(100, 200)))
    worker.mend()
    world.printed(job, "is back")
    world.printed(job, "199")
    os.close(feed)
    assert world.wait(job) == 0
    numbers = [line for line in world.printed_lines(job) if line.isdigit()]
    assert numbers == [str(n) for n in range(200)], numbers
    assert world.show(job)["attempt"] == 1


def silent(world):
    """A line that stays dead is noticed on both sides, without a word of any kernel: the run ends there after the grace, what it
    had committed stays there, and the job is begun again when its worker is back."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section(grace_secs=1))
    job = world.job("cut", "echo kept > kept; git add kept; git commit -qm kept; echo started; read -r line < /work/feed",
                    "--backoff", "10ms")
    world.printed(job, "started")
    run = [r for r in world.events(job) if r["type"] == "run.planned"][0]["run"]
    worker.cut()
    # Its supervisor ends the run, and then itself; only sshd does not know yet.
    worker.settled(lambda words: not words.startswith("sshd"))
    assert not list((worker.state / "work").glob("[!.]*")) and not list((worker.state / "environments").glob("[!.]*"))
    assert worker.references() == [f"refs/smelt/rescued/{run}/one"], worker.references()
    worker.mend()
    world.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running" and r["attempt"] == 2)
    os.write(feed, b"go\n")
    assert world.wait(job) == 0, world.events(job)
    os.close(feed)
    assert any(r["type"] == "failed" and r["code"] == "line_lost" for r in world.events(job))
    worker.forget(f"refs/smelt/rescued/{run}/one")


def finishes(world):
    """With on_disconnect = "finish" a run goes on over a dead line, ends there, and is collected when the line is back."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section(on_disconnect="finish", grace_secs=1))
    job = world.job("patient", WAITS)
    world.printed(job, "started")
    worker.cut()
    # Its end of the line ends later than the grace.
    worker.settled(lambda words: words.strip().endswith("smelt-queue work"))
    os.write(feed, b"alone\n")
    worker.settled(lambda words: not words.startswith("sshd"))
    assert list((worker.state / "work").glob("*/ended"))
    worker.mend()
    assert world.wait(job) == 0, world.events(job)
    os.close(feed)
    assert world.sh("git", "show", "result-patient:made", cwd=world.home / "project") == "alone\n"
    assert world.show(job)["attempt"] == 1


def daemon_killed(world):
    """A daemon that is killed and begun again meets the run again, wherever that is."""
    worker = world.worker()
    feed = world.fifo("feed")
    first = world.serve(worker.section())
    job = world.job("outlives", WAITS)
    world.printed(job, "started")
    first.end(signal.SIGKILL)
    os.write(feed, b"meanwhile\n")
    world.serve(worker.section())
    assert world.wait(job) == 0
    os.close(feed)
    assert world.show(job)["attempt"] == 1 and "meanwhile" in world.output(job)
    assert world.states(job) == ["queued", "running", "lost", "running", "succeeded"], world.states(job)


def all_killed(world):
    """When everything here is killed, the job is begun again, and before that ends what is left there of the attempt before."""
    worker = world.worker()
    feed = world.fifo("feed")
    first = world.serve(worker.section(grace_secs=600))
    job = world.job("killed", WAITS)
    world.printed(job, "started")
    before = [p.name for p in (worker.state / "work").glob("[!.]*")]
    first.end(signal.SIGKILL)
    there = worker.processes()
    for pid, words in world.processes().items():
        if pid not in there and words and "sshd" not in words:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    world.serve(worker.section(grace_secs=600))
    world.until(job, lambda r: r["type"] == "output" and r["run"] != before[0] and "started" in r["text"])
    assert [p.name for p in (worker.state / "work").glob("[!.]*")] != before
    os.write(feed, b"again\nagain\n")
    assert world.wait(job) == 0
    os.close(feed)


def secrets(world):
    """What a session needs to know there goes over the line: its agent has it, and no command line and no file there."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.environment["NEAR_TOKEN"] = "a-secret-of-this-test-0123456789"
    world.serve(worker.section())
    more = "[credentials.env]\nTOKEN = 'NEAR_TOKEN'\n[credentials.files]\ntoken = 'NEAR_TOKEN'\n"
    more += f"[agent]\ncommand = {json.dumps(['sh', '-c', CHECKS])}\n"
    job = world.job("secret", "test -s made", more=more)
    world.printed(job, "started")
    secret = world.environment["NEAR_TOKEN"].encode()
    for path in worker.home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert secret not in path.read_bytes(), f"the secret is in {path}"
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            assert secret not in pathlib.Path("/proc", pid, "cmdline").read_bytes(), f"in the command line of {pid}"
        except (FileNotFoundError, ProcessLookupError):
            continue
    os.write(feed, b"go\n")
    os.close(feed)
    assert world.wait(job) == 0, world.events(job)
    assert world.environment["NEAR_TOKEN"] not in world.call("events", job)
    unset = world.job("unset", "true", more="[credentials.env]\nTOKEN = 'NOT_SET'\n[agent]\ncommand = ['true']\n")
    assert world.wait(unset) == 78


CHECKS = 'test "$TOKEN" = "$(cat /run/secrets/token)" && test ${#TOKEN} = 32 && echo started && read -r line < /work/feed && echo x > made'

main([runs_there, stranger, shared, room, away, other, stopped, mended, silent, finishes, daemon_killed, all_killed, secrets])
