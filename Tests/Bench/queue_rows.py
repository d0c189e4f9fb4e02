"""Rows of the queue: what it costs to hand a job over, beside queues that keep less of it."""
import json, os, shutil, statistics, subprocess, time

from common import *

worker = top / ".build" / "release" / "store-worker"


def state(home, name):
    """A queue of its own, with one job in it, so that making the file is not measured."""
    place = home / name
    place.mkdir(mode=0o700)
    run(place, "add", "--", "true")
    return place


def run(place, *words, **more):
    environment = dict(os.environ, SMELT_STATE_DIR=str(place))
    return subprocess.run([binaries / "smelt-queue", *words], env=environment, check=True, stdout=subprocess.DEVNULL, **more)


def queue(home):
    one(home)
    many(home)
    large(home)
    records(home)
    follower(home)


def one(home):
    # Said here and not by env(1), whose start would count for both.
    elsewhere = os.environ["SMELT_STATE_DIR"]
    os.environ["SMELT_STATE_DIR"] = str(state(home, "queue-one"))
    add = f"{binaries}/smelt-queue add -- true"
    if shutil.which("tsp"):
        os.environ["TS_SOCKET"] = str(home / "tsp.socket")
        try:
            row("one durable `smelt-queue add -- true` / `tsp true`, which keeps nothing on disk", *starts(add, "tsp true"), "≤ 2 ×")
        finally:
            subprocess.run(["tsp", "-K"], check=True)
    else:
        missing("one durable `smelt-queue add -- true` / `tsp true`", "there is no tsp")
    if shutil.which("nq"):
        os.environ["NQDIR"] = str(home / "nq")
        (home / "nq").mkdir()
        row("one durable `smelt-queue add -- true` / `nq true`", *starts(add, "nq true"), "≤ 1 ×")
    else:
        missing("one durable `smelt-queue add -- true` / `nq true`", "there is no nq")
    os.environ["SMELT_STATE_DIR"] = elsewhere


def many(home):
    lines = home / "lines"
    with open(lines, "w") as file:
        file.writelines(json.dumps({"argv": ["./step", str(number)]}) + "\n" for number in range(100_000))
    rates = []
    for number in range(5):
        place = state(home, f"queue-many-{number}")
        with open(lines) as file:
            begun = time.perf_counter()
            run(place, "add", "-", stdin=file)
            rates.append(100_000 / (time.perf_counter() - begun))
        shutil.rmtree(place)
    fact("`smelt-queue add -` of 100,000 lines", f"{statistics.median(rates):,.0f} a second", "≥ 50,000 a second")


def large(home):
    """Medians within one process, of a queue with nothing in it and of one with a million jobs."""
    def figures(place):
        said = subprocess.run([worker, place / "smelt.db", "measure"], check=True, capture_output=True, text=True).stdout.split()
        return dict(zip(said[::2], map(int, said[1::2])))

    empty, full = state(home, "queue-empty"), state(home, "queue-full")
    subprocess.run([worker, full / "smelt.db", "bulk", "1000000"], check=True, stdout=subprocess.DEVNULL)
    before, after = figures(empty), figures(full)
    for name in ("add", "claim", "list"):
        row(f"{name} with 1,000,000 jobs in the file / in an empty one", [after[name] / 1e6], [before[name] / 1e6], "≤ 1.3 ×")
    shutil.rmtree(full)


def records(home):
    place = state(home, "queue-records")
    said = subprocess.run([worker, place / "smelt.db", "records", "200000"], check=True, capture_output=True, text=True).stdout
    fact("event log, in batches of 500", f"{int(said.split('wrote ')[1].split()[0]):,} records a second", "≥ 50,000")


def follower(home):
    """From before a record is written until somebody else has read it."""
    file = state(home, "queue-follower") / "smelt.db"
    pipes = dict(stdout=subprocess.PIPE, text=True)
    with subprocess.Popen([worker, file, "ticks", "2000"], stdin=subprocess.PIPE, **pipes) as ticker:
        job = ticker.stdout.readline().split()[1]
        with subprocess.Popen([worker, file, "follow", job, "2000"], **pipes) as reader:
            assert reader.stdout.readline() == "ready\n"
            ticker.communicate("\n")
            said = reader.communicate()[0].split()
    fact("until a follower has a record that is written and synced, median and worst of 2,000",
         f"{int(said[1]) / 1000:.1f} ms, {int(said[3]) / 1000:.1f} ms", "≤ 20 ms")
