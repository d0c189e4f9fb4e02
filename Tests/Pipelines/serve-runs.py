#!/usr/bin/env python3
"""What the queue's daemon runs, and what its log says: commands, tasks, manifests, pipelines of one's own."""
import json, os, pathlib, signal
from serving import Daemon, main, manifest


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
    path.write_text((pathlib.Path(os.environ["TOP"]) / "examples/task.json").read_text())
    job = queue.call("add", str(path)).strip()
    status = queue.wait(job)
    records = queue.events(job)
    phases = [r["phase"] for r in records if r["type"] == "task.phase"]
    assert records[-2]["type"] == "run.finished" and records[-2]["status"] == status, records[-3:]
    assert (phases[-1] == "succeeded") == (status == 0), (phases, status)


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


def limited(queue):
    """A time that a "not now" names is kept, by the job and by its group."""
    pipeline = queue.home / "limited"
    pipeline.write_text("""#!/bin/sh
head='"time":"2026-01-01T00:00:00.000Z","run":"'$SMELT_RUN'"'
echo '{"v":1,"type":"failed",'$head',"code":"limit","message":"","notBefore":"2199-01-01T00:00:00.000Z","stage":"mine","status":75}'
echo '{"v":1,"type":"run.finished",'$head',"seconds":1,"status":75}'
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    Daemon(queue)
    job = queue.call("add", str(queue.manifest(MANIFEST))).strip()
    record = queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "retrying")
    assert record["due"].startswith("2199-01-01"), record
    group = [json.loads(line) for line in queue.call("stats", "--json").splitlines()][0]
    assert group["pausedUntil"].startswith("2199-01-01"), group


def cancelled(queue):
    Daemon(queue)
    job = queue.shell("echo begun; sleep 1000")
    queue.printed(job, "begun")
    queue.call("cancel", job)
    assert queue.wait(job) == 143
    assert queue.show(job)["state"] == "cancelled"
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


def tried_again(queue):
    """As often as it may, and its attempts are apart."""
    Daemon(queue)
    job = queue.shell("echo try $SMELT_ATTEMPT; exit 1", "--retries", "2", "--backoff", "1ms")
    assert queue.wait(job) == 1
    assert queue.show(job)["attempt"] == 3
    assert queue.output(job) == "try 1\ntry 2\ntry 3\n"
    runs = {r["run"] for r in queue.events(job) if r["type"] == "run.finished"}
    assert len(runs) == 3, runs


END = ("""printf '{"v":1,"type":"run.finished","time":"2026-01-01T00:00:00.000Z","run":"%s","seconds":1,"status":0}\\n' """
       "$SMELT_RUN")

MANIFEST = manifest("queued")

main([a_command, several, bytes_that_are_no_text, not_begun, a_task, a_manifest, a_pipeline_of_ones_own,
      one_that_says_nothing, one_that_leaves_something, limited, cancelled, one_that_will_not_stop, out_of_time, tried_again])
