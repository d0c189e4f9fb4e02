#!/usr/bin/env python3
"""An agent that wants out, or wants all: of the host's files, of its neighbours, of processes and memory and output."""
import os, socket
from hostile import Attack, emulated, main

base = ["README", "src/main.c"]


def nothing_of_the_host_can_be_read():
    with Attack() as world:
        (world.home / "private").write_text("PRIVATE-OF-THE-HOST\n")
        os.chmod(world.home / "private", 0o644)
        places = f"{world.home}/private {world.home} {world.state} {world.state}/results.git/HEAD {world.state}/environments {world.project}/README {world.home}/forge.git/HEAD /root /etc/shadow"
        world.attack(world.job(f"""
for p in {places} /proc/1/root{world.home}/private /proc/self/root{world.home}/private /workspace/..{world.home}/private /workspace/../../../..{world.home}/private; do
    cat "$p" 2>/dev/null && echo "READ $p"; ls "$p"/* 2>/dev/null && echo "LISTED $p"
done
grep -la PRIVATE-OF-THE-HOST /proc/*/environ /proc/*/cmdline /proc/*/mem 2>/dev/null
for e in /proc/*/environ; do tr '\\0' '\\n' < $e 2>/dev/null | grep SMELT_STATE_DIR && echo "ENVIRON $e"; done
(umask 0; echo x > /workspace/../escaped; echo x > {world.home}/escaped; echo x > /etc/escaped; echo x > /usr/bin/escaped; mkdir -p {world.state} && echo x > {world.state}/escaped) 2>/dev/null
echo work > honest
"""), 0, delivered=[*base, "honest"])
        said = world.said()
        for word in ("PRIVATE", "READ", "LISTED", "ENVIRON"):
            assert word not in said, said
        assert not any(p.name == "escaped" for p in world.home.rglob("escaped")) and not os.path.exists("/etc/escaped") and not os.path.exists("/escaped")


def nothing_of_the_neighbour_can_be_read():
    """Two sessions at once: neither files, processes, sockets, shared memory nor queues are common."""
    with Attack() as world:
        script = """
id=$SMELT_SESSION
echo "MINE-$id" > mine-$id; echo "MINE-$id" > /tmp/mine-$id; echo "MINE-$id" > ~/mine-$id; echo "MINE-$id" > /dev/shm/mine-$id; echo "MINE-$id" > /run/mine-$id 2>/dev/null; echo "MINE-$id" > /var/tmp/mine-$id
python3 -c 'import socket,os,time
s=socket.socket(socket.AF_UNIX); s.bind("\\0"+"smelt-"+os.environ["SMELT_SESSION"]); s.listen()
for other in ("s0","s1"):
    if other == os.environ["SMELT_SESSION"]: continue
    for n in range(200):
        try: socket.socket(socket.AF_UNIX).connect("\\0smelt-"+other); print("MET", other); break
        except OSError: time.sleep(0.005)
'
grep -rs MINE- /tmp /dev/shm /var/tmp /run ~ /workspace --include='mine-*' 2>/dev/null | grep -v "MINE-$id" && echo SEEN
ls -d /workspace/../*/mine-* 2>/dev/null
ls /proc | grep -c '^[0-9]' | grep -vx '[0-9]' && echo PROCESSES
rm mine-$id; echo x > $id
"""
        world.attack(world.job(script, script), 0, delivered=[*base, "s0", "s1"])
        for word in ("SEEN", "MET", "PROCESSES"):
            assert word not in world.said(), world.said()


def the_gate_cannot_be_prepared():
    """What the gate runs in has no credential, no file that is in no commit, no process and no home of the agent's."""
    with Attack() as world:
        world.attack(world.job("""
printf 'PATH=/workspace/bin:$PATH\\n' > ~/.profile; cp ~/.profile ~/.bashrc; printf 'touch ~/ran\\n' > ~/.shrc
mkdir -p bin; printf '#!/bin/sh\\nexit 0\\n' > bin/false; chmod +x bin/false
echo /bin > .git/info/exclude
(while :; do sleep 0.01; done) & setsid sh -c 'while :; do sleep 0.01; done' >/dev/null 2>&1 & 
echo work > honest
""", harness="test -z \"$TOKEN\" && ! env | grep -q hunter2 && ! ls ~/.profile ~/.bashrc bin 2>/dev/null && test $(ls /proc | grep -c '^[0-9]') -lt 12 && ! grep -l hunter2 /proc/*/environ"), 0,
            delivered=[*base, "honest"])


def processes_that_do_not_end():
    for script in ("setsid sh -c 'trap \"\" TERM HUP INT; while :; do sleep 1; done' >/dev/null 2>&1 & echo x > honest",
                   "nohup sleep 1000 >/dev/null 2>&1 & echo x > honest",
                   "(setsid sleep 1000 &) ; echo x > honest",
                   "python3 -c 'import os\nfor n in range(50):\n  if os.fork() == 0:\n    os.setsid()\n    os.fork()\n    while True: os.read(os.pipe()[0],1)' & echo x > honest"):
        with Attack() as world:
            world.attack(world.job(script), 0, delivered=[*base, "honest"])


def a_fork_bomb_within_its_limit():
    with Attack() as world:
        world.attack(world.job("b() { b | b & b; }; (b) 2>/dev/null; echo x > honest", "echo y > other",
                                         more="[limits]\nprocesses = 64\n", timeout=8), (0, 1))
        assert world.ending("s1")["ending"] == "succeeded"


def memory_within_its_limit():
    with Attack() as world:
        world.attack(world.job("echo work > honest; python3 -c 'x = b\"x\" * (512 << 20); print(len(x))' && echo GOT", more="[limits]\nmemory = '256M'\n"), (1, 69))
        assert "GOT" not in world.said(), world.said()
        # Where nobody can hold it to that, it does not run at all; in the machine everybody has groups.
        if world.records[-1]["status"] == 69 and not emulated:
            assert "'limits.memory'" in world.failures()[0][1] and not world.said(), world.failures()
        else:
            assert world.ending()["ending"] == "out_of_memory", world.ending()


def floods_of_output():
    # What is counted passes through every stage, which takes its time in an emulated machine.
    limit = 300_000 if emulated else 5_000_000
    for script in ("yes", "yes '' >&2", "cat /dev/zero", "cat /dev/urandom", "while :; do printf x; done", "head -c 300000000 /dev/zero | tr '\\0' x"):
        with Attack() as world:
            world.attack(world.job("echo x > honest\n" + script, more=f"[limits]\noutput = {limit}\n", timeout=20), 1)
            assert world.ending()["ending"] == "over_limit" or "printf x" in script, (script, world.ending())
            assert (world.home / "out").stat().st_size < 12 * limit


def the_network_of_the_host():
    with Attack() as world:
        server = socket.socket()
        server.bind(("0.0.0.0", 0))
        server.listen()
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0smelt-test-{os.getpid()}")
        abstract.listen()
        port = server.getsockname()[1]
        addresses = {"127.0.0.1", *[line.split()[3].split("/")[0] for line in world.sh("ip", "-o", "-4", "addr").splitlines()]} if os.path.exists("/sbin/ip") or os.path.exists("/usr/bin/ip") else {"127.0.0.1"}
        program = f"""
import socket, os
for family, address in [(socket.AF_INET, (a, {port})) for a in {sorted(addresses)!r}] + [(socket.AF_INET6, ("::ffff:127.0.0.1", {port})), (socket.AF_UNIX, "\\0smelt-test-{os.getpid()}"), (socket.AF_INET, ("192.0.2.1", 53)), (socket.AF_INET, ("169.254.169.254", 80))]:
    try:
        s = socket.socket(family); s.settimeout(1); s.connect(address); print("REACHED", address)
    except OSError as e: print(e.errno)
for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
    try:
        s = socket.socket(socket.AF_PACKET, kind, 0x300); print("PACKET")
    except OSError as e: print(e.errno)
try: print("RESOLVED", socket.gethostbyname("example.org"))
except OSError as e: print(e)
"""
        world.attack(world.job(f"cat > /tmp/p.py <<'END'\n{program}\nEND\npython3 /tmp/p.py; ls -la /run/docker.sock /var/run/docker.sock /run/dbus 2>/dev/null && echo SOCKET; echo x > honest"), 0)
        for word in ("REACHED", "PACKET", "RESOLVED", "SOCKET"):
            assert word not in world.said(), world.said()


def a_tree_that_changes_while_it_is_read():
    """Directories and links are swapped as fast as can be by processes that try to outlive the agent."""
    with Attack() as world:
        (world.home / "private").write_text("PRIVATE-OF-THE-HOST\n")
        world.attack(world.job(f"""
mkdir d; echo inside > d/private; ln -s {world.home} l
cat > /tmp/swap.py <<'END'
import os
if os.fork(): os._exit(0)
os.setsid()
while True:
    os.rename('d', 'x'); os.rename('l', 'd'); os.rename('d', 'l'); os.rename('x', 'd')
END
python3 /tmp/swap.py >/dev/null 2>&1
echo work > honest
"""), (0, 77))
        assert "PRIVATE-OF-THE-HOST" not in (world.home / "out").read_text()
        if world.records[-1]["status"] == 0:
            assert world.git("show", "result:d/private") == "inside\n"


main(globals())
