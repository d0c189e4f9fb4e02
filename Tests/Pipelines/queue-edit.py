#!/usr/bin/env python3
"""queue-edit.py: a job's own text in an editor, on a terminal; and what becomes of what was typed."""
import json, os, pathlib, pty, select, subprocess
from serving import Queue, main, manifest


def terminal(queue, job, editor, variable="VISUAL"):
    """The status of `edit` on a terminal with that editor, and what it printed there."""
    environment = {**queue.environment, "TMPDIR": str(queue.home / "tmp"), variable: editor}
    (queue.home / "tmp").mkdir(exist_ok=True)
    pid, screen = pty.fork()
    if pid == 0:
        os.execvpe("smelt-queue", ["smelt-queue", "edit", job], environment)
    seen = b""
    while True:
        assert select.select([screen], [], [], 60)[0], f"nothing more came than {seen}"
        try:
            piece = os.read(screen, 4096)
        except OSError:
            piece = b""
        if not piece:
            break
        seen += piece
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode().replace("\r", "")


def described(queue, job):
    return {name: value for name, value in queue.show(job).items() if name != "time"}


def left(queue):
    return [p for p in (queue.home / "tmp").rglob("*") if p.is_file()]


def command(queue):
    """A command's words are an array; the editor may have options, and finds its file behind them."""
    job = queue.add("a", "b c")
    status, said = terminal(queue, job, "sed -i 's/b c/d \\\\\\\\ e/'")
    assert (status, said) == (0, ""), (status, said)
    assert queue.show(job)["name"] == "a" and not left(queue)
    assert "work" in queue.events(job)[-1]["edited"]
    seen = queue.home / "seen"
    status, said = terminal(queue, job, f"tee {seen} <", "EDITOR")
    assert status == 0 and "nothing was changed" in said, said
    assert seen.read_text() == '["a","d \\\\ e"]\n', seen.read_text()


def whole_manifest(queue):
    """A manifest is looked through as `add` does it; one that is wrong changes nothing, and its text stays."""
    queue.repository()
    path = queue.manifest(manifest("first"))
    job = queue.call("add", str(path)).strip()
    lock = queue.show(job)["lock"]
    status, said = terminal(queue, job, "sed -i 's/target = .*/target = \"elsewhere\"/; s/\"first\"/\"second\"/'")
    assert (status, said) == (0, ""), (status, said)
    shown = described(queue, job)
    assert shown["name"] == "second" and shown["lock"] != lock and "elsewhere" in shown["lock"], shown
    status, said = terminal(queue, job, "sed -i 's/^timeout = .*/timeout = -1/'")
    assert status == 65 and "timeout" in said and "the text stays in '" in said, (status, said)
    [kept] = left(queue)
    assert "timeout = -1" in kept.read_text() and f"'{kept}'" in said, said
    assert described(queue, job) == shown, "it was changed all the same"
    kept.unlink()
    status, said = terminal(queue, job, "false")
    assert status == 1 and "the editor 'false' failed" in said and not left(queue), (status, said)


def meanwhile(queue):
    """Of two who edit at once one is told so, and what he typed stays."""
    job = queue.add("a")
    other = f"smelt-queue edit {job} -- other; sed -i s/a/mine/"
    status, said = terminal(queue, job, other)
    assert status == 75 and "somebody else has changed it" in said, (status, said)
    [kept] = left(queue)
    assert kept.read_text() == '["mine"]\n'
    assert queue.show(job)["name"] == "other"


def begun(queue):
    """Nobody types in vain."""
    job = queue.add("a")
    queue.call("cancel", job)
    status, said = terminal(queue, job, "touch never;")
    assert status == 77 and "retry it" in said, (status, said)
    assert not (queue.home / "never").exists() and not left(queue)


def of_options(queue):
    """What options said of a task stays where another thing is changed in its text; the slot and how it is entered stay as they are."""
    path = queue.home / "task.json"
    task = {"slot": "own", "kind": {"subprocess": {"mode": {"command": {"command": "true"}}}}, "timeout": 60000,
            "restart": {"type": "never"}, "backoff": {"jitter": "none", "firstMs": 1000, "maxMs": 3000, "factor": 2},
            "admission": "queue", "labels": {"team": "web", "x": "1", "y": "2"}}
    path.write_text(json.dumps(task))
    job = queue.call("add", "--hold", "--slot", "lane", "--label", "team=api", str(path)).strip()
    status, said = terminal(queue, job, "sed -i 's/1000/2000/; s/\"x\"/\"z\"/'")
    assert (status, said) == (0, ""), (status, said)
    assert queue.show(job)["labels"] == {"team": "api", "y": "2", "z": "1"}, queue.show(job)
    assert queue.show(job)["slot"] == "lane"
    for change in ["s/own/other/", "s/queue/replace/"]:
        status, said = terminal(queue, job, f"sed -i {change}")
        assert status == 77 and "the slot of a job and its admission stay" in said, (status, said)


def typed(queue):
    """What was typed stays when the editor fails behind that."""
    job = queue.add("a")
    status, said = terminal(queue, job, "sed -i s/a/b/ $1; false")
    assert status == 1 and "the text stays in '" in said, (status, said)
    [kept] = left(queue)
    assert kept.read_text() == '["b"]\n' and queue.show(job)["name"] == "a"
    kept.unlink()
    # Also what is not in the file itself yet, as where an editor was killed.
    status, said = terminal(queue, job, "cp $1 $1.swp; false")
    assert status == 1 and "the text stays in '" in said, (status, said)
    [own, beside] = sorted(left(queue))
    assert beside.name == own.name + ".swp" and f"'{own}'" in said, said
    own.unlink(), beside.unlink()
    status, said = terminal(queue, job, "head -c 2000000 /dev/zero >>")
    assert status == 65 and "the text stays in '" in said, (status, said)
    [kept] = left(queue)
    assert kept.stat().st_size > 2000000
    kept.unlink()
    status, said = terminal(queue, job, "rm")
    assert status == 66 and "the text stays" not in said, (status, said)
    assert list((queue.home / "tmp").glob("*/*")) == []


main([command, whole_manifest, meanwhile, begun, of_options, typed])
