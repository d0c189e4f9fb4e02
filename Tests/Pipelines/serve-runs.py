#!/usr/bin/env python3
"""What the queue's daemon runs, and what its log says: commands, tasks, manifests, pipelines of one's own."""
import json, os, pathlib, resource, shutil, signal, subprocess
from pipeline import appears, binaries, top
from serving import Daemon, ended, main, manifest


def a_command(queue):
    """Its output, its records and its end are in the log, and its status is the job's."""
    Daemon(queue)
    job = queue.shell("echo out; echo err >&2; exit 3")
    assert queue.wait(job) == 3
    records = queue.events(job)
    assert [r["type"] for r in records if r["type"] != "output"] == [
        "job.changed", "job.changed", "session.started", "session.finished", "run.finished", "job.changed"], records
    assert {(r["stream"], r["text"]) for r in records if r["type"] == "output"} == {("stdout", "out\n"), ("stderr", "err\n")}
    assert queue.output(job) in ("out\nerr\n", "err\nout\n")
    assert queue.call("logs", "--stream", "stderr", job) == "err\n"
    run = {r["run"] for r in records if r["type"] != "job.changed"}
    assert run == {queue.show(job)["runId"]}, f"the records are of another run: {run}"
    assert queue.show(job)["state"] == "failed" and queue.show(job)["status"] == 3
    assert not queue.files(), f"files are left: {queue.files()}"


def several(queue):
    """Waiting for all of them, for any of them, and what is in the sandbox."""
    Daemon(queue)
    good = queue.shell(f"echo $SMELT_JOB > {queue.work}/job")
    bad = queue.shell("exit 5", "--after", f"{good}:ok")
    assert queue.call("wait", good, bad, check=1) == ""
    assert (queue.work / "job").read_text() == good + "\n"
    assert queue.wait("--any", good) == 0 and queue.wait(good, bad) == 5
    assert queue.call("wait", "--all", "--any", good, check=64) == ""


def bytes_that_are_no_text(queue):
    """What is printed comes out as it went in, characters that come in two pieces, too."""
    Daemon(queue)
    script = r"i=0; while [ $i -lt 3000 ]; do printf '\303\244\377\342\202\254-%d\n' $i; i=$((i+1)); done"
    job = queue.shell(script)
    assert queue.wait(job) == 0
    wanted = b"".join(b"\xc3\xa4\xff\xe2\x82\xac-%d\n" % i for i in range(3000))
    got = queue.sh_bytes("logs", job)
    assert got == wanted, f"{len(got)} bytes, wanted {len(wanted)}"


def not_begun(queue):
    """Of what cannot be begun the log says why, and it is not tried again."""
    Daemon(queue)
    job = queue.add("no-such-program")
    assert queue.wait(job) == 66, queue.events(job)
    (queue.home / "gone").mkdir()
    done = queue.sh("sh", "-c", "smelt-queue pause default; cd gone && smelt-queue add -- true")
    os.rmdir(queue.home / "gone")
    queue.call("resume", "default")
    assert queue.wait(done.strip()) == 66
    records = queue.events(done.strip())
    assert [r["type"] for r in records][-3:] == ["failed", "run.finished", "job.changed"], records
    assert records[-3]["code"] == "no_directory", records[-3]


def a_task(queue):
    """A task is tried again as it says itself; the job ends as the task does."""
    Daemon(queue)
    count = queue.work / "count"
    task = {"slot": "again", "kind": {"subprocess": {"mode": {"command": {"command": "sh", "args": ["-c",
            f"echo x >> {count}; test $(wc -l < {count}) -ge 3"]}}}},
            "timeout": 20000, "restart": {"type": "onFailure"}, "backoff": {"jitter": "none", "firstMs": 1, "maxMs": 1, "factor": 1},
            "admission": "queue"}
    path = queue.home / "task.json"
    path.write_text(json.dumps(task))
    job = queue.call("add", str(path)).strip()
    assert queue.wait(job) == 0
    assert count.read_text() == 3 * "x\n"
    records = queue.events(job)
    phases = [r["phase"] for r in records if r["type"] == "task.phase"]
    assert phases == ["failed", "failed", "succeeded"], phases
    assert records[-2]["type"] == "run.finished" and records[-2]["status"] == 0, records[-3:]


def a_manifest(queue):
    """Through the whole pipeline, as its own run, to a branch."""
    queue.repository()
    Daemon(queue)
    manifest = queue.manifest(MANIFEST)
    job = queue.call("add", str(manifest)).strip()
    assert queue.wait(job) == 0, queue.output(job) + queue.daemons[0].complaints()
    records = queue.events(job)
    types = [r["type"] for r in records]
    assert types.count("run.planned") == 1 and types[-2:] == ["run.finished", "job.changed"], types
    assert {r["run"] for r in records if r["type"] != "job.changed"} == {queue.show(job)["runId"]}
    assert "dropped" in queue.sh("git", "show", "result:one", cwd=queue.home / "project")
    assert not queue.files(), queue.files()


def a_pipeline_of_ones_own(queue):
    """It gets the manifest on its standard input; lines that are no records are told of in their place."""
    pipeline = queue.home / "mine"
    pipeline.write_text(f"""#!/bin/sh
cp /dev/stdin {queue.work}/seen
echo no record
echo '{{"v":1,"type":"mine","time":"2026-01-01T00:00:00.000Z","run":"'$SMELT_RUN'"}}'
echo complaint >&2
printf '{{"v":1,"type":"run.finished","time":"2026-01-01T00:00:00.000Z","run":"%s","seconds":1,"status":2}}\\n' $SMELT_RUN
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    manifest = queue.manifest(MANIFEST)
    job = queue.call("add", str(manifest)).strip()
    assert queue.wait(job) == 2
    assert queue.show(job)["state"] == "gates_failed"
    assert (queue.work / "seen").read_text() == MANIFEST
    types = {r["type"] for r in queue.events(job)}
    assert {"mine", "failed", "output", "run.finished"} <= types, types
    assert queue.output(job) == "complaint\n"


def one_that_says_nothing(queue):
    """A run that ends without a word of its end is lost, and begun again, from the second time on after a pause."""
    pipeline = queue.home / "mute"
    pipeline.write_text(f"#!/bin/sh\necho x >> {queue.work}/count\ntest $(wc -l < {queue.work}/count) -lt 3 || {END}")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    job = queue.call("add", "--backoff", "1ms", str(queue.manifest(MANIFEST))).strip()
    assert queue.wait(job) == 0
    # For a moment it may wait for its own lock.
    states = [state for state in queue.states(job) if state != "blocked"]
    assert states == ["queued", "running", "lost", "queued", "running", "lost", "queued", "retrying", "queued", "running",
                      "succeeded"], states


def one_that_leaves_something(queue):
    """Of a pipeline whose first process dies, the rest is stopped, and what it says then counts."""
    pipeline = queue.home / "headless"
    pipeline.write_text(f"""#!/bin/sh
finish() {{
    {END}
    exit
}}
(trap finish TERM; echo begun >&2; while :; do sleep 60 & wait $!; done) &
read -r line < {queue.work}/go
kill -9 $$
""")
    pipeline.chmod(0o755)
    os.mkfifo(queue.work / "go")
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    queue.printed(job, "begun")
    (queue.work / "go").write_text("go\n")
    assert queue.wait(job) == 0
    assert "lost" not in queue.states(job), queue.states(job)


def one_that_hides(queue):
    """So is what has left the group of its first process; killed, when it does not stop."""
    pipeline = queue.home / "hidden"
    pipeline.write_text(f"""#!/usr/bin/env python3
import os, signal, sys
if os.environ["SMELT_ATTEMPT"] == "2":
    os.execvp("sh", ["sh", "-c", {END!r}])
if os.fork() == 0:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid(), "hides", file=sys.stderr, flush=True)
    while True: signal.pause()
open("{queue.work}/go").read(1)
os.kill(os.getpid(), signal.SIGKILL)
""")
    pipeline.chmod(0o755)
    os.mkfifo(queue.work / "go")
    queue.configure(f'grace_secs = 0.2\n[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    pid = int(queue.printed(job, "hides")["text"].split()[0])
    (queue.work / "go").write_text("x")
    assert ended(pid), "the rest of the run goes on"
    assert queue.wait(job) == 0 and queue.show(job)["attempt"] == 2


def one_that_hides_at_its_end(queue):
    """When it has said how it ended, what is left of it in other groups goes, too."""
    pipeline = queue.home / "hidden"
    pipeline.write_text(f"""#!/usr/bin/env python3
import os, signal
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    open("{queue.work}/pid", "w").write(str(os.getpid()))
    while True: signal.pause()
while os.getpgid(pid) != pid: pass
os.execvp("sh", ["sh", "-c", {END!r}])
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    assert queue.wait(job) == 0
    # The end is told first.
    for pid in [pid for pid, words in queue.processes().items() if "hidden" in words]:
        assert ended(pid), "the rest of the run goes on"


def without_a_line_end(queue):
    """The last line counts, whether it is ended or not."""
    pipeline = queue.home / "mine"
    pipeline.write_text("#!/bin/sh\n" + END.replace("\\n", ""))
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    assert queue.wait(job) == 0
    assert queue.states(job) == ["queued", "running", "succeeded"], queue.states(job)


def beside_the_file(queue):
    """A pipeline that is named by a path is found from the server's file, and not from the manifest or the daemon."""
    place = queue.home / "etc"
    place.mkdir()
    (place / "mine").write_text("#!/bin/sh\n" + END)
    (place / "mine").chmod(0o755)
    (place / "server.toml").write_text(f'queue_dir = "{queue.home}/drop"\nmax_concurrent = 1\n[pipeline]\ncommand = ["./mine", "./x"]\n')
    queue.repository()
    Daemon(queue, config=place / "server.toml")
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    assert queue.wait(job) == 0, queue.events(job)


def with_few_files(queue):
    """A daemon raises its own limit of open files, and its runs have what it was begun with."""
    pipeline = queue.home / "mine"
    pipeline.write_text("#!/bin/sh\nulimit -S -n >&2\n" + END)
    pipeline.chmod(0o755)
    options = f'[exec]\noptions = ["--read-write", "{queue.work}"]\n'
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n{options}', most=41, exec=False)
    queue.repository()
    Daemon(queue, before=["prlimit", "--nofile=64:4096"])
    feed = queue.fifo("feed")
    jobs = [queue.shell(f"echo begun; dd bs=1 count=1 if={queue.work}/feed of=/dev/null 2>/dev/null") for _ in range(40)]
    for job in jobs:
        queue.printed(job, "begun")
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    assert queue.wait(job) == 0 and queue.output(job) == "64\n", queue.output(job)
    os.write(feed, b"x" * len(jobs))
    assert queue.wait(*jobs) == 0
    os.close(feed)
    assert {queue.show(job)["attempt"] for job in jobs} == {1}


def unwatched(queue):
    """Runs whose directories cannot be watched are looked after all the same."""
    pipeline = queue.home / "mine"
    pipeline.write_text(f"#!/bin/sh\necho begun >&2\nread -r line < {queue.work}/go\n{END}")
    pipeline.chmod(0o755)
    feed = queue.fifo("go")
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    few = 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"'
    daemon = Daemon(queue, before=["unshare", "-r", "sh", "-c", few, "sh"])
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    daemon.complained("could not watch")
    queue.printed(job, "begun")
    os.write(feed, b"go\n")
    assert queue.wait(job) == 0
    os.close(feed)
    assert queue.states(job) == ["queued", "running", "succeeded"], queue.states(job)


def out_of_time_without_a_store(queue):
    """A time is kept, and who does not stop is killed, while nothing can be written; what became of it is told later."""
    pipeline = queue.home / "stubborn"
    pipeline.write_text("#!/bin/sh\ntrap '' TERM\necho $$ begun >&2\nwhile :; do sleep 1000; done\n")
    pipeline.chmod(0o755)
    queue.configure(f'grace_secs = 0.2\nlease_secs = 1\n[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    # A write beyond the limit is a fault then, and no end.
    daemon = Daemon(queue, before=["sh", "-c", 'trap "" XFSZ; exec "$@"', "sh"])
    job = queue.call("add", "--timeout", "3s", str(queue.manifest(MANIFEST))).strip()
    pid = int(queue.printed(job, "begun")["text"].split()[0])
    limit = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
    daemon.complained("smelt.db")
    # The last pause before would be longer than this.
    assert ended(pid, 10), "it goes on"
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, limit)
    assert queue.wait(job) == 124


def limited(queue):
    """A time that a "not now" names is kept, by the job and by its group, whether a session met the limit or a stage."""
    pipeline = queue.home / "limited"
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    for group, session in ("runs", ""), ("sessions", ',"session":"one"'):
        pipeline.write_text(f"""#!/bin/sh
head='"time":"2026-01-01T00:00:00.000Z","run":"'$SMELT_RUN'"'
echo '{{"v":1,"type":"failed",'$head',"code":"limit","message":"","notBefore":"2199-01-01T00:00:00.000Z","stage":"mine","status":75{session}}}'
echo '{{"v":1,"type":"run.finished",'$head',"seconds":1,"status":75}}'
""")
        pipeline.chmod(0o755)
        job = queue.call("add", "-g", group, str(queue.manifest(MANIFEST))).strip()
        record = queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "retrying")
        assert record["due"].startswith("2199-01-01"), record
        stats = {line["group"]: line for line in map(json.loads, queue.call("stats", "--json").splitlines())}
        assert stats[group]["pausedUntil"].startswith("2199-01-01"), stats


def cancelled(queue):
    Daemon(queue)
    job = queue.shell("echo begun; sleep 1000")
    queue.printed(job, "begun")
    queue.call("cancel", "--why", "no need", job)
    assert queue.wait(job) == 143
    shown = queue.show(job)
    assert (shown["state"], shown["reason"]) == ("cancelled", "no need"), shown
    assert queue.events(job)[-2]["type"] == "run.finished"


def one_that_will_not_stop(queue):
    """After the grace it is killed."""
    pipeline = queue.home / "stubborn"
    pipeline.write_text("#!/bin/sh\ntrap '' TERM\necho begun >&2\nwhile :; do sleep 60; done\n")
    pipeline.chmod(0o755)
    queue.configure(f'grace_secs = 0.2\n[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    queue.printed(job, "begun")
    queue.call("cancel", job)
    assert queue.wait(job) == 143 and queue.show(job)["state"] == "cancelled"


def out_of_time(queue):
    Daemon(queue)
    job = queue.shell("sleep 1000", "--timeout", "300ms")
    assert queue.wait(job) == 124
    assert queue.show(job)["reason"] == "timed_out", queue.show(job)


def told_to_stop_early(queue):
    """smelt-run is told to stop while no stage knows yet which run it is, and the run is stopped when one does."""
    place = queue.home / "bin"
    place.mkdir()
    shutil.copy(top / "bin-scripts" / "smelt-run", place)
    os.mkfifo(queue.work / "gate")
    # The first stage waits before it reads, and the others with it.
    (place / "smelt-provision").write_text(
        f"#!/bin/sh\n[ $# != 0 ] || read -r line < {queue.work}/gate\nexec {binaries}/smelt-provision \"$@\"\n")
    (place / "smelt-provision").chmod(0o755)
    (place / "smelt-runs").write_text(
        f"#!/bin/sh\n[ \"$1\" = stop ] || exec {binaries}/smelt-runs \"$@\"\n"
        f"{binaries}/smelt-runs \"$@\"\nstatus=$?\n: >> {queue.work}/asked\nexit $status\n")
    (place / "smelt-runs").chmod(0o755)
    queue.repository()
    path = queue.manifest(MANIFEST.replace("echo dropped > one", "sleep 1000"))
    run = subprocess.Popen([place / "smelt-run", path], env=queue.environment, cwd=queue.home, stdout=subprocess.DEVNULL)
    with open(queue.work / "gate", "w") as gate:
        run.send_signal(signal.SIGTERM)
        appears(queue.work, "asked")
        gate.write("go\n")
    assert run.wait(timeout=60) == 143, run.returncode


def tried_again(queue):
    """As often as it may, and its attempts are apart."""
    Daemon(queue)
    job = queue.shell("echo try $SMELT_ATTEMPT; exit 1", "--retries", "2", "--backoff", "1ms")
    assert queue.wait(job) == 1
    assert queue.show(job)["attempt"] == 3
    assert queue.output(job) == "try 1\ntry 2\ntry 3\n"
    runs = {r["run"] for r in queue.events(job) if r["type"] == "run.finished"}
    assert len(runs) == 3, runs


def one_run_that_is_followed(queue):
    """What follows one run of a job ends with that run, whatever becomes of the job."""
    Daemon(queue)
    gate = queue.fifo("gate")
    job = queue.shell(f"echo begun; read line < {queue.work}/gate; exit 1", "--retries", "1", "--backoff", "1h")
    queue.printed(job, "begun")
    run = queue.show(job)["runId"]
    words = [["events", "-f", run], ["logs", "-f", run]]
    follow = [subprocess.Popen(["smelt-queue", *w], env=queue.environment, stdout=subprocess.PIPE) for w in words]
    seen = [f.stdout.readline() for f in follow]
    os.write(gate, b"go\n")
    try:
        told, printed = [first + f.communicate(timeout=60)[0] for first, f in zip(seen, follow)]
    finally:
        for f in follow:
            f.kill()
            f.wait()
    assert queue.show(job)["state"] == "retrying"
    records = [json.loads(line)["record"] for line in told.splitlines()]
    assert [r.get("to") for r in records][-1] == "retrying" and records[-2]["type"] == "run.finished", records
    assert printed == b"begun\n", printed
    os.close(gate)


END = ("""printf '{"v":1,"type":"run.finished","time":"2026-01-01T00:00:00.000Z","run":"%s","seconds":1,"status":0}\\n' """
       "$SMELT_RUN")

MANIFEST = manifest("queued")

main([a_command, several, bytes_that_are_no_text, not_begun, a_task, a_manifest, a_pipeline_of_ones_own,
      one_that_says_nothing, one_that_leaves_something, one_that_hides, one_that_hides_at_its_end, without_a_line_end,
      beside_the_file, with_few_files, unwatched, limited, cancelled, one_that_will_not_stop, out_of_time,
      out_of_time_without_a_store, told_to_stop_early, tried_again, one_run_that_is_followed])
