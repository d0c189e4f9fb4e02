"""engine.py: what is Docker's alone: what a container is made of, what is left on an engine, how it dies."""
import json, os, shlex, signal, subprocess
from runtime import Pipe, check, end, of, stages


def cancelled_while_places_are_made(place):
    """Whoever makes a container when smelt is told to stop ends before what the run has is removed."""
    for _ in range(2):
        sessions = [(f"s{n}", "true") for n in range(12)]
        pipe = Pipe(place, place.planned(place.job(sessions, more="[limits]\nmax_parallel = 12\n")), stages[:2] + [stages[3]],
                    output=subprocess.PIPE, errors=place.home / "errors")
        for line in pipe.children[-1].stdout:
            if b'"session.started"' in line: pipe.kill(1, signal.SIGTERM)
        pipe.wait()
        owner = (place.state / "engines" / "owner").read_text()
        left = place.sh("docker", "ps", "-a", "--filter", f"label=smelt.owner={owner}", "--format", "{{.Names}} {{.Status}}")
        assert not left, left


def an_engine_that_does_not_answer(place):
    environment = {**place.environment, "DOCKER_HOST": f"unix://{place.home}/nobody"}
    done = subprocess.run(["smelt-provision"], input=place.planned(place.job([("one", "true")])), env=environment, cwd=place.home, capture_output=True)
    status, failed = done.returncode, of([json.loads(line) for line in done.stdout.splitlines()], "failed")
    assert status == 69 and "could not reach docker" in failed[0]["message"], (status, failed)


def what_a_container_is_made_of(place):
    """The engine's own account of one that runs, and ready's of it."""
    limits = "[limits]\nmemory = '96M'\nprocesses = 50\ncpu = 0.5\ncpu_weight = 50\n"
    manifest = place.job([("one", "true")], "echo begun; tail -f /dev/null", limits)
    pipe = Pipe(place, place.planned(manifest), stages[:2] + [stages[3]], output=subprocess.PIPE, errors=place.home / "errors")
    records = []
    for line in pipe.children[-1].stdout:
        records.append(json.loads(line))
        if records[-1]["type"] == "output": break
        assert records[-1]["type"] != "failed", records[-1]
    found = json.loads(place.sh("docker", "inspect", *place.on_engine()))
    pipe.kill(1, signal.SIGTERM)
    for _ in pipe.children[-1].stdout: pass
    pipe.wait()
    ready = of(records, "environment.ready")[0]
    assert len(found) == 1, found
    config, host = found[0]["Config"], found[0]["HostConfig"]
    assert ready["imageDigest"] == found[0]["Image"] == json.loads(place.sh("docker", "inspect", place.runtime.image))[0]["Id"]
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"], host["NanoCpus"], host["CpuShares"]) == (96 << 20, 96 << 20, 51, 500000000, 512), host
    assert host["CapDrop"] == ["ALL"] and not host["CapAdd"] and host["ReadonlyRootfs"] and not host["Privileged"], host
    assert host["NetworkMode"] == "none", host
    assert all(":/run/smelt/base:ro" in b or b == "/smelt" for b in host["Binds"] or []), host
    assert "no-new-privileges" in host["SecurityOpt"] and any(o.startswith("seccomp={") for o in host["SecurityOpt"]), host["SecurityOpt"]
    assert config["User"] not in ("", "0", "root") and config["Labels"]["smelt.run"] == ready["run"] and config["Labels"]["smelt.job"] == "rows", config
    assert config["Labels"]["smelt.lease"] == f"{os.uname().nodename}:{ready['directory']}/lease", config["Labels"]


def a_container_that_is_killed(place):
    """The session has failed; what was committed in it is rescued."""
    agent = "echo precious > file; git add .; git commit -qm mine; echo begun; tail -f /dev/null"
    pipe = Pipe(place, place.planned(place.job([("one", "true")], agent)), stages[:2] + [stages[3]], output=subprocess.PIPE, errors=place.home / "errors")
    records = []
    for line in pipe.children[-1].stdout:
        records.append(json.loads(line))
        if records[-1]["type"] == "output": place.sh("docker", "kill", *place.on_engine())
    pipe.wait()
    assert of(records, "failed", session="one")[0]["code"] == "container_lost", of(records, "failed")
    assert end(records, "one")["ending"] == "failed", end(records, "one")
    rescued = of(records, "environment.released")[0]["rescued"]
    assert place.sh("git", f"--git-dir={place.state}/results.git", "show", f"{rescued[0]}:file") == "precious\n"


def what_is_left_is_removed_and_nothing_else(place):
    """By the label of this state directory, where no environment knows of it."""
    place.records(place.job([("one", "true")]))
    owner = (place.state / "engines" / "owner").read_text()
    gone = "0" * 26
    made = {}
    for name, labels in (("ours", [f"smelt.owner={owner}", f"smelt.run={gone}"]), ("others", ["smelt.owner=somebody", f"smelt.run={gone}"]), ("nobodys", [])):
        words = [word for label in labels for word in ("--label", label)]
        made[name] = place.sh("docker", "create", *words, place.runtime.image, "true").strip()
    try:
        place.sh("smelt-provision", "gc")
        there = place.sh("docker", "ps", "-aq", "--no-trunc").split()
        assert [name for name, id in made.items() if id in there] == ["others", "nobodys"], there
    finally:
        subprocess.run(["docker", "rm", "-f", *made.values()], capture_output=True)


def what_is_kept_can_be_entered(place):
    done = subprocess.run(["smelt", "run", "--keep", str(place.job([("one", "echo w > work")]))], env=place.environment, cwd=place.home,
                          capture_output=True, text=True)
    line = next(line.strip() for line in done.stderr.splitlines() if "docker run" in line)
    words = shlex.split(line.replace(" -it ", " "))
    assert place.sh(*words, "-c", "cat work; git log -1 --format=%s smelt/one") == "w\nsmelt: uncommitted work of one\n", line
    place.sh("smelt-provision", "gc", "--older-than", "0s")


check("engine", [cancelled_while_places_are_made, an_engine_that_does_not_answer, what_a_container_is_made_of, a_container_that_is_killed,
                 what_is_left_is_removed_and_nothing_else, what_is_kept_can_be_entered])
