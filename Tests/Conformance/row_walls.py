"""Rows about walls: what those inside are, see and reach."""
import http.server, json, pathlib, socket, subprocess, threading
from runtime import Pipe, end, of, printed, stages

secret = "row-secret-" + "5f3a9c" * 4


def nobody_special(place):
    """Another user than root, without capabilities, that gets none, under a filter, on a root that is read-only."""
    agent = ("id -u; grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'; "
             "touch /usr/x 2>/dev/null && echo writable; touch /tmp/x && echo tmp; unshare -U true 2>/dev/null && echo namespaces; "
             "mount -t tmpfs none /tmp 2>/dev/null && echo mounted; true")
    lines = printed(place.records(place.job([("one", "true")], agent)), "one").decode().split()
    assert lines[0] != "0", lines
    zero = "0000000000000000"
    assert lines[1:] == [f"CapInh:{zero}", f"CapPrm:{zero}", f"CapEff:{zero}", f"CapBnd:{zero}", f"CapAmb:{zero}", "NoNewPrivs:1", "Seccomp:2", "tmp"], lines


def no_network_unless_opened(place):
    """Only loopback is there and what leads nowhere; nobody comes to this host's port, although a session may well when that is allowed."""
    place.isAboutNetwork = True
    with Server() as server:
        agent = f"git ls-remote http://{server.address}/off; git ls-remote http://{server.address.replace(own_address(), '127.0.0.1')}/off; grep -c : /proc/net/dev; true"
        records = place.records(place.job([("one", "true")], agent))
        assert server.asked == [], server.asked
        # With compose there is the network of the services, too, which leads nowhere.
        interfaces = b"2" if place.runtime.name == "compose" else b"1"
        assert printed(records, "one").split()[-1:] == [interfaces], printed(records, "one")


def a_network_that_is_allowed(place):
    """The one host and port that the manifest names, and no other; each decision is told."""
    place.isAboutNetwork = True
    with Server() as server, Server() as other:
        agent = f"git ls-remote http://{server.address}/on; git ls-remote http://{other.address}/off; true"
        records = place.loosely(place.job([("one", "true")], agent, f"[network]\nallow = ['{server.address} private']\n"))
        assert any("/on" in path for path in server.asked) and other.asked == [], (server.asked, other.asked)
        told = {(r["port"], r["allowed"]) for r in of(records, "egress")}
        assert told == {(server.port, True), (other.port, False)}, told


class Server:
    """An HTTP server on this host that says no to everything and keeps what it was asked for."""

    def __init__(self):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_error(404)

            def log_message(self, *_): pass

        self.server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.port = self.server.server_address[1]
        self.address = f"{own_address()}:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def sessions_see_nothing_of_each_other(place):
    """No files, no processes; what one leaves running ends with it."""
    agent = ("if [ $SMELT_SESSION = one ]; then echo mine > /tmp/mine; echo mine > ~/mine; (setsid tail -f /dev/null &); "
             "else ls /tmp ~; cat /proc/[0-9]*/comm | grep -c tail; fi; true")
    records = place.records(place.job([("one", "true"), ("two", "true", "depends_on = ['one']")], agent))
    out = printed(records, "two").decode().split()
    assert "mine" not in out and out[-1] == "0", out


def a_secret_is_where_it_is_needed_and_nowhere_else(place):
    """In the variable and the file that were asked for, masked in what is printed; not in records, words of commands, what engines tell, or on disks."""
    place.environment["ROW_SECRET"] = secret
    more = "[credentials.env]\nTOKEN = 'ROW_SECRET'\n[credentials.files]\ntoken = 'ROW_SECRET'\n"
    agent = ("test \"$TOKEN\" = \"$(cat /run/secrets/token)\" && printf %s \"$TOKEN\" | wc -c; echo $TOKEN; ls -l /run/secrets/token | cut -c 1-10; "
             "printf begun >&2; tail -f /dev/null")
    manifest = place.job([("one", "true")], agent, more)
    pipe = Pipe(place, place.planned(manifest), stages[:2] + [stages[3]], output=subprocess.PIPE, errors=place.home / "errors")
    lines = []
    for line in pipe.children[-1].stdout:
        lines.append(line)
        if b"begun" in line and json.loads(line)["type"] == "output": break
    found = words_of_commands() + told_by_the_engine(place)
    pipe.kill(1, 15)
    lines += list(pipe.children[-1].stdout)
    pipe.wait()
    records = [json.loads(line) for line in lines]
    assert printed(records, "one").decode().split() == [str(len(secret)), "***", "-r--------"], printed(records, "one")
    assert not any(secret.encode() in line for line in lines), "in a record"
    assert secret not in found, "in the words of a command, or told by the engine"
    grep = subprocess.run(["grep", "-rlF", secret, str(place.state), str(place.home / ".smelt")], capture_output=True, text=True)
    assert grep.stdout == "", grep.stdout


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def words_of_commands():
    words = ""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try: words += path.read_bytes().decode(errors="replace")
        except OSError: continue
    return words


def told_by_the_engine(place):
    if place.runtime.name == "sandbox": return ""
    if place.runtime.name == "kubernetes":
        return place.sh("kubectl", "get", "jobs,pods,configmaps", "-A", "-o", "json")
    names = place.on_engine()
    assert names, "there is nothing to be told of"
    return place.sh("docker", "inspect", *names) if names else ""


rows = [nobody_special, no_network_unless_opened, a_network_that_is_allowed, sessions_see_nothing_of_each_other, a_secret_is_where_it_is_needed_and_nowhere_else]
