"""Jobs that a queue has run on a worker, in containers there."""
import os, pathlib, subprocess, sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Pipelines"))
from workers import job, main

BOX = f"""
[environment]
runtime = "docker"
image = "{os.environ['SMELT_TEST_IMAGE']}"
"""


def docker(*words):
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.split()


def in_containers(world):
    """The worker makes the container, and nothing of the run is left there: neither in its state nor in its engine."""
    worker = world.worker()
    world.serve(worker.section())
    script = "test -f /.dockerenv && echo there && git rev-list --count HEAD >made"
    text = job("boxed", script, more=BOX).replace('[workspace]\nmounts = ["work:/work"]\n', "")
    added = world.call("add", str(world.manifest(text, "boxed.toml"))).strip()
    assert world.wait(added) == 0, world.events(added)
    assert world.printed_lines(added) == ["there"]
    assert world.sh("git", "show", "result-boxed:made", cwd=world.home / "project") == "1\n"
    assert not (world.state / "engines").exists(), "this machine's engine was asked"
    label = f"label=smelt.owner={(worker.state / 'engines' / 'owner').read_text()}"
    assert not docker("ps", "--all", "--quiet", "--filter", label)
    volumes = docker("volume", "ls", "--quiet", "--filter", label)
    # What runs from one commit share stays.
    assert len(volumes) == 1 and volumes[0].startswith("smelt-base-"), volumes
    docker("volume", "rm", *volumes)


main([in_containers])
