"""Rows of the pipeline: from a manifest to a log."""
import json, os, shutil, statistics, subprocess, sys, time

from common import *

static = ["smelt-manifest", "smelt-provision", "smelt-exec", "smelt-egress", "smelt-collect", "smelt-review", "smelt-runs", "smelt-queue"]
others = ["smelt-pr"]


def start(home):
    for names, bar in ((static, "≤ 2 ×"), (others, "≤ 4 ×")):
        for name in names:
            ours, peer = starts(f"{binaries / name} --version", "/bin/true")
            row(f"start-up of `{name} --version` / `/bin/true`", ours, peer, bar)


def status(home):
    repo = home / "large"
    repository(repo, 50_000)
    job = home / "status.toml"
    manifest(job, repo, "git status >/dev/null; date +%s.%N")
    clone = home / "clone"
    subprocess.run(["git", "clone", "-q", repo, clone], check=True)

    def ours():
        planned = subprocess.run([binaries / "smelt-manifest", "plan", job], check=True, capture_output=True).stdout
        begun = time.time()
        pipe = subprocess.run(f"'{binaries}/smelt-provision' | '{binaries}/smelt-exec' | '{binaries}/smelt-provision' release",
                              shell=True, input=planned, check=True, capture_output=True).stdout
        for line in pipe.splitlines():
            record = json.loads(line)
            if record["type"] == "output":
                return float(record["text"]) - begun
        sys.exit(f"bench: the session printed nothing: {pipe[-2000:]}")

    mine, plain = alternating(ours, lambda: timed(["git", "-C", clone, "status"]))
    row("run.planned → first `git status`, 50,000 files, less 40 ms / `git status` in a warm clone", mine, plain, "≤ 1.2 ×", over=0.040)


def run(home):
    why = docker()
    repo = home / "small"
    repository(repo, 20)
    job = home / "run.toml"
    manifest(job, repo, "true")
    ours = lambda: timed([binaries / "smelt", "run", job])
    if why:
        fact("a whole `smelt run` of one session `true`", f"{statistics.median(alternating(ours)[0]) * 1000:.1f} ms", "")
        return missing("`smelt run` of one session `true` / `docker run --rm busybox true`", why)
    mine, peer = alternating(ours, lambda: timed(["docker", "run", "--rm", "busybox", "true"]))
    row("`smelt run` of one session `true` / `docker run --rm busybox true`", mine, peer, "≤ 0.25 ×")


def output(home):
    """1 GiB of lines of 80 bytes through all stages into the run log."""
    size = int(os.environ.get("SMELT_BENCH_OUTPUT", str(1 << 30)))
    repo = home / "printing"
    repository(repo, 1)
    job = home / "output.toml"
    line = "x" * 79
    printing = f"yes {line} | head -c {size}"
    manifest(job, repo, printing, '[limits]\noutput = "8G"\n')
    peaks = {}

    def ours():
        seconds = staged(job, peaks)
        shutil.rmtree(home / ".smelt", ignore_errors=True)
        return seconds

    cats = lambda: timed(["sh", "-c", printing + " | cat" * 7 + f" > '{home}/cats'"])
    mine, seven = alternating(ours, cats)
    row("1 GiB of lines through all stages into the log / seven `cat` into a file", mine, seven, "≤ 3.3 ×")
    fact("largest memory of a stage meanwhile", largest(peaks), "≤ 40 MB")
    why = docker()
    if why:
        return missing("the same / `docker run` of the same into a file", why)
    run_docker = lambda: timed(["sh", "-c", f"docker run --rm busybox sh -c '{printing}' > '{home}/docker'"])
    row("the same / `docker run` of the same into a file", mine, alternating(run_docker)[0], "≤ 0.125 ×")


def latency(home, kind="", bar="≤ 10 ms", **more):
    """From a program's write until the next stage could read the record."""
    repo = home / f"ticking{kind.strip(': ')}"
    repository(repo, 1)
    job = repo.with_suffix(".toml")
    manifest(job, repo, "i=0; while [ $i -lt 200 ]; do date +%s.%N; sleep 0.01; i=$((i + 1)); done", **more)
    planned = subprocess.run([binaries / "smelt-manifest", "plan", job], check=True, capture_output=True).stdout
    child = subprocess.Popen(["sh", "-c", "smelt-provision | smelt-exec"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    child.stdin.write(planned)
    child.stdin.close()
    seconds, log = [], b""
    for line in child.stdout:
        now = time.time()
        record = json.loads(line)
        log += line
        if record["type"] == "output":
            seconds.append(now - float(record["text"].split()[0]))
    child.wait()
    subprocess.run([binaries / "smelt-provision", "release"], input=log, check=True, capture_output=True)
    seconds.sort()
    slowest = seconds[int(len(seconds) * 0.99) - 1]
    fact(f"{kind}a line of output until the next stage has it, median / 99th of 200",
         f"{statistics.median(seconds) * 1000:.1f} ms / {slowest * 1000:.1f} ms", bar)
