#!/usr/bin/env python3
"""Sessions in the containers of a pod: what they share, what becomes of their work when something of theirs is lost."""
import json, os, signal, subprocess
from cluster import Cluster, Pipe, check, image, needed, of, sh, stages, until

needed()


def printed(records, session):
    return "".join(r["text"] for r in of(records, "output", session=session, stream="stdout"))


def second(harness):
    return f"[[session]]\nname = 'two'\nspec = 'x'\nharness = '''{harness}'''\ntimeout = 300\n"


def a_container_is_cleared_for_the_next():
    """One at a time, so both have the same; the first leaves what is hard to remove."""
    leave = ("for d in /tmp /dev/shm ~ .; do echo mine > $d/mine; mkdir -p $d/shut/in; echo x > $d/shut/in/x; chmod 000 $d/shut; done;"
             " (trap '' TERM; exec sleep 1000) & exit 0")
    look = "ls -A /tmp /dev/shm ~; cat /proc/[0-9]*/cmdline | tr '\\\\0' ' ' | grep -c 'sleep 1000'; exit 0"
    with Cluster() as world:
        records = world.records(world.job(leave, more="[limits]\nmax_parallel = 1\n", session=second(look)), statuses=[0, 0, 0, 0])
        said = printed(records, "two").split()
        assert "mine" not in said and "shut" not in said and said[-1] == "0", said
        world.nothing_left()


def what_a_session_may_use_is_its_own():
    with Cluster() as world:
        measure = ("cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; df -P /dev/shm | grep -c /dev/shm")
        records = world.records(world.job(measure, more="[limits]\nmemory = '96M'\n"), statuses=[0, 0, 0, 0])
        assert printed(records, "one").split() == [str(96 << 20), "1"], printed(records, "one")
        ready = of(records, "environment.ready")[0]
        assert ready["limits"]["memoryBytes"] == 96 << 20 and ready["imageDigest"], ready
        world.nothing_left()


def everything_says_whose_it_is():
    """The labels of the run on each thing that it has in the cluster; the whole of what a label cannot hold, as an annotation."""
    with Cluster() as world:
        found = []
        def look(log, pipe):
            until(log, '"text":"begun', pipe)
            found.extend(json.loads(world.kubectl("get", "jobs,pods,networkpolicies", "--output", "json"))["items"])
            pipe.kill(1, signal.SIGTERM)
        records = world.records(world.job("echo begun; sleep 1000"), meanwhile=look)
        ready = of(records, "environment.ready")[0]
        assert sorted(thing["kind"] for thing in found) == ["Job", "NetworkPolicy", "Pod"], found
        for thing in found:
            labels, annotations = thing["metadata"]["labels"], thing["metadata"]["annotations"]
            told = {name: labels.get(f"smelt.{name}") for name in ("run", "job", "owner", "lease")}
            owner = (world.state / "engines" / "owner").read_text()
            assert told == {"run": ready["run"], "job": "tested", "owner": owner, "lease": os.uname().nodename}, (thing["kind"], labels)
            assert annotations["smelt.lease"] == f"{os.uname().nodename}:{ready['directory']}/lease", (thing["kind"], annotations)
        world.nothing_left()


def connection(world):
    """The kubectl of a session."""
    found = [pid for pid, words in world.processes().items() if words.startswith("kubectl") and "smelt-inside" in words]
    assert len(found) == 1, world.processes()
    return found[0]


def a_connection_that_breaks_costs_no_commit():
    with Cluster() as world:
        def cut(log, pipe):
            until(log, '"text":"begun', pipe)
            os.kill(connection(world), signal.SIGKILL)
        records = world.records(
            world.job("git commit -q --allow-empty -m mine; echo begun; sleep 1000"), meanwhile=cut)
        end = of(records, "session.finished")[0]
        assert end["ending"] == "failed", end
        rescued = of(records, "environment.released")[0]["rescued"]
        assert len(rescued) == 1, (records[-3:], world.errors())
        assert world.sh("git", f"--git-dir={world.state}/results.git", "log", "-1", "--format=%s", rescued[0]).strip() == "mine"
        world.nothing_left()


def number_on_node(world, container="session-1"):
    """Its node's name of it."""
    pod = json.loads(world.kubectl("get", "pods", "--output", "json"))["items"][0]
    name = next(c["containerID"] for c in pod["status"]["containerStatuses"] if c["name"] == container)
    engine, _, number = name.partition("://")
    assert engine == "docker", f"there is no test for '{engine}'"
    return number


def a_container_that_is_killed_costs_no_commit():
    """As when a container needs too much memory as a whole: the pod lives, and so do its volumes."""
    with Cluster() as world:
        def kill(log, pipe):
            until(log, '"text":"begun', pipe)
            sh("docker", "kill", number_on_node(world))
        records = world.records(
            world.job("git commit -q --allow-empty -m mine; echo left > file; echo begun; sleep 1000"), meanwhile=kill)
        end = of(records, "session.finished")[0]
        assert end["ending"] == "failed" and "'session-1' ended with status 137" in end["reason"], end
        rescued = of(records, "environment.released")[0]["rescued"]
        assert len(rescued) == 1, (records[-3:], world.errors())
        git = ["git", f"--git-dir={world.state}/results.git"]
        assert world.sh(*git, "log", "-2", "--format=%s", rescued[0]).split("\n")[1] == "mine"
        assert world.sh(*git, "show", f"{rescued[0]}:file") == "left\n"
        world.nothing_left()


def who_was_cut_off_gets_no_other_container():
    """Its own was killed meanwhile: the session fails, though there is another, and what is in its own is rescued."""
    with Cluster() as world:
        manifest = world.job("git commit -q --allow-empty -m mine; echo begun; sleep 1000", session=second("true"))
        out = world.home / "cut"
        with open(out, "wb") as file: pipe = Pipe(world, world.planned(manifest), stages[:2], output=file)
        until(out, '"text":"begun', pipe)
        until(out, '"ending":"succeeded"', pipe)
        pipe.kill(1)
        pipe.wait()
        taken = json.loads(next(world.state.glob("environments/*/containers/taken.json")).read_text())
        own = next(entry["container"] for entry in taken if entry["place"] == "session one")
        sh("docker", "kill", number_on_node(world, own))
        log = b"".join(line for line in out.read_bytes().splitlines(True) if line.endswith(b"\n"))
        again = Pipe(world, log, stages, output=subprocess.PIPE, errors=world.home / "errors")
        records = [json.loads(line) for line in again.children[-1].stdout]
        again.wait()
        end = of(records, "session.finished", session="one")[0]
        # As the cluster has noticed it by then, or not.
        told = ("not there any more", f"the container '{own}' ended with status 137")
        assert end["ending"] == "failed" and any(words in end["reason"] for words in told), end
        rescued = of(records, "environment.released")[0]["rescued"]
        assert len(rescued) == 1, (records[-3:], world.errors())
        assert world.sh("git", f"--git-dir={world.state}/results.git", "log", "-1", "--format=%s", rescued[0]).strip() == "mine"
        world.nothing_left()


def a_preparation_that_was_killed_is_fed_again():
    """What it had made in the cluster is the run's, whoever goes on with it."""
    with Cluster() as world:
        planned = world.planned(world.job("echo done > file"))
        watch = subprocess.Popen(["kubectl", "--namespace", world.namespace, "get", "jobs", "--watch", "--output", "name"],
                                 env=world.environment, stdout=subprocess.PIPE)
        try:
            with open(world.home / "cut", "wb") as file: pipe = Pipe(world, planned, stages[:1], output=file)
            assert watch.stdout.readline(), "no job is made"
            pipe.kill(None)
            pipe.wait()
        finally:
            watch.kill()
            watch.wait()
            watch.stdout.close()
        again = Pipe(world, planned, stages, output=subprocess.PIPE, errors=world.home / "errors")
        records = [json.loads(line) for line in again.children[-1].stdout]
        assert again.wait() == [0, 0, 0, 0], (records[-1], world.errors())
        assert of(records, "result.collected")[0]["files"] == 1, records[-3:]
        world.nothing_left()


def many_at_once_queue_up():
    """More than the node has room for: they wait, finish, and leave nothing."""
    count = int(os.environ.get("MANY", 6))
    with Cluster() as world:
        manifest = world.job("echo done > file", more="[limits]\ncpu = 0.5\n", kubernetes="start_timeout = '10m'")
        children = []
        for number in range(count):
            with open(world.home / f"out-{number}", "wb") as file:
                children.append((Pipe(world, world.planned(manifest), stages, output=file), world.home / f"out-{number}"))
        for pipe, out in children:
            assert pipe.wait(timeout=900) == [0, 0, 0, 0], out.read_text()[-2000:]
            records = [json.loads(line) for line in out.read_bytes().splitlines()]
            assert of(records, "session.finished")[0]["ending"] == "succeeded", records[-3:]
        world.nothing_left()


check([a_container_is_cleared_for_the_next, what_a_session_may_use_is_its_own, everything_says_whose_it_is,
       a_connection_that_breaks_costs_no_commit, a_container_that_is_killed_costs_no_commit, who_was_cut_off_gets_no_other_container,
       a_preparation_that_was_killed_is_fed_again, many_at_once_queue_up])
