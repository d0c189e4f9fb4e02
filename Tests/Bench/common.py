"""What every row of the benchmarks is measured and printed with."""
import json, os, pathlib, statistics, subprocess, sys, tempfile, time

top = pathlib.Path(__file__).resolve().parents[2]
# As bin-scripts/install puts them: without what debuggers want, and so smaller.
binaries = pathlib.Path(os.environ["PREFIX"]) / "bin"
runs = int(os.environ.get("SMELT_BENCH_RUNS", "20"))
tool = binaries / "smelt-exec"


def row(what, ours, peer, bar, over=0):
    """Prints one figure: medians of both in seconds, their ratio, the bar that it is held against."""
    a, b = statistics.median(ours), statistics.median(peer)
    ratio = (a - over) / b
    print(f"| {what} | {a * 1000:,.1f} ms | {b * 1000:,.1f} ms | {ratio:.2f} × | {bar} |", flush=True)


def fact(what, value, bar):
    """Prints one figure that has no peer."""
    print(f"| {what} | {value} | | | {bar} |", flush=True)


def missing(what, why):
    print(f"| {what} | | | not measured: {why} | |", flush=True)


def timed(argv, **more):
    begun = time.perf_counter()
    subprocess.run(argv, check=True, stdout=more.pop("stdout", subprocess.DEVNULL), stderr=subprocess.DEVNULL, **more)
    return time.perf_counter() - begun


def alternating(*calls, count=runs):
    """Each call in turn, so that what disturbs one disturbs the other."""
    for call in calls:
        call()
    results = [[] for _ in calls]
    for _ in range(count):
        for result, call in zip(results, calls):
            result.append(call())
    return results


def starts(*commands, count=200):
    """How long short commands take without a shell, by hyperfine(1): in turns of 20, so that what disturbs one
    disturbs the others."""
    results = [[] for _ in commands]
    for _ in range(max(1, count // 20)):
        with tempfile.NamedTemporaryFile() as file:
            subprocess.run(["hyperfine", "-N", "-w", "2", "-r", "20", "--export-json", file.name, *commands],
                           check=True, stdout=subprocess.DEVNULL)
            for result, found in zip(results, json.load(open(file.name))["results"]):
                result += found["times"]
    return results


def docker():
    try:
        subprocess.run(["docker", "run", "--rm", "busybox", "true"], check=True, capture_output=True)
        return None
    except (OSError, subprocess.CalledProcessError):
        return "no Docker engine with the image busybox is running"


def repository(path, files):
    subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)
    for number in range(files):
        directory = path / f"d{number // 100:04}"
        directory.mkdir(exist_ok=True)
        (directory / f"f{number:05}.txt").write_text(f"file {number}\n" * (number % 20 + 1))
    for words in (["add", "-A"], ["-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "base"]):
        subprocess.run(["git", "-C", path, *words], check=True)


def manifest(path, repo, harness, extra="", environment='runtime = "sandbox"'):
    path.write_text(f'[job]\nname = "bench"\nrepo = "{repo}"\nbase_ref = "main"\n[environment]\n{environment}\n'
                    f"[[session]]\nname = \"one\"\nspec = \"measure\"\nharness = '''{harness}'''\ntimeout = 600\n"
                    f'[merge]\ntarget = "bench-result"\n{extra}')


def staged(job, peaks):
    """Runs every stage on a job; seconds, and the most memory of each in `peaks`, in KiB by its name."""
    stages = [["smelt-manifest", "plan", job], ["smelt-provision"], ["smelt-exec"], ["smelt-collect"], ["smelt-provision", "release"],
              ["smelt-review"], ["smelt-pr"], ["smelt-runs", "record"]]
    begun = time.perf_counter()
    before, children = None, []
    for words in stages:
        last = words is stages[-1]
        child = subprocess.Popen([binaries / words[0], *words[1:]], stdin=before, stderr=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL if last else subprocess.PIPE)
        if before:
            before.close()
        before = child.stdout
        children.append((words[0], child))
    for name, child in children:
        _, how, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(how)
        peaks[name] = max(peaks.get(name, 0), usage.ru_maxrss)
        if child.returncode:
            sys.exit(f"bench: {name} ended with {child.returncode}")
    return time.perf_counter() - begun


def largest(peaks):
    name, peak = max(peaks.items(), key=lambda p: p[1])
    return f"{peak / 1024:.1f} MiB (`{name}`)"
