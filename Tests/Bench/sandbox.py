"""Rows of one sandbox: how long it takes to start."""
import json, os, shutil, subprocess

from common import *

plain = f"{tool} -- true"


def sandbox(home):
    bwrap = "bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev --tmpfs /tmp -- true"
    ours, peer, bare = starts(plain, bwrap, "unshare -Urmpinuf --mount-proc true", count=400)
    row("`smelt-exec -- true` / `bwrap --unshare-all … -- true`", ours, peer, "< 1 ×")
    row("the same / `unshare -Urmpinuf --mount-proc true`", ours, bare, "wished: ≤ 1.5 ×")


def bundle(home):
    """A container for runc(8) that has nothing but busybox."""
    place = home / "bundle"
    (place / "rootfs" / "bin").mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), place / "rootfs" / "bin" / "true")
    subprocess.run(["runc", "spec"], cwd=place, check=True)
    settings = json.loads((place / "config.json").read_text())
    settings["process"]["args"] = ["/bin/true"]
    settings["process"]["terminal"] = False
    (place / "config.json").write_text(json.dumps(settings))
    return f"runc --root {home / 'runc'} run --bundle {place} smelt-bench-{os.getpid()}"


def containers(home):
    what = "`smelt-exec -- true` / `runc run` of `true`"
    if not shutil.which("runc"):
        missing(what, "there is no runc")
    else:
        ours, peer = starts(plain, bundle(home), count=100)
        row(what, ours, peer, "≤ 0.25 ×")
    what = "`smelt-exec -- true` / `docker run --rm busybox true`"
    if why := docker():
        return missing(what, why)
    ours, peer = starts(plain, "docker run --rm busybox true", count=20)
    row(what, ours, peer, "≤ 0.033 ×")


def plan(home):
    """One with the overlay of a session's workspace, whose lower directory appears as another owner's."""
    place = home / "idmap"
    for name in ("lower", "top/upper", "top/work"):
        (place / name).mkdir(parents=True)
        os.chown(place / name, 65000 if name != "lower" else 0, -1)
    file = place / "plan.json"
    overlay = {"lower": [str(place / "lower")], "upper": str(place / "top/upper"), "work": str(place / "top/work"),
               "target": "/work"}
    file.write_text(json.dumps({"command": ["true"], "hostUser": 65000, "files": [{"overlay": overlay}]}))
    return file


def apart(home):
    """What is no part of every start, each beside a start without it."""
    limited = f"{tool} --limit memory=1G -- true"
    if subprocess.run(limited.split(), capture_output=True).returncode:
        missing("with a control group (`--limit memory=1G`) / without", "this host has no cgroups v2 for it")
    else:
        ours, peer = starts(limited, plain)
        row("with a control group (`--limit memory=1G`) / without", ours, peer, "reported")
    what = "with an overlay of mapped owners / without, both from a shell"
    if os.geteuid() != 0:
        missing(what, "only root may map owners")
    else:
        ours, peer = starts(f"sh -c \"exec '{tool}' --plan 3 3<'{plan(home)}'\"", f"sh -c \"exec '{tool}' -- true\"")
        row(what, ours, peer, "reported")
    ours, peer = starts(f"{tool} --network allow:a.example -- true", plain)
    row("with `--network allow:a.example` / without", ours, peer, "reported")


def calls(home):
    """What the filter of system calls costs: at the start, kept and compiled anew, and for each call, of which the
    kernel takes most for having any filter at all."""
    # A state directory that cannot be made: nothing is kept.
    kept, none, compiled = starts(plain, f"{tool} --seccomp none -- true", f"env SMELT_STATE_DIR=/proc/smelt {plain}")
    row("`smelt-exec -- true`, its filter kept / with `--seccomp none`", kept, none, "≤ 1.04 ×")
    row("the same, its filter compiled anew (and one more exec, of `env`)", compiled, none, "")
    words = lambda *options: lambda: timed([tool, *options, "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=1",
                                            "count=500000", "status=none"])
    filtered, free = alternating(words(), words("--seccomp", "none"))
    row("a million system calls of `dd` / with `--seccomp none`", filtered, free, "≤ 1.3 ×")
