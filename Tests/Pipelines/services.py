"""Services beside sessions on a real engine: what its tests have in common. Whoever takes this in has an engine."""
import atexit, json, os, subprocess, sys
from pipeline import Pipe, World, stages, top

found = subprocess.run([str(top / "Tests" / "Engine" / "docker")], capture_output=True, text=True)
if found.returncode != 0:
    print((found.stdout.strip().splitlines() or [found.stderr.strip()])[-1])
    sys.exit(77)
# Only what was started here is ended here.
if "STARTED=yes" in found.stdout: atexit.register(subprocess.run, [str(top / "Tests" / "Engine" / "docker"), "stop"])
for line in found.stdout.splitlines():
    name, _, value = line.removeprefix("export ").partition("=")
    os.environ[name] = value.strip("'")
if not any(subprocess.run([*words, "version"], capture_output=True).returncode == 0
           for words in (["docker", "compose"], ["sh", "-c", "exec docker-compose version"])):
    print("there is neither 'docker compose' nor docker-compose")
    sys.exit(77)
image = os.environ["SMELT_TEST_IMAGE"]

web = """[[services]]
name = 'web'
image = 'IMAGE'
command = ['sh', '-c', 'mkdir -p /tmp/www && echo from the web > /tmp/www/index.html && exec httpd -f -p 8000 -h /tmp/www']
[services.healthcheck]
test = ['CMD-SHELL', 'wget -q -O /dev/null http://127.0.0.1:8000/']
interval = '1s'
retries = 30
"""


def session(name, harness, more=""):
    return f"[[session]]\nname = '{name}'\nspec = 'x'\nharness = '''{harness}'''\ntimeout = 120\n{more}\n"


class Services(World):
    def __init__(self):
        super().__init__()
        for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"):
            if name in os.environ: self.environment[name] = os.environ[name]
        self.repository()

    def __exit__(self, *what):
        try:
            if what[0] is None:
                assert self.left() == ([], [], []), self.left()
                assert self.made() == [], self.made()
        finally:
            subprocess.run(["smelt-provision", "gc", "--older-than", "0s"], env=self.environment, cwd=self.home, capture_output=True)
            # What is kept for the next run from a commit is no leftover, except here.
            for kind, words in (("rm -f -v", "ps -aq"), ("volume rm", "volume ls -q"), ("network rm", "network ls -q")):
                left = self.docker(*words.split(), *self.own())
                if left: self.docker(*kind.split(), *left)
            super().__exit__(*what)

    def manifest(self, text, name="job.toml"):
        """IMAGE in it is the one that the tests have."""
        return super().manifest(text.replace("IMAGE", image), name)

    def docker(self, *words):
        return self.sh("docker", *words).split()

    def own(self):
        owner = self.state / "engines" / "owner"
        return ["--filter", f"label=smelt.owner={owner.read_text() if owner.exists() else 'nobody'}"]

    def made(self):
        """What this state directory has on the engine, without what is kept for the next run."""
        projects = {p.split("=")[-1] for p in self.docker("network", "ls", "--format", "{{.Name}}", *self.own())}
        names = self.docker("ps", "-a", "--format", "{{.Names}}", *self.own()) + sorted(projects)
        names += self.docker("volume", "ls", "-q", *self.own())
        return [name for name in names if not name.startswith("smelt-base-")]

    def job(self, sessions, services="", more="", environment="", agent=""):
        return self.manifest(
            f"[job]\nname = 'with-services'\nrepo = 'project'\nbase_ref = 'main'\n"
            f"[environment]\nruntime = 'compose'\nimage = '{image}'\npull = 'never'\n{environment}"
            f"{agent}{sessions}{services}{more}[merge]\ntarget = 'result'\n")

    def stages(self, manifest, commands=stages[:4], status=0, **environment):
        """The records of the pipeline, and its complaints."""
        self.environment.update(environment)
        out, errors = self.home / "out", self.home / "errors"
        with open(out, "wb") as file:
            pipe = Pipe(self, self.planned(manifest), commands, output=file, errors=errors)
            statuses = pipe.wait(timeout=300)
        records = [json.loads(line) for line in out.read_bytes().splitlines()]
        assert statuses[0] == status, f"{statuses}\n{errors.read_text()}\n{records[-3:]}"
        return records, errors.read_text()


def of(records, kind, **members):
    return [r for r in records if r["type"] == kind and all(r.get(k) == v for k, v in members.items())]


def printed(records, name):
    return "".join(r.get("text", "") for r in of(records, "output", session=name, stream="stdout"))


def chosen(tests):
    """Those that the command line names; all without one."""
    return [test for test in tests if not sys.argv[1:] or test.__name__ in sys.argv[1:]]
