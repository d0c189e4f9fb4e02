#!/usr/bin/env python3
"""calls.py [COUNT|all [SEED [COMMAND...]]]: lets one system call of a command fail, and then the next one, and so on.

Whatever fails, the command ends by itself, with a status that means something and a sentence; what it printed is
whole records; it never claims to have done what it has not done; and nothing runs unconfined. By default a sample
(the seed is printed) is tried, with `all` every call of every command.

What comes before the first call of ours (`fcntl` on descriptor 0, by which every command begins) is the loader's and
the Swift runtime's, and left out; so is memory, whose lack Swift answers by a trap."""
import base64, collections, concurrent.futures, json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, threading
from pipeline import World, stages

errors = {
    "openat": "EIO EMFILE EACCES ENOSPC", "read": "EIO EINTR", "write": "EIO ENOSPC EINTR", "pwrite64": "EIO ENOSPC", "fsync": "EIO ENOSPC",
    "rename": "EIO ENOSPC EACCES", "renameat": "EIO ENOSPC", "renameat2": "EIO ENOSPC", "link": "EIO ENOSPC", "unlink": "EIO EACCES", "unlinkat": "EIO EACCES",
    "rmdir": "EIO", "mkdir": "ENOSPC EACCES", "mkdirat": "ENOSPC EACCES", "flock": "ENOLCK EINTR", "quotactl_fd": "EIO ENOSYS", "clone3": "EAGAIN ENOMEM", "clone": "EAGAIN",
    "vfork": "EAGAIN", "pipe2": "EMFILE", "socketpair": "EMFILE", "recvmsg": "EMFILE", "poll": "EINTR ENOMEM", "wait4": "EINTR ECHILD", "ftruncate": "EIO", "fstat": "EIO", "newfstatat": "EIO EACCES",
    "stat": "EIO", "access": "EACCES", "faccessat": "EACCES", "faccessat2": "EACCES", "getdents64": "EIO", "inotify_init1": "EMFILE",
    "inotify_add_watch": "ENOSPC", "lseek": "EIO", "fchmodat": "EACCES", "chmod": "EACCES", "fchownat": "EPERM", "chown": "EPERM", "lchown": "EPERM",
    "fcntl": "EMFILE", "utimensat": "EIO", "readlink": "EIO", "sendto": "EIO", "fadvise64": "EIO", "statx": "EIO",
    "copy_file_range": "EIO", "sendfile": "EIO", "symlinkat": "ENOSPC", "fchown": "EPERM", "fchmod": "EPERM", "setsockopt": "EPERM",
    "open_tree": "EPERM EMFILE", "mount_setattr": "EINVAL EPERM", "openat2": "EIO EMFILE", "pread64": "EIO", "getcwd": "ENOENT", "getxattr": "EIO",
    "unshare": "EPERM", "mount": "EPERM EIO", "umount2": "EBUSY", "fallocate": "EIO ENOSPC", "statfs": "EIO", "fstatfs": "EIO", "syncfs": "EIO", "memfd_create": "EMFILE", "landlock_create_ruleset": "ENOSYS EOPNOTSUPP", "ioctl": "EIO", "setpgid": "EPERM", "recvfrom": "EIO",
}
# In the first process of a sandbox, until it executes the command.
inside = {
    "mount": "EPERM EIO", "open_tree": "EPERM", "move_mount": "EPERM EIO", "mount_setattr": "EPERM", "fsopen": "EPERM", "fsconfig": "EINVAL",
    "fsmount": "EPERM", "pivot_root": "EINVAL", "umount2": "EBUSY", "setresuid": "EPERM", "setresgid": "EPERM", "setgroups": "EPERM",
    "prctl": "EPERM", "sendmsg": "EPIPE", "capset": "EPERM", "prlimit64": "EPERM", "sethostname": "EPERM", "setsid": "EPERM", "unshare": "EPERM", "seccomp": "EPERM",
    "symlinkat": "EIO", "symlink": "EIO", "mkdirat": "EIO", "ioctl": "EIO", "fchdir": "EIO", "chdir": "EACCES", "close_range": "EINVAL", "clone": "EAGAIN", "dup2": "EBUSY", "dup3": "EBUSY",
    "setuid": "EPERM", "setgid": "EPERM", "openat2": "EIO", "mknodat": "EIO", "landlock_create_ruleset": "EINVAL", "landlock_add_rule": "EINVAL",
    "landlock_restrict_self": "E2BIG", "keyctl": "EDQUOT", "getcwd": "ENOENT", "execve": "EIO ENOMEM", "socket": "EMFILE", "bind": "EADDRINUSE",
    "listen": "EADDRINUSE", "setsockopt": "EPERM", "getsockname": "EIO", "epoll_create1": "EMFILE", "epoll_ctl": "ENOSPC", "epoll_wait": "EINTR", "pread64": "EIO",
    "memfd_create": "EMFILE", "fcntl": "EMFILE", "poll": "EINTR",
}
# Memory, and what cannot fail or changes nothing when it does.
left_out = set("""brk mmap munmap mprotect mremap madvise arch_prctl set_tid_address set_robust_list rseq futex sched_getaffinity sysinfo uname getrandom
    getpid getppid gettid getuid geteuid getgid getegid getpgrp getpgid getsid getgroups close exit exit_group kill tgkill rt_sigaction rt_sigprocmask rt_sigreturn
    rt_sigtimedwait rt_sigsuspend pause timer_create timer_settime timer_delete alarm setitimer sigaltstack umask shutdown restart_syscall clock_gettime clock_nanosleep getrusage times""".split())
statuses = {0, 1, 2, 64, 65, 66, 69, 74, 75, 77, 78, 130, 141, 143}
job = """
[job]
name = "calls"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
[agent]
command = ["sh", "-c", '''{probe}; echo work > file''']
[[session]]
name = "one"
spec = "s"
harness = "true"
timeout = 60
[merge]
target = "result"
"""
# What a confined command can say of itself; the same whichever call failed before.
probe = ("grep -E \"^(NoNewPrivs|Seccomp|CapEff|CapBnd|CapPrm|Groups)\" /proc/self/status; ls -A {home} 2>/dev/null; "
         "test \"$(readlink /proc/self/ns/net)\" = {net} && echo same network; test \"$(readlink /proc/self/ns/pid)\" = {pid} && echo same processes; "
         "test \"$(readlink /proc/self/ns/user)\" = {user} && echo same user; hostname; ls /proc | grep -cx 1; touch /usr/x 2>/dev/null && echo wrote; ls /dev/fd/ | wc -l")


# The forms of a command alone whose steps differ; each ends with the probe, whose words are put in.
alone = {
    "alone": ["smelt-exec", "--", "sh", "-c", "PROBE"],
    "alone-grants": ["smelt-exec", "--read-only", "project", "--tmpfs", "/more:1M", "--mask", "/etc/none", "--hide", "/etc/hostname",
                     "--device", "/dev/null", "--hostname", "other", "--env", "A=b", "--", "sh", "-c", "PROBE"],
    "alone-network": ["smelt-exec", "--network", "allow:a.example:443", "--report", "report.json", "--", "sh", "-c", "PROBE"],
    "alone-tty": ["smelt-exec", "--tty", "--seccomp", "strict", "--rlimit", "nofile=256", "--", "sh", "-c", "PROBE"],
    "alone-relayed": ["smelt-exec", "--idle", "60s", "--limit", "output=1M", "--", "sh", "-c", "PROBE"],
    "alone-policy": ["smelt-exec", "--policy", "work/p.toml", "--", "sh", "-c", "PROBE"],
    "alone-traced": ["smelt-exec", "--trace-denials", "--", "sh", "-c", "PROBE"],
    "alone-task": ["smelt-exec", "--task", "task.json", "--events", "./events.jsonl"],
}


def task(script):
    """A script that may fail once."""
    mode = {"script": {"runtime": "bash", "body": base64.b64encode(script.encode()).decode()}}
    return json.dumps({
        "slot": "calls", "kind": {"subprocess": {"mode": mode}}, "timeout": 60_000, "restart": {"type": "never"}, "admission": "queue",
        "backoff": {"jitter": "none", "firstMs": 1, "maxMs": 1, "factor": 1}})


class Scene:
    """A command with everything that it needs, which can be put back as it was."""

    def __init__(self, name):
        self.world = World().__enter__()
        world = self.world
        names = {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "pid", "user")}
        self.probe = probe.format(home=world.home, **names)
        world.repository()
        is_sized = name in sized
        world.manifest(job.format(probe=self.probe) + '[limits]\ndisk = "20M"\n' * is_sized)
        self.data = b""
        index = commands.index(sized.get(name, name))
        if name in alone:
            self.words = [self.probe if word == "PROBE" else word for word in alone[name]]
            if name == "alone-task":
                (world.home / "task.json").write_text(task(self.probe))
            if name == "alone-policy":
                # In what may be written, and built on another.
                (world.home / "work").mkdir()
                (world.home / "work" / "p.toml").write_text("extends = ['base.toml']\nread_write = ['.']\nseccomp = 'calls.toml'\n")
                (world.home / "work" / "base.toml").write_text("hostname = 'named'\n")
                (world.home / "work" / "calls.toml").write_text("deny = ['kcmp']\n")
                if os.getuid() == 0:
                    os.chown(world.home / "work", 65534, 65534)
        elif index == 0:
            self.words = ["smelt-manifest", "plan", "--run", "01k0000000000000000000000a", "job.toml"]
        else:
            data = world.planned(world.home / "job.toml")
            for words in stages[:index - 1]:
                data = self.run(words, data)
            self.words, self.data = stages[index - 1], data
        self.snapshot = pathlib.Path(tempfile.mkdtemp(prefix="smelt-test-"))
        subprocess.run(["cp", "-a", f"{world.home}/.", str(self.snapshot)], check=True)
        self.wanted = self.error = None

    def run(self, words, data):
        with tempfile.TemporaryFile() as out:
            done = subprocess.run(words, input=data, stdout=out, stderr=subprocess.PIPE, env=self.world.environment, cwd=self.world.home)
            assert done.returncode == 0, f"{words}: {done.stderr.decode()}"
            out.seek(0)
            return out.read()

    def close(self):
        self.world.__exit__()
        shutil.rmtree(self.snapshot)

    def restore(self):
        for name in os.listdir(self.world.home):
            path = self.world.home / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        subprocess.run(["cp", "-a", f"{self.snapshot}/.", str(self.world.home)], check=True)

    def traced(self, options, timeout=90):
        """Runs the command under strace; status, output, complaints."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
            given.write(self.data)
            given.seek(0)
            child = subprocess.Popen(["strace", *options, "--", *self.words], stdin=given, stdout=out, stderr=complaints,
                                     env=self.world.environment, cwd=self.world.home, start_new_session=True)
            try:
                status = child.wait(timeout)
            except subprocess.TimeoutExpired:
                status = "still running"
                for pid in [int(p) for p in os.listdir("/proc") if p.isdigit() and parent(p) == child.pid] + [child.pid]:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                child.wait()
            out.seek(0)
            complaints.seek(0)
            return status, out.read(), complaints.read().decode(errors="replace")

    def calls(self):
        """How often each call comes, and how many of those before our first."""
        self.restore()
        for follow, table in ((False, errors), (True, inside)):
            # What strace follows cannot have another tracer.
            if follow and (self.words[0] != "smelt-exec" or "--trace-denials" in self.words):
                continue
            with tempfile.TemporaryDirectory(prefix="smelt-test-") as directory:
                log = f"{directory}/log"
                options = ["-ff"] if follow else []
                status, out, complaints = self.traced([*options, "-o", log, "-e", "signal=none"])
                assert status == 0, f"{self.words}: {status} {complaints}"
                if self.wanted is None:
                    self.wanted = out
                    self.check("no call", status, out, complaints)
                self.restore()
                counts, early = collections.Counter(), {}
                for file in os.listdir(directory):
                    lines = open(f"{directory}/{file}", errors="replace").read().splitlines()
                    own = collections.Counter()
                    for line in lines:
                        name = re.match(r"(\w+)\(", line)
                        if not name:
                            continue
                        if line.startswith("fcntl(0, F_GETFD") and not follow and not early:
                            early = dict(own)
                        own[name[1]] += 1
                    assert follow or early or self.words[0] == "x", f"{self.words}: no call of ours"
                    for name, count in own.items():
                        counts[name] = max(counts[name], count)
                unknown = set(counts) - set(errors) - set(inside) - left_out
                assert not unknown, f"{self.words}: no error is known for {sorted(unknown)}"
            for name, kinds in table.items():
                # The child that executes is traced from its own first call on.
                first = 1 if follow else early.get(name, 0) + 1
                for when in range(first, min(counts[name], 400 if not follow else 60) + 1):
                    for error in kinds.split():
                        yield follow, name, error, when

    def attempt(self, call):
        follow, name, error, when = call
        self.error = error
        what = f"{' '.join(self.words[:2])}: {name} {when} {error}{' inside' if follow else ''}"
        self.restore()
        status, out, complaints = self.traced([*(["-f"] if follow else []), "-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={when}"])
        self.check(what, status, out, complaints, name)
        gone = self.world.left()[1]
        assert not gone, f"{what}: left {gone}"
        # Whatever it left half-made, the next ones cope with.
        done = subprocess.run(["smelt-provision", "gc"], env=self.world.environment, cwd=self.world.home, capture_output=True, text=True)
        assert done.returncode == 0, f"{what}: then gc ended with {done.returncode}: {done.stderr}"
        assert not self.world.left()[0], f"{what}: then gc left {self.world.left()[0]}: {done.stderr}"
        begun = [path.name for path in self.world.state.glob("environments/.*") if path.name != ".lock"]
        assert not begun, f"{what}: then gc left {begun}: {done.stderr}"

    def check(self, what, status, out, complaints, name=""):
        where = f"{what}: {status} {complaints[-600:]}"
        is_alone = len(self.words) > 1 and self.words[0] == "smelt-exec"
        assert status in statuses or is_alone and status in (124, 125, 126, 127, 137), where
        assert "Fatal error" not in complaints and "unexpected" not in complaints, where
        if is_alone:
            if "--tty" in self.words:
                # What the shell inside complains of stands on its terminal, too.
                lines = out.splitlines(keepends=True)
                out = b"".join(line for line in lines if not line.startswith(b"sh: "))
                complaints = complaints or "on the terminal" * (len(out) < sum(map(len, lines)))
                # EIO is how a terminal says that nobody has its other end any more.
                if name == "read" and status == 0 and self.wanted.startswith(out):
                    return
            # What stands on standard error can only be lost by that itself.
            if "--trace-denials" in self.words and status == 0 and name != "write":
                assert re.search(r"refused once: \S+ /usr/x|the tracer was ended", complaints), where
            assert status == 0 and out == self.wanted or status != 0 and self.wanted.startswith(out) and complaints, f"{where} {out}"
            return
        assert not out or out.endswith(b"\n") or status == 74, f"{where}: half a line: {out[-100:]}"
        lines = out.splitlines(keepends=True)
        records = [json.loads(line) for line in lines if line.endswith(b"\n")]
        failures = [r for r in records if r["type"] == "failed" or r["type"] == "session.finished" and r["ending"] != "succeeded"]
        assert status == 0 or failures or complaints or name == "write", where
        said = "".join(r.get("text", "") for r in records if r["type"] == "output" and r["stream"] == "stdout")
        wanted = "".join(r.get("text", "") for r in map(json.loads, self.wanted.splitlines()) if r["type"] == "output" and r["stream"] == "stdout")
        assert wanted.startswith(said), f"{where}: said {said}"
        if status == 0 and not failures:
            missing = {r["type"] for r in map(json.loads, self.wanted.splitlines())} - {r["type"] for r in records}
            assert not missing, f"{where}: without {missing}"
            self.promised(where, records)

    def promised(self, where, records):
        """What a success means for each command, looked up where it must be."""
        words, world = self.words, self.world
        last = {r["type"]: r for r in records}
        if words == ["smelt-provision"]:
            guard = {r["type"]: r for r in map(json.loads, self.wanted.splitlines())}["environment.ready"].get("diskGuard")
            # Only what the host lacks makes it another.
            assert last["environment.ready"].get("diskGuard") == guard or guard == "sized" and self.error in ("EPERM", "EACCES"), where
            assert os.path.exists(f"{last['environment.ready']['directory']}/environment.json"), where
        elif words == ["smelt-exec"]:
            assert last["session.finished"]["ending"] == "succeeded" and last["gate.finished"]["ok"], where
            assert os.path.getsize(f"{last['environment.ready']['directory']}/one.bundle") > 0, where
        elif words == ["smelt-collect"]:
            world.sh("git", f"--git-dir={world.state}/results.git", "cat-file", "-e", f"{last['result.collected']['commit']}^{{tree}}")
            assert os.path.exists(last["result.collected"]["bundlePath"]) and os.path.exists(last["result.collected"]["filesPath"]), where
        elif words == ["smelt-provision", "release"]:
            assert not world.left()[0], where
        elif words == ["smelt-pr"]:
            assert world.sh("git", "rev-parse", "result", cwd=world.home / "project").strip() == last["result.collected"]["commit"], where
        elif words == ["smelt-runs", "record"]:
            log = next(l for l in world.home.glob(".smelt/runs/calls/*.jsonl") if ".files" not in l.name).read_bytes()
            assert log.startswith(self.data) and b"run.finished" in log[len(self.data):], where
            assert f"status = 0" in (world.home / ".smelt/runs/calls/state.toml").read_text(), where


def parent(pid):
    try:
        return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


# With a file system of its own for each workspace, which only root makes.
sized = {"provision-sized": "provision", "exec-sized": "exec"} if os.getuid() == 0 else {}
commands = ["manifest", "provision", "exec", "collect", "release", "review", "pr", "record", *alone, *sized]


def main():
    count = sys.argv[1] if len(sys.argv) > 1 else "360"
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int.from_bytes(os.urandom(3), "big")
    only = sys.argv[3:] or commands
    print(f"calls.py: {count} calls, seed {seed}", flush=True)
    generator = random.Random(seed)
    passed, failed = [0], [0]
    lock = threading.Lock()

    def sweep(name):
        share = None if count == "all" else max(1, int(count) // len(only))
        scene = Scene(name)
        try:
            calls = list(scene.calls())
            with lock:
                chosen = calls if share is None else generator_of(name).sample(calls, min(share, len(calls)))
            for call in chosen:
                try:
                    scene.attempt(call)
                    good = True
                except Exception as fault:
                    good = False
                    with lock:
                        print(f"FAILED {type(fault).__name__} {fault}", flush=True)
                with lock:
                    passed[0] += good
                    failed[0] += not good
        finally:
            scene.close()

    seeds = {name: generator.random() for name in commands}

    def generator_of(name):
        return random.Random(seeds[name])

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(sweep, name) for name in commands if name in only]:
            done.result()
    print(f"calls.py: {passed[0]} passed, {failed[0]} failed")
    sys.exit(1 if failed[0] else 0)


if not shutil.which("strace"):
    print("strace is not here: bin-scripts/setup --test installs it")
    sys.exit(77)
main()
