"""What the tests on a cluster have in common: a namespace for each, in the cluster for tests that KUBECONFIG names."""
import json, os, pathlib, shutil, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Pipelines"))
from pipeline import Pipe, World, check, sh, top

image = os.environ.get("SMELT_TEST_IMAGE", "smelt-test:latest")
stages = [["smelt-provision"], ["smelt-exec"], ["smelt-collect"], ["smelt-provision", "release"]]


def needed():
    if "KUBECONFIG" not in os.environ:
        print("KUBECONFIG names no cluster for tests")
        sys.exit(77)
    if not shutil.which("kubectl"):
        print("there is no kubectl in PATH")
        sys.exit(77)


class Cluster(World):
    """A world with a namespace; both are gone at the end."""

    def __init__(self):
        super().__init__()
        self.environment["KUBECONFIG"] = os.environ["KUBECONFIG"]
        self.namespace = f"smelt-test-{os.getpid()}-{os.urandom(3).hex()}"
        self.repository()
        sh("kubectl", "create", "namespace", self.namespace)

    def __exit__(self, *words):
        sh("kubectl", "delete", "namespace", self.namespace, "--wait=false")
        super().__exit__(*words)

    def kubectl(self, *words, **more):
        return sh("kubectl", "--namespace", self.namespace, *words, **more)

    def make(self, *documents):
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(documents)})
        self.kubectl("create", "-f", "-", input=text)

    def job(self, harness="true", more="", image=image, kubernetes="", session="", pull="never"):
        return self.manifest(
            f"[job]\nname = 'tested'\nrepo = 'project'\nbase_ref = 'main'\n"
            f"[environment]\nruntime = 'kubernetes'\nimage = '{image}'\npull = '{pull}'\n"
            f"[kubernetes]\nnamespace = '{self.namespace}'\n{kubernetes}\n"
            f"[network]\nmode = 'host'\n{more}\n"
            f"[[session]]\nname = 'one'\nspec = 'x'\nharness = '''{harness}'''\ntimeout = 300\n{session}\n"
            f"[merge]\ntarget = 'result'\n")

    def records(self, manifest, commands=None, statuses=None, meanwhile=None):
        """What the stages say; `meanwhile` is called with the log's path and the pipe while they run."""
        out = self.home / "out"
        with open(out, "wb") as file:
            pipe = Pipe(self, self.planned(manifest), commands or stages, output=file, errors=self.home / "errors")
            if meanwhile:
                meanwhile(out, pipe)
            found = pipe.wait(timeout=300)
        records = [json.loads(line) for line in out.read_bytes().splitlines()]
        if statuses is not None:
            assert found == list(statuses), f"{found}\n{self.errors()}\n{records[-3:]}"
        return records

    def errors(self):
        return (self.home / "errors").read_text()

    def nothing_left(self):
        self.settle()
        environments, processes, _ = self.left()
        left = self.kubectl("get", "jobs,networkpolicies", "--output", "name").split()
        assert environments == [] and processes == [] and left == [], (environments, processes, left)


def of(records, kind, **members):
    return [r for r in records if r["type"] == kind and all(r.get(k) == v for k, v in members.items())]


def failure(records):
    found = [r for r in of(records, "failed") if "session" not in r]
    assert found, records[-3:]
    return found[0]


def until(path, word, pipe):
    """Waits until the log has the word."""
    watched = subprocess.Popen(["tail", "-n", "+1", "-f", str(path)], stdout=subprocess.PIPE, text=True)
    try:
        for line in watched.stdout:
            if word in line:
                return
    finally:
        watched.kill()
        watched.wait()
        watched.stdout.close()
