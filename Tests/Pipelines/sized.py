#!/usr/bin/env python3
"""Where root's state is on a file system without quotas, a workspace is a file system of its size in a file: what does not fit
cannot be written, the work is kept whoever is killed, and nothing of it is seen on the host or inside."""
import errno, json, os, pathlib, shutil, subprocess, sys, tempfile
from pipeline import Pipe, World, check

stages = [["smelt-provision"], ["smelt-exec"], ["smelt-provision", "release"]]
job = """
[job]
name = "sized"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
[agent]
command = ["sh", "-c", '''{agent}''']
[limits]
disk = "20M"
[[session]]
name = "one"
spec = "s"
harness = "true"
timeout = 60
[merge]
target = "result"
"""


def devices(world):
    """Loop devices that still have an image of this world."""
    found = []
    for file in pathlib.Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            if str(world.home) in file.read_text():
                found.append(file.parent.parent.name)
        except OSError:
            continue
    return found


def run(world, agent, wanted=(0, 0, 0)):
    world.repository()
    manifest = world.manifest(job.format(agent=agent))
    with open(world.home / "out", "wb") as file:
        statuses = Pipe(world, world.planned(manifest), stages, output=file, errors=world.home / "errors").wait()
    records = [json.loads(line) for line in (world.home / "out").read_bytes().splitlines()]
    assert tuple(statuses) == wanted, f"{statuses}: {(world.home / 'errors').read_text()} {records[-3:]}"
    return {record["type"]: record for record in records}, "".join(r.get("text", "") for r in records if r["type"] == "output")


def saved(world, last, path):
    commit = last["environment.released"]["rescued"][0]
    return subprocess.run(["git", f"--git-dir={world.state}/results.git", "show", f"{commit}:{path}"], env=world.environment,
                          check=True, capture_output=True).stdout


def gone(world):
    assert not world.left()[0] and not world.left()[2], world.left()
    assert not devices(world), devices(world)


def provisioned(world, limit="20M", *tracing):
    """The stage alone: how it ended, and environment.ready where it came to that."""
    manifest = world.manifest(job.format(agent="true").replace("20M", limit))
    # No pipe: nobody comes after it for whom it would hold the lease.
    with tempfile.TemporaryFile() as out:
        done = subprocess.run([*tracing, "smelt-provision"], input=world.planned(manifest), env=world.environment, cwd=world.home,
                              stdout=out, stderr=subprocess.PIPE)
        out.seek(0)
        ready = [line for line in out if b'"environment.ready"' in line]
    return done, json.loads(ready[0]) if ready else None


def environments(world):
    return sorted(os.listdir(world.state / "environments"))


def what_is_tried_leaves_nothing():
    with World() as world:
        world.repository()
        done, ready = provisioned(world)
        assert ready["diskGuard"] == "sized" and environments(world) == [".lock", ready["id"]], (environments(world), done)
        assert not list(world.state.glob(".image*")) and not devices(world), devices(world)


def what_is_tried_by_somebody_who_is_killed_is_swept():
    with World() as world:
        world.repository()
        done, _ = provisioned(world, "20M", "strace", "-o", "/dev/null", "-e", "trace=umount2", "-e", "inject=umount2:signal=SIGKILL")
        assert done.returncode == -9 and [name for name in environments(world) if name.startswith(".new-")], (done, environments(world))
        subprocess.run(["smelt-provision", "gc"], env=world.environment, cwd=world.home, check=True)
        assert environments(world) == [".lock"], environments(world)


def a_limit_that_no_file_could_hold_is_watched():
    with World() as world:
        world.repository()
        fits = True
        with open(world.home / "large", "wb") as file:
            try:
                os.truncate(file.fileno(), 2 << 50)
            except OSError as fault:
                assert fault.errno == errno.EFBIG, fault
                fits = False
        done, ready = provisioned(world, "1024T")
        assert ready["diskGuard"] == ("sized" if fits else "watched"), (fits, done)


def only_what_the_host_lacks_is_a_reason_to_watch():
    for error, guard in (("EPERM", "watched"), ("EIO", None)):
        with World() as world:
            world.repository()
            tracing = ["strace", "-o", "/dev/null", "-e", "trace=mount", "-e", f"inject=mount:error={error}:when=2"]
            done, ready = provisioned(world, "20M", *tracing)
            assert (ready and ready["diskGuard"]) == guard and done.returncode == (0 if guard else 74), (error, done)
            assert guard or b"could not mount" in done.stderr, done
            said = subprocess.run([*tracing, "smelt-exec", "--doctor"], env=world.environment, cwd=world.home, capture_output=True, text=True).stdout
            line = next(line for line in said.splitlines() if "disk quotas" in line)
            assert "could not mount" in line and ("is watched, since" in line) == bool(guard), line


def without_a_state_directory_nothing_is_tried():
    with World() as world:
        said = subprocess.run(["smelt-exec", "--doctor"], env=world.environment | {"SMELT_STATE_DIR": "here"}, cwd=world.home, capture_output=True, text=True).stdout
        line = next(line for line in said.splitlines() if "disk quotas" in line)
        assert line.endswith("SMELT_STATE_DIR must be an absolute path, not 'here'"), line


def no_more_is_written_than_fits_and_all_of_it_is_kept():
    """The home counts, too; and who filled everything has room for a commit of it."""
    with World() as world:
        # What a write that failed had taken on account comes free again: a few blocks.
        last, said = run(world, "head -c 8M /dev/urandom > kept; head -c 15M /dev/zero > ~/more 2>/dev/null; stat -c %s kept ~/more; "
                                "n=0; while { echo > ~/more-$n; } 2>/dev/null; do n=$((n + 1)); done; echo $n")
        assert last["environment.ready"]["diskGuard"] == "sized", last["environment.ready"]
        kept, more, blocks = map(int, said.split())
        assert kept == 8 << 20 and 10 << 20 < more and more + 4096 * blocks <= 12 << 20, said
        assert last["session.finished"]["ending"] == "succeeded" and last["session.finished"]["committedForAgent"], last["session.finished"]
        assert len(saved(world, last, "kept")) == 8 << 20
        gone(world)


def files_without_contents_are_bounded_too():
    with World() as world:
        last, said = run(world, "python3 -c 'import itertools; [open(str(n), \"w\").close() for n in itertools.count()]' 2>&1 | tail -n 1; rm -rf [0-9]*")
        assert "No space left" in said, said
        gone(world)


def neither_image_nor_device_is_inside():
    look = ("find /workspace /home /run /tmp -name disk -o -name .reserve -o -type b; ls /dev; ls -A /run/smelt/upper; "
            "grep -o \"ext4 .*loop.*\" /proc/self/mountinfo | sort -u; mknod b b 7 0 2>&1; head -c 1 /dev/loop0 2>&1; echo x >/run/smelt/upper/x 2>&1")
    with World() as world:
        _, said = run(world, look)
        lines = said.splitlines()
        assert not [line for line in lines if line.startswith("/") and not line.startswith("/proc")], said
        assert not [line for line in lines if line.startswith("loop")], said
        assert "lost+found" not in lines and ".reserve" not in lines, said
        assert "mknod: b: " in said and "No such file" in said and "Read-only file system" in said, said


def work_outlives_whoever_is_killed():
    """At once after that another process mounts the same image, while the sandbox's mounts may still be on their way out."""
    agent = "echo precious > file; git add file; git commit -qm done; echo more > left; sync; echo ready; tail -f /dev/null"
    for _ in range(3):
        with World() as world:
            world.repository()
            manifest = world.manifest(job.format(agent=agent))
            with open(world.home / "ready", "wb") as file:
                subprocess.run(["smelt-provision"], input=world.planned(manifest), env=world.environment, cwd=world.home, stdout=file, check=True)
            ready = json.loads((world.home / "ready").read_bytes().splitlines()[-1])
            with open(world.home / "out", "wb") as out:
                child = subprocess.Popen(["smelt-exec"], stdin=open(world.home / "ready", "rb"), stdout=subprocess.PIPE, env=world.environment, cwd=world.home)
                for line in child.stdout:
                    record = json.loads(line)
                    if "ready" in record.get("text", ""):
                        break
                child.kill()
                child.wait()
                child.stdout.close()
                done = subprocess.run(["smelt-provision", "release"], stdin=open(world.home / "ready", "rb"), stdout=out, stderr=subprocess.PIPE,
                                      env=world.environment, cwd=world.home, text=True)
            records = [json.loads(line) for line in (world.home / "out").read_bytes().splitlines()]
            last = {record["type"]: record for record in records}
            assert done.returncode == 0 and ready["diskGuard"] == "sized", done.stderr
            assert saved(world, last, "file") == b"precious\n" and saved(world, last, "left") == b"more\n", records[-1]
            world.settle()
            gone(world)


def an_image_that_others_could_have_written_is_not_mounted():
    with World() as world:
        world.repository()
        manifest = world.manifest(job.format(agent="echo x > file"))
        with open(world.home / "ready", "wb") as file:
            subprocess.run(["smelt-provision"], input=world.planned(manifest), env=world.environment, cwd=world.home, stdout=file, check=True)
        with open(world.home / "done", "wb") as file:
            subprocess.run(["smelt-exec"], stdin=open(world.home / "ready", "rb"), stdout=file, env=world.environment, cwd=world.home, check=True)
        image = next(world.state.glob("environments/*/sessions/one/disk"))
        for spoil, mend in ((lambda: os.chown(image, 65534, 65534), lambda: os.chown(image, 0, 0)), (lambda: os.chmod(image, 0o660), lambda: os.chmod(image, 0o600))):
            spoil()
            done = subprocess.run(["smelt-provision", "release"], stdin=open(world.home / "ready", "rb"), capture_output=True, env=world.environment, cwd=world.home, text=True)
            assert done.returncode == 74 and "could not mount" in done.stderr, f"{done.returncode} {done.stderr}"
            mend()
        done = subprocess.run(["smelt-provision", "release"], stdin=open(world.home / "ready", "rb"), capture_output=True, env=world.environment, cwd=world.home, text=True)
        assert done.returncode == 0 and '"rescued":["refs/smelt/' in done.stdout, done
        gone(world)


if os.getuid() != 0:
    print("only root makes such file systems")
    sys.exit(77)
if not shutil.which("strace"):
    print("strace is not here: bin-scripts/setup --test installs it")
    sys.exit(77)
with World() as first:
    first.repository()
    found = provisioned(first)[1]["diskGuard"]
if found != "sized":
    print(f"what is written here is guarded otherwise: '{found}'; smelt-exec --doctor says why")
    sys.exit(77)
check([what_is_tried_leaves_nothing, what_is_tried_by_somebody_who_is_killed_is_swept, a_limit_that_no_file_could_hold_is_watched,
       only_what_the_host_lacks_is_a_reason_to_watch, without_a_state_directory_nothing_is_tried,
       no_more_is_written_than_fits_and_all_of_it_is_kept, files_without_contents_are_bounded_too, neither_image_nor_device_is_inside,
       work_outlives_whoever_is_killed, an_image_that_others_could_have_written_is_not_mounted])
