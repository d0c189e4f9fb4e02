#!/usr/bin/env python3
"""Services beside the sessions: what they get, and who reaches whom."""
import json, os, pathlib, socket, threading
from pipeline import check, stages
from services import Services, chosen, of, printed, session, web


def services_are_reached_by_name_from_sessions_and_gates():
    with Services() as world:
        db = "[[services]]\nname = 'db'\nimage = 'IMAGE'\n" \
             "command = ['sh', '-c', 'while :; do echo from the db | nc -l -p 5432; done']\n"
        status, records, said = world.run(world.job(
            session("one", "wget -q -O - http://web:8000/ && nc db 5432 </dev/null"), web + db,
            agent="[agent]\ncommand = ['sh', '-c', 'wget -q -O - http://web:8000/; nc db 5432 </dev/null; echo x > x']\n"))
        assert status == 0, (status, said, records[-4:])
        assert printed(records, "one").count("from the web\n") == 2, printed(records, "one")
        assert printed(records, "one").count("from the db\n") == 2, printed(records, "one")
        assert of(records, "environment.ready")[0]["runtime"] == "compose"
        ready = of(records, "environment.ready")[0]
        assert len(ready["imageDigest"]) == 71
        # All of the one image that there is.
        assert ready["serviceDigests"] == {"web": ready["imageDigest"], "db": ready["imageDigest"]}, ready


values = {
    "QUOTES": "it's \"quoted\" \\ and \\n", "LINES": "one\ntwo\r\nthree\n", "DOLLARS": "$HOME ${HOME:-x} $$ $",
    "NUMBER": "007", "LIKE": "1e3", "YES": "yes", "NULL": "~", "DATE": "2001-01-01", "COLON": "a: b #c", "SPACE": " x ",
    "ODD": "\u0085\u2028\u2029\ufeff\u007f \U0001f600 \u00e4", "STAR": "*a &b !c", "TAB": "a\tb",
}


def toml(text):
    """A TOML string; JSON's escapes are TOML's, but for pairs of surrogates."""
    return "".join(f"\\U{ord(c):08x}" if ord(c) > 0xffff or ord(c) == 0x7f else json.dumps(c)[1:-1] for c in text).join('""')


def what_a_service_says_arrives_as_it_is():
    with Services() as world:
        wanted = dict(values, INT="5", FLOAT="1.0", HALF="0.5", BIG="9223372036854775807")
        service = "[[services]]\nname = 'echo'\nimage = 'IMAGE'\nstop_grace_period = '1s'\nread_only = true\n" \
                  "command = ['sh', '-c', 'sleep 1000', '$0', 'it''s'] # two texts\n".replace("'it''s'", '"it\'s"') + \
                  "labels = ['a=$x']\nvolumes = ['data:/data', { type = 'tmpfs', target = '/mem' }]\n" \
                  "[services.environment]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in values.items()) + \
                  "INT = 5\nFLOAT = 1.0\nHALF = 0.5\nBIG = 9223372036854775807\n"
        records, said = world.stages(world.job(session("one", "true"), service),
                                     commands=[["smelt-provision"], ["smelt-exec"], ["smelt-collect"], ["smelt-provision", "release", "--keep"]])
        environment = of(records, "environment.ready")[0]
        project = environment["id"]
        mine = ["--filter", f"label=com.docker.compose.project={project}"]
        container = json.loads(world.sh("docker", "inspect", *world.docker("ps", "-q", *mine)))[0]
        got = dict(entry.split("=", 1) for entry in container["Config"]["Env"])
        for name, value in wanted.items():
            assert got.get(name) == value, (name, got.get(name), value)
        assert container["Config"]["Cmd"] == ["sh", "-c", "sleep 1000", "$0", "it's"], container["Config"]["Cmd"]
        assert container["HostConfig"]["ReadonlyRootfs"] is True
        labels = container["Config"]["Labels"]
        assert labels["a"] == "$x" and labels["smelt.job"] == "with-services" and f"smelt-{labels['smelt.run']}" == project, labels
        lease = f"{os.uname().nodename}:{environment['directory']}/lease"
        for network in world.docker("network", "ls", "-q", *mine):
            assert json.loads(world.sh("docker", "network", "inspect", network))[0]["Labels"]["smelt.lease"] == lease, network
        assert labels["smelt.lease"] == lease, labels
        # The file itself, as both readers see it.
        file = pathlib.Path(environment["directory"]) / "compose.json"
        assert file.stat().st_mode & 0o077 == 0
        try:
            import yaml
            assert yaml.safe_load(file.read_bytes()) == json.loads(file.read_bytes())
        except ImportError:
            assert "SMELT_MUST" not in os.environ, "python3 has no yaml"
        volumes = world.docker("volume", "ls", "-q", *mine)
        assert volumes == [f"{project}_data"], volumes
        assert set(volumes) <= set(world.docker("volume", "ls", "-q", *world.own())), "the volume has no owner"
        # What stays tells how to get in, onto the same network.
        assert f"--network {project}" in said, said
        world.sh("smelt-provision", "gc", "--older-than", "0s")


def files_of_composes_own_are_merged():
    with Services() as world:
        world.manifest(
            "services:\n  web:\n    image: IMAGE\n    command: sleep 1000\n    environment:\n      A: from base\n      B: from base\n"
            "      SECRET: ${HOST_KEY}\n    volumes: [cache:/cache]\nvolumes:\n  cache: {}\nnetworks:\n  back: {}\n", "base.yaml")
        (world.home / "more.yaml").write_text(
            "services:\n  web:\n    environment:\n      A: ${FROM_HERE}\n    command: ['sh', '-c', 'echo more > /tmp/index.html; exec httpd -f -p 8000 -h /tmp']\n")
        manifest = world.job(session("one", "wget -q -O - http://web:8000/index.html"), "[[services]]\nname = 'web'\nimage = 'IMAGE'\n"
                             "environment = { C = 'manifest' }\n", environment="compose_file = ['base.yaml', 'more.yaml']\n",
                             more="[credentials]\nenv = { KEY = 'HOST_KEY' }\n")
        records, said = world.stages(manifest, [*stages[:3], ["smelt-provision", "release", "--keep"]],
                                     HOST_KEY="a-secret-of-the-host", FROM_HERE="from here")
        project = of(records, "environment.ready")[0]["id"]
        mine = ["--filter", f"label=com.docker.compose.project={project}"]
        shown = world.sh("docker", "inspect", *world.docker("ps", "-aq", *mine))
        for entry in ("A=from here", "B=from base", "C=manifest", "SECRET="):
            assert json.dumps(entry) in shown, (entry, shown)
        assert "a-secret-of-the-host" not in shown
        assert set(world.docker("ps", "-aq", *mine)) <= set(world.docker("ps", "-aq", *world.own())), "a service has no owner"
        assert world.docker("volume", "ls", "-q", *mine) == [f"{project}_cache"]
        assert printed(records, "one") == "more\n", (printed(records, "one"), said)
        world.sh("smelt-provision", "gc", "--older-than", "0s")
        assert world.docker("volume", "ls", "-q", *mine) == []


def credentials_are_nowhere_to_be_seen():
    with Services() as world:
        secret = "compose-secret-4711"
        manifest = world.job(session("one", "true"), web, more="[credentials]\nenv = { KEY = 'HOST_KEY' }\nfiles = { token = 'HOST_KEY' }\n",
                             agent="[agent]\ncommand = ['sh', '-c', 'test \"$KEY\" = compose-secret-4711 && cat /run/secrets/token']\n")
        records, said = world.stages(manifest, [*stages[:3], ["smelt-provision", "release", "--keep"]], HOST_KEY=secret)
        assert of(records, "session.finished")[0]["ending"] == "succeeded", (records, said)
        ready = of(records, "environment.ready")[0]
        shown = world.sh("docker", "inspect", *world.made())
        assert secret not in shown and "smelt" in shown
        for path in pathlib.Path(ready["directory"]).rglob("*"):
            if path.is_file(): assert secret.encode() not in path.read_bytes(), path
        world.sh("smelt-provision", "gc", "--older-than", "0s")


def nothing_else_is_reached():
    """Neither the host, nor what is beyond it, nor the servers that the host asks for names."""
    with Services() as world:
        heard = []
        def server(kind, address):
            listening = socket.socket(socket.AF_INET, kind)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            if kind == socket.SOCK_STREAM: listening.listen()
            listening.settimeout(300)
            def wait():
                try: heard.append((address, listening.accept() if kind == socket.SOCK_STREAM else listening.recvfrom(512)))
                except OSError: pass
            threading.Thread(target=wait, daemon=True).start()
            return listening
        web_on_host = server(socket.SOCK_STREAM, ("0.0.0.0", 0))
        names = None
        try: names = server(socket.SOCK_DGRAM, ("127.0.0.1", 53))
        except OSError: pass
        port = web_on_host.getsockname()[1]
        script = f"""gateway=$(ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p')
            for a in $gateway $(ip -o -4 addr show dev eth0 | sed 's/.*inet \\([0-9.]*\\)\\..*/\\1.1/'); do
                wget -T 3 -q -O - http://$a:{port}/ && echo GOT $a; done
            wget -T 3 -q -O - http://secret-words.example.org/ && echo GOT the world
            nslookup secret-words.example.org; cat /proc/net/if_inet6; echo tried; wget -q -O - http://web:8000/"""
        records, said = world.stages(world.job(session("one", script), web))
        output = printed(records, "one")
        assert "tried\n" in output and "GOT" not in output, output
        assert output.endswith("from the web\n"), output
        assert heard == [], heard
        # No address of the other kind, by which the host's own would be had.
        assert "eth0" not in output, output
        for one in (web_on_host, names):
            if one: one.close()


check(chosen([
    services_are_reached_by_name_from_sessions_and_gates,
    what_a_service_says_arrives_as_it_is,
    files_of_composes_own_are_merged,
    credentials_are_nowhere_to_be_seen,
    nothing_else_is_reached,
]))
