#!/usr/bin/env python3
"""What [sandbox] of a manifest says holds for the setup, the agent and the harness of a session, and for nothing of smelt's."""
import json, subprocess, sys
from pipeline import World, check

probe = "grep -E '^Seccomp:' /proc/self/status; mkdir made; echo status $?"


def job(sandbox, agent=probe, harness=f"({probe}) 2>&1; true", setup=""):
    return (f"[job]\nname = 'walls'\nrepo = 'project'\nbase_ref = 'main'\n[environment]\nruntime = 'sandbox'\n{sandbox}\n"
            f"[agent]\ncommand = ['sh', '-c', '''{agent}; echo work > file''']\n[workspace]\nsetup = '''{setup or 'true'}'''\n"
            f"[[session]]\nname = 'one'\nspec = 's'\nharness = '''{harness}'''\ntimeout = 60\n[merge]\ntarget = 'result'\n")


def run(world, text, check=0):
    world.repository()
    status, records, errors = world.run(world.manifest(text))
    assert status == check, f"{status}, wanted {check}\n{errors}\n{records[-5:]}"
    return records


def said(records):
    return "".join(r["text"] for r in records if r["type"] == "output")


def finished(records):
    return next(r for r in records if r["type"] == "session.finished")


def a_session_is_refused_a_call():
    with World() as world:
        policy = "[sandbox.seccomp]\nerrno = 'EDQUOT'\ndeny = ['mkdir', 'mkdirat']\n"
        records = run(world, job(policy, setup=f"({probe}) 2>&1; true"))
        # Setup, agent, setup for the harness, harness.
        assert said(records).count("status 1") == 4 and said(records).count("Disk quota exceeded") == 4, said(records)
        assert any(r["type"] == "denied" and "mkdir" in r["what"] and r["mechanism"] == "seccomp" for r in records), records
        # Git made directories for the commit all the same.
        assert finished(records)["ending"] == "succeeded" and finished(records)["committedForAgent"], finished(records)


def without_it_the_call_is_made():
    with World() as world:
        records = run(world, job("", agent="mkdir made && echo made it"))
        assert "made it" in said(records), said(records)
        assert "sandbox" not in records[0]["job"]


def a_profile_is_chosen_by_name():
    for profile, filtered, niced in (("strict", 2, False), ("none", 0, True), ("default", 2, True)):
        with World() as world:
            records = run(world, job(f"[sandbox]\nseccomp = '{profile}'\n", agent=f"{probe}; nice true 2>&1 | grep -q niceness || echo niced", harness="true"))
            assert f"Seccomp:\t{filtered}" in said(records), (profile, said(records))
            assert ("niced" in said(records)) == niced, (profile, said(records))
            assert records[0]["job"]["sandbox"] == {"seccomp": profile}


def a_policy_of_a_file_is_in_the_log_whole():
    """What is done later to the file, or when it is gone, changes nothing: the log alone says what was in force."""
    with World() as world:
        (world.home / "calls.toml").write_text("base = 'strict'\ndeny = ['mkdir', { call = 'mkdirat', errno = 'ENOSYS' }]\n")
        world.repository()
        manifest = world.manifest(job("[sandbox]\nseccomp = './calls.toml'\nlandlock = 'available'\n"))
        planned = world.planned(manifest)
        sandbox = json.loads(planned)["job"]["sandbox"]
        assert sandbox == {"landlock": "available", "seccomp": {
            "base": "strict", "errno": 1, "allow": [],
            "deny": [{"call": "mkdir", "when": []}, {"call": "mkdirat", "when": [], "errno": 38}]}}, sandbox
        (world.home / "calls.toml").unlink()
        done = subprocess.run("smelt-provision | smelt-exec | smelt-provision release", shell=True, input=planned, env=world.environment,
                              cwd=world.home, capture_output=True)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        assert "status 1" in said(records) and finished(records)["ending"] == "succeeded", (done.stderr, records)


def what_no_planner_wrote_fails_the_run():
    for wrong in ({"seccomp": "sometimes"}, {"seccomp": {"deny": [{"call": "mkdri", "when": []}]}}, {"landlock": "on"}, {"seccomp": 3}):
        with World() as world:
            world.repository()
            record = json.loads(world.planned(world.manifest(job(""))))
            record["job"]["sandbox"] = wrong
            done = subprocess.run("smelt-provision | smelt-exec | smelt-provision release", shell=True, input=json.dumps(record).encode() + b"\n",
                                  env=world.environment, cwd=world.home, capture_output=True)
            records = [json.loads(line) for line in done.stdout.splitlines()]
            assert "work" not in said(records) and "Seccomp" not in said(records), (wrong, records)
            assert any(r["type"] == "failed" and r["status"] in (65, 70) for r in records), (wrong, records, done.stderr)


check([f for f in (a_session_is_refused_a_call, without_it_the_call_is_made, a_profile_is_chosen_by_name,
                   a_policy_of_a_file_is_in_the_log_whole, what_no_planner_wrote_fails_the_run)
       if not sys.argv[1:] or f.__name__ in sys.argv[1:]])
