#!/usr/bin/env python3
"""Services beside the sessions: which do not start, and what is left of them."""
import json, os, signal, subprocess
from datetime import datetime
from pipeline import Pipe, check, stages
from services import Services, chosen, of, printed, session, web


def a_service_that_fails_is_told_with_its_last_lines():
    with Services() as world:
        broken = "[[services]]\nname = 'broken'\nimage = 'IMAGE'\n" \
                 "command = ['sh', '-c', 'echo first; echo cannot open the database >&2; exit 3']\n" \
                 "[services.healthcheck]\ntest = ['CMD', 'true']\ninterval = '1s'\n"
        waits = "[[services]]\nname = 'slow'\nimage = 'IMAGE'\ncommand = ['sleep', '1000']\n" \
                "[services.healthcheck]\ntest = ['CMD', 'false']\ninterval = '60s'\nretries = 100\n"
        records, said = world.stages(world.job(session("one", "true"), broken + waits), status=69)
        failed = of(records, "failed")[0]
        assert failed["code"] == "service", failed
        assert failed["message"].startswith("could not start the service 'broken': it ended with status 3"), failed
        assert "cannot open the database" in failed["message"], failed


def a_service_whose_check_says_no_is_told_with_what_it_says():
    with Services() as world:
        sick = "[[services]]\nname = 'sick'\nimage = 'IMAGE'\ncommand = ['sh', '-c', 'echo I am up; sleep 1000']\n" \
               "[services.healthcheck]\ntest = ['CMD-SHELL', 'echo no answer from 5432; exit 1']\ninterval = '1s'\nretries = 2\n"
        # One that waits for it is compose's to start, so that compose says no first.
        for other in ("", "[[services]]\nname = 'other'\nimage = 'IMAGE'\ncommand = ['sleep', '1000']\n"
                          "depends_on = { sick = { condition = 'service_healthy' } }\n"):
            records, said = world.stages(world.job(session("one", "true"), sick + other), status=69)
            message = of(records, "failed")[0]["message"]
            assert message == "could not start the service 'sick': it is unhealthy, its check says 'no answer from 5432', " \
                              "and printed last 'I am up'", message


def services_have_so_long_to_be_ready_and_no_longer():
    with Services() as world:
        slow = "[[services]]\nname = 'slow'\nimage = 'IMAGE'\ncommand = ['sleep', '1000']\n" \
               "[services.healthcheck]\ntest = ['CMD', 'false']\ninterval = '60s'\nretries = 100\n"
        records, said = world.stages(world.job(session("one", "true"), slow, environment="start_timeout = '5s'\n"), status=69)
        message = of(records, "failed")[0]["message"]
        assert message == "could not start 'slow': not ready after 5s", message


def compose_says_itself_what_is_wrong():
    with Services() as world:
        records, said = world.stages(world.job(
            session("one", "true"), "[[services]]\nname = 'a'\nimage = 'IMAGE'\nno_such_key = 1\n"), status=69)
        failed = of(records, "failed")[0]
        assert failed["code"] == "compose" and "no_such_key" in failed["message"], failed
        records, said = world.stages(world.job(
            session("one", "true"), "[[services]]\nname = 'a'\nimage = 'smelt-no-such-image'\n"), status=69)
        assert "smelt-no-such-image" in of(records, "failed")[0]["message"], records[-1]


def two_runs_of_one_job_at_a_time():
    with Services() as world:
        manifest = world.job(session("one", "wget -q -O - http://web:8000/ && echo run $SMELT_RUN"), web)
        out = [open(world.home / f"out{n}", "wb") for n in (1, 2)]
        pipes = [Pipe(world, world.planned(manifest), stages[:4], output=file, errors=world.home / "errors") for file in out]
        statuses = [pipe.wait(timeout=300) for pipe in pipes]
        assert statuses == [[0, 0, 0, 0]] * 2, (statuses, (world.home / "errors").read_text())
        runs = set()
        for n in (1, 2):
            records = [json.loads(line) for line in (world.home / f"out{n}").read_bytes().splitlines()]
            assert printed(records, "one") == f"from the web\nrun {records[0]['run']}\n", printed(records, "one")
            runs.add(records[0]["run"])
        assert len(runs) == 2


def gc_removes_what_was_killed_and_nothing_else():
    with Services() as world, Services() as other:
        foreign = f"smelt-foreign-{os.getpid()}"
        world.sh("docker", "network", "create", "--label", "smelt.owner=somebody", "--label", "smelt.run=x",
                 "--label", f"com.docker.compose.project={foreign}", foreign)
        try:
            held = other.job(session("one", "true"), web)
            kept, _ = other.stages(held, [*stages[:3], ["smelt-provision", "release", "--keep"]])
            beside = other.made()
            stored = web.replace("[services.healthcheck]", "volumes = ['data:/d']\n[services.healthcheck]")
            manifest = world.job(session("one", "echo begun; sleep 1000"), stored)
            reading, writing = os.pipe()
            with os.fdopen(writing, "wb") as file:
                pipe = Pipe(world, world.planned(manifest), stages[:2], output=file)
            for line in os.fdopen(reading, "rb"):
                if b"begun" in line and b'"output"' in line: break
            pipe.kill(None)
            pipe.wait()
            world.settle()
            assert [n for n in world.made() if n.endswith(("_web_1", "-web-1"))], world.made()
            # Even where its directory is gone.
            world.sh("rm", "-rf", *map(str, (world.state / "environments").glob("smelt-*")))
            world.sh("smelt-provision", "gc")
            assert world.made() == [], world.made()
            assert other.made() == beside, (other.made(), beside)
            assert foreign in world.docker("network", "ls", "--format", "{{.Name}}")
            other.sh("smelt-provision", "gc", "--older-than", "0s")
        finally:
            world.sh("docker", "network", "rm", foreign)


def who_looks_at_a_run_is_no_hindrance():
    """A container of somebody's on the run's network lives on without it."""
    with Services() as world:
        looks = None
        pipe = Pipe(world, world.planned(world.job(session("one", "echo begun; sleep 1000"))), [*stages[:3], ["smelt-provision", "release"]],
                    output=subprocess.PIPE, errors=world.home / "errors")
        records = []
        try:
            for line in pipe.children[-1].stdout:
                records.append(json.loads(line))
                if records[-1]["type"] != "output": continue
                network = f"smelt-{records[0]['run']}"
                looks = world.sh("docker", "run", "--detach", "--network", network, os.environ["SMELT_TEST_IMAGE"], "sleep", "1000").strip()
                pipe.kill(1, signal.SIGTERM)
            pipe.wait()
            assert of(records, "environment.released"), (records[-1], (world.home / "errors").read_text())
            assert network not in world.docker("network", "ls", "--format", "{{.Name}}")
            assert world.docker("inspect", "--format", "{{.State.Running}}", looks) == ["true"]
        finally:
            if looks: world.sh("docker", "rm", "--force", looks)


def killed_while_services_start():
    with Services() as world:
        slow = "[[services]]\nname = 'slow'\nimage = 'IMAGE'\ncommand = ['sleep', '1000']\nvolumes = ['data:/d']\n" \
               "[services.healthcheck]\ntest = ['CMD', 'false']\ninterval = '60s'\nretries = 100\n"
        for how, statuses in ((signal.SIGKILL, [-9]), (signal.SIGTERM, [143])):
            planned = world.planned(world.job(session("one", "true"), slow))
            run = json.loads(planned.splitlines()[0])["run"]
            events = subprocess.Popen(["docker", "events", "--since", "1m", "--filter", "event=start", "--filter", f"label=com.docker.compose.project=smelt-{run}",
                                       "--format", "{{.Status}}"], stdout=subprocess.PIPE, env=world.environment)
            pipe = Pipe(world, planned, stages[:1])
            assert events.stdout.readline() == b"start\n"
            pipe.kill(None, how)
            assert pipe.wait() == statuses, statuses
            events.kill(), events.wait()
            world.settle()
            if how == signal.SIGKILL:
                assert world.made() != []
                world.sh("smelt-provision", "gc")
            assert world.made() == [], world.made()


def release_kills():
    """A service that ignores the stop signal costs no ten seconds."""
    with Services() as world:
        deaf = "[[services]]\nname = 'deaf'\nimage = 'IMAGE'\ncommand = ['sh', '-c', \"trap '' TERM; while :; do sleep 1; done\"]\n"
        before = world.sh("date", "+%s.%N").strip()
        records, said = world.stages(world.job(session("one", "true"), web + deaf))
        project = of(records, "environment.ready")[0]["id"]
        now = world.sh("date", "+%s.%N").strip()
        killed = world.sh("docker", "events", "--since", before, "--until", now, "--filter", "event=kill", "--filter",
                          f"label=com.docker.compose.project={project}", "--format", "{{.Actor.Attributes.signal}}").split()
        assert killed == ["9", "9"], killed
        times = [datetime.fromisoformat(of(records, kind)[0]["time"].replace("Z", "+00:00"))
                 for kind in ("result.collected", "environment.released")]
        print(f"release took {(times[1] - times[0]).total_seconds():.2f} s")


check(chosen([
    a_service_that_fails_is_told_with_its_last_lines,
    a_service_whose_check_says_no_is_told_with_what_it_says,
    services_have_so_long_to_be_ready_and_no_longer,
    compose_says_itself_what_is_wrong,
    two_runs_of_one_job_at_a_time,
    gc_removes_what_was_killed_and_nothing_else,
    who_looks_at_a_run_is_no_hindrance,
    killed_while_services_start,
    release_kills,
]))
