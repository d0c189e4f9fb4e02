#!/bin/sh
# Who speaks with those inside has itself no files, no privileges, a user of its own, a filter of its system calls, and goes
# when its sandbox does.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    python3 - "$place/bin/smelt-exec" $prefix <<'P' || harm "smelt-egress is not as confined as it should be"
import os, pathlib, subprocess, sys
program, prefix = sys.argv[1], sys.argv[2:]
child = subprocess.Popen(prefix + [program, "--network", "allow:a.example", "--", "sh", "-c", "id -u >/dev/null; echo ready; read -r line"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/")
assert child.stdout.readline() == b"ready\n"
below = {int(pid): pathlib.Path("/proc", pid, "comm").read_text().strip()
         for pid in pathlib.Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()}
mine = [pid for pid, name in below.items() if name == "smelt-egress"]
inside = [pid for pid, name in below.items() if name == "smelt-init"]
bad = []
if len(mine) != 1 or len(inside) != 1: sys.exit(f"there are {below}")
facts = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{mine[0]}/status").read_text().splitlines())
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(facts[name], 16): bad.append(f"{name} is {facts[name].strip()}")
if facts["NoNewPrivs"].strip() != "1": bad.append("new privileges")
# One more than this test is under itself.
own = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
if facts["Seccomp"].strip() != "2" or int(facts["Seccomp_filters"]) != int(own["Seccomp_filters"]) + 1:
    bad.append(f"its system calls are not filtered: {facts['Seccomp']} {facts['Seccomp_filters']}")
if facts["Threads"].strip() != "1": bad.append("threads")
users = set(facts["Uid"].split())
as_root = os.geteuid() == 0 and not prefix
if as_root:
    others = pathlib.Path(f"/proc/{inside[0]}/status").read_text().split("Uid:")[1].split("\n")[0].split()
    if "0" in users or users & set(others): bad.append(f"it runs as {users}, and inside as {others}")
    if set(facts["Gid"].split()) != users or facts["Groups"].strip(): bad.append(f"groups {facts['Gid']} {facts['Groups']}")
limits = pathlib.Path(f"/proc/{mine[0]}/limits").read_text()
if " 0 " not in limits.split("Max processes")[1].split("\n")[0]: bad.append("it may start processes")
if os.geteuid() == 0:
    root = f"/proc/{mine[0]}/root"
    if os.listdir(root): bad.append(f"it sees {os.listdir(root)}")
    if os.readlink(f"/proc/{mine[0]}/cwd") != "/": bad.append("it stands outside of its root")
    mounts = [line.split() for line in pathlib.Path(f"/proc/{mine[0]}/mounts").read_text().splitlines()]
    if len(mounts) != 1 or "ro" not in mounts[0][3].split(","): bad.append(f"mounts {mounts}")
    for number in os.listdir(f"/proc/{mine[0]}/fd"):
        goal = os.readlink(f"/proc/{mine[0]}/fd/{number}")
        if goal.startswith("/") and goal != "/dev/null": bad.append(f"descriptor {number} is {goal}")
    if pathlib.Path(f"/proc/{mine[0]}/environ").read_bytes().strip(b"\0"): bad.append("it has an environment")
# It is not in the network of the sandbox, and it ends when whoever started it is killed.
gone = os.pidfd_open(mine[0])
child.kill()
child.wait()
import select
if not select.select([gone], [], [], 20)[0]: bad.append("it outlives its sandbox")
print("\n".join(bad))
sys.exit(1 if bad else 0)
P
}
attempt attack
