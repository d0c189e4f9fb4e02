"""Rows of engines: the same jobs in containers."""
import json, os, statistics, subprocess, sys, time

import pipeline
from common import *

image = os.environ.get("SMELT_TEST_IMAGE", "smelt-test:latest")
environment = f'runtime = "docker"\nimage = "{image}"'


def unavailable():
    done = subprocess.run(["docker", "image", "inspect", image], capture_output=True)
    return None if done.returncode == 0 else f"no Docker engine with the image {image} is running"


def engines(home):
    if why := unavailable():
        return missing("jobs in Docker's containers", why)
    session(home)
    ready(home)
    memory(home)
    pipeline.latency(home, "docker: ", "≤ 50 ms", environment=environment)
    release(home)


def session(home):
    """The peer is what one does by hand: a container that runs `true`, and the repository copied into another."""
    repo = home / "engine"
    repository(repo, 20)
    job = home / "engine.toml"
    manifest(job, repo, "true", environment=environment)
    other = subprocess.run(["docker", "create", image, "true"], check=True, capture_output=True, text=True).stdout.strip()
    by_hand = lambda: timed(["docker", "run", "--rm", image, "true"]) + timed(["docker", "cp", repo, f"{other}:/tmp"])
    try:
        mine, peer = alternating(lambda: timed([binaries / "smelt", "run", job]), by_hand)
    finally:
        subprocess.run(["docker", "rm", "-f", other], check=True, capture_output=True)
    row("docker: `smelt run` of one session `true` / `docker run --rm` of it and `docker cp` of the repository", mine, peer, "≤ 1.3 ×")


def ready(home):
    """The second time that a commit is worked on, its objects are on the engine."""
    jobs = []
    for name, bytes_ in (("large", 100_000_000), ("empty", 0)):
        repo = home / f"engine-{name}"
        repository(repo, 1)
        # Not by this process, whose memory would be counted as that of what it starts.
        subprocess.run(["head", "-c", str(bytes_), "/dev/urandom"], check=True, stdout=open(repo / "blob", "wb"))
        for words in (["add", "-A"], ["-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "blob"]):
            subprocess.run(["git", "-C", repo, *words], check=True)
        job = home / f"engine-{name}.toml"
        manifest(job, repo, "true", environment=environment)
        jobs.append(subprocess.run([binaries / "smelt-manifest", "plan", job], check=True, capture_output=True).stdout)

    log = home / "engine-ready"

    def until_ready(planned):
        begun = time.perf_counter()
        # Into a file: behind a pipe it would wait for somebody to take the lease over.
        with open(log, "wb") as file:
            subprocess.run([binaries / "smelt-provision"], input=planned, check=True, stdout=file, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
        if not any(json.loads(line)["type"] == "environment.ready" for line in log.open()):
            sys.exit(f"bench: no environment: {log.read_text()[-2000:]}")
        with open(log, "rb") as file:
            subprocess.run([binaries / "smelt-provision", "release"], stdin=file, check=True, capture_output=True)
        return seconds

    row("docker: until `environment.ready` for 100 MB, second time / for an empty repository",
        *alternating(*(lambda planned=planned: until_ready(planned) for planned in jobs)), "≤ 1.2 ×")


def memory(home):
    repo = home / "engine-printing"
    repository(repo, 1)
    job = home / "engine-printing.toml"
    manifest(job, repo, "yes | head -c 10000000", environment=environment)
    text = job.read_text()
    block = text[text.index("[[session]]"):text.index("[merge]")]
    job.write_text(text.replace(block, "".join(block.replace('"one"', f'"s{n}"') for n in range(20)) + "[limits]\nmax_parallel = 20\n"))
    peaks = {}
    staged(job, peaks)
    fact("docker: largest memory of a stage while 20 sessions print 10 MB each", largest(peaks), "≤ 40 MB")


def release(home):
    """Of an environment whose work has been collected."""
    repo = home / "engine-release"
    repository(repo, 1)
    job = home / "engine-release.toml"
    manifest(job, repo, "echo work > work", environment=environment)
    seconds = []
    for _ in range(runs):
        stages = "smelt-manifest plan $0 | smelt-provision | smelt-exec | smelt-collect"
        log = subprocess.run(["sh", "-c", stages, job], check=True, capture_output=True).stdout
        begun = time.perf_counter()
        subprocess.run([binaries / "smelt-provision", "release"], input=log, check=True, capture_output=True)
        seconds.append(time.perf_counter() - begun)
    fact("docker: until an environment is released, median", f"{statistics.median(seconds) * 1000:,.0f} ms", "< 1 s")
