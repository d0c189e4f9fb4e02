#!/usr/bin/env python3
"""Results that wait for a person while nobody waits with them: asked in the queue, answered there, and gone on with."""
import json, os, signal, sqlite3, subprocess
from pipeline import appears
from serving import Daemon, ended, main, manifest


def reviewed(queue, name="asks", more="", review="required = true", work="echo dropped > one"):
    text = manifest(name).replace("echo dropped > one", work) + f"[review]\n{review}\n{more}"
    return queue.call("add", str(queue.manifest(text, f"{name}.toml"))).strip()


def waits(queue, job):
    queue.until(job, lambda r: r["type"] == "job.changed" and r["to"] == "awaiting_review")


def me():
    """How an answer of this process is named."""
    login = open("/proc/self/loginuid").read() if os.path.exists("/proc/self/loginuid") else ""
    return f"uid:{login}" if os.getuid() == 0 and login not in ("", "4294967295") else f"uid:{os.getuid()}"


def logged_in(uid):
    with open("/proc/self/loginuid", "w") as file:
        file.write(str(uid))


def review(queue, *words, check=0, user=None):
    """As who became root, with `user`."""
    done = subprocess.run(["smelt-review", *words], env=queue.environment, cwd=queue.home, capture_output=True, text=True,
                          preexec_fn=user and (lambda: logged_in(user)))
    assert done.returncode == check, f"smelt-review {' '.join(words)}: {done.returncode}: {done.stderr}"
    return done.stdout if not check else done.stderr


def types(queue, job):
    return [r["type"] for r in queue.events(job) if r["type"] != "output"]


def branch(queue, name="result"):
    return queue.sh("git", "for-each-ref", "--format=%(refname)", f"refs/heads/{name}", cwd=queue.home / "project").strip()


def status(queue):
    """What smelt-runs says of the job's latest run, without a complaint."""
    done = subprocess.run(["smelt-runs", "status", "--json", "asks"], env=queue.environment, cwd=queue.home,
                          capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return json.loads(done.stdout)


def waits_again(queue, job):
    count = 0

    def twice(record):
        nonlocal count
        count += record["type"] == "job.changed" and record["to"] == "awaiting_review"
        return count == 2
    queue.until(job, twice)


def settled(daemon):
    """Waits until the daemon has done what follows of its last commit: a signal is taken after that."""
    daemon.tell(signal.SIGHUP)
    daemon.heard("RELOADING=1")
    daemon.heard("READY=1")


def approved(queue):
    """While it waits, no process and no environment is there, and its place is another's; the yes delivers it, and no session
    is run again."""
    queue.repository()
    queue.configure(most=1)
    daemon = Daemon(queue)
    job = reviewed(queue)
    waits(queue, job)
    shown = queue.show(job)
    assert shown["state"] == "awaiting_review" and "owner" not in shown, shown
    assert queue.wait(queue.shell("exit 0")) == 0
    settled(daemon)
    assert set(queue.processes()) == {daemon.process.pid}, queue.processes()
    assert not list((queue.state / "environments").glob("smelt-*")) and not queue.files(), queue.files()
    assert not branch(queue)

    asked = [json.loads(line) for line in review(queue, "list").splitlines()]
    assert [r["run"] for r in asked] == [shown["runId"]], asked
    assert "README" not in review(queue, "show", job) and "one | 1 +" in review(queue, "show", shown["runId"])
    state = status(queue)
    assert state["phase"] == "reviewing" and state["status"] == 75 and not state["active"], state
    answer = json.loads(review(queue, "approve", "--note", "looks right", shown["runId"]))
    assert answer["decision"] == "approved" and answer["actor"] == me(), answer
    assert queue.wait(job) == 0, queue.call("logs", job) + daemon.complaints()
    assert branch(queue)

    records = queue.events(job)
    assert [r["to"] for r in records if r["type"] == "job.changed"] == [
        "queued", "running", "awaiting_review", "queued", "running", "succeeded"], queue.states(job)
    for once in ["run.planned", "session.started", "result.collected", "review.requested", "review.decided", "branch.updated"]:
        assert types(queue, job).count(once) == 1, (once, types(queue, job))
    decided = next(r for r in records if r["type"] == "review.decided")
    assert decided["note"] == "looks right" and decided["actor"] == me(), decided
    assert [r["status"] for r in records if r["type"] == "run.finished"] == [75, 0]
    assert {r["run"] for r in records if r["type"] != "job.changed"} == {shown["runId"]}
    # The run's own log agrees with itself, and with that.
    queue.sh("smelt-runs", "verify", "asks")
    state = status(queue)
    assert state["phase"] == "complete" and state["status"] == 0, state
    settled(daemon)
    assert not review(queue, "list") and not queue.files()
    acts = [json.loads(line) for line in queue.call("audit").splitlines()]
    assert [a["action"] for a in acts if a["object"] == job] == ["add", "ask", "approve"], acts
    assert acts[-1]["detail"]["note"] == "looks right", acts[-1]
    # Who answers again says the same, or is told.
    review(queue, "approve", job)
    assert "was approved by" in review(queue, "deny", job, check=77)


def approved_as_it_is(queue, ends, state):
    """A result that not all sessions have a part in: the yes delivers it once, and nothing runs again, whatever retries there are."""
    queue.repository()
    Daemon(queue)
    text = manifest("asks") + f"""[[session]]
name = "two"
spec = ""
{ends}
timeout = 600
[review]
required = true
"""
    job = queue.call("add", "--retries", "2", "--backoff", "1ms", str(queue.manifest(text, "asks.toml"))).strip()
    waits(queue, job)
    review(queue, "approve", job)
    assert queue.wait(job) == {"failed": 1, "gates_failed": 2}[state], queue.states(job)
    assert branch(queue) and queue.show(job)["attempt"] == 2 and queue.show(job)["state"] == state, queue.states(job)
    seen = types(queue, job)
    counts = {kind: seen.count(kind) for kind in ["run.planned", "session.started", "review.requested", "review.decided", "branch.updated"]}
    assert counts == {"run.planned": 1, "session.started": 2, "review.requested": 1, "review.decided": 1, "branch.updated": 1}, counts
    queue.sh("smelt-runs", "verify", "asks")
    # What is delivered is done: who goes on now wants the sessions that failed.
    queue.call("retry", "--resume", job)
    waits_again(queue, job)
    assert types(queue, job).count("session.taken") == 1 and types(queue, job).count("session.started") == 3, types(queue, job)


def approved_with_a_failed_session(queue): approved_as_it_is(queue, 'harness = "true"\nagent = { command = ["false"] }', "failed")
def approved_with_a_failed_gate(queue):
    approved_as_it_is(queue, 'harness = "false"\nagent = { command = ["sh", "-c", "echo two > two"] }', "gates_failed")


def denied(queue):
    """A no ends the job with 77, which is not tried again; with --resume the question is asked anew, and nothing is run again."""
    queue.repository()
    Daemon(queue)
    job = reviewed(queue)
    waits(queue, job)
    review(queue, "deny", "--note", "not like this", job)
    assert queue.wait(job) == 77 and queue.show(job)["state"] == "failed"
    failed = [r for r in queue.events(job) if r["type"] == "failed"]
    assert [r["code"] for r in failed] == ["review_waits", "review_denied"], failed
    assert queue.show(job)["reason"] == "review_denied" and not branch(queue)

    queue.call("retry", "--resume", job)
    waits_again(queue, job)
    review(queue, "approve", job)
    assert queue.wait(job) == 0, queue.events(job)[-5:]
    assert branch(queue) and types(queue, job).count("session.started") == 1
    queue.sh("smelt-runs", "verify", "asks")
    assert status(queue)["phase"] == "complete"


def expired(queue):
    """Silence is not a no: it has a code and a state of its own, and is no more tried again."""
    queue.repository()
    Daemon(queue)
    job = reviewed(queue, review='required = true\nexpires = "1s"')
    assert queue.wait(job) == 77 and queue.show(job)["state"] == "expired", queue.show(job)
    failed = [r["code"] for r in queue.events(job) if r["type"] == "failed"]
    assert failed == ["review_waits", "review_expired"], failed
    assert "retry --resume" in review(queue, "approve", job, check=77)
    assert not branch(queue)


def answered_without_a_daemon(queue):
    """The answer stays until there is one; it goes on from the stored log, also where the run's own is gone."""
    queue.repository()
    daemon = Daemon(queue)
    job = reviewed(queue)
    waits(queue, job)
    daemon.end(signal.SIGKILL)
    review(queue, "approve", job)
    assert queue.show(job)["state"] == "queued"
    for log in (queue.home / ".smelt").rglob("*.jsonl"):
        log.unlink()
    Daemon(queue)
    assert queue.wait(job) == 0 and branch(queue)


def answered_meanwhile(queue):
    """An answer that comes before the run has ended: it goes on at once."""
    queue.repository()
    held = queue.fifo("hold")
    pipeline = queue.home / "mine"
    pipeline.write_text(f"""#!/bin/sh
smelt-manifest plan --run "$SMELT_RUN" - | smelt-provision | smelt-exec | smelt-collect | smelt-provision release |
    {{ cat; read -r go <{queue.work}/hold; }} | smelt-review | smelt-pr | smelt-runs record
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\nresume = ["smelt-run", "--resume", "-"]\n')
    Daemon(queue)
    job = reviewed(queue)
    queue.until(job, lambda r: r["type"] == "review.requested")
    review(queue, "approve", job)
    os.write(held, b"go\n")
    assert queue.wait(job) == 0 and branch(queue)
    assert "awaiting_review" not in queue.states(job)
    assert types(queue, job).count("review.decided") == 1
    os.close(held)


def cancelled(queue):
    """Who is not wanted any more is not asked about."""
    queue.repository()
    Daemon(queue)
    job = reviewed(queue)
    waits(queue, job)
    queue.call("cancel", job)
    assert not review(queue, "list")
    assert "is cancelled" in review(queue, "approve", job, check=77)
    assert queue.show(job)["state"] == "cancelled" and not branch(queue)


def a_pipeline_that_cannot_go_on(queue):
    """One of one's own without its last stages apart waits itself, as everywhere else."""
    queue.repository()
    pipeline = queue.home / "mine"
    pipeline.write_text("""#!/bin/sh
smelt-manifest plan --run "$SMELT_RUN" - | smelt-provision | smelt-exec | smelt-collect | smelt-provision release |
    smelt-review | smelt-pr | smelt-runs record
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    Daemon(queue)
    job = reviewed(queue)
    queue.until(job, lambda r: r["type"] == "review.requested")
    assert queue.show(job)["state"] == "running"
    review(queue, "approve", queue.show(job)["runId"])
    assert queue.wait(job) == 0 and branch(queue) and queue.show(job)["attempt"] == 1


def not_to_resume(queue):
    """What never began cannot be gone on with, nor can what is no run of sessions."""
    queue.repository()
    Daemon(queue)
    text = manifest("fails").replace('base_ref = "main"', 'base_ref = "nowhere"')
    job = queue.call("add", str(queue.manifest(text))).strip()
    assert queue.wait(job) not in (0, 1)
    status, _, errors = queue.call("retry", "--resume", job, check=None)
    assert status == 77 and "without anything that could be gone on with: leave out --resume" in errors, errors
    job = queue.shell("exit 3")
    assert queue.wait(job) == 3
    queue.call("retry", "--resume", job, check=77)


def a_lost_attempt_delivers_nothing(queue):
    """A run that was begun again while it stood before its delivery does not deliver any more; the other does, once."""
    queue.repository()
    held = queue.fifo("hold")
    pipeline = queue.home / "mine"
    pipeline.write_text(f"""#!/bin/sh
smelt-manifest plan --run "$SMELT_RUN" - | smelt-provision | smelt-exec | smelt-collect | smelt-provision release |
    {{ cat; [ $SMELT_ATTEMPT != 1 ] || {{ echo held >{queue.work}/at; read -r go <{queue.work}/hold; }}; }} |
    smelt-pr | smelt-runs record | tee {queue.work}/log.$SMELT_ATTEMPT
: >{queue.work}/ended.$SMELT_ATTEMPT
""")
    pipeline.chmod(0o755)
    at = queue.fifo("at")
    queue.configure(f'lease_secs = 1\n[pipeline]\ncommand = ["{pipeline}"]\n')
    first = Daemon(queue)
    # Each attempt's commit is another one: who finds the branch where he wants it does nothing.
    text = manifest("once").replace("echo dropped", "date +%s%N")
    job = queue.call("add", str(queue.manifest(text))).strip()
    os.read(at, 16)
    first.suspend()
    # As if the machine had been started anew: what nobody can adopt is begun again.
    with sqlite3.connect(queue.state / "smelt.db") as store:
        store.execute("UPDATE jobs SET process = NULL")
    store.close()
    Daemon(queue, "--beside")
    assert queue.wait(job) == 0 and queue.show(job)["attempt"] == 2
    commit = queue.sh("git", "rev-parse", "result", cwd=queue.home / "project")
    os.write(held, b"go\n")
    log = queue.work / "log.1"
    appears(queue.work, "ended.1")
    late = [json.loads(line) for line in log.read_text().splitlines()]
    assert [r["code"] for r in late if r["type"] == "failed"] == ["lease_gone"], late[-4:]
    assert late[-1]["type"] == "run.finished" and late[-1]["status"] == 75, late[-1]
    assert queue.sh("git", "rev-parse", "result", cwd=queue.home / "project") == commit
    first.tell(signal.SIGCONT)
    os.close(held)
    os.close(at)


def several_reviewers(queue):
    """Whose answer counts, and how many yeses are one."""
    queue.repository()
    Daemon(queue)
    job = reviewed(queue, review='required = true\nreviewers = ["uid:5001", "uid:5002", "uid:5003"]\ncount = 2')
    waits(queue, job)
    assert "was not asked" in review(queue, "approve", job, check=77)
    if os.getuid() != 0:
        print("several_reviewers: only root can be several people here; the count is not tried")
    else:
        assert not review(queue, "approve", job, user=5001) and not review(queue, "approve", job, user=5001)
        assert queue.show(job)["state"] == "awaiting_review"
        review(queue, "approve", job, user=5003)
        assert queue.wait(job) == 0 and branch(queue)
        decided = next(r for r in queue.events(job) if r["type"] == "review.decided")
        assert decided["actor"] == "uid:5001, uid:5003", decided


def the_owner(queue):
    """When nobody has answered for a while he decides alone, and not before."""
    queue.repository()
    Daemon(queue)
    rules = 'required = true\nreviewers = ["uid:5001", "uid:5002"]\ncount = 2\nowner = "%s"\nowner_after = "%s"'
    early = reviewed(queue, "early", review=rules % (me(), "1h"))
    late = reviewed(queue, "late", review=rules % (me(), "1ms"))
    waits(queue, early)
    assert "was not asked" in review(queue, "approve", early, check=77)
    queue.call("cancel", early)
    waits(queue, late)
    review(queue, "approve", late)
    assert queue.wait(late) == 0


def nobody_need_be_asked(queue):
    """Where a rule passes the result, it is delivered at once, and the log and the audit say by which."""
    queue.repository()
    Daemon(queue)
    rule = '[[review.auto_accept]]\npaths = ["two"]\n[[review.auto_accept]]\npaths = ["on?"]\nmax_files = 1\nmax_lines = 1\n'
    job = reviewed(queue, more=rule + "gates = false\n")
    assert queue.wait(job) == 0 and branch(queue)
    assert "review.requested" not in types(queue, job)
    decided = next(r for r in queue.events(job) if r["type"] == "review.decided")
    assert decided["actor"] == "auto_accept[1]" and "1 file and 1 line" in decided["note"], decided
    acts = [json.loads(line) for line in queue.call("audit").splitlines()]
    assert [a["action"] for a in acts if a["object"] == job] == ["add", "ask", "accept"], acts
    assert acts[-1]["detail"]["by"] == "auto_accept[1]", acts[-1]
    # Another job's branch is not replaced.
    queue.sh("git", "branch", "-qD", "result", cwd=queue.home / "project")
    job = reviewed(queue, "any", more='[[review.auto_accept]]\npaths = ["**"]\ngates = false\n', work="echo more > one")
    assert queue.wait(job) == 0 and "review.requested" not in types(queue, job), queue.events(job)


def somebody_must_be_asked(queue):
    """Where no rule passes the whole result, and where the result itself demands it."""
    queue.repository()
    Daemon(queue)
    rules = {
        "any": 'paths = ["**"]\ngates = false\n',
        "path": 'paths = ["two", "sub/one"]\ngates = false\n',
        "files": 'paths = ["one"]\nmax_files = 0\ngates = false\n',
        "lines": 'paths = ["one"]\nmax_lines = 0\ngates = false\n',
        # Without an agent there is none.
        "gates": 'paths = ["one"]\n',
        "protected": 'paths = ["one"]\ngates = false\n[protect]\npaths = ["one"]\n',
    }
    works = {"link": "ln -s README one", "binary": r"printf '\\000\\001' > one", "program": "echo : > one; chmod +x one"}
    for name, rule in [*rules.items(), *((work, rules["any"]) for work in works)]:
        if name == "any":
            continue
        job = reviewed(queue, name, more=f"[[review.auto_accept]]\n{rule}", work=works.get(name, "echo dropped > one"))
        waits(queue, job)
        queue.call("cancel", job)


def rules_without_a_queue(queue):
    """What cannot be kept is not passed over; nor is a reviewer whom nobody knows."""
    queue.repository()
    text = manifest("asks") + '[review]\nrequired = true\nreviewers = ["uid:5001"]\n'
    _, records, _ = queue.run(queue.manifest(text), check=69)
    assert [r["code"] for r in records if r["type"] == "failed"] == ["no_queue"], records[-4:]
    Daemon(queue)
    job = reviewed(queue, "unknown", review='required = true\nreviewers = ["no-such-person"]')
    assert queue.wait(job) == 78 and queue.show(job)["reason"] == "no_user", queue.show(job)
    # One person by two names.
    job = reviewed(queue, review='required = true\nreviewers = ["root", "uid:0"]\ncount = 2')
    assert queue.wait(job) == 78 and queue.show(job)["reason"] == "too_few", queue.show(job)


def rules_that_the_pipeline_cannot_keep(queue):
    """Where the daemon cannot go on with a run nobody in particular can be asked, and that is what is said."""
    queue.repository()
    (queue.home / "mine").write_text('#!/bin/sh\nexec smelt-run --run "$SMELT_RUN" -\n')
    (queue.home / "mine").chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{queue.home}/mine"]\n')
    Daemon(queue)
    job = reviewed(queue, review='required = true\nreviewers = ["uid:5001"]')
    assert queue.wait(job) == 78 and queue.show(job)["reason"] == "no_resume", queue.show(job)


def other_rules_by_now(queue):
    """Who was asked decides, although by then the daemon's file asks nobody, or a rule of it would pass the result."""
    queue.repository()
    rules = ["", '[[review.auto_accept]]\npaths = ["**"]\ngates = false\n', '[review]\nrequired = true\n']
    queue.configure(rules[-1])
    daemon = Daemon(queue)
    for rule in rules:
        job = queue.call("add", str(queue.manifest(manifest("silent")))).strip()
        waits(queue, job)
        queue.configure(rule)
        settled(daemon)
        review(queue, "deny", job)
        assert queue.wait(job) == 77 and queue.show(job)["reason"] == "review_denied", queue.show(job)
        assert not branch(queue)
        queue.configure(rules[-1])
        settled(daemon)


def asked_by_an_option(queue):
    """What goes on knows that somebody was asked also where only an option of the first stages demanded it."""
    queue.repository()
    pipeline = queue.home / "mine"
    pipeline.write_text("""#!/bin/sh
smelt-manifest plan --run "$SMELT_RUN" - | smelt-provision | smelt-exec | smelt-collect | smelt-provision release |
    smelt-review --always | smelt-pr | smelt-runs record
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\nresume = ["smelt-run", "--resume", "-"]\n')
    Daemon(queue)
    for answer, status, delivered in [("deny", 77, False), ("approve", 0, True)]:
        job = queue.call("add", str(queue.manifest(manifest("silent")))).strip()
        waits(queue, job)
        review(queue, answer, job)
        assert queue.wait(job) == status and bool(branch(queue)) == delivered, queue.events(job)[-4:]


def answered_too_early(queue):
    """Nothing is taken for an answer before the run has asked: who may answer is not known yet."""
    queue.repository()
    held, at = queue.fifo("hold"), queue.fifo("at")
    pipeline = queue.home / "mine"
    pipeline.write_text(f"""#!/bin/sh
smelt-manifest plan --run "$SMELT_RUN" - | smelt-provision | smelt-exec | smelt-collect | smelt-provision release |
    cat >{queue.home}/log
echo at >{queue.work}/at
read -r go <{queue.work}/hold
smelt-review <{queue.home}/log | smelt-pr | smelt-runs record
""")
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\nresume = ["smelt-run", "--resume", "-"]\n')
    Daemon(queue)
    job = reviewed(queue)
    assert os.read(at, 16) == b"at\n"
    run = queue.show(job)["runId"]
    assert "has asked nothing yet" in review(queue, "approve", run, check=75)
    os.write(held, b"go\n")
    waits(queue, job)
    review(queue, "approve", run)
    assert queue.wait(job) == 0 and branch(queue)
    os.close(held)
    os.close(at)


def rest_of_one_that_goes_on(queue):
    """A daemon is killed, and of a run that goes on the first process: the rest is found and asked to stop, and what it says
    then counts."""
    queue.repository()
    held, at = queue.fifo("hold"), queue.fifo("at")
    scripts = {
        "mine": 'exec smelt-run --run "$SMELT_RUN" -',
        "rest": f"""cat >{queue.home}/log
finish() {{
    smelt-review <{queue.home}/log | smelt-pr | smelt-runs record
    exit
}}
(trap finish TERM; echo $$ >{queue.work}/at; while :; do sleep 60 & wait $!; done) &
read -r go <{queue.work}/hold""",
    }
    for name, script in scripts.items():
        (queue.home / name).write_text(f"#!/bin/sh\n{script}\n")
        (queue.home / name).chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{queue.home}/mine"]\nresume = ["{queue.home}/rest"]\n')
    daemon = Daemon(queue)
    job = reviewed(queue)
    waits(queue, job)
    review(queue, "approve", job)
    leader = int(os.read(at, 16))
    daemon.end(signal.SIGKILL)
    os.kill(leader, signal.SIGKILL)
    assert ended(leader)
    Daemon(queue)
    assert queue.wait(job) == 0 and branch(queue)
    assert queue.show(job)["attempt"] == 2, queue.states(job)
    os.close(held)
    os.close(at)


def given_back_while_it_delivers(queue):
    """A daemon is stopped while a run that goes on delivers: the next one delivers, and nothing is held against the run."""
    project = queue.repository()
    held, at = queue.fifo("hold"), queue.fifo("at")
    hook = project / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"""#!/bin/sh
[ ! -e {queue.work}/tried ] || exit 0
: >{queue.work}/tried
echo at >{queue.work}/at
read -r go <{queue.work}/hold
""")
    hook.chmod(0o755)
    daemon = Daemon(queue)
    job = reviewed(queue)
    waits(queue, job)
    review(queue, "approve", job)
    assert os.read(at, 16) == b"at\n"
    assert daemon.end() == 0 and not branch(queue)
    Daemon(queue)
    assert queue.wait(job) == 0 and branch(queue), queue.events(job)[-6:]
    assert [r["status"] for r in queue.events(job) if r["type"] == "run.finished"] == [75, 143, 0]
    queue.sh("smelt-runs", "verify", "asks")
    assert status(queue)["phase"] == "complete" and status(queue)["status"] == 0
    os.close(held)
    os.close(at)


def the_daemons_rules(queue):
    """What its file says holds for jobs that say nothing of it, also where the pipeline leaves the review out."""
    queue.repository()
    rules = '[review]\nrequired = true\nreviewers = ["uid:5001"]\n'
    queue.configure(rules)
    daemon = Daemon(queue)
    job = queue.call("add", str(queue.manifest(manifest("silent")))).strip()
    waits(queue, job)
    assert "was not asked" in review(queue, "approve", job, check=77)
    queue.call("cancel", job)
    assert daemon.end() == 0
    pipeline = queue.home / "mine"
    pipeline.write_text("""#!/bin/sh
smelt-manifest plan --run "$SMELT_RUN" - | smelt-provision | smelt-exec | smelt-collect | smelt-provision release |
    smelt-pr | smelt-runs record
""")
    pipeline.chmod(0o755)
    queue.configure(f'{rules}[pipeline]\ncommand = ["{pipeline}"]\n')
    Daemon(queue)
    job = queue.call("add", str(queue.manifest(manifest("bare")))).strip()
    assert queue.wait(job) == 77 and queue.show(job)["reason"] == "review_missing", queue.show(job)


def a_delivery_is_tried_again(queue):
    """What was agreed to and could not be delivered: the yes stands, and no session is run again."""
    project = queue.repository()
    queue.sh("git", "checkout", "-q", "--orphan", "result", cwd=project)
    queue.sh("git", "commit", "-qm", "another", cwd=project)
    queue.sh("git", "checkout", "-q", "main", cwd=project)
    Daemon(queue)
    job = reviewed(queue)
    waits(queue, job)
    review(queue, "approve", job)
    assert queue.wait(job) == 77 and queue.show(job)["state"] == "failed", queue.show(job)
    queue.sh("git", "branch", "-qD", "result", cwd=project)
    queue.call("retry", "--resume", job)
    assert queue.wait(job) == 0 and branch(queue), queue.events(job)[-6:]
    assert "dropped" in queue.sh("git", "show", "result:one", cwd=project)
    for once in ["session.started", "review.requested", "review.decided"]:
        assert types(queue, job).count(once) == 1, (once, types(queue, job))
    queue.sh("smelt-runs", "verify", "asks")
    assert status(queue)["status"] == 0


def adopted_while_it_goes_on(queue):
    """A daemon that is killed while a run goes on: the next one reads on, and what the run was given is in the log once. Where
    the run is gone, too, it goes on from the same place."""
    queue.repository()
    held, at = queue.fifo("hold"), queue.fifo("at")
    scripts = {
        "mine": 'exec smelt-run --run "$SMELT_RUN" -',
        "rest": f"""smelt-review | {{ read -r line; echo "$line"; echo at >{queue.work}/at; read -r go <{queue.work}/hold; cat; }} |
            smelt-pr | smelt-runs record""",
    }
    for name, script in scripts.items():
        (queue.home / name).write_text(f"#!/bin/sh\n{script}\n")
        (queue.home / name).chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{queue.home}/mine"]\nresume = ["{queue.home}/rest"]\n')
    for kills_run in [False, True]:
        daemon = Daemon(queue)
        job = reviewed(queue, work=f"echo {kills_run} > one")
        waits(queue, job)
        review(queue, "approve", job)
        assert os.read(at, 16) == b"at\n"
        daemon.end(signal.SIGKILL)
        if kills_run:
            for pid in queue.processes():
                os.kill(pid, signal.SIGKILL)
        daemon = Daemon(queue)
        if kills_run:
            assert os.read(at, 16) == b"at\n"
        os.write(held, b"go\n")
        assert queue.wait(job) == 0, daemon.complaints()
        assert queue.show(job)["attempt"] == (3 if kills_run else 2)
        for once in ["run.planned", "session.started", "result.collected", "review.requested", "review.decided", "branch.updated"]:
            assert types(queue, job).count(once) == 1, (once, types(queue, job))
        daemon.end()
    os.close(held)
    os.close(at)


main([approved, approved_with_a_failed_session, approved_with_a_failed_gate, denied, expired, answered_without_a_daemon, answered_meanwhile, cancelled, a_pipeline_that_cannot_go_on,
      not_to_resume, several_reviewers, the_owner, nobody_need_be_asked, somebody_must_be_asked, rules_without_a_queue,
      the_daemons_rules, other_rules_by_now, asked_by_an_option, answered_too_early, rest_of_one_that_goes_on,
      rules_that_the_pipeline_cannot_keep, given_back_while_it_delivers, a_delivery_is_tried_again, adopted_while_it_goes_on,
      a_lost_attempt_delivers_nothing])
