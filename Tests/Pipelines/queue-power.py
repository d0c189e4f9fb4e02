#!/usr/bin/env python3
"""queue-power.py [COUNT|all [SEED]]: the power is cut. Clients, workers and a daemon are recorded; then for each sync of theirs, or
for COUNT of them (default 40 of each recording), the disk is made again as it may be behind it, in several ways (powercut.py).

On every one of these disks the queue opens, verify finds nothing wrong, and all that was acknowledged by then is there: jobs,
how they ended, heads of the audit, copies; and what was dropped is either still there, or one job. On some of them a daemon
goes on, and every job comes to its end."""
import json, os, pathlib, random, shutil, sqlite3, subprocess, sys
from pipeline import binaries, top
from powercut import Recording, agrees, lay_out
from serving import Daemon, Queue, Watch, manifest

# Ways in which what was not synced may be there.
ways = ["nothing", "all", "journal", "any", "any"]
worker = next((p for p in (binaries / "store-worker", top / ".build" / "release" / "store-worker",
                           top / ".build" / "debug" / "store-worker") if p.exists()), None)

CLIENTS = """
set -eu
worker=$1 copies=$2 db=$SMELT_STATE_DIR/smelt.db
one=$(smelt-queue add -- true)
two=$(smelt-queue add --hold -- true)
"$worker" "$db" bulk 30
smelt-queue release "$two"
"$worker" "$db" add 12 &
"$worker" "$db" spool 12 &
"$worker" "$db" work a &
"$worker" "$db" work b &
wait
three=$(smelt-queue add --hold -- true)
smelt-queue priority 7 "$three"
smelt-queue cancel "$three"; echo "is $three cancelled"
head=$(smelt-queue audit --head); echo "head $head"
smelt-queue backup "$copies/first"; echo "copied first"
echo "may $one"
smelt-queue retry "$one"
smelt-queue add -- true
"$worker" "$db" work c
echo "pruning"
smelt-queue prune --keep 20 -s succeeded >"$HOME/pruned"
for _ in 1 2 3 4 5 6 7 8; do smelt-queue add -- true; done
echo "restoring first"
smelt-queue restore "$copies/first" >"$HOME/gone" 2>&1
echo "restored first"
smelt-queue add --unique new -- true
smelt-queue backup "$copies/second"; echo "copied second"
"$worker" "$db" work d
"""

PIPELINE = """#!/bin/sh
say() { printf '{"v":1,"type":"%s","time":"2026-01-01T00:00:00.000Z","run":"%s",%s}\\n' "$1" "$SMELT_RUN" "$2"; }
say mine '"n":1'
say mine '"n":2'
say run.finished '"seconds":1,"status":0'
"""


def serve(home, drop):
    """What is recorded of a daemon: jobs that are added, jobs that are dropped, a kill."""
    def queue(*words):
        return subprocess.run(["smelt-queue", *words], check=True, capture_output=True, text=True).stdout.strip()

    def daemon():
        return subprocess.Popen(["smelt-queue", "serve", "-c", f"{home}/server.toml"], stderr=open(f"{home}/complaints", "a"))

    def wait(*jobs):
        for job in jobs:
            queue("wait", job)
            print("ended", job, flush=True)

    job, drop = f"{home}/job.toml", pathlib.Path(drop)
    jobs = [queue("add", job) for _ in range(3)]
    (drop / "dispatched").mkdir()
    first = daemon()
    with Watch(drop / "dispatched") as watch:
        for number in range(3):
            new = drop / ".new"
            new.write_bytes(pathlib.Path(job).read_bytes())
            subprocess.run(["sync", str(new)], check=True)
            new.rename(drop / f"n{number}.toml")
            subprocess.run(["sync", str(drop)], check=True)
            print(f"dropped n{number}.toml", flush=True)
            jobs.append(queue("add", job))
        for number in range(3):
            jobs.append(watch.until(lambda name: name.endswith(f"-n{number}.toml")).name[:26])
    wait(*jobs[:5])
    first.kill()
    first.wait()
    last = queue("add", job)
    second = daemon()
    wait(*jobs, last)
    second.terminate()
    assert second.wait() == 0


class Promises:
    """What was acknowledged, from what was said: of each job how it ended, or None."""

    def __init__(self, said):
        self.jobs, self.heads, self.dropped, self.copies = {}, [], [], {}
        self.restored, self.restoring, self.pruning = 0, None, False
        for line in said.splitlines():
            word, *more = line.split()
            if len(line) == 26:
                self.jobs.setdefault(line, None)
            elif word == "added":
                self.jobs[more[0]] = None
            elif word in ("ended", "is"):
                self.jobs[more[0]] = "succeeded" if word == "ended" else more[1]
            elif word == "may":
                self.jobs[more[0]] = None
            elif word == "dropped":
                self.dropped.append(more[0])
            elif word == "head":
                self.heads.append(more[0])
            elif word == "copied":
                self.copies[more[0]] = (dict(self.jobs), list(self.heads))
            elif word == "pruning":
                self.pruning = True
            elif word == "restoring":
                self.restoring = self.copies[more[0]]
            elif word == "restored":
                self.jobs, self.heads = dict(self.restoring[0]), list(self.restoring[1])
                self.restored, self.restoring, self.pruning = self.restored + 1, None, False


def call(state, *words):
    done = subprocess.run(["smelt-queue", *words], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "SMELT_STATE_DIR": str(state)})
    assert done.returncode == 0, f"smelt-queue {' '.join(words)}: {done.returncode}: {done.stderr}"
    return done.stdout


def listed(state):
    lines = [json.loads(line) for line in call(state, "list", "--json", "--limit", "1000000").splitlines()]
    assert len({job["id"] for job in lines}) == len(lines), "an id is there twice"
    return {job["id"]: job for job in lines}


def kept(jobs, wanted, pruning=False):
    for job, state in wanted.items():
        if job not in jobs:
            assert pruning and state == "succeeded", f"{job} was acknowledged and is gone"
        else:
            assert state in (None, jobs[job]["state"]), f"{job} was {state} and is {jobs[job]['state']}"


def look(disk, promises, chance, scratch):
    """Whether a disk has what was promised. Its jobs, or None where there was no queue yet."""
    state = disk / "state"
    if not (state / "smelt.db").exists():
        assert not promises.jobs, "there is no queue any more"
        if state.exists():
            call(state, "add", "--", "true")
        return None
    if chance.random() < 0.5:
        # Nobody syncs it: what it has may be anything.
        (state / "smelt.db-shm").write_bytes(chance.randbytes(32768))
    call(state, "verify")
    jobs = listed(state)
    entries = [json.loads(line)["action"] for line in call(state, "audit").splitlines()]
    wanted, heads, pruning = promises.jobs, promises.heads, promises.pruning
    if promises.restoring and entries.count("restore") > promises.restored:
        (wanted, heads), pruning = promises.restoring, False
    kept(jobs, wanted, pruning)
    for head in heads:
        call(state, "audit", "--against", head)
    for name, (wanted, heads) in promises.copies.items():
        if chance.random() < 0.2:
            other = scratch / "copy"
            other.mkdir(mode=0o700)
            shutil.copy(disk / "copies" / name, other / "smelt.db")
            call(other, "verify")
            kept(listed(other), wanted)
            shutil.rmtree(other)
    for name in promises.dropped:
        made = [j for j in jobs.values() if j.get("labels", {}).get("file", "").endswith("-" + name)]
        places = [p for p in (disk / "drop").rglob(f"*{name}")]
        assert len(made) < 2, f"{name} is {len(made)} jobs"
        assert made or any(p.parent.name in ("drop", ".taken") for p in places), f"{name} is nowhere: {places}"
        assert not made or not (disk / "drop" / name).exists(), f"{name} is a job and would be one again"
    return jobs


def go_on(queue, disk, jobs, promises):
    """A daemon, of another start of the machine, works off what is there."""
    state, drop = disk / "state", disk / "drop"
    database = sqlite3.connect(state / "smelt.db", isolation_level=None)
    database.execute("UPDATE jobs SET boot = 'before', process = replace(process, boot, 'before') WHERE boot IS NOT NULL")
    database.close()
    queue.environment["SMELT_STATE_DIR"] = str(state)
    queue.state = state
    (drop / "dispatched").mkdir(parents=True, exist_ok=True)
    waiting = [*drop.glob("*.toml"), *drop.glob(".taken/*.toml")]
    for path in waiting:
        # It has lain there for long.
        os.utime(path, (1, 1))
    labels = {job.get("labels", {}).get("file") for job in jobs.values()}
    new = [path for path in waiting if path.name not in labels]
    config = queue.home / "other.toml"
    config.write_text((queue.home / "server.toml").read_text().replace(str(queue.home / "disk" / "drop"), str(drop)))
    daemon = Daemon(queue, config=config)
    with Watch(drop / "dispatched") as watch:
        for path in waiting:
            watch.until(lambda name: name.endswith("-" + path.name.split("-")[-1]))
    found = listed(state)
    assert len(found) == len(jobs) + len(new), f"{len(found)} jobs of {len(jobs)} and {new}"
    for job in found:
        assert queue.wait(job) == 0, queue.show(job)
        records = queue.events(job)
        last = [r for r in records if r["run"] == queue.show(job)["runId"] and r["type"] in ("mine", "run.finished")]
        assert [r.get("n", 0) for r in last] == [1, 2, 0], f"the log of {job} is not whole: {last}"
    queue.verify()
    assert daemon.end() == 0, daemon.complaints()


def tried(queue, recording, count, chance, goes_on):
    moments = recording.syncs
    total = len(moments)
    if count < total:
        moments = sorted(chance.sample(moments, count))
    everything = recording.syncs + [recording.moments]
    images = resumed = 0
    for sync in moments:
        following = next(m for m in everything if m > sync)
        for number, way in enumerate(ways):
            # At the end of what comes behind the sync, and once anywhere in it.
            moment = chance.randint(sync + 1, following) if number == 4 else following
            image = recording.image(moment, way, chance)
            disk = queue.home / "cut"
            disk.mkdir()
            lay_out(image, recording.place, str(disk))
            promises = Promises(recording.answers(moment))
            try:
                jobs = look(disk, promises, chance, queue.home)
                images += 1
                if jobs is not None and chance.random() < goes_on / len(moments) / len(ways):
                    go_on(queue, disk, jobs, promises)
                    resumed += 1
            except AssertionError as fault:
                raise AssertionError(f"power cut behind call {sync}, before {moment}, {way}: {fault}") from fault
            shutil.rmtree(disk)
    return f"{len(moments)} of {total} syncs, {images} disks, {resumed} gone on with"


def main(words):
    if words[:1] == ["serve"]:
        return serve(words[1], words[2])
    if not worker:
        print("there is no store-worker: build it")
        sys.exit(77)
    count = 40 if not words else 1 << 30 if words[0] == "all" else int(words[0])
    seed = int(words[1]) if len(words) > 1 else random.randrange(1 << 32)
    print(f"queue-power.py: seed {seed}", flush=True)
    os.environ["PATH"] = f"{binaries}:{os.environ['PATH']}"
    for name in ["clients", "daemon"]:
        chance = random.Random(seed)
        with Queue() as queue:
            disk = queue.home / "disk"
            for place in ["copies", "drop"]:
                (disk / place).mkdir(parents=True)
            queue.state = disk / "state"
            queue.environment["SMELT_STATE_DIR"] = str(queue.state)
            if name == "clients":
                words = ["sh", "-c", CLIENTS, "sh", str(worker), str(disk / "copies")]
            else:
                pipeline = queue.home / "pipeline"
                pipeline.write_text(PIPELINE)
                pipeline.chmod(0o755)
                queue.server.write_text(f'queue_dir = "{disk}/drop"\nmax_concurrent = 2\n[pipeline]\ncommand = ["{pipeline}"]\n')
                queue.repository()
                queue.manifest(manifest("cut").replace('repo = "project"', f'repo = "{queue.home}/project"'))
                words = [sys.executable, __file__, "serve", str(queue.home), str(disk / "drop")]
            recording = Recording(disk, words, queue.environment, queue.home / "trace", cwd=queue.home)
            wrong = agrees(recording, lambda path: path.endswith("-shm"))
            assert not wrong, wrong
            done = tried(queue, recording, count, chance, 8 if name == "daemon" else 0)
            print(f"{name}: {done}", flush=True)


main(sys.argv[1:])
