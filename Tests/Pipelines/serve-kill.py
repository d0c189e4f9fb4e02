#!/usr/bin/env python3
"""serve-kill.py [COUNT [SEED]]: kills the daemon, a run, a stage of a pipeline, a client or all of them at a random moment, COUNT
times (default 100), while jobs are added, dropped, run, held, cancelled and tried again: commands, and manifests through the whole
pipeline. The seed is printed.

Afterwards every job that was acknowledged is accounted for once, none was begun oftener than its log says, and a second time
only after a loss that the log has too; the logs have no holes, the store is in order, and nothing is left behind."""
import json, os, pathlib, random, re, signal, subprocess, sys, time
from serving import Daemon, Queue, Watch, manifest

count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
over = {"succeeded", "failed", "cancelled"}
# What a run is made of, but for what the daemon itself and its clients are.
stage = re.compile(r"(\S*/)?(smelt-(exec|provision|collect|review|pr|runs|manifest)|(\S*/)?sh \S*/smelt-run)\b")


class Clients:
    """Calls that go on while others are killed."""

    def __init__(self, queue, generator):
        self.queue, self.generator, self.calls = queue, generator, []
        self.acknowledged, self.asked, self.dropped = [], 0, []

    def start(self, *words, input=None):
        call = subprocess.Popen(["smelt-queue", *words], env=self.queue.environment, cwd=self.queue.home,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        call.stdin.write((input or "").encode())
        call.stdin.close()
        self.calls.append((call, words))

    def some(self):
        generator = self.generator
        for _ in range(generator.randrange(1, 4)):
            kind = generator.choice(6 * ["add"] + 2 * ["many", "cancel", "retry"] + ["hold", "release", "priority"])
            if generator.random() < 0.04:
                # A whole pipeline takes as long as many commands.
                kind = generator.choice(["manifest", "drop"])
            lasting = generator.choice(["", "", "sleep 0.02;", "sleep 0.2;"])
            ending = generator.choice(["exit 0", "exit 0", "exit 1"])
            script = f"echo $SMELT_ATTEMPT >> {self.queue.work}/$SMELT_JOB; echo some; {lasting} echo more; {ending}"
            if kind == "add":
                self.asked += 1
                self.start("add", "--retries", str(generator.randrange(2)), "--backoff", "1ms", "--", "sh", "-c", script)
            elif kind == "many":
                self.asked += 5
                self.start("add", "-", input=5 * (json.dumps({"argv": ["sh", "-c", script]}) + "\n"))
            elif kind == "manifest":
                self.asked += 1
                self.start("add", str(self.queue.home / "job.toml"))
            elif kind == "drop":
                self.asked += 1
                name = f"d{len(self.dropped)}.toml"
                new = self.queue.home / name
                new.write_text(manifest("dropped", "../project"))
                new.rename(self.queue.home / "drop" / name)
                self.dropped.append(name)
            elif self.acknowledged:
                job = generator.choice(self.acknowledged)
                self.start(kind, *(["1"] if kind == "priority" else []), job)

    def kill(self):
        for call, _ in self.calls:
            call.kill()

    def collect(self):
        for call, words in self.calls:
            printed = call.stdout.read().decode()
            call.stdout.close()
            call.wait()
            if words[0] == "add":
                # An id that was printed whole was acknowledged, even where its client was killed then.
                self.acknowledged += [line for line in printed.splitlines() if len(line) == 26]
        self.calls = []


def attempts(path):
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def account(queue, clients):
    """Whether all that was acknowledged is there, over, and as its log says."""
    known = [json.loads(line) for line in queue.call("list", "--json", "--limit", "1000000").splitlines()]
    by_id = {job["id"]: job for job in known}
    assert len(by_id) == len(known), "an id is there twice"
    missing = [job for job in clients.acknowledged if job not in by_id]
    assert not missing, f"acknowledged and lost: {missing}"
    assert len(known) <= clients.asked, f"{len(known)} jobs, and only {clients.asked} were asked for"
    files = [job["labels"]["file"][27:] for job in known if "file" in job.get("labels", {})]
    assert sorted(files) == sorted(clients.dropped), f"dropped {clients.dropped}, and these are jobs: {files}"
    for job in known:
        assert job["state"] in over, f"not over: {job}"
        records = queue.events(job["id"])
        changes = [r for r in records if r["type"] == "job.changed"]
        begun = [r["attempt"] for r in changes if r["to"] == "running" and r.get("from") == "queued"]
        wrote = attempts(queue.work / job["id"])
        # Each attempt writes its number once at the most: one that was killed at its beginning may not.
        assert len(wrote) == len(set(wrote)), f"{job['id']} did an attempt twice: {wrote}"
        assert set(wrote) <= set(begun), f"{job['id']} did what nobody began: {wrote}, {begun}"
        assert begun == sorted(set(begun)), f"{job['id']}: {begun}"
        # An attempt ends once; and a run does, but where only what stands behind its result is done again, as the same run.
        attempt, finished = None, {}
        for record in records:
            if record["type"] == "job.changed" and record["to"] == "running":
                attempt = record["attempt"]
            elif record["type"] == "run.finished":
                finished.setdefault(attempt, []).append((record["run"], record["status"]))
        assert all(len(ends) == 1 for ends in finished.values()), f"{job['id']} has an attempt that ended twice: {finished}"
        for run in {ends[0][0] for ends in finished.values()}:
            statuses = [ends[0][1] for ends in finished.values() if ends[0][0] == run]
            assert len(statuses) == 1 or job["kind"] == "manifest" and not {0, 1} & set(statuses[:-1]), f"{job['id']}: {run} ended with {statuses}"
            if len(statuses) > 1:
                collected = [r for r in records if r["run"] == run and r["type"] == "result.collected"]
                assert len(collected) == 1, f"{job['id']}: {run} went on without a result"
        # Begun again only after a loss, a failure that is retried, or somebody's wish.
        for before, after in zip(changes, changes[1:]):
            assert after.get("from") == before["to"] or after["to"] == before["to"], f"{job['id']}: {before} {after}"
        if job["state"] == "succeeded" and job["kind"] == "manifest":
            run, status = finished.get(job["attempt"], [(None, None)])[0]
            assert status == 0, f"{job['id']} has no end: {records[-3:]}"
            types = [r["type"] for r in records if r["run"] == run]
            assert types.count("result.collected") == 1, f"{job['id']} has no result: {types}, {records}"
        elif job["state"] == "succeeded":
            last = [r for r in records if r["type"] == "output" and r["run"] == job["runId"]]
            assert "".join(r["text"] for r in last) == "some\nmore\n", f"{job['id']}: {last}"
            assert job["attempt"] in wrote, f"{job['id']} succeeded, and was not run"
    return len(known)


def main():
    print(f"serve-kill.py: {count} kills, seed {seed}", flush=True)
    generator = random.Random(seed)
    tally = {}
    with Queue() as queue:
        queue.configure(most=3)
        queue.repository()
        queue.manifest(manifest("killed"))
        (queue.home / "drop").mkdir()
        clients = Clients(queue, generator)
        daemon = Daemon(queue)
        for number in range(count):
            clients.some()
            victim = generator.choice(["daemon", "daemon", "run", "stage", "client", "all"])
            tally[victim] = tally.get(victim, 0) + 1
            # Here a test lets time pass, for the moment of the kill is what is random.
            time.sleep(generator.random() * 0.15)
            if victim in ("client", "all"):
                clients.kill()
            if victim in ("daemon", "all"):
                daemon.process.kill()
            if victim in ("run", "all"):
                for pid, words in queue.processes().items():
                    if words.split(" ")[0].endswith("/smelt-exec") and generator.random() < 0.7:
                        end(pid)
            if victim == "stage":
                stages = sorted(pid for pid, words in queue.processes().items() if stage.match(words))
                if stages:
                    end(generator.choice(stages))
            clients.collect()
            if victim in ("daemon", "all"):
                daemon.wait()
                daemon = Daemon(queue)
                queue.daemons = [daemon]
        settled(queue, clients)
        total = account(queue, clients)
        assert daemon.end() == 0, daemon.complaints()
        queue.verify()
        assert not queue.files(), f"files are left: {queue.files()}"
        queue.sh("smelt-provision", "gc")
        environments, _, mounts = queue.left()
        assert not environments and not mounts, f"left: {environments} {mounts}"
        assert not queue.processes(), f"processes are left: {queue.processes()}"
    print(f"serve-kill.py: {count} kills ({tally}), {total} jobs, each accounted for")


def end(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def settled(queue, clients):
    """Waits until all that was dropped is a job, and all jobs are over."""
    with Watch(queue.home / "drop" / "dispatched") as watch:
        for name in clients.dropped:
            watch.until(lambda found: found.endswith("-" + name))
    for state in ["held", None]:
        words = ["list", "--json", "--limit", "1000000", *(["-s", state] if state else [])]
        for line in queue.call(*words).splitlines():
            job = json.loads(line)["id"]
            if state:
                queue.call("release", job)
            else:
                # One that was lost often is begun again after a pause that doubles.
                queue.wait(job, timeout=1200)


main()
