#!/usr/bin/env python3
"""disks.py: a limit of what a session has on disk, where an engine has nothing for it: however that is written and wherever
it is hidden, who has more is ended; what is no space on a disk does not count; and who looks is held himself."""
import json, pathlib, signal, subprocess
from row_ends import begun, is_kept
from runtime import Place, check, end, of, printed

limits = "[limits]\ndisk = '20M'\n"
full = "full() { head -c 1048576 /dev/zero >$1; }; n=0; "
forever = "; tail -f /dev/null"
thirty = "while [ $((n += 1)) -lt 30 ]; do full $n; done"

caught = {
    "many files": thirty + forever,
    "many files, and gone": thirty,
    "in the home": "cd; " + thirty + forever,
    "in closed directories": "while [ $((n += 1)) -lt 30 ]; do mkdir -p $n/b; full $n/b/x; chmod 0 $n/b $n; done" + forever,
    "in a directory that is closed again and again": "mkdir a; (cd a; " + thirty + "); while :; do chmod 0 a; done",
    "files without a name": "exec 3>x; rm x; head -c 30000000 /dev/zero >&3" + forever,
    "files that another process holds":
        "for i in 1 2 3; do (exec 3>x$i; rm x$i; head -c 9000000 /dev/zero >&3; exec tail -f /dev/null) & done; wait",
    "files that a thread holds when the first has ended": "exec ~/holder thread",
    "files of a thread with descriptors of its own": "exec ~/holder own",
    "files behind very many descriptors": "exec ~/holder many",
    "empty files": "while [ $((n += 1)) -lt 6000 ]; do echo $n; done | xargs -n 100 touch" + forever,
    "links": "while [ $((n += 1)) -lt 6000 ]; do ln -s x $n; done" + forever,
    "in a file that is never where it was": "head -c 30000000 /dev/zero >x; exec ~/mover x",
    "in a directory that is never where it was": "mkdir a; (cd a; " + thirty + "); exec ~/mover a",
    "deeper than a path is long":
        "d=$(printf %0200d 0); while [ $((n += 1)) -lt 30 ]; do mkdir $d; cd $d; done; full x" + forever,
    "space that is only reserved": "fallocate -l 30000000 x" + forever,
}
fine = {
    "holes": "while [ $((n += 1)) -lt 20 ]; do truncate -s 9000000 $n; done",
    "one file with many names": "full x; while [ $((n += 1)) -lt 300 ]; do ln x $n; done",
    "the same space again and again": "while [ $((n += 1)) -lt 60 ]; do full x; rm x; done",
    "in memory": "head -c 30000000 /dev/zero >/tmp/x",
    # The checkout does not count, nor what is written in its place.
    "what was there": "tr '\\0' 1 </dev/zero | head -c 25165824 >large",
}


def who_has_more_is_ended(place):
    for name in ("mover", "holder"):
        place.sh("cc", "-static", "-pthread", "-O2", "-o", name, str(pathlib.Path(__file__).with_name(f"{name}.c")))
    brought = f"{limits}[workspace]\ncopy = [{{ source = 'mover', target = '~/mover' }}, {{ source = 'holder', target = '~/holder' }}]\n"
    for name, script in caught.items():
        records = place.records(place.job([("one", "true")], f"{full}{script}", brought), 1)
        done = end(records, "one")
        assert done["ending"] == "over_limit" and done["reason"] == "it wrote more than 20971520 bytes to disk", (name, done)
        assert [r["reason"] for r in of(records, "denied")] == ["the limit disk is 20971520 bytes"], (name, of(records, "denied"))


def what_is_no_space_does_not_count(place):
    (place.home / "project" / "large").write_bytes(b"0" * (24 << 20))
    place.sh("git", "add", "-A", cwd=place.home / "project")
    place.sh("git", "commit", "-qm", "large", cwd=place.home / "project")
    for name, script in fine.items():
        _, records, said = place.run(place.job([("one", "true")], f"{full}{script}; rm -f [0-9]* x", limits))
        assert end(records, "one")["ending"] == "succeeded", (name, end(records, "one"), said)
    assert of(records, "environment.ready")[0]["diskGuard"] == "watched"
    assert of(records, "environment.ready")[0]["limits"]["diskBytes"] == 20 << 20


def a_gate_is_held_to_it_too(place):
    records = place.records(place.job([("one", f"{full}{thirty}")], "echo w >w", limits), 1)
    done = end(records, "one")
    assert done["ending"] == "over_limit", done


def who_looks_is_held(place):
    """The engine's own account of him, and what of him a session can do something to."""
    agent = f"echo begun; cat /proc/[0-9]*/environ >/dev/null; tail -f /dev/null"
    pipe, records = begun(place, agent, place.job([("one", "true")], agent, limits))
    found = watcher(place)
    host, config = found["HostConfig"], found["Config"]
    assert (host["CapDrop"], sorted(c.removeprefix("CAP_") for c in host["CapAdd"])) == (["ALL"], ["DAC_READ_SEARCH", "SYS_PTRACE"]), host
    assert host["ReadonlyRootfs"] and not host["Privileged"] and host["NetworkMode"] == "none" and host["PidsLimit"] == 64, host
    assert host["Memory"] == host["MemorySwap"] == 128 << 20, host
    assert "no-new-privileges" in host["SecurityOpt"] and any(o.startswith("seccomp={") for o in host["SecurityOpt"]), host
    assert found["Mounts"] and not any(mount["RW"] for mount in found["Mounts"]), found["Mounts"]
    assert config["Labels"]["smelt.run"] == records[0]["run"] and config["Labels"]["smelt.job"] == "rows" and config["Labels"]["smelt.lease"].endswith("/lease"), config
    pipe.kill(1, signal.SIGTERM)
    for _ in pipe.children[-1].stdout: pass
    pipe.wait()


def who_is_not_watched_is_ended(place):
    """His work is saved, and why it ended is told."""
    agent = "echo precious >file; echo begun; tail -f /dev/null"
    pipe, records = begun(place, agent, place.job([("one", "true")], agent, limits))
    place.sh("docker", "kill", watcher(place)["Id"])
    records += [json.loads(line) for line in pipe.children[-1].stdout]
    pipe.wait()
    failed = of(records, "failed", session="one")
    assert [f["code"] for f in failed] == ["not_watched"] and "could not watch" in failed[0]["message"], failed
    assert end(records, "one")["ending"] == "failed" and end(records, "one")["reason"] == failed[0]["message"], end(records, "one")
    is_kept(place, records, "precious\n")


def killed_with_all_that_watches(place):
    """kill -9 of everything, then gc: nothing is left, and what was done is there."""
    agent = "echo precious >file; git add .; git commit -qm mine; echo begun; tail -f /dev/null"
    pipe, records = begun(place, agent, place.job([("one", "true")], agent, limits))
    watcher(place)
    for child in pipe.children: child.kill()
    pipe.wait()
    place.settle()
    place.sh("smelt-provision", "gc")
    saved = f"refs/smelt/rescued/{records[0]['run']}/one"
    assert place.sh("git", f"--git-dir={place.state}/results.git", "show", f"{saved}:file") == "precious\n"


def watcher(place):
    """The engine's account of him, as soon as he is there."""
    events = subprocess.Popen(["docker", "events", "--since", "1", "--filter", "type=container", "--filter", "event=start", "--format",
                               "{{.Actor.Attributes.name}}"], stdout=subprocess.PIPE, text=True, env=place.environment)
    run = json.loads(place.sh("docker", "inspect", *place.on_engine()[:1]))[0]["Config"]["Labels"]["smelt.run"]
    try:
        for line in events.stdout:
            if line.startswith(f"smelt-{run}.disk."): return json.loads(place.sh("docker", "inspect", line.strip()))[0]
        raise AssertionError("there is nobody who looks")
    finally:
        events.kill()
        events.wait()


check("disks", [who_has_more_is_ended, what_is_no_space_does_not_count, a_gate_is_held_to_it_too, who_looks_is_held, who_is_not_watched_is_ended,
                killed_with_all_that_watches])
