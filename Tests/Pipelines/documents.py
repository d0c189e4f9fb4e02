#!/usr/bin/env python3
"""What a cluster is asked with is what the published schemas of Kubernetes take, every version of them, strictly."""
import json, os, subprocess, sys
from pipeline import World, check, top

python = top / ".build" / "venv" / "bin" / "python"
validating = """
import glob, json, sys, os, kubernetes_validate as validator
place = os.path.join(os.path.dirname(validator.__file__), "kubernetes-json-schema")
versions = sorted(os.path.basename(p)[1:].split("-")[0] for p in glob.glob(f"{place}/v*-local-strict"))
for document in json.load(sys.stdin)["items"]:
    for version in versions:
        validator.validate(document, version, strict=True)
print(*versions)
"""
head = """
[job]
name = 'A_job.with-a-name'
repo = 'project'
base_ref = 'main'
[environment]
runtime = 'kubernetes'
image = 'example.test/image:1'
[[session]]
name = 'one'
spec = 'x'
harness = 'true'
timeout = 60
[[session]]
name = 'two'
spec = 'x'
harness = 'true'
timeout = 60
[merge]
target = 'result'
"""
full = """
context = 'c'
service_account = 'runner'
cpu_request = '250m'
memory_request = '64Mi'
node_selector = { 'kubernetes.io/hostname' = 'n' }
tolerations = [{ key = 'gpu', operator = 'Exists', effect = 'NoExecute', tolerationSeconds = 5 }]
priority_class = 'low'
image_pull_secrets = ['registry']
runtime_class = 'gvisor'
labels = { 'kueue.x-k8s.io/queue-name' = 'agents' }
annotations = { 'example.com/why' = "quotes \\" and $ and lines\\n" }
user = 1000770000
pod_template = 'pod.json'
[kubernetes.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution]
nodeSelectorTerms = [{ matchExpressions = [{ key = 'zone', operator = 'In', values = ['a'] }] }]
[limits]
cpu = 1.5
memory = '1G'
disk = '2G'
[network]
allow = ['192.0.2.7:443', '[2001:db8::1]:80']
"""
template = {"kind": "Pod", "metadata": {"labels": {"team": "t"}}, "spec": {
    "dnsPolicy": "Default", "volumes": [{"name": "cache", "emptyDir": {}}],
    "containers": [{"name": "session", "volumeMounts": [{"name": "cache", "mountPath": "/cache"}]},
                   {"name": "proxy", "image": "i", "env": [{"name": "A", "value": "b"}]}],
    "initContainers": [{"name": "first", "image": "i", "command": ["true"]}]}}


def documents(world, more):
    world.repository()
    (world.home / "pod.json").write_text(json.dumps(template))
    planned = world.planned(world.manifest(head + "[kubernetes]\nnamespace = 'n'\n" + more))
    return subprocess.run(["smelt-provision", "documents"], input=planned, env=world.environment, check=True,
                          capture_output=True).stdout


def validated(text):
    if not python.exists() or subprocess.run([python, "-c", "import kubernetes_validate"], capture_output=True).returncode:
        print("the schemas of Kubernetes are not installed: bin-scripts/setup --test")
        sys.exit(77)
    done = subprocess.run([python, "-c", validating], input=text, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout.split()) > 5, done.stdout


def a_small_job_is_valid():
    with World() as world:
        validated(documents(world, ""))


def everything_at_once_is_valid():
    with World() as world:
        text = documents(world, full)
        validated(text)
        job = json.loads(text)["items"][1]
        pod = job["spec"]["template"]
        assert pod["metadata"]["labels"]["team"] == "t", pod["metadata"]
        assert pod["metadata"]["annotations"]["example.com/why"] == 'quotes " and $ and lines\n', pod["metadata"]
        assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "agents", job["metadata"]
        assert [c["name"] for c in pod["spec"]["initContainers"]] == ["first"], pod["spec"]


def what_is_no_document_is_found():
    with World() as world:
        text = json.loads(documents(world, ""))
        text["items"][1]["spec"]["template"]["spec"]["securtyContext"] = {}
        try:
            validated(json.dumps(text).encode())
        except AssertionError:
            return
        raise AssertionError("a misspelt member was taken")


check([a_small_job_is_valid, everything_at_once_is_valid, what_is_no_document_is_found])
