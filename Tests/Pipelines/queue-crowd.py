#!/usr/bin/env python3
"""queue-crowd.py [ROUNDS [SEED]]: two daemons, ten clients, backups and restores, all at the same time (by default 3 rounds).

One of two daemons refuses to work. Clients add, list, cancel, hold, release, retry, wait and follow while copies are made and put
back. Whatever was acknowledged is in the queue, or a restore has told that it is not; each restore is another epoch, and
who follows is told; afterwards every job comes to its end, each attempt was done once, and verify finds nothing wrong."""
import contextlib, json, os, random, signal, subprocess, sys, threading
from serving import Daemon, Queue

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
# What a command may end with here: done, no, not there any more, somebody else uses it, in no state for that.
usual = {0, 1, 66, 75, 77}


class Client(threading.Thread):
    """Calls one command after the other, and keeps what was acknowledged, with how many copies had been begun by then."""

    def __init__(self, queue, crowd, number):
        super().__init__()
        self.queue, self.crowd, self.chance = queue, crowd, random.Random(seed * 100 + number)
        self.fault = None

    def run(self):
        try:
            while not self.crowd.over.is_set():
                self.crowd.open.wait()
                with self.crowd.busy(1):
                    self.one()
        except Exception as fault:
            self.fault = fault

    def call(self, *words, input=None, timeout=60):
        done = subprocess.run(["smelt-queue", *words], env=self.queue.environment, cwd=self.queue.home, capture_output=True, text=True,
                              input=input, timeout=timeout)
        assert done.returncode in usual or words[0] == "wait", f"{words}: {done.returncode}: {done.stderr}"
        assert done.returncode != 75 or "uses" in done.stderr, f"{words}: {done.stderr}"
        return done

    def one(self):
        chance, crowd = self.chance, self.crowd
        kind = chance.choice(["add", "add", "add", "many", "list", "cancel", "hold", "release", "retry", "wait", "follow"])
        script = f"echo $SMELT_ATTEMPT >> {self.queue.work}/$SMELT_JOB; exit {chance.choice([0, 0, 0, 1])}"
        if kind in ("add", "many"):
            if kind == "add":
                done = self.call("add", *chance.choice([[], ["--hold"], ["--retries", "1", "--backoff", "1ms"]]), "--", "sh", "-c", script)
            else:
                done = self.call("add", "-", input=4 * (json.dumps({"argv": ["sh", "-c", script]}) + "\n"))
            ids = [line for line in done.stdout.splitlines() if len(line) == 26]
            assert done.returncode == 0 and ids, f"nothing was added: {done.returncode}, {done.stderr}"
            crowd.keep(ids)
            return
        if kind == "list":
            self.call("list", "--limit", "50")
            return
        if not (job := crowd.some(chance)):
            return
        if kind == "wait":
            # Not for those that are held.
            try:
                self.call("wait", job, timeout=0.2)
            except subprocess.TimeoutExpired:
                pass
        elif kind == "follow":
            try:
                self.call("events", "-f", job, timeout=0.2)
            except subprocess.TimeoutExpired:
                pass
        else:
            self.call(kind, job)


class Crowd:
    def __init__(self):
        self.guard, self.open, self.over = threading.Lock(), threading.Event(), threading.Event()
        self.inside, self.change = 0, threading.Condition()
        self.copies, self.known, self.gone = 0, {}, set()
        self.open.set()

    @contextlib.contextmanager
    def busy(self, count):
        with self.change:
            self.inside += count
        try:
            yield
        finally:
            with self.change:
                self.inside -= count
                self.change.notify_all()

    def make_room(self):
        """No call is under way any more, and none begins."""
        self.open.clear()
        with self.change:
            assert self.change.wait_for(lambda: self.inside == 0, 60), "a client does not end"

    def copy(self):
        with self.guard:
            self.copies += 1
            return self.copies

    def keep(self, ids):
        with self.guard:
            for id in ids:
                assert id not in self.known, f"{id} was given twice"
                self.known[id] = self.copies

    def some(self, chance):
        with self.guard:
            return chance.choice(list(self.known)) if self.known else None


def ids_of(queue):
    return [json.loads(line)["id"] for line in queue.call("list", "--json", "--limit", "1000000").splitlines()]


def epoch_of(queue, job):
    return json.loads(queue.call("events", job).splitlines()[0])["epoch"]


def refused(queue):
    status, _, said = queue.call("serve", "-c", str(queue.server), check=None)
    assert status == 75 and "a daemon works with" in said, (status, said)


def a_round(queue, crowd, chance, number, first):
    """A copy while all go on; then it is put back while clients do. Answers how many were refused meanwhile."""
    daemon = Daemon(queue)
    refused(queue)
    copied = crowd.copy()
    queue.call("backup", f"copy-{number}")
    # Enough that the copy does not have.
    with crowd.guard:
        wanted = len(crowd.known) + 20
    while len(crowd.known) < wanted and not crowd.over.is_set():
        status, _, said = queue.call("restore", f"copy-{number}", check=None)
        assert status == 75 and "uses" in said, f"put in the place of a queue that is used: {status}, {said}"
    daemon.end(chance.choice([signal.SIGTERM, signal.SIGKILL]))
    queue.daemons.remove(daemon)
    # So that there is a moment without any clients they make room, and come back while it is being done.
    before, tries = epoch_of(queue, first), 0
    while True:
        crowd.make_room()
        restore = subprocess.Popen(["smelt-queue", "restore", f"copy-{number}"], env=queue.environment, cwd=queue.home,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        crowd.open.set()
        out, said = restore.communicate(timeout=60)
        tries += 1
        if restore.returncode == 0:
            break
        assert restore.returncode == 75 and "uses" in said, (restore.returncode, said)
    gone = out.split()
    with crowd.guard:
        early = [id for id in gone if crowd.known.get(id, copied) < copied]
    assert not early, f"{early} were added before the copy, and are not in it"
    crowd.gone.update(gone)
    assert epoch_of(queue, first) != before, "the epoch is the same"
    return tries


def main():
    print(f"queue-crowd.py: {rounds} rounds, seed {seed}", flush=True)
    chance = random.Random(seed)
    with Queue() as queue:
        queue.configure(most=2)
        # It is in every copy, and never begins.
        first = queue.add("true", options=["--hold", "--name", "first"])
        crowd = Crowd()
        clients = [Client(queue, crowd, number) for number in range(10)]
        for client in clients:
            client.start()
        try:
            tries = sum(a_round(queue, crowd, chance, number, first) for number in range(rounds))
        finally:
            crowd.open.set()
            crowd.over.set()
            for client in clients:
                client.join()
        for client in clients:
            if client.fault:
                raise client.fault
        daemon = Daemon(queue)
        there = ids_of(queue)
        assert len(set(there)) == len(there), "an id is there twice"
        missing = set(crowd.known) - set(there) - crowd.gone
        assert not missing, f"acknowledged, not there, and not told of: {missing}"
        assert not set(there) & crowd.gone, "what was told to be gone is there"
        for job in there:
            state = queue.show(job)["state"]
            if state == "held":
                queue.call("release", job)
        for job in there:
            queue.wait(job)
            records = queue.events(job)
            begun = [r["attempt"] for r in records if r["type"] == "job.changed" and r["to"] == "running" and r.get("from") == "queued"]
            assert begun == sorted(set(begun)), f"{job}: {begun}"
        assert daemon.end() == 0, daemon.complaints()
        queue.verify()
        actions = [json.loads(line)["action"] for line in queue.call("audit").splitlines()]
        assert actions.count("restore") >= 1, actions
        assert not queue.files() and not queue.processes(), (queue.files(), queue.processes())
    print(f"queue-crowd.py: {len(crowd.known)} acknowledged, {len(there)} there, {len(crowd.gone)} told to be gone by {rounds} restores "
          f"in {tries} tries")


main()
