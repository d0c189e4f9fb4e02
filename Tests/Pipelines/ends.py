#!/usr/bin/env python3
"""ends.py [TEST]...: how the stages end when the disk is full, nobody listens, nobody reads, or they are told
to stop; whichever it was, the log says it, the work is kept, and nothing is left behind."""
import json, os, pathlib, re, signal, subprocess, sys, tempfile
from feeding import Log, added, feed, name
from pipeline import Pipe, World, appears, check, sh, stages

job = """
[job]
name = "ended"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
[agent]
command = ["sh", "-c", '''{agent}''']
[[session]]
name = "one"
spec = "s"
harness = "{harness}"
timeout = {timeout}
[merge]
target = "result"
"""
# Goes on until the test ends the one process in it that has the word in its command line.
waits = "echo precious > file; echo ready; tail -f /dev/null /nonexistent/{word}; true"


def manifest(world, agent, timeout=60, harness="true"):
    world.repository()
    return world.manifest(job.format(agent=agent, timeout=timeout, harness=harness))


def processes(word):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == b"tail" and any(word.encode() in w for w in words):
            yield int(pid)


def settled(world, statuses, run_status, errors=""):
    """What must hold after every end: a whole log that says how, and nothing left."""
    logs = list(world.home.glob(".smelt/runs/*/*.jsonl"))
    logs = [l for l in logs if not l.name.endswith(".files.jsonl")]
    assert len(logs) == 1, logs
    records = [json.loads(line) for line in logs[0].read_bytes().splitlines()]
    where = f"{statuses} {[(r.get('stage'), r.get('code')) for r in records if r['type'] == 'failed']} {errors}"
    assert records[-1]["type"] == "run.finished" and records[-1]["status"] == run_status, f"{where} {records[-1]}"
    verified = subprocess.run(["smelt-runs", "verify", str(logs[0])], env=world.environment, cwd=world.home, capture_output=True, text=True)
    assert verified.returncode == 0, f"{where}: {verified.stderr}"
    told = subprocess.run(["smelt-runs", "status", "--json", logs[0].parent.name], env=world.environment, cwd=world.home, capture_output=True, text=True)
    described = json.loads(told.stdout)
    assert (described["active"], described["status"], told.returncode) == (False, run_status, 1), f"{where} {told.stdout}"
    left = world.left()
    assert left == ([], [], []), f"{where}: left {left}"
    return records


def kept(world, text="precious\n"):
    """Whether some reference of smelt's own repository has the work."""
    results = f"--git-dir={world.state}/results.git"
    refs = world.sh("git", results, "for-each-ref", "--format=%(refname)").split()
    return any(subprocess.run(["git", results, "show", f"{ref}:file"], capture_output=True, text=True).stdout == text for ref in refs)


def output_that_cannot_be_taken():
    """A full device and a pipe that nobody reads: the stage does what it must and ends with 74 or 141."""
    for kind, status in (("full", 74), ("closed", 141)):
        for index, words in enumerate(stages):
            with World() as world:
                log = Log(world)
                for path in world.home.glob(".smelt/runs/lines/*"):
                    path.unlink()
                if index == 1 or index == 3:
                    # Its environment again, and for release one in which a session has worked.
                    data = feed(world, stages[0], log.given[0]).stdout
                    data = feed(world, stages[1], data).stdout if index == 3 else data
                else:
                    data = log.given[index]
                if kind == "full":
                    out = os.open("/dev/full", os.O_WRONLY)
                else:
                    reading, out = os.pipe()
                    os.close(reading)
                done = subprocess.run(words, input=data, stdout=out, stderr=subprocess.PIPE, env=world.environment, cwd=world.home, timeout=60)
                os.close(out)
                where = f"{name(words)}, {kind}: {done.returncode} {done.stderr.decode()}"
                assert done.returncode == status, where
                if kind == "full":
                    assert done.stderr.decode().count("could not write 'standard output': No space left on device") == 1, where
                if index == 3:
                    assert kept(world, "work\n") and not world.left()[0], f"{where} {world.left()}"
                if index == 6:
                    kept_log = next(l for l in world.home.glob(".smelt/runs/lines/*.jsonl") if ".files" not in l.name)
                    lines = kept_log.read_bytes().splitlines(keepends=True)
                    assert b"".join(lines[:-1]) == data and json.loads(lines[-1])["status"] == 0, where
                world.sh("smelt-provision", "gc")
                assert world.left() == ([], [], []), f"{where} {world.left()}"
    with World() as world:
        log = Log(world)
        for words in (["smelt-manifest", "plan", "job.toml"], ["smelt-manifest", "plan", "--human", "job.toml"], ["smelt-manifest", "schema"], ["smelt-exec", "--help"],
                      ["smelt-pr", "--version"], ["smelt-runs", "list", "--human"], ["smelt-runs", "list", "--json"], ["smelt-runs", "status", "--human", "lines"],
                      ["smelt-review", "--options"]):
            with open("/dev/full", "wb") as out:
                done = subprocess.run(words, stdout=out, stderr=subprocess.PIPE, env=world.environment, cwd=world.home)
            assert done.returncode == 74 and b"could not write" in done.stderr, f"{words}: {done.returncode} {done.stderr.decode()}"


def standard_descriptors_that_came_closed():
    """No record and no complaint ends up in a file of ours; what could not be read or written is 74."""
    with World() as world:
        log = Log(world)
        for number in (0, 1, 2):
            for index, words in enumerate(stages):
                data = feed(world, stages[0], log.given[0]).stdout if index == 1 else log.given[index]
                done = subprocess.run(["sh", "-c", f'"$@" {number}{"<" if number == 0 else ">"}&-', "sh", *words],
                                      input=data, stdout=tempfile.TemporaryFile() if number != 1 else subprocess.DEVNULL,
                                      stderr=tempfile.TemporaryFile() if number != 2 else subprocess.DEVNULL, env=world.environment, cwd=world.home, timeout=60)
                assert done.returncode == (0 if number == 2 else 74), f"{name(words)} without {number}: {done.returncode}"
        world.sh("smelt-provision", "gc")
        for path in [*world.state.rglob("*"), *world.home.glob("runtime/**/*")]:
            if path.is_file() and not path.is_symlink() and ".git" not in str(path):
                text = path.read_bytes()
                assert b'{"v":1' not in text and not re.match(rb"smelt-[a-z]+: ", text), f"{path}: {text[:200]}"


def ends_of_children_are_learnt_where_they_come_ignored():
    with World() as world:
        path = manifest(world, "echo precious > file", harness="exit 3")
        done = subprocess.run(["smelt", "run", str(path)], env=world.environment, cwd=world.home, capture_output=True,
                              preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        assert done.returncode == 2, f"{done.returncode}: {done.stderr.decode()}"
        settled(world, done.returncode, 2)


def a_stopped_stage_stops_no_clock():
    """Each stage behind exec is stopped while an agent prints for ever: its time ends it, its work is
    salvaged meanwhile, nobody holds more than 40 MB, and the run ends as it should once all go on."""
    for index in range(2, len(stages)):
        with World() as world:
            path = manifest(world, "echo precious > file; echo ready; yes | head -c 60000000; tail -f /dev/null", timeout=2)
            errors = world.home / "errors"
            pipe = Pipe(world, world.planned(path), output=subprocess.PIPE, errors=errors)
            out = pipe.children[-1].stdout
            read = []
            for line in out:
                read.append(line)
                if b'"output"' in line:
                    break
            pipe.kill(index, signal.SIGSTOP)
            appears(next(world.state.glob("environments/smelt-*")), "one.bundle")
            peaks = [int(l.split()[1]) for c in pipe.children if c.poll() is None
                     for l in open(f"/proc/{c.pid}/status") if l.startswith("VmHWM")]
            pipe.kill(index, signal.SIGCONT)
            read += out.readlines()
            statuses = pipe.wait()
            where = f"{name(stages[index])}: {statuses} {errors.read_text()}"
            assert max(peaks) < 40_000, f"{where}: {peaks} KiB"
            ended = [json.loads(l) for l in read if b'"session.finished"' in l]
            assert [e["ending"] for e in ended] == ["timed_out"], where
            assert statuses == [0, 0, 0, 0, 0, 0, 1], where
            settled(world, statuses, 1)
            assert kept(world), where


def signalled(world, victim, number, times):
    """Runs a job, sends the signal while its session works, ends the work where the signal did not."""
    word = f"word{os.getpid()}x{victim}x{number}x{times}"
    path = manifest(world, waits.format(word=word))
    errors = world.home / "errors"
    pipe = Pipe(world, world.planned(path), output=subprocess.PIPE, errors=errors)
    out = pipe.children[-1].stdout
    for line in out:
        # tail says so once it runs.
        if b'"stderr"' in line and b'cannot open' in line:
            break
    for _ in range(times):
        pipe.kill(victim, number)
        for child in pipe.children if victim is None else [pipe.children[victim]]:
            caught(child)
    # Stopping exec is what ends sessions.
    if victim not in (None, 1):
        for pid in processes(word):
            os.kill(pid, signal.SIGKILL)
    out.read()
    statuses = pipe.wait()
    assert not list(processes(word))
    return statuses, errors.read_text()


def caught(child):
    """Waits until no signal is on its way to the process."""
    while child.poll() is None:
        try:
            pending = [l.split()[1] for l in open(f"/proc/{child.pid}/status") if l.startswith(("SigPnd", "ShdPnd"))]
        except OSError:
            return
        if not any(int(p, 16) for p in pending):
            return


def signals_to_each_stage():
    """INT and TERM, once and twice, to each stage and to all: who exits how, and what the run comes to."""
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        for times in (1, 2):
            for victim in [*range(len(stages)), None]:
                with World() as world:
                    statuses, errors = signalled(world, victim, number, times)
                    where = f"{number.name} x{times} to {'all' if victim is None else name(stages[victim])}: {statuses} {errors}"
                    provision, execute, collect, release, review, pr, record = statuses
                    assert provision in (0, code), where
                    if victim is None:
                        # After two, the last ones may find that nobody listens any more.
                        more = {code, 141} if times == 2 else {code}
                        assert execute == collect == code and {review, pr} <= more, where
                        assert release in ({0} if times == 1 else {0, *more}), where
                        assert record in (130, code), where
                    elif victim == 1:
                        assert execute == code and (collect, release, review, pr) == (0, 0, 0, 0) and record in (130, code), where
                    elif victim == 2 or victim == 5:
                        assert statuses[victim] == code and record == code, where
                        assert [s for i, s in enumerate(statuses) if i not in (0, victim, 6)] == [0] * 4, where
                    elif victim == 3 and times == 2:
                        # What it did not clear away, the next run does.
                        assert release == code and record == code, where
                    elif victim == 6 and times == 2:
                        # The others finish, though nobody takes what the last one says.
                        assert record == code and pr in (0, 141) and statuses[:5] == [provision, 0, 0, 0, 0], where
                    else:
                        # Nothing of the run was this stage's to do, or it does it all the same.
                        assert record == 0, where
                        assert statuses[victim] in (0, code), where
                        assert [s for i, s in enumerate(statuses) if i != victim] == [0] * 6, where
                        assert victim != 6 or statuses[victim] == 0, where
                    if times == 2 and victim in (None, 3):
                        world.sh("smelt-provision", "gc")
                    settled(world, statuses, record, errors)
                    assert kept(world), where
                    moved = world.sh("git", "branch", "--list", "result", cwd=world.home / "project")
                    assert bool(moved) == (record == 0) or victim == 6, where


def mounted(path, size):
    """A small disk there: no tmpfs, which before Linux 6.6 can hold no workspaces."""
    image = path.with_suffix(".disk")
    with open(image, "wb") as file: file.truncate(size)
    path.mkdir(parents=True, exist_ok=True)
    sh("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image)
    done = subprocess.run(["mount", "-o", "loop", image, path], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"mounting takes root and loop devices: {done.stderr}")
        sys.exit(77)
    path.chmod(0o700)


def fill(path):
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass


def a_full_disk_at_each_stage():
    """The state directory, then the runs directory, is full when a stage begins: the fault is 74 or 75 and told,
    nothing that was committed is lost, and with room again the rest of the run is what it says."""
    for place in ("state", ".smelt"):
        for index, words in enumerate(stages):
            with World() as world:
                mounted(world.home / place, 10 << 20)
                try:
                    (world.home / ".smelt" / "runs").mkdir(parents=True, exist_ok=True)
                    log_of = manifest(world, "echo precious > file")
                    data = world.planned(log_of)
                    for before in stages[:index]:
                        data = feed(world, before, data).stdout
                    fill(world.home / place / "full")
                    done = feed(world, words, data)
                    codes = [r["code"] for r in added(done.stdout, data) if r["type"] == "failed"]
                    where = f"{name(words)} with no room in {place}: {done.returncode} {codes} {done.stderr.decode()}"
                    assert done.returncode in (0, 1, 74, 75), where
                    os.unlink(world.home / place / "full")
                    data = done.stdout
                    for behind in stages[index + 1:]:
                        done = feed(world, behind, data)
                        data = done.stdout
                    records = [json.loads(line) for line in data.splitlines()]
                    finished = records[-1]
                    assert finished["type"] == "run.finished", where
                    failed = bool(codes) or any(r["type"] == "session.finished" and r["ending"] != "succeeded" for r in records)
                    assert bool(finished["status"]) == failed, f"{where} {finished}"
                    branch = world.sh("git", "branch", "--list", "result", cwd=world.home / "project")
                    assert bool(branch) == (finished["status"] == 0) or index == 6, f"{where} {finished}"
                    world.sh("smelt-provision", "gc")
                    assert world.left()[:2] == ([], []), f"{where} {world.left()}"
                    assert index < 2 or kept(world), where
                finally:
                    sh("umount", world.home / place)


check([f for f in list(globals().values()) if callable(f) and getattr(f, "__module__", "") == "__main__"
       and f.__name__ not in ("manifest", "processes", "settled", "kept", "signalled", "caught", "mounted", "fill")
       and (not sys.argv[1:] or f.__name__ in sys.argv[1:])])
