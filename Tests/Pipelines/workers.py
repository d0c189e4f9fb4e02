"""What the tests of workers have in common: machines that are network namespaces with an sshd each, whose lines can be cut."""
import itertools, json, os, pathlib, pwd, select, shutil, signal, subprocess, sys, tempfile, time
from pipeline import binaries, top
from serving import Daemon, Queue

__all__ = ["Door", "Worker", "World", "job", "main"]


def job(name, script, timeout=120, more=""):
    """A job whose session is a shell script that sees the directory of the test's pipes as /work."""
    return f"""
[job]
name = "{name}"
repo = "project"
base_ref = "main"
{more}
[workspace]
mounts = ["work:/work"]
[[session]]
name = "one"
spec = ""
harness = '''{script}'''
timeout = {timeout}
[merge]
target = "result-{name}"
"""


def sh(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Worker:
    """A machine: a namespace of the network, a state directory, an sshd, and a line to it that can be cut and mended. One logs in as
    this process's user, or as `nobody`, who then has a home, a shell and copies of the commands: a checkout need not be readable
    for others."""

    def __init__(self, world, number, known=True, command=None, user=None):
        self.name = f"smelt{os.getpid()}-{number}"
        self.near, self.far = f"sn{os.getpid()}x{number}", f"sf{os.getpid()}x{number}"
        # Of the range for measurements, which nobody else has.
        net = (os.getpid() * 8 + number) % 32_768
        start = f"198.{18 + net // 16_384}.{net % 16_384 // 64}"
        at = net % 64 * 4
        self.host = f"{start}.{at + 2}"
        self.near_address = f"{start}.{at + 1}/30"
        self.user = user or pwd.getpwuid(os.getuid()).pw_name
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="smelt-worker-")) if user else world.home / f"worker{number}"
        self.home.mkdir(exist_ok=True)
        self.state = self.home / "state"
        self.world = world
        self.command = command or binaries / "smelt-queue"
        sh("ip", "netns", "add", self.name)
        sh("ip", "link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns", self.name)
        sh("ip", "addr", "add", self.near_address, "dev", self.near)
        sh("ip", "link", "set", self.near, "up")
        sh("ip", "-n", self.name, "addr", "add", f"{self.host}/30", "dev", self.far)
        sh("ip", "-n", self.name, "link", "set", "lo", "up")
        sh("ip", "-n", self.name, "link", "set", self.far, "up")
        sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.home / "host"))
        self.key = f"{self.host} " + (self.home / "host.pub").read_text()
        if known:
            world.know(self)
        variables = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "SMELT_STATE_DIR": self.state,
                     "SMELT_RUNTIME_DIR": self.home / "runtime", "LC_ALL": "C.UTF-8", "TMPDIR": self.home / "tmp",
                     **{name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}}
        (self.home / "tmp").mkdir()
        shutil.copy(world.home / "key.pub", self.home)
        machine = ["nsenter", f"--net=/run/netns/{self.name}"]
        if user:
            machine += self.somebody(user)
        (self.home / "sshd").write_text(f"""
ListenAddress {self.host}
HostKey {self.home}/host
AuthorizedKeysFile {self.home}/key.pub
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
SetEnv {" ".join(f"{k}={v}" for k, v in variables.items())}
""")
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        self.sshd = subprocess.Popen([*machine, "/usr/sbin/sshd", "-D", "-e", "-f", str(self.home / "sshd")], text=True,
                                     stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
        for line in self.sshd.stderr:
            if "Server listening" in line:
                break
        else:
            raise AssertionError("sshd does not listen")
        # What it says must not fill the pipe.
        self.reader = subprocess.Popen(["cat"], stdin=self.sshd.stderr, stdout=open(self.home / "sshd.log", "w"))
        self.sshd.stderr.close()

    def somebody(self, user):
        """Gives the user what is needed to log in and to run; answers what shows a list of users to a program."""
        entry = pwd.getpwnam(user)
        self.home.chmod(0o755)
        for name in ("state", "runtime", "tmp", "login"):
            (self.home / name).mkdir(exist_ok=True)
            os.chown(self.home / name, entry.pw_uid, entry.pw_gid)
            (self.home / name).chmod(0o700)
        (self.home / "bin").mkdir()
        for command in binaries.glob("smelt-*"):
            if command.is_file() and os.access(command, os.X_OK):
                shutil.copy2(command, self.home / "bin")
        self.command = self.home / "bin" / "smelt-queue"
        lines = [line for line in pathlib.Path("/etc/passwd").read_text().splitlines() if not line.startswith(f"{user}:")]
        lines.append(f"{user}:x:{entry.pw_uid}:{entry.pw_gid}::{self.home}/login:/bin/sh")
        (self.home / "passwd").write_text("\n".join(lines) + "\n")
        return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', str(self.home / "passwd")]

    def section(self, **keys):
        keys = {"host": self.host, "user": self.user, "command": str(self.command), **keys}
        return "[[workers]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())

    @property
    def title(self):
        return f"{self.user}@{self.host}"

    def cut(self):
        sh("ip", "link", "set", self.near, "down")

    def mend(self):
        sh("ip", "link", "set", self.near, "up")

    def slow(self, rate):
        """What comes from there comes no faster."""
        sh("tc", "-n", self.name, "qdisc", "add", "dev", self.far, "root", "tbf", "rate", rate, "burst", "32kb", "latency", "200ms")

    @property
    def target(self):
        """As SMELT_WORKER has it."""
        return {"host": self.host, "user": self.user, "command": str(self.command)}

    def processes(self):
        """What runs there, by its environment."""
        mark, found = f"SMELT_STATE_DIR={self.state}".encode(), {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if mark in pathlib.Path("/proc", pid, "environ").read_bytes().split(b"\0"):
                    found[int(pid)] = pathlib.Path("/proc", pid, "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def settled(self, of=lambda words: True):
        """Waits for the ends of what runs there, or of those whose command line is such."""
        while True:
            left = {pid: words for pid, words in self.processes().items() if of(words)}
            if not left:
                return
            for pid in left:
                try:
                    handle = os.pidfd_open(pid)
                except ProcessLookupError:
                    continue
                assert select.select([handle], [], [], 60)[0], f"still runs: {left[pid]}"
                os.close(handle)

    def left(self):
        """What a run must not leave there: files of its own, environments, references, anything for the moment."""
        found = [str(p) for place in ("work", "environments", "arrivals") for p in (self.state / place).glob("[!.]*")]
        found += [str(p) for p in (self.home / "tmp").iterdir()]
        return found + self.references()

    def references(self):
        results = self.state / "results.git"
        return sh("git", "--git-dir", str(results), "for-each-ref", "--format=%(refname)").split() if results.exists() else []

    def forget(self, name):
        sh("git", "--git-dir", str(self.state / "results.git"), "update-ref", "-d", name)

    def end(self):
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.sshd.terminate()
        self.sshd.wait()
        self.reader.wait()
        subprocess.run(["ip", "link", "del", self.near], capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        shutil.rmtree(self.home)


class Door:
    """The far end of a line, spoken to by hand: a letter for each kind of frame."""

    def __init__(self, world):
        self.process = subprocess.Popen(["smelt-queue", "work"], env=world.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.version = world.call("--version").split()[-1]

    def send(self, kind, value=None):
        payload = b"" if value is None else json.dumps(value).encode()
        self.process.stdin.write(kind.encode() + len(payload).to_bytes(4, "big") + payload)
        self.process.stdin.flush()

    def receive(self):
        assert select.select([self.process.stdout], [], [], 30)[0], "it says nothing"
        head = self.process.stdout.read(5)
        payload = self.process.stdout.read(int.from_bytes(head[1:], "big"))
        return head[:1].decode(), json.loads(payload) if payload else None

    def after_pulses(self):
        while True:
            frame = self.receive()
            if frame[0] != ".":
                return frame

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        self.process.stdout.close()


class World(Queue):
    """A queue whose daemon has workers."""

    def __init__(self):
        super().__init__()
        self.numbers = itertools.count(1)
        self.workers = []
        sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.home / "key"))
        (self.home / "known_hosts").touch()
        (self.home / "ssh_config").write_text(f"""
IdentityFile {self.home}/key
IdentitiesOnly yes
UserKnownHostsFile {self.home}/known_hosts
GlobalKnownHostsFile /dev/null
""")
        # ssh looks for its configuration where the password file says, whatever HOME is. In `calls` are the times when each
        # call began and ended.
        (self.home / "bin").mkdir()
        (self.home / "bin" / "ssh").write_text(
            f'#!/bin/sh\ndate +%s.%N >>{self.home}/calls\n'
            f'/usr/bin/ssh -F {self.home}/ssh_config "$@"\nstatus=$?\ndate +%s.%N >>{self.home}/calls\nexit $status\n')
        (self.home / "bin" / "ssh").chmod(0o755)
        self.environment["PATH"] = f"{self.home}/bin:{self.environment['PATH']}"
        self.tmp = set(os.listdir("/tmp"))
        self.repository()

    def worker(self, **more):
        worker = Worker(self, next(self.numbers), **more)
        self.workers.append(worker)
        return worker

    def know(self, worker):
        with open(self.home / "known_hosts", "a") as file:
            file.write(worker.key)

    def serve(self, *sections, most=8, text=""):
        self.configure(text + "\n" + "\n".join(sections), most=most)
        return Daemon(self)

    def job(self, name, script, *options, **more):
        path = self.manifest(job(name, script, **more), f"{name}.toml")
        return self.call("add", *options, str(path)).strip()

    def branch(self, name):
        return self.sh("git", "log", "--format=%s", f"result-{name}", cwd=self.home / "project").splitlines()

    def complained(self, daemon, word):
        """Waits until the daemon has said it."""
        follow = subprocess.Popen(["tail", "-n", "+1", "-f", str(self.home / "daemon-errors")], stdout=subprocess.PIPE, text=True)
        try:
            for line in follow.stdout:
                if word in line:
                    return line
        finally:
            follow.kill()
            follow.wait()
            follow.stdout.close()

    def calls(self, count):
        """When ssh was called and ended, the first so often."""
        follow = subprocess.Popen(["tail", "-n", "+1", "-F", str(self.home / "calls")], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        try:
            return [float(follow.stdout.readline()) for _ in range(2 * count)]
        finally:
            follow.kill()
            follow.wait()
            follow.stdout.close()

    def running(self, jobs, count):
        """So many of the jobs, once they say that they have started."""
        started = []
        follows = {job: subprocess.Popen(["smelt-queue", "logs", "-f", job], env=self.environment, stdout=subprocess.PIPE)
                   for job in jobs}
        waiting = {follow.stdout.fileno(): job for job, follow in follows.items()}
        try:
            while len(started) < count:
                ready = select.select(list(waiting), [], [], 60)[0]
                assert ready, f"only {len(started)} run"
                for number in ready:
                    started.append(waiting.pop(number))
            return started
        finally:
            for follow in follows.values():
                follow.kill()
                follow.wait()
                follow.stdout.close()

    def kill_lines(self):
        """Ends the ssh of every line, as a kernel does that gives a connection up."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = pathlib.Path("/proc", pid, "cmdline").read_bytes()
                if words.startswith(b"/usr/bin/ssh\0") and str(self.home).encode() in words:
                    os.kill(int(pid), signal.SIGKILL)
            except (OSError, ProcessLookupError):
                continue

    def rescued(self, run):
        """The subjects of what was rescued of a run's only session."""
        return self.sh("git", "--git-dir", str(self.state / "results.git"), "log", "--format=%s", "-1",
                       f"refs/smelt/rescued/{run}/one").splitlines()

    def printed_lines(self, job):
        return "".join(r["text"] for r in self.events(job) if r["type"] == "output" and r["stream"] == "stdout").splitlines()

    def __exit__(self, *_):
        for worker in self.workers:
            worker.end()
        super().__exit__(*_)


def main(tests):
    """Runs functions that take a world, each in a new one, or those that are named. Each must leave nothing on its workers."""
    if os.getuid() != 0 or not shutil.which("sshd", path="/usr/sbin"):
        print("workers need root, for namespaces of the network, and sshd")
        sys.exit(77)
    failed = 0
    tests = [t for t in tests if not sys.argv[1:] or t.__name__ in sys.argv[1:]]
    for test in tests:
        with World() as world:
            try:
                test(world)
                for daemon in world.daemons:
                    if daemon.process.poll() is None:
                        daemon.end()
                world.verify()
                for worker in world.workers:
                    worker.settled()
                    assert not worker.left(), f"{worker.title} has left {worker.left()}"
                arrivals = list((world.state / "arrivals").glob("*"))
                assert not arrivals and not world.files(), f"left here: {arrivals} {world.files()}"
            except Exception as fault:
                failed += 1
                import traceback
                print(f"FAILED {test.__name__}: {fault}", flush=True)
                traceback.print_exc()
                print((world.home / "daemon-errors").read_text() if (world.home / "daemon-errors").exists() else "")
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
