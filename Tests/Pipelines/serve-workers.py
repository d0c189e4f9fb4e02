#!/usr/bin/env python3
"""Manifests on workers, over real lines of ssh that are cut and mended: what comes back, what does not, and what is left there."""
import json, os, pathlib, pwd, select, shutil, signal, subprocess, time
from pipeline import appears, binaries
from workers import Door, job, main

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
    # What a cut left of a pack goes a day later.
    packs = worker.state / "import.git" / "objects" / "pack"
    for name, age in [("tmp_pack_old", 90_000), ("tmp_pack_new", 0)]:
        (packs / name).touch()
        os.utime(packs / name, (time.time() - age,) * 2)
    # The second time nothing but the job is sent; what fails ends as it does here.
    failing = world.job("fails", "exit 3")
    assert world.wait(failing) == 1
    assert any(r["type"] == "session.finished" and r["exitStatus"] == 3 for r in world.events(failing))
    assert [p.name for p in packs.glob("tmp_*")] == ["tmp_pack_new"]


def nobody_special(world):
    """One may log in on the worker as somebody without any rights: a repository with much in it goes there, a result comes back."""
    worker = world.worker(user="nobody")
    (world.home / "project" / "much").write_bytes(os.urandom(30_000_000))
    world.sh("git", "add", "much", cwd=world.home / "project")
    world.sh("git", "commit", "-qm", "much", cwd=world.home / "project")
    world.serve(worker.section())
    text = job("nobody", "head -c 5000000 /dev/urandom >made").replace('mounts = ["work:/work"]', "")
    path = world.manifest(text, "nobody.toml")
    added = world.call("add", str(path)).strip()
    assert world.wait(added) == 0, world.events(added)
    assert worker.title in world.call("show", "--json", added)
    assert os.stat(worker.state).st_uid == pwd.getpwnam("nobody").pw_uid
    assert len(world.sh("git", "log", "--format=%s", "result-nobody", cwd=world.home / "project").splitlines()) == 3
    assert world.sh("git", "cat-file", "-s", "result-nobody:made", cwd=world.home / "project") == "5000000\n"


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


def unwanted(world):
    """Who runs a job on a worker that has gone away, and does not want it any more, is heard, also where the run goes on there."""
    worker = world.worker()
    feed = world.fifo("feed")
    target = json.dumps({**worker.target, "onDisconnect": "finish", "graceSeconds": 1})
    planned = world.planned(world.manifest(job("left", WAITS))).decode()
    carry = subprocess.Popen(["smelt-queue", "carry"], env={**world.environment, "SMELT_WORKER": target}, text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    carry.stdin.write(planned)
    carry.stdin.close()
    assert any('"type":"output"' in line and "started" in line for line in carry.stdout)
    worker.cut()
    assert any("trying again" in line for line in carry.stderr)
    carry.send_signal(signal.SIGINT)
    handle = os.pidfd_open(carry.pid)
    assert select.select([handle], [], [], 60)[0], "it goes on for ever"
    os.close(handle)
    assert carry.wait() == 130
    carry.stdout.close()
    carry.stderr.close()
    # There it ends by itself.
    os.write(feed, b"alone\n")
    os.close(feed)
    worker.settled(lambda words: not words.startswith("sshd"))
    worker.mend()
    shutil.rmtree(next((worker.state / "work").glob("[!.]*")))
    for name in worker.references():
        worker.forget(name)
    shutil.rmtree(world.state / "arrivals")


def reader(world):
    """A reader who stands still for longer than the grace does not end the run, and gets all of it later."""
    worker = world.worker()
    target = json.dumps({**worker.target, "graceSeconds": 1})
    path = world.manifest(job("read", "head -c 24000000 /dev/zero | tr '\\0' x; echo x > x"))
    name = "0" * 25 + "2"
    run = subprocess.Popen(["smelt-run", "--run", name, str(path)], env={**world.environment, "SMELT_WORKER": target},
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # It is over there, and nobody takes it.
    for place, wanted in [(worker.home, "state"), (worker.state, "work"), (worker.state / "work", name),
                          (worker.state / "work" / name, "ended")]:
        appears(place, wanted)
    looks = [pid for pid, words in worker.processes().items() if words.strip().endswith(f" work {name}")]
    handle = os.pidfd_open(looks[0])
    assert not select.select([handle], [], [], 4)[0], "it was given up"
    os.close(handle)
    records, complaints = run.communicate(timeout=120)
    assert run.returncode == 0, complaints
    printed = sum(len(r["text"]) for r in map(json.loads, records.splitlines()) if r["type"] == "output" and r["stream"] == "stdout")
    assert printed == 24_000_000, printed


def slow(world):
    """A line that is slow, and lives, is no dead one: neither while much is printed nor while the sessions' work comes back."""
    worker = world.worker()
    worker.slow("4mbit")
    world.serve(worker.section(grace_secs=1))
    script = "head -c 1500000 /dev/urandom > {name}; {print} echo x > x{name}"
    second = "[[session]]\nname = 'two'\nspec = ''\ntimeout = 120\nharness = '''" + script.format(name="b", print="") + "'''\n"
    job = world.job("slow", script.format(name="a", print="head -c 2000000 /dev/zero | tr '\\0' x;"), more=second)
    assert world.wait(job) == 0, world.events(job)
    assert world.show(job)["attempt"] == 1
    assert not any("trying again" in r.get("text", "") for r in world.events(job)), "the line was given up"
    assert len(world.branch("slow")) >= 3


def shut_down(world):
    """A run that the worker ends itself is not one that somebody cancelled: the job is begun again."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section())
    job = world.job("again", WAITS, "--backoff", "10ms")
    world.printed(job, "started")
    for pid, words in worker.processes().items():
        if "sshd" not in words:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
    world.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "running" and r["attempt"] == 2)
    os.write(feed, b"go\n")
    assert world.wait(job) == 0, world.events(job)
    os.close(feed)
    assert world.show(job)["attempt"] == 2
    assert any(r["type"] == "failed" and r["code"] in ("worker_broken", "line_lost") for r in world.events(job)), world.events(job)


def long_task(world):
    """A task that is too long for a record is the agent's there, too, where no file of this side can be read."""
    worker = world.worker()
    feed = world.fifo("feed")
    world.serve(worker.section())
    task = "word " * 40_000
    more = "[agent]\ncommand = ['sh', '-c', 'cat > made']\nprompt = 'stdin'\n"
    more += f"[[session]]\nname = 'two'\ndepends_on = ['one']\nspec = '{task}'\nharness = 'test -s made'\ntimeout = 120\n"
    job = world.job("long", "echo started; read -r line < /work/feed", more=more)
    world.printed(job, "started")
    files = [path for path in world.home.rglob("*.spec") if worker.home not in path.parents]
    assert len(files) == 1, files
    files[0].unlink()
    os.write(feed, b"go\n")
    os.close(feed)
    assert world.wait(job) == 0, world.events(job)
    assert world.sh("git", "show", "result-long:made", cwd=world.home / "project").strip() == task.strip()


def doors(world):
    """A run is taken in by one door at a time, and never begun a second time; who waits hears that somebody is there, and who does
    not want it any more is heard."""
    run = "0" * 25 + "1"
    hello = {"number": 2, "version": "", "purpose": "run", "run": run, "isBegun": False, "records": 0, "errors": 0,
             "onDisconnect": "finish", "graceSeconds": 60, "pulseSeconds": 0.2}
    with Door(world) as first, Door(world) as second:
        first.send("H", hello)
        assert first.receive() == ("H", {"isThere": False, "known": [], "number": 2, "version": first.version})
        second.send("H", hello)
        assert [second.receive()[0] for _ in range(3)] == [".", ".", "."]
        first.close()
        assert second.after_pulses()[0] == "H"
        second.send("C")
        kind, refusal = second.after_pulses()
        assert (kind, refusal["code"]) == ("F", "cancelled"), refusal
    begin = world.state / "work" / f".{run}.begin"
    assert begin.read_bytes() == b""
    begin.write_bytes(b"\n")
    with Door(world) as third:
        third.send("H", hello)
        kind, refusal = third.after_pulses()
        assert (kind, refusal["code"]) == ("F", "gone"), refusal


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
    here = [pid for pid, words in world.processes().items() if pid not in there and words and "sshd" not in words]
    # All at once: none of them is to see another one's end.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in here:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
    world.serve(worker.section(grace_secs=600))
    world.until(job, lambda r: r["type"] == "output" and r["run"] != before[0] and "started" in r["text"])
    # The one before has ended by then, and does not take the line that is meant for this one.
    now = [p.name for p in (worker.state / "work").glob("[!.]*")]
    assert len(before) == len(now) == 1 and before[0] not in now, (before, now)
    os.write(feed, b"again\n")
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

main([runs_there, nobody_special, stranger, shared, room, away, other, stopped, mended, silent, finishes, unwanted, reader, slow,
      shut_down, long_task, doors, daemon_killed, all_killed, secrets])
