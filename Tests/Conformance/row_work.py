"""Rows about the work: what runs, in which order, and what becomes of it."""
import json, subprocess
from runtime import end, of, printed


def sessions_run_in_order_and_become_one(place):
    """Waves by dependencies, work in progress handed on, one branch at the end."""
    more = "depends_on = ['one', 'two']"
    manifest = place.job([("one", "echo 1 > one"), ("two", "echo 2 > two"), ("three", "cat one two > three", more)])
    records = place.records(manifest)
    assert [end(records, n)["ending"] for n in ("one", "two", "three")] == ["succeeded"] * 3
    order = [r["session"] for r in of(records, "session.started")]
    assert order[-1] == "three", order
    assert place.result("three") == "1\n2\n"
    ready = of(records, "environment.ready")[0]
    assert ready["runtime"] == place.runtime.name, ready


def what_is_committed_and_what_is_not_both_come_out(place):
    """Commits of the agent's keep author and message; files that it left are committed for it, as they are."""
    agent = ("git config user.name Agent; git config user.email agent@example.org; echo a > a; git add a; git commit -qm 'by the agent'; "
             "printf 'left' > left; printf '#!/bin/sh' > tool; chmod +x tool; ln -s left link; mkdir -p deep/er; echo d > deep/er/file; "
             "printf 'ignored\\n' > .gitignore; echo x > ignored")
    records = place.records(place.job([("one", "true")], agent))
    assert end(records, "one")["committedForAgent"] is True
    listed = place.sh("git", "ls-tree", "-r", "result", cwd=place.home / "project")
    modes = {line.split("\t")[1]: line.split()[0] for line in listed.splitlines()}
    assert modes == {".gitignore": "100644", "README": "100644", "a": "100644", "deep/er/file": "100644", "left": "100644",
                     "link": "120000", "tool": "100755"}, modes
    assert "Agent: by the agent" in place.sh("git", "log", "--format=%an: %s", "result", cwd=place.home / "project")


def a_gate_decides_and_leaves_no_trace(place):
    """It runs in a fresh place on the commit; what it changes is thrown away; a no makes a draft and 2."""
    records = place.records(place.job([("one", "test -s work && ! test -e /tmp/agent && rm work && echo changed > README")], "echo w > work; touch /tmp/agent"))
    assert end(records, "one")["ending"] == "succeeded"
    assert (place.result("work"), place.result("README")) == ("w\n", "hello\n")


def a_gate_that_says_no(place):
    records = place.records(place.job([("one", "echo why not; exit 3")], "echo w > work"), 2)
    gate = of(records, "gate.finished")[0]
    assert (gate["ok"], gate["status"]) == (False, 3), gate
    assert end(records, "one")["ending"] == "gate_failed"
    assert of(records, "pull_request.opened")[0]["draft"] is True
    assert b"why not" in printed(records, "one")


def dependents_of_a_failed_session_are_skipped(place):
    records = place.records(place.job([("one", "true"), ("two", "true", "depends_on = ['one']")], "exit 5"), 1)
    assert (end(records, "one")["ending"], end(records, "one")["exitStatus"]) == ("failed", 5)
    assert end(records, "two")["ending"] == "skipped"


def endings_are_exact(place):
    """A status above 128 is a status, and a signal is a signal."""
    wanted = {"s0": ("exit 0", 0, None), "s1": ("exit 1", 1, None), "s127": ("exit 127", 127, None), "s137": ("exit 137", 137, None),
              "s255": ("exit 255", 255, None), "term": ("kill -TERM $$", None, 15), "kill": ("kill -KILL $$", None, 9),
              "segv": ("kill -SEGV $$", None, 11)}
    agent = "case $SMELT_SESSION in " + " ".join(f"{name}) {what};;" for name, (what, _, _) in wanted.items()) + " esac"
    records = place.records(place.job([(name, "true") for name in wanted], agent), 1)
    got = {name: (end(records, name).get("exitStatus"), end(records, name).get("signal")) for name in wanted}
    assert got == {name: (status, signal) for name, (_, status, signal) in wanted.items()}, got


def what_it_knows_of_itself(place):
    """Variables, the task, the directory, an own home, an own name."""
    agent = ("echo $SMELT_SESSION $SMELT_BASE; cat $SMELT_SPEC_FILE; echo; pwd; git rev-parse HEAD; git log -1 --format=%s; echo in > ~/home && cat ~/home; "
             "echo $OWN; git status --short | wc -l; git rev-parse --abbrev-ref HEAD")
    keys = "env = { OWN = 'a \"value\" $HOME' }"
    records = place.records(place.job([("one", "true", keys)], agent))
    base = place.sh("git", "rev-parse", "main", cwd=place.home / "project").strip()
    lines = printed(records, "one").decode().splitlines()
    assert lines[:2] == [f"one {base}", "task of one"], lines
    assert lines[3:8] == [base, "base", "in", 'a "value" $HOME', "0"], lines
    assert lines[8] == "smelt/one", lines


def set_up_and_brought_along(place):
    """[workspace]: a command before the agent, files copied and files seen."""
    (place.home / "copied").write_text("c\n")
    (place.home / "seen").write_text("s\n")
    more = "[workspace]\nsetup = 'echo set up > ready'\ncopy = [{ source = 'copied', target = 'brought' }]\nmounts = [{ source = 'seen', target = '/seen' }]\n"
    records = place.records(place.job([("one", "true")], "cat ready brought /seen; echo no > /seen && exit 1; true", more))
    assert printed(records, "one").splitlines() == [b"set up", b"c", b"s"], printed(records, "one")


def a_repository_by_its_address(place):
    place.sh("git", "clone", "-q", "--bare", "project", "far.git")
    manifest = place.job([("one", "echo w > work")])
    manifest.write_text(manifest.read_text().replace("repo = 'project'", f"repo = 'file://{place.home}/far.git'"))
    records = place.records(manifest)
    assert of(records, "result.collected")[0]["files"] == 1


def what_stops_git_costs_no_commit(place):
    """Locks of a git that was killed, a pipe and a link to a device: what was committed keeps its history, the rest is committed for it."""
    agent = ("git config user.name Agent; git config user.email agent@example.org; echo a > a; git add a; git commit -qm mine; echo left > left; "
             "touch .git/refs/heads/smelt/one.lock .git/HEAD.lock .git/index.lock; mkfifo .git/info/attributes; ln -s /dev/zero .git/info/grafts")
    records = place.records(place.job([("one", "true")], agent))
    assert end(records, "one")["committedForAgent"] is True
    history = place.sh("git", "log", "--format=%s", "result", cwd=place.home / "project").splitlines()
    assert history[-2:] == ["mine", "base"] and place.result("left") == "left\n", history


def a_log_released_again_makes_nothing(place):
    """Who releases knows what was released already."""
    records = place.records(place.job([("one", "echo w > work")]))
    log = b"".join(json.dumps(r).encode() + b"\n" for r in records if r["type"] != "run.finished")
    again = subprocess.run(["smelt-provision", "release"], input=log, env=place.environment, cwd=place.home, capture_output=True)
    assert again.returncode == 0 and again.stdout == log, again


def a_failed_session_is_begun_anew(place):
    """In a run of its own, which takes over what ended well: as if nothing had failed."""
    first, log = "01k00000000000000000000001", place.home / ".smelt/runs/rows/01k00000000000000000000001.jsonl"
    agent = f"cat one two 2>/dev/null; echo $SMELT_SESSION > $SMELT_SESSION; test $SMELT_SESSION.$SMELT_RUN != two.{first}"
    manifest = place.job([("one", "test -s one"), ("two", "test -s one", "depends_on = ['one']"), ("three", "test -s two", "depends_on = ['two']")], agent)
    records = place.records(manifest, 1, "--run", first)
    assert [end(records, n)["ending"] for n in ("one", "two", "three")] == ["succeeded", "failed", "skipped"], of(records, "session.finished")
    records = place.records(log, 0, "--resume")
    assert [(r["session"], r["from"]) for r in of(records, "session.taken")] == [("one", first)], of(records, "session.taken")
    assert [r["session"] for r in of(records, "session.started")] == ["two", "three"], of(records, "session.started")
    assert [printed(records, n) for n in ("two", "three")] == [b"one\n", b"one\ntwo\n"]
    assert [place.result(n) for n in ("one", "two", "three")] == ["one\n", "two\n", "three\n"]


def a_hundred_sessions(place):
    sessions = [(f"s{n}", f"echo {n} > f{n}") for n in range(100)]
    records = place.records(place.job(sessions, more="[limits]\nmax_parallel = 8\n"))
    assert len(of(records, "session.finished", ending="succeeded")) == 100
    assert of(records, "result.collected")[0]["files"] == 100


rows = [sessions_run_in_order_and_become_one, what_is_committed_and_what_is_not_both_come_out, a_gate_decides_and_leaves_no_trace,
        a_gate_that_says_no, dependents_of_a_failed_session_are_skipped, endings_are_exact, what_it_knows_of_itself,
        set_up_and_brought_along, a_repository_by_its_address, what_stops_git_costs_no_commit, a_log_released_again_makes_nothing,
        a_failed_session_is_begun_anew, a_hundred_sessions]
