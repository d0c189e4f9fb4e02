"""What the attacks through the whole pipe have in common: an agent that is a shell does its worst, and afterwards
nothing of the host has been touched, nothing runs on, and the log tells how it ended."""
import json, os, pathlib, subprocess, sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Pipelines"))
from pipeline import Pipe, World, check, stages  # noqa: E402,F401

secret = "hunter2-hunter2"
# In the machine of Tests/Machine.
emulated = "SMELT_EMULATED" in os.environ


def snapshot(directory):
    """Every file below with its kind, mode and contents, times left out."""
    found = {}
    for place, directories, files in os.walk(directory):
        for name in directories + files:
            path = pathlib.Path(place, name)
            mode = path.lstat().st_mode
            found[str(path.relative_to(directory))] = (
                mode, os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None)
    return found


class Attack(World):
    """A world with a repository, a forge, and a file `canary` that whoever runs on the host can make."""

    def __init__(self, files=None):
        super().__init__()
        self.canary = self.home / "canary"
        self.project = self.repository(files=files or {"README": "hello\n", "src/main.c": "int main;\n"})
        self.sh("git", "clone", "-q", "--bare", str(self.project), "forge.git")
        self.environment["HOST_SECRET"] = secret

    def job(self, *scripts, harness="", more="", session="", timeout=60):
        """A manifest of one session for each script, which is the task of a shell; with %CANARY% filled in."""
        # A time that nobody is to reach is ten times as long where everything takes that long.
        if emulated and timeout >= 60:
            timeout *= 10
        text = ("[job]\nname = 'hostile'\nrepo = 'project'\nbase_ref = 'main'\n[agent]\ncommand = ['sh']\nprompt = 'stdin'\n"
                "[credentials.env]\nTOKEN = 'HOST_SECRET'\n" + more)
        for number, script in enumerate(scripts):
            script = script.replace("%CANARY%", str(self.canary))
            assert "'''" not in script
            text += (f"[[session]]\nname = 's{number}'\nspec = '''\n{script}\n'''\nharness = '''{harness}'''\n"
                     f"timeout = {timeout}\n{session}\n")
        return self.manifest(text + "[merge]\ntarget = 'result'\n[forge]\nprovider = 'local'\nrepo = 'forge.git'\n")

    def attack(self, manifest, status, commands=None, left=0, delivered=None, options=()):
        """Runs it, and checks what must hold whatever an agent did. The records."""
        host = {path: snapshot(path / ".git" if (path / ".git").exists() else path) for path in (self.project, self.home / "forge.git")}
        if commands is None:
            # A review would be waited for: what needs one is refused by the delivery.
            commands = [words for words in stages if words != ["smelt-review"]]
        out = self.home / "out"
        with open(out, "wb") as file:
            pipe = Pipe(self, self.planned(manifest), commands, output=file, errors=self.home / "errors")
            try:
                pipe.wait(timeout=6000 if emulated else 600)
            finally:
                pipe.kill(None)
        errors = (self.home / "errors").read_text()
        records = [json.loads(line) for line in out.read_bytes().splitlines()]
        of = lambda kind: [r for r in records if r["type"] == kind]
        story = f"{errors}\n" + "\n".join(json.dumps(r)[:600] for r in records[1:])
        assert not self.canary.exists(), f"something ran on the host\n{story}"
        assert records and records[-1]["type"] == "run.finished", story
        wanted = status if isinstance(status, tuple) else (status,)
        assert records[-1]["status"] in wanted, f"status {records[-1]['status']}, wanted {wanted}\n{story}"
        assert (records[-1]["status"] in (0, 2)) or of("failed") or any(
            r["ending"] != "succeeded" and r.get("reason") for r in of("session.finished")), f"no word of what went wrong\n{story}"
        started, finished = ({r["session"] for r in of(k)} for k in ("session.started", "session.finished"))
        assert finished >= started, story
        # Only the branch that is delivered moves, and only when the run says so.
        for path, before in host.items():
            after = snapshot(path / ".git" if (path / ".git").exists() else path)
            changed = {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
            moved = {n for n in changed if not n.startswith("objects") and n != "refs/heads/result"
                     and not n.startswith(("logs/refs/heads/result", "refs/smelt", "logs/refs/smelt"))
                     and n not in ("logs", "logs/refs", "logs/refs/heads", "smelt.lock")}
            assert not moved, f"{path}: {moved}\n{story}"
            if not of("branch.updated"):
                assert not changed, f"{path}: {changed}\n{story}"
            assert self.sh("git", "fsck", "--strict", "--no-progress", cwd=path) is not None
        assert self.sh("git", "status", "--porcelain", cwd=self.project) == "", story
        environments, processes, mounts = self.left()
        assert not processes and not mounts, f"{processes} {mounts}\n{story}"
        assert left is None or len(environments) == left, f"left: {environments}\n{story}"
        # No credential in anything that was written down.
        for log in self.home.glob(".smelt/runs/**/*"):
            assert not log.is_file() or secret.encode() not in log.read_bytes(), f"{log} has the credential"
        assert secret.encode() not in out.read_bytes() and secret not in errors, story
        self.sh("smelt-runs", "verify", records[0]["run"])
        self.records, self.errors = records, errors
        if delivered is not None:
            names = self.git("ls-tree", "-r", "--name-only", "-z", "result").strip("\0").split("\0")
            assert set(names) == set(delivered), f"{names}\n{story}"
        return records

    def git(self, *words):
        return self.sh("git", f"--git-dir={self.home}/forge.git", *words)

    def ending(self, name="s0"):
        return next(r for r in self.records if r["type"] == "session.finished" and r["session"] == name)

    def failures(self):
        return [(r["code"], r["message"]) for r in self.records if r["type"] == "failed"]

    def said(self, session=None):
        return "".join(r.get("text", "") for r in self.records
                       if r["type"] == "output" and (session is None or r["session"] == session))


def main(globals):
    check([f for n, f in list(globals.items()) if callable(f) and getattr(f, "__module__", "") == "__main__"
           and not n.startswith("_") and isinstance(f, type(main)) and (not sys.argv[1:] or n in sys.argv[1:])])
