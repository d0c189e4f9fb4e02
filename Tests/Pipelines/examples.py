#!/usr/bin/env python3
"""What README, the pages and examples/ say can be done, done as it stands there by somebody who has just come."""
import json, os, re, shutil, signal, socket, subprocess, sys
from pipeline import World, check, top

venv = top / ".build" / "venv" / "bin"


class Newcomer(World):
    """A home with what the demo makes, the examples beside it, and a run that has been."""

    def __init__(self, ran=True):
        super().__init__()
        self.environment["PATH"] = f"{venv}:" + self.environment["PATH"]
        self.environment["XDG_CONFIG_HOME"] = str(self.home / ".config")
        (self.home / ".config").mkdir()
        self.sh("git", "init", "-q", "project")
        self.sh("git", "-C", "project", "commit", "-q", "--allow-empty", "-m", "Begin")
        self.sh("git", "clone", "-q", "--bare", "project", "forge.git")
        shutil.copytree(top / "examples", self.home, dirs_exist_ok=True)
        text = (self.home / "hello.toml").read_text().replace('"hello"', '"my-job"', 1).replace('"greeting"', '"backend"')
        text = text.replace('target = "letter"', 'target = "my-letter"')
        (self.home / "job.toml").write_text(text)
        self.run_id = None
        if ran:
            status, records, errors = self.run(self.home / "job.toml", check=0)
            (self.home / "run.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
            self.run_id = records[0]["run"]

    def play(self, command, status=0, **more):
        done = subprocess.run(["sh", "-c", command], env=self.environment, cwd=more.pop("cwd", self.home), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, **more)
        assert done.returncode == status, f"{command}\nended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr}"
        return done.stdout


def examples_of(page):
    """The displays in a page's EXAMPLES: lines of .Dl, and blocks of .Bd."""
    text = page.read_text().split(".Sh EXAMPLES\n")
    if len(text) < 2:
        return []
    body = text[1].split("\n.Sh ")[0]
    found = re.findall(r"(?:^\.Dl .*\n?)+|^\.Bd -literal.*\n(?:(?!\.Ed).*\n)*", body, re.M)
    made = []
    for item in found:
        lines = [line for line in item.splitlines() if not line.startswith(".Bd")]
        item = "\n".join(line.removeprefix(".Dl ") for line in lines)
        for old, new in (("\\(aq", "'"), ("\\(dq", '"'), ("\\e", "\\"), ("\\-", "-"), ("\\&", "")):
            item = item.replace(old, new)
        made.append(item)
    return made


def refused_by_the_proxy(world, command):
    """It serves until it is told to stop; what is asked of it and not allowed is printed."""
    serving = subprocess.Popen(["sh", "-c", command], env=world.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               text=True, start_new_session=True)
    try:
        while True:
            try:
                asking = socket.create_connection(("127.0.0.1", 3128), timeout=60)
                break
            except ConnectionRefusedError:
                assert serving.poll() is None, serving.returncode
        asking.sendall(b"CONNECT elsewhere.test:443 HTTP/1.1\r\nHost: elsewhere.test:443\r\n\r\n")
        assert b"403" in asking.recv(4096)
        assert serving.stdout.readline() == "elsewhere.test\n"
    finally:
        os.killpg(serving.pid, signal.SIGTERM)
        serving.wait(timeout=60)


def run_by_the_daemon(world, command, said):
    """It waits for a job, which a daemon runs meanwhile."""
    where = world.home / "tree"
    where.mkdir()
    (where / "Makefile").write_text(f"test:\n\t@echo {said}\n")
    serving = subprocess.Popen(["smelt-queue", "serve"], env=world.environment, cwd=world.home, stdin=subprocess.DEVNULL)
    try:
        assert said in world.play(command, cwd=where).splitlines()
        world.play("smelt-queue drain")
        assert serving.wait(timeout=60) == 0
    finally:
        serving.kill()
        serving.wait()


def every_example_of_every_page():
    """An example that nobody plays fails here, so a page cannot promise what is not so."""
    played = 0
    for page in sorted((top / "man").iterdir()):
        for example in examples_of(page):
            played += 1
            name = page.name
            with Newcomer() as world:
                command, where = example, world.home
                command = command.replace("01k0000000000000000000000a", world.run_id).replace("01k00000000000000000000000", world.run_id)
                command = command.replace("--job hello", "--job my-job").replace("runs/hello/", "runs/my-job/").replace("add-user-auth", "my-job")
                status = 0
                for program, body in (("make-job", "#!/bin/sh\ncat job.toml\n"), ("notify-me", "#!/bin/sh\ncat\n"), ("pdftotext", "#!/bin/sh\ncat \"$1\"\n")):
                    (world.home / program).write_text(body)
                    os.chmod(world.home / program, 0o755)
                world.environment["PATH"] += f":{world.home}"
                if "job-manifest.toml" in command:
                    where = world.home / "project"
                    if "init" not in command:
                        world.play("smelt init", cwd=where)
                if "smelt run job-manifest" in command:
                    # Its agent is one that this machine does not have.
                    command = "smelt init\nsmelt run --dry-run job-manifest.toml"
                if "make check" in command:
                    where = world.home / "tree"
                    where.mkdir()
                    (where / "Makefile").write_text("check:\n\ttouch checked\n")
                    # As root no command runs, so what it may write in must be somebody else's.
                    if os.getuid() == 0:
                        os.chown(where, 65534, 65534)
                if "./agent" in command:
                    where = world.home / "tree"
                    where.mkdir()
                    (where / "agent").write_text("#!/bin/sh\ntest -n \"$OPENAI_BASE_URL\" && test -z \"$OPENAI_API_KEY\"\n")
                    os.chmod(where / "agent", 0o755)
                    world.environment["OPENAI_API_KEY"] = "0123456789abcdef"
                if "./publish" in command:
                    where = world.home / "tree"
                    where.mkdir()
                    (where / "publish").write_text("#!/bin/sh\ntest \"$(cat /run/secrets/token)\" = 0123456789abcdef\n")
                    os.chmod(where / "publish", 0o755)
                    (world.home / ".token").write_text("0123456789abcdef\n")
                if "--to ." in command:
                    where = world.home / "project"
                if "pdftotext" in command:
                    (world.home / "mail").mkdir()
                    (world.home / "mail" / "invoice.pdf").write_text("invoice\n")
                    command = command.replace("pdftotext /in.pdf -", "cat /in.pdf")
                if "src/site" in command:
                    (world.home / "src" / "site").mkdir(parents=True)
                    (world.home / "src" / "site" / ".env").write_text("x\n")
                if command.startswith("jq -c --unbuffered"):
                    command = f"{command} run.jsonl"
                if "smelt-pr watch" in command:
                    world.play("smelt-pr merge -C forge.git 1")
                if "smelt-review approve" in command or "smelt-review --always" in command:
                    # Both at once: somebody asks, somebody answers.
                    asking = subprocess.Popen(["sh", "-c", "smelt-manifest plan job.toml | smelt-provision | smelt-exec | smelt-collect | "
                                               "smelt-provision release | smelt-review --always | smelt-pr | smelt-runs record"],
                                              env=world.environment, cwd=world.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
                    for line in asking.stdout:
                        if json.loads(line)["type"] == "review.requested":
                            run = json.loads(line)["run"]
                            break
                    shown = world.play(f"smelt-review list && smelt-review show {run} && smelt-review approve --note 'looks right' {run}")
                    assert run in shown and "letter.txt" in shown, shown
                    rest = asking.stdout.read()
                    assert asking.wait(timeout=60) == 0 and "branch.updated" not in line, rest
                    continue
                if command.startswith("smelt-egress --listen"):
                    refused_by_the_proxy(world, command)
                    continue
                if "smelt-queue logs" in command:
                    run_by_the_daemon(world, command, "all is well")
                    continue
                if "SMELT_WORKER" in command:
                    # As far away as another state directory.
                    (world.home / "bin").mkdir()
                    (world.home / "bin" / "ssh").write_text('#!/bin/sh\nfor last; do :; done\nSMELT_STATE_DIR=$HOME/there exec sh -c "$last"\n')
                    (world.home / "bin" / "ssh").chmod(0o755)
                    world.environment["PATH"] = f"{world.home}/bin:{world.environment['PATH']}"
                if name == "smelt-server.5":
                    (world.home / "drop").mkdir()
                    command = command.replace("/srv/smelt/drop", str(world.home / "drop"))
                    if command.startswith("queue_dir"):
                        (world.home / "server.toml").write_text(command)
                        command = "smelt-manifest check server.toml"
                if name == "smelt-manifest.5":
                    where = world.home / "project"
                    (where / "tidy.toml").write_text(command)
                    (where / "Makefile").write_text("format:\n\techo tidy > tidy\n")
                    world.play("git add -A && git commit -qm make", cwd=where)
                    command = "smelt run tidy.toml"
                if name == "smelt-seccomp.5":
                    # A policy, or a command that needs one.
                    is_policy = not command.startswith("smelt-exec")
                    where = world.home / "tree"
                    where.mkdir()
                    (where / "policy.toml").write_text(command if is_policy else "")
                    (where / "program").symlink_to("/bin/true")
                    world.environment["PATH"] += f":{where}"
                    if is_policy:
                        command = "test \"$(smelt-exec --seccomp policy.toml -- busybox echo heard)\" = heard"
                if "build.toml" in command and name == "smelt-exec.1":
                    shutil.copy(top / "examples" / "policies" / "build.toml", where)
                if name == "smelt-policy.5":
                    # A policy, which is found good and used, or a command that needs one.
                    where = world.home / "tree"
                    where.mkdir()
                    (where / "Makefile").write_text("all:\n\ttouch checked\n")
                    for policy in examples_of(page):
                        if policy.startswith("# "):
                            (where / policy.split()[1]).write_text(policy)
                    if os.getuid() == 0:
                        os.chown(where, 65534, 65534)
                    world.environment["MODEL_KEY"] = "0123456789abcdef"
                    if command.startswith("# "):
                        named = command.split()[1]
                        told = "fetch.toml:3:11: warning: timeout allows more than build.toml:5:11 does" if named == "fetch.toml" else ""
                        command = f"test \"$(smelt-exec --policy {named} --check 2>&1)\" = '{told}' && smelt-exec --policy {named} -- touch /tmp/x"
                if name == "smelt-task.5":
                    assert command == (top / "examples" / "task.json").read_text().rstrip("\n")
                    command = "smelt-exec --task task.json"
                try:
                    said = world.play(command, status, cwd=where)
                except AssertionError as error:
                    raise AssertionError(f"{name}: {error}") from error
                if "checked" in command or "make check" in command or command.endswith("build.toml -- make"):
                    assert (where / "checked").exists()
                if "invoice.txt" in command:
                    assert (world.home / "invoice.txt").read_text() == "invoice\n"
                if "src/site" in command:
                    assert (world.home / "src/site/.env").read_text() == "x\n"
                if ".mbox" in command:
                    assert any(p.read_text().startswith("From ") for p in where.glob("*.mbox")), command
                if name == "smelt-task.5":
                    assert said == "hello, world\n"
                if "smelt-exec --task" in command and "jq" in command:
                    assert said.splitlines() == ['["session.started",1,null]', '["session.finished",1,"succeeded"]', '["task.phase",1,"succeeded"]'], said
                if name == "smelt-manifest.5":
                    assert world.play("git show tidy:tidy", cwd=where) == "tidy\n"
                assert world.left()[1:] == ([], []), (name, command, world.left())
    assert played >= 20, played


def the_first_steps_of_the_readme():
    with Newcomer(ran=False) as world:
        world.play("smelt init && smelt run --dry-run job-manifest.toml && smelt init; test $? = 1", cwd=world.home / "project")
        world.play("smelt run hello.toml > /dev/null")
        assert world.play("git -C forge.git show letter:letter.txt") == "Hello, world.\nGoodbye, world.\n"
        assert "hello" in world.play("smelt list")
        world.play("smelt status hello", 1)
        world.play("smelt logs hello")
        shown = world.play("smelt-pr show --human -C forge.git 1")
        assert "passed" in shown and "letter" in shown, shown
        world.play("smelt-pr merge -C forge.git 1 && smelt watch hello")
        block = re.search(r"^    smelt-manifest plan job.toml \|.*?\n\n", (top / "README.md").read_text(), re.M | re.S).group()
        world.play(block)
        assert "Say hello" in world.play("git -C project log my-letter --format=%s")
        world.play("""smelt run job.toml | jq -r 'select(.type == "output") | .text'""")
        world.play("smelt-exec --network none -- true")


def the_justfile():
    just = venv / "just"
    if not just.exists() and not shutil.which("just"):
        assert not os.environ.get("SMELT_MUST"), "there is no just: bin-scripts/setup --test installs it"
        return print("skipped the_justfile: there is no just; bin-scripts/setup --test installs it")
    with Newcomer(ran=False) as world:
        world.play("just run hello")
        assert json.loads((world.home / ".smelt/just/hello.log").read_text().splitlines()[-1])["status"] == 0
        assert world.play("git -C forge.git log --format=%s letter").splitlines()[-1] == "Begin"
        world.play("just clean")
        assert not (world.home / ".smelt/just").exists()


def this_very_repository_is_formatted():
    """A copy of it with a file that is laid out badly; the request has that file alone."""
    swift = shutil.which("swift")
    with World() as world:
        world.sh("git", "clone", "-q", "--no-hardlinks", str(top), "smelt")
        clone = world.home / "smelt"
        world.sh("git", "checkout", "-q", "-B", "main", cwd=clone)
        tidy = (clone / "Sources/Smelt/Visible.swift").read_text()
        (clone / "Sources/Smelt/Visible.swift").write_text(tidy.replace("    ", "  "))
        world.sh("git", "commit", "-qam", "Untidy", cwd=clone)
        manifest = clone / "examples" / "format.toml"
        # What is found inside is what the caller's PATH has, as far as it is shown there.
        world.environment["PATH"] += f":{os.path.dirname(os.path.realpath(swift))}"
        world.sh("git", "init", "-q", "--bare", str(clone / ".build/format.git"))
        world.sh("git", "push", "-q", str(clone / ".build/format.git"), "main", cwd=clone)
        status, records, errors = world.run(manifest)
        said = "".join(r.get("text", "") for r in records if r["type"] == "output")
        assert status == 0, f"{status}\n{errors}{said[-3000:]}"
        forge = f"--git-dir={clone}/.build/format.git"
        assert world.sh("git", forge, "diff", "--name-only", "main", "format").split() == ["Sources/Smelt/Visible.swift"]
        assert world.sh("git", forge, "show", "format:Sources/Smelt/Visible.swift") == tidy
        assert world.sh("git", forge, "log", "-1", "--format=%an <%ae>", "format").strip() == "formatter <formatter@localhost>"
        assert "Format the sources" in world.sh("smelt-pr", "list", "--human", "--repository", str(clone / ".build/format.git"))


check([f for f in (the_first_steps_of_the_readme, the_justfile, this_very_repository_is_formatted, every_example_of_every_page)
       if not sys.argv[1:] or f.__name__ in sys.argv[1:]])
