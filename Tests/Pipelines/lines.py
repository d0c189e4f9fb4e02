#!/usr/bin/env python3
"""lines.py [TEST]...: what a stage makes of lines that are no records, of records that are wrong, and of
input that ends too early; and what the stages behind it make of that."""
import base64, json, subprocess, sys, tempfile
from feeding import Log, added, feed, name, record
from pipeline import Pipe, World, check, stages

other = "01k0000000000000000000000b"
commit = "0123456789012345678901234567890123456789"
first_bytes = 64
longest = 1 << 20
# The record without which a stage says that its input was cut off; what acts on everything comes last.
trigger = {
    "smelt-provision": "run.planned", "smelt-exec": "environment.ready", "smelt-collect": "sessions.finished",
    "smelt-provision release": "environment.ready", "smelt-review": "result.collected", "smelt-pr": "result.collected",
    "smelt-runs record": "sessions.finished",
}


def end_of_run(words, records):
    """The recorder ends each run; takes its last record off."""
    if name(words) != "smelt-runs record":
        return records
    assert records and records[-1]["type"] == "run.finished", records
    return records[:-1]


bad = {
    "text": b"this is no record", "an empty word": b'""', "null": b"null", "a number": b"17", "an array": b'[{"type":"failed"}]',
    "two objects": b"{} {}", "two objects side by side": b"{}{}", "half a record": record("run.planned")[:60], "a NUL": b"\0",
    "a NUL behind": record("x")[:-1] + b"\0", "a NUL in a string": b'{"type":"x\0y"}', "binary": bytes(range(11, 256)) + bytes(range(10)),
    "not UTF-8": b'{"type":"\xff"}', "overlong UTF-8": b'{"type":"\xc0\xaf"}', "half a surrogate": b'{"a":"\xed\xa0\x80"}',
    "a byte order mark": b"\xef\xbb\xbf" + record("x")[:-1], "UTF-16": record("x")[:-1].decode().encode("utf-16"),
    "too deep": b'{"a":' + b"[" * 600 + b"]" * 600 + b"}", "far too deep": b'{"a":' + b"[" * 500_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "a comma too much": b'{"a":1,}', "a word": b'{"a":yes}',
    "single quotes": b"{'type':'x'}", "a comment": b'{"a":1} // x', "a control character": b'{"a":"\x1b[2J"}', "NaN": b'{"a":NaN}',
    "an end in a string": b'{"a":"\\', "an end in a number": b'{"a":-', "an end in UTF-8": b'{"a":"\xf0\x9f',
}
good = {
    "an object without a type": b"{}\n", "a type that nobody knows": record("weather", sky="blue"), "members that nobody knows":
    record("output", session="s", attempt=1, stream="stdout", offsetBytes=0, text="x", colour={"deep": [1, None, {}]}),
    "a type that is a number": b'{"v":1,"type":5}\n', "no type but null": b'{"v":1,"type":null}\n', "spaces": b' \t{ "type" : "x" , "a" : [ ] } \n',
    "CR LF": b'{"type":"x"}\r\n', "escapes": b'{"t\\u0079pe":"failed","a":"\\ud83d\\ude00\\/"}\n', "numbers": b'{"a":[-0.5e+30,1E400,0,123456789012345678901234567890]}\n',
    "half a pair": b'{"a":"\\ud800"}\n', "twice the same name": b'{"a":1,"a":2}\n', "a long line": b'{"a":"' + b"x" * 300_000 + b'"}\n',
    "the longest line": b'{"a":"' + b"x" * (longest - 9) + b'"}\n', "a delimiter of lines that is none": '{"a":"\u2028\u2029\u0085"}\n'.encode(),
    "depth that can be read": b'{"a":' + b"[" * 500 + b"]" * 500 + b"}\n",
}


def a_line_that_is_no_record_is_replaced():
    """One failed record stands in its place with the line's number, size and first bytes; the lines around it pass."""
    around = good["a type that nobody knows"]
    with World() as world:
        for words in stages:
            for what, line in bad.items():
                if b"\n" in line:
                    # UTF-16 has bytes of a line end inside.
                    line = line.replace(b"\n", b"")
                data = around + line + b"\n" + around
                done = feed(world, words, data)
                where = f"{name(words)}, {what}"
                assert done.returncode == 65, f"{where}: {done.returncode} {done.stderr.decode()}"
                out = done.stdout.splitlines(keepends=True)
                assert out[0] == around and out[2] == around, f"{where}: {out}"
                more = end_of_run(words, [json.loads(out[1])] + [json.loads(l) for l in out[3:]])
                assert len(more) == 1, f"{where}: {more}"
                failed = more[0]
                assert (failed["type"], failed["code"], failed["status"], failed["line"], failed["sizeBytes"]) == \
                    ("failed", "bad_line", 65, 2, len(line) + 1), f"{where}: {failed}"
                assert base64.b64decode(failed["base64"]) == (line + b"\n")[:first_bytes], f"{where}: {failed}"


def everything_else_passes_byte_for_byte():
    # The recorder keeps no more than 1 MiB of what comes before a plan.
    data = b"".join(line for what, line in good.items() if what != "the longest line")
    with World() as world:
        for words in stages:
            done = feed(world, words, data)
            codes = [r["code"] for r in end_of_run(words, added(done.stdout, data))]
            assert codes == ["cut_off"] and done.returncode == 65, f"{name(words)}: {done.returncode} {codes} {done.stderr.decode()}"


def lines_without_anything_in_them_are_skipped():
    line = good["a type that nobody knows"]
    with World() as world:
        for words in stages:
            done = feed(world, words, b"\n\r\n  \t\n" + line + b"\n\n" + line + b"\n")
            assert done.stdout.startswith(line + line), f"{name(words)}: {done.stdout[:300]}"
            assert not [l for l in done.stdout.splitlines() if b"bad_line" in l], name(words)


def a_last_line_without_its_end_gets_one():
    line = good["a type that nobody knows"]
    longest_one = good["the longest line"]
    with World() as world:
        for words in stages:
            done = feed(world, words, line + line[:-1])
            assert done.stdout.startswith(line + line), f"{name(words)}: {done.stdout[:300]}"
            # With it, a line must still be one that the next stage takes.
            done = feed(world, words, b'{"b":1,"a":"' + b"x" * (longest - 14) + b'"}')
            assert max(map(len, done.stdout.splitlines(keepends=True))) <= longest, name(words)
            assert json.loads(done.stdout.splitlines()[0])["code"] == "bad_line", name(words)
            assert feed(world, words, longest_one[:-1]).stdout.startswith(longest_one), name(words)


def nothing_at_all_is_cut_off():
    with World() as world:
        for words in stages:
            done = feed(world, words, b"")
            more = end_of_run(words, added(done.stdout, b""))
            assert [(r["code"], r["status"]) for r in more] == [("cut_off", 65)] and done.returncode == 65, f"{name(words)}: {more}"
            assert trigger[name(words)] in more[0]["message"] and done.stderr, f"{name(words)}: {more}"


def a_line_that_is_too_long_costs_no_memory():
    """1 MiB and one byte, 2 MiB, 100 MB: the size is told, the line after it passes."""
    line = good["a type that nobody knows"]
    with World() as world:
        for words in stages:
            for size in (longest + 1, 2 * longest, 2 * longest + 1, 100_000_000):
                child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         env=world.environment, cwd=world.home)
                child.stdin.write(b'{"a":"')
                for start in range(0, size - 9, longest):
                    child.stdin.write(b"x" * min(longest, size - 9 - start))
                child.stdin.write(b'"}\n' + line)
                child.stdin.flush()
                # The stage is still there, and so is its peak.
                out = [child.stdout.readline() for _ in range(2)]
                peak = int(next(l for l in open(f"/proc/{child.pid}/status") if l.startswith("VmHWM")).split()[1])
                out += [child.communicate()[0]]
                failed = json.loads(out[0])
                assert (failed["code"], failed["sizeBytes"], failed["line"]) == ("bad_line", size, 1), f"{name(words)}: {failed}"
                assert len(base64.b64decode(failed["base64"])) == first_bytes
                assert out[1] == line and child.returncode == 65, f"{name(words)}: {out}"
                assert peak < 40_000, f"{name(words)}: {peak} KiB for {size} bytes"


def a_hundred_thousand_bad_lines_are_as_many_failures():
    with World() as world:
        for words in stages:
            done = feed(world, words, b"x\n" * 100_000)
            lines = done.stdout.splitlines()
            # The recorder says, besides, that it kept none of that, and ends the run.
            assert len(lines) == 100_000 + 2 * (name(words) == "smelt-runs record"), f"{name(words)}: {len(lines)}"
            last = [line for line in lines if b'"bad_line"' in line][-1]
            assert json.loads(last)["line"] == 100_000 and done.returncode == 65, f"{name(words)}: {last}"


def rest_of_the_pipe(world, index, data):
    """The stages from `index` on, one after the other; the recorder's end."""
    for words in stages[index:]:
        done = feed(world, words, data)
        data = done.stdout
    return done, [json.loads(line) for line in data.splitlines()]


def input_cut_in_the_middle_of_a_record():
    """At every stage: the piece is told, release and record still act, and the run has failed with 65."""
    for index, words in enumerate(stages):
        with World() as world:
            log = Log(world)
            data = log.given[index]
            last = data.splitlines(keepends=True)[-1]
            cut = data[:len(data) - len(last) // 2]
            done, records = rest_of_the_pipe(world, index, cut)
            codes = [(r["stage"], r["code"]) for r in records if r["type"] == "failed"]
            where = f"{name(words)}: {codes} {done.stderr.decode()}"
            assert codes[0] == ((words + [words[0]])[0].removeprefix("smelt-"), "bad_line"), where
            assert done.returncode == 65 and records[-1] == {**records[-1], "type": "run.finished", "status": 65}, where
            kinds = {r["type"] for r in records}
            # From review on, it is the record of the release that was cut.
            assert index > 3 or "environment.ready" not in kinds or "environment.released" in kinds, where
            if index < 6:
                # The recorder found what the plan said where the plan came whole.
                assert index == 0 or list(world.home.glob(".smelt/runs/lines/*.jsonl")), where
            assert not world.left()[0], where


def a_run_that_failed_before_does_nothing_more():
    """A `failed` record first: no stage works, every line passes, the status is that of the failure."""
    failed = record("failed", stage="filter", code="mine", status=77, message="no")
    with World() as world:
        log = Log(world)
        for path in world.home.glob(".smelt/runs/lines/*"):
            path.unlink()
        world.sh("git", "branch", "-D", "result", cwd=world.home / "project")
        for index, words in enumerate(stages):
            data = failed + log.given[index]
            done = feed(world, words, data)
            more = end_of_run(words, added(done.stdout, data))
            if name(words) == "smelt-provision release":
                assert [r["type"] for r in more] == ["environment.released"], more
            else:
                assert not more, f"{name(words)}: {more}"
            assert done.returncode == (77 if name(words) == "smelt-runs record" else 0), f"{name(words)}: {done.returncode} {done.stderr.decode()}"
        assert not world.sh("git", "branch", "--list", "result", cwd=world.home / "project")


def a_second_plan_is_refused():
    with World() as world:
        plan = record("run.planned")
        log = Log(world)
        for index, words in enumerate(stages):
            plan = log.given[0]
            data = log.given[index] + plan.replace(plan[plan.find(b'"run":"') + 7:][:26], other.encode())
            done = feed(world, words, data)
            more = [r for r in added(done.stdout, data) if r["type"] == "failed"]
            assert [r["code"] for r in more] == ["second_run"] and done.returncode == 65, f"{name(words)}: {done.returncode} {more} {done.stderr.decode()}"


acts_on = {
    "smelt-provision": ["run.planned"], "smelt-exec": ["run.planned", "environment.ready"],
    "smelt-collect": ["run.planned", "environment.ready", "session.started", "session.finished"],
    "smelt-provision release": ["environment.ready"],
    "smelt-review": ["run.planned", "result.collected", "review.decided"],
    "smelt-pr": ["run.planned", "session.finished", "gate.finished", "egress", "result.collected", "review.decided"],
    "smelt-runs record": ["run.planned", "environment.ready", "session.started", "session.finished", "gate.finished", "sessions.finished",
                          "result.collected", "environment.released", "review.requested", "review.decided", "branch.updated",
                          "pull_request.opened", "pull_request.updated", "run.finished"],
}


def a_record_that_says_less_than_it_promises():
    """Without its members, or with members of another kind: a failure that ends the run, where somebody acts on it."""
    with World() as world:
        log = Log(world)
        plan = log.given[0]
        own = json.loads(plan)["run"]
        for index, words in enumerate(stages):
            for kind in acts_on[name(words)] + ["failed"]:
                wrong = [record(kind, own), record(kind, own, **{m: {"no": []} for m in (
                    "job", "id", "session", "sessions", "commit", "endings", "decision", "ok", "title", "url", "status", "ending", "stage", "host", "directory", "attempt")})]
                for line in wrong:
                    data = line if kind == "run.planned" else plan + line
                    if name(words) == "smelt-provision" and kind == "failed":
                        data = line + plan
                    done = feed(world, words, data)
                    more = [r for r in added(done.stdout, data) if r["type"] == "failed"]
                    where = f"{name(words)}, {line.decode().strip()}: {done.returncode} {more} {done.stderr.decode()}"
                    assert more and more[0]["code"] == "bad_record" and more[0]["status"] == 65 and done.returncode == 65, where


def a_record_of_another_run_is_not_acted_on():
    with World() as world:
        log = Log(world)
        for index, words in enumerate(stages):
            if index == 0:
                continue
            lines = log.given[index].splitlines(keepends=True)
            kind = acts_on[name(words)][1 if len(acts_on[name(words)]) > 1 and acts_on[name(words)][0] == "run.planned" else 0]
            own = json.loads(lines[0])["run"].encode()
            data = b"".join(l.replace(b'"run":"' + own, b'"run":"' + other.encode(), 1) if json.loads(l)["type"] == kind else l for l in lines)
            done = feed(world, words, data)
            more = added(done.stdout, data)
            assert [r["code"] for r in more if r["type"] == "failed"][0] == "bad_record" and done.returncode == 65, \
                f"{name(words)}, {kind}: {done.returncode} {more} {done.stderr.decode()}"
            assert not [r for r in more if r["type"] in ("session.started", "result.collected", "environment.released", "branch.updated")], more


def records_in_the_wrong_order():
    """The whole log backwards: every stage ends by itself, passes all of it, and nobody takes it for a success."""
    with World() as world:
        log = Log(world)
        data = b"".join(reversed(log.whole.splitlines(keepends=True)[:-1]))
        for words in stages:
            done = feed(world, words, data)
            more = added(done.stdout, data)
            assert not [r for r in more if r["type"] in ("session.started", "result.collected", "branch.updated")], f"{name(words)}: {more}"
            if name(words) in ("smelt-exec", "smelt-collect", "smelt-pr"):
                assert done.returncode in (0, 65), f"{name(words)}: {done.returncode} {done.stderr.decode()}"


def the_whole_log_fed_to_every_stage_again_adds_nothing_new():
    with World() as world:
        log = Log(world)
        for words in stages:
            done = feed(world, words, log.whole)
            assert done.returncode == 0, f"{name(words)}: {done.returncode} {done.stderr.decode()}"
            more = added(done.stdout, log.whole)
            if name(words) == "smelt-collect":
                recorded = next(json.loads(l) for l in log.whole.splitlines() if b'"result.collected"' in l)
                more = [r for r in more if {**r, "time": 0} != {**recorded, "time": 0}]
            assert not more, f"{name(words)}: {more}"


def the_whole_log_fed_to_all_of_them_at_once_does_nothing_again():
    """Sessions are not run, and what they did and what was delivered stay what they were."""
    with World() as world:
        log = Log(world)
        def references():
            return [world.sh("git", f"--git-dir={path}", "for-each-ref") for path in (world.state / "results.git", world.home / "project/.git")]
        before = references()
        with tempfile.TemporaryFile() as out:
            assert Pipe(world, log.whole, output=out).wait() == [0] * len(stages)
            out.seek(0)
            more = added(out.read(), log.whole)
        assert not [r for r in more if r["type"] in ("environment.ready", "session.started", "session.finished", "failed")], more
        assert references() == before and world.left() == ([], [], []), (references(), before, world.left())


check([f for f in list(globals().values()) if callable(f) and getattr(f, "__module__", "") == "__main__"
       and f.__name__ not in ("end_of_run", "rest_of_the_pipe")
       and (not sys.argv[1:] or f.__name__ in sys.argv[1:])])
