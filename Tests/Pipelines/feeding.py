"""Feeding one stage at a time: what each was given in a whole run, and what it added."""
import json, subprocess, tempfile
from pipeline import stages

run = "01k0000000000000000000000a"


def record(kind, run=run, **members):
    return json.dumps({"v": 1, "type": kind, "time": "2026-01-01T00:00:00.000Z", "run": run, **members},
                      separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def feed(world, words, data):
    """Runs a stage on input that ends. Its output is a file, so that provision waits for nobody to take the lease."""
    with tempfile.TemporaryFile() as out:
        done = subprocess.run(words, input=data, env=world.environment, cwd=world.home, stdout=out, stderr=subprocess.PIPE, timeout=120)
        out.seek(0)
        done.stdout = out.read()
    assert 0 <= done.returncode, f"{' '.join(words)} died of signal {-done.returncode}: {done.stderr.decode()[-400:]}"
    return done


def name(words):
    return " ".join(words)


def added(out, data):
    """What a stage wrote beyond the lines it got, which must come out whole, in order and unchanged."""
    rest, more = data.splitlines(keepends=True), []
    for line in out.splitlines(keepends=True):
        if rest and line == rest[0]:
            rest.pop(0)
        else:
            more.append(json.loads(line))
    assert not rest, f"did not come out: {rest[0][:200]}"
    return more


class Log:
    """A whole run, and what each stage was given in it."""

    def __init__(self, world):
        self.world = world
        world.repository()
        world.manifest("[job]\nname = 'lines'\nrepo = 'project'\nbase_ref = 'main'\n[environment]\nruntime = 'sandbox'\n"
                       "[agent]\ncommand = ['sh', '-c', 'echo work > file']\n[[session]]\nname = 'one'\nspec = 's'\nharness = 'true'\n"
                       "timeout = 60\n[merge]\ntarget = 'result'\n")
        self.given = []
        data = world.planned(world.home / "job.toml")
        for words in stages:
            self.given.append(data)
            done = feed(world, words, data)
            assert done.returncode == 0, f"{name(words)}: {done.stderr.decode()}"
            data = done.stdout
        self.whole = data
