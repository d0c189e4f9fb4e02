#!/usr/bin/env python3
"""queue-steps.py: who adds a job, and who takes in what others have added, is killed at each of his system calls. Whatever
was acknowledged is there, once, and what was not is there once or not at all; verify finds nothing wrong."""
import json, os, pathlib, subprocess


# Between two of these nothing has changed.
harmless = {"pread64", "read", "newfstatat", "fstat", "lseek", "brk", "getpid", "geteuid", "getuid", "exit_group"}


def queue(*words):
    done = subprocess.run(["smelt-queue", *words], capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.returncode}: {done.stderr}"
    return done.stdout


def calls(*words):
    """Each call that the command makes, as strace(1) counts: its name, and the how manieth of that name it is."""
    subprocess.run(["strace", "-qqq", "-e", "signal=none", "-o", "calls", "smelt-queue", *words], check=True, stdout=subprocess.DEVNULL)
    names = [line.split("(")[0] for line in pathlib.Path("calls").read_text().splitlines()]
    # What comes before the queue is looked at is the same of each command.
    begin = names.index("getcwd") if "getcwd" in names else 0
    return [(name, names[:n + 1].count(name)) for n, name in enumerate(names) if n >= begin and name not in harmless]


def killed_at(call, *words):
    """What it had printed by then."""
    done = subprocess.run(["strace", "-qqq", "-e", f"inject={call[0]}:signal=KILL:when={call[1]}", "-e", "signal=none",
                           "-o", "/dev/null", "smelt-queue", *words], capture_output=True, text=True)
    assert done.returncode in (0, -9, 137), f"{words} at call {call}: {done.returncode}: {done.stderr}"
    return done.stdout.split(), done.returncode != 0


def there():
    ids = [json.loads(line)["id"] for line in queue("list", "--limit", "1000000").splitlines()]
    assert len(ids) == len(set(ids)), "a job is there twice"
    return set(ids)


acknowledged = set(queue("add", "--", "true").split())
for words in [["add", "--", "true"], ["add", "--unique", "one", "--", "true"], ["list"]]:
    # Somebody's job lies in the spool each time.
    acknowledged |= set(queue("add", "--", "other").split())
    steps, killed = calls(*words), 0
    for number, step in enumerate(steps):
        acknowledged |= set(queue("add", "--", "other").split())
        said, was_killed = killed_at(step, *words)
        killed += was_killed
        if words[0] == "add":
            acknowledged |= {word for word in said if len(word) == 26}
        if number % 10 == 0 or step == steps[-1]:
            lost = acknowledged - there()
            assert not lost, f"{words} at call {step}: {lost}"
    # How many calls there are is not the same each time.
    assert killed > len(steps) * 0.5, f"{words}: only {killed} of {len(steps)} were killed"
    print(f"{' '.join(words)}: killed at {killed} of {len(steps)} calls")
queue("verify")
found = there()
# One of each that was killed behind its write may be there.
print(f"{len(acknowledged)} acknowledged, {len(found)} there")
entries = [json.loads(line) for line in queue("audit").splitlines()]
added = [entry["object"] for entry in entries if entry["action"] == "add"]
assert sorted(added) == sorted(found), "the audit has not one entry for each"
spool = pathlib.Path(os.environ["SMELT_STATE_DIR"], "smelt.db-spool").read_bytes()
assert spool[24:32] != spool[16:24], "something is left in the spool"
