#!/usr/bin/env python3
"""Processes that add to one queue and work it off are killed at random points. Then every job that was acknowledged is there
once and has succeeded, none has run twice without a lease that was recorded as lost, the logs have no holes, and verify
finds nothing wrong. SMELT_TEST_SEED repeats a plan, SMELT_TEST_KILLS says how many are killed (by default 500)."""
import json, os, pathlib, random, re, signal, subprocess, sys, time

top, binaries = pathlib.Path(os.environ["TOP"]), pathlib.Path(os.environ["BIN"])
worker = next((p for p in (binaries / "store-worker", top / ".build" / "release" / "store-worker",
                           top / ".build" / "debug" / "store-worker") if p.exists()), None)
if not worker:
    print("there is no store-worker: build it")
    sys.exit(77)
seed = int(os.environ.get("SMELT_TEST_SEED", random.randrange(1 << 32)))
kills = int(os.environ.get("SMELT_TEST_KILLS", "500"))
chance = random.Random(seed)
print(f"SMELT_TEST_SEED={seed}")
state = pathlib.Path(os.environ["SMELT_STATE_DIR"])
state.mkdir(mode=0o700)
database = state / "smelt.db"
outputs = []


def start(*words):
    output = open(f"out.{len(outputs)}", "w+b")
    outputs.append(output)
    return subprocess.Popen([worker, database, *words], stdout=output)


def added():
    """Workers that are killed in the middle of a line may leave a part of it."""
    lines = []
    for output in outputs:
        output.seek(0)
        lines += [line.split() for line in output.read().decode().splitlines(keepends=True) if line.endswith("\n")]
    return lines


alive, killed = [], 0
kinds = [lambda: start("add", "40"), lambda: start("spool", "40"), lambda: start("bulk", "20"), lambda: start("work", f"w{killed}")]
while killed < kills:
    while len(alive) < 5:
        alive.append(chance.choice(kinds)())
    victim = alive.pop(chance.randrange(len(alive)))
    # Not a wait for something to happen: when it dies is what is left to chance.
    try:
        victim.wait(chance.random() ** 3 * 0.15)
        assert victim.returncode == 0, victim.returncode
    except subprocess.TimeoutExpired:
        if chance.random() < 0.2:
            # A stopped one may come back when its jobs are somebody else's.
            victim.send_signal(signal.SIGSTOP)
            alive.append(victim)
        else:
            victim.kill()
            victim.wait()
        killed += 1
for one in alive:
    one.send_signal(signal.SIGCONT)
last = start("work", "last")
for one in [*alive, last]:
    assert one.wait() == 0, one.returncode

lines = added()
acknowledged = [line[1] for line in lines if line[0] == "added"]
ended = [(line[1], line[2]) for line in lines if line[0] == "ended"]
assert len(set(acknowledged)) == len(acknowledged)
assert len({job for job, _ in ended}) == len(ended), "a job has ended twice"

queue = binaries / "smelt-queue"
listed = [json.loads(line) for line in subprocess.run([queue, "list", "--limit", "1000000"], check=True,
                                                      capture_output=True, text=True).stdout.splitlines()]
jobs = {job["id"]: job for job in listed}
assert len(jobs) == len(listed)
missing = set(acknowledged) - set(jobs)
assert not missing, f"acknowledged and gone: {missing}"
assert {job["state"] for job in listed} <= {"succeeded"}, {job["state"] for job in listed}
begun = {}
for line in lines:
    if line[0] == "began":
        begun.setdefault(line[1], []).append(int(line[2]))
twice = 0
for job, attempts in begun.items():
    assert len(set(attempts)) == len(attempts), f"attempt of {job} began twice"
for job in listed:
    # All that was tried is told, and what was tried again was lost before.
    if job["attempt"] < 2:
        continue
    twice += 1
    events = subprocess.run([queue, "events", job["id"]], check=True, capture_output=True, text=True).stdout.splitlines()
    records = [json.loads(line) for line in events]
    assert [r["seq"] for r in records] == list(range(1, len(records) + 1)), job["id"]
    states = [r["record"]["to"] for r in records if r["record"].get("type") == "job.changed"]
    assert states.count("running") == job["attempt"] and states.count("lost") == job["attempt"] - 1, (job["id"], states)
verified = subprocess.run([queue, "verify"], capture_output=True, text=True)
assert verified.returncode == 0, verified.stderr
print(f"{killed} killed; {len(acknowledged)} acknowledged, {len(jobs)} there, {twice} tried again")
