"""What the pipeline tests have in common: a world of its own for each test, the stages as processes
that a test can stop or kill one by one, and what must hold afterwards."""
import ctypes, json, os, pathlib, select, shutil, signal, subprocess, sys, tempfile, traceback

top = pathlib.Path(__file__).resolve().parents[2]
binaries = pathlib.Path(os.environ.get("BIN", top / ".build" / "release"))
stages = [["smelt-provision"], ["smelt-exec"], ["smelt-collect"], ["smelt-provision", "release"],
          ["smelt-review"], ["smelt-pr"], ["smelt-runs", "record"]]


def sh(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


class World:
    """A home with a repository, a bare forge and a state directory; removed at the end."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="smelt-test-"))
        self.state = self.home / "state"
        self.environment = {
            "PATH": f"{binaries}:{top}/bin-scripts:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.home), "SMELT_STATE_DIR": str(self.state), "SMELT_RUNTIME_DIR": str(self.home / "runtime"),
            "LC_ALL": "C.UTF-8", "TERM": "dumb", "GIT_CONFIG_NOSYSTEM": "1",
        }
        (self.home / ".gitconfig").write_text(
            "[user]\nname=Test\nemail=test@example.org\n[init]\ndefaultBranch=main\n")
        self.mounts = open("/proc/self/mountinfo").read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        def open_and_retry(function, path, what):
            # Nothing above it is to be opened, or closed to others.
            if path == str(self.home) or path == self.home: raise what[1]
            os.chmod(os.path.dirname(path), 0o700)
            if function in (os.unlink, os.rmdir):
                return function(path)
            # A directory that cannot be read, as overlays leave them.
            os.chmod(path, 0o700)
            shutil.rmtree(path, onerror=open_and_retry)
        shutil.rmtree(self.home, onerror=open_and_retry)

    def sh(self, *words, **more):
        return sh(*words, env=self.environment, cwd=more.pop("cwd", self.home), **more)

    def repository(self, name="project", files=None):
        path = self.home / name
        self.sh("git", "init", "-q", str(path))
        for file, text in (files or {"README": "hello\n"}).items():
            (path / file).parent.mkdir(parents=True, exist_ok=True)
            (path / file).write_text(text)
        self.sh("git", "add", "-A", cwd=path)
        self.sh("git", "commit", "-qm", "base", cwd=path)
        return path

    def forge(self, name="forge.git"):
        self.sh("git", "init", "-q", "--bare", str(self.home / name))
        return self.home / name

    def manifest(self, text, name="job.toml"):
        path = self.home / name
        path.write_text(text)
        return path

    def planned(self, manifest):
        return self.sh("smelt-manifest", "plan", str(manifest)).encode()

    def run(self, manifest, *options, check=None):
        """A whole run; its status and its records."""
        done = subprocess.run(["smelt", "run", *options, str(manifest)], env=self.environment, cwd=self.home,
                              capture_output=True)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        if check is not None:
            assert done.returncode == check, f"status {done.returncode}, wanted {check}\n{done.stderr.decode()}\n{records[-5:]}"
        return done.returncode, records, done.stderr.decode()

    def processes(self):
        """Process ids of what runs for this world, with its command line."""
        mark, found = str(self.home).encode(), {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = pathlib.Path("/proc", pid, "cmdline").read_bytes()
                if mark in command or mark in pathlib.Path("/proc", pid, "environ").read_bytes():
                    found[int(pid)] = command.replace(b"\0", b" ").decode()
            except (OSError, ProcessLookupError):
                continue
        return found

    def settle(self, timeout=30):
        """Waits for what goes on a moment after its parent was killed: a git that finishes its one task, a sandbox
        that is being made, with its parent's locks until it notices."""
        for pid in self.processes():
            try:
                process = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            select.select([process], [], [], timeout)
            os.close(process)
        for lock in self.state.glob("environments/smelt-*/*"):
            if lock.name in ("lease", "work"):
                self.sh("flock", "--exclusive", "--timeout", str(timeout), str(lock), "true")

    def holders(self):
        """Who has a file of an environment open: for the sentence when one could not be cleared away."""
        found = []
        for link in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
            try:
                if str(self.state / "environments") in os.readlink(link):
                    process = link.parents[1]
                    stat = (process / "stat").read_text().split()
                    found.append((process.name, os.readlink(link), (process / "comm").read_text().strip(), *stat[2:4]))
            except OSError:
                continue
        return found

    def left(self):
        """What a run must not leave: environments, processes of sandboxes, mounts."""
        environments = [p.name for p in (self.state / "environments").glob("smelt-*")] if (self.state / "environments").exists() else []
        own = [line for line in open("/proc/self/mountinfo") if str(self.home) in line]
        return environments, list(self.processes().values()), own


def appears(directory, name, timeout=60):
    """Waits for the event that a file of that name is made in the directory."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_CLOEXEC)
    try:
        # IN_CREATE and IN_MOVED_TO.
        assert libc.inotify_add_watch(watch, str(directory).encode(), 0x100 | 0x80) >= 0, os.strerror(ctypes.get_errno())
        while not (directory / name).exists():
            assert select.select([watch], [], [], timeout)[0], f"no {directory / name} after {timeout} s"
            os.read(watch, 4096)
    finally:
        os.close(watch)


class Pipe:
    """The pipeline with each stage as a child of ours, its log kept by the last one."""

    def __init__(self, world, planned, commands=None, output=subprocess.DEVNULL, errors=None):
        self.children = []
        self.errors = open(errors, "wb") if errors else subprocess.DEVNULL
        reading, writing = os.pipe()
        os.write(writing, planned)
        os.close(writing)
        before = reading
        commands = commands or stages
        for words in commands:
            last = words is commands[-1]
            child = subprocess.Popen(words, stdin=before, stdout=output if last else subprocess.PIPE, stderr=self.errors,
                                     env=world.environment, cwd=world.home, start_new_session=True)
            os.close(before) if isinstance(before, int) else before.close()
            before = child.stdout
            self.children.append(child)

    def kill(self, index, how=signal.SIGKILL):
        for child in self.children if index is None else [self.children[index]]:
            if child.poll() is None:
                child.send_signal(how)

    def wait(self, timeout=120):
        return [child.wait(timeout=timeout) for child in self.children]


def check(tests):
    """Runs the functions, prints a line for each that fails and the count."""
    failed = 0
    for test in tests:
        try:
            test()
        except Exception:
            failed += 1
            print(f"FAILED {test.__name__}: {(test.__doc__ or '').strip()}")
            traceback.print_exc(file=sys.stdout)
    name = pathlib.Path(sys.argv[0]).name
    print(f"{name}: {len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
