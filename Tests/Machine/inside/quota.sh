#!/bin/sh
# Where root's state lies on a file system with quotas of projects, no session can put more on the disk than limits.disk
# says, however it tries; its work is kept all the same, and the projects are given back.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

truncate -s 160M /scratch/image
mkfs.ext4 -q -O quota,project -E quotatype=prjquota,root_owner=0:0 /scratch/image
mkdir /scratch/disk
mount -o loop,prjquota /scratch/image /scratch/disk || fails "no such file system can be mounted here"
trap 'umount /scratch/disk; rm -rf /scratch/disk /scratch/image' EXIT
SMELT_STATE_DIR=/scratch/disk/state
export SMELT_STATE_DIR

# What the file system has on its account: project, bytes, files, and their limits, a line each.
cat >account.py <<'P'
import ctypes, os, struct
call, place, project = ctypes.CDLL(None, use_errno=True).syscall, os.open("/scratch/disk", os.O_RDONLY), 0
while True:
    block = ctypes.create_string_buffer(80)
    if call(443, place, 0x80000902, project, block) != 0: break
    most, _, used, most_files, _, files = struct.unpack_from("6Q", block)
    project, = struct.unpack_from("I", block, 68)
    if project and (most or used or files or most_files): print(project, used, files, most * 1024, most_files)
    project += 1
P
cat >agent.py <<'A'
import errno, fcntl, os, shutil, signal, struct
block = bytes(1 << 20)
full = (errno.EDQUOT, errno.ENOSPC)

def fill(way):
    """Writes 1 MiB at a time until there is no room, and says how much there was."""
    for count in range(64):
        try: way(count)
        except OSError as error:
            assert error.errno in full, error
            break
    else: raise SystemExit(f"{way.__name__}: there is no end")
    print(way.__name__, count, flush=True)
    held.clear()
    for place in (".", home):
        for name in os.listdir(place):
            if name.startswith("fill"): shutil.rmtree(f"{place}/{name}") if os.path.isdir(f"{place}/{name}") else os.unlink(f"{place}/{name}")

held, home = [], os.environ["HOME"]
def put(path, flags=os.O_CREAT | os.O_WRONLY):
    file = os.fdopen(os.open(path, flags), "wb", buffering=0)
    for _ in range(256): assert file.write(block[:4096]) == 4096
    return file
def files(count): put(f"fill{count}").close()
def both_places(count): put(f"{(home, '.')[count % 2]}/fill{count}").close()
def reserved(count):
    held.append(os.fdopen(os.open(f"fill{count}", os.O_CREAT | os.O_WRONLY), "wb"))
    os.posix_fallocate(held[-1].fileno(), 0, 1 << 20)
def without_a_name(count): held.append(put(home, os.O_TMPFILE | os.O_WRONLY))
def by_descriptor(count):
    file = os.open(f"fill{count}", os.O_CREAT)
    held.append(put(f"/proc/self/fd/{file}", os.O_WRONLY))
    os.close(file)
def moved(count):
    put(f"{home}/fill").close()
    shutil.move(f"{home}/fill", f"fill{count}")
def attack():
    for way in (files, both_places, reserved, without_a_name, by_descriptor, moved): fill(way)
    made = 0
    try:
        os.mkdir("fill")
        while made < 10000: os.close(os.open(f"fill/{made}", os.O_CREAT)); made += 1
    except OSError as error: assert error.errno in full, error
    print("empty", made, flush=True)
    shutil.rmtree("fill")

    # Nobody inside changes whose account it is.
    for place in (home, "."):
        directory = os.open(place, os.O_RDONLY)
        attributes = bytearray(fcntl.ioctl(directory, 0x801C581F, bytes(28)))
        print("project", struct.unpack_from("I", attributes, 12)[0], flush=True)
        for offset, value in ((12, 0), (0, 0)):
            other = bytearray(attributes)
            struct.pack_into("I", other, offset, value)
            try: fcntl.ioctl(directory, 0x401C5820, bytes(other))
            except OSError as error: print("kept", flush=True)
            else: print("the project was changed", flush=True)

if os.environ["SMELT_SESSION"] == "greedy": attack()
os.system("git add -A; git commit -qm done; echo work >file")
left = 0
try:
    while True: put(f"rest{left}").close(); left += 1
except OSError as error: assert error.errno in full, error
print("full", flush=True)
if os.environ["SMELT_SESSION"] != "greedy": signal.pause()
A
git init -q -b main repo
cp agent.py repo/
git -C repo add -A
git -C repo -c user.name=n -c user.email=e@x commit -qm base
cat >job.toml <<'JOB'
[job]
name = "j"
repo = "repo"
base_ref = "main"
[limits]
disk = "20M"
[agent]
command = ["python3", "agent.py"]
[[session]]
name = "greedy"
spec = "x"
harness = "test $(cat file) = work"
timeout = 600
[merge]
target = "t"
JOB
smelt-exec --doctor | grep -q '^yes  disk quotas  .*of projects' || fails "it says $(smelt-exec --doctor | grep -A 1 'disk quotas')"
is "the account before" "$(python3 account.py)" ""
smelt-manifest plan job.toml | smelt-provision | smelt-exec >records || fails "the stages failed"
of() { jq -rc "select(.type == \"$1\") | $2" records; }
is "who holds it" "$(of environment.ready '[.diskGuard, .limits.diskBytes, .notEnforced]')" '["quota",20971520,null]'
is "the ending" "$(of session.finished '[.ending, .reason, .committedForAgent]')" '["succeeded",null,true]'
said=$(of output .text)
[ "$(echo "$said" | grep -c '^kept$')" = 4 ] || fails "it said $said"
project=$(echo "$said" | sed -n 's/^project //p' | sort -u)
for way in files both_places reserved without_a_name by_descriptor moved; do
    count=$(echo "$said" | sed -n "s/^$way //p")
    above "the MiB of $way" "${count:-0}" 15
    below "the MiB of $way" "${count:-99}" 21
done
above "the empty files" "$(echo "$said" | sed -n 's/^empty //p')" 4900
below "the empty files" "$(echo "$said" | sed -n 's/^empty //p')" 5121
# The gate's has no file any more, and its limit goes when the kernel has let go of its mounts.
is "the accounts of a session that has ended and a gate that is gone" "$(python3 account.py | awk '$3 { print $1, $4 }')" \
    "$project $((2 * 20971520 + 67108864))"
smelt-provision release <records >/dev/null || fails "release failed"
# What was still on its way out when its place was removed is given back by one of the next, here a gc.
given_back() {
    for _ in $(seq 20); do
        [ -n "$(python3 account.py)" ] || break
        smelt-provision gc || fails "gc failed"
    done
    is "the account after $1" "$(python3 account.py)" ""
}
given_back release

# Work of a session that was killed is rescued although its place is full.
sed -i 's/greedy/killed/' job.toml
smelt-manifest plan job.toml | smelt-provision >records
smelt-exec <records >"more" &
runner=$!
tail -f -n +1 --pid=$runner more | grep -q 'text":"full'
kill -9 $runner
wait $runner 2>/dev/null
# The last of its processes let go of it in a moment.
flock --wait 60 "$(of environment.ready .directory)/work" true || fails "the work lock is held"
smelt-provision gc 2>said || fails "gc failed: $(cat said)"
grep -q "rescued work of 'smelt-$(of environment.ready .run)'" said || fails "it said $(cat said)"
given_back gc
ls /run/smelt 2>/dev/null && fails "/run/smelt is left"
finish
