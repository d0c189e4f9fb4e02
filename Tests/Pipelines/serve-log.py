#!/usr/bin/env python3
"""serve-log.py: logs that may only be so long, while a job prints without end and when it is over."""
import json, os, re, signal, sqlite3, subprocess
from serving import Daemon, main, manifest

# Prints numbers until there is a line, a thousand lines for each word.
LINES = "echo ready; n=0; while read -r line; do [ $line = end ] && exit 0; i=0; " \
    "while [ $i -lt 1000 ]; do i=$((i+1)); n=$((n+1)); echo \"$n {1}\"; done; done < {0}/feed"


def kept(queue, job):
    """The records of a log, with their numbers, which are all told of."""
    lines = [json.loads(line) for line in queue.call("events", job).splitlines()]
    last = 0
    for line in lines:
        record = line["record"]
        if record["type"] == "log.trimmed":
            assert record["from"] == last + 1 and record["to"] == line["seq"], (last, line)
        else:
            assert line["seq"] == last + 1, (last, line)
        last = line["seq"]
    return lines


def size(lines):
    return sum(len(json.dumps(line["record"])) for line in lines)


def endless(queue):
    """Of a job that goes on printing the newest is kept; a follower gets all, or is told what not; and the store stays sound."""
    queue.configure("[log]\nrunning = 300000\nover = 100000\n")
    Daemon(queue)
    feed = queue.fifo("feed")
    job = queue.shell(LINES.format(queue.work, 60 * "x"))
    follower = subprocess.Popen(["smelt-queue", "events", "-f", job], env=queue.environment, stdout=subprocess.PIPE, text=True)
    queue.printed(job, "ready")
    for round in range(1, 13):
        os.write(feed, b"more\n")
        queue.printed(job, f"{round}000 x")
        assert size(kept(queue, job)) < 300_000 * 1.25 + 2 * 65_536 * 1.2, f"{size(kept(queue, job))} bytes in round {round}"
        queue.verify()
    lines = kept(queue, job)
    assert any(line["record"]["type"] == "log.trimmed" for line in lines)
    assert size(lines) > 150_000, f"only {size(lines)} bytes are left"
    os.write(feed, b"end\n")
    os.close(feed)
    assert queue.wait(job) == 0
    # With the next turn it is as short as that of one that is over may be.
    assert queue.wait(queue.shell("true")) == 0
    lines = kept(queue, job)
    assert size(lines) < 100_000 + 65_536, size(lines)
    types = [line["record"]["type"] for line in lines]
    for wanted in ["session.started", "session.finished", "run.finished"]:
        assert types.count(wanted) == 1, types
    assert types.count("job.changed") == 3
    output, said = subprocess.Popen(["smelt-queue", "logs", job], env=queue.environment, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True).communicate()
    assert output.endswith("12000 " + 60 * "x" + "\n") and not output.startswith("ready"), output[:80]
    assert " of what it printed, up to number " in said, said
    followed, last = [json.loads(line) for line in follower.stdout], 0
    assert follower.wait() == 0
    for line in followed:
        assert line["record"].get("from", last + 1) == last + 1 if line["record"]["type"] == "log.trimmed" \
            else line["seq"] == last + 1, line
        last = line["seq"]


def killed(queue):
    """What a daemon had not taken out when it was killed, the next one takes out."""
    queue.configure()
    first = Daemon(queue)
    job = queue.shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo $i; done")
    assert queue.wait(job) == 0
    first.end(signal.SIGKILL)
    before = kept(queue, job)
    queue.call("prune", "--output-older-than", "1h")
    assert kept(queue, job) == before
    assert queue.call("prune", "--output-older-than", "0s") == "1\n"
    assert queue.call("prune", "--output-older-than", "0s") == "0\n"
    types = [line["record"]["type"] for line in kept(queue, job)]
    assert "output" not in types and types.count("log.trimmed") == 1, types
    assert queue.call("logs", job) == ""


def tried_again(queue):
    """All attempts of a job share its log, and it is bounded all the same."""
    queue.configure("[log]\nrunning = 65536\n")
    Daemon(queue)
    feed = queue.fifo("feed")
    job = queue.shell(f"seq 5000; [ $SMELT_ATTEMPT = 12 ] || exit 1; echo ready; read -r line < {queue.work}/feed",
                      "--retries", "20", "--backoff", "0.001s")
    queue.printed(job, "ready")
    # With the next turn.
    assert queue.wait(queue.shell("true")) == 0
    assert size(kept(queue, job)) < 65_536 * 1.25 + 65_536 * 1.2, size(kept(queue, job))
    os.write(feed, b"end\n")
    assert queue.wait(job) == 0
    os.close(feed)


def bounded_later(queue):
    """A bound that comes into the file while a job runs is that job's, too, though it says nothing more."""
    daemon = Daemon(queue)
    feed = queue.fifo("feed")
    job = queue.shell(f"seq 50000; echo ready; read -r line < {queue.work}/feed")
    queue.printed(job, "ready")
    assert size(kept(queue, job)) > 300_000
    queue.configure("[log]\nrunning = 65536\n")
    daemon.tell(signal.SIGHUP)
    daemon.complained("read the configuration anew")
    # With the next turn.
    assert queue.wait(queue.shell("true")) == 0
    assert size(kept(queue, job)) < 2 * 65_536, size(kept(queue, job))
    os.write(feed, b"end\n")
    assert queue.wait(job) == 0
    os.close(feed)


def printing(queue, *records):
    """A job whose pipeline prints these, HEAD in them what all have; and the daemon that runs it."""
    pipeline = queue.home / "pipeline"
    head = '"v":1,"time":"2026-01-01T00:00:00.000Z","run":"\'$SMELT_RUN\'"'
    pipeline.write_text("#!/bin/sh\n" + "".join(f"echo '{record.replace('HEAD', head)}'\n" for record in records))
    pipeline.chmod(0o755)
    queue.configure(f'[pipeline]\ncommand = ["{pipeline}"]\n')
    queue.repository()
    daemon = Daemon(queue)
    return queue.call("add", str(queue.manifest(manifest("printing")))).strip(), daemon


def forged(queue):
    """What only the queue writes does not come into a log from a run; and where it did before, nobody stumbles over it."""
    job, _ = printing(queue,
                      '{"type":"run.planned",HEAD}',
                      '{"type":"log.trimmed",HEAD,"from":-9223372036854775808,"to":9223372036854775807}',
                      '{"type":"job.changed",HEAD,"to":"succeeded"}',
                      '{"type":"group.halted",HEAD}',
                      '{"type":"output",HEAD,"session":"one","attempt":1,"stream":"stdout","offsetBytes":0,"text":"behind"}',
                      '{"type":"run.finished",HEAD,"seconds":1,"status":256}')
    # No command ends with 256; and success it is not.
    assert queue.wait(job) == 1
    assert queue.show(job)["state"] == "failed"
    records = queue.events(job)
    assert [r["line"] for r in records if r["type"] == "failed" and r["code"] == "bad_line"] == [2, 3, 4], records
    assert queue.states(job) == ["queued", "running", "failed"]
    assert queue.output(job) == "behind"
    for bad in ['"from":-9223372036854775808,"to":9223372036854775807', '"to":7', '"from":7,"to":6']:
        line = '{"v":1,"type":"log.trimmed","time":"2026-01-01T00:00:00.000Z","run":"' + job + '",' + bad + "}\n"
        database = sqlite3.connect(queue.state / "smelt.db")
        with database:
            database.execute("UPDATE log SET bytes = CAST(? AS BLOB) WHERE first = 1", (line,))
        database.close()
        assert queue.output(job) == "behind"


def cancelled(queue):
    """A job that ends while it waits is as short then as one that ends by itself, whether a daemon was there or not."""
    queue.configure("[log]\nover = 8192\n")
    jobs = []
    for _ in range(2):
        daemon = Daemon(queue)
        jobs.append(queue.shell("seq 20000; exit 1", "--retries", "3", "--backoff", "100h"))
        queue.until(jobs[-1], lambda r: r["type"] == "job.changed" and r["to"] == "retrying")
        assert size(kept(queue, jobs[-1])) > 100_000
        if len(jobs) == 2:
            assert daemon.end() == 0
        queue.call("cancel", jobs[-1])
        daemon = daemon if len(jobs) == 1 else Daemon(queue)
        assert queue.wait(queue.shell("true")) == 0
        assert size(kept(queue, jobs[-1])) < 2 * 8192, size(kept(queue, jobs[-1]))
        if len(jobs) == 1:
            assert daemon.end() == 0


def unreadable(queue):
    """Output that is none is told of, what comes behind it is printed; and failed jobs begin again though nobody can be told."""
    job, daemon = printing(queue,
                           '{"type":"output",HEAD,"session":"one","text":7}',
                           '{"type":"output",HEAD,"session":"one","attempt":1,"stream":"stdout","offsetBytes":0,"text":"behind"}',
                           '{"type":"run.finished",HEAD,"seconds":1,"status":1}')
    jobs = [job, *(queue.call("add", str(queue.manifest(manifest("other")))).strip() for _ in range(2))]
    assert [queue.wait(job) for job in jobs] == [1, 1, 1]
    status, output, said = queue.call("logs", jobs[0], check=None)
    assert (status, output) == (65, "behind"), (status, output)
    assert re.fullmatch(r"smelt-queue: record \d says that it is output: could not read a 'output' record: .*\n", said), said
    assert daemon.end() == 0
    with open("/dev/full", "w") as full:
        again = subprocess.run(["smelt-queue", "retry", "--failed"], env=queue.environment, stdout=full, stderr=subprocess.PIPE, text=True)
    assert again.returncode == 74 and again.stderr.endswith(f"; 3 jobs begin again all the same: {' '.join(jobs)}\n"), again
    assert [queue.show(job)["state"] for job in jobs] == ["queued"] * 3


main([endless, killed, cancelled, tried_again, bounded_later, forged, unreadable])
