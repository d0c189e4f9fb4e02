#!/usr/bin/env python3
"""Jobs whose sessions failed are retried from there by the daemon: what ended well is taken over, in an attempt of its own."""
import json, os, signal, sqlite3
from serving import Daemon, main

# A session does what a script beside the project says, which changes between the attempts.
MANIFEST = """
[job]
name = "again"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
[agent]
command = ["sh", "-c", "echo work of $SMELT_SESSION > $SMELT_SESSION; sh /switch/$SMELT_SESSION"]
[workspace]
mounts = ["switch:/switch"]
[[session]]
name = "one"
spec = ""
harness = "test -s one"
timeout = 600
[[session]]
name = "two"
spec = ""
harness = "test -s one && test -s two"
timeout = 600
depends_on = ["one"]
[[session]]
name = "three"
spec = ""
harness = "test -s two"
timeout = 600
depends_on = ["two"]
[merge]
target = "result"
"""


def switch(queue, **scripts):
    place = queue.home / "switch"
    place.mkdir(exist_ok=True)
    place.chmod(0o755)
    for name in ("one", "two", "three"):
        (place / name).write_text(scripts.get(name, "exit 0") + "\n")


def added(queue, *options, **scripts):
    """A job whose session `two` fails, as the scripts say."""
    queue.repository()
    switch(queue, **scripts)
    Daemon(queue)
    return queue.call("add", *options, str(queue.manifest(MANIFEST))).strip()


def of(queue, job, kind, run=None):
    return [r for r in queue.events(job) if r["type"] == kind and (run is None or r["run"] == run)]


def went_on(queue, job, first, taken=("one",), attempt=2):
    """The job has succeeded in an attempt that went on with the run `first`."""
    shown = queue.show(job)
    run = shown["runId"]
    assert shown["state"] == "succeeded" and shown["attempt"] == attempt and run != first, shown
    planned = of(queue, job, "run.planned", run)
    assert len(planned) == 1 and planned[0]["resumes"]["first"] == first, planned
    assert [r["session"] for r in of(queue, job, "session.taken", run)] == list(taken), of(queue, job, "session.taken")
    assert [r["session"] for r in of(queue, job, "session.started", run)] == [n for n in ("one", "two", "three") if n not in taken]
    assert {r["ending"] for r in of(queue, job, "session.finished", run)} == {"succeeded"}
    for name in ("one", "two", "three"):
        assert queue.sh("git", "show", f"result:{name}", cwd=queue.home / "project") == f"work of {name}\n"
    queue.sh("smelt-runs", "verify", str(queue.state / "runs/again" / f"{run}.jsonl"))
    assert not list((queue.state / "environments").glob("smelt-*")) and not queue.files(), queue.files()


def a_failed_session(queue):
    """It is begun anew from where it would begin, and the earlier attempt keeps what it did."""
    job = added(queue, two="exit 7")
    assert queue.wait(job) == 1
    first = queue.show(job)["runId"]
    switch(queue)
    queue.call("retry", "--resume", job)
    assert queue.wait(job) == 0, queue.output(job)
    went_on(queue, job, first)
    assert queue.states(job) == ["queued", "running", "failed", "queued", "running", "succeeded"], queue.states(job)
    rescued = [json.loads(line) for line in queue.sh("smelt-runs", "rescue", "--json", first).splitlines()]
    assert {"one", "two"} <= {r.get("session") for r in rescued}, rescued
    acts = [json.loads(line) for line in queue.call("audit").splitlines()]
    assert [(a["action"], a["detail"]) for a in acts if a["object"] == job][-1] == ("retry", {"resume": "yes"}), acts[-1]


def again_and_again(queue):
    """What fails once more is tried as often as --retries says, each time from there."""
    job = added(queue, "--retries", "1", "--backoff", "1ms", two="exit 7")
    assert queue.wait(job) == 1
    assert queue.show(job)["attempt"] == 2
    assert [r["session"] for r in of(queue, job, "session.started")] == ["one", "two"] * 2
    first = queue.show(job)["runId"]
    queue.call("retry", "--resume", job)
    assert queue.wait(job) == 1
    assert queue.show(job)["attempt"] == 4
    assert [r["session"] for r in of(queue, job, "session.started")][4:] == ["two", "two"]
    switch(queue)
    queue.call("retry", "--resume", job)
    assert queue.wait(job) == 0, queue.output(job)
    went_on(queue, job, first, attempt=5)


def a_cancelled_one(queue):
    """What had ended before it was stopped is taken over."""
    job = added(queue, two="echo begun; sleep 1000")
    queue.printed(job, "begun")
    queue.call("cancel", job)
    assert queue.wait(job) in (130, 143)
    first = queue.show(job)["runId"]
    switch(queue)
    queue.call("retry", "--resume", job)
    assert queue.wait(job) == 0, queue.output(job)
    went_on(queue, job, first)


def killed_while_it_goes_on(queue):
    """The daemon alone, and then all of it, die in the attempt that goes on: it is adopted, and begun again from there."""
    job = added(queue, two="exit 7")
    assert queue.wait(job) == 1
    first = queue.show(job)["runId"]
    switch(queue, two="echo in two; read -r line < /switch/gate", three="echo in three; read -r line < /switch/gate")
    os.mkfifo(queue.home / "switch/gate")
    os.chmod(queue.home / "switch/gate", 0o666)
    gate = os.open(queue.home / "switch/gate", os.O_RDWR)
    queue.call("retry", "--resume", job)
    queue.printed(job, "in two")
    queue.daemons[-1].end(signal.SIGKILL)
    Daemon(queue)
    os.write(gate, b"go\n")
    queue.printed(job, "in three")
    assert queue.show(job)["attempt"] == 2
    second = queue.show(job)["runId"]

    # Now all of it at once, the daemon first, so that it sees nothing of the others' end.
    queue.daemons[-1].end(signal.SIGKILL)
    for pid in list(queue.processes()):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    queue.settle()
    switch(queue)
    Daemon(queue)
    assert queue.wait(job) == 0, queue.output(job)
    assert "lost" in queue.states(job), queue.states(job)
    resumes = of(queue, job, "run.planned")[-1]["resumes"]
    assert resumes["run"] == second and [t["session"] for t in resumes["sessions"]] == ["one", "two"], resumes
    went_on(queue, job, first, taken=("one", "two"), attempt=3)
    os.close(gate)


def refused(queue):
    """What was changed since, what never began, and what ended well is told apart, before anything is done."""
    job = added(queue, two="exit 7")
    assert queue.wait(job) == 1
    database = sqlite3.connect(queue.state / "smelt.db")
    with database:
        database.execute("UPDATE requests SET body = CAST(body || '\n' AS BLOB)")
    status, _, said = queue.call("retry", "--resume", job, check=None)
    assert status == 77 and "it is changed since that attempt" in said and "leave out --resume" in said, (status, said)
    with database:
        database.execute("UPDATE requests SET body = substr(body, 1, length(body) - 1)")
    database.close()
    assert queue.show(job)["state"] == "failed"
    bad = queue.call("add", str(queue.manifest(MANIFEST.replace("main", "nowhere"), "bad.toml"))).strip()
    assert queue.wait(bad) not in (0, 1)
    status, _, said = queue.call("retry", "--resume", bad, check=None)
    assert status == 77 and "leave out --resume" in said, (status, said)
    switch(queue)
    queue.call("retry", "--resume", job)
    assert queue.wait(job) == 0, queue.output(job)


def pruned(queue):
    """Work that is gone is told by name, at once, and by the attempt where it went since; the job can be run again from the
    beginning."""
    job = added(queue, two="exit 7")
    assert queue.wait(job) == 1
    first = queue.show(job)["runId"]
    switch(queue)
    git = ["git", f"--git-dir={queue.state}/results.git"]

    def prune():
        for ref in queue.sh(*git, "for-each-ref", "--format=%(refname)", f"refs/smelt/runs/{first}").split():
            queue.sh(*git, "update-ref", "-d", ref)
    one = next(r["commit"] for r in of(queue, job, "session.finished") if r["session"] == "one")
    prune()
    status, _, said = queue.call("retry", "--resume", job, check=None)
    assert status == 77 and "without the work of session 'one'" in said and queue.show(job)["state"] == "failed", (status, said)
    queue.sh(*git, "update-ref", f"refs/smelt/runs/{first}/one", one)
    queue.call("pause", "default")
    queue.call("retry", "--resume", job)
    prune()
    queue.call("resume", "default")
    assert queue.wait(job) == 66
    assert of(queue, job, "failed")[-1]["code"] == "work_gone"
    queue.call("retry", job)
    assert queue.wait(job) == 0, queue.output(job)
    assert not of(queue, job, "session.taken")


def a_pipeline_of_ones_own(queue):
    """It gets the log where it gets the manifest else, and what plans the one plans the other."""
    pipeline = queue.home / "mine"
    pipeline.write_text("""#!/bin/sh
smelt-manifest plan --run "$SMELT_RUN" - | smelt-provision | smelt-exec | smelt-collect | smelt-provision release |
    smelt-review | smelt-pr | smelt-runs record
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    job = added(queue, two="exit 7")
    assert queue.wait(job) == 1
    first = queue.show(job)["runId"]
    switch(queue)
    queue.call("retry", "--resume", job)
    assert queue.wait(job) == 0, queue.output(job)
    went_on(queue, job, first)


def a_forge_that_asks_to_wait(queue):
    """Only the delivery is tried again: the sessions have done their work."""
    pipeline = queue.home / "limited"
    pipeline.write_text("""#!/bin/sh
smelt-run --no-pr --run "$SMELT_RUN" - | jq -c --unbuffered 'if .type == "run.finished" then
    {v: 1, type: "failed", time, run, stage: "pr", code: "rate_limited", message: "", status: 75}, (.status = 75) else . end'
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\nresume = ["smelt-run", "--resume", "-"]\n')
    job = added(queue)
    assert queue.wait(job) == 0, queue.output(job)
    assert queue.show(job)["attempt"] == 2, queue.states(job)
    assert [len(of(queue, job, kind)) for kind in ("session.started", "branch.updated")] == [3, 1], queue.events(job)[-3:]
    assert queue.sh("git", "show", "result:two", cwd=queue.home / "project") == "work of two\n"


main([a_forge_that_asks_to_wait, a_failed_session, again_and_again, a_cancelled_one, killed_while_it_goes_on, refused, pruned, a_pipeline_of_ones_own])
