#!/usr/bin/env python3
"""kill.py [COUNT [SEED]]: kills a stage, or all at once, at a random moment, COUNT times (default 100).

Afterwards the log is whole lines that are all records, `smelt-provision gc` leaves no environment, no
process and no mount, and whatever a session had committed is in smelt's own repository."""
import json, os, pathlib, random, subprocess, sys, time
from pipeline import Pipe, World, stages

count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20260101

job = """
[job]
name = "killed"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
[agent]
command = ["sh", "-c", "echo work of $SMELT_SESSION > $SMELT_SESSION; git add .; git commit -qm first; echo committed; echo more >> $SMELT_SESSION"]
[[session]]
name = "one"
spec = "first"
harness = "test -s one"
timeout = 60
[[session]]
name = "two"
spec = "second"
harness = "true"
timeout = 60
depends_on = ["one"]
[merge]
target = "result"
"""


def committed(world):
    """What the sessions' own repositories say, read as files: session to commit."""
    found = {}
    for head in world.state.glob("environments/smelt-*/sessions/*/upper/.git/refs/heads/smelt/*"):
        text = head.read_text().strip()
        # What stands in a lock of git's is no commit of the branch yet.
        if len(text) == 40 and head.suffix != ".lock":
            found[(head.parts[-8], head.name)] = text
    return found


def kept(world):
    """Every commit that smelt's own repository can reach from its references."""
    results = world.state / "results.git"
    if not results.exists():
        return set()
    return set(world.sh("git", f"--git-dir={results}", "log", "--all", "--format=%H").split())


def logs(world):
    return [p for p in world.home.glob(".smelt/runs/killed/*.jsonl") if not p.name.endswith(".files.jsonl")]


def attempt(world, manifest, base, duration, number, generator):
    victim = generator.choice([None, *range(len(stages))])
    moment = generator.random() * duration * 1.1
    errors = world.home / "errors"
    pipe = Pipe(world, world.planned(manifest), errors=errors)
    # Here a test lets time pass, for the moment of the kill is what is random.
    time.sleep(moment)
    pipe.kill(victim)
    pipe.wait()
    world.settle()
    where = f"kill {number} of {'all' if victim is None else stages[victim]} after {moment * 1000:.0f} ms"
    before = committed(world)
    done = subprocess.run(["smelt-provision", "gc"], env=world.environment, cwd=world.home, capture_output=True, text=True)
    assert done.returncode == 0, f"{where}: gc ended with {done.returncode}: {done.stderr}"
    environments, processes, mounts = world.left()
    assert not environments, f"{where}: environments are left: {environments}, held by {world.holders()}\n{done.stderr}{errors.read_text()}"
    assert not processes, f"{where}: processes are left: {processes}"
    assert not mounts, f"{where}: mounts are left: {mounts}"
    missing = {k: v for k, v in before.items() if v != base} and \
        {k: v for k, v in before.items() if v != base and v not in kept(world)}
    assert not missing, f"{where}: lost {missing}\n{errors.read_text()}"
    for log in logs(world):
        text = log.read_bytes()
        for line in text[:text.rfind(b"\n") + 1].splitlines():
            record = json.loads(line)
            assert record["v"] == 1 and record["type"], f"{where}: {line}"
        tail = text[text.rfind(b"\n") + 1:]
        assert not tail or victim in (None, len(stages) - 1), f"{where}: the log ends in the middle of a line"
        log.unlink()
    return victim


def main():
    print(f"kill.py: {count} kills, seed {seed}", flush=True)
    generator = random.Random(seed)
    with World() as world:
        world.repository()
        manifest = world.manifest(job)
        base = world.sh("git", "rev-parse", "main", cwd=world.home / "project").strip()
        durations = []
        for _ in range(3):
            begun = time.perf_counter()
            statuses = Pipe(world, world.planned(manifest), errors=world.home / "errors").wait()
            assert statuses == [0] * len(stages), f"{statuses}: {(world.home / 'errors').read_text()}"
            durations.append(time.perf_counter() - begun)
            for log in logs(world):
                log.unlink()
        failed = 0
        for number in range(count):
            try:
                attempt(world, manifest, base, min(durations), number, generator)
            except Exception as fault:
                failed += 1
                print(f"FAILED {fault}", flush=True)
        # A run after all that is an ordinary run.
        statuses = Pipe(world, world.planned(manifest), errors=world.home / "errors").wait()
        if statuses != [0] * len(stages):
            failed += 1
            print(f"FAILED the run after the kills: {statuses}: {(world.home / 'errors').read_text()}")
    print(f"kill.py: {count + 1 - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
