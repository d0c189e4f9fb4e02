"""Rows about a network that is opened host by host: what goes through it, how, and what does not."""
import hashlib, http.server, json, os, pathlib, ssl, subprocess, threading
from row_walls import own_address
from runtime import Pipe, Cannot, end, of, printed

# Put together, so that this file is not where it is found; a pattern that does not find itself.
secret, pattern = "row-broker-" + "secret-" + "7d1e0b" * 4, "row-broker-[s]ecret"
megabyte = bytes(range(256)) * 4096
# What asks for a page without minding a proxy, and by the proxy.
get, by_proxy = "curl -s -m 120 --noproxy '*'", "curl -s -m 120"


class Site:
    """A server on this host, plain or in TLS with a certificate of its own in the file `certificate`. It keeps what it was
    asked for; pages wait for each other where a row is about that."""

    def __init__(self, place=None):
        site = self
        self.asked, self.acknowledged = [], threading.Semaphore(0)
        self.together, self.both = threading.Barrier(50, timeout=120), threading.Barrier(2, timeout=120)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append((self.path, self.headers.get("Authorization"), self.headers.get("X-Key")))
                try: getattr(self, self.path.split("/")[-1].split("?")[0], self.page)()
                except (BrokenPipeError, ConnectionResetError): pass

            def page(self):
                body = f"page {self.path}\n".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def key(self):
                """Says the secret back."""
                body = f"{self.headers.get('X-Key')}\n".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def acknowledge(self):
                site.acknowledged.release()
                self.page()

            def stream(self):
                """Each line once the one before has arrived."""
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for number in range(5):
                    self.wfile.write(f"line {number}\n".encode())
                    self.wfile.flush()
                    if not site.acknowledged.acquire(timeout=30): return

            def meet(self):
                site.together.wait()
                self.page()

            def pair(self):
                site.both.wait()
                self.page()

            def much(self):
                self.send_response(200)
                self.send_header("Content-Length", str(100 * len(megabyte)))
                self.end_headers()
                for _ in range(100): self.wfile.write(megabyte)

            def endless(self):
                self.send_response(200)
                self.end_headers()
                while True: self.wfile.write(megabyte)

            def log_message(self, *_): pass

        self.server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket.listen(128)
        self.port = self.server.server_address[1]
        self.address = f"{own_address()}:{self.port}"
        self.certificate = None
        if place:
            self.certificate = place.home / "certificate.pem"
            key = place.home / "certificate.key"
            place.sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=row",
                     "-addext", f"subjectAltName=IP:{own_address()}", "-keyout", str(key), "-out", str(self.certificate))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def opened(place, site, agent, more="", sessions=(("one", "true"),)):
    """The records of a run whose sessions may reach the site."""
    place.isAboutNetwork = True
    return place.loosely(place.job(sessions, agent, f"[network]\nallow = ['{site.address} private']\n{more}"))


def by_http_and_by_socks(place):
    """Requests, CONNECT and SOCKS5 lead to what is allowed, and say that they do not lead to anything else."""
    with Site() as site, Site() as other:
        proxy = "127.0.0.1:${http_proxy##*:}"
        agent = "".join(f"{by_proxy} {how} http://{one.address}/{word} -o /tmp/answer && tail -n 1 /tmp/answer || echo no; "
                        for one in (site, other) for word, how in (("asked", "-f"), ("connected", "-fp"), ("socks", f"--noproxy '' --socks5 {proxy}"))) + "true"
        records = opened(place, site, agent)
        assert printed(records, "one").decode().split("\n") == ["page /asked", "page /connected", "page /socks", "no", "no", "no", ""], printed(records, "one")
        assert other.asked == [], other.asked
        told = {(r["port"], r["allowed"]) for r in of(records, "egress")}
        assert told == {(site.port, True), (other.port, False)}, told


def a_broker_keeps_its_secret(place):
    """It gets there, and is nowhere inside: not in variables, words, files or memory, and not in what comes back."""
    place.environment["ROW_BROKER"] = secret
    with Site(place) as site:
        broker = (f"[[network.broker]]\nname = 'api'\nupstream = 'https://{site.address}/base'\nheader = 'X-Key'\nsecret_env = 'ROW_BROKER'\n"
                  f"variables = ['API_URL']\nca_file = '{site.certificate}'\n")
        agent = (f"{get} $API_URL/page; {get} $API_URL/key | tr -d '*' | wc -c; env | grep -c '^API_URL=http://127.0.0.1:'; "
                 f"env | grep -cE '{pattern}'; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | grep -cE '{pattern}'; "
                 f"grep -rlE '{pattern}' /tmp /var/tmp /run /dev/shm /smelt ~ . /etc 2>/dev/null | wc -l; printf begun >&2; tail -f /dev/null")
        place.isAboutNetwork = True
        pipe = Pipe(place, place.planned(place.job([("one", "true")], agent, f"[network]\nmode = 'allow'\n{broker}")), place.loose_stages(),
                    output=subprocess.PIPE, errors=place.home / "errors")
        lines, bad = [], []
        for line in pipe.children[-1].stdout:
            lines.append(line)
            if b"begun" in line and json.loads(line)["type"] == "output":
                bad = holders(secret.encode())
                pipe.kill(1, 15)
        pipe.wait()
        records = [json.loads(line) for line in lines]
        refused = [r for r in of(records, "failed") if r["status"] == 69]
        if refused: raise Cannot(refused[0]["message"])
        assert printed(records, "one").decode().split("\n") == ["page /base/page", "1", "1", "0", "0", "0", ""], (printed(records, "one"), records[-3:])
        assert {(path, key) for path, _, key in site.asked} == {("/base/page", secret), ("/base/key", secret)}, site.asked
        assert not any(secret.encode() in line for line in lines), "in a record"
        assert bad == [], bad


def holders(needle):
    """Of processes in process namespaces of their own, as those of containers and sandboxes are, those that have it in their
    memory or their variables; as root, who may look."""
    if os.geteuid() != 0: return []
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid"): continue
            if needle in pathlib.Path(f"/proc/{pid}/environ").read_bytes(): found.append(f"environment of {pid}")
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
                for area in maps:
                    span, rights = area.split()[:2]
                    start, stop = (int(word, 16) for word in span.split("-"))
                    if "r" not in rights or "[v" in area or stop - start > 1 << 30: continue
                    memory.seek(start)
                    if needle in memory.read(stop - start): found.append(f"memory of {pid}")
        except (OSError, ValueError): continue
    return found


def answers_pass_as_they_come(place):
    """Line by line: each is asked for once the one before has arrived."""
    with Site() as site:
        agent = (f"{by_proxy} -N http://{site.address}/stream | while read -r line; do echo \"$line\"; {by_proxy} http://{site.address}/acknowledge >/dev/null; done")
        records = opened(place, site, agent)
        assert printed(records, "one").decode().split("\n") == [f"line {n}" for n in range(5)] + [""], printed(records, "one")


def fifty_at_once(place):
    """None is answered before all are there."""
    with Site() as site:
        agent = f"for n in $(seq 50); do {by_proxy} http://{site.address}/meet & done; wait"
        records = opened(place, site, agent)
        assert printed(records, "one") == b"page /meet\n" * 50, (printed(records, "one"), printed(records, "one", "stderr"))


def a_hundred_megabytes(place):
    with Site() as site:
        records = opened(place, site, f"{by_proxy} http://{site.address}/much | sha256sum")
        assert printed(records, "one").split()[0].decode() == hashlib.sha256(megabyte * 100).hexdigest(), printed(records, "one")


def who_does_not_read(place):
    """Holds up himself: what the session prints comes, another connection goes on, and the end is the end."""
    with Site() as site:
        agent = (f"mkfifo /tmp/tap; {by_proxy} http://{site.address}/endless >/tmp/tap & exec 3</tmp/tap; head -c 1 <&3 >/dev/null; "
                 f"yes printed | head -n 200000; {by_proxy} http://{site.address}/page; kill $!")
        records = opened(place, site, agent)
        assert printed(records, "one") == b"printed\n" * 200000 + b"page /page\n", len(printed(records, "one"))
        assert end(records, "one")["ending"] in ("succeeded", "failed"), end(records, "one")


def two_sessions_are_told_apart(place):
    """What each has asked for is told of it; the broker of one's agent is no way for another."""
    place.environment["ROW_BROKER"] = secret
    with Site(place) as site, Site() as plain:
        broker = (f"[[network.broker]]\nname = 'api'\nupstream = 'https://{site.address}'\nheader = 'X-Key'\nsecret_env = 'ROW_BROKER'\n"
                  f"variables = ['API_URL']\nca_file = '{site.certificate}'\n")
        # While the one is at work, the other tries all that is open on the loopback, should they share it.
        agent = (f"if [ $SMELT_SESSION = one ]; then {by_proxy} http://{plain.address}/one; {by_proxy} http://{plain.address}/pair >/dev/null; {by_proxy} -N http://{plain.address}/stream >/dev/null; "
                 f"else {by_proxy} http://{plain.address}/two; {by_proxy} http://{plain.address}/pair >/dev/null; own=${{API_URL##*:}} proxy=${{http_proxy##*:}}; "
                 f"for port in $(awk '$4 == \"0A\" {{ print substr($2, index($2, \":\") + 1) }}' /proc/net/tcp); do port=$((0x$port)); "
                 f"[ $port = $own ] || [ $port = $proxy ] || {{ {get} -m 5 http://127.0.0.1:$port/stolen; "
                 f"{by_proxy} -m 5 -x http://127.0.0.1:$port http://{plain.address}/stolen; }}; done; "
                 f"for n in 1 2 3 4 5; do {by_proxy} http://{plain.address}/acknowledge >/dev/null; done; fi; true")
        records = opened(place, plain, agent, broker, (("one", "true"), ("two", "true")))
        assert printed(records, "one") == b"page /one\n" and printed(records, "two") == b"page /two\n", (printed(records, "one"), printed(records, "two"))
        assert site.asked == [] and not any("stolen" in path for path, *_ in plain.asked), (site.asked, plain.asked)


rows = [by_http_and_by_socks, a_broker_keeps_its_secret, answers_pass_as_they_come, fifty_at_once, a_hundred_megabytes, who_does_not_read,
        two_sessions_are_told_apart]
