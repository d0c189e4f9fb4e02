#!/usr/bin/env python3
"""The network of sessions: what a manifest allows, for whom, and what the records say of it."""
import json, os, sys
from pipeline import World, check, top

if "NAMES" not in os.environ:
    servers = str(top / "Tests/Network/servers.py")
    os.execvp("python3", ["python3", servers, "--", *sys.argv])
names, web, tls, echo = (int(os.environ[name]) for name in ("NAMES", "WEB", "TLS", "ECHO"))
secret = "hunter2-" + "0123456789abcdef"

network = f"""[network]
allow = ["web.example:{web} private", "GET other.example:{web}/only/this private"]
resolvers = ["127.0.0.1:{names}"]
"""
broker = f"""[[network.broker]]
name = "api"
upstream = "https://127.0.0.1:{tls}/api"
secret_env = "API_KEY"
variables = ["API_URL"]
paths = ["GET /fields", "POST /v1"]
ca_file = "{os.environ['CA']}"
"""


def job(agent, harness, more=network, setup=""):
    return ("[job]\nname = 'networked'\nrepo = 'project'\nbase_ref = 'main'\n[environment]\nruntime = 'sandbox'\n"
            f"[agent]\ncommand = ['sh', '-c', '''{agent}''']\n{more}\n{setup}"
            f"[[session]]\nname = 'one'\nspec = 's'\nharness = '''{harness}'''\ntimeout = 60\n"
            "[merge]\ntarget = 'result'\n[forge]\nprovider = 'local'\nrepo = 'forge.git'\n")


def run(world, text, check=0, **variables):
    world.environment.update(variables)
    world.repository()
    world.forge()
    return world.run(world.manifest(text), check=check)[1]


def of(records, kind): return [r for r in records if r["type"] == kind]


def what_is_allowed_is_reached_and_told():
    with World() as world:
        agent = (f"curl -sf http://web.example:{web}/a >got; curl -sf http://other.example:{web}/only/this/x >>got; curl -s -d x http://other.example:{web}/only/this; "
                 f"for i in 1 2 3; do curl -s --noproxy evil.test http://evil.test/; done; cat got")
        records = run(world, job(agent, f"curl -sf http://web.example:{web}/gate && grep -q /a got"))
        shown = {(r["host"], r["port"], r["allowed"]) for r in of(records, "egress")}
        assert shown == {("web.example", web, True), ("other.example", web, True), ("other.example", web, False), ("evil.test", 53, False)}, shown
        denied = {r["what"]: r["count"] for r in of(records, "denied")}
        assert denied == {f"connect other.example:{web}": 1, "resolve evil.test": 3}, denied
        log = open(os.environ["SEEN"]).read()
        assert f"GET web.example:{web} /gate" in log, log
        request = world.sh("git", "-C", str(world.home / "forge.git"), "log", "--all", "-p", "--format=%B")
        assert f"other.example:{web}" in request and "evil.test" in request, request


def a_secret_is_the_agents_and_in_no_record():
    with World() as world:
        agent = 'curl -sf $API_URL/fields | grep Auth >got; curl -s $API_URL/other; curl -sf -d x $API_URL/v1; env >>got'
        harness = 'test -z "$API_URL" && ! grep -q hunter2 got && grep -q "API_URL=http://127.0.0.1:3129" got'
        records = run(world, job(agent, harness, network + broker, "[workspace]\nsetup = 'test -z \"$API_URL\"'\n"), API_KEY=secret)
        assert secret not in json.dumps(records), "the secret is in a record"
        assert any(not r["allowed"] and r["reason"].startswith("broker api:") for r in of(records, "egress")), of(records, "egress")
        assert f"key Bearer {secret}" in open(os.environ["SEEN"]).read(), "it was not used"


def a_secret_that_is_not_there_stops_the_run_before_it_begins():
    with World() as world:
        world.environment.pop("API_KEY", None)
        records = run(world, job("touch ran", "true", network + broker), check=78)
        assert not of(records, "session.started") and of(records, "failed")[0]["code"] == "no_credential", records


def nothing_is_left():
    with World() as world:
        run(world, job(f"curl -sf http://web.example:{web}/a", f"curl -sf http://web.example:{web}/b", network + broker), API_KEY=secret)
        assert not world.processes(), world.processes()
        left = [pid for pid in filter(str.isdigit, os.listdir("/proc")) if comm(pid) == "smelt-egress" and parent(pid) == 1]
        assert not left, left


def comm(pid):
    try: return open(f"/proc/{pid}/comm").read().strip()
    except OSError: return ""


def parent(pid):
    try: return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
    except OSError: return 0


check([what_is_allowed_is_reached_and_told, a_secret_is_the_agents_and_in_no_record,
       a_secret_that_is_not_there_stops_the_run_before_it_begins, nothing_is_left])
