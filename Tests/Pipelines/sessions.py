#!/usr/bin/env python3
"""Sessions in the pipe: who runs when, what becomes of what they leave, and what stops them."""
import base64, json, os, pathlib, signal, subprocess, sys, urllib.parse
from pipeline import Pipe, World, appears, check

stages = [["smelt-provision"], ["smelt-exec"], ["smelt-provision", "release"]]


def session(name, harness="", timeout=60, more=""):
    return f"[[session]]\nname = '{name}'\nspec = 'task of {name}'\nharness = '''{harness}'''\ntimeout = {timeout}\n{more}\n"


def job(sessions, agent=None, more=""):
    text = "[job]\nname = 'tested'\nrepo = 'project'\nbase_ref = 'main'\n[environment]\nruntime = 'sandbox'\n"
    if agent:
        text += agent if agent.startswith("[agent]") else f"[agent]\ncommand = ['sh', '-c', '''{agent}''']\n"
    return text + more + sessions + "[merge]\ntarget = 'result'\n"


def run(world, text, commands=None, environment=None, status=None):
    """Runs provision, exec and release; the records."""
    world.environment.update(environment or {})
    manifest = world.manifest(text)
    if not (world.home / "project").exists():
        world.repository()
    out = world.home / "out"
    with open(out, "wb") as file:
        statuses = Pipe(world, world.planned(manifest), commands or stages, output=file, errors=world.home / "errors").wait()
    records = [json.loads(line) for line in out.read_bytes().splitlines()]
    wanted = status or [0] * len(statuses)
    assert statuses == wanted, f"{statuses}: {(world.home / 'errors').read_text()}\n{records[-4:]}"
    return records


def provisioned(world, manifest):
    """What provision says; into a file, since it would wait for the reader of a pipe to take the lease over."""
    with open(world.home / "ready", "wb") as file:
        subprocess.run(["smelt-provision"], input=world.planned(manifest), env=world.environment, cwd=world.home,
                       stdout=file, check=True)
    return (world.home / "ready").read_bytes()


def of(records, kind, **members):
    return [r for r in records if r["type"] == kind and all(r.get(k) == v for k, v in members.items())]


def text(records, session, stream="stdout"):
    pieces = of(records, "output", session=session, stream=stream)
    offset = 0
    for piece in pieces:
        assert piece["offsetBytes"] == offset, f"a hole before {piece}"
        offset += len(piece["text"].encode() if "text" in piece else base64.b64decode(piece["base64"]))
    return "".join(piece.get("text", "") for piece in pieces)


def ending(records, name):
    return of(records, "session.finished", session=name)[0]


def the_task_arrives_as_asked():
    for prompt, command in (("stdin", "cat"), ("argument", 'echo "$0"'), ("file", 'cat "$SMELT_SPEC_FILE"')):
        with World() as world:
            agent = f"[agent]\nprompt = '{prompt}'\ncommand = ['sh', '-c', '''{command}''']\n"
            records = run(world, job(session("one"), agent))
            assert text(records, "one").strip() == "task of one", (prompt, text(records, "one"))


def a_task_in_the_middle_of_the_arguments():
    with World() as world:
        agent = "[agent]\nprompt = 'argument'\ncommand = ['printf', '<%s> <%s>', '{prompt}', 'end']\n"
        assert text(run(world, job(session("one"), agent)), "one") == "<task of one> <end>"


def a_task_of_a_megabyte():
    with World() as world:
        spec = "long " * 200_000
        records = run(world, job(session("one").replace("'task of one'", f"'{spec}'"), "wc -c"))
        assert text(records, "one").strip() == str(len(spec)), text(records, "one")


def the_gate_sees_only_the_commit():
    """Files that the agent left ignored, its processes and its git configuration are not there."""
    with World() as world:
        world.repository(files={".gitignore": "ignored\n", "README": "x\n"})
        agent = "touch ignored good; git config core.hooksPath evil; git config alias.st '!touch evil'; echo x > /tmp/left; touch ~/left"
        gate = "test -e good && ! test -e ignored && ! test -e /tmp/left && ! test -e ~/left && ! git config core.hooksPath && touch changed"
        records = run(world, job(session("one", gate), agent))
        assert of(records, "gate.finished")[0]["ok"], text(records, "one", "stderr")
        assert ending(records, "one")["ending"] == "succeeded"


def a_failing_gate_is_no_failed_session():
    with World() as world:
        records = run(world, job(session("one", "exit 7"), "echo x > y"))
        gate = of(records, "gate.finished")[0]
        assert (gate["ok"], gate["status"]) == (False, 7)
        assert ending(records, "one")["ending"] == "gate_failed" and "commit" in ending(records, "one")


def without_an_agent_the_harness_is_the_work():
    with World() as world:
        records = run(world, job(session("one", "echo new > file") + session("two", "exit 3")))
        assert ending(records, "one")["ending"] == "succeeded" and ending(records, "one")["committedForAgent"]
        assert (ending(records, "two")["ending"], ending(records, "two")["exitStatus"]) == ("failed", 3)
        assert not of(records, "gate.finished")
        assert of(records, "sessions.finished")[0]["endings"] == {"failed": 1, "succeeded": 1}


def a_dependent_starts_from_what_it_depends_on():
    with World() as world:
        sessions = session("a", "echo a > a") + session("b", "echo b > b") + session("c", "cat a b", more="depends_on = ['a', 'b']")
        records = run(world, job(sessions))
        assert text(records, "c") == "a\nb\n"


def a_conflict_between_dependencies_is_named():
    with World() as world:
        sessions = session("a", "echo a > same") + session("b", "echo b > same") + session("c", "true", more="depends_on = ['a', 'b']")
        records = run(world, job(sessions))
        assert ending(records, "c")["ending"] == "failed" and "'same'" in ending(records, "c")["reason"], ending(records, "c")


def what_depends_on_a_failure_is_skipped():
    with World() as world:
        sessions = session("a", "false") + session("b", "true", more="depends_on = ['a']") + session("c", "true", more="depends_on = ['b']")
        records = run(world, job(sessions))
        assert [ending(records, n)["ending"] for n in "abc"] == ["failed", "skipped", "skipped"]
        assert ending(records, "c")["because"] == "b"


def a_commit_made_without_index_or_files_is_kept():
    with World() as world:
        records = run(world, job(session("one", "git update-ref HEAD $(git commit-tree -m plumbing -p HEAD 'HEAD^{tree}')")))
        assert "commit" in ending(records, "one")
        saved = of(records, "environment.released")[0]["rescued"][0]
        assert world.sh("git", f"--git-dir={world.state}/results.git", "log", "-1", "--format=%s", saved) == "plumbing\n"


def a_session_that_does_nothing_ends_where_it_began():
    with World() as world:
        records = run(world, job(session("one", "test -e README", more="") + session("two", "echo all", more="depends_on = ['one']"), "echo said"))
        assert [ending(records, n)["commit"] for n in ("one", "two")] == [of(records, "environment.ready")[0]["baseCommit"]] * 2
        assert text(records, "one") == "said\n"


def work_survives_a_time_out():
    with World() as world:
        records = run(world, job(session("one", timeout=1), "echo precious > file; sleep 1000"))
        done = ending(records, "one")
        assert done["ending"] == "timed_out" and done["committedForAgent"], done
        saved = of(records, "environment.released")[0]["rescued"][0]
        results = world.state / "results.git"
        assert world.sh("git", f"--git-dir={results}", "show", f"{saved}:file") == "precious\n"


def a_session_that_ignores_term_is_killed():
    with World() as world:
        slow = [stages[0], ["smelt-exec", "--grace", "300ms"], stages[2]]
        records = run(world, job(session("one", timeout=1), "trap '' TERM; while :; do sleep 1; done"), slow)
        assert ending(records, "one")["ending"] == "timed_out" and ending(records, "one")["signal"] == 9


def silence_is_noticed():
    with World() as world:
        records = run(world, job(session("one"), "echo hello; sleep 1000", "[limits]\nidle = '700ms'\n"))
        assert ending(records, "one")["ending"] == "stalled", ending(records, "one")


def too_much_output_ends_a_session():
    with World() as world:
        records = run(world, job(session("one"), "yes", "[limits]\noutput = '1M'\n"))
        assert ending(records, "one")["ending"] == "over_limit", ending(records, "one")


def who_writes_too_much_is_stopped_and_keeps_it():
    fill = "echo precious > file; while head -c 1M /dev/urandom > more.$((n += 1)); do :; done; exit 3"
    with World() as world:
        records = run(world, job(session("one"), fill, "[limits]\ndisk = '5M'\n"))
        guard, done = of(records, "environment.ready")[0]["diskGuard"], ending(records, "one")
        if guard in ("quota", "sized"):
            assert (done["ending"], done["exitStatus"]) == ("failed", 3), done
        else:
            assert (guard, done["ending"]) == ("watched", "over_limit"), done
            assert done["reason"] == "it wrote more than 5242880 bytes to disk", done
            assert [d["what"] for d in of(records, "denied")] == ["more space on disks"], of(records, "denied")
        assert done["committedForAgent"], done
        saved = of(records, "environment.released")[0]["rescued"][0]
        assert world.sh("git", f"--git-dir={world.state}/results.git", "show", f"{saved}:file") == "precious\n"


def a_home_and_what_has_ended_count_too():
    """A command that has written too much before anybody looked has done so all the same; a gate is on its own account."""
    agent = "head -c 3M /dev/urandom > file; head -c 3M /dev/zero > ~/file"
    with World() as world:
        records = run(world, job(session("one"), agent, "[limits]\ndisk = '5M'\n"))
        if of(records, "environment.ready")[0]["diskGuard"] == "watched":
            assert ending(records, "one")["ending"] == "over_limit", ending(records, "one")
        gate = "head -c 3M /dev/zero > file"
        records = run(world, job(session("one", gate), "head -c 3M /dev/zero > file", "[limits]\ndisk = '5M'\n"))
        assert ending(records, "one")["ending"] == "succeeded", ending(records, "one")
        records = run(world, job(session("one", gate + "; cp file more"), "touch file", "[limits]\ndisk = '5M'\n"))
        done, guard = ending(records, "one"), of(records, "environment.ready")[0]["diskGuard"]
        assert done["ending"] == ("over_limit" if guard == "watched" else "gate_failed"), done
        assert of(records, "gate.finished")[0]["ok"] is False, records


def no_more_run_at_once_than_allowed():
    with World() as world:
        sessions = "".join(session(f"s{n}", "true") for n in range(5))
        records = run(world, job(sessions, more="[limits]\nmax_parallel = 2\n"))
        running = most = 0
        for record in records:
            running += (record["type"] == "session.started") - (record["type"] == "session.finished")
            most = max(most, running)
        assert most == 2 and len(of(records, "session.finished")) == 5


def streams_stay_apart_and_whole():
    """10 MB on each stream, in lines of every length, with all bytes that there are."""
    with World() as world:
        program = "import sys,os\nfor i in range(40000):\n os.write(1,(b'o%d '%i)*(i%60)+b'\\n');os.write(2,bytes([i%256])*(i%250)+b'\\n')"
        world.repository(files={"p.py": program})
        records = run(world, job(session("one", "python3 p.py")))
        out = "".join(f"o{i} " * (i % 60) + "\n" for i in range(40000))
        assert text(records, "one") == out
        err = b"".join(p["text"].encode() if "text" in p else base64.b64decode(p["base64"]) for p in of(records, "output", stream="stderr"))
        assert err == b"".join(bytes([i % 256]) * (i % 250) + b"\n" for i in range(40000))


def partial_lines_leave_at_once():
    with World() as world:
        world.repository()
        world.manifest(job(session("one", "printf begun; read forever < /dev/tty || tail -f /dev/null")))
        pipe = Pipe(world, world.planned(world.home / "job.toml"), stages, output=subprocess.PIPE)
        for line in pipe.children[-1].stdout:
            record = json.loads(line)
            if record["type"] == "output":
                break
        assert record["text"] == "begun", record
        pipe.kill(1, signal.SIGTERM)
        rest = [json.loads(line) for line in pipe.children[-1].stdout]
        assert pipe.wait()[1] == 143
        assert ending(rest, "one")["ending"] == "cancelled"


def secrets_are_masked_however_they_are_written():
    with World() as world:
        secret = 'tOp/s3cret+"value" é'
        program = ("import os,base64,json,urllib.parse,sys\ns=os.environ['KEY']\nb=s.encode()\n"
                   "print('plain',s);print('url',urllib.parse.quote(s,safe=''));print('json',json.dumps(s))\n"
                   "for n in range(3):\n print('b64',base64.b64encode(b'x'*n+b+b'tail').decode());print('url64',base64.urlsafe_b64encode(b'x'*n+b).decode())\n"
                   "for c in s:\n sys.stdout.write(c);sys.stdout.flush()\nprint()\nprint(s,file=sys.stderr)")
        world.repository(files={"p.py": program})
        records = run(world, job(session("one"), "[agent]\ncommand = ['python3', 'p.py']\n", "[credentials.env]\nKEY = 'HOST_KEY'\n"),
                      environment={"HOST_KEY": secret})
        everything = json.dumps(records, ensure_ascii=False)
        found = text(records, "one")
        for form in (secret, urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1]):
            assert form not in found and form not in everything, (form, found)
        assert found.count("***") >= 10 and "s3cret" not in found, found
        for n in range(3):
            middle = base64.b64encode(b"x" * n + secret.encode() + b"tail").decode()[4:-8]
            assert middle not in found, found
        assert text(records, "one", "stderr") == "***\n"


def the_gate_has_no_credentials():
    with World() as world:
        records = run(world, job(session("one", "test -z \"$KEY\""), "test -n \"$KEY\" && echo x > y", "[credentials.env]\nKEY = 'HOST_KEY'\n"),
                      environment={"HOST_KEY": "0123456789abcdef"})
        assert ending(records, "one")["ending"] == "succeeded"


def a_credential_in_a_file_is_its_sessions_alone():
    """Masked as ever; in no environment; another session, a gate and what is written down have nothing of it."""
    with World() as world:
        secret = "s3cret-of-the-host"
        agent = ("cat /run/secrets/* 2>&1; cat /proc/*/environ | tr '\\0' '\\n' | grep -q s3cret && echo ENVIRON; stat -c '%a %U' /run/secrets/key 2>/dev/null; "
                 "echo ${VARIABLE-unset}; echo x > y")
        gate = "test ! -e /run/secrets"
        records = run(world, job(session("one", gate, more="credentials = ['key']") + session("two", gate, more="credentials = []") + session("all", gate), agent,
                                 "[credentials.files]\nkey = 'HOST_KEY'\n[credentials.env]\nVARIABLE = 'HOST_VARIABLE'\n"),
                      environment={"HOST_KEY": secret, "HOST_VARIABLE": "another-secret"})
        for name in ("one", "two", "all"): assert ending(records, name)["ending"] == "succeeded", ending(records, name)
        assert text(records, "one") == "***400 smelt\nunset\n", text(records, "one")
        assert "No such file" in text(records, "two") and text(records, "two").endswith("unset\n"), text(records, "two")
        assert text(records, "all") == "***400 smelt\n***\n", text(records, "all")
        for path in [world.home / "out", *world.state.rglob("*")]:
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path


def an_unset_credential_stops_the_run():
    with World() as world:
        records = run(world, job(session("one"), "true", "[credentials.env]\nKEY = 'NOT_SET'\n"), status=[0, 78, 0])
        assert of(records, "failed")[0]["code"] == "no_credential" and not of(records, "session.started")
        assert of(records, "environment.released")


def what_the_job_lives_on_is_brought_in():
    with World() as world:
        world.repository(files={"README": "x\n"})
        (world.home / "tool").mkdir()
        (world.home / "tool" / "run").write_text("#!/bin/sh\necho tool\n")
        (world.home / "config").write_text("setting\n")
        (world.home / ".env").write_text("A=1\n")
        more = ("[workspace]\nsetup = 'echo ready > prepared'\nmounts = ['tool:/opt/tool']\ncopy = ['config:~/.config/it', '.env:.env']\n")
        agent = "sh /opt/tool/run; cat ~/.config/it prepared .env; touch /opt/tool/x 2>/dev/null || echo read-only; echo y > ~/.config/it && echo writable; echo work > work"
        records = run(world, job(session("one", "cat prepared work"), agent, more))
        assert text(records, "one") == "tool\nsetting\nready\nA=1\nread-only\nwritable\nready\nwork\n", text(records, "one")
        assert (world.home / "config").read_text() == "setting\n"
        commit = ending(records, "one")["commit"]
        names = world.sh("git", f"--git-dir={world.state}/results.git", "ls-tree", "--name-only", commit)
        assert ".env" not in names.split(), names


def a_first_signal_salvages_and_a_second_does_not_wait():
    for signals in (1, 2):
        with World() as world:
            world.repository()
            world.manifest(job(session("one") + session("two", more="depends_on = ['one']"),
                               "echo precious > file; trap 'echo asked' TERM; echo ready; while :; do sleep 0.1; done"))
            pipe = Pipe(world, world.planned(world.home / "job.toml"), [stages[0], ["smelt-exec", "--grace", "1h" if signals == 2 else "500ms"], stages[2]],
                        output=subprocess.PIPE)
            records = []
            for line in pipe.children[-1].stdout:
                records.append(json.loads(line))
                if records[-1].get("text") == "ready\n":
                    pipe.kill(1, signal.SIGINT)
                if signals == 2 and "asked" in records[-1].get("text", ""):
                    pipe.kill(1, signal.SIGINT)
            assert pipe.wait()[1] == 130
            assert [ending(records, n)["ending"] for n in ("one", "two")] == ["cancelled", "cancelled"]
            assert ending(records, "one")["committedForAgent"]
            assert of(records, "environment.released")[0]["rescued"]


def when_nobody_reads_the_work_is_salvaged():
    with World() as world:
        world.repository()
        world.manifest(job(session("one"), "echo precious > file; while echo line; do sleep 0.01; done"))
        pipe = Pipe(world, world.planned(world.home / "job.toml"), stages[:2], output=subprocess.PIPE)
        for line in pipe.children[-1].stdout:
            if b'"line' in line:
                break
        pipe.children[-1].stdout.close()
        assert pipe.wait()[1] == 141
        world.sh("smelt-provision", "gc")
        refs = world.sh("git", f"--git-dir={world.state}/results.git", "for-each-ref", "--format=%(refname)", "refs/smelt/rescued")
        assert refs.strip().endswith("/one"), refs


def a_stopped_reader_stops_no_clock():
    """The reader takes nothing: the agent prints for ever, and still its time ends it."""
    with World() as world:
        world.repository()
        world.manifest(job(session("one", timeout=2), "echo x > y; yes | head -c 100000000"))
        pipe = Pipe(world, world.planned(world.home / "job.toml"), stages[:2], output=subprocess.PIPE)
        reader = pipe.children[-1].stdout
        for _ in range(3):
            reader.readline()
        # The work is salvaged although nobody has taken the output yet.
        appears(next(world.state.glob("environments/smelt-*")), "one.bundle")
        peak = int(next(l for l in open(f"/proc/{pipe.children[1].pid}/status") if l.startswith("VmHWM")).split()[1])
        assert peak < 40_000, f"{peak} KiB"
        records = [json.loads(line) for line in reader]
        assert pipe.wait()[1] == 0
        assert ending(records, "one")["ending"] == "timed_out", ending(records, "one")


def who_cannot_print_is_not_silent():
    """The reader takes nothing for longer than a session may be silent: that is no fault of the session's."""
    with World() as world:
        world.repository()
        world.manifest(job(session("one", timeout=3), "echo x > y; yes | head -c 100000000", "[limits]\nidle = '500ms'\n"))
        pipe = Pipe(world, world.planned(world.home / "job.toml"), stages[:2], output=subprocess.PIPE)
        reader = pipe.children[-1].stdout
        for _ in range(3):
            reader.readline()
        appears(next(world.state.glob("environments/smelt-*")), "one.bundle")
        records = [json.loads(line) for line in reader]
        assert pipe.wait()[1] == 0
        assert ending(records, "one")["ending"] == "timed_out", ending(records, "one")


def an_environment_that_is_removed_while_it_is_waited_for():
    """Who comes too late finds that it is gone, and makes nothing in its place."""
    with World() as world:
        world.repository()
        ready = provisioned(world, world.manifest(job(session("one", "true"))))
        directory = json.loads(ready.splitlines()[-1])["directory"]
        # As release does: the work lock, held until all is gone.
        holder = subprocess.Popen(["flock", "--exclusive", f"{directory}/work", "sh", "-c", f"echo held; read go; rm -rf {directory}"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdout.readline() == b"held\n"
        late = [subprocess.Popen(["smelt-exec", *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=world.environment, cwd=world.home)
                for more in ([], ["--start-commit"])]
        request = {"run": json.loads(ready.splitlines()[0])["run"], "job": "tested", "environment": directory, "session": "one", "dependencies": [], "order": [],
                   "commit": {"name": "n", "email": "e", "signoff": False, "trailers": []}}
        late[0].stdin.write(ready)
        late[1].stdin.write(json.dumps(request).encode())
        for child in late:
            child.stdin.close()
            waits_for_a_lock(child.pid)
        holder.communicate(b"go\n")
        said = [child.stdout.read() + child.stderr.read() for child in late]
        assert [child.wait() for child in late] == [66, 66], said
        assert not list(world.state.glob("environments/smelt-*")), said
        # Root's environments have users, and this one was not released by smelt.
        for link in pathlib.Path("/run/smelt/users").glob("*"):
            if os.readlink(link) == directory:
                link.unlink()


def waits_for_a_lock(pid):
    """Returns once the process stands in line for a lock of files."""
    while not any("->" in line and f" {pid} " in line for line in open("/proc/locks")):
        assert os.path.exists(f"/proc/{pid}/exe"), "it has ended"


def a_log_fed_again_runs_nothing_again():
    with World() as world:
        first = run(world, job(session("one", "echo x > y")))
        log = (world.home / "out").read_bytes()
        done = subprocess.run(["smelt-exec"], input=log, env=world.environment, cwd=world.home, capture_output=True)
        assert done.returncode == 0 and done.stdout == log, done.stderr.decode()


def a_kept_environment_fed_again_runs_only_what_has_not_run():
    with World() as world:
        world.repository()
        manifest = world.manifest(job(session("one", "echo x >> y")))
        ready = provisioned(world, manifest)
        once = subprocess.run(["smelt-exec"], input=ready, env=world.environment, cwd=world.home, capture_output=True).stdout
        again = subprocess.run(["smelt-exec"], input=ready, env=world.environment, cwd=world.home, capture_output=True).stdout
        assert b"session.started" in once and b"session.started" not in again
        commits = [json.loads(l)["commit"] for out in (once, again) for l in out.splitlines() if b"session.finished" in l]
        assert commits[0] == commits[1]


def setup_runs_at_the_top_and_the_gate_has_what_was_copied():
    with World() as world:
        world.repository(files={"below/file": "x\n"})
        (world.home / "tools").write_text("copied\n")
        (world.home / "login").write_text("secret\n")
        more = "[workspace]\nsetup = 'cp tools made; cat ~/.login; true'\ncopy = ['tools', 'login:~/.login']\n"
        gate = "pwd; cat ../made ../tools && ! test -e ~/.login"
        one = session("one", gate, more="working_directory = 'below'")
        records = run(world, job(one, "cat ../made ~/.login; echo x > new", more))
        assert of(records, "gate.finished")[0]["ok"], text(records, "one", "stderr")
        assert text(records, "one") == "secret\ncopied\nsecret\n/workspace/below\ncopied\ncopied\n", text(records, "one")


def cancelled_before_there_was_anything_to_cancel():
    """TERM is dealt with while the environment is still being prepared: no session starts, and the log says why."""
    with World() as world:
        world.repository()
        manifest = world.manifest(job(session("one", "echo x > y") + session("two", "true", more="depends_on = ['one']")))
        lines = provisioned(world, manifest).splitlines(keepends=True)
        child = subprocess.Popen(["smelt-exec"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 env=world.environment, cwd=world.home, bufsize=0)
        child.stdin.write(lines[0])
        assert child.stdout.readline() == lines[0]

        def sleeps():
            status = open(f"/proc/{child.pid}/status").read()
            return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0]) if "\nState:\tS" in status else -1

        while (before := sleeps()) < 0:
            pass
        child.send_signal(signal.SIGTERM)
        while sleeps() <= before:
            assert child.poll() is None
        rest, _ = child.communicate(b"".join(lines[1:]), timeout=60)
        records = [json.loads(line) for line in rest.splitlines()]
        assert child.returncode == 143
        assert [r["ending"] for r in of(records, "session.finished")] == ["cancelled", "skipped"], records
        assert (of(records, "failed")[0]["code"], of(records, "failed")[0]["status"]) == ("cancelled", 143)
        assert of(records, "sessions.finished") and not of(records, "session.started")


def files_in_a_repository_that_was_only_begun_are_kept():
    """git would pass over them without a word, since a repository without a commit cannot be named in another."""
    with World() as world:
        records = run(world, job(session("one"), "mkdir -p 'a b/c' && cd 'a b/c' && git init -q && echo precious > file && git add file"))
        commit = ending(records, "one")["commit"]
        assert world.sh("git", f"--git-dir={world.state}/results.git", "show", f"{commit}:a b/c/file") == "precious\n"


def an_agent_that_wrecks_its_repository_loses_nothing_but_that():
    """The files are committed as they lie there, on what the session started from: also the merge of others' work."""
    with World() as world:
        path = world.repository(files={".gitignore": "*.log\n"})
        (path / "kept.log").write_text("tracked all the same\n")
        world.sh("git", "add", "-f", "kept.log", cwd=path)
        world.sh("git", "commit", "-qm", "log", cwd=path)
        wreck = "echo x > $SMELT_SESSION; rm -rf .git"
        records = run(world, job(session("one") + session("two", more="depends_on = ['one']"), wreck))
        results = world.state / "results.git"
        for name, files in (("one", [".gitignore", "kept.log", "one"]), ("two", [".gitignore", "kept.log", "one", "two"])):
            done = ending(records, name)
            assert done["ending"] == "succeeded" and done["committedForAgent"], done
            if name == "one":
                saved = f"refs/smelt/runs/{records[0]['run']}/one"
            else:
                saved = of(records, "environment.released")[0]["rescued"][0]
            # What is salvaged a second time is another commit, by its time: the files are what counts.
            names = world.sh("git", f"--git-dir={results}", "ls-tree", "--name-only", saved).split()
            assert names == files, (name, names)


check([f for f in list(globals().values()) if callable(f) and getattr(f, "__module__", "") == "__main__"
       and f.__name__ not in ("session", "job", "run", "provisioned", "of", "text", "ending", "waits_for_a_lock")
       and (not sys.argv[1:] or f.__name__ in sys.argv[1:])])
