#!/usr/bin/env python3
"""Supervised tasks at work: scripts, stops, deaths, and a supervisor that does nothing while nothing happens."""
import base64, contextlib, json, os, pathlib, select, shutil, signal, subprocess, sys, time
from pipeline import World, binaries, check

quick = {"jitter": "none", "firstMs": 1, "maxMs": 1, "factor": 1}


def spec(work, restart="never", timeout=120_000, backoff=quick, **more):
    interval = more.pop("interval", None)
    return {"slot": "test", "kind": {"subprocess": {"mode": work, **more.pop("subprocess", {})}}, "timeout": timeout,
            "restart": {"type": restart, **({"intervalMs": interval} if interval else {})}, "backoff": backoff,
            "admission": "queue", **more}


def shell(text):
    return {"command": {"command": "sh", "args": ["-c", text]}}


def script(runtime, text, *arguments):
    return {"script": {"runtime": runtime, "body": base64.b64encode(text.encode()).decode(), "args": list(arguments)}}


class Supervised:
    """A running supervisor, its records and its command's output read as they come."""

    def __init__(self, task, *options, output=subprocess.PIPE):
        self.world = World()
        path = self.world.home / "task.json"
        path.write_text(json.dumps(task))
        reading, writing = os.pipe()
        self.child = subprocess.Popen([binaries / "smelt-exec", "--task", path, "--events", str(writing), "--report", self.world.home / "last", *options],
                                      stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, cwd=self.world.home, pass_fds=[writing],
                                      env=self.world.environment)
        os.close(writing)
        self.events = os.fdopen(reading)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        for stream in (self.events, self.child.stdout, self.child.stderr):
            if stream:
                stream.close()
        self.world.__exit__()

    def until(self, kind, **members):
        """The next record of that kind."""
        for line in self.events:
            record = json.loads(line)
            if record["type"] == kind and all(record.get(k) == v for k, v in members.items()):
                return record
        raise AssertionError(f"no {kind} {members}: {self.child.stderr.read().decode()}")

    def line(self):
        return self.child.stdout.readline().decode().rstrip("\n")

    def rest(self):
        """Everything to the end: status, records, output, complaints."""
        output, errors = self.child.communicate(timeout=120)
        return self.child.returncode, [json.loads(line) for line in self.events], (output or b"").decode(), errors.decode()


def run(task, *options):
    with Supervised(task, *options) as supervised:
        return supervised.rest()


def of(records, kind):
    return [r for r in records if r["type"] == kind]


def inside(supervisor):
    """All processes below one."""
    found, todo = [], [supervisor]
    while todo:
        pid = todo.pop()
        with contextlib.suppress(OSError):
            children = [int(c) for c in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            found += children
            todo += children
    return found


def scripts_reach_their_interpreters():
    """Whatever the interpreter does with a path: names itself, reads itself again, starts itself anew."""
    programs = {
        "bash": 'printf "%s|" "$0" "$@"; wc -l <"$0"; [ "${AGAIN-}" ] || AGAIN=1 exec bash "$0" x\n',
        "python": "import sys, os, multiprocessing as m\ndef f(x): return x * 2\nif __name__ == '__main__':\n    m.set_start_method('spawn')\n"
                  "    with m.Pool(1) as pool: print(__file__, sys.argv[1:], pool.map(f, [21]))\n",
        "node": "console.log(__filename, process.argv.slice(2), require('fs').readFileSync(__filename, 'utf8').length)\n",
    }
    wanted = {"bash": "/run/smelt/script|a|b c|1\n/run/smelt/script|x|1\n", "python": "/run/smelt/script ['a', 'b c'] [42]\n",
              "node": f"/run/smelt/script [ 'a', 'b c' ] {len(programs['node'])}\n"}
    for runtime, text in programs.items():
        program = {"python": "python3"}.get(runtime, runtime)
        if not any(os.access(f"{place}/{program}", os.X_OK) for place in ("/usr/local/bin", "/usr/bin", "/bin")):
            assert runtime == "node", f"no {program} here"
            print(f"not tried: there is no {program} here")
            continue
        status, records, output, errors = run(spec(script(runtime, text, "a", "b c")))
        assert (status, output) == (0, wanted[runtime]), (runtime, status, output, errors)


def custom_interpreters():
    """The program gets the path and the arguments, not the flag."""
    status, _, output, errors = run(spec({"script": {"runtime": {"custom": {"command": "cat", "flag": "--no-such-flag"}},
                                                     "body": base64.b64encode("é\n".encode()).decode(), "args": ["-E"]}}))
    assert (status, output) == (0, "é$\n"), (status, output, errors)


def nobody_changes_a_script():
    """Neither the file inside nor the memory that it comes from, and each attempt sees the same."""
    text = ("echo evil >>\"$0\" || echo kept\nmv \"$0\" /tmp/x 2>/dev/null || echo stays\nrm -f \"$0\" 2>/dev/null || echo there\n"
            "for fd in /proc/[0-9]*/fd/*; do case $(readlink $fd) in *memfd*) echo leaked $fd ;; esac; done\nexit 3\n")
    status, records, output, errors = run(spec(script("bash", text), restart="onFailure", maxRetries=1))
    assert status == 3 and output == "kept\nstays\nthere\n" * 2, (status, output, errors)


def a_large_script():
    """Two MiB, far more than an argument may have."""
    text = "#" * (2 * 1024 * 1024 - 8) + "\necho ok"
    assert len(text) == 2 * 1024 * 1024
    status, _, output, errors = run(spec(script("bash", text)))
    assert (status, output) == (0, "ok\n"), (status, output[:100], errors)


def attempts_until_success():
    with Supervised(spec(shell("read n <count; echo $((n + 1)) >count; test $n = 3"), restart="onFailure")) as supervised:
        where = supervised.world.home / "room"
        where.mkdir()
        (where / "count").write_text("0\n")
        os.chmod(where, 0o777)
        os.chmod(where / "count", 0o666)
        supervised.child.kill()
        status, records, _, errors = run(spec(shell("read n <count; echo $((n + 1)) >count; test $n = 3"), restart="onFailure",
                                              subprocess={"cwd": str(where)}), "--read-write", str(where))
    assert status == 0, errors
    assert [r["phase"] for r in of(records, "task.phase")] == ["failed"] * 3 + ["succeeded"], records
    assert [r["attempt"] for r in of(records, "session.finished")] == [1, 2, 3, 4]
    assert all(r["usage"]["wallSeconds"] > 0 for r in of(records, "session.finished"))


def time_limits_are_per_attempt():
    status, records, output, errors = run(spec(shell("trap 'echo asked' TERM; echo up; while :; do tail -f /dev/null & wait; done"), restart="onFailure",
                                               timeout=400, maxRetries=1), "--grace", "100ms")
    assert (status, output) == (124, "up\nasked\n" * 2), (status, output, errors)
    assert [r["ending"] for r in of(records, "session.finished")] == ["timed_out"] * 2
    assert [r["phase"] for r in of(records, "task.phase")] == ["timeout", "exhausted"]
    assert all(r["signal"] == signal.SIGKILL and 0.4 < r["usage"]["wallSeconds"] for r in of(records, "session.finished")), records


def a_signal_is_a_failure_with_its_number():
    status, records, _, _ = run(spec(shell("kill -SEGV $$")))
    assert status == 128 + signal.SIGSEGV and of(records, "session.finished")[0]["signal"] == signal.SIGSEGV


def always_waits_for_its_interval():
    with Supervised(spec(shell("true"), restart="always", interval=3_600_000)) as supervised:
        phase = supervised.until("task.phase")
        assert (phase["phase"], phase["delaySeconds"]) == ("succeeded", 3600), phase
        supervised.child.send_signal(signal.SIGTERM)
        status, records, _, _ = supervised.rest()
        assert status == 143 and [(r["phase"], r["reason"]) for r in records] == [("canceled", "told to stop")], records


def always_without_one_does_not_spin():
    with Supervised(spec(shell("true"), restart="always")) as supervised:
        begun = time.monotonic()
        for attempt in range(1, 7):
            supervised.until("session.started", attempt=attempt)
        assert time.monotonic() - begun > 0.3, "six attempts in no time"


def stopping_an_attempt():
    """TERM and INT are asked for in the task's way; a second one does not wait; all of it is canceled, not failed."""
    deaf = "trap 'echo asked' USR1; echo up; while :; do tail -f /dev/null & wait; done"
    polite = "trap 'echo asked; exit 0' USR1; echo up; tail -f /dev/null & wait"
    for text, signals in ((polite, [signal.SIGINT]), (deaf, [signal.SIGTERM, signal.SIGTERM])):
        with Supervised(spec(shell(text), restart="always"), "--stop-signal", "USR1", "--grace", "1h") as supervised:
            assert supervised.line() == "up"
            below = inside(supervised.child.pid)
            assert len(below) >= 2, below
            said = ""
            for number in signals:
                supervised.child.send_signal(number)
                # The first is heard before the second comes; two at once could become one.
                if number is signals[0] and not said:
                    said = supervised.line()
            status, records, output, errors = supervised.rest()
            assert (status, said) == (128 + signals[0], "asked"), (status, output, errors)
            assert [r.get("ending", r.get("phase")) for r in records[-2:]] == ["cancelled", "canceled"], records
            last = json.loads((supervised.world.home / "last").read_text())
            assert last["type"] == "session.finished" and last["ending"] == "cancelled", last
            assert not [pid for pid in below if os.path.exists(f"/proc/{pid}")]


def killing_the_supervisor_ends_everything():
    with Supervised(spec(shell("trap '' TERM; setsid tail -f /dev/null & echo up; tail -f /dev/null"), restart="always")) as supervised:
        assert supervised.line() == "up"
        processes = [os.pidfd_open(pid) for pid in inside(supervised.child.pid)]
        assert len(processes) >= 3
        supervised.child.kill()
        for process in processes:
            assert select.select([process], [], [], 60)[0], "something inside lives on"
            os.close(process)


def a_closed_stdout():
    """The command hears of it as it would without us; another attempt would be for nobody."""
    reading, writing = os.pipe()
    with Supervised(spec(shell("echo x; echo y; sh -c 'kill -PIPE $$'"), restart="onFailure", backoff={**quick, "firstMs": 60_000, "maxMs": 60_000}),
                    output=writing) as supervised:
        os.close(writing)
        supervised.until("task.phase", phase="failed")
        os.close(reading)
        status, records, _, errors = supervised.rest()
        assert status == 141, (status, errors)
        assert [(r["phase"], r["reason"]) for r in records] == [("canceled", "nobody reads the output")], records


def files_are_no_pipes():
    """Only a reader that has gone counts: with a file, or nothing, as the standard output the task goes on."""
    for output in ("/dev/null", "./file"):
        world = World()
        (world.home / "task.json").write_text(json.dumps(spec(shell("exit 3"), restart="onFailure", maxRetries=2)))
        done = subprocess.run(["sh", "-c", f"exec '{binaries}/smelt-exec' --task task.json --events ./log >{output}"], cwd=world.home,
                              env=world.environment, capture_output=True)
        records = [json.loads(line) for line in (world.home / "log").read_text().splitlines()]
        assert done.returncode == 3 and records[-1]["phase"] == "exhausted", (output, done, records)
        world.__exit__()


def limits_hold_for_a_task():
    """Too much output, silence, and more processes than it may have."""
    for options, text, ending, wanted in ((["--limit", "output=1000"], "yes", "over_limit", 137), (["--idle", "300ms"], "tail -f /dev/null", "stalled", 124)):
        status, records, _, errors = run(spec(shell(text), restart="onFailure", maxRetries=1, subprocess={"failOnNonZero": False}), *options)
        assert status == wanted and [r["ending"] for r in of(records, "session.finished")] == [ending] * 2, (status, records, errors)
        assert of(records, "task.phase")[-1]["phase"] == "exhausted"


def three_hundred_attempts_leave_nothing():
    """No descriptor, memory or process more than after the first ones."""
    def now(pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return len(os.listdir(f"/proc/{pid}/fd")), int(status.split("VmRSS:")[1].split()[0])
    with Supervised(spec(script("bash", "exit 3"), restart="onFailure"), "--limit", "output=1M") as supervised:
        supervised.until("session.started", attempt=30)
        files, memory = now(supervised.child.pid)
        supervised.until("session.started", attempt=330)
        more_files, more_memory = now(supervised.child.pid)
        # Between two attempts and in one there are a few more or less.
        assert more_files <= files + 8 and files <= 24, (files, more_files)
        assert more_memory <= memory + 1024, f"{memory} kB after 30 attempts, {more_memory} kB after 330"


def nothing_wakes_an_idle_supervisor():
    """Not once while the command works for two seconds, with a time limit running; nor while it waits for the next attempt."""
    def switches(pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return sum(int(status.split(f"{word}voluntary_ctxt_switches:")[1].split()[0]) for word in ("\n", "\nnon"))

    def asleep(pid):
        """It has come to its poll: what it had to do is done."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S" and \
                    pathlib.Path(f"/proc/{pid}/syscall").read_text().split()[0] in ("7", "73"):
                return
        raise AssertionError("the supervisor does not come to rest")

    with Supervised(spec(shell("echo begin; sleep 2; echo end; exec tail -f /dev/null"), timeout=3_600_000)) as supervised:
        pid = supervised.child.pid
        supervised.until("session.started")
        assert supervised.line() == "begin"
        asleep(pid)
        before = switches(pid)
        assert supervised.line() == "end"
        assert switches(pid) == before, f"woken {switches(pid) - before} times while the command works"
    with Supervised(spec(shell("exit 3"), restart="onFailure", backoff={**quick, "firstMs": 3_600_000, "maxMs": 3_600_000})) as supervised:
        pid = supervised.child.pid
        supervised.until("task.phase")
        asleep(pid)
        before = switches(pid)
        # Two seconds of somebody else's: a sandbox beside it.
        subprocess.run([binaries / "smelt-exec", "--", "sleep", "2"], check=True)
        assert switches(pid) == before, f"woken {switches(pid) - before} times between attempts"
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0])
        assert peak < 12_000, f"the supervisor needed {peak} kB"


check([scripts_reach_their_interpreters, custom_interpreters, nobody_changes_a_script, a_large_script, attempts_until_success, time_limits_are_per_attempt,
       a_signal_is_a_failure_with_its_number, always_waits_for_its_interval, always_without_one_does_not_spin, stopping_an_attempt,
       killing_the_supervisor_ends_everything, a_closed_stdout, files_are_no_pipes, limits_hold_for_a_task,
       three_hundred_attempts_leave_nothing, nothing_wakes_an_idle_supervisor])
