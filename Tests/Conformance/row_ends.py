"""Rows about ends: output, time, memory, cancelling, being killed."""
import json, pathlib, random, signal, subprocess
from runtime import Cannot, Pipe, end, of, printed, stages


def streams_stay_apart_and_whole(place):
    """Bytes of every value on both, none lost, none moved to the other."""
    agent = ("i=0; while [ $i -lt 300 ]; do echo \"out $i\"; printf '\\377\\000\\001 err %d\\n' $i >&2; i=$((i + 1)); done; printf last")
    records = place.records(place.job([("one", "true")], agent))
    assert printed(records, "one") == b"".join(b"out %d\n" % i for i in range(300)) + b"last"
    assert printed(records, "one", "stderr") == b"".join(b"\xff\0\x01 err %d\n" % i for i in range(300))


def a_gigabyte_of_output(place):
    """All of it arrives, in bounded memory of ours."""
    manifest = place.job([("one", "true")], "yes 'line of a gigabyte, thirty-two by.' | head -c 1073741824", "[limits]\noutput = '2G'\n")
    size = 0
    plan = place.planned(manifest)
    pipe = Pipe(place, plan, stages[:2] + [stages[3]], output=subprocess.PIPE, errors=place.home / "errors")
    for line in pipe.children[-1].stdout:
        if b'"type":"output"' not in line[:200]: continue
        record = json.loads(line)
        assert record["offsetBytes"] == size, "a hole"
        size += len(record["text"])
    assert pipe.wait() == [0, 0, 0], (place.home / "errors").read_text()
    assert size == 1 << 30, size


def output_arrives_while_it_runs(place):
    """What is printed is a record before the program goes on to end."""
    pipe, _ = begun(place, "printf begun; tail -f /dev/null")
    pipe.kill(1, signal.SIGTERM)
    finish(pipe)


def time_is_up(place):
    """It is asked to end, its work is kept."""
    agent = "trap 'echo asked; exit 0' TERM; echo precious > file; while :; do sleep 0.1; done"
    records = place.records(place.job([("one", "true", "timeout = 4")], agent), 1)
    done = end(records, "one")
    assert (done["ending"], done["committedForAgent"]) == ("timed_out", True), done
    assert b"asked" in printed(records, "one")
    is_kept(place, records, "precious\n")


def who_does_not_want_to_end_is_ended(place):
    """With everything that it started, in whatever group or session."""
    agent = "trap '' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & while :; do sleep 0.1; done"
    slow = [stages[0], ["smelt-exec", "--grace", "300ms"], stages[3]]
    manifest = place.job([("one", "true", "timeout = 3")], agent)
    out = place.home / "out"
    with open(out, "wb") as file: Pipe(place, place.planned(manifest), slow, output=file).wait()
    records = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert (end(records, "one")["ending"], end(records, "one").get("signal")) == ("timed_out", 9), end(records, "one")


def silence_is_noticed(place):
    records = place.records(place.job([("one", "true")], "echo hello; tail -f /dev/null", "[limits]\nidle = '2s'\n"), 1)
    assert end(records, "one")["ending"] == "stalled"


def too_much_output(place):
    records = place.records(place.job([("one", "true")], "yes", "[limits]\noutput = '1M'\n"), 1)
    assert end(records, "one")["ending"] == "over_limit"


def memory_bites(place):
    """Who needs more than limits.memory ends as out_of_memory, and is told of."""
    agent = "echo precious > file; head -c 400000000 /dev/zero | tail -c 399000000 | wc -c"
    manifest = place.job([("one", "true")], agent, "[limits]\nmemory = '64M'\n")
    records = place.records(manifest, 1) if allowed(place, manifest) else []
    assert end(records, "one")["ending"] == "out_of_memory", end(records, "one")
    is_kept(place, records, "precious\n")


def processes_are_counted(place):
    agent = "i=0; while [ $i -lt 60 ]; do sleep 60 & i=$((i + 1)); done; jobs -p | wc -l; kill $(jobs -p); exit 9"
    manifest = place.job([("one", "true")], agent, "[limits]\nprocesses = 20\n")
    if not allowed(place, manifest): return
    records = place.records(manifest, 1)
    out = printed(records, "one").split()
    assert end(records, "one")["ending"] in ("failed", "over_limit") and (not out or int(out[-1]) < 20), (end(records, "one"), out)


def disks_are_measured(place):
    agent = "echo precious > file; while head -c 1048576 /dev/urandom > more.$((n += 1)); do :; done; exit 3"
    manifest = place.job([("one", "true")], agent, "[limits]\ndisk = '20M'\n")
    if not allowed(place, manifest): return
    records = place.records(manifest, 1)
    done, guard = end(records, "one"), of(records, "environment.ready")[0].get("diskGuard")
    # A write beyond it fails, or else the session is ended; a cluster says nothing of it.
    wanted = {"watched": ["over_limit"], "quota": ["failed"], "sized": ["failed"]}.get(guard, ["failed", "over_limit"])
    assert done["ending"] in wanted, (guard, done)


def cancelled_keeps_the_work(place):
    pipe, before = begun(place, "echo precious > file; printf begun; tail -f /dev/null")
    pipe.kill(1, signal.SIGTERM)
    records = before + finish(pipe)
    assert end(records, "one")["ending"] == "cancelled"
    is_kept(place, records, "precious\n")


def killed_at_any_moment(place):
    """kill -9 of everything, then gc: what was committed is there, what was only being made is no work, nothing is left."""
    generator = random.Random(4)
    agent = "echo w > w; git add .; git commit -qm committed; echo committed; tail -f /dev/null"
    manifest = place.job([("one", "true")], agent)
    for kind in ["environment.ready", "session.started", "output"] * 3:
        pipe, records = begun(place, agent, manifest, kind)
        # A moment that is no event: how far the rest has come is the matter of the row.
        for child in generator.sample(pipe.children, len(pipe.children)): child.kill()
        pipe.wait()
        place.settle()
        gone = subprocess.run(["smelt-provision", "gc"], env=place.environment, cwd=place.home, capture_output=True, text=True)
        assert gone.returncode == 0, (kind, gone.stderr)
        results = place.state / "results.git"
        reference = f"refs/smelt/rescued/{records[0]['run']}/one"
        if kind == "output" or reference in gone.stderr:
            assert "committed" in place.sh("git", f"--git-dir={results}", "log", "--format=%s", reference), (kind, gone.stderr)
            assert place.sh("git", f"--git-dir={results}", "ls-tree", "--name-only", reference).split() == ["README", "w"], kind
        place.nothing_is_left()


def a_log_that_was_cut_off_after_a_commit_fed_again(place):
    """kill -9 of smelt-exec alone: the session goes on with its files as they were left, and the commit comes out."""
    agent = ("git log -1 --format=%s; [ -e w ] || { echo w > w; git add .; git commit -qm committed; echo left > left; printf begun; "
             "tail -f /dev/null; }; echo again")
    manifest = place.job([("one", "test -s w && test -s left", "timeout = 90")], agent)
    cut = Pipe(place, place.planned(manifest), stages[:2], output=subprocess.PIPE, errors=place.home / "errors")
    log = []
    for line in cut.children[-1].stdout:
        log.append(line)
        if printed([json.loads(line) for line in log], "one").endswith(b"begun"): break
    cut.kill(1)
    again = Pipe(place, b"".join(log), stages[:4], output=subprocess.PIPE, errors=place.home / "errors")
    records = finish(again)
    cut.wait()
    done = end(records, "one")
    assert (done["ending"], done["attempt"], done["committedForAgent"]) == ("succeeded", 2, True), (done, (place.home / "errors").read_text())
    assert "".join(r["text"] for r in of(records, "output", attempt=2)) == "committed\nagain\n", records
    kept = f"refs/smelt/runs/{records[0]['run']}/one"
    history = place.sh("git", f"--git-dir={place.state}/results.git", "log", "--format=%s", kept).splitlines()
    assert history == ["smelt: uncommitted work of one", "committed", "base"], history
    assert of(records, "environment.released")[0]["rescued"] == [], records[-1]


def released_at_once(place):
    """--keep leaves everything and says how to get in; a release without it leaves nothing."""
    done = subprocess.run(["smelt", "run", "--keep", str(place.job([("one", "echo w > work")]))], env=place.environment, cwd=place.home, capture_output=True, text=True)
    assert done.returncode == 0 and "smelt-" in done.stderr, done
    listed = [json.loads(line) for line in place.sh("smelt-provision", "list", "--json").splitlines()]
    assert [l["state"] for l in listed] == ["kept"], listed
    place.sh("smelt-provision", "gc", "--older-than", "0s")


def begun(place, agent, manifest=None, kind="output"):
    """A pipe that has come to a record of that kind, by default to what a session prints, and the records up to there."""
    pipe = Pipe(place, place.planned(manifest or place.job([("one", "true")], agent)), stages[:2] + [stages[3]], output=subprocess.PIPE,
                errors=place.home / "errors")
    records = []
    for line in pipe.children[-1].stdout:
        records.append(json.loads(line))
        if records[-1]["type"] == kind: return pipe, records
    raise AssertionError(f"there was no {kind}: {records[-3:]} {(place.home / 'errors').read_text()}")


def finish(pipe):
    records = [json.loads(line) for line in pipe.children[-1].stdout]
    pipe.wait()
    return records


def is_kept(place, records, text):
    """The work of a session that is not in the result is in smelt's own repository: collected or rescued."""
    saved = of(records, "environment.released")[0]["rescued"] or [f"refs/smelt/runs/{records[0]['run']}/one"]
    assert place.sh("git", f"--git-dir={place.state}/results.git", "show", f"{saved[0]}:file") == text


def allowed(place, manifest):
    """Raises Cannot where the runtime says that it cannot enforce what the manifest asks for."""
    done = subprocess.run(["smelt-provision"], input=place.planned(manifest), env=place.environment, cwd=place.home, stdout=open(place.home / "ready", "wb"))
    records = [json.loads(line) for line in (place.home / "ready").read_bytes().splitlines()]
    refused = [r for r in of(records, "failed") if r["status"] == 69]
    if refused: raise Cannot(refused[0]["message"])
    place.sh("smelt-provision", "release", stdin=open(place.home / "ready"))
    return True


rows = [streams_stay_apart_and_whole, output_arrives_while_it_runs, time_is_up, who_does_not_want_to_end_is_ended, silence_is_noticed,
        too_much_output, memory_bites, processes_are_counted, disks_are_measured, cancelled_keeps_the_work, killed_at_any_moment,
        a_log_that_was_cut_off_after_a_commit_fed_again, released_at_once, a_gigabyte_of_output]
