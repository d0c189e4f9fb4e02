#!/usr/bin/env python3
"""In a root of busybox alone, as a container's image may be: without /usr, with an /etc that lacks what we put there, or that has
nothing but what an engine mounts into it, or without any; as root and as another user."""
import ctypes, os, pathlib, resource, shutil, subprocess, tempfile, threading
from pipeline import binaries, check

libc = ctypes.CDLL(None, use_errno=True)
bind, whole, private, detach = 0x1000, 0x4000, 0x40000, 2
own_mounts, own_users, pivot_root = 0x20000, 0x10000000, 155 if os.uname().machine == "x86_64" else 41


def _done(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _mount(source, target, flags):
    _done(libc.mount(source and os.fsencode(source), os.fsencode(target), None, flags, None))


def _users(inside):
    """Those of a namespace in which whoever we are is another one."""
    user, group = os.getuid(), os.getgid()
    _done(libc.unshare(own_users))
    for file, text in ("setgroups", "deny"), ("uid_map", f"{inside} {user} 1"), ("gid_map", f"{inside} {group} 1"):
        pathlib.Path("/proc/self", file).write_text(text)


class Root:
    """A directory that becomes the root of what runs in it; in `etc` these files, and of them `mounted` by an engine."""

    def __init__(self, etc, mounted=()):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="smelt-test-"))
        self.mounted = mounted
        for name in ("bin", "proc", "dev", "tmp", "outside"):
            (self.place / name).mkdir()
        os.chmod(self.place, 0o755)
        os.chmod(self.place / "tmp", 0o1777)
        shutil.copy("/bin/busybox", self.place / "bin")
        shutil.copy(binaries / "smelt-exec", self.place / "bin")
        (self.place / "bin/sh").symlink_to("busybox")
        for name in etc or ():
            path = self.place / "etc" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("of the image\n")
        for name in mounted:
            (self.place / "outside" / name.replace("/", "-")).write_text("of the engine\n")
        if etc:
            (self.place / "etc/link").symlink_to("kept")
            os.mkfifo(self.place / "etc/pipe")
            os.chmod(self.place / "etc/pipe", 0o666)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.place)

    def _enter(self, user):
        """Between fork and execution."""
        if os.getuid() != 0:
            _users(0)
        _done(libc.unshare(own_mounts))
        _mount(None, "/", private | whole)
        _mount(self.place, self.place, bind | whole)
        for name in ("proc", "dev"):
            _mount(f"/{name}", self.place / name, bind | whole)
        for name in self.mounted:
            _mount(self.place / "outside" / name.replace("/", "-"), self.place / "etc" / name, bind)
        os.chdir(self.place)
        _done(libc.syscall(pivot_root, b".", b"."))
        _done(libc.umount2(b".", detach))
        os.chdir("/")
        if user and self.is_root:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        elif user:
            _users(user)

    def run(self, user, *words, complaint=""):
        """What it prints; with a complaint it does not begin."""
        self.is_root = os.getuid() == 0
        done = subprocess.run(["/bin/smelt-exec", *words], preexec_fn=lambda: self._enter(user), env={"PATH": "/bin"},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert (done.stderr, done.returncode) == (complaint, 125 if complaint else 0), (self.mounted, user, done)
        return done.stdout


# Who is root in a user namespace of one user alone has nobody to be in a sandbox.
everybody = (0, 4711) if os.getuid() == 0 else (4711,)


def what_etc_lacks_is_there():
    """Also where it cannot lie over it, since something is mounted below."""
    script = """busybox grep -h smelt /etc/passwd /etc/group
        busybox head -n 1 /etc/hosts
        busybox cat /etc/kept /etc/link
        [ ! -d /etc/deep ] || busybox cat /etc/deep/*
        (: >/etc/new || : >/etc/kept || busybox rm /etc/link) 2>/dev/null || echo read-only
        busybox ls /"""
    deep = ["kept", "hosts", "deep/kept", "deep/file"]
    for etc, mounted in (["kept"], []), (["kept", "passwd"], []), (deep, ["hosts", "deep/file"]):
        for user in everybody:
            with Root(etc, mounted) as root:
                said = root.run(user, "--", "sh", "-c", script)
                wanted = ["smelt:x:1000:1000::/home/smelt:/bin/sh", "smelt:x:1000:", "127.0.0.1 localhost smelt", *["of the image"] * 2]
                if mounted:
                    wanted += ["of the engine", "of the image"]
                assert said.splitlines() == [*wanted, "read-only", "bin", "dev", "etc", "home", "proc", "run", "tmp", "var"], (etc, user, said)


def without_an_etc_it_is_ours():
    for user in everybody:
        with Root(None) as root:
            said = root.run(user, "--", "sh", "-c", "busybox ls / /etc; busybox id -un; (: >/etc/new) 2>/dev/null || echo read-only")
            assert said.split() == ["/:", "bin", "dev", "etc", "home", "proc", "run", "tmp", "var", "/etc:", "group", "hosts", "passwd", "smelt", "read-only"], said


def what_cannot_be_opened_without_harm_is_left_out():
    """A directory that is taken apart shows files, directories and links, and no pipe of the image's."""
    with Root(["kept", "hosts"], ["hosts"]) as root:
        assert root.run(4711, "--", "busybox", "ls", "/etc").split() == ["group", "hosts", "kept", "link", "passwd"]


def what_comes_and_goes_meanwhile_stops_nothing():
    """Of a directory that is taken apart: what is removed is not there, and what is replaced is there whole."""
    with Root(["kept", "hosts"], ["hosts"]) as root:
        etc, over = root.place / "etc", threading.Event()

        def change():
            while not over.is_set():
                for name in "new", "kept":
                    (etc / "draft").write_text("of the image\n")
                    (etc / "draft").rename(etc / name)
                (etc / "new").unlink()

        changing = threading.Thread(target=change)
        changing.start()
        try:
            for _ in range(40):
                assert root.run(4711, "--", "busybox", "cat", "/etc/kept") == "of the image\n"
        finally:
            over.set()
            changing.join()


def more_is_there_than_may_be_open():
    """As the caller's limit has it, which he may raise."""
    with Root(["kept", "hosts", *(f"many-{number}" for number in range(300))], ["hosts"]) as root:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
        try:
            assert root.run(4711, "--", "busybox", "cat", "/etc/many-299") == "of the image\n"
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)


def what_cannot_be_listed_is_not_taken_for_empty():
    """Only root can make such a directory for another."""
    if os.getuid() != 0:
        return
    with Root(["kept", "hosts"], ["hosts"]) as root:
        (root.place / "etc").chmod(0o711)
        root.run(4711, "--", "true", complaint="smelt-exec: could not find '/etc': Permission denied (sandbox_source, 77)\n")


check([what_etc_lacks_is_there, without_an_etc_it_is_ours, what_cannot_be_opened_without_harm_is_left_out,
       what_comes_and_goes_meanwhile_stops_nothing, more_is_there_than_may_be_open, what_cannot_be_listed_is_not_taken_for_empty])
