#!/usr/bin/env python3
"""Runs whose sessions failed are gone on with: what ended well is taken over and not done again, what failed begins anew, and
the result is that of a run in which nothing failed."""
import json, os, shutil, subprocess, sys
from pipeline import Pipe, World, check, stages

# In the first of these runs, and in no other, `bad` and `gate` do not do what they should, in the second `behind`.
first, second = "01k00000000000000000000001", "01k00000000000000000000002"
agent = f"""
echo work of $SMELT_SESSION > $SMELT_SESSION && git add . && git commit -qm "commit of $SMELT_SESSION"
if [ $SMELT_SESSION.$SMELT_RUN = bad.{first} ]; then BAD; fi
test $SMELT_SESSION.$SMELT_RUN != behind.{second}
"""
sessions = {"one": [], "two": [], "both": ["one", "two"], "idle": ["one", "two"], "bad": ["both", "idle"], "behind": ["bad"],
            "gate": [], "after": ["gate", "one"]}
head = """
[job]
name = "resumed"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
"""


def manifest(world, bad="exit 3", strategy="sequential"):
    text = f"""{head}[agent]
command = ["sh", "-c", '''{agent.replace("BAD", bad)}''']
[merge]
target = "result"
strategy = "{strategy}"
[forge]
provider = "local"
repo = "forge.git"
"""
    for name, before in sessions.items():
        harness = f"test $SMELT_RUN != {first}" if name == "gate" else f"test -s {before[0] if name == 'idle' else name}"
        text += f'[[session]]\nname = "{name}"\nspec = ""\nharness = "{harness}"\ntimeout = 60\ndepends_on = {json.dumps(before)}\n'
        if name == "idle":
            text += '[session.agent]\ncommand = ["true"]\n'
    return world.manifest(text)


def prepared():
    world = World()
    world.repository()
    world.forge()
    return world


def log(world, run=first):
    return world.home / ".smelt/runs/resumed" / f"{run}.jsonl"


def of(records, kind):
    return [r for r in records if r["type"] == kind]


def endings(records):
    return {r["session"]: r["ending"] for r in of(records, "session.finished")}


def shape(world, repository="project", ref="result"):
    """What a result is but for its times: for each commit, in git's order, its subject, its tree and how many parents it has."""
    lines = world.sh("git", "log", "--topo-order", "--format=%s|%T|%P", f"main..{ref}", cwd=world.home / repository)
    return [(subject, tree, len(parents.split())) for subject, tree, parents in (line.split("|") for line in lines.splitlines())]


def undisturbed(strategy="sequential"):
    with prepared() as world:
        _, records, _ = world.run(manifest(world, strategy=strategy), check=0)
        assert set(endings(records).values()) == {"succeeded"}
        return shape(world)


def kept(world, kind="runs", run=first):
    lines = world.sh("git", f"--git-dir={world.state}/results.git", "for-each-ref", "--format=%(refname:lstrip=4) %(objectname)",
                     f"refs/smelt/{kind}/{run}")
    return dict(line.split() for line in lines.splitlines())


def good(world, records, taken, strategy="sequential"):
    """What must hold of a run that went on with the first one."""
    planned = of(records, "run.planned")[0]
    assert planned["run"] != first and planned["resumes"]["run"] == first, planned["resumes"]
    assert [t["session"] for t in planned["resumes"]["sessions"]] == taken, planned["resumes"]
    assert {(r["session"], r["from"]) for r in of(records, "session.taken")} == {(name, first) for name in taken}
    assert {r["session"] for r in of(records, "session.started")} == set(sessions) - set(taken), of(records, "session.started")
    assert endings(records) == {name: "succeeded" for name in sessions}, endings(records)
    for end in of(records, "session.finished"):
        assert ("usage" in end) == (end["session"] not in taken), end
    # Who asks about gates hears of all of them.
    assert {(r["session"], r["command"] != "", r["ok"]) for r in of(records, "gate.finished")} == {(n, True, True) for n in sessions}
    result = of(records, "result.collected")[0]
    assert not result["draft"] and set(result["sessions"]) == set(sessions) - {"idle"}, result
    assert of(records, "run.finished")[-1]["status"] == 0
    world.sh("smelt-runs", "verify", str(log(world, planned["run"])))
    assert shape(world) == undisturbed(strategy), (shape(world), undisturbed(strategy))
    assert world.left() == ([], [], []), world.left()


def failed_sessions(strategy="sequential"):
    """Two of them, one by its agent and one by its gate, with what was skipped for them; the base is what it was."""
    with prepared() as world:
        status, records, _ = world.run(manifest(world, strategy=strategy), "--run", first)
        assert status == 1 and endings(records) == {
            "one": "succeeded", "two": "succeeded", "both": "succeeded", "idle": "succeeded", "bad": "failed", "behind": "skipped",
            "gate": "gate_failed", "after": "skipped"}, endings(records)
        before = kept(world)
        assert {"bad", "gate"} <= before.keys(), before
        base = of(records, "environment.ready")[0]["baseCommit"]
        (world.home / "project" / "later").write_text("later\n")
        world.sh("git", "add", ".", cwd=world.home / "project")
        world.sh("git", "commit", "-qm", "later", cwd=world.home / "project")
        world.sh("git", "branch", "-f", "old", base, cwd=world.home / "project")
        _, records, _ = world.run(log(world), "--resume", check=0)
        assert of(records, "environment.ready")[0]["baseCommit"] == base
        world.sh("git", "reset", "-q", "--hard", base, cwd=world.home / "project")
        good(world, records, ["one", "two", "both", "idle"], strategy)
        # What the failed ones had done is where it was.
        assert kept(world) == before, (kept(world), before)


def with_one_merge_of_all():
    """The same where everything is merged at once."""
    failed_sessions("octopus")


def by_hand():
    """The stages are given what smelt run gives them, and the log alone is a plan, too."""
    with prepared() as world:
        world.run(manifest(world), "--run", first)
        planned = subprocess.run(["smelt-manifest", "plan", "-"], stdin=open(log(world)), env=world.environment, cwd=world.home,
                                 check=True, capture_output=True).stdout
        out = world.home / "out"
        with open(out, "wb") as output:
            assert Pipe(world, planned, output=output).wait() == [0] * len(stages)
        good(world, [json.loads(line) for line in out.read_bytes().splitlines()], ["one", "two", "both", "idle"])


def twice():
    """A run that went on and failed is gone on with itself; what it took over counts as its own."""
    with prepared() as world:
        world.run(manifest(world), "--run", first)
        status, records, _ = world.run(log(world), "--run", second)
        assert status == 1 and endings(records)["bad"] == "succeeded" and endings(records)["behind"] == "failed", endings(records)
        _, records, _ = world.run(log(world, second), "--resume")
        resumes = records[0]["resumes"]
        assert (resumes["run"], resumes["first"]) == (second, first), resumes
        assert {t["session"]: t["run"] for t in resumes["sessions"]} == {
            **{name: first for name in ("one", "two", "both", "idle")}, **{name: second for name in ("bad", "gate", "after")}}, resumes
        assert [r["session"] for r in of(records, "session.started")] == ["behind"], (of(records, "failed"), endings(records))
        assert set(endings(records).values()) == {"succeeded"} and shape(world) == undisturbed(), shape(world)


def until_begun(lines):
    """The records up to that with which a session says that it works."""
    records = []
    for line in lines:
        records.append(json.loads(line))
        if (records[-1]["type"], records[-1].get("text")) == ("output", "begun\n"): return records
    raise AssertionError(f"no session works: {records[-5:]}")


def killed(clean):
    """All of it is killed while a session works; with `clean` what is left of it was rescued before it is gone on with."""
    with prepared() as world:
        planned = subprocess.run(["smelt-manifest", "plan", "--run", first, str(manifest(world, bad="echo begun; sleep 1000"))],
                                 env=world.environment, check=True, capture_output=True).stdout
        pipe = Pipe(world, planned, output=subprocess.PIPE)
        lines = pipe.children[-1].stdout
        ended = {r["session"] for r in until_begun(lines) if r["type"] == "session.finished"}
        # The gate's end may come later, or after it is gone; what is not in the log is not taken over.
        pipe.kill(None)
        pipe.wait()
        lines.close()
        world.settle()
        if clean:
            world.sh("smelt-provision", "gc")
        status, records, said = world.run(log(world), "--resume")
        assert status == 0, said
        good(world, records, [name for name in ("one", "two", "both", "idle") if name in ended])
        assert "bad" in kept(world, "rescued"), "what was committed by the session that was killed is lost"


def killed_at_each_step():
    """All of it is killed as soon as a record of each kind is there, each time in a run that goes on with the one before."""
    with prepared() as world:
        world.run(manifest(world), "--run", first)
        last, moments = first, ["run.planned", "environment.ready", "session.taken", "session.started", "gate.finished",
                                "sessions.finished", "result.collected"]
        for number, moment in enumerate(moments):
            run = f"01k000000000000000000001{number:02}"
            planned = subprocess.run(["smelt-manifest", "plan", "--run", run, str(log(world, last))], env=world.environment, cwd=world.home,
                                     check=True, capture_output=True).stdout
            pipe = Pipe(world, planned, output=subprocess.PIPE)
            lines = pipe.children[-1].stdout
            assert any(json.loads(line)["type"] == moment for line in lines), f"no {moment}"
            pipe.kill(None)
            pipe.wait()
            lines.close()
            world.settle()
            # Where not even its plan came into its log, there is nothing of it.
            if log(world, run).exists() and b"\n" in log(world, run).read_bytes(): last = run
        status, records, said = world.run(log(world, last), "--resume")
        assert status == 0, (status, said)
        resumed = of(records, "run.planned")[0].get("resumes")
        if resumed:
            assert resumed["first"] == first and set(endings(records).values()) == {"succeeded"}, endings(records)
        assert shape(world) == undisturbed(), shape(world)
        world.sh("smelt-provision", "gc")
        assert world.left() == ([], [], []), world.left()


def stopped(world, how):
    """Two sessions of which one can be at work at a time: the first fails, and in the next run works until that is stopped."""
    world.manifest(f"""{head}[limits]
max_parallel = 1
{how}
[agent]
command = ["sh", "-c", '''echo work > $SMELT_SESSION
case $SMELT_SESSION.$SMELT_RUN in slow.{first}) exit 3 ;; slow.{second}) echo begun; sleep 1000 ;; esac''']
[merge]
target = "result"
[[session]]
name = "slow"
spec = ""
harness = "true"
timeout = 600
[[session]]
name = "good"
spec = ""
harness = "true"
timeout = 600
""")
    status, _, said = world.run(world.home / "job.toml", "--run", first)
    assert status == 1, said
    return subprocess.run(["smelt-manifest", "plan", "--run", second, str(log(world))], env=world.environment, cwd=world.home,
                          check=True, capture_output=True).stdout


def still_taken(world, records):
    """What was to be taken over was, before anything began, and is for the next run."""
    order = [(r["type"], r["session"]) for r in records if r["type"] in ("session.taken", "session.started")]
    assert order == [("session.taken", "good"), ("session.started", "slow")], order
    assert endings(records)["good"] == "succeeded" and endings(records)["slow"] != "succeeded", endings(records)
    _, records, _ = world.run(log(world, second), "--resume", check=0)
    assert [t["session"] for t in records[0]["resumes"]["sessions"]] == ["good"], records[0]["resumes"]
    assert [r["session"] for r in of(records, "session.started")] == ["slow"] and of(records, "branch.updated")
    for name in ("slow", "good"):
        assert world.sh("git", "show", f"result:{name}", cwd=world.home / "project") == "work\n"


def cancelled_before_its_turn():
    """A run that goes on and is stopped keeps what it was to take over, also where no place for it was free."""
    with prepared() as world:
        pipe = Pipe(world, stopped(world, ""), output=subprocess.PIPE)
        lines = pipe.children[-1].stdout
        records = until_begun(lines)
        pipe.kill(1, 15)
        records += [json.loads(line) for line in lines]
        pipe.wait()
        lines.close()
        still_taken(world, records)


def out_of_time_before_its_turn():
    """The same where its time is up: the branch keeps what it had."""
    with prepared() as world:
        planned, out = stopped(world, 'wall = "8s"'), world.home / "out"
        with open(out, "wb") as output:
            Pipe(world, planned, output=output).wait()
        assert world.sh("git", "show", "result:good", cwd=world.home / "project") == "work\n"
        still_taken(world, [json.loads(line) for line in out.read_bytes().splitlines()])


def not_delivered():
    """Sessions failed, and so did the delivery: who goes on wants a result without failures."""
    with prepared() as world:
        forge = world.home / "forge.git"
        forge.rename(world.home / "elsewhere")
        status, records, _ = world.run(manifest(world), "--run", first)
        assert status == 66 and of(records, "result.collected"), (status, of(records, "failed"))
        (world.home / "elsewhere").rename(forge)
        status, records, said = world.run(log(world), "--resume")
        assert status == 0, said
        good(world, records, ["one", "two", "both", "idle"])


def damaged():
    """A session whose end cannot be read has not ended well because of that."""
    with prepared() as world:
        world.run(manifest(world), "--run", first)
        lines, copy = log(world).read_text().splitlines(), world.home / "copy.jsonl"
        def hurt(line):
            record = json.loads(line)
            return "[" * 200_000 if record["type"] == "session.finished" and record["ending"] != "succeeded" else line
        copy.write_text("".join(hurt(line) + "\n" for line in lines))
        assert copy.read_text().splitlines() != lines
        status, records, said = world.run(copy, "--resume")
        assert status == 0, (status, said)
        good(world, records, ["one", "two", "both", "idle"])


def killed_and_left(): killed(False)
def killed_and_cleared_away(): killed(True)


def one_that_lives():
    """A run that is not over is not gone on with."""
    with prepared() as world:
        planned = subprocess.run(["smelt-manifest", "plan", "--run", first, str(manifest(world, bad="echo begun; sleep 1000"))],
                                 env=world.environment, check=True, capture_output=True).stdout
        pipe = Pipe(world, planned, output=subprocess.PIPE)
        lines = pipe.children[-1].stdout
        until_begun(lines)
        status, records, said = world.run(log(world), "--resume")
        assert status == 75 and "it is not over" in said, (status, said)
        pipe.kill(1, 15)
        for _ in lines: pass
        pipe.wait()
        lines.close()
        # Its sessions were cancelled: those that had ended before are taken over all the same.
        _, records, _ = world.run(log(world), "--resume", check=0)
        good(world, records, ["one", "two", "both", "idle"])


def one_that_lives_and_is_asked_for_again():
    """Nor at the second try, which goes on with what the first one left, where no recorder could say that it lives."""
    with prepared() as world:
        planned = subprocess.run(["smelt-manifest", "plan", "--run", first, str(manifest(world, bad="echo begun; sleep 1000"))],
                                 env=world.environment, check=True, capture_output=True).stdout
        pipe = Pipe(world, planned, stages[:4], output=subprocess.PIPE)
        lines, copy = pipe.children[-1].stdout, world.home / "copy.jsonl"
        copy.write_text("".join(json.dumps(r) + "\n" for r in until_begun(lines)))
        before = copy
        for _ in range(3):
            status, records, said = world.run(before, "--resume")
            assert status == 75 and f"run '{first}': it is not over" in said, (status, said)
            assert not of(records, "environment.ready"), records
            before = log(world, of(records, "run.planned")[0]["run"])
        pipe.kill(1, 15)
        for _ in lines: pass
        pipe.wait()
        lines.close()
        world.run(before, "--resume", check=0)


def one_that_waits_for_a_person(bad):
    """Its environment is gone, and yet it is not over: neither its sessions nor its last stages are begun a second time."""
    with prepared() as world:
        path = manifest(world, bad=bad)
        path.write_text(path.read_text() + "[review]\nrequired = true\n")
        planned = subprocess.run(["smelt-manifest", "plan", "--run", first, str(path)], env=world.environment, check=True,
                                 capture_output=True).stdout
        pipe = Pipe(world, planned, output=subprocess.PIPE)
        lines = pipe.children[-1].stdout
        assert any(json.loads(line)["type"] == "environment.released" for line in lines)
        status, records, said = world.run(log(world), "--resume")
        assert status == 75 and "it is not over" in said and not of(records, "run.planned"), (status, said, records)
        # By hand, past what plans it.
        cut = world.home / "cut.jsonl"
        text = log(world).read_text().replace(json.dumps(str(world.home / ".smelt/runs")), '"/nowhere"')
        # As it was before anybody was asked.
        cut.write_text("".join(line for line in text.splitlines(True) if json.loads(line)["type"] != "review.requested"))
        if bad == "exit 3":
            planned = subprocess.run(["smelt-manifest", "plan", str(cut)], env=world.environment, check=True, capture_output=True).stdout
            planned = planned.replace(b'"/nowhere"', json.dumps(str(world.home / ".smelt/runs")).encode())
            done = subprocess.run(["smelt-provision"], input=planned, env=world.environment, capture_output=True)
            assert done.returncode == 75 and b"it is not over" in done.stderr, done
        pipe.kill(4, 15)
        for _ in lines: pass
        pipe.wait()
        lines.close()


def one_that_waits_with_a_failed_session(): one_that_waits_for_a_person("exit 3")
def one_that_waits_with_good_ones(): one_that_waits_for_a_person("test $SMELT_SESSION != gate")


old, new = "old-secret-4711-abcdef", "new-secret-0815-abcdef"


def with_credential(world, writes, bad):
    """Two sessions that are given a credential: x does not end well in the first run, y may write it down."""
    world.environment["HOST_KEY"] = old
    text = f"""{head}[agent]
command = ["sh", "-c", 'echo {"$KEY" if writes else "work"} > $SMELT_SESSION; if [ $SMELT_SESSION.$SMELT_RUN = x.{first} ]; then {bad}; fi']
[credentials]
env = {{ KEY = "HOST_KEY" }}
[merge]
target = "result"
[forge]
provider = "local"
repo = "forge.git"
"""
    return world.manifest(text + "".join(f'[[session]]\nname = "{n}"\nspec = ""\nharness = "true"\ntimeout = 60\n' for n in "xy"))


def a_credential_in_the_result():
    """A run that was refused for it is not gone on with, whatever the credential's value is by now."""
    with prepared() as world:
        status, _, said = world.run(with_credential(world, True, "exit 3"), "--run", first)
        assert status == 77 and "HOST_KEY" in said, (status, said)
        for value in new, old:
            world.environment["HOST_KEY"] = value
            status, records, said = world.run(log(world), "--resume")
            assert status == 77 and "run the manifest again" in said and not of(records, "run.planned"), (status, said)


def a_credential_that_was_never_looked_for():
    """What a killed run's session wrote down of an older value would not be found: its work is not taken over."""
    with prepared() as world:
        planned = subprocess.run(["smelt-manifest", "plan", "--run", first, str(with_credential(world, True, "echo begun; sleep 1000"))],
                                 env=world.environment, check=True, capture_output=True).stdout
        pipe = Pipe(world, planned, output=subprocess.PIPE)
        lines = pipe.children[-1].stdout
        seen = set()
        for line in lines:
            record = json.loads(line)
            if record["type"] == "session.finished": seen.add(record["session"])
            if record.get("text") == "begun\n": seen.add("begun")
            if seen == {"y", "begun"}: break
        pipe.kill(None)
        pipe.wait()
        lines.close()
        world.settle()
        world.environment["HOST_KEY"] = new
        status, records, said = world.run(log(world), "--resume")
        failed = of(records, "failed")[0]
        assert status == 77 and failed["code"] == "other_credential" and "'HOST_KEY'" in failed["message"], (status, failed)
        assert not of(records, "session.taken") and not of(records, "session.started"), records
        # Nor by way of the run that was refused, nor with what it wrote about itself gone.
        status, _, said = world.run(log(world, records[0]["run"]), "--resume")
        assert status == 77 and "another value" in said, (status, said)
        world.environment["HOST_KEY"] = old
        status, records, said = world.run(log(world), "--resume")
        assert status == 77 and of(records, "failed")[0]["code"] == "secret", (status, said)


def a_credential_that_is_the_same():
    """Work that was done with the values of today is taken over; what is noted of them is nobody else's, and goes with the run."""
    with prepared() as world:
        status, _, said = world.run(with_credential(world, False, "exit 3"), "--run", first)
        assert status == 1, (status, said)
        copy, notes = world.home / "copy.jsonl", world.state / "credentials"
        shutil.copy(log(world), copy)
        assert {p.name for p in notes.iterdir()} == {"key", first} and {p.stat().st_mode & 0o777 for p in notes.iterdir()} == {0o600}
        assert old.encode() not in (notes / first).read_bytes() and b" HOST_KEY\n" in (notes / first).read_bytes()
        _, records, _ = world.run(log(world), "--resume", check=0)
        assert [r["session"] for r in of(records, "session.taken")] == ["y"], records
        world.environment["HOST_KEY"] = new
        status, _, said = world.run(log(world), "--resume")
        assert status == 77 and "another value" in said, (status, said)
        world.environment["HOST_KEY"] = old
        os.rename(notes / first, world.home / "note")
        status, _, said = world.run(log(world), "--resume")
        assert status == 77 and "nothing tells" in said, (status, said)
        os.rename(world.home / "note", notes / first)
        world.sh("smelt-runs", "prune", "--keep", "0", "--rescued")
        assert [p.name for p in notes.iterdir()] == ["key"], list(notes.iterdir())


def what_is_gone():
    """Work that was pruned, or a base that is nowhere any more, is told by name before anything runs."""
    with prepared() as world:
        world.run(manifest(world), "--run", first)
        copy = world.home / "copy.jsonl"
        shutil.copy(log(world), copy)
        git = ["git", f"--git-dir={world.state}/results.git"]
        for name, commit in kept(world).items():
            world.sh(*git, "update-ref", "-d", f"refs/smelt/runs/{first}/{name}", commit)
        status, records, said = world.run(copy, "--resume")
        fault = of(records, "failed")[0]
        assert status == 66 and fault["code"] == "work_gone" and "session 'one'" in fault["message"], (status, fault)
        assert "from the beginning" in fault["hint"] and not of(records, "environment.ready"), fault
        assert world.left() == ([], [], []), world.left()

        base = json.loads(copy.read_bytes().splitlines()[1])["baseCommit"]
        world.sh("git", f"--git-dir={world.state}/import.git", "update-ref", "-d", f"refs/smelt/base/{base}")
        project = world.home / "project"
        world.sh("git", "commit", "-q", "--amend", "-m", "another", cwd=project)
        for ref in world.sh("git", "for-each-ref", "--format=%(refname)", cwd=project).split():
            if ref != "refs/heads/main": world.sh("git", "update-ref", "-d", ref, cwd=project)
        world.sh("git", "reflog", "expire", "--expire=now", "--all", cwd=project)
        world.sh("git", "gc", "-q", "--prune=now", cwd=project)
        status, records, said = world.run(copy, "--resume")
        fault = of(records, "failed")[0]
        assert status == 66 and fault["code"] == "base_gone" and base in fault["message"], (status, fault)


def what_is_not_what_it_says():
    """What a log names comes in only as a session's own work would: checked again, and under its own name."""
    with prepared() as world:
        world.run(manifest(world), "--run", first)
        git = ["git", f"--git-dir={world.state}/results.git"]
        base = json.loads(log(world).read_bytes().splitlines()[1])["baseCommit"]
        blob = subprocess.run([*git, "hash-object", "-w", "--stdin"], input=b"#!/bin/sh\ntouch /tmp/owned\n", env=world.environment,
                              check=True, capture_output=True).stdout.decode().strip()
        def tree(entries):
            return subprocess.run([*git, "mktree"], input=entries.encode(), env=world.environment, check=True,
                                  capture_output=True).stdout.decode().strip()
        hooks = tree(f"040000 tree {tree(f'100755 blob {blob}' + chr(9) + 'post-checkout' + chr(10))}\thooks\n")
        evil = subprocess.run([*git, "hash-object", "-w", "--stdin", "-t", "tree", "--literally"], env=world.environment, check=True,
                              capture_output=True, input=b"40000 .git\0" + bytes.fromhex(hooks)).stdout.decode().strip()
        evil = world.sh(*git, "commit-tree", "-p", base, "-m", "evil", evil).strip()
        honest = kept(world)["one"]
        before = kept(world)
        world.sh(*git, "update-ref", f"refs/smelt/runs/{first}/one", evil)
        forged = world.home / "forged.jsonl"

        def refused(old, new, code):
            forged.write_text(log(world).read_text().replace(old, new))
            status, records, said = world.run(forged, "--resume")
            failed = of(records, "failed")
            assert status != 0 and failed and failed[0]["code"] in code, (status, failed, said)
            assert not of(records, "session.started") and world.left() == ([], [], []), (records, world.left())
            return failed[0]

        fault = refused(honest, evil, ["bad_bundle"])
        assert "session 'one'" in fault["message"] and ".git" in fault["message"], fault
        world.sh(*git, "update-ref", f"refs/smelt/runs/{first}/one", honest)
        # Another session's work, or a commit that no session made, is not this one's.
        refused(honest, before["two"], ["work_gone"])
        refused(honest, evil, ["work_gone"])
        # Nor is what is there because another repository was brought, with which a session is said to have added nothing.
        world.repository("stranger", {"file": "of somebody else\n"})
        world.sh("git", f"--git-dir={world.state}/import.git", "fetch", "-q", str(world.home / "stranger"), "main:refs/smelt/base/stranger")
        stranger = world.sh("git", "rev-parse", "main", cwd=world.home / "stranger").strip()
        for commit in stranger, before["both"]:
            lines = [json.loads(line) for line in log(world).read_text().splitlines()]
            for line in lines:
                if line.get("session") == "two" and "commit" in line: line["commit"] = commit
            forged.write_text("".join(json.dumps(line) + "\n" for line in lines))
            status, records, said = world.run(forged, "--resume")
            assert status == 66 and of(records, "failed")[0]["code"] == "work_gone" and "session 'two'" in said, (commit, said)
        refused(honest, "--upload-pack=touch${IFS}x", ["bad_record"])
        refused('"smelt/one"', '"../../heads/main"', ["bad_record"])
        refused(f'"run":"{first}"', '"run":"../../../00000000000000000"', ["bad_record", "no_plan", "not_resumable"])
        assert kept(world) == before


def a_delivery_that_failed():
    """Once it works, the run has gone well, and its log says so, however often that is gone on with."""
    with prepared() as world:
        run = "01k00000000000000000000003"
        shutil.move(world.home / "forge.git", world.home / "away.git")
        status, _, said = world.run(manifest(world), "--run", run)
        assert status == 66, (status, said)
        shutil.move(world.home / "away.git", world.home / "forge.git")
        for _ in range(2):
            _, records, _ = world.run(log(world, run), "--resume", check=0)
            assert of(records, "run.finished")[-1]["status"] == 0 and of(records, "branch.updated"), records[-3:]
            world.sh("smelt-runs", "verify", str(log(world, run)))
        assert 'phase = "complete"' in (log(world, run).parent / "state.toml").read_text()


def fed_again_when_the_first_is_pruned():
    """What a run took over is its own: its log prepares the same again, whatever is left of the run that did the work."""
    with prepared() as world:
        world.run(manifest(world), "--run", first)
        _, records, _ = world.run(log(world), "--resume", check=0)
        run = records[0]["run"]
        for name, commit in kept(world).items():
            world.sh("git", f"--git-dir={world.state}/results.git", "update-ref", "-d", f"refs/smelt/runs/{first}/{name}", commit)
        out = world.home / "out"
        with open(out, "wb") as output:
            done = subprocess.run(["smelt-provision"], input=log(world, run).read_bytes().splitlines(True)[0], env=world.environment,
                                  stdout=output, stderr=subprocess.PIPE)
        assert done.returncode == 0 and b"environment.ready" in out.read_bytes(), done
        world.sh("smelt-provision", "gc")
        assert world.left() == ([], [], []), world.left()


def two_logs_in_one_file():
    """The last one counts; where that is whole nothing is done to the first one's log."""
    with prepared() as world:
        path = manifest(world)
        world.run(path, "--run", first)
        third = "01k00000000000000000000003"
        world.run(path, "--run", third, check=0)
        before, both = log(world).read_bytes(), world.home / "both.jsonl"
        both.write_bytes(before + log(world, third).read_bytes())
        status, _, said = world.run(both, "--resume")
        assert status == 65 and third in said and "several runs" in said, (status, said)
        assert log(world).read_bytes() == before
        world.run(log(world), "--resume", check=0)


def a_pipe_that_is_cut():
    """Whoever ends it while it reads leaves no copy of the log."""
    with prepared() as world:
        place = world.home / "temporary"
        place.mkdir()
        child = subprocess.Popen(["smelt-run", "--resume", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env={**world.environment, "TMPDIR": str(place)}, cwd=world.home)
        # More than a pipe holds: when this is written, it is being read.
        child.stdin.write(b" " * (1 << 20))
        child.stdin.flush()
        child.terminate()
        child.wait(timeout=60)
        assert os.listdir(place) == []
        child.stdin.close()
        world.settle()


def nothing_to_run_again():
    """A run whose sessions ended well goes on behind its result, under its own name."""
    with prepared() as world:
        run = "01k00000000000000000000003"
        world.run(manifest(world), "--run", run, check=0)
        _, records, _ = world.run(log(world, run), "--resume", check=0)
        assert {r["run"] for r in records} == {run} and len(of(records, "session.started")) == len(sessions)
        done = subprocess.run(["smelt-manifest", "plan", str(log(world, run))], env=world.environment, capture_output=True, text=True)
        assert done.returncode == 65 and "no session of it has to run again" in done.stderr, done
        # A pipe can be read but once.
        done = subprocess.run(["smelt", "run", "--resume", "-"], input=log(world, run).read_bytes(), env=world.environment,
                              cwd=world.home, capture_output=True)
        assert done.returncode == 0 and done.stdout == log(world, run).read_bytes(), done.stderr
        os.mkfifo(world.home / "fifo")
        writer = subprocess.Popen(["sh", "-c", f"cat '{log(world, run)}' > fifo"], cwd=world.home)
        _, records, _ = world.run(world.home / "fifo", "--resume", check=0)
        assert {r["run"] for r in records} == {run} and writer.wait(timeout=60) == 0
        for name, status, why in [("job.toml", 65, "'job.toml': it is no log"), (".", 66, "could not read '.'")]:
            done = subprocess.run(["smelt", "run", "--resume", name], env=world.environment, cwd=world.home, capture_output=True, text=True)
            assert done.returncode == status and why in done.stderr, done


tests = [failed_sessions, with_one_merge_of_all, by_hand, twice, killed_at_each_step, killed_and_left, killed_and_cleared_away,
         cancelled_before_its_turn, out_of_time_before_its_turn, not_delivered, damaged, one_that_lives, what_is_gone,
         what_is_not_what_it_says, a_delivery_that_failed, one_that_lives_and_is_asked_for_again,
         one_that_waits_with_a_failed_session, one_that_waits_with_good_ones, a_credential_in_the_result,
         a_credential_that_was_never_looked_for, a_credential_that_is_the_same, fed_again_when_the_first_is_pruned,
         two_logs_in_one_file, a_pipe_that_is_cut, nothing_to_run_again]
check([t for t in tests if not sys.argv[1:] or t.__name__ in sys.argv[1:]])
