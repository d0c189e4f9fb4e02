#!/usr/bin/env python3
"""Runs that are told to stop, and daemons that die meanwhile: that a run says of itself that it was told so ends a job only where
somebody wanted the job to stop."""
import contextlib, os, signal, sqlite3, subprocess
from serving import Daemon, ended, main, manifest


def heeding(queue, *options):
    """A job that says `ready`, and `heard` when it is told to stop; it ends when it gets a line. Once told, it has nothing more to do."""
    feed = queue.fifo("line")
    script = (f"cd {queue.work}; [ ! -e heard ] || exit 0; trap 'echo heard; touch heard' TERM; echo ready; "
              "until read -r line <line; do :; done; [ ! -e heard ] || exit 143; echo $line")
    return queue.shell(script, *options), feed


def told_and_killed(queue, job):
    """A daemon that begins the job, is told to stop, tells it, and dies."""
    daemon = Daemon(queue)
    queue.printed(job, "ready")
    daemon.tell(signal.SIGTERM)
    queue.printed(job, "heard")
    daemon.end(signal.SIGKILL)


def given_back(queue, job):
    """The next daemon gives the job back, and begins it anew."""
    after = Daemon(queue)
    assert queue.wait(job) == 0, queue.states(job)
    assert queue.states(job) == ["queued", "running", "lost", "running", "queued", "running", "succeeded"], queue.states(job)
    assert after.end() == 0, after.complaints()


def a_run_that_was_asked_to_stop(queue):
    """By a daemon that was killed before it could give the job back: the next one knows why it ended, and gives it back."""
    job, feed = heeding(queue)
    told_and_killed(queue, job)
    os.write(feed, b"go on\n")
    os.close(feed)
    given_back(queue, job)


def a_stop_that_cannot_be_written_down(queue):
    """A daemon that is told to stop where there is no room asks no run to stop, and ends; the next one has what it ran."""
    job, feed = heeding(queue)
    daemon = Daemon(queue)
    queue.printed(job, "ready")
    full = subprocess.Popen(["strace", "-p", str(daemon.process.pid), "-o", "/dev/null", "-e", "signal=none", "-e", "trace=pwrite64",
                             "-e", "inject=pwrite64:error=ENOSPC"], stderr=subprocess.PIPE, text=True)
    assert "attached" in full.stderr.readline()
    assert daemon.end() == 74, daemon.complaints()
    full.communicate()
    assert "no space is left" in daemon.complaints(), daemon.complaints()
    os.write(feed, b"go on\n")
    os.close(feed)
    after = Daemon(queue)
    assert queue.wait(job) == 0
    assert queue.output(job) == "ready\ngo on\n" and queue.show(job)["attempt"] == 1, queue.states(job)
    assert after.end() == 0, after.complaints()


def out_of_time_and_nobody_looks(queue):
    """The daemon dies when it has stopped a run whose time was over: its time was over for the next one, too."""
    job, feed = heeding(queue, "--timeout", "1s")
    daemon = Daemon(queue)
    queue.printed(job, "heard")
    daemon.end(signal.SIGKILL)
    os.write(feed, b"go on\n")
    os.close(feed)
    after = Daemon(queue)
    assert queue.wait(job) == 124, queue.states(job)
    assert queue.states(job) == ["queued", "running", "lost", "running", "failed"], queue.states(job)
    assert after.end() == 0, after.complaints()


def asked_and_killed_together(queue):
    """The daemon and what runs die after they were told to stop: no retry is spent."""
    job, feed = heeding(queue)
    os.close(feed)
    told_and_killed(queue, job)
    for pid in queue.processes():
        with contextlib.suppress(ProcessLookupError): os.kill(pid, signal.SIGKILL)
    given_back(queue, job)


def row(queue, words, *values):
    with contextlib.closing(sqlite3.connect(queue.state / "smelt.db", isolation_level=None, timeout=60)) as store:
        return store.execute(words, values).fetchall()


def ended_before_the_machine_did(queue):
    """A run that came to its end while there was no daemon, and then the machine was started anew: it is not run twice."""
    feed = queue.fifo("line")
    job = queue.shell(f"echo begun; echo did >> {queue.work}/did; read -r line <{queue.work}/line; echo $line")
    daemon = Daemon(queue)
    queue.printed(job, "begun")
    leader = int(row(queue, "SELECT process FROM jobs")[0][0].split()[0])
    daemon.end(signal.SIGKILL)
    os.write(feed, b"last words\n")
    os.close(feed)
    assert ended(leader)
    # As all of it is after the next start.
    words = row(queue, "SELECT process FROM jobs")[0][0].split()
    row(queue, "UPDATE jobs SET boot = 'before', process = ?", " ".join([*words[:2], "before", *words[3:]]))
    after = Daemon(queue)
    assert queue.wait(job) == 0, queue.states(job)
    assert (queue.work / "did").read_text() == "did\n" and queue.output(job) == "begun\nlast words\n", queue.states(job)
    assert queue.show(job)["attempt"] == 1, queue.states(job)
    assert after.end() == 0, after.complaints()


LONG = manifest("long").replace("echo dropped > one", "echo begun; exec sleep 1000")


def a_pipeline_without_its_first_process(queue):
    """Killed by somebody: the stages are told to stop, and nobody wanted the job to. It is lost, and begun again."""
    queue.repository()
    daemon = Daemon(queue)
    job = queue.call("add", str(queue.manifest(LONG))).strip()
    queue.printed(job, "begun")
    os.kill(int(row(queue, "SELECT process FROM jobs")[0][0].split()[0]), signal.SIGKILL)
    queue.until(job, lambda r: r["type"] == "output" and r["attempt"] == 1 and r["run"] != queue.events(job)[2]["run"] and "begun" in r["text"])
    assert [state for state in queue.states(job) if state != "blocked"] == ["queued", "running", "lost", "queued", "running"], queue.states(job)
    queue.call("cancel", job)
    assert queue.wait(job) == 143, queue.states(job)
    assert daemon.end() == 0, daemon.complaints()


def a_rest_that_was_told_by_a_daemon_that_died(queue):
    """What is left of a pipeline is told to stop, and says so at its end when another daemon looks after it: nobody wanted the job to
    stop for that one, too."""
    pipeline = queue.home / "behind"
    pipeline.write_text(f"""#!/bin/sh
finished() {{ printf '{{"v":1,"type":"run.finished","time":"2026-01-01T00:00:00.000Z","run":"%s","seconds":1,"status":%s}}\\n' "$SMELT_RUN" "$1"; }}
[ "$SMELT_ATTEMPT" = 1 ] || {{ finished 0; exit; }}
(trap 'echo heard >&2' TERM; echo begun >&2; until read -r line <{queue.work}/line; do :; done; finished 143) &
wait
""")
    pipeline.chmod(0o755)
    feed = queue.fifo("line")
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    daemon = Daemon(queue)
    job = queue.call("add", str(queue.manifest(LONG))).strip()
    queue.printed(job, "begun")
    os.kill(int(row(queue, "SELECT process FROM jobs")[0][0].split()[0]), signal.SIGKILL)
    queue.printed(job, "heard")
    daemon.end(signal.SIGKILL)
    os.write(feed, b"go on\n")
    os.close(feed)
    after = Daemon(queue)
    assert queue.wait(job) == 0, queue.states(job)
    states = [state for state in queue.states(job) if state != "blocked"]
    assert states == ["queued", "running", "lost", "running", "lost", "queued", "running", "succeeded"], states
    assert after.end() == 0, after.complaints()


def a_pipeline_whose_first_process_does_not_wait(queue):
    """A shell of somebody's dies of the signal at once: the stages behind it are told, too, and say how it ended."""
    pipeline = queue.home / "plain"
    pipeline.write_text('#!/bin/sh\nsmelt-run --no-pr --run "$SMELT_RUN" -\n:\n')
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    daemon = Daemon(queue)
    job = queue.call("add", str(queue.manifest(LONG))).strip()
    queue.printed(job, "begun")
    assert daemon.end() == 0, daemon.complaints()
    assert queue.show(job)["state"] == "queued", queue.states(job)
    types = [r["type"] for r in queue.events(job)]
    assert "session.finished" in types and "run.finished" in types, types


main([a_run_that_was_asked_to_stop, a_stop_that_cannot_be_written_down, out_of_time_and_nobody_looks, asked_and_killed_together,
      ended_before_the_machine_did, a_pipeline_without_its_first_process, a_rest_that_was_told_by_a_daemon_that_died,
      a_pipeline_whose_first_process_does_not_wait])
