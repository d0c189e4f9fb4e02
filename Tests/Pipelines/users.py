#!/usr/bin/env python3
"""Root's environments have host users of their own, also when they are made at the same moment and there are no more
users than environments."""
import fcntl, json, os, subprocess, sys
from pipeline import World, check

job = """
[job]
name = "user"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
[[session]]
name = "one"
spec = "s"
harness = "true"
timeout = 60
[merge]
target = "result"
"""


def started(world, manifest):
    child = subprocess.Popen(["smelt-provision"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             env=world.environment, cwd=world.home)
    child.stdin.write(world.planned(manifest))
    child.stdin.close()
    return child


def last(child):
    """Its own record, with the lines up to it; a lease on what it made, as the next stage would take."""
    lines = [child.stdout.readline() for _ in range(2)]
    record = json.loads(lines[1])
    if "directory" in record:
        child.lease = open(record["directory"] + "/lease", "rb")
        fcntl.flock(child.lease, fcntl.LOCK_SH)
    return record, b"".join(lines)


def each_has_one_of_its_own():
    with World() as world:
        world.repository()
        manifest = world.manifest(job)
        # The first of them is for commands alone, the last for smelt-egress; nobody else's test has these.
        first = 1950000000 + os.getpid() * 16
        world.environment["SMELT_UIDS"] = f"{first}-{first + 9}"
        for _ in range(3):
            children = [started(world, manifest) for _ in range(8)]
            made = [last(child) for child in children]
            users = [record.get("hostUser") for record, _ in made]
            assert set(users) == set(range(first + 1, first + 9)), made
            more = started(world, manifest)
            record, _ = last(more)
            assert more.wait() == 75 and record["code"] == "host_user", record
            # One is given back and taken again.
            subprocess.run(["smelt-provision", "release"], input=made[0][1], env=world.environment, cwd=world.home, check=True, capture_output=True)
            more = started(world, manifest)
            record, _ = last(more)
            assert record["hostUser"] == users[0], record
            for child in [*children, more]:
                child.stdout.close()
                child.lease.close()
                child.wait()
            world.sh("smelt-provision", "gc")
            assert not world.left()[0], world.left()
            held = [os.readlink(f"/run/smelt/users/{u}") for u in users if os.path.lexists(f"/run/smelt/users/{u}")]
            assert not held, held


if os.getuid() != 0:
    print("only root's environments have users of their own")
    sys.exit(77)
check([each_has_one_of_its_own])
