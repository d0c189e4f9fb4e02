#!/usr/bin/env python3
"""serve-faults.py [COUNT|all [SEED]]: the daemon and its clients where the disk is full, and where a call fails.

Nothing that was acknowledged is lost, nothing is done twice without a loss in its log, and a job that has succeeded has its whole
log. The daemon goes on when it can, or ends with a sentence and a status that says what is wrong; the next one takes up. Of the
calls that can fail COUNT are tried (default 16) of a daemon's and of each client's; the seed is printed."""
import collections, contextlib, json, os, pathlib, random, re, select, signal, sqlite3, subprocess, sys
from serving import Daemon, Watch, main as run

# Tests/scripts gives no words; `main` of serving.py takes names of tests.
words = [w for w in sys.argv[1:] if w.isdigit() or w == "all"]
sys.argv[1:] = [w for w in sys.argv[1:] if w not in words]
most = 1 << 30 if words[:1] == ["all"] else int(words[0]) if words else 16
seed = int(words[1]) if len(words) > 1 else random.randrange(1 << 32)
chance = random.Random(seed)

errors = {
    "openat": "EIO ENOSPC EMFILE", "pwrite64": "EIO ENOSPC", "write": "EIO ENOSPC", "fdatasync": "EIO ENOSPC", "fsync": "EIO ENOSPC",
    "ftruncate": "EIO", "pread64": "EIO", "read": "EIO", "fstat": "EIO", "link": "EIO ENOSPC", "unlink": "EIO", "rename": "EIO ENOSPC",
    "mkdir": "EIO ENOSPC", "rmdir": "EIO", "fcntl": "EIO ENOLCK", "flock": "ENOLCK", "utimensat": "EIO", "getdents64": "EIO",
    "inotify_add_watch": "ENOSPC", "vfork": "EAGAIN", "clone": "EAGAIN", "clone3": "EAGAIN", "pipe2": "EMFILE", "pidfd_open": "EMFILE",
    "poll": "EINTR", "newfstatat": "EIO", "stat": "EIO", "lstat": "EIO", "access": "EIO", "fallocate": "ENOSPC",
}
# What a command of ours may end with that could not do its work: smelt(7).
honest = {66, 69, 74, 75, 77, 78}
# Each line is written or the script ends; who ran it is told elsewhere.
LINES = 40
SCRIPT = ("echo $SMELT_ATTEMPT >> {work}/$SMELT_JOB; i=0; while [ $i -lt %d ]; do echo \"line $i\" || exit 74; i=$((i+1)); done" % LINES)
WHOLE = "".join(f"line {n}\n" for n in range(LINES))


def account(queue, acknowledged, asked=None):
    """Every job comes to its end, once."""
    known = [json.loads(line) for line in queue.call("list", "--json", "--limit", "1000000").splitlines()]
    ids = [job["id"] for job in known]
    assert len(set(ids)) == len(ids), "an id is there twice"
    missing = set(acknowledged) - set(ids)
    assert not missing, f"acknowledged and lost: {missing}"
    assert asked is None or len(ids) <= asked, f"{len(ids)} jobs, {asked} were asked for"
    for id in ids:
        status = queue.wait(id)
        records = queue.events(id)
        changes = [r for r in records if r["type"] == "job.changed"]
        begun = [r["attempt"] for r in changes if r["to"] == "running" and r.get("from") == "queued"]
        path = queue.work / id
        wrote = [int(line) for line in path.read_text().split()] if path.exists() else []
        assert len(wrote) == len(set(wrote)), f"{id} did an attempt twice: {wrote}"
        assert set(wrote) <= set(begun) and begun == sorted(set(begun)), f"{id}: did {wrote}, begun {begun}"
        # Between two attempts there is a loss, or an end that is tried again.
        for attempt in begun[1:]:
            before = [r for r in changes if r["attempt"] == attempt - 1]
            assert any(r["to"] in ("lost", "retrying") or r.get("reason") for r in before), f"{id}: {before}"
        assert status == 0, f"{id} ended with {status}: {changes}"
        last = [r for r in records if r["type"] == "output" and r["run"] == queue.show(id)["runId"] and r["stream"] == "stdout"]
        assert "".join(r["text"] for r in last) == WHOLE, f"the log of {id} is not whole"
    return len(ids)


def add(queue, acknowledged):
    status, out, said = queue.call("add", "--retries", "9", "--backoff", "10ms", "--", "sh", "-c", SCRIPT.format(work=queue.work),
                                   check=None)
    ids = [line for line in out.splitlines() if len(line) == 26]
    assert status == 0 and ids or status in (74, 75) and said.startswith("smelt-queue: "), (status, out, said)
    acknowledged += ids
    return status


def filled(path, room=0):
    """Takes all that is left of the file system but so many bytes."""
    with open(path, "ab", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65536)
        except OSError:
            pass
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - room))


def a_full_disk(queue):
    """It is full again and again while jobs are added and run, for moments and for longer."""
    full = pathlib.Path(os.environ["SMELT_TEST_FULL"])
    queue.state = full / "state"
    queue.environment["SMELT_STATE_DIR"] = str(queue.state)
    queue.configure(most=2)
    daemon = Daemon(queue)
    acknowledged, told, asked = [], collections.Counter(), 0
    ballast = full / "ballast"
    for round in range(6):
        for _ in range(4):
            asked += 1
            told[add(queue, acknowledged)] += 1
        filled(ballast, chance.choice([0, 0, 4096]))
        # As long as what was there before has room for more: a log that is begun anew grows later.
        for _ in range(200):
            asked += 1
            status = add(queue, acknowledged)
            told[status] += 1
            if status == 74:
                break
        if round == 2:
            # One that is killed meanwhile, and one that begins while there is no room.
            daemon.end(signal.SIGKILL)
            daemon = Daemon(queue, ready=False)
        assert daemon.process.poll() is None or daemon.process.returncode == 74, daemon.complaints()
        ballast.unlink()
        if daemon.process.poll() is not None:
            daemon = Daemon(queue)
    assert told[0] and told[74], f"nothing was refused, or nothing taken: {told}"
    total = account(queue, acknowledged, asked)
    assert daemon.process.poll() is None and daemon.end() == 0, daemon.complaints()
    print(f"a full disk: {asked} asked for, {len(acknowledged)} acknowledged, {total} there", flush=True)
    assert not queue.files(), queue.files()


def counted(queue, words, environment=None):
    """How often a command makes each call, as long as all goes well."""
    trace = queue.home / "trace"
    done = subprocess.run(["strace", "-qqq", "-o", str(trace), "-e", f"trace={','.join(errors)}", "-e", "signal=none", *words],
                          env=environment or queue.environment, cwd=queue.home, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return calls_in(trace)


def calls_in(trace):
    """Each call, by name and number. What comes before the first of ours, `fcntl` on descriptor 0, is the runtime's and left out."""
    found, seen, is_ours = [], collections.Counter(), False
    for name, rest in re.findall(r"^(\w+)\((..)", trace.read_text(errors="replace"), re.M):
        seen[name] += 1
        is_ours = is_ours or (name, rest) == ("fcntl", "0,")
        if is_ours:
            found.append((name, seen[name]))
    assert found, "none of these calls is ours"
    return found


def points(calls):
    """Each call with each of its errors."""
    return [(name, error, number) for name, number in calls for error in errors[name].split()]


def some(list):
    return list if len(list) <= most else chance.sample(list, most)


def injected(point, for_good=False):
    name, error, number = point
    return ["strace", "-D", "-qqq", "-o", "/dev/null", "-e", f"trace={name}", "-e", "signal=none",
            "-e", f"inject={name}:error={error}:when={number}{'+' if for_good else ''}"]


def a_client(queue):
    """One call of a command fails: it says that it could not, or has done it."""
    held = queue.add("true", options=["--hold"])
    over = queue.add("true", options=["--hold"])
    queue.call("cancel", over)
    tried = 0
    for name, words in [("add", ["add", "--hold", "--", "true"]), ("hold", ["hold", held]), ("cancel", None), ("events", ["events", held]),
                        ("list", ["list"]), ("backup", None), ("priority", ["priority", "3", held]), ("prune", ["prune", "--keep", "100"])]:
        def command(number):
            if name == "cancel":
                return ["cancel", queue.add("true", options=["--hold"])]
            return ["backup", f"copy-{number}"] if name == "backup" else words
        counts = counted(queue, ["smelt-queue", *command("all")])
        (queue.home / "copy-all").unlink(missing_ok=True)
        for number, point in enumerate(some(points(counts))):
            used = command(number)
            ids = {json.loads(line)["id"] for line in queue.call("list", "--limit", "100000").splitlines()}
            done = subprocess.run([*injected(point), "smelt-queue", *used], env=queue.environment, cwd=queue.home,
                                  capture_output=True, text=True, timeout=60)
            where = f"{name}, {point[0]} {point[2]} with {point[1]}: {done.returncode}, {done.stdout!r}, {done.stderr!r}"
            assert done.returncode in honest | {0}, where
            assert done.returncode == 0 or done.stderr.count("\n") == 1 and done.stderr.startswith("smelt-queue: "), where
            jobs = {json.loads(line)["id"]: json.loads(line) for line in queue.call("list", "--limit", "100000").splitlines()}
            assert ids <= set(jobs), where
            if name == "add":
                printed = done.stdout.split()
                assert set(printed) <= set(jobs) and (done.returncode or len(printed) == 1), where
            if name == "cancel" and done.returncode == 0:
                assert jobs[used[1]]["state"] == "cancelled", where
            if name == "priority" and done.returncode == 0:
                assert jobs[held]["priority"] == 3, where
            if name == "backup":
                copy = queue.home / used[1]
                assert copy.exists() or done.returncode, where
                if copy.exists():
                    other = {**queue.environment, "SMELT_STATE_DIR": str(queue.home / "other")}
                    (queue.home / "other").mkdir(mode=0o700)
                    copy.rename(queue.home / "other" / "smelt.db")
                    subprocess.run(["smelt-queue", "verify"], env=other, check=True)
                    subprocess.run(["rm", "-r", str(queue.home / "other")], check=True)
                left = [p.name for p in queue.home.glob("copy-*")]
                assert not left or done.returncode, f"{left} is left: {where}"
                for path in queue.home.glob("copy-*"):
                    path.unlink()
            queue.verify()
            tried += 1
    print(f"a client: {tried} calls have failed", flush=True)


def a_daemon(queue):
    """One call of the daemon fails, or all from one on."""
    queue.configure(most=2)
    acknowledged = []

    def work():
        for _ in range(3):
            assert add(queue, acknowledged) == 0
        return acknowledged[-3:]

    # Every call of one that works off three jobs and is then stopped.
    jobs = work()
    trace = queue.home / "trace"
    daemon = Daemon(queue, before=["strace", "-D", "-qqq", "-o", str(trace), "-e", f"trace={','.join(errors)}", "-e", "signal=none"])
    assert queue.wait(*jobs) == 0
    assert daemon.end() == 0
    counts = calls_in(trace)
    tried = ended = 0
    for point in some(points(counts)):
        # No call is interrupted for ever.
        for_good = chance.random() < 0.25 and point[1] != "EINTR"
        where = f"{point[0]} {point[2]}{'+' if for_good else ''} with {point[1]}"
        jobs = work()
        said = len(daemon.complaints())
        daemon = Daemon(queue, ready=False, before=injected(point, for_good))
        waits = subprocess.Popen(["smelt-queue", "wait", *jobs], env=queue.environment, stderr=subprocess.DEVNULL)
        if for_good:
            # What it cannot do it may try for ever; it is killed when it has told so, or when it has done all.
            waited = until_told(queue, daemon, waits, said, jobs[0])
        else:
            waited = first_of(daemon.process, waits)
        waits.kill()
        waits.wait()
        if daemon.process.poll() is None:
            daemon.end(signal.SIGKILL if for_good else signal.SIGTERM)
        else:
            ended += 1
            code = daemon.wait()
            lines = daemon.complaints()[said:].splitlines()
            assert code in honest, f"{where}: {code}: {lines}"
            assert lines and lines[-1].startswith("smelt-queue: "), f"{where}: {code}: {lines}"
        assert waited, f"{where}: neither done nor ended: {daemon.complaints()[said:]}"
        after = Daemon(queue)
        try:
            account(queue, jobs)
        except AssertionError as fault:
            raise AssertionError(f"{where}: {fault}\n{daemon.complaints()[said:]}") from fault
        assert after.end() == 0, after.complaints()
        queue.verify()
        queue.call("prune", "--keep", "0")
        assert not queue.files(), f"{where}: {queue.files()}"
        tried += 1
    print(f"a daemon: {tried} of {len(points(counts))} calls have failed, {ended} times it has ended", flush=True)


def an_unreadable_run(queue):
    """A run whose records cannot be read for a while is not taken for a lost one, and is not begun again."""
    acknowledged = []
    add(queue, acknowledged)
    job = acknowledged[0]
    records = queue.state / "queue" / job / "1.jsonl"
    daemon = Daemon(queue, before=["strace", "-D", "-qqq", "-o", str(queue.home / "trace"), "-P", str(records), "-e", "signal=none",
                                   "-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=1..3"])
    assert account(queue, acknowledged) == 1
    assert queue.states(job) == ["queued", "running", "succeeded"], queue.states(job)
    failed = (queue.home / "trace").read_text().count("EIO")
    assert failed == 3, f"{failed} calls failed"
    said = daemon.complaints().splitlines()
    assert len(said) == 1 and "could not read" in said[0], said
    assert daemon.end() == 0


def a_run_that_is_not_let_begin(queue):
    """A daemon that is killed when the store knows of a run, and before it lets it begin: the next one begins it anew."""
    acknowledged = []
    add(queue, acknowledged)
    trace = queue.home / "trace"
    # The first that it writes is the byte that a run waits for.
    first = Daemon(queue, ready=False, before=["strace", "-D", "-qqq", "-o", str(trace), "-e", "signal=none", "-e", "trace=write",
                                               "-e", "inject=write:signal=KILL:when=1"])
    assert first.wait() == -signal.SIGKILL
    assert re.match(r'write\(\d+, "\\n", 1', trace.read_text()), trace.read_text()
    after = Daemon(queue)
    assert account(queue, acknowledged) == 1
    assert queue.states(acknowledged[0]) == ["queued", "running", "lost", "running", "lost", "queued", "running", "succeeded"], \
        queue.states(acknowledged[0])
    assert after.end() == 0


def a_locked_file(queue):
    """A daemon that is told to stop while somebody else has the file for long ends, for later; the next one has what it ran."""
    os.mkfifo(queue.work / "more")
    os.chmod(queue.work / "more", 0o666)
    feed = os.open(queue.work / "more", os.O_RDWR)
    job = queue.shell(f"echo ready; read -r line <{queue.work}/more; echo $line")
    daemon = Daemon(queue)
    queue.printed(job, "ready")
    with contextlib.closing(sqlite3.connect(queue.state / "smelt.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        os.write(feed, b"go on\n")
        daemon.complained("another process")
        assert daemon.end() == 75, daemon.complaints()
        assert "smelt-queue: " in daemon.complaints().splitlines()[-1], daemon.complaints()
        other.execute("ROLLBACK")
    os.close(feed)
    after = Daemon(queue)
    assert queue.wait(job) == 0
    assert queue.output(job) == "ready\ngo on\n" and queue.show(job)["attempt"] == 1, queue.states(job)
    assert after.end() == 0, after.complaints()


def first_of(*processes, more=()):
    """Whether one of them ends, or one of more descriptors is readable, within a minute."""
    handles = [os.pidfd_open(p.pid) for p in processes]
    try:
        return bool(select.select([*handles, *more], [], [], 60)[0])
    finally:
        for handle in handles:
            os.close(handle)


def until_told(queue, daemon, waits, said, job):
    """Or a job's log says what it cannot do."""
    follow = f"smelt-queue events -f {job} | grep -q '\"to\":\"retrying\"'"
    follow = subprocess.Popen(["sh", "-c", follow], env=queue.environment, start_new_session=True)
    try:
        with Watch(queue.home / "daemon-errors") as watch:
            return len(daemon.complaints()) > said or first_of(daemon.process, waits, follow, more=[watch.events])
    finally:
        os.killpg(follow.pid, signal.SIGKILL)
        follow.wait()


def alone_with_a_small_disk():
    """This test again, where $SMELT_TEST_FULL is a file system of 8 MiB that nobody else sees. When it is not full there has to be
    room for the log of writes, which has 4 before the daemon moves it into the file."""
    if "SMELT_TEST_FULL" in os.environ:
        return
    os.environ["SMELT_TEST_FULL"] = "/mnt"
    mount = 'mount -t tmpfs -o size=8m,mode=700 none "$SMELT_TEST_FULL" && exec "$@"'
    if os.getuid() == 0:
        os.execvp("unshare", ["unshare", "-m", "sh", "-c", mount, "sh", sys.executable, *sys.argv])
    drop = ["setpriv", "--ambient-caps=-all", "--inh-caps=-all"]
    os.execvp("unshare", ["unshare", "-Umc", "--keep-caps", "sh", "-c", mount, "sh", *drop, sys.executable, *sys.argv])


sys.argv[1:] = sys.argv[1:] + words if "SMELT_TEST_FULL" not in os.environ else sys.argv[1:]
alone_with_a_small_disk()
print(f"serve-faults.py: seed {seed}", flush=True)
# It waits for half a minute.
run([a_full_disk, an_unreadable_run, a_run_that_is_not_let_begin, a_client, a_daemon] + ([a_locked_file] if words[:1] == ["all"] else []))
