"""What the rows of the suite have in common: a job for a runtime, its records, and what must not be left of it."""
import base64, json, os, pathlib, subprocess, sys, traceback

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Pipelines"))
from pipeline import Pipe, World, stages


class Cannot(Exception):
    """A runtime or this machine cannot have what a row is about, and says so itself."""


class Runtime:
    """A runtime by its name in manifests, with the image that SMELT_TEST_IMAGE names."""

    def __init__(self, name):
        self.name = name
        self.image = None if name == "sandbox" else os.environ.get("SMELT_TEST_IMAGE", "smelt-test:latest")
        # What must be empty when all is released; {} is the label of a state directory's things. What runs share, a commit's
        # objects, is no run's and stays for a while.
        # Podman takes two labels of a volume for either of them, so one is looked for here.
        docker = [["sh", "-c", f"docker {words} --filter label={{}} --format '{{{{{{{{.{name}}}}}}}}} {{{{{{{{.Labels}}}}}}}}' | sed -n '/smelt.run/s/ .*//p'"]
                  for words, name in (("ps -a", "ID"), ("volume ls", "Name"), ("network ls", "Name"))]
        self.leavings = {
            "sandbox": [],
            # A pod that is to go is gone a moment later.
            "kubernetes": [["sh", "-c", "kubectl wait --for=delete pods -A -l {},smelt.run --timeout=60s >&2 || :"],
                           ["kubectl", "get", "jobs,pods,secrets,networkpolicies", "-A", "-l", "{},smelt.run", "-o", "name"]],
        }.get(name, docker)

    def environment(self):
        image = f"image = '{self.image}'\n" if self.image else ""
        more = ""
        if self.name == "kubernetes":
            subprocess.run(["kubectl", "create", "namespace", "smelt-rows"], capture_output=True)
            more = "pull = 'never'\n[kubernetes]\nnamespace = 'smelt-rows'\nstart_timeout = '3m'\n"
        return f"[environment]\nruntime = '{self.name}'\n{image}{more}"

    def network(self):
        """For rows that are not about it: a cluster for tests may have a network that enforces no policies, and then
        smelt refuses what asks for one."""
        return "[network]\nmode = 'host'\n" if self.name == "kubernetes" else ""

    def services(self):
        """One, for compose, that has to be well before anything starts."""
        if self.name != "compose": return ""
        return f"""
[[services]]
name = 'beside'
image = '{self.image}'
command = ['sh', '-c', 'mkdir /tmp/www && echo beside > /tmp/www/index.html && exec httpd -f -p 8000 -h /tmp/www']
[services.healthcheck]
test = ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8000/']
interval = '1s'
retries = 60
"""


class Place(World):
    """A world with a repository, and runs of one runtime in it."""

    def __init__(self, runtime):
        super().__init__()
        self.runtime = runtime
        self.isAboutNetwork = False
        for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "KUBECONFIG", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"):
            if name in os.environ: self.environment[name] = os.environ[name]
        self.repository()
        self.forge()

    def __exit__(self, *what):
        try:
            if what[0] is None: self.nothing_is_left()
        finally:
            subprocess.run(["smelt-provision", "gc"], env=self.environment, cwd=self.home, capture_output=True)
            self.forget_bases()
            super().__exit__(*what)

    def forget_bases(self):
        """The objects of base commits stay on an engine for later runs, of which a world that ends has none."""
        owner = self.state / "engines" / "owner"
        if self.runtime.name not in ("docker", "compose") or not owner.exists(): return
        mine = ["--filter", f"label=smelt.owner={owner.read_text().strip()}"]
        bases = self.sh("docker", "volume", "ls", "-q", *mine).split()
        if bases: subprocess.run(["docker", "volume", "rm", "-f", *bases], env=self.environment, capture_output=True)

    def nothing_is_left(self):
        assert self.left() == ([], [], []), self.left()
        assert self.on_engine() == [], f"left on the engine: {self.on_engine()}"

    def on_engine(self):
        """What this world's runs have on the engine: others' are none of its business."""
        owner = self.state / "engines" / "owner"
        if not owner.exists(): return []
        label = f"smelt.owner={owner.read_text().strip()}"
        return [found for command in self.runtime.leavings for found in self.sh(*[word.format(label) for word in command]).split()]

    def job(self, sessions, agent=None, more=""):
        """A manifest of these sessions, each (name, harness[, more keys])."""
        text = f"[job]\nname = 'rows'\nrepo = 'project'\nbase_ref = 'main'\n{self.runtime.environment()}"
        if not self.isAboutNetwork and "[network]" not in more: text += self.runtime.network()
        if agent is not None: text += f"[agent]\ncommand = ['sh', '-c', '''{agent}''']\n"
        for name, harness, *rest in sessions:
            text += f"[[session]]\nname = '{name}'\nspec = 'task of {name}'\nharness = '''{harness}'''\n"
            keys = rest[0] if rest else ""
            text += keys if "timeout" in keys else f"timeout = 300\n{keys}"
            text += "\n"
        return self.manifest(f"{text}{more}\n{self.runtime.services()}[merge]\ntarget = 'result'\n[forge]\nprovider = 'local'\nrepo = 'forge.git'\n")

    def records(self, manifest, status=0, *options):
        """The records of a whole run, which ends with that status."""
        got, records, said = self.run(manifest, *options)
        refused = [r for r in of(records, "failed") if r["status"] == 69]
        if refused and status == 0: raise Cannot(refused[0]["message"])
        assert got == status, f"status {got}, wanted {status}\n{said}\n{records[-4:]}"
        return records

    def loose_stages(self):
        """Up to the release. A cluster for tests may have a network that enforces no policies, and then smelt goes on only
        when it is told to."""
        loose = ["--best-effort"] if self.runtime.name == "kubernetes" else []
        return [["smelt-provision", *loose], ["smelt-exec"], ["smelt-collect"], ["smelt-provision", "release"]]

    def loosely(self, manifest):
        """The records of a run of a row that is about what the network lets through, not about what it shuts."""
        if self.runtime.name != "kubernetes": return self.records(manifest)
        out = self.home / "out"
        with open(out, "wb") as file:
            pipe = Pipe(self, self.planned(manifest), self.loose_stages(), output=file, errors=self.home / "errors")
            statuses = pipe.wait(timeout=600)
        records = [json.loads(line) for line in out.read_bytes().splitlines()]
        assert statuses == [0, 0, 0, 0], f"{statuses}\n{(self.home / 'errors').read_text()}\n{records[-4:]}"
        ready = of(records, "environment.ready")[0]
        assert ready.get("notEnforced", []) in ([], ["network"]), ready
        return records

    def result(self, path):
        return self.sh("git", "show", f"result:{path}", cwd=self.home / "project")


def of(records, kind, **members):
    return [r for r in records if r["type"] == kind and all(r.get(k) == v for k, v in members.items())]


def end(records, name):
    ends = of(records, "session.finished", session=name)
    assert len(ends) == 1, f"{len(ends)} endings of {name}: {records[-4:]}"
    return ends[0]


def printed(records, session, stream="stdout"):
    """Every byte that a session printed, in order, without a hole."""
    data = b""
    for piece in of(records, "output", session=session, stream=stream):
        assert piece["offsetBytes"] == len(data), f"a hole before {piece}"
        data += piece["text"].encode() if "text" in piece else base64.b64decode(piece["base64"])
    return data


def check(name, tests):
    """Plays what is special to engines on docker, all or those that are named, each in a place of its own."""
    failed = 0
    for test in tests:
        if sys.argv[1:] and test.__name__ not in sys.argv[1:]: continue
        try:
            with Place(Runtime("docker")) as place: test(place)
        except Exception:
            failed += 1
            print(f"FAILED {test.__name__}: {(test.__doc__ or '').strip()}", flush=True)
            traceback.print_exc(file=sys.stdout)
    print(f"{name}: {failed} failed")
    sys.exit(1 if failed else 0)
